//! walks the steps of a plan
