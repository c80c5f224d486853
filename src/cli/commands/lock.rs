//! `zrel lock`: what the lock says; with `--rebuild`, the manifest's entry written anew from what the
//! server says. Holds nothing that could write to the server.

use std::collections::BTreeMap;
use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::lock_rename;
use crate::apply::UnfinishedRun;
use crate::cli::args::Format;
use crate::cli::args::lock::{Lock as Args, LockChange as Change};
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::error_mapping;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Project;
use crate::lock::{Entry, Key, Lock, LockSalvage, Lost};
use crate::model::{AppliedFile, BoundRecord, ConceptId, Field, FileKey, OpenDraft, RemoteFile};
use crate::observed::{Draft, HistoryEntry, Observed, Record, RecordState};
use crate::refresh::{RefreshRequest, refresh};
use crate::render::{escape_text, write_json_text};

pub(super) fn run(context: &Context, args: &Args) -> Result<ExitCode, Failure> {
    match &args.change {
        Some(Change::Mv(names)) => return lock_rename::rename(context, names),
        Some(Change::Rm(named)) => return lock_rename::remove(context, named),
        None => {}
    }
    let project = Project::load(context.project_options())?;
    if args.rebuild {
        return rebuild(context, &project, args);
    }
    let lock = project.lock()?;
    match args.output.format {
        Format::Text if lock.entries().is_empty() => {
            context.terminal.print("No record is bound yet.\n");
        }
        Format::Text => context.terminal.print(&text(&lock)),
        Format::Json => context.terminal.print(&write_json_text(&json(&project, &lock))),
    }
    Ok(ExitCode::Done)
}

fn rebuild(context: &Context, project: &Project, args: &Args) -> Result<ExitCode, Failure> {
    let _one_run = project.run_lock()?;
    let salvage = LockSalvage::of(&project.lock_path(), &project.paths.name);
    let salvage = salvage.map_err(|error| project.paths.lock_error(error))?;
    let unfinished_run = project.unfinished_run()?;
    let rest = salvage.lock();
    let entry_of = rest.entry(&project.server).cloned();
    let in_damage = salvage.concept_on(&project.server);
    let known = Known { entry: entry_of, in_damage, unfinished_run };
    let concept = concept(project, args, &known)?;
    project.paths.refuse_shared(concept, rest.others(&project.server))?;
    let (observed, versions) = context.runtime.block_on(look(project, concept, known.draft()))?;
    let entry = entry(concept, &observed, &versions, &known)?;
    let own = |lost: &&Lost| !lost.is_of(&project.paths.name, &project.server);
    let lost: Vec<(Lost, Option<ConceptId>)> = salvage
        .lost()
        .iter()
        .filter(own)
        .map(|lost| (lost.clone(), salvage.concept_of(lost)))
        .collect();
    let rebuilt = salvage.rebuild(&project.server, entry);
    let (lock, kept) = rebuilt.map_err(|error| project.paths.lock_error(error))?;
    let kept = kept.map(|path| path.display().to_string());
    match args.output.format {
        Format::Text => {
            context.terminal.print(&text(&lock));
            context.terminal.say(&format!("Wrote `{}`.", project.lock_path().display()));
            if let RecordState::Published(record) = &observed.record {
                let title = record.metadata.text(Field::Title).unwrap_or_default();
                context.terminal.say(&format!("Record {} is `{}`.", record.id, escape_text(title)));
            }
            if let Some(kept) = &kept {
                context.terminal.say(&format!("The damaged one is kept as `{kept}`."));
            }
            for (lost, concept) in &lost {
                context.terminal.say(&lost_text(project, lost, *concept));
            }
        }
        Format::Json => {
            let mut document = json(project, &lock);
            document["kept"] = json!(kept);
            document["lost"] = lost.iter().map(|(lost, _)| lost_json(project, lost)).collect();
            context.terminal.print(&write_json_text(&document));
        }
    }
    Ok(ExitCode::Done)
}

/// Says that an entry is gone, and how it is had again.
fn lost_text(project: &Project, lost: &Lost, concept: Option<ConceptId>) -> String {
    let Key { manifest, server } = match lost {
        Lost::Entry(key) => key,
        Lost::Head(head) => {
            let head = escape_text(head);
            return format!(
                "warning: the entry below `{head}` could not be read, and is no longer in it"
            );
        }
    };
    let (manifest, server) = (project.paths.shown(manifest), escape_text(server));
    let manifest = escape_text(&manifest);
    let concept = concept.map(|concept| format!(" --concept {concept}")).unwrap_or_default();
    format!(
        "warning: the entry of `{server}` could not be read, and is no longer in it; rebuild it \
         with `server = \"{server}\"` in the manifest: zrel -m {manifest} lock --rebuild{concept}"
    )
}

