//! the embedded Zenodo
