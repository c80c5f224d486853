//! `zrel write`: writes the DOI, the version and the date of the release into the project's files.

use serde_json::{Value as Json, json};
use similar::TextDiff;

use crate::cli::args::Format;
use crate::cli::args::write::Write;
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::cli::selection::Compared;
use crate::engine::{FileWithValues, Known, PlanInputs, Project, Writing, write_files};
use crate::render::escape_text;
use crate::write_back::{Slot, Values};

use super::workspace::run_for_each;

pub(super) fn run(context: &Context, args: &Write) -> Result<ExitCode, Failure> {
    run_for_each(context, (&args.members, args.output.format), Compared::Together, |own| {
        write_project(own, args)
    })
}

/// Writes the files of one manifest.
fn write_project(context: &Context, args: &Write) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    if project.manifest.writes.is_empty() {
        // A workflow runs it for every manifest.
        let line = "Nothing to write: the manifest has no [[write]], such as `path = \
                    \"CITATION.cff\"`.";
        return Ok(say_nothing_to_write(context, &project, args, line));
    }
    if !args.check {
        // Two runs would write the same files; the folder of the copies is made with `.zrel`.
        project.zrel_dir()?;
    }
    let _one_run = if args.check { None } else { Some(project.run_lock()?) };
    let inputs = project.gather(project.texts()?)?;
    let Some(values) = choose_values((context, &project), &inputs, args)? else {
        return Ok(ExitCode::Done);
    };
    let writing = project.prepare_writing(&inputs, values)?;
    if !args.check {
        write_files(&project, &writing.files)
            .map_err(|error| Failure::of(ExitCode::Failed, &error))?;
    }
    match args.output.format {
        Format::Text => context.terminal.print_text(&describe(&writing, &project, args)),
        Format::Json => context.put_document(encode(&writing, &project, args)),
    }
    let is_changed = writing.files.iter().any(FileWithValues::is_changed);
    if is_changed && !args.check && args.output.format == Format::Text {
        let zrel = context.command();
        context.terminal.inform(&match project.copies_dir() {
            Some(_) => format!("Next: {zrel} apply, which takes the copies"),
            None => format!("Next: commit the files and zenodo.lock, then {zrel} apply"),
        });
    }
    Ok(if is_changed && args.check { ExitCode::Changes } else { ExitCode::Done })
}

/// Returns what is to be written; `None` for a check of which there is nothing to compare with.
fn choose_values(
    (context, project): (&Context, &Project),
    inputs: &PlanInputs,
    args: &Write,
) -> Result<Option<Values>, Failure> {
    let zrel = context.command();
    let fail = |message: String| Failure::new(ExitCode::Blocked, message);
    match project.find_values(inputs) {
        Known::Values(values) => Ok(Some(values)),
        Known::NotReserved if args.check => {
            refuse_lost_dois((context, project), inputs)?;
            let line = "No DOI is reserved for this version: there is nothing to compare with.";
            say_nothing_to_write(context, project, args, line);
            Ok(None)
        }
        Known::NotReserved => {
            Err(fail("no DOI is reserved for this version, and it is not published".to_owned())
                .hint(format!("to reserve one: {zrel} reserve")))
        }
        Known::OtherLabel(reserved) => {
            let was = reserved.map_or_else(
                || "a version without a label".to_owned(),
                |label| format!("version {}", escape_text(&label)),
            );
            let message = format!("the DOI was reserved for {was}, which is not the manifest's");
            Err(fail(message).hint(format!("to use it for the manifest's: {zrel} reserve")))
        }
        Known::NoPrefix => {
            let name = escape_text(&project.server.name);
            let message =
                format!("which DOI the release will have is not known: {name} has no prefix");
            Err(fail(message).hint(format!("add `doi_prefix` to [servers.{name}]")))
        }
    }
}

