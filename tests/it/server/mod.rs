//! The local server: its answers against the recordings, its faults, its pages, its data.

pub(crate) mod browser;
pub(crate) mod conformance;
pub(crate) mod contract;
pub(crate) mod damage;
pub(crate) mod faults;
pub(crate) mod hostile;
pub(crate) mod local_server;
pub(crate) mod normalising;
pub(crate) mod server_faults;
pub(crate) mod server_states;
