//! the embedded Zenodo

pub mod pages;
