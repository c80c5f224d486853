//! Where a text of the metadata is.

use std::fmt;

use super::Field;

/// The place of a text that may come from a file: a field, or an entry of one that is a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct TextPlace {
    /// The field.
    pub field: Field,
    /// Which entry, from 0; 0 for a field that is no list.
    pub at: usize,
}

impl From<Field> for TextPlace {
    fn from(field: Field) -> Self {
        Self { field, at: 0 }
    }
}

impl fmt::Display for TextPlace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let TextPlace { field, at } = self;
        if *field == Field::Descriptions {
            write!(f, "{field}[{at}]")
        } else {
            write!(f, "{field}")
        }
    }
}