fn lost_json(project: &Project, lost: &Lost) -> Json {
    match lost {
        Lost::Entry(Key { manifest, server }) => {
            json!({"manifest": project.paths.shown(manifest), "server": server})
        }
        Lost::Head(head) => json!({"head": head}),
    }
}

/// What is known without asking the server.
struct Known {
    /// The old entry, where it can be read.
    entry: Option<Entry>,
    /// The concept that the old entry names in a line that can be read, where the rest can't.
    in_damage: Option<ConceptId>,
    /// What an apply that did not end left.
    unfinished_run: Option<UnfinishedRun>,
}

impl Known {
    /// Returns the draft that is ours beyond doubt: the journal or the old entry name it.
    fn draft(&self) -> Option<OpenDraft> {
        let in_journal =
            self.unfinished_run.as_ref().and_then(|unfinished_run| unfinished_run.unfinished.draft);
        in_journal.or(self.record().and_then(|record| record.draft))
    }

    fn record(&self) -> Option<&BoundRecord> {
        self.entry.as_ref().map(|entry| &entry.record)
    }

    fn record_of(&self, concept: ConceptId) -> Option<&BoundRecord> {
        let is_same = self.entry.as_ref().and_then(|entry| entry.concept) == Some(concept);
        self.record().filter(|_| is_same)
    }
}

/// Decides which record is meant: the manifest, then the flag, then what is left of the lock.
fn concept(project: &Project, args: &Args, known: &Known) -> Result<ConceptId, Failure> {
    let in_manifest = project.manifest.record.concept.get(&project.server.name);
    let in_manifest = in_manifest.map(|concept| concept.value);
    let flag = args.concept.as_deref().map(ConceptId::parse).transpose();
    let flag =
        flag.map_err(|error| Failure::new(ExitCode::Usage, format!("--concept: {error}")))?;
    if let (Some(manifest), Some(flag)) = (in_manifest, flag)
        && manifest != flag
    {
        let message = format!("--concept names {flag}, and the manifest names {manifest}");
        return Err(Failure::new(ExitCode::Usage, message)
            .hint("leave the flag out, or change `[record.concept]`"));
    }
    let in_lock = known.entry.as_ref().and_then(|entry| entry.concept).or(known.in_damage);
    in_manifest.or(flag).or(in_lock).ok_or_else(|| {
        Failure::new(ExitCode::Usage, "neither the manifest nor the lock names a record")
            .hint("name it: `zrel lock --rebuild --concept ID`, by its number or its concept DOI")
    })
}

/// Asks what is there, and which versions there are.
async fn look(
    project: &Project,
    concept: ConceptId,
    draft: Option<OpenDraft>,
) -> Result<(Observed, Vec<HistoryEntry>), Failure> {
    let session = connection::connect(project).await?;
    let api = session.read();
    let request = RefreshRequest { concept: Some(concept), draft, ..RefreshRequest::default() };
    let observed = refresh(&api, &request).await;
    let versions = match &observed {
        Ok(Observed { record: RecordState::Published(record), .. }) => {
            api.versions(record.id).await
        }
        Ok(_) | Err(_) => Ok(Vec::new()),
    };
    session.close().await;
    let observed = observed.map_err(|error| error_mapping::map_refresh_error(&error))?;
    Ok((observed, versions.map_err(|error| error_mapping::map_api_error(&error))?))
}

/// Makes the entry of what the server says, and of what only the old one can say.
fn entry(
    concept: ConceptId,
    observed: &Observed,
    versions: &[HistoryEntry],
    known: &Known,
) -> Result<Entry, Failure> {
    let mut entry = Entry { concept: Some(concept), ..Entry::default() };
    let old = known.record_of(concept);
    match &observed.record {
        RecordState::Published(record) => published(&mut entry.record, record, versions, old),
        RecordState::Unpublished => {}
        RecordState::Unbound => return Err(no_record(concept, "the server shows no record")),
        RecordState::Gone { message, .. } | RecordState::NotPublic { message } => {
            return Err(no_record(concept, message));
        }
        RecordState::NotOurs { message } => {
            let message = format!("record {concept} is somebody else's: {message}");
            return Err(Failure::new(ExitCode::Credentials, message)
                .hint("check the token: whose it is, and for which server"));
        }
    }
    let named = observed.draft.as_ref().map(Draft::named);
    entry.record.draft = named.filter(|named| known.draft() == Some(*named));
    Ok(entry)
}

