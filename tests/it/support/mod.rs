//! What several groups use: a world with a server, a manifest and files, and stand-ins for others.

pub(crate) mod fake_forge;
pub(crate) mod in_process;
pub(crate) mod lock_text;
pub(crate) mod rehearsal;
pub(crate) mod relay;
#[cfg(target_os = "linux")]
pub(crate) mod terminal;
pub(crate) mod universe;
pub(crate) mod world;
