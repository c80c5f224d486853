//! What is written: a text for each slot.

use std::collections::BTreeMap;

/// What a place in a file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Slot {
    /// The DOI of the version.
    Doi,
    /// The DOI of all versions.
    ConceptDoi,
    /// The label of the version.
    Version,
    /// The date of publication.
    Date,
}

impl Slot {
    /// All slots.
    pub const ALL: [Self; 4] = [Self::Doi, Self::ConceptDoi, Self::Version, Self::Date];

    /// Returns the word for messages.
    pub fn word(self) -> &'static str {
        match self {
            Self::Doi => "DOI",
            Self::ConceptDoi => "concept DOI",
            Self::Version => "version",
            Self::Date => "date",
        }
    }

    /// Returns the name in markers and placeholders.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Doi => "doi",
            Self::ConceptDoi => "concept-doi",
            Self::Version => "version",
            Self::Date => "date",
        }
    }

    pub(super) fn is_doi(self) -> bool {
        matches!(self, Self::Doi | Self::ConceptDoi)
    }

    /// Returns what stands for a value where the value must not matter. No mask begins or ends
    /// another.
    fn mask(self, mask: Mask) -> &'static str {
        match (self, mask) {
            (Self::Doi, Mask::One) => "10.5072/zenodo.version-mask-1",
            (Self::Doi, Mask::Other) => "10.5072/zenodo.version-mask-2",
            (Self::ConceptDoi, Mask::One) => "10.5072/zenodo.concept-mask-1",
            (Self::ConceptDoi, Mask::Other) => "10.5072/zenodo.concept-mask-2",
            (Self::Version, Mask::One) => "0-mask-1",
            (Self::Version, Mask::Other) => "0-mask-2",
            (Self::Date, Mask::One) => "0001-01-01",
            (Self::Date, Mask::Other) => "0002-02-02",
        }
    }
}

/// Which of the two masks: a text that has one of them typed into it differs under the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mask {
    One,
    Other,
}

/// The values to write. A slot that is missing is left as it is in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Values {
    texts: BTreeMap<Slot, String>,
    site: String,
}

impl Values {
    /// Begins without a value. `site` is the server's base address, which badges are loaded from.
    pub fn new(site: &str) -> Self {
        Self { texts: BTreeMap::new(), site: site.trim_end_matches('/').to_owned() }
    }

    /// Sets the value of a slot; a DOI is bare (`10.5281/zenodo.1`).
    pub fn set(&mut self, slot: Slot, text: &str) {
        self.texts.insert(slot, text.to_owned());
    }

    /// Returns the value of a slot.
    pub fn get(&self, slot: Slot) -> Option<&str> {
        self.texts.get(&slot).map(String::as_str)
    }

    /// Returns the slots that have a value.
    pub fn slots(&self) -> Vec<Slot> {
        self.texts.keys().copied().collect()
    }

    /// Returns the server's base address.
    pub fn site(&self) -> &str {
        &self.site
    }

    /// Returns fake values for the same slots. They are always the same, and so is their site.
    #[must_use]
    pub fn mask(&self) -> Self {
        Self::masked(&self.slots(), Mask::One)
    }

    /// Returns fake values for some slots.
    pub(super) fn masked(slots: &[Slot], mask: Mask) -> Self {
        let mut masked = Self::new("https://zenodo.invalid");
        for slot in slots {
            masked.set(*slot, slot.mask(mask));
        }
        masked
    }
}

/// Makes values of a release, for tests.
#[cfg(test)]
pub(super) fn make_example() -> Values {
    let mut values = Values::new("https://zenodo.org");
    values.set(Slot::Doi, "10.5281/zenodo.7");
    values.set(Slot::ConceptDoi, "10.5281/zenodo.6");
    values.set(Slot::Version, "1.10");
    values.set(Slot::Date, "2026-06-01");
    values
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_mask_has_the_same_slots_and_says_nothing_of_the_values() {
        let mut values = Values::new("https://zenodo.org/");
        values.set(Slot::Date, "2026-06-01");
        values.set(Slot::Doi, "10.5281/zenodo.7");
        assert_eq!(values.site(), "https://zenodo.org");
        assert_eq!(values.mask().slots(), [Slot::Doi, Slot::Date]);
        assert_eq!(values.mask().get(Slot::Date), Some("0001-01-01"));
        let mut others = Values::new("https://sandbox.zenodo.org");
        others.set(Slot::Doi, "10.5072/zenodo.1");
        others.set(Slot::Date, "2020-01-01");
        assert_eq!(others.mask(), values.mask());
        assert_eq!(values.mask().mask(), values.mask());
    }
}
