//! The dates that the server accepts: EDTF level 0, days and intervals.

use jiff::civil::Date;

/// Returns whether the server accepts a text as `publication_date`.
///
/// That is `YYYY`, `YYYY-MM`, `YYYY-MM-DD` with a real calendar day, or an interval `a/b` of two of
/// these that does not end before it begins. A draft silently drops anything else.
///
/// Source: contract/scenarios/metadata-invalid.json and zenodo-notes.md section 4, 2026-11-23.
pub fn is_edtf_level_0(text: &str) -> bool {
    match text.split_once('/') {
        None => find_day_range(text).is_some(),
        Some((start, end)) => match (find_day_range(start), find_day_range(end)) {
            // `2026-06-15/2026` is valid: a year or a month counts with its last day as an end.
            (Some((first, _)), Some((_, last))) => first <= last,
            _ => false,
        },
    }
}

/// Returns whether a text is a day with a time of EDTF level 0: `2026-06-01T12:00:00`, with `Z` or an
/// offset behind it or nothing. Only the records API takes it.
pub fn is_edtf_time(text: &str) -> bool {
    let Some((day, time)) = text.split_once('T') else { return false };
    let is_day = day.len() == 10 && find_day_range(day).is_some();
    let (clock, zone) = time.split_at_checked(8).unwrap_or((time, "?"));
    let is_zone = match zone.strip_prefix(['+', '-']) {
        Some(offset) => offset.parse::<jiff::civil::Time>().is_ok() && offset.len() == 5,
        None => zone.is_empty() || zone == "Z",
    };
    is_day && is_zone && clock.len() == 8 && clock.parse::<jiff::civil::Time>().is_ok()
}

/// Returns whether a text may be a date of any level of EDTF: one of level 0, or one with the marks and
/// seasons of the others (`1985?`, `2001-21`, `../2026`), which are not read in detail.
pub fn may_be_edtf(text: &str) -> bool {
    let is_season = |text: &str| {
        let month = text.split_once('-').and_then(|(_, month)| month.parse::<u8>().ok());
        text.len() == 7 && month.is_some_and(|month| (21..=41).contains(&month))
    };
    let is_known = |c: char| c.is_ascii_digit() || "-/:?~%.,{}[]XYESTZ".contains(c);
    let is_marked = text.contains(|c: char| "?~%.,{}[]XYES".contains(c))
        && text.contains(|c: char| c.is_ascii_digit())
        && text.chars().all(is_known);
    is_edtf_level_0(text) || is_season(text) || is_marked
}

/// Returns the first and the last day of a year, a month or a day.
fn find_day_range(text: &str) -> Option<(Date, Date)> {
    let mut parts = text.split('-');
    let year = parse_digits(parts.next()?, 4)?;
    let Some(month) = parts.next() else {
        let first = Date::new(year, 1, 1).ok()?;
        return Some((first, first.last_of_year()));
    };
    let month = i8::try_from(parse_digits(month, 2)?).ok()?;
    let Some(day) = parts.next() else {
        let first = Date::new(year, month, 1).ok()?;
        return Some((first, first.last_of_month()));
    };
    let day = Date::new(year, month, i8::try_from(parse_digits(day, 2)?).ok()?).ok()?;
    parts.next().is_none().then_some((day, day))
}

/// Parses exactly `n_digits` ASCII digits.
fn parse_digits(text: &str, n_digits: usize) -> Option<i16> {
    let good = text.len() == n_digits && text.bytes().all(|byte| byte.is_ascii_digit());
    if good { text.parse().ok() } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_of_every_level_may_be_given() {
        for good in ["2026", "2026-06-01/2026-07", "1985?", "2001-21", "../2026", "19XX", "Y-17E7"]
        {
            assert!(may_be_edtf(good), "{good}");
        }
        for bad in ["", "June 2026", "2026-13-01", "2026-02-30", "last?", "2026/06/01", "..", "Xyz"]
        {
            assert!(!may_be_edtf(bad), "{bad}");
        }
    }

    #[test]
    fn days_months_years_and_intervals_are_taken() {
        for good in
            ["2026", "2026-06", "2026-06-01", "2024-02-29", "2004-02-01/2005-02", "2026/2026"]
        {
            assert!(is_edtf_level_0(good), "{good}");
        }
    }

    #[test]
    fn a_day_may_have_a_time() {
        for good in ["2026-06-01T12:00:00", "2026-06-01T12:00:00Z", "2026-06-01T12:00:00+02:00"] {
            assert!(is_edtf_time(good), "{good}");
        }
        for bad in ["2026-06-01", "2026-06T12:00:00", "2026-06-01T25:00:00", "2026-06-01T12:00"] {
            assert!(!is_edtf_time(bad), "{bad}");
        }
    }

    #[test]
    fn what_is_no_date_is_not_taken() {
        for bad in [
            "",
            "soon",
            "today",
            "31/12/2024",
            "2026-13",
            "2026-02-29",
            "2026-6-1",
            "26",
            "2026-06-01T10:00",
            "2026-06-01-01",
            "2026/",
            "/2026",
            "2026/2025",
            "2026-06-02/2026-06-01",
            " 2026",
            "2026~",
            "-2026",
            "2026/2027/2028",
            "２０２６",
            "+026",
        ] {
            assert!(!is_edtf_level_0(bad), "{bad}");
        }
    }
}
