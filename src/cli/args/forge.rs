//! The kinds of forge, by their words on the command line.

use clap::ValueEnum;

use crate::forge::Kind;

/// A kind of forge, by its word on the command line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(in crate::cli) enum ForgeName {
    /// github.com or GitHub Enterprise.
    Github,
    /// Forgejo or Gitea.
    Forgejo,
    /// gitlab.com or one's own.
    Gitlab,
}

impl ForgeName {
    /// Returns the kind.
    pub(in crate::cli) fn kind(self) -> Kind {
        match self {
            ForgeName::Github => Kind::GitHub,
            ForgeName::Forgejo => Kind::Forgejo,
            ForgeName::Gitlab => Kind::GitLab,
        }
    }
}