fn no_record(concept: ConceptId, message: &str) -> Failure {
    let mut failure =
        Failure::new(ExitCode::Invalid, format!("there is no record {concept} to be read"));
    failure.causes.push(message.to_owned());
    failure.hint("check the concept: its number stands behind `zenodo.` in the concept DOI")
}

fn published(
    entry: &mut BoundRecord,
    record: &Record,
    versions: &[HistoryEntry],
    old: Option<&BoundRecord>,
) {
    entry.last = Some(record.id);
    entry.versions = versions
        .iter()
        .map(|version| (version.id, version.label.clone().unwrap_or_default()))
        .collect();
    entry.files = applied_files(&record.files, old);
    entry.asked = old.map(|old| old.asked.clone()).unwrap_or_default();
    // How a server rewrote a text can't be read from it.
    entry.rewrites = old.map(|old| old.rewrites.clone()).unwrap_or_default();
}

/// The digest of an archive's content is known to who made it; a server knows the archive's.
fn applied_files(
    files: &[RemoteFile],
    old: Option<&BoundRecord>,
) -> BTreeMap<FileKey, AppliedFile> {
    let applied = |file: &RemoteFile| {
        let md5 = file.md5?;
        let was = old.and_then(|old| old.files.get(&file.key)).filter(|was| was.md5 == md5);
        let content = was.and_then(|was| was.content);
        // A name that no manifest can give is none that was applied.
        let key = FileKey::parse(file.key.as_str()).ok()?;
        Some((key, AppliedFile { md5, content }))
    };
    files.iter().filter_map(applied).collect()
}

/// Returns a lock as text, a paragraph an entry.
fn text(lock: &Lock) -> String {
    let mut out = String::new();
    for (Key { manifest, server }, entry) in lock.entries() {
        let Entry { url, concept, record } = entry;
        if !out.is_empty() {
            out.push('\n');
        }
        let url = url.as_ref().map(|url| format!(" ({})", escape_text(url)));
        let _ = writeln!(out, "manifest  {}", escape_text(manifest));
        let _ = writeln!(out, "server    {}{}", escape_text(server), url.unwrap_or_default());
        let none = || "none".to_owned();
        let _ = writeln!(out, "concept   {}", concept.map_or_else(none, |id| id.to_string()));
        let last = record.last.map(|id| match record.versions.get(&id) {
            Some(label) if !label.is_empty() => format!("{id}, version {}", escape_text(label)),
            Some(_) | None => id.to_string(),
        });
        let _ = writeln!(out, "last      {}", last.unwrap_or_else(none));
        let draft = record.draft.map(|draft| match draft {
            OpenDraft::Version(id) => id.to_string(),
            OpenDraft::Edit(id) => format!("an edit of {id}"),
        });
        let _ = writeln!(out, "draft     {}", draft.unwrap_or_else(none));
        let _ = writeln!(out, "versions  {}", record.versions.len());
        let _ = writeln!(out, "files     {}", record.files.len());
    }
    out
}

/// Returns a lock as a document: the manifest's own entries by server, and those of all manifests.
fn json(project: &Project, lock: &Lock) -> Json {
    let mut manifests = serde_json::Map::new();
    for (Key { manifest, server }, entry) in lock.entries() {
        let servers = manifests.entry(manifest).or_insert_with(|| json!({}));
        servers[server] = entry_json(entry);
    }
    let own = manifests.get(lock.manifest()).cloned().unwrap_or_else(|| json!({}));
    json!({
        "format_version": "1.1",
        "lock": project.lock_path().display().to_string(),
        "manifest": lock.manifest(),
        "servers": own,
        "manifests": manifests,
    })
}

fn entry_json(entry: &Entry) -> Json {
    let Entry { url, concept, record } = entry;
    let versions: Vec<Json> = record
        .versions
        .iter()
        .map(|(id, label)| json!({"id": id.0, "label": Some(label).filter(|l| !l.is_empty())}))
        .collect();
    let files: Vec<Json> = record
        .files
        .iter()
        .map(|(key, file)| {
            json!({
                "file": key.as_str(),
                "md5": file.md5.to_string(),
                "content": file.content.map(|content| format!("sha256:{content}")),
            })
        })
        .collect();
    json!({
        "url": url,
        "concept": concept.map(|id| id.0),
        "last": record.last.map(|id| id.0),
        "draft": record.draft.map(|draft| match draft {
            OpenDraft::Version(id) => json!({"kind": "version", "id": id.0}),
            OpenDraft::Edit(id) => json!({"kind": "edit", "id": id.0}),
        }),
        "versions": versions,
        "files": files,
    })
}
