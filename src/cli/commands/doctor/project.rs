//! Checks of what is on the disk: manifest, lock, journal, and the lock of another run.

use std::path::Path;

use crate::cli::failure::Failure;
use crate::engine::{EngineError, Project, ProjectPaths, read_unfinished_run};
use crate::lock::Lock;
use crate::model::Severity;

use super::check::{Check, Standing};
use super::connection::with_hints;

/// Checks the manifest.
pub(super) fn check_manifest(loaded: &Result<Project, EngineError>) -> Check {
    let error = match loaded {
        Ok(project) => {
            let is_warning = |severity| severity == Severity::Warning;
            let n = project.findings.iter().filter(|it| is_warning(it.severity)).count();
            let text = match n {
                0 => format!("{}, for server {}", project.shown, project.server),
                n => format!("{}, for server {}; {n} warnings", project.shown, project.server),
            };
            return Check::new("manifest", Standing::Good, text);
        }
        Err(error) => error,
    };
    let text = if let EngineError::Invalid(faults) = error {
        let errors = faults.findings.iter().filter(|it| it.severity == Severity::Error);
        let texts: Vec<String> = errors.map(|it| format!("{} ({})", it.summary, it.code)).collect();
        texts.join("; ")
    } else {
        error.to_string()
    };
    Check::new("manifest", Standing::Blocks, text)
        .apply("stops before it sends anything")
        .mend("follow the findings of `zrel validate`")
}

/// Checks the lock file.
pub(super) fn check_lock(paths: &ProjectPaths, path: &Path) -> Check {
    let kind = "lock";
    let shown = path.strip_prefix(".").unwrap_or(path).display();
    if !path.exists() {
        return Check::new(kind, Standing::Good, format!("{shown} is not there yet"));
    }
    match Lock::load(path, &paths.name) {
        Ok(_) => Check::new(kind, Standing::Good, format!("{shown} is whole")),
        Err(error) => report_failure(kind, paths.lock_error(error)),
    }
}

/// Checks the journal of an apply that did not end.
pub(super) fn check_journal(project: &Project) -> Check {
    let kind = "journal";
    match project.unfinished_run() {
        Ok(None) => Check::new(kind, Standing::Good, "no apply is unfinished"),
        Ok(Some(run)) => {
            let draft = run.unfinished.draft.map_or_else(
                || "no draft of it is known".to_owned(),
                |draft| format!("it used draft {}", draft.id()),
            );
            Check::new(kind, Standing::Note, format!("an apply is unfinished: {draft}"))
                .apply("continues it, unless the plan is blocked")
        }
        Err(error) => report_failure(kind, error),
    }
}

/// Checks the journals of a manifest that can't be read, which names no server.
pub(super) fn check_journals(paths: &ProjectPaths) -> Vec<Check> {
    let broken = paths.journals().into_iter().filter_map(|server| {
        let journal = crate::apply::Journal::at(paths.journal_file(&server));
        read_unfinished_run(&journal).err()
    });
    broken.map(|error| report_failure("journal", error)).collect()
}

/// Checks whether another run of the manifest is in progress. Creates nothing.
pub(super) fn check_run(paths: &ProjectPaths) -> Check {
    let kind = "run";
    if !paths.root.join(".zrel").is_dir() {
        return Check::new(kind, Standing::Good, "no other run is in progress");
    }
    match paths.run_lock() {
        Ok(_) => Check::new(kind, Standing::Good, "no other run is in progress"),
        Err(error @ EngineError::Busy(_)) => Check::new(kind, Standing::Blocks, error.to_string())
            .apply("stops before it sends anything")
            .mend("wait until the other run ends; its lock ends with its process"),
        Err(error) => report_failure(kind, error),
    }
}

/// Reports an error as something that stands in the way.
pub(super) fn report_failure(kind: &'static str, error: EngineError) -> Check {
    let failure = Failure::from(error).join_causes();
    let code = failure.code.number();
    let check = Check::new(kind, Standing::Blocks, failure.message)
        .apply(format!("stops before it sends anything (exit code {code})"));
    with_hints(check, &failure.hints)
}
