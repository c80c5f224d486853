//! `zrel init`: writes a manifest from the repository's files. Asks no server, and runs nothing.

use crate::engine::has_errors;
use std::collections::BTreeMap;
use std::fmt::Write;
use std::path::{Path, PathBuf};

use serde_json::{Value as Json, json};

use crate::cli::args::init::Init;
use crate::cli::args::{Format, Global};
use crate::cli::context::Context;
use crate::cli::environment;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::disk;
use crate::interop::init::{
    self, Found, Initiated, Kind, Missing, Place, Repository, Surroundings,
};
use crate::interop::manifest_writer::{escape_pattern, write_manifest};
use crate::inventory::{self, There};
use crate::manifest::{self, codes};
use crate::model::{Field, Finding, Severity};
use crate::render::{Source, encode_findings, escape_text, render_findings, write_json_text};

/// The largest file that is read. Bytes.
const MAX_SIZE: u64 = 1 << 20;

/// The folder that gets a manifest.
struct InitRun {
    root: PathBuf,
    manifest: PathBuf,
}

/// What was made.
struct Done {
    initiated: Initiated,
    text: String,
    findings: Vec<Finding>,
}

pub(super) fn run(context: &Context, args: &Init) -> Result<ExitCode, Failure> {
    let init = InitRun::new(&context.global);
    init.refuse_to_overwrite(args.force)?;
    let done = init.make();
    disk::write_atomically(&init.manifest, done.text.as_bytes()).map_err(|error| {
        let message = format!("can't write `{}`", init.manifest.display());
        let mut failure = Failure::new(ExitCode::Failed, message);
        failure.causes.push(error.to_string());
        failure
    })?;
    match args.output.format {
        Format::Text => print_text(context, &init, &done),
        Format::Json => context.terminal.print(&write_json_text(&init.document(&done))),
    }
    let has_faults = has_errors(&done.findings);
    Ok(if has_faults { ExitCode::Invalid } else { ExitCode::Done })
}

impl InitRun {
    fn new(global: &Global) -> Self {
        let manifest = global.directory.clone().unwrap_or_default().join(&global.manifest);
        let root = manifest.parent().map(Path::to_owned).unwrap_or_default();
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        Self { root, manifest }
    }

    fn shown(&self) -> String {
        self.manifest.strip_prefix(".").unwrap_or(&self.manifest).display().to_string()
    }

    fn refuse_to_overwrite(&self, force: bool) -> Result<(), Failure> {
        let shown = self.shown();
        let there = match std::fs::symlink_metadata(&self.manifest) {
            Ok(there) => there,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
                // `init` writes the manifest only, and creates no folder for it.
                return self.need_folder();
            }
            Err(error) => {
                let mut failure =
                    Failure::new(ExitCode::Failed, format!("can't look at `{shown}`"));
                failure.causes.push(error.to_string());
                return Err(failure);
            }
        };
        // A link is not followed: writing would change a file in another place.
        if !there.is_file() {
            let message = format!("`{shown}` exists, and is not a file");
            return Err(
                Failure::new(ExitCode::Invalid, message).hint("move it away, and run this again")
            );
        }
        if !force {
            let message = format!("`{shown}` exists already");
            return Err(Failure::new(ExitCode::Confirmation, message)
                .hint("to see what it would publish: zrel plan")
                .hint("to overwrite it: zrel init --force"));
        }
        Ok(())
    }

    fn need_folder(&self) -> Result<(), Failure> {
        if self.root.is_dir() {
            return Ok(());
        }
        let message = format!("there is no folder `{}`", self.root.display());
        Err(Failure::new(ExitCode::Invalid, message).hint("name an existing folder: -C DIR"))
    }

    fn make(&self) -> Done {
        let (texts, unread) = self.read();
        let today = environment::make_clock().today();
        let kind = |path: &str| match inventory::find_path_kind(&self.root, path)? {
            There::File => Some(Kind::File),
            There::Folder => Some(Kind::Folder),
        };
        let mut initiated = init::init(&texts, &self.surroundings(), &kind, today);
        initiated.unread.extend(unread);
        let text = write_manifest(&initiated.manifest);
        let mut findings = manifest::parse(&text, today).findings;
        findings.retain(|finding| {
            finding.severity == Severity::Error && !repeats_gap(finding, &initiated.missing)
        });
        Done { initiated, text, findings }
    }

    /// Reads the files that exist; follows no link, and skips files that are too large.
    fn read(&self) -> (BTreeMap<String, String>, Vec<(String, String)>) {
        let (mut texts, mut unread) = (BTreeMap::new(), Vec::new());
        for name in init::list_file_names() {
            match disk::read_text(&self.root.join(name), MAX_SIZE) {
                Ok(text) => {
                    texts.insert(name.to_owned(), text);
                }
                Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
                // Reported and skipped: the other files may still have what a manifest needs.
                Err(error) => unread.push((name.to_owned(), error.to_string())),
            }
        }
        (texts, unread)
    }

    fn surroundings(&self) -> Surroundings {
        // The path `.` does not contain the folder's name.
        let folder = std::fs::canonicalize(&self.root).ok();
        let folder = folder.as_deref().and_then(Path::file_name);
        let manifest = self.manifest.file_name();
        let name = |name: &std::ffi::OsStr| name.to_string_lossy().into_owned();
        Surroundings {
            folder: folder.map(name).unwrap_or_default(),
            own_files: vec![
                manifest.map(name).map(|name| escape_pattern(&name)).unwrap_or_default(),
                "zenodo.lock".to_owned(),
                // Where `zrel plan --out` puts them.
                "*.plan".to_owned(),
            ],
            git: inventory::read_origin(&self.root).map(|origin| Repository {
                remote: origin.remote,
                tags: origin.tags,
                tags_here: origin.tags_here,
            }),
        }
    }

    fn document(&self, done: &Done) -> Json {
        let Initiated { found, missing, unsupported, unread, records, notes, .. } = &done.initiated;
        let manifest = self.shown();
        let unsupported = unsupported.iter();
        let records = records.iter();
        json!({
            "format_version": "1.0",
            "manifest": manifest,
            "values": found.iter().map(build_value_json).collect::<Vec<_>>(),
            "missing": missing.iter()
                .map(|it| json!({"key": it.name, "what": it.what}))
                .collect::<Vec<_>>(),
            "not_carried": unsupported
                .map(|(file, loss)| json!({"file": file, "key": loss.place, "what": loss.what}))
                .collect::<Vec<_>>(),
            "unread": unread.iter()
                .map(|(file, why)| json!({"file": file, "why": why}))
                .collect::<Vec<_>>(),
            "records": records
                .map(|(place, doi)| json!({
                    "file": place.file, "key": place.key, "doi": doi.as_str(),
                }))
                .collect::<Vec<_>>(),
            "notes": notes,
            "findings":
                encode_findings(&done.findings, Some(Source { path: &manifest, text: &done.text })),
        })
    }
}

