//! Messages about a release: what channels get, over real connections, and what they never get.

pub(crate) mod configuration;
pub(crate) mod email;
pub(crate) mod forms;
pub(crate) mod installed;
pub(crate) mod matrix;
pub(crate) mod program;
pub(crate) mod receiver;
pub(crate) mod releases;
pub(crate) mod sending;
