//! Plain texts, names and dates as the server reads them.
//!
//! Deliberately absent: HTML, see `sanitize`.

use jiff::civil::{Date, DateTime};
use serde_json::Value;

/// The shortest title or description that is kept (`tests/contract/metadata-invalid.json`).
const MIN_CHARS: usize = 3;

/// Returns a text as the server repairs it; `None` for an empty one.
pub(crate) fn read_plain_text(text: &str) -> Option<String> {
    let kept = crate::local::sanitize::clean_text(text);
    (!kept.is_empty()).then_some(kept)
}

/// Returns a plain text of at least three characters.
pub(crate) fn read_long_plain_text(text: &str) -> Option<String> {
    read_plain_text(text).filter(|text| text.chars().count() >= MIN_CHARS)
}

/// Returns a cleaned text of HTML of at least three characters.
pub(crate) fn read_long_html(text: &str) -> Option<String> {
    let cleaned = crate::local::sanitize::clean_html(text);
    (cleaned.chars().count() >= MIN_CHARS).then_some(cleaned)
}

/// Returns a string or a number as a plain text.
pub(crate) fn read_text_value(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => read_plain_text(text),
        Value::Number(number) => Some(number.to_string()),
        Value::Null | Value::Bool(_) | Value::Array(_) | Value::Object(_) => None,
    }
}

/// Splits `Family, Given`; without a comma, the whole text is the family name.
pub(crate) fn split_name(name: &str) -> (String, Option<String>) {
    let parts: Vec<&str> = name.split(',').map(str::trim).collect();
    match parts.as_slice() {
        // A second comma, as in `Doe, Jane, Dr`, makes the whole text a family name.
        [family, given] if !family.is_empty() && !given.is_empty() => {
            ((*family).to_owned(), Some((*given).to_owned()))
        }
        _ => (name.trim().to_owned(), None),
    }
}

/// Joins a name the way the server shows it.
pub(crate) fn join_name(family: &str, given: Option<&str>) -> String {
    match given {
        Some(given) if !given.is_empty() => format!("{family}, {given}"),
        Some(_) | None => family.to_owned(),
    }
}

/// Returns whether a text is a date of EDTF level 0: a year, a month, a day, or an interval of two
/// that does not end before it begins.
pub(crate) fn is_edtf(text: &str) -> bool {
    match text.split_once('/') {
        Some((start, end)) => match (parse_days(start), parse_days(end)) {
            // The ends may differ in precision, so the first day of one counts, and the last of the
            // other.
            (Some((first, _)), Some((_, last))) => first <= last,
            _ => false,
        },
        None => parse_days(text).is_some(),
    }
}

/// Returns whether a text is a date as [`is_edtf`], or a day with a time.
pub(crate) fn is_edtf_or_time(text: &str) -> bool {
    let has_time = |(day, time): (&str, &str)| {
        // EDTF has seconds, and a zone or none.
        let time = time.trim_end_matches('Z');
        is_day(day)
            && time.len() >= 8
            && format!("{day}T{}", &time[..8]).parse::<DateTime>().is_ok()
    };
    is_edtf(text) || text.split_once('T').is_some_and(has_time)
}

/// Returns the first and the last day of a year, a month or a day.
fn parse_days(text: &str) -> Option<(Date, Date)> {
    // The parser is laxer than EDTF, so the shape is checked apart from it.
    let is_shaped = text.bytes().enumerate().all(|(at, byte)| match at {
        4 | 7 => byte == b'-',
        _ => byte.is_ascii_digit(),
    });
    let padded = match text.len() {
        4 => format!("{text}-01-01"),
        7 => format!("{text}-01"),
        10 => text.to_owned(),
        _ => return None,
    };
    let first: Date = padded.parse().ok().filter(|_| is_shaped)?;
    let last = match text.len() {
        4 => first.last_of_year(),
        7 => first.last_of_month(),
        _ => first,
    };
    Some((first, last))
}

/// Returns whether a text is a whole day.
pub(crate) fn is_day(text: &str) -> bool {
    text.len() == 10 && parse_days(text).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_split_at_one_comma_only() {
        assert_eq!(split_name("Weiss, Tobias"), ("Weiss".to_owned(), Some("Tobias".to_owned())));
        assert_eq!(split_name("CERN"), ("CERN".to_owned(), None));
        assert_eq!(split_name("Doe, Jane, Dr"), ("Doe, Jane, Dr".to_owned(), None));
    }

    #[test]
    fn a_day_may_have_a_time() {
        for good in ["2019-01-01T10:00:00", "2019-01-01T10:00:00Z", "2019-01-01T10:00:00+01:00"] {
            assert!(is_edtf_or_time(good), "{good}");
        }
        for bad in ["2019-01T10:00:00", "2019-01-01T10", "2019-01-01T25:00:00", "T"] {
            assert!(!is_edtf_or_time(bad), "{bad}");
        }
    }

    #[test]
    fn dates_are_years_months_days_and_intervals() {
        for good in ["2026", "2026-06", "2026-06-01", "2018-03-21/2018-03-25", "2026-06/2026-06-01"]
        {
            assert!(is_edtf(good), "{good}");
        }
        for bad in [
            "soon",
            "31/12/2024",
            "2026-13-01",
            "2026-02-30",
            "2026-06-02/2026-06-01",
            "2026-6-01",
            "",
        ] {
            assert!(!is_edtf(bad), "{bad}");
        }
    }
}
