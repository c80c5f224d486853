//! `zrel import`: makes manifest and lock from an existing record. Writes nothing to the server.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::json;

use crate::cli::args::import::Import;
use crate::cli::args::{Format, Global};
use crate::cli::connection::connect_to_server;
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::error_mapping::map_name_fault;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::import::{Arrival, Read, Reader, Store, Target};
use crate::engine::{ConnectOptions, ProjectPaths, has_errors};
use crate::http::READ_TIMEOUT;
use crate::interop::from_record::{self, Files, Imported, ImportedFile, import_record};
use crate::interop::manifest_writer::write_manifest;
use crate::inventory;
use crate::manifest;
use crate::model::{Finding, RecordId, Server};
use crate::observed::View;
use crate::render::{Source, encode_findings, escape_text, render_findings, write_json_text};

/// One import: where to, and how to connect.
struct ImportRun {
    zrel_dir: PathBuf,
    target: Target,
    connect_options: ConnectOptions,
}

/// What was written.
struct Done {
    read: Read,
    imported: Imported,
    arrivals: BTreeMap<String, Arrival>,
    text: String,
    findings: Vec<Finding>,
}

pub(super) fn run(context: &Context, args: &Import) -> Result<ExitCode, Failure> {
    let source =
        from_record::parse_record_name(&args.record).map_err(|fault| map_name_fault(&fault))?;
    let import = ImportRun::new(&context.global, &source, args)?;
    let _one_run = import.target.paths.run_lock()?;
    import.target.refuse_to_overwrite(args.force)?;
    let done = context.runtime.block_on(import.take_over(context, args, RecordId(source.id)))?;
    import.target.write(&done.read, &done.imported.files, &done.text)?;
    match args.output.format {
        Format::Text => print_text(context, &import, &done),
        Format::Json => context.terminal.print(&write_json_text(&import.document(&done))),
    }
    let has_faults = has_errors(&done.findings);
    Ok(if has_faults { ExitCode::Invalid } else { ExitCode::Done })
}

impl ImportRun {
    fn new(
        global: &Global,
        source: &from_record::RecordName,
        args: &Import,
    ) -> Result<Self, Failure> {
        let folder = global.directory.clone().unwrap_or_default();
        let manifest = folder.join(&global.manifest);
        let paths = ProjectPaths::of(&folder, &global.manifest)?;
        let clock = environment::make_clock();
        let deadline = clock.deadline_in(global.time_limit.unwrap_or(Duration::MAX));
        let connect_options = ConnectOptions {
            clock,
            read_timeout: global.read_timeout.unwrap_or(READ_TIMEOUT),
            n_clients: global.rate_share,
            deadline,
        };
        let known = |name: &str| known_server(&manifest, name, &connect_options);
        let server = from_record::choose_server(source, args.server.as_deref(), known)
            .map_err(|fault| map_name_fault(&fault))?;
        let zrel_dir = paths.zrel_dir()?;
        let lock = paths.lock(&server);
        Ok(Self { zrel_dir, target: Target { paths, manifest, lock, server }, connect_options })
    }

    async fn take_over(
        &self,
        context: &Context,
        args: &Import,
        id: RecordId,
    ) -> Result<Done, Failure> {
        let data = self.zrel_dir.join("local");
        let (session, view) =
            connect_to_server(context, &self.target.server, (data, &self.connect_options)).await?;
        let has_token = view == View::Owner;
        let api = session.read();
        let reader = Reader { api: session.read(), server: &self.target.server, has_token };
        let done = async {
            let read = reader.read(id).await?;
            self.target.refuse_shared(read.found.concept)?;
            let names: Vec<String> =
                [&self.target.manifest, &self.target.lock].map(|path| name_of(path)).into();
            let mut reserved: Vec<&str> = names.iter().map(String::as_str).collect();
            reserved.push("zenodo.lock");
            let from = if args.download { Files::Folder } else { Files::Server };
            let imported = import_record(&read.found, &reserved, from);
            let text = write_manifest(&imported.manifest);
            let findings = manifest::parse(&text, self.connect_options.clock.today()).findings;
            let store = Store {
                root: &self.target.paths.root,
                zrel_dir: &self.zrel_dir,
                force: args.force,
            };
            let arrivals = if args.download {
                let from = (read.id, read.is_draft);
                fetch(context, &api, from, &imported.files, &store).await?
            } else {
                BTreeMap::new()
            };
            Ok(Done { read, imported, arrivals, text, findings })
        }
        .await;
        session.close().await;
        done
    }

