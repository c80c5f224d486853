//! A file of `[[write]]` as it is on the disk.

use super::{Kind, Slot, Values, WriteFault, read_values, write_values};

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
        write_values(&self.text, &self.kind, &self.choose(values))
    }

    /// Returns its text with the values masked: the same before and after it is written.
    ///
    /// # Errors
    /// Why it can't be written.
    pub fn mask(&self) -> Result<String, WriteFault> {
        let mut values = Values::new("");
        self.slots.iter().for_each(|slot| values.set(*slot, ""));
        write_values(&self.text, &self.kind, &values.mask())
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
