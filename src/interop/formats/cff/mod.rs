//! CITATION.cff: what to cite.

pub(in crate::interop) mod read;
pub(in crate::interop) mod write;
