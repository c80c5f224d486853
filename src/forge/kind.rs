//! Which forges there are, and how long a comment may be there.

/// A kind of forge.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// github.com, or GitHub Enterprise.
    GitHub,
    /// Forgejo or Gitea.
    Forgejo,
    /// gitlab.com, or one's own.
    GitLab,
}

impl Kind {
    /// Returns its name.
    pub fn name(self) -> &'static str {
        match self {
            Kind::GitHub => "GitHub",
            Kind::Forgejo => "Forgejo",
            Kind::GitLab => "GitLab",
        }
    }

    /// Returns how long a comment may be. The forges count characters, zrel counts bytes, which are
    /// never fewer (65,536 and 1,000,000: ux.md, 2026-11-23). Forgejo tells no limit; GitHub's is
    /// kept there.
    pub fn budget(self) -> usize {
        match self {
            Kind::GitHub | Kind::Forgejo => 65_536,
            Kind::GitLab => 1_000_000,
        }
    }
}
