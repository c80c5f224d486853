//! Everything that runs a server or the binary, or reads the source tree.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod apply;
mod command;
mod forge;
mod manifest;
mod notify;
mod server;
mod source;
mod support;
