//! Places in a manifest as its keys name them, for faults that only the server finds.

/// A place in a manifest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ManifestPlace {
    /// An entry of lists in `[metadata]` that the server has as one.
    Entry {
        /// The keys of the lists, one after the other.
        lists: &'static [&'static str],
        /// Which entry, from 0.
        at: usize,
        /// The keys and positions below it; those that a manifest does not have are skipped.
        below: Vec<String>,
    },
    /// A field of `[metadata.custom]`.
    Custom(String),
    /// The first text that is a word, or an address that ends with it.
    Word {
        /// The keys under which it may stand, each from the top of the manifest; those behind a list
        /// are keys of its entries.
        under: Vec<Vec<&'static str>>,
        /// The word.
        word: String,
    },
}
