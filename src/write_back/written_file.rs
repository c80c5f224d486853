//! A file of `[[write]]` as it is on the disk.

use serde_json::json;
use sha2::Digest as _;

use crate::model::Sha256;

use super::values::Mask;
use super::{Kind, Slot, Values, WriteFault, read_values, write_values};

/// The largest file that is written, in bytes.
pub const MAX_SIZE: u64 = 256 << 10;

/// A file of `[[write]]`, read.
#[derive(Debug, Clone, PartialEq)]
pub struct WrittenFile {
    /// Its path, relative to the manifest's folder.
    pub path: String,
    /// How it is written.
    pub kind: Kind,
    /// Which values it gets.
    pub slots: Vec<Slot>,
    /// Its text now.
    pub text: String,
}

impl WrittenFile {
    /// Returns its text with these values; those that it does not get are left out.
    ///
    /// # Errors
    /// Why it can't be written.
    pub fn write(&self, values: &Values) -> Result<String, WriteFault> {
        let written = write_values(&self.text, &self.kind, &self.choose(values))?;
        if written.len() as u64 > MAX_SIZE {
            let what = format!("it would be larger than {MAX_SIZE} bytes");
            return Err(WriteFault::unwritable(what));
        }
        Ok(written)
    }

    /// Returns the digest of how it is written and of its text with the values masked: the same
    /// before and after it is written. The text counts with two masks, so that neither can be typed
    /// into it in place of a value.
    ///
    /// # Errors
    /// Why it can't be written.
    pub fn digest_masked(&self) -> Result<Sha256, WriteFault> {
        let masked =
            |mask| write_values(&self.text, &self.kind, &Values::masked(&self.slots, mask));
        let covered = json!([
            self.kind.format().word(),
            self.kind.placeholders(),
            self.slots.iter().map(|slot| slot.word()).collect::<Vec<_>>(),
            masked(Mask::One)?,
            masked(Mask::Other)?,
        ]);
        Ok(Sha256(sha2::Sha256::digest(covered.to_string().as_bytes()).into()))
    }

    /// Returns the values that the file gets.
    fn choose(&self, values: &Values) -> Values {
        let mut chosen = Values::new(values.site());
        for slot in &self.slots {
            if let Some(text) = values.get(*slot) {
                chosen.set(*slot, text);
            }
        }
        chosen
    }

    /// Returns the DOIs of a version that it has now; none of a text that can't be read.
    pub fn list_dois(&self) -> Vec<String> {
        let values = read_values(&self.text, &self.kind).unwrap_or_default();
        let dois = values.into_iter().filter(|(slot, _)| *slot == Slot::Doi);
        dois.map(|(_, doi)| doi).collect()
    }
}
