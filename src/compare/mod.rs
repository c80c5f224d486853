//! when two values are the same
