//! ISBNs: found in a text with other characters, and written with hyphens.
//!
//! A table of the International ISBN Agency says where the hyphens go. It is bundled for the groups
//! of one digit and those of 979; an ISBN of another group is kept as its 13 digits, which the real
//! server hyphenates, too.

/// Group, first and last number of publishers in seven digits, length of a publisher's number.
const GROUPS: &str = include_str!("isbn_groups.txt");

/// Returns whether the server takes a text for an ISBN.
pub(super) fn is_isbn(text: &str) -> bool {
    let Some(digits) = pick_digits(text) else { return false };
    let is_book = text.starts_with("978") || text.starts_with("979");
    match digits.len() {
        // A valid EAN of another product is not an ISBN.
        13 => is_isbn13(&digits) && (is_book || !super::numbers::is_ean13(text)),
        _ => is_isbn10(&digits),
    }
}

/// Returns the ISBN in a text with 13 digits and hyphens.
pub(super) fn normalize_isbn(text: &str) -> Option<String> {
    let digits = pick_digits(text)?;
    let digits = if digits.len() == 10 { convert_to_13(&digits) } else { digits };
    Some(add_hyphens(&digits).unwrap_or_else(|| digits.clone()))
}

/// Picks ten or thirteen digits out of a text; the tenth may be an `X`.
fn pick_digits(text: &str) -> Option<String> {
    let mut picked: Vec<char> =
        text.chars().filter(|c| c.is_ascii_digit() || matches!(c, 'X' | 'x')).collect();
    // Only a check digit may be a small `x`; elsewhere it makes the text invalid.
    if let Some(last) = picked.last_mut() {
        last.make_ascii_uppercase();
    }
    let picked = String::from_iter(picked);
    let is_x_well_placed = !picked.contains('x') && matches!(picked.find('X'), None | Some(9));
    // Zeros alone have a valid check digit, and still are not an ISBN.
    let has_digit = picked.bytes().any(|byte| matches!(byte, b'1'..=b'9'));
    (matches!(picked.len(), 10 | 13) && is_x_well_placed && has_digit).then_some(picked)
}

fn is_isbn10(digits: &str) -> bool {
    let value = |c: char| if c == 'X' { Some(10) } else { c.to_digit(10) };
    let sum: Option<u32> =
        digits.chars().zip((1..=10).rev()).map(|(c, weight)| Some(value(c)? * weight)).sum();
    digits.len() == 10 && sum.is_some_and(|sum| sum.is_multiple_of(11))
}

fn is_isbn13(digits: &str) -> bool {
    (digits.starts_with("978") || digits.starts_with("979"))
        && digits.get(..12).and_then(check_13) == digits.chars().nth(12)
}

fn check_13(body: &str) -> Option<char> {
    let weights = [1, 3].into_iter().cycle();
    let sum: Option<u32> =
        body.chars().zip(weights).map(|(c, weight)| Some(c.to_digit(10)? * weight)).sum();
    char::from_digit((10 - sum? % 10) % 10, 10)
}

fn convert_to_13(digits: &str) -> String {
    let body = format!("978{}", &digits[..9]);
    // The check digit depends on the prefix, so the one of the ten digits is of no use.
    let check = check_13(&body).map(String::from).unwrap_or_default();
    body + &check
}

fn add_hyphens(digits: &str) -> Option<String> {
    let (group, publisher) = GROUPS.lines().find_map(|line| match_group(line, digits))?;
    let rest = &digits[3 + group.len()..12];
    let (publisher, title) = rest.split_at(publisher);
    Some(format!("{}-{group}-{publisher}-{title}-{}", &digits[..3], &digits[12..]))
}

/// Reads a line of the table and returns the group and the length of the publisher's number if the
/// ISBN is in it.
fn match_group<'t>(line: &'t str, digits: &str) -> Option<(&'t str, usize)> {
    let mut words = line.split(' ');
    let (prefix, group) = words.next()?.split_once('-')?;
    let rest = digits.strip_prefix(prefix)?.strip_prefix(group)?;
    // The table compares seven digits, and a long group leaves fewer.
    let number = format!("{:0<7}", rest.get(..7).unwrap_or(rest));
    let (first, last) = (words.next()?, words.next()?);
    let length = words.next()?.parse().ok()?;
    (first <= number.as_str() && number.as_str() <= last).then_some((group, length))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_of_the_table_is_read() {
        for line in GROUPS.lines() {
            let words: Vec<&str> = line.split(' ').collect();
            let digits = format!("{}{}", words[0].replace('-', ""), words[1]);
            let length: usize = words[3].parse().unwrap();
            let (group, found) = match_group(line, &digits).unwrap_or_else(|| panic!("{line}"));
            assert_eq!((found, words[1].len(), words[2].len()), (length, 7, 7), "{line}");
            assert!(group.len() + length < 9, "{line}");
        }
    }
}
