//! Random ids.

use uuid::Uuid;

/// Returns a random UUID.
pub(crate) fn new_id() -> String {
    Uuid::new_v4().to_string()
}
