//! The command line: arguments, messages, documents, logs.

pub(crate) mod auth;
pub(crate) mod browser_login;
pub(crate) mod command_line;
pub(crate) mod cookies;
pub(crate) mod doctor;
mod doctor_fix;
mod doctor_hostile;
pub(crate) mod explain;
pub(crate) mod first_steps;
pub(crate) mod history;
pub(crate) mod logging;
pub(crate) mod messages;
pub(crate) mod plan_schema;
pub(crate) mod screens;
pub(crate) mod verify;
pub(crate) mod wait;
