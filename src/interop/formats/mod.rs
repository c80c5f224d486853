//! The formats: a file or a folder each.

pub(in crate::interop) mod bibtex;
pub(in crate::interop) mod cff;
pub(in crate::interop) mod codemeta;
pub(in crate::interop) mod datapackage;
pub(in crate::interop) mod pyproject;
pub(in crate::interop) mod r_description;
pub(in crate::interop) mod ro_crate;
pub(in crate::interop) mod zenodo_json;
