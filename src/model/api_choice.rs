//! Which API a manifest asks for.

/// Which API drafts are written by on a server: `[api]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ApiChoice {
    /// The deposit API, and the records API where manifest or record hold what it can't say; on a
    /// server without the deposit API the records API, for every call.
    #[default]
    Auto,
    /// The deposit API, whatever it loses.
    Deposit,
    /// The records API, for every call.
    Records,
}

impl ApiChoice {
    /// All choices.
    pub const ALL: [Self; 3] = [Self::Auto, Self::Deposit, Self::Records];

    /// Returns its word in a manifest.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Deposit => "deposit",
            Self::Records => "records",
        }
    }
}
