//! CITATION.cff: what to cite.

mod read;
mod write;

pub(in crate::interop) use read::read_cff;
pub(in crate::interop) use write::write_cff;
