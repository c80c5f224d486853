//! Files for programs that run workers: a table of engines, each with the template of its file.
//!
//! Pure: a text in, a text out. An engine knows no member: its file asks `zrel workspace list` or
//! `zrel workspace matrix` when it runs, so that a file that was written once does not go stale. A
//! new engine is a template in `templates/`, and a row here.

/// A program that runs workers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Engine {
    /// Its word on the command line.
    pub word: &'static str,
    /// What its file is, for the help of the command line.
    pub help: &'static str,
    /// Whether its file works only in the folder of a git repository.
    pub needs_repository: bool,
    template: &'static str,
}

/// What differs between the files of one engine.
#[derive(Debug, Clone, Copy)]
pub struct Blanks<'a> {
    /// The root's manifest, from the folder in which the engine runs. A name that a shell, YAML and
    /// Python read as it is.
    pub manifest: &'a str,
    /// How many workers run at once; at least 1.
    pub n_workers: u8,
    /// The version of zrel that writes the file.
    pub version: &'a str,
}

/// The engines, in the order of the command line's help.
pub static ENGINES: [Engine; 3] = [
    Engine {
        word: "snakemake",
        help: "a Snakefile, for one machine or a cluster that Snakemake knows",
        needs_repository: false,
        template: include_str!("templates/Snakefile"),
    },
    Engine {
        word: "slurm",
        help: "a script that submits a job array to SLURM",
        needs_repository: false,
        template: include_str!("templates/slurm.sh"),
    },
    Engine {
        word: "github",
        help: "a workflow of GitHub Actions with a matrix of jobs",
        needs_repository: true,
        template: include_str!("templates/github.yml"),
    },
];

impl Engine {
    /// Returns its file.
    pub fn fill_template(&self, blanks: Blanks<'_>) -> String {
        let Blanks { manifest, n_workers, version } = blanks;
        self.template
            .replace("@MANIFEST@", manifest)
            .replace("@WORKERS@", &n_workers.to_string())
            .replace("@VERSION@", version)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_blank_is_left_and_each_is_used() {
        for engine in &ENGINES {
            for blank in ["@MANIFEST@", "@WORKERS@", "@VERSION@"] {
                assert!(engine.template.contains(blank), "{}: {blank}", engine.word);
            }
            let blanks = Blanks { manifest: "sub/zenodo.toml", n_workers: 7, version: "9.8.7" };
            let text = engine.fill_template(blanks);
            for filled in ["sub/zenodo.toml", "9.8.7"] {
                assert!(text.contains(filled), "{}: {filled}", engine.word);
            }
            for blank in ["@MANIFEST@", "@WORKERS@", "@VERSION@"] {
                assert!(!text.contains(blank), "{}: {blank}", engine.word);
            }
        }
    }
}
