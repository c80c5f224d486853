//! The answers by which the server refuses, in its own words.
//!
//! Status and text as recorded on 2026-11-23 (`tests/contract/*.json`); two shapes of body, one
//! of the resources and one of the web framework below them.

use serde_json::{Value, json};

/// A refusal.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Refusal {
    /// The HTTP status.
    pub(crate) status: u16,
    /// The JSON body.
    pub(crate) body: Value,
    /// Whether a handler gave it, or no handler was found.
    pub(crate) source: RefusalSource,
}

/// Where a refusal comes from: only those of a handler carry the rate-limit headers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum RefusalSource {
    /// A handler.
    Handler,
    /// The table of routes.
    Routing,
}

impl Refusal {
    /// A refusal of a resource.
    pub(crate) fn new(status: u16, message: &str) -> Self {
        let body = json!({"status": status, "message": message});
        Self { status, body, source: RefusalSource::Handler }
    }

    /// A validation error that names fields.
    pub(crate) fn fields(errors: &[(String, String)]) -> Self {
        let errors: Vec<Value> = errors
            .iter()
            .map(|(field, message)| json!({"field": field, "messages": [message]}))
            .collect();
        let message = "A validation error occurred.";
        let body = json!({"status": 400, "message": message, "errors": errors});
        Self { status: 400, body, source: RefusalSource::Handler }
    }

    /// A validation error of one field.
    pub(crate) fn field(field: &str, message: &str) -> Self {
        Self::fields(&[(field.to_owned(), message.to_owned())])
    }

    /// A value that its vocabulary does not have.
    pub(crate) fn invalid_value(value: &str) -> Self {
        Self::new(400, &format!("Invalid value {value}."))
    }

    /// Somebody else's, or no credentials.
    pub(crate) fn denied() -> Self {
        Self::new(403, "Permission denied.")
    }

    /// An id that never existed, or whose draft is gone.
    pub(crate) fn no_such_id() -> Self {
        Self::new(404, "The persistent identifier does not exist.")
    }

    /// An id that has only a draft.
    pub(crate) fn not_registered() -> Self {
        Self::new(404, "The persistent identifier is not registered.")
    }

    /// Something that is not there in this state.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found.")
    }

    /// A draft file that is not there.
    pub(crate) fn no_such_file(record: u64, key: &str) -> Self {
        Self::new(404, &format!("Record '{record}' has no file '{key}'."))
    }

    /// A published record's files.
    pub(crate) fn locked() -> Self {
        Self::new(403, "Bucket is locked for modifications.")
    }

    /// The framework's shape: keys the other way round, and a newline at the end on the real one.
    pub(crate) fn framework(status: u16, message: &str) -> Self {
        let body = json!({"message": message, "status": status});
        Self { status, body, source: RefusalSource::Handler }
    }

    /// What the server says where its own code fails.
    pub(crate) fn internal() -> Self {
        Self::framework(
            500,
            "The server encountered an internal error and was unable to complete your request. \
             Either the server is overloaded or there is an error in the application.",
        )
    }

    /// No handler has this path.
    pub(crate) fn no_route() -> Self {
        let message = "The requested URL was not found on the server. If you entered the URL \
                       manually please check your spelling and try again.";
        Self { source: RefusalSource::Routing, ..Self::framework(404, message) }
    }

    /// A handler has this path, with other methods.
    pub(crate) fn no_method() -> Self {
        let message = "The method is not allowed for the requested URL.";
        Self { source: RefusalSource::Routing, ..Self::framework(405, message) }
    }
}
