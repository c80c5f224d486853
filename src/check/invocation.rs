//! How the program was called.

/// How the program was called, for the commands that findings offer; each part as a shell reads it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invocation {
    /// With the folder: `zrel -C docs`.
    pub in_folder: String,
    /// With the folder and the manifest: `zrel -C docs -m data.toml`.
    pub with_manifest: String,
    /// The command of which a finding offers another form: `zrel -C docs apply`.
    pub command_line: String,
    /// Whether that command reserves a DOI, and reads no files.
    pub is_reserve: bool,
}

impl Default for Invocation {
    /// Returns the program without flags, for a plan's document, which may be read elsewhere.
    fn default() -> Self {
        Self::new("zrel".to_owned(), "zrel".to_owned())
    }
}

impl Invocation {
    /// Makes an invocation of `apply`.
    pub fn new(in_folder: String, with_manifest: String) -> Self {
        let command_line = format!("{with_manifest} apply");
        Self { in_folder, with_manifest, command_line, is_reserve: false }
    }

    /// Returns the same for `reserve`.
    #[must_use]
    pub fn of_reserve(self) -> Self {
        let command_line = format!("{} reserve", self.with_manifest);
        Self { command_line, is_reserve: true, ..self }
    }
}
