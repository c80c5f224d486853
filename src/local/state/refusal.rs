//! The answers with which the server refuses a request, in its own words.
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
    /// Whether it comes from a handler or from the routes.
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
    /// Builds a refusal of a resource.
    pub(crate) fn new(status: u16, message: &str) -> Self {
        let body = json!({"status": status, "message": message});
        Self { status, body, source: RefusalSource::Handler }
    }

    /// Builds a validation error that names fields.
    pub(crate) fn fields(errors: &[(String, String)]) -> Self {
        let errors: Vec<Value> = errors
            .iter()
            .map(|(field, message)| json!({"field": field, "messages": [message]}))
            .collect();
        let message = "A validation error occurred.";
        let body = json!({"status": 400, "message": message, "errors": errors});
        Self { status: 400, body, source: RefusalSource::Handler }
    }

    /// Builds a validation error of one field.
    pub(crate) fn field(field: &str, message: &str) -> Self {
        Self::fields(&[(field.to_owned(), message.to_owned())])
    }

    /// Refuses a value that is not in its vocabulary.
    pub(crate) fn invalid_value(value: &str) -> Self {
        Self::new(400, &format!("Invalid value {value}."))
    }

    /// Refuses another user, or a request without credentials.
    pub(crate) fn denied() -> Self {
        Self::new(403, "Permission denied.")
    }

    /// Refuses an id that never existed, or whose draft was deleted.
    pub(crate) fn no_such_id() -> Self {
        Self::new(404, "The persistent identifier does not exist.")
    }

    /// Refuses an id that has only a draft.
    pub(crate) fn not_registered() -> Self {
        Self::new(404, "The persistent identifier is not registered.")
    }

    /// Refuses an action on something that does not exist in this state.
    pub(crate) fn not_found() -> Self {
        Self::new(404, "Not found.")
    }

    /// Refuses the name of a missing file.
    pub(crate) fn no_such_file(record: impl std::fmt::Display, key: &str) -> Self {
        Self::new(404, &format!("Record '{record}' has no file '{key}'."))
    }

    /// Refuses a file without bytes.
    pub(crate) fn empty_file() -> Self {
        Self::new(400, "Empty files are not accepted.")
    }

    /// Refuses a change to the files of a published record.
    pub(crate) fn locked() -> Self {
        Self::new(403, "Bucket is locked for modifications.")
    }

    /// Builds a refusal in the framework's shape: the keys in the other order, and on the real
    /// server a newline at the end.
    pub(crate) fn framework(status: u16, message: &str) -> Self {
        let body = json!({"message": message, "status": status});
        Self { status, body, source: RefusalSource::Handler }
    }

    /// Refuses a body that is larger than the server takes.
    pub(crate) fn too_large() -> Self {
        Self::framework(413, "The data value transmitted exceeds the capacity limit.")
    }

    /// Refuses a body that broke off.
    pub(crate) fn cut_short() -> Self {
        Self::new(400, "The request's body ended too early.")
    }

    /// Builds the answer to a failure of the server's own code.
    pub(crate) fn internal() -> Self {
        Self::framework(
            500,
            "The server encountered an internal error and was unable to complete your request. \
             Either the server is overloaded or there is an error in the application.",
        )
    }

    /// Refuses a path that no handler has.
    pub(crate) fn no_route() -> Self {
        let message = "The requested URL was not found on the server. If you entered the URL \
                       manually please check your spelling and try again.";
        Self { source: RefusalSource::Routing, ..Self::framework(404, message) }
    }

    /// Refuses a method on a path that has handlers for others.
    pub(crate) fn no_method() -> Self {
        let message = "The method is not allowed for the requested URL.";
        Self { source: RefusalSource::Routing, ..Self::framework(405, message) }
    }
}
