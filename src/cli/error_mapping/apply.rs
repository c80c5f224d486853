//! An apply that stopped: what differs, what was done, and what to do next.

use super::api::{MORE_TIME, choose_api_code};
use crate::api::{ApiError, Outcome};
use crate::apply::{ApplyError, ApplyErrorKind, Mismatch};
use crate::check::{self, Refusal};
use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::engine::Project;
use crate::manifest::find_place;
use crate::model::{Field, FieldKind, Finding, Metadata, RecordId};
use crate::render::escape_text;

/// Returns the failure for an apply that stopped; `sent` are the metadata that it was to write.
pub(super) fn map_apply_error(error: &ApplyError, sent: &Metadata, project: &Project) -> Failure {
    let mut failure = Failure::of(choose_apply_code(error), error);
    if let ApplyErrorKind::ReadBack(mismatches) = &error.kind {
        failure.causes = mismatches.iter().map(ToString::to_string).collect();
        failure.message =
            String::from("what the server holds is not what was planned; nothing was published");
        let zrel = project.paths.zrel();
        let rewrites = mismatches.iter().filter_map(|mismatch| make_rewrite_hint(mismatch, &zrel));
        failure.hints.extend(rewrites);
        failure.hints.extend(make_file_hint(mismatches, &zrel));
    }
    // The server refuses by its own keys; a person can change only the manifest's line.
    if let ApplyErrorKind::Api(refusal) = &error.kind {
        let findings = place_refusals(refusal, sent, project);
        if !findings.is_empty() {
            // The same would be refused again.
            failure.hints.push(String::from("correct what is refused in the manifest first"));
        }
        failure = failure.with_findings(&findings, Some(project.source()));
    }
    failure.hints.extend(list_next_steps(error, project));
    failure
}

/// Returns what a server refuses as findings at the lines of the manifest.
fn place_refusals(refusal: &ApiError, sent: &Metadata, project: &Project) -> Vec<Finding> {
    let spans = &project.manifest.metadata.spans;
    let refusals =
        check::report_refused_fields(refusal.field_errors(), refusal.refused_word(), sent);
    let place = |Refusal { field, place, finding }: Refusal| {
        let exact = place.and_then(|place| find_place(project.source().text, &place));
        match exact.or_else(|| spans.get(&field).copied()) {
            Some(span) => finding.at(span, "refused by the server"),
            None => finding,
        }
    };
    refusals.into_iter().map(place).collect()
}

fn make_rewrite_hint(mismatch: &Mismatch, zrel: &str) -> Option<String> {
    match mismatch {
        // Somebody typed a DOI into the draft's page, and publishing would make it permanent.
        Mismatch::Field { field: Field::Doi, .. } => Some(
            "if it is meant, name it under [metadata]; if not, discard the draft on its page"
                .to_owned(),
        ),
        // The server cleans HTML; a text that is empty on one side is lost, not rewritten.
        Mismatch::Field { field, planned, found }
            if field.kind() == FieldKind::Html && !found.is_empty() && !planned.is_empty() =>
        {
            Some(format!("if the server's text will do: {zrel} apply --accept-rewrite {field}"))
        }
        Mismatch::Unread(_) | Mismatch::Extra(_) => {
            Some("look at the draft on its page: another client may have added it".to_owned())
        }
        Mismatch::Field { .. } | Mismatch::File { .. } => None,
    }
}

/// Returns the hint for files that the server lost, or that another client added.
fn make_file_hint(mismatches: &[Mismatch], zrel: &str) -> Option<String> {
    let is_file = |mismatch: &Mismatch| matches!(mismatch, Mismatch::File { .. });
    // With a field among the differences the next apply would stop at the same place.
    mismatches
        .iter()
        .all(is_file)
        .then(|| format!("run `{zrel} apply` again: it uploads only what is missing"))
}

