//! `zrel lock`: prints the lock; with `--rebuild`, rebuilds the manifest's entry from what the server
//! says.

use std::fmt::Write;

use serde_json::{Value as Json, json};

use super::lock_rename;
use crate::cli::args::Format;
use crate::cli::args::lock::{Lock as Args, LockChange as Change};
use crate::cli::connection;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{LockRebuild, Project, Rebuilt};
use crate::lock::{Entry, Key, Lock, Lost};
use crate::model::{ConceptId, Field, OpenDraft, Reservation};
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
        Format::Text => context.terminal.print_text(&render_lock(&lock)),
        Format::Json => context.terminal.print(&write_json_text(&encode_lock(&project, &lock))),
    }
    Ok(ExitCode::Done)
}

fn rebuild(context: &Context, project: &Project, args: &Args) -> Result<ExitCode, Failure> {
    let asked = args.concept.as_deref().map(ConceptId::parse).transpose();
    let asked =
        asked.map_err(|error| Failure::new(ExitCode::Usage, format!("--concept: {error}")))?;
    let _one_run = project.run_lock()?;
    let prepared = LockRebuild::prepare(project, asked)?;
    let rebuilt = context.runtime.block_on(async {
        let session = connection::connect(context, project).await?;
        let rebuilt = prepared.rebuild(&session).await;
        session.close().await;
        Ok::<_, Failure>(rebuilt?)
    })?;
    match args.output.format {
        Format::Text => report_rebuilt(context, project, &rebuilt),
        Format::Json => {
            let mut document = encode_lock(project, &rebuilt.lock);
            document["kept"] = json!(rebuilt.kept.map(|path| path.display().to_string()));
            document["lost"] =
                rebuilt.lost.iter().map(|(lost, _)| encode_lost(project, lost)).collect();
            context.terminal.print(&write_json_text(&document));
        }
    }
    Ok(ExitCode::Done)
}

fn report_rebuilt(context: &Context, project: &Project, rebuilt: &Rebuilt) {
    let Rebuilt { lock, record, kept, lost } = rebuilt;
    context.terminal.print_text(&render_lock(lock));
    context.terminal.inform(&format!("Wrote `{}`.", project.lock_path().display()));
    if let Some(record) = record {
        let title = record.metadata.text(Field::Title).unwrap_or_default();
        context.terminal.inform(&format!("Record {} is `{}`.", record.id, escape_text(title)));
    }
    if let Some(kept) = kept {
        context.terminal.say(&format!("The damaged one is kept as `{}`.", kept.display()));
    }
    for (lost, concept) in lost {
        context.terminal.say(&render_lost(project, lost, *concept));
    }
}

/// Says that an entry was lost, and how to rebuild it.
fn render_lost(project: &Project, lost: &Lost, concept: Option<ConceptId>) -> String {
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

fn encode_lost(project: &Project, lost: &Lost) -> Json {
    match lost {
        Lost::Entry(Key { manifest, server }) => {
            json!({"manifest": project.paths.shown(manifest), "server": server})
        }
        Lost::Head(head) => json!({"head": head}),
    }
}

/// Returns a lock as text, a paragraph an entry.
fn render_lock(lock: &Lock) -> String {
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
        if let Some(Reservation { date, label }) = &record.reserved {
            let label = label.as_deref().unwrap_or("no version label");
            let _ = writeln!(out, "reserved  {}, dated {}", escape_text(label), escape_text(date));
        }
        let _ = writeln!(out, "versions  {}", record.versions.len());
        let _ = writeln!(out, "files     {}", record.files.len());
    }
    out
}

/// Returns a lock as a document: the manifest's own entries by server, and those of all manifests.
fn encode_lock(project: &Project, lock: &Lock) -> Json {
    let mut manifests = serde_json::Map::new();
    for (Key { manifest, server }, entry) in lock.entries() {
        let servers = manifests.entry(manifest).or_insert_with(|| json!({}));
        servers[server] = encode_entry(entry);
    }
    let own = manifests.get(lock.manifest()).cloned().unwrap_or_else(|| json!({}));
    json!({
        "format_version": "1.2",
        "lock": project.lock_path().display().to_string(),
        "manifest": lock.manifest(),
        "servers": own,
        "manifests": manifests,
    })
}

fn encode_entry(entry: &Entry) -> Json {
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
        "reserved": record.reserved.as_ref().map(|reserved| {
            json!({"version": reserved.label, "date": reserved.date})
        }),
        "versions": versions,
        "files": files,
    })
}
