//! one method an endpoint
