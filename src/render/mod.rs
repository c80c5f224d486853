//! text and JSON of plans