    fn document(&self, done: &Done) -> serde_json::Value {
        let Done { read, imported, arrivals, text, findings } = done;
        let files = imported.files.iter().map(|file| {
            json!({
                "file": file.key.as_str(),
                "path": (!file.name.is_empty()).then_some(&file.name),
                "bytes": file.size,
                "md5": file.md5.map(|md5| md5.to_string()),
                "arrival": arrivals.get(&file.name).map(|arrival| arrival.words()),
            })
        });
        let unsupported = imported.unsupported.iter();
        let unsupported = unsupported.map(|loss| json!({"place": loss.place, "what": loss.what}));
        let shown = plain(&self.target.manifest);
        json!({
            "format_version": "1.0",
            "manifest": shown,
            "lock": plain(&self.target.lock),
            "server": self.target.server.name,
            "record": read.id.0,
            "concept": read.found.concept.0,
            "doi": read.doi.as_ref().map(crate::model::Doi::as_str),
            "published": read.found.is_published,
            "files": files.collect::<Vec<_>>(),
            "losses": unsupported.collect::<Vec<_>>(),
            "notes": read.notes,
            "findings": encode_findings(findings, Some(Source { path: &shown, text })),
        })
    }
}

/// Returns a path as a person writes it.
fn plain(path: &Path) -> String {
    path.strip_prefix(".").unwrap_or(path).display().to_string()
}

fn name_of(path: &Path) -> String {
    path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default()
}

/// Finds a server in the manifest that is about to be overwritten.
fn known_server(manifest: &Path, name: &str, options: &ConnectOptions) -> Option<Server> {
    let text = inventory::read_manifest(manifest).ok()?;
    let manifest = manifest::parse(&text, options.clock.today()).manifest?;
    manifest.server_named(name).ok()
}

/// Fetches the missing files; refuses before the first byte if one of them can't be placed.
async fn fetch(
    context: &Context,
    api: &crate::api::ReadApi,
    from: (RecordId, bool),
    files: &[ImportedFile],
    store: &Store<'_>,
) -> Result<BTreeMap<String, Arrival>, Failure> {
    let mut arrivals = BTreeMap::new();
    let mut missing = Vec::new();
    for file in files {
        match store.look(file)? {
            Some(arrival) => {
                arrivals.insert(file.name.clone(), arrival);
            }
            None => missing.push(file),
        }
    }
    let total = missing.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size));
    let bar = context.terminal.bar(total, "fetching");
    let mut result = Ok(());
    for file in missing {
        bar.name(&escape_text(file.key.as_str()));
        result = store.fetch(api, from, file, &|bytes| bar.advance(bytes)).await;
        if result.is_err() {
            break;
        }
        arrivals.insert(file.name.clone(), Arrival::Fetched);
    }
    bar.done();
    result?;
    Ok(arrivals)
}

fn print_text(context: &Context, import: &ImportRun, done: &Done) {
    let Done { read, imported, arrivals, text, findings } = done;
    let doi = read.doi.as_ref().map(|doi| format!(", {doi}")).unwrap_or_default();
    let what = if read.found.is_published { "record" } else { "draft" };
    let (manifest, lock) = (plain(&import.target.manifest), plain(&import.target.lock));
    let mut out = format!(
        "Wrote `{}` and `{}` from {what} {}{doi} on {}.\n",
        escape_text(&manifest),
        escape_text(&lock),
        read.id,
        import.target.server
    );
    for file in &imported.files {
        let name = match &file.name {
            name if name.is_empty() || name == file.key.as_str() => {
                escape_text(file.key.as_str()).into_owned()
            }
            name => format!("{} (as {})", escape_text(file.key.as_str()), escape_text(name)),
        };
        let arrival = match arrivals.get(&file.name) {
            Some(arrival) => arrival.words(),
            None if file.name.is_empty() => "stays on the server",
            None => "not fetched",
        };
        let _ = writeln!(out, "  {name}, {} bytes: {arrival}", file.size);
    }
    if !imported.unsupported.is_empty() {
        out.push_str(
            "\nWhat a manifest can't say (it stays where what it is part of does not change):\n",
        );
        for loss in &imported.unsupported {
            let _ = writeln!(out, "  {}: {}", escape_text(&loss.place), escape_text(&loss.what));
        }
    }
    let found = render_findings(findings, Some(Source { path: &manifest, text }));
    if !found.is_empty() {
        let _ = write!(out, "\n{}\n", found.trim_end());
    }
    context.terminal.print_findings(&out);
    for note in &read.notes {
        context.terminal.say(&format!("note: {}", escape_text(note)));
    }
    if imported.files.iter().any(|file| file.name.is_empty()) {
        context.terminal.say(
            "The files stay on the server, and none of them is needed here. To have them in the \
             folder: --download --force.",
        );
    } else if arrivals.is_empty() && !imported.files.is_empty() {
        context.terminal.say(
            "The files must be in the folder before a plan: put them there, or run this again \
             with --download --force.",
        );
    }
    context.terminal.inform("To see that nothing would change: zrel plan");
}
