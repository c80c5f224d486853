//! Digests of whole files and of texts.

use std::fmt;

/// A text that is not a digest: wrong length, or other than hexadecimal digits.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{0}` is not a digest in hexadecimal digits")]
pub struct InvalidDigest(pub String);

macro_rules! digest {
    ($(#[$doc:meta])* $name:ident, $bytes:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub struct $name(pub [u8; $bytes]);

        impl $name {
            /// Reads hexadecimal digits of either case, without a prefix.
            ///
            /// # Errors
            /// [`InvalidDigest`] when length or digits are wrong.
            pub fn parse(text: &str) -> Result<Self, InvalidDigest> {
                parse_hex(text).map(Self).ok_or_else(|| InvalidDigest(text.to_owned()))
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }
    };
}

digest!(
    /// MD5 of a whole file, as Zenodo computes it; shown as 32 lowercase digits.
    Md5,
    16
);
digest!(
    /// SHA-256; shown as 64 lowercase digits.
    Sha256,
    32
);

fn parse_hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    // Slicing by two bytes below needs characters of one byte.
    if text.len() != 2 * N || !text.is_ascii() {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, at) in bytes.iter_mut().zip((0..text.len()).step_by(2)) {
        // `from_str_radix` also accepts a sign: `+e`.
        if !text[at..at + 2].bytes().all(|b| b.is_ascii_hexdigit()) {
            return None;
        }
        *byte = u8::from_str_radix(&text[at..at + 2], 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_digest_is_read_and_shown_in_lower_case() {
        let md5 = Md5::parse("7EB3cb80cf5ef2feae659f02fb4b9f6d").unwrap();
        assert_eq!(md5.to_string(), "7eb3cb80cf5ef2feae659f02fb4b9f6d");
        assert!(Md5::parse("7eb3").is_err());
        assert!(Md5::parse("+eb3cb80cf5ef2feae659f02fb4b9f6z").is_err());
    }
}
