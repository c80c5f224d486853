//! The table of forges. A new forge is a file beside this one, and a row.

use super::api::Forge;
use super::forgejo::Forgejo;
use super::github::GitHub;
use super::gitlab::GitLab;

/// The forges, in the order of the command line's help.
pub const FORGES: [&dyn Forge; 3] = [&GitHub, &Forgejo, &GitLab];