pub(super) fn choose_apply_code(error: &ApplyError) -> ExitCode {
    let is_partly = error.done > 0 || error.draft.is_some() || error.published.is_some();
    match &error.kind {
        ApplyErrorKind::Blocked
        | ApplyErrorKind::ReadBack(_)
        | ApplyErrorKind::OtherDoi { .. }
        | ApplyErrorKind::NoDoi(_) => ExitCode::Blocked,
        // The plan no longer fits its files or its record, and only a new plan helps.
        ApplyErrorKind::FileChanged(_)
        | ApplyErrorKind::Superseded(_)
        | ApplyErrorKind::DraftOpen(_)
        | ApplyErrorKind::ForeignContent { .. }
        | ApplyErrorKind::OtherApi
        | ApplyErrorKind::ReviewChanged { .. } => ExitCode::Stale,
        ApplyErrorKind::PublishUnknown(_) => ExitCode::PublishUnknown,
        ApplyErrorKind::Interrupted => ExitCode::Interrupted,
        ApplyErrorKind::OutOfTime(_) if is_partly => ExitCode::Partly,
        ApplyErrorKind::OutOfTime(_) => ExitCode::Unavailable,
        ApplyErrorKind::Api(api) => {
            let code = choose_api_code(api);
            // A lost answer may belong to a call that was done, even the first: the next run looks.
            let may_go_on = is_partly || api.outcome() == Outcome::Unknown;
            // A refused token or a rate limit keeps its own code, which says what to do first.
            let is_passing = matches!(code, ExitCode::Failed | ExitCode::Unavailable);
            if may_go_on && is_passing { ExitCode::Partly } else { code }
        }
        // These arise after the first write, so there is something to continue.
        ApplyErrorKind::DraftChanged
        | ApplyErrorKind::ChangedAfterPublish { .. }
        | ApplyErrorKind::RecordUnread(_)
        | ApplyErrorKind::AccessChanged(_)
        | ApplyErrorKind::LinkUnknown { .. }
        | ApplyErrorKind::CommunityRefused { .. }
        | ApplyErrorKind::LeavingRefused { .. } => ExitCode::Partly,
        ApplyErrorKind::FileUnreadable { .. }
        | ApplyErrorKind::DamagedUpload { .. }
        | ApplyErrorKind::Journal(_)
        | ApplyErrorKind::Lock(_) => {
            if is_partly {
                ExitCode::Partly
            } else {
                ExitCode::Failed
            }
        }
    }
}

fn is_time_over(kind: &ApplyErrorKind) -> bool {
    matches!(kind, ApplyErrorKind::OutOfTime(_))
        || matches!(kind, ApplyErrorKind::Api(api) if api.is_time_over())
}

/// Returns whether the server publishes no draft in that state.
fn is_of_broken_draft(api: &ApiError) -> bool {
    api.is_doi_missing() || api.is_too_late_for_files()
}

fn make_broken_draft_hint(api: &ApiError, draft: Option<RecordId>, zrel: &str) -> String {
    if api.is_doi_missing() {
        return format!("`{zrel} doctor --fix` brings the DOI back; then run `{zrel} apply` again");
    }
    let id = draft.map_or_else(String::new, |id| format!(" {id}"));
    format!(
        "discard the edit, with `{zrel} discard{id}`: what is published stays. Then run `{zrel} \
         apply` again"
    )
}

/// What to do about a draft without a DOI.
const NOTHING_PUBLISHED: &str = "nothing was published; look at the draft on the server's page";

/// Returns what to do where the server reserved another DOI than the prefix makes.
fn list_prefix_hints(project: &Project) -> [String; 2] {
    let (name, zrel) = (escape_text(&project.server.name), project.paths.zrel());
    [
        format!("correct `doi_prefix` under [servers.{name}]"),
        format!("then run `{zrel} apply` again: it continues the draft"),
    ]
}

