//! Everything that runs a server or the binary, or reads the source tree.
#![expect(clippy::unwrap_used, reason = "a test stops at the first surprise")]

mod bad_input;
mod bad_server;
mod browser;
mod client;
mod command;
mod comments;
mod contract;
mod credentials;
mod decision_table;
mod docs;
mod fake_forge;
mod fault_matrix;
mod faults;
mod fields;
mod flows;
mod hostile;
mod html_texts;
mod interruptions;
mod inventory;
mod layering;
mod local_server;
mod manifest;
mod markdown;
mod memory;
mod pace;
mod properties;
mod race;
mod refusals;
mod rehearsal;
mod relay;
mod safety;
mod saved_plans;
mod step;
mod workflows;
mod world;
