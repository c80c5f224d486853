//! `zrel cite` and `zrel badge`: what readers of a README need. Reads no file of the release.

use crate::cli::args::cite::{Badge, Cite, Markup};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{Project, build_work};
use crate::interop::export::{Work, list_writers, write_export};
use crate::model::Field;
use crate::observed::RecordState;
use crate::render::escape_text;
use crate::write_back::{BadgeForm, make_badge};

use super::show;

/// Runs `zrel cite`.
pub(super) fn cite(context: &Context, args: &Cite) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let (mut work, notes) = read_work(&project)?;
    find_date(context, &project, &mut work)?;
    let writer = list_writers().find(|writer| writer.name == args.style.name());
    let writer = writer
        .ok_or_else(|| Failure::new(ExitCode::Failed, "no writer has the name of this style"))?;
    context.terminal.print(&write_export(&work, writer).text);
    say_notes(context, &notes);
    Ok(ExitCode::Done)
}

/// Runs `zrel badge`.
pub(super) fn badge(context: &Context, args: &Badge) -> Result<ExitCode, Failure> {
    let project = Project::load(context.project_options())?;
    let (work, notes) = read_work(&project)?;
    let doi = if args.is_of_version { work.doi } else { work.concept_doi.or(work.doi) };
    let Some(doi) = doi else {
        let mut failure = Failure::new(ExitCode::Failed, "there is no DOI to show yet");
        failure.causes.extend(notes.iter().map(|note| escape_text(note).into_owned()));
        return Err(failure.hint(format!(
            "the DOI is known after `{0} reserve` or `{0} apply` on zenodo.org",
            context.command()
        )));
    };
    let form = match args.markup {
        Markup::Markdown => BadgeForm::Markdown,
        Markup::Html => BadgeForm::Html,
        Markup::Rst => BadgeForm::Rst,
    };
    context.terminal.print(&format!("{}\n", make_badge(form, project.server.site(), doi.as_str())));
    say_notes(context, &notes);
    Ok(ExitCode::Done)
}

fn read_work(project: &Project) -> Result<(Work, Vec<String>), Failure> {
    let gathered = project.gather(project.texts()?)?;
    Ok(build_work(project, gathered))
}

/// Asks the server for the date of a published version whose manifest leaves it open.
fn find_date(context: &Context, project: &Project, work: &mut Work) -> Result<(), Failure> {
    let Some(doi) =
        work.doi.clone().filter(|_| work.metadata.get(Field::PublicationDate).is_none())
    else {
        return Ok(());
    };
    let observed = show::observe_record(context, project)?;
    if let RecordState::Published(record) = &observed.record
        && record.doi == doi
        && let Some(date) = record.metadata.text(Field::PublicationDate)
    {
        work.metadata.set_text(Field::PublicationDate, date);
        work.open.retain(|(field, _)| *field != Field::PublicationDate);
    }
    Ok(())
}

fn say_notes(context: &Context, notes: &[String]) {
    for note in notes {
        context.terminal.say(&format!("note: {}", escape_text(note)));
    }
}