/// Returns the hints about what to do next and what was done.
fn list_next_steps(error: &ApplyError, project: &Project) -> Vec<String> {
    let ApplyError { done, of, draft, kind, .. } = error;
    let (zrel, mut hints) = (project.paths.zrel(), Vec::new());
    match kind {
        ApplyErrorKind::PublishUnknown(record) => {
            hints.push(format!(
                "look at record {record} on {}: it is published, or its draft still exists",
                project.server
            ));
            hints.push(format!(
                "then run `{zrel} apply` again: it looks first, and publishes nothing twice"
            ));
        }
        ApplyErrorKind::FileChanged(_)
        | ApplyErrorKind::Superseded(_)
        | ApplyErrorKind::DraftOpen(_)
        | ApplyErrorKind::ForeignContent { .. }
        | ApplyErrorKind::OtherApi
        | ApplyErrorKind::ReviewChanged { .. } => {
            hints.push(format!(
                "nothing was published; run `{zrel} plan` to see what it would be now"
            ));
        }
        // Their own hints say what to change; running again unchanged would stop again.
        ApplyErrorKind::ReadBack(_) | ApplyErrorKind::Blocked => {}
        ApplyErrorKind::OtherDoi { .. } => hints.extend(list_prefix_hints(project)),
        ApplyErrorKind::NoDoi(_) => hints.push(NOTHING_PUBLISHED.to_owned()),
        // Another apply would end in the same place.
        ApplyErrorKind::Api(api) if is_of_broken_draft(api) => {
            hints.push(make_broken_draft_hint(api, *draft, &zrel));
        }
        ApplyErrorKind::Api(_)
        | ApplyErrorKind::AccessChanged(_)
        | ApplyErrorKind::LinkUnknown { .. }
        | ApplyErrorKind::DraftChanged
        | ApplyErrorKind::ChangedAfterPublish { .. }
        | ApplyErrorKind::RecordUnread(_)
        | ApplyErrorKind::FileUnreadable { .. }
        | ApplyErrorKind::DamagedUpload { .. }
        | ApplyErrorKind::CommunityRefused { .. }
        | ApplyErrorKind::LeavingRefused { .. }
        | ApplyErrorKind::Interrupted
        | ApplyErrorKind::OutOfTime(_) => {
            hints.push(format!("run `{zrel} apply` again: it goes on from here"));
            if is_time_over(kind) {
                hints.push(MORE_TIME.to_owned());
            }
        }
        ApplyErrorKind::Journal(_) | ApplyErrorKind::Lock(_) => {
            hints.push(format!(
                "make sure that it can be written, then run `{zrel} apply` again: it goes on from here"
            ));
        }
    }
    hints.push(format!("done: {done} of {of} steps{}", name_rest(error)));
    hints
}

/// Returns what is left on the server.
fn name_rest(error: &ApplyError) -> String {
    match (error.draft, error.published) {
        (_, Some(record)) => format!("; record {record} is published"),
        // «is kept» would claim that the publish call was not done.
        (Some(draft), None) if matches!(error.kind, ApplyErrorKind::PublishUnknown(_)) => {
            format!("; draft {draft} was being published")
        }
        (Some(draft), None) => format!("; draft {draft} is kept"),
        (None, None) => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_rewrite_that_can_be_accepted_is_offered() {
        let mismatch =
            |field| Mismatch::Field { field, planned: "a".to_owned(), found: "b".to_owned() };
        assert_eq!(make_rewrite_hint(&mismatch(Field::Title), "zrel"), None);
        let hint = make_rewrite_hint(&mismatch(Field::Notes), "zrel").unwrap();
        assert!(hint.ends_with("--accept-rewrite notes"), "{hint}");
    }

    #[test]
    fn a_lost_file_is_sent_by_the_next_apply() {
        let lost = Mismatch::File { what: "`a.csv` is missing".to_owned() };
        let rewritten =
            Mismatch::Field { field: Field::Title, planned: "a".to_owned(), found: "b".to_owned() };
        assert!(
            make_file_hint(std::slice::from_ref(&lost), "zrel -m a")
                .unwrap()
                .starts_with("run `zrel -m a apply` again")
        );
        assert_eq!(make_file_hint(&[lost, rewritten], "zrel"), None);
    }
}