/// Returns whether an error only says again that a value is missing, which is listed as such.
fn repeats_gap(finding: &Finding, missing: &[Missing]) -> bool {
    let subtypes = [Field::PublicationType.name(), Field::ImageType.name()];
    match finding.code {
        codes::MISSING => !missing.is_empty(),
        // The other error of this code is about a subtype that is there.
        codes::SUBTYPE => missing.iter().any(|it| subtypes.contains(&it.name)),
        _ => false,
    }
}

fn build_value_json(found: &Found) -> Json {
    let place = |place: &Place| json!({"file": place.file, "key": place.key});
    let others = found
        .others
        .iter()
        .map(|(at, value)| json!({"value": value, "file": at.file, "key": at.key}));
    json!({
        "key": found.name,
        "value": found.value,
        "from": found.places.iter().map(place).collect::<Vec<_>>(),
        "others": others.collect::<Vec<_>>(),
    })
}

fn print_text(context: &Context, init: &InitRun, done: &Done) {
    let manifest = init.shown();
    let Done { initiated, text, findings } = done;
    let mut out = format!("Wrote `{}`.\n", escape_text(&manifest));
    write_values(&mut out, &initiated.found);
    write_gaps(&mut out, initiated);
    let found = render_findings(findings, Some(Source { path: &manifest, text }));
    if !found.is_empty() {
        let _ = write!(out, "\n{}\n", found.trim_end());
    }
    context.terminal.print_findings(&out);
    for note in &initiated.notes {
        context.terminal.say(&format!("note: {}", escape_text(note)));
    }
    let mut known = Vec::new();
    for (place, doi) in &initiated.records {
        // Several files often name the same DOI.
        if known.contains(&doi) {
            continue;
        }
        known.push(doi);
        context.terminal.say(&format!(
            "note: {} names {doi}. If the next version is to be of that record: \
             zrel import {doi} --force",
            escape_text(&describe_place(place))
        ));
    }
    // `zrel plan` would stop at the missing values, and `zrel validate` shows where they go.
    let next = if initiated.missing.is_empty() { "zrel plan" } else { "zrel validate" };
    context.terminal.inform(&format!("Next: {next}"));
}

fn describe_place(place: &Place) -> String {
    match place.key.as_str() {
        "" => place.file.clone(),
        key => format!("{} ({key})", place.file),
    }
}

/// Writes the values with their sources, and below each the values of other sources.
fn write_values(out: &mut String, found: &[Found]) {
    for Found { name, value, places, others } in found {
        let places: Vec<String> = places.iter().map(describe_place).collect();
        let places = places.join(" and ");
        let _ = writeln!(out, "  {name}: {}  [{}]", escape_text(value), escape_text(&places));
        for (place, value) in others {
            let _ = writeln!(
                out,
                "    not {}  [{}]",
                escape_text(value),
                escape_text(&describe_place(place))
            );
        }
    }
}

fn write_gaps(out: &mut String, initiated: &Initiated) {
    let Initiated { missing, unsupported, unread, .. } = initiated;
    if !missing.is_empty() {
        out.push_str("\nValues that no source has, for you to add:\n");
    }
    for it in missing {
        let _ = writeln!(out, "  {}: {}", it.name, escape_text(&it.what));
    }
    if !unsupported.is_empty() {
        out.push_str("\nNot taken over:\n");
    }
    for (file, loss) in unsupported {
        let _ =
            writeln!(out, "  {file}: {}: {}", escape_text(&loss.place), escape_text(&loss.what));
    }
    if !unread.is_empty() {
        out.push_str("\nNot read:\n");
    }
    for (file, why) in unread {
        let _ = writeln!(out, "  {file}: {}", escape_text(why));
    }
}
