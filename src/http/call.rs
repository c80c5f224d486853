//! A call, before it is sent.

/// The methods that the API uses.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    /// Reads.
    Get,
    /// Asks whether something is there.
    Head,
    /// Acts.
    Post,
    /// Replaces.
    Put,
    /// Changes.
    Patch,
    /// Removes.
    Delete,
}

impl Method {
    /// Returns its name in HTTP.
    pub(super) fn name(self) -> &'static str {
        match self {
            Method::Get => "GET",
            Method::Post => "POST",
            Method::Put => "PUT",
            Method::Patch => "PATCH",
            Method::Delete => "DELETE",
            Method::Head => "HEAD",
        }
    }
}

/// Whether a call may be made again without looking.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Idempotency {
    /// Repeating it has no further effect.
    Idempotent,
    /// The caller must look first.
    NotIdempotent,
}

/// One call.
#[derive(Debug, Clone)]
pub struct Call<'a> {
    /// The method.
    pub method: Method,
    /// A path, or an address of the same origin.
    pub path: &'a str,
    /// What is accepted.
    pub accept: &'static str,
    /// A JSON body.
    pub json: Option<&'a serde_json::Value>,
    /// The revision that the write is based on, a bare integer.
    pub if_match: Option<u64>,
    /// Whether it may be made again.
    pub idempotency: Idempotency,
}
