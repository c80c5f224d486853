//! Writes a number of bytes for people, in powers of 1000.

const UNITS: &[&str] = &["kB", "MB", "GB", "TB", "PB", "EB"];

/// Returns `512 bytes`, `1.5 kB`, `50.0 GB`: one decimal, rounded half up.
pub(super) fn describe_size(size_bytes: u64) -> String {
    if size_bytes == 1 {
        return "1 byte".to_owned();
    }
    if size_bytes < 1000 {
        return format!("{size_bytes} bytes");
    }
    // The largest size times ten does not fit into 64 bits.
    let mut unit_bytes: u128 = 1;
    for unit in UNITS {
        unit_bytes *= 1000;
        let tenths = (u128::from(size_bytes) * 10 + unit_bytes / 2) / unit_bytes;
        // The test is on the rounded number, since `1000.0 kB` reads worse than `1.0 MB`.
        if tenths < 10_000 {
            return format!("{}.{} {unit}", tenths / 10, tenths % 10);
        }
    }
    format!("{size_bytes} bytes")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_read_well_at_the_edges() {
        let cases = [
            (0, "0 bytes"),
            (1, "1 byte"),
            (999, "999 bytes"),
            (1000, "1.0 kB"),
            (1_549, "1.5 kB"),
            (1_550, "1.6 kB"),
            (999_949, "999.9 kB"),
            (999_950, "1.0 MB"),
            (50_000_000_000, "50.0 GB"),
            (u64::MAX, "18.4 EB"),
        ];
        for (bytes, shown) in cases {
            assert_eq!(describe_size(bytes), shown);
        }
    }
}
