//! `zrel lock mv` and `zrel lock rm`: a manifest was renamed, or removed for good. Asks no server,
//! and needs no manifest that can be read.

use std::path::{Path, PathBuf};

use crate::cli::args::lock::{LockMv, LockRm};
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::ProjectPaths;
use crate::lock::{self, Lock, RenameError};
use crate::render::escape_text;

/// Moves a manifest's entries and journals to its new name.
pub(in crate::cli) fn rename(context: &Context, args: &LockMv) -> Result<ExitCode, Failure> {
    let folder = context.global.directory.clone().unwrap_or_default();
    let old = ProjectPaths::of(&folder, &args.old)?;
    let new = ProjectPaths::of(&folder, &args.new)?;
    refuse_names(&old, &new, args)?;
    // An apply under either name would write to the entries while they move.
    let _old_run = old.run_lock()?;
    let _new_run = new.run_lock()?;
    let journals = list_journal_renames(&old, &new, args)?;
    let mut servers = Vec::new();
    for path in new.locks() {
        // Both locks are checked before one is written, so that a refusal changes nothing.
        let found = lock::check_rename(&path, &old.name, &new.name);
        servers.extend(found.map_err(|error| map_rename_error(&error, &new, args))?);
    }
    if servers.is_empty() && journals.is_empty() {
        return Err(make_unknown_entry_failure(&args.old));
    }
    // After a kill in between, the same command does the rest.
    for (from, to) in journals {
        std::fs::rename(&from, &to).map_err(|error| make_rename_failure(&from, &error))?;
    }
    for path in new.locks() {
        let renamed = lock::rename_entries(&path, &old.name, &new.name);
        renamed.map_err(|error| map_rename_error(&error, &new, args))?;
    }
    let (old, new) = (args.old.display().to_string(), args.new.display().to_string());
    context.terminal.say(&format!(
        "The entries of `{}` belong to `{}` now.",
        escape_text(&old),
        escape_text(&new)
    ));
    context.terminal.inform("Commit zenodo.lock if it changed. To see the state: zrel plan");
    Ok(ExitCode::Done)
}

fn refuse_names(old: &ProjectPaths, new: &ProjectPaths, args: &LockMv) -> Result<(), Failure> {
    let usage = |message: String| Failure::new(ExitCode::Usage, message);
    let (old_shown, new_shown) = (args.old.display(), args.new.display());
    // A lock belongs to one folder, so an entry can't leave it.
    if !is_same_folder(&old.root, &new.root) {
        return Err(usage(format!("`{old_shown}` and `{new_shown}` are in different folders"))
            .hint("move zenodo.lock together with the manifest, and name both names there"));
    }
    if old.name == new.name {
        return Err(usage(format!("`{old_shown}` and `{new_shown}` are the same file")));
    }
    if !new.has(&new.name) {
        return Err(usage(format!("there is no `{new_shown}`"))
            .hint("rename the manifest first, then run this again"));
    }
    // With both files two manifests would claim the record.
    if old.has(&old.name) {
        return Err(usage(format!("`{old_shown}` still exists, and keeps its entries"))
            .hint("rename the manifest first, then run this again"));
    }
    Ok(())
}

fn is_same_folder(one: &Path, other: &Path) -> bool {
    match (std::fs::canonicalize(one), std::fs::canonicalize(other)) {
        (Ok(one), Ok(other)) => one == other,
        // A folder that is missing has no canonical path.
        _ => one == other,
    }
}

/// Returns the old and the new path of each journal to rename.
fn list_journal_renames(
    old: &ProjectPaths,
    new: &ProjectPaths,
    args: &LockMv,
) -> Result<Vec<(PathBuf, PathBuf)>, Failure> {
    let there = new.journals();
    let servers = old.journals();
    // Renaming would replace the other journal, and with it the draft that it knows.
    if servers.iter().any(|server| there.contains(server)) {
        let message = format!("an apply of `{}` is unfinished", args.new.display());
        return Err(Failure::new(ExitCode::Blocked, message)
            .hint(format!("finish it first: zrel -m {} apply", args.new.display())));
    }
    let pair = |server: &String| (old.journal_file(server), new.journal_file(server));
    Ok(servers.iter().map(pair).collect())
}

/// Removes a manifest's entries from the lock.
pub(in crate::cli) fn remove(context: &Context, args: &LockRm) -> Result<ExitCode, Failure> {
    let folder = context.global.directory.clone().unwrap_or_default();
    let paths = ProjectPaths::of(&folder, &args.manifest)?;
    let _one_run = paths.run_lock()?;
    let name = args.manifest.display().to_string();
    // A journal names a draft on the server that would be left over without it.
    if !paths.journals().is_empty() {
        return Err(Failure::new(ExitCode::Blocked, format!("an apply of `{name}` is unfinished"))
            .hint(format!("finish it first: zrel -m {name} apply")));
    }
    let mut said = Vec::new();
    for path in paths.locks() {
        let lock = Lock::load(&path, &paths.name).map_err(|error| paths.lock_error(error))?;
        let own = lock.entries().iter().filter(|(key, _)| key.manifest == paths.name);
        said.extend(own.map(|(key, entry)| {
            let concept = entry.concept.map_or("none".to_owned(), |concept| concept.to_string());
            format!("`{}` on {}: concept {concept}", escape_text(&name), escape_text(&key.server))
        }));
    }
    if said.is_empty() {
        return Err(make_unknown_entry_failure(&args.manifest));
    }
    for path in paths.locks() {
        lock::remove_entries(&path, &paths.name).map_err(|error| paths.lock_error(error))?;
    }
    for line in said {
        context.terminal.say(&format!("No longer in the lock: {line}."));
    }
    context.terminal.inform("The records stay as they are. Commit zenodo.lock if it changed.");
    Ok(ExitCode::Done)
}

fn make_unknown_entry_failure(manifest: &Path) -> Failure {
    let message = format!("the lock has no entry for `{}`", manifest.display());
    Failure::new(ExitCode::Usage, message).hint("to list its entries: zrel lock")
}

fn map_rename_error(error: &RenameError, paths: &ProjectPaths, args: &LockMv) -> Failure {
    match error {
        RenameError::Lock(error) => error_mapping::map_lock_error(error, &paths.zrel()),
        RenameError::Taken { .. } => {
            let new = args.new.display();
            Failure::of(ExitCode::Blocked, error)
                .hint(format!("to remove that of `{new}`: zrel lock rm {new}"))
                .hint(format!("to remove that of `{0}`: zrel lock rm {0}", args.old.display()))
        }
    }
}

fn make_rename_failure(path: &Path, error: &std::io::Error) -> Failure {
    let message = format!("can't rename `{}`", path.display());
    let mut failure = Failure::new(ExitCode::Failed, message);
    failure.causes.push(error.to_string());
    failure.hint("make sure that `.zrel` can be written, and run this again")
}
