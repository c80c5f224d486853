//! `zrel cite` and `zrel badge`: what readers of a README need. Reads no file of the release.

use crate::cli::args::cite::{Badge, Cite, Markup};
use crate::cli::context::Context;
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::{Known, PlanInputs, Project, build_work};
use crate::interop::export::{Work, list_writers, write_export};
use crate::model::Field;
use crate::observed::RecordState;
use crate::render::escape_text;
use crate::write_back::{BadgeForm, Slot, make_badge};

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
    let inputs = project.gather(project.texts()?)?;
    let slot = if args.is_of_version { Slot::Doi } else { Slot::ConceptDoi };
    let Some(doi) = find_doi(&project, &inputs, slot) else {
        let message = "there is no DOI to show yet";
        let zrel = context.command();
        return Err(Failure::new(ExitCode::Failed, message)
            .hint(format!("it is known after `{zrel} reserve` or `{zrel} apply`")));
    };
    let form = match args.markup {
        Markup::Markdown => BadgeForm::Markdown,
        Markup::Html => BadgeForm::Html,
        Markup::Rst => BadgeForm::Rst,
    };
    context.terminal.print(&format!("{}\n", make_badge(form, project.server.site(), &doi)));
    if project.server.is_rehearsal() {
        let name = escape_text(&project.server.name);
        context.terminal.say(&format!("note: server `{name}` is a rehearsal: {doi} leads nowhere"));
    }
    Ok(ExitCode::Done)
}

/// Finds the DOI of the version, or of all versions, in manifest and lock.
fn find_doi(project: &Project, inputs: &PlanInputs, slot: Slot) -> Option<String> {
    if let Known::Values(values) = project.find_values(inputs) {
        // A DOI that was made elsewhere has none of all versions beside it.
        let doi = values.get(slot).or_else(|| values.get(Slot::Doi))?;
        return Some(doi.to_owned());
    }
    // The next version has no DOI yet; that of all versions stays.
    let (concept, _) = inputs.binding.concept.filter(|_| slot == Slot::ConceptDoi)?;
    Some(project.server.mint_doi(concept.0)?.to_string())
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
        && record.doi.as_ref() == Some(&doi)
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
