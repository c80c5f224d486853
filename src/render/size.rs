//! Sizes and counts for people.

/// Returns bytes in decimal units with one digit: `4.1 GB`.
pub fn format_size(bytes: u64) -> String {
    const UNITS: [&str; 4] = ["kB", "MB", "GB", "TB"];
    if bytes < 1000 {
        return format!("{bytes} B");
    }
    // In 128 bits, since ten times the largest size does not fit into 64.
    let mut tenths = (u128::from(bytes) * 10 + 500) / 1000;
    let mut unit = 0;
    while tenths >= 10_000 && unit + 1 < UNITS.len() {
        tenths = (tenths + 500) / 1000;
        unit += 1;
    }
    format!("{}.{} {}", tenths / 10, tenths % 10, UNITS[unit])
}

/// Returns `1 file`, `2 files`.
pub fn count(n: usize, one: &str) -> String {
    match n {
        1 => format!("1 {one}"),
        n if one.ends_with('s') => format!("{n} {one}es"),
        n => format!("{n} {one}s"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_has_its_noun() {
        assert_eq!([count(1, "file"), count(2, "file")], ["1 file", "2 files"]);
        assert_eq!([count(0, "address"), count(1, "address")], ["0 addresses", "1 address"]);
    }

    #[test]
    fn sizes_have_one_digit_and_a_unit() {
        let cases = [(0, "0 B"), (999, "999 B"), (1000, "1.0 kB"), (5_242_880, "5.2 MB")];
        for (bytes, expected) in cases {
            assert_eq!(format_size(bytes), expected);
        }
        assert_eq!(format_size(50_000_000_000), "50.0 GB");
        assert_eq!(format_size(u64::MAX), "18446744.1 TB");
    }
}
