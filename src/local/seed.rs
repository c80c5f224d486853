//! Users and communities that a server is to start with, for tests: fixed tokens come from here
//! and from nowhere else.

use serde::Deserialize;

use super::error::LocalError;

/// What a server is to start with.
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
    /// Its password, where it can log in.
    pub password: Option<String>,
}

/// A community of a seed.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct SeedCommunity {
    /// Its name in addresses.
    pub slug: String,
    /// The number of the user who decides.
    pub owner: u64,
    /// Who may hand in: `open` or `members`.
    #[serde(default)]
    pub submission: SeedSubmission,
    /// Whether curators may include directly: `open`, or `closed` for always a review.
    #[serde(default)]
    pub review: SeedReview,
}

/// Who may hand records in to a community.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedSubmission {
    /// Everybody.
    #[default]
    Open,
    /// Members.
    Members,
}

/// What needs a review in a community.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SeedReview {
    /// Everything.
    #[default]
    Closed,
    /// What is not from its own curators.
    Open,
}

/// Reads a seed in TOML.
///
/// # Errors
/// [`LocalError::Seed`] for text that is none, and for unknown keys.
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
