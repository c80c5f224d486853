//! Which API a manifest asks for.

/// Which API replaces the metadata on a server: `[api]`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ApiChoice {
    /// The deposit API, and the records API where manifest or record hold what it can't say.
    #[default]
    Auto,
    /// The deposit API, whatever it loses.
    Deposit,
}

impl ApiChoice {
    /// All choices.
    pub const ALL: [Self; 2] = [Self::Auto, Self::Deposit];

    /// Returns its word in a manifest.
    pub fn word(self) -> &'static str {
        match self {
            Self::Auto => "auto",
            Self::Deposit => "deposit",
        }
    }
}
