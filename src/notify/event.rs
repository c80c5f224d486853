//! What a message is about; a closed set.

/// What happened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Event {
    /// A version was published, or the metadata of a record were changed.
    Published,
    /// An apply failed after it had begun.
    Failed,
    /// An apply waits for the review of a community.
    Waiting,
    /// A community decided about a draft or a record.
    Review,
    /// What is published is not what was applied.
    Drift,
    /// A person tries a channel.
    Test,
}

impl Event {
    /// The events that a channel can choose.
    pub const CHOSEN: &'static [Self] =
        &[Self::Published, Self::Failed, Self::Waiting, Self::Review, Self::Drift];

    /// Returns its word in the configuration.
    pub fn word(self) -> &'static str {
        match self {
            Self::Published => "published",
            Self::Failed => "failed",
            Self::Waiting => "waiting",
            Self::Review => "review",
            Self::Drift => "drift",
            Self::Test => "test",
        }
    }

    /// Returns the type of the event of a web hook, as Standard Webhooks spells types.
    pub fn kind(self) -> &'static str {
        match self {
            Self::Published => "record.published",
            Self::Failed => "apply.failed",
            Self::Waiting => "apply.waiting",
            Self::Review => "review.decided",
            Self::Drift => "drift.detected",
            Self::Test => "zrel.test",
        }
    }

    /// Returns the event of a word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::CHOSEN.iter().copied().find(|event| event.word() == word)
    }

    /// Returns whether a person has to do something.
    pub fn is_urgent(self) -> bool {
        match self {
            Self::Failed | Self::Drift => true,
            Self::Published | Self::Waiting | Self::Review | Self::Test => false,
        }
    }
}