/// Refuses files with a DOI that was given back.
fn refuse_lost_dois(
    (context, project): (&Context, &Project),
    inputs: &PlanInputs,
) -> Result<(), Failure> {
    let lost = project.list_files_with_lost_dois(inputs);
    if lost.is_empty() {
        return Ok(());
    }
    let names: Vec<String> = lost.iter().map(|path| format!("`{}`", escape_text(path))).collect();
    let verb = if lost.len() == 1 { "has" } else { "have" };
    let message = format!("{} {verb} a DOI of no version that zenodo.lock knows", names.join(", "));
    Err(Failure::new(ExitCode::Changes, message).hint(format!(
        "to reserve another DOI and write it: {0} reserve, {0} write",
        context.command()
    )))
}

fn say_nothing_to_write(
    context: &Context,
    project: &Project,
    args: &Write,
    line: &str,
) -> ExitCode {
    match args.output.format {
        Format::Text => context.terminal.say(line),
        Format::Json => {
            let files: [Json; 0] = [];
            let document = json!({
                "format_version": "1.0", "server": project.server.name, "files": files,
            });
            context.put_document(document);
        }
    }
    ExitCode::Done
}

/// Returns the differences as text.
fn describe(writing: &Writing, project: &Project, args: &Write) -> String {
    let changed: Vec<_> = writing.files.iter().filter(|file| file.is_changed()).collect();
    let what = describe_values(&writing.values);
    if changed.is_empty() {
        let n = writing.files.len();
        let files = if n == 1 { "1 file has".to_owned() } else { format!("{n} files have") };
        return format!("No changes: {files} {what}.\n");
    }
    let mut out = String::new();
    for file in &changed {
        out.push_str(&describe_difference(file));
    }
    let names: Vec<String> =
        changed.iter().map(|file| format!("`{}`", escape_text(&file.file.path))).collect();
    let names = names.join(", ");
    let end = match (args.check, project.copies_dir()) {
        (true, _) => format!("To be written into {names}: {what}.\n"),
        (false, None) => format!("Wrote {names} with {what}.\n"),
        (false, Some(copies)) => {
            let place = escape_text(&copies.display().to_string()).into_owned();
            format!(
                "Wrote {names} with {what}.\nA rehearsal: copies below {place} have it, and your \
                 own files stay as they are.\n"
            )
        }
    };
    out.push_str(&end);
    out
}

fn describe_difference(file: &FileWithValues) -> String {
    let diff = TextDiff::from_lines(file.file.text.as_str(), file.text.as_str());
    let path = &file.file.path;
    let text = diff.unified_diff().context_radius(1).header(path, path).to_string();
    // A file may hold what a terminal would obey.
    let lines: Vec<String> = text.lines().map(|line| escape_text(line).into_owned()).collect();
    format!("{}\n\n", lines.join("\n"))
}

fn describe_values(values: &Values) -> String {
    let of = |slot: Slot| values.get(slot).map(|text| escape_text(text).into_owned());
    let version = of(Slot::Version).map(|label| format!("version {label}"));
    let parts = [of(Slot::Doi), version, of(Slot::Date)];
    let what = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    // The lock has the date of a reservation, and not that of a publication.
    if values.get(Slot::Date).is_none() {
        return format!("{what}; the date stays as it is");
    }
    what
}

/// Returns the differences as a document.
fn encode(writing: &Writing, project: &Project, args: &Write) -> Json {
    let files = writing.files.iter().map(|file| {
        json!({
            "path": file.file.path,
            "changed": file.is_changed(),
            "written": file.is_changed() && !args.check,
            "place": file.place.display().to_string(),
        })
    });
    json!({
        "format_version": "1.0",
        "server": project.server.name,
        "doi": writing.values.get(Slot::Doi),
        "concept_doi": writing.values.get(Slot::ConceptDoi),
        "version": writing.values.get(Slot::Version),
        "date": writing.values.get(Slot::Date),
        "files": files.collect::<Vec<_>>(),
    })
}
