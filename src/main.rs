//! The `zrel` program.

fn main() {}
