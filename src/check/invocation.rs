//! How the program was called.

/// How the program was called, for the commands that findings offer; each part as a shell reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// With the folder: `zrel -C docs`.
    pub in_folder: String,
    /// With the folder and the manifest: `zrel -C docs -m data.toml`.
    pub with_manifest: String,
    /// The command of which a finding offers another form: `apply` or `reserve`.
    pub verb: &'static str,
}

impl Default for Invocation {
    /// Returns the program without flags, for a plan's document, which may be read elsewhere.
    fn default() -> Self {
        Self { in_folder: "zrel".to_owned(), with_manifest: "zrel".to_owned(), verb: "apply" }
    }
}
