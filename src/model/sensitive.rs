//! Content that must not be published by accident, by the names with which a manifest allows it.

/// A kind of content or name that is held back from publishing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sensitive {
    /// A private key, or a file that is named as one.
    PrivateKey,
    /// A token or a password, or a file that usually holds one.
    Token,
    /// A git-LFS pointer instead of the file's content.
    LfsPointer,
    /// A dotenv file.
    Dotenv,
    /// An editor's backup, or a file that a file manager leaves in a folder.
    Backup,
}

impl Sensitive {
    /// All kinds, in the order of the documentation.
    pub const ALL: [Self; 5] =
        [Self::PrivateKey, Self::Token, Self::LfsPointer, Self::Dotenv, Self::Backup];

    /// Returns its name in a manifest.
    pub fn name(self) -> &'static str {
        match self {
            Self::PrivateKey => "private-key",
            Self::Token => "token",
            Self::LfsPointer => "lfs-pointer",
            Self::Dotenv => "dotenv",
            Self::Backup => "backup",
        }
    }

    /// Returns the kind of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
