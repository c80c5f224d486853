//! Plans and applies: what is decided, sent, remembered, continued and refused.

pub(crate) mod answers;
pub(crate) mod bad_server;
pub(crate) mod certificate;
pub(crate) mod client;
pub(crate) mod credentials;
pub(crate) mod decision_table;
pub(crate) mod economy;
pub(crate) mod fault_matrix;
pub(crate) mod fields;
pub(crate) mod flows;
pub(crate) mod heritage;
pub(crate) mod identity;
pub(crate) mod interruptions;
pub(crate) mod keep;
pub(crate) mod memory;
pub(crate) mod pace;
pub(crate) mod plan_integrity;
pub(crate) mod properties;
pub(crate) mod public_plan;
pub(crate) mod race;
pub(crate) mod refusals;
pub(crate) mod safety;
pub(crate) mod saved_plans;
pub(crate) mod slashes;
pub(crate) mod stopping;
pub(crate) mod unsupported;
