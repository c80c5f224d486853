//! the pure planning function
