//! Exit codes. `docs/errors.md` lists them, and a test compares the two.

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ExitCode {
    /// Done, or no changes.
    Done,
    /// Failed, nothing more specific.
    Failed,
    /// Changes are present; only with `--detailed-exitcode`, with `fmt --check` and `write --check`,
    /// and where `verify` finds a difference.
    Changes,
    /// The saved plan is stale.
    Stale,
    /// The plan is blocked; a person has to change something first.
    Blocked,
    /// Partly applied; run it again.
    Partly,
    /// A person's confirmation is needed.
    Confirmation,
    /// It is not known whether the record was published.
    PublishUnknown,
    /// Waiting for a community.
    Waiting,
    /// The command line is wrong.
    Usage,
    /// The manifest or the data are invalid.
    Invalid,
    /// The server is not available.
    Unavailable,
    /// Busy or rate limited, or a wait that was over too early; try again.
    Busy,
    /// The server's certificate is not trusted.
    Untrusted,
    /// Credentials are missing or refused.
    Credentials,
    /// Interrupted.
    Interrupted,
}

impl ExitCode {
    /// All codes.
    pub const ALL: &'static [ExitCode] = &[
        ExitCode::Done,
        ExitCode::Failed,
        ExitCode::Changes,
        ExitCode::Stale,
        ExitCode::Blocked,
        ExitCode::Partly,
        ExitCode::Confirmation,
        ExitCode::PublishUnknown,
        ExitCode::Waiting,
        ExitCode::Usage,
        ExitCode::Invalid,
        ExitCode::Unavailable,
        ExitCode::Busy,
        ExitCode::Untrusted,
        ExitCode::Credentials,
        ExitCode::Interrupted,
    ];

    /// The codes by what a person has to look at first; of several members, the first one counts.
    const BY_WEIGHT: &'static [ExitCode] = &[
        ExitCode::Interrupted,
        ExitCode::Blocked,
        ExitCode::Stale,
        ExitCode::PublishUnknown,
        ExitCode::Confirmation,
        ExitCode::Partly,
        ExitCode::Failed,
        ExitCode::Invalid,
        ExitCode::Usage,
        ExitCode::Credentials,
        ExitCode::Untrusted,
        ExitCode::Unavailable,
        ExitCode::Busy,
        ExitCode::Waiting,
        ExitCode::Changes,
        ExitCode::Done,
    ];

    /// Returns the code of several runs: that of the one to look at first.
    pub fn worst(codes: impl IntoIterator<Item = ExitCode>) -> ExitCode {
        let weight = |code: &ExitCode| Self::BY_WEIGHT.iter().position(|known| known == code);
        codes.into_iter().min_by_key(weight).unwrap_or(ExitCode::Done)
    }

    /// Returns the number.
    pub fn number(self) -> u8 {
        match self {
            ExitCode::Done => 0,
            ExitCode::Failed => 1,
            ExitCode::Changes => 2,
            ExitCode::Stale => 10,
            ExitCode::Blocked => 11,
            ExitCode::Partly => 12,
            ExitCode::Confirmation => 13,
            ExitCode::PublishUnknown => 14,
            ExitCode::Waiting => 15,
            ExitCode::Usage => 64,
            ExitCode::Invalid => 65,
            ExitCode::Unavailable => 69,
            ExitCode::Busy => 75,
            ExitCode::Untrusted => 76,
            ExitCode::Credentials => 77,
            ExitCode::Interrupted => 130,
        }
    }
}
