//! Ids of records, drafts and concepts: numbers on Zenodo, texts on other InvenioRDM servers.

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Serialize};

/// The id of a record, its draft, or a concept; its order is that of creation.
///
/// Shown as a number, or as a text such as `k7r11-g5g77`: eight digits of Crockford's base 32 and
/// two of a checksum, as `base32-lib` writes them for invenio-pidstore (2026-11-30).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub(crate) struct Recid(u64);

/// A text that is no id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an id of a record")]
pub(crate) struct NoRecid;

/// Marks an id that is shown as a text.
const TEXT: u64 = 1 << 40;

/// Spreads neighbouring numbers, so that their texts differ as random ones do. It is odd, and
/// [`GATHER`] is its inverse modulo [`TEXT`].
const SPREAD: u64 = 0x9e_3779_b97f;

/// Undoes [`SPREAD`].
const GATHER: u64 = invert(SPREAD);

/// The digits of Crockford's base 32.
const DIGITS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";

/// Returns the inverse of an odd number modulo [`TEXT`], by Newton's method.
const fn invert(odd: u64) -> u64 {
    let mut inverse = odd;
    let mut n_rounds = 0;
    // Each round doubles the number of right bits, from three.
    while n_rounds < 5 {
        inverse = inverse.wrapping_mul(2_u64.wrapping_sub(odd.wrapping_mul(inverse)));
        n_rounds += 1;
    }
    inverse % TEXT
}

impl Recid {
    /// Makes an id that is shown as a number.
    pub(crate) const fn number(number: u64) -> Self {
        Self(number)
    }

    /// Makes the id of this number that is shown as a text.
    pub(crate) const fn text(number: u64) -> Self {
        Self((number % TEXT) | TEXT)
    }

    /// Returns the id that is made so many ids later.
    #[cfg(test)]
    pub(crate) fn after(self, n_later: u64) -> Self {
        Self(self.0 + n_later)
    }

    /// Returns whether it is shown as a text.
    pub(crate) const fn is_text(self) -> bool {
        self.0 >= TEXT
    }
}

fn compute_checksum(spread: u64) -> u64 {
    98 - (spread % 97 * 100) % 97
}

impl fmt::Display for Recid {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if !self.is_text() {
            return self.0.fmt(f);
        }
        let spread = (self.0 % TEXT).wrapping_mul(SPREAD) % TEXT;
        let digit = |at: u32| char::from(DIGITS[(spread >> (5 * at)) as usize & 31]);
        let digits: String = (0..8).rev().map(digit).collect();
        let (head, tail) = digits.split_at(5);
        write!(f, "{head}-{tail}{:02}", compute_checksum(spread))
    }
}

impl FromStr for Recid {
    type Err = NoRecid;

    fn from_str(text: &str) -> Result<Self, NoRecid> {
        if let Ok(number) = text.parse() {
            return Some(number).filter(|number| *number < TEXT).map(Self).ok_or(NoRecid);
        }
        let digits: String = text.chars().filter(|c| *c != '-').take(8).collect();
        let value = |spread: u64, digit: u8| {
            let value = DIGITS.iter().position(|known| *known == digit)?;
            Some((spread << 5) | value as u64)
        };
        let spread = digits.bytes().try_fold(0, value).ok_or(NoRecid)?;
        let id = Self::text(spread.wrapping_mul(GATHER));
        // Its checksum and its hyphen are right only where it is written in the same way again.
        if id.to_string() == text { Ok(id) } else { Err(NoRecid) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_read_as_it_is_shown() {
        for number in [1, 7, 31, 32, 1_000_000, 10_000_001, TEXT - 1] {
            for id in [Recid::number(number), Recid::text(number)] {
                assert_eq!(id.to_string().parse(), Ok(id), "{id}");
            }
            assert_eq!(Recid::text(number).to_string().len(), 11);
        }
        assert!("".parse::<Recid>().is_err() && "k7r11".parse::<Recid>().is_err());
    }

    #[test]
    fn a_wrong_checksum_is_no_id() {
        let text = Recid::text(7).to_string();
        let wrong = format!("{}00", &text[..9]);
        assert!(wrong.parse::<Recid>().is_err(), "{wrong}");
    }
}
