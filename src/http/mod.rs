//! the transport
