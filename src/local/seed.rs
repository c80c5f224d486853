//! Users and communities that a server starts with, for tests. Fixed tokens come only from here.

use serde::Deserialize;

use super::error::LocalError;

/// The users and communities that a server starts with.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Seed {
    /// Accounts; the first one's token is what [`super::Running::token`] returns.
    #[serde(default)]
    pub users: Vec<SeedUser>,
    /// Communities.
    #[serde(default)]
    pub communities: Vec<SeedCommunity>,
}

/// An account of a seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedUser {
    /// Its number.
    pub id: u64,
    /// Its address.
    pub email: String,
    /// Its bearer token.
    pub token: String,
    /// Its password, if it can log in.
    pub password: Option<String>,
}

/// A community of a seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCommunity {
    /// Its name in addresses.
    pub slug: String,
    /// The number of the user who decides on submissions.
    pub owner: u64,
    /// Who may submit records: `open` or `members`.
    #[serde(default)]
    pub submission: SeedSubmission,
    /// Whether curators may include records directly: `open`, or `closed` to review always.
    #[serde(default)]
    pub review: SeedReview,
    /// Whether each version of its records is reviewed before publication.
    #[serde(default)]
    pub reviews_versions: bool,
}

/// Who may submit records to a community.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedSubmission {
    /// Everyone.
    #[default]
    Open,
    /// Members.
    Members,
}

/// Which records a community reviews.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedReview {
    /// Everything.
    #[default]
    Closed,
    /// Those that do not come from its own curators.
    Open,
}

/// Reads a seed in TOML.
///
/// # Errors
/// [`LocalError::Seed`] for a text that is not a seed, and for unknown keys.
pub fn parse_seed(text: &str) -> Result<Seed, LocalError> {
    toml::from_str(text).map_err(|error| LocalError::Seed { source: error.into() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_names_users_and_communities_and_no_unknown_key() {
        let seed = parse_seed(
            "[[users]]\nid = 1\nemail = \"a@example.org\"\ntoken = \"t\"\n\
             [[communities]]\nslug = \"c\"\nowner = 1\nsubmission = \"members\"\n",
        )
        .unwrap();
        assert_eq!(seed.users[0].token, "t");
        assert_eq!(seed.communities[0].submission, SeedSubmission::Members);
        assert_eq!(seed.communities[0].review, SeedReview::Closed);
        assert!(parse_seed("[[users]]\nid = 1\nmail = \"a\"").is_err());
    }
}
