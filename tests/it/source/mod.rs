//! The source tree: layers, circles, words, documentation.

pub(crate) mod circles;
pub(crate) mod docs;
pub(crate) mod glossary;
pub(crate) mod layering;
