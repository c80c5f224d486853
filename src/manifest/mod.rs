//! the manifest: types, parsing with spans, named checks
