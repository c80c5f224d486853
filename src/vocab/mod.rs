//! the bundled vocabularies and identifier check digits
