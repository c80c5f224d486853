//! Turns errors into exit codes and hints.

use std::time::Duration;

use super::exit_code::ExitCode;
use super::failure::Failure;
use crate::api::{ApiError, ApiErrorKind, Outcome};
use crate::apply::{ApplyError, ApplyErrorKind, Mismatch};
use crate::check;
use crate::engine::import::{ImportError, is_hidden};
use crate::engine::{EngineError, Faults, Project, RebuildError, SavedPlanError};
use crate::http::HttpError;
use crate::local::LocalError;
use crate::lock::{LockError, LockFault};
use crate::model::{Field, FieldKind, Finding, Metadata, RecordId, Severity};
use crate::refresh::RefreshError;
use crate::render::Source;

impl From<EngineError> for Failure {
    fn from(error: EngineError) -> Self {
        map_engine_error(&error, None)
    }
}

impl From<RebuildError> for Failure {
    fn from(error: RebuildError) -> Self {
        map_rebuild_error(&error)
    }
}

impl From<SavedPlanError> for Failure {
    fn from(error: SavedPlanError) -> Self {
        map_saved_plan_error(&error)
    }
}

impl From<ImportError> for Failure {
    fn from(error: ImportError) -> Self {
        map_import_error(&error)
    }
}

/// Returns the failure for an error of the engine; with the project, an apply's says what was done.
pub(super) fn map_engine_error(error: &EngineError, project: Option<&Project>) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        EngineError::ManifestName(_) => {
            failure(ExitCode::Usage).hint("give it a name that is UTF-8")
        }
        EngineError::ManifestUnread(_) => failure(ExitCode::Invalid)
            .hint("name the manifest's folder with -C DIR, or the file with --manifest FILE"),
        EngineError::Invalid(faults) => map_faults(faults),
        EngineError::Folder(_) | EngineError::JournalUnwritten(_) | EngineError::RunLock { .. } => {
            failure(ExitCode::Failed)
        }
        EngineError::Lock { source, invocation } => {
            map_lock_error(source, &invocation.with_manifest)
        }
        // The journal can go: for a bound record the server's own state is enough to continue.
        EngineError::Journal(_) => failure(ExitCode::Invalid)
            .hint("remove it: zrel then relies on the server and the lock"),
        EngineError::Busy(_) => {
            failure(ExitCode::Busy).hint("wait until it has ended, and run this again")
        }
        EngineError::Address(_) => failure(ExitCode::Invalid),
        EngineError::NotAllowed(host) => {
            failure(ExitCode::Blocked).hint(format!("if it is meant: --allow-server {host}"))
        }
        EngineError::Client(error) => map_http_error(error),
        EngineError::Local(error) => map_local_error(error),
        EngineError::Api(error) => map_api_error(error),
        EngineError::Refresh(error) => map_refresh_error(error),
        EngineError::Changed => failure(ExitCode::Stale).hint("make the plan again, and review it"),
        EngineError::Apply { source, sent } => match project {
            Some(project) => map_apply_error(source, sent, project),
            // Without a project there is no manifest to point into, and no command to offer.
            None => Failure::of(choose_apply_code(source), source),
        },
        EngineError::Shared { name, manifest, is_gone, .. } => {
            let mut failure = failure(ExitCode::Blocked);
            failure.causes.push("a record belongs to one manifest".to_owned());
            // A manifest whose file is missing was probably renamed; its entries then only have to
            // follow.
            let failure = if *is_gone {
                failure.hint(format!(
                    "if `{name}` is now `{manifest}`: zrel lock mv {name} {manifest}"
                ))
            } else {
                failure
            };
            failure.hint(format!("if `{name}` no longer describes it: zrel lock rm {name}"))
        }
    }
}

/// Returns the failure for the faults of a manifest, with what they point at.
fn map_faults(faults: &Faults) -> Failure {
    let Faults { findings, path, text } = faults;
    let first = findings.iter().find(|finding| finding.severity == Severity::Error);
    let source = Source { path, text };
    let failure = Failure::findings(ExitCode::Invalid, faults.to_string(), findings, Some(source));
    match first {
        Some(first) => failure.hint(format!("more about a finding: zrel explain {}", first.code)),
        None => failure,
    }
}

/// Returns the failure for a lock that can't be used; `zrel` is the command line up to the verb.
pub(super) fn map_lock_error(error: &LockError, zrel: &str) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        LockError::Write { .. } => {
            failure(ExitCode::Failed).hint("make sure that it can be written, and run this again")
        }
        // Rebuilding would lose what the newer zrel wrote, so it is not offered here.
        LockError::Fault { source: LockFault::Future(_), .. } => {
            failure(ExitCode::Invalid).hint("use the zrel that wrote it, or a later one")
        }
        LockError::Fault { path, .. } | LockError::Read { path, .. } => {
            // Only the committed lock can come from git; that of the local server is ignored there.
            let is_committed = path.file_name().is_some_and(|name| name == "zenodo.lock");
            let failure = failure(ExitCode::Invalid).hint(format!(
                "rebuild the entry from the server: `{zrel} lock --rebuild`; the file as it is now \
                 is kept beside it"
            ));
            let has_sums = matches!(error, LockError::Fault { source: LockFault::Sum { .. }, .. });
            match (is_committed, has_sums) {
                (true, true) => failure.hint("or restore the line from git, as zrel wrote it"),
                (true, false) => failure.hint("or restore the whole file from git"),
                (false, _) => failure,
            }
        }
    }
}

/// Returns the failure for an address or a token that can't be used.
fn map_http_error(error: &HttpError) -> Failure {
    let code = match error {
        // The manifest names the address.
        HttpError::Insecure(_) => ExitCode::Invalid,
        HttpError::Token => ExitCode::Credentials,
        HttpError::OtherOrigin(_)
        | HttpError::Setup(_)
        | HttpError::Unsent(_)
        | HttpError::Certificate(_)
        | HttpError::Lost(_)
        | HttpError::Silence(_)
        | HttpError::Dripping { .. }
        | HttpError::NotBegun(_)
        | HttpError::OutOfTime(_)
        | HttpError::TooSlow(_)
        | HttpError::TooLarge(_)
        | HttpError::Redirects
        | HttpError::File(_)
        | HttpError::Kept(_) => ExitCode::Failed,
    };
    Failure::of(code, error)
}

/// Returns the failure for a plan that can't be saved or used.
fn map_saved_plan_error(error: &SavedPlanError) -> Failure {
    match error {
        SavedPlanError::Occupied(_) => Failure::of(ExitCode::Usage, error)
            .hint("give the plan another name, or remove what is there"),
        SavedPlanError::Unwritten { .. } => Failure::of(ExitCode::Failed, error).hint(
            "nothing was sent; check that the folder exists, can be written to, and has room on \
             its disk",
        ),
        SavedPlanError::Unusable { path, .. } => Failure::of(ExitCode::Invalid, error)
            .hint(format!("save a plan there with `zrel plan --out {}`", path.display())),
    }
}

/// Returns the failure for a lock that can't be rebuilt.
fn map_rebuild_error(error: &RebuildError) -> Failure {
    match error {
        RebuildError::TwoConcepts { .. } => Failure::of(ExitCode::Usage, error)
            .hint("leave the flag out, or change `[record.concept]`"),
        RebuildError::NoConcept => Failure::of(ExitCode::Usage, error)
            .hint("name it: `zrel lock --rebuild --concept ID`, by its number or its concept DOI"),
        RebuildError::NoRecord { message, .. } => {
            let mut failure = Failure::of(ExitCode::Invalid, error);
            failure.causes.push(message.clone());
            failure.hint("check the concept: its number follows `zenodo.` in the concept DOI")
        }
        RebuildError::NotOurs { .. } => Failure::of(ExitCode::Credentials, error)
            .hint("check the token: whose it is, and for which server"),
        RebuildError::Refresh(error) => map_refresh_error(error),
        RebuildError::Api(error) => map_api_error(error),
        RebuildError::Engine(error) => map_engine_error(error, None),
    }
}

/// Returns the failure for a record that can't be imported.
fn map_import_error(error: &ImportError) -> Failure {
    let failure = |code| Failure::of(code, error);
    match error {
        ImportError::Api(error) => map_api_error(error),
        ImportError::Unseen { id, server, has_token, source } => {
            map_unseen_record(*id, server, *has_token, source)
        }
        ImportError::RestrictedFiles(_) => failure(ExitCode::Credentials)
            .hint("a manifest lists the record's files: give the token of its owner"),
        ImportError::Name(_) => failure(ExitCode::Invalid),
        ImportError::NotAFile(_) | ImportError::NotAFolder(_) => {
            failure(ExitCode::Invalid).hint("move it away, and run this again")
        }
        ImportError::OtherContent(_) => {
            failure(ExitCode::Confirmation).hint("move it away, or replace it with --force")
        }
        ImportError::Exists(_) => failure(ExitCode::Confirmation)
            .hint("import the record into another folder: -C DIR")
            .hint("or overwrite it: --force"),
        ImportError::Unfinished(_) => failure(ExitCode::Blocked)
            .hint("finish it first: zrel apply")
            .hint("or import the record into another folder: -C DIR"),
        ImportError::Engine(error) => map_engine_error(error, None),
        ImportError::Disk { .. } | ImportError::Part { .. } => failure(ExitCode::Failed),
        ImportError::NoMd5(_) => failure(ExitCode::Failed)
            .hint("download it by hand: zrel keeps no file that it can't check"),
        // What arrived is kept under `.zrel/partial`, and the next run asks for the rest.
        ImportError::Download(error) => {
            map_api_error(error).hint("run this again: it goes on from where it stopped")
        }
        ImportError::Damaged { md5, size, .. } => {
            let mut failure = failure(ExitCode::Failed);
            failure.causes.push(format!("its MD5 is not {md5}, or its size not {size}"));
            failure.hint("run this again; if that fails too, the file is damaged on the server")
        }
    }
}

/// Returns the failure for a record that can't be seen.
fn map_unseen_record(id: RecordId, server: &str, has_token: bool, error: &ApiError) -> Failure {
    let failure = map_api_error(error);
    // A tombstone is final: neither another number nor a token helps.
    if error.not_found().is_some_and(|(status, _)| status == 410) {
        return failure.hint("it was removed from the server, and can't be imported");
    }
    if !is_hidden(error) {
        return failure;
    }
    let failure = failure.hint(format!(
        "check the number, and whether {id} is on server `{server}`: name another with --server \
         NAME, or give the address of the record's page"
    ));
    // The server was asked as this user already, so advice about tokens would mislead.
    if has_token {
        return failure;
    }
    failure.hint("a draft, or a restricted record, is read with its owner's token only")
}

/// Returns the failure for an error of a single call.
pub(super) fn map_api_error(error: &ApiError) -> Failure {
    let failure = Failure::of(choose_api_code(error), error);
    match error.kind() {
        // The special cases go first: the general hint about a server that is down would be wrong
        // there.
        ApiErrorKind::Transport(error) if is_no_zenodo(error) => failure.hint(NO_ZENODO),
        ApiErrorKind::Transport(error) if error.is_time_over() => failure.hint(MORE_TIME),
        ApiErrorKind::Transport(HttpError::Certificate(_)) => failure.hint(UNTRUSTED),
        // `Kept` is a fault of this machine's disk, which waiting does not cure.
        ApiErrorKind::Unavailable { .. } | ApiErrorKind::Transport(_)
            if !matches!(error.kind(), ApiErrorKind::Transport(HttpError::Kept(_))) =>
        {
            failure.hint("the server may be down or busy: run this again later")
        }
        ApiErrorKind::RateLimited { wait: Some(wait), .. } if *wait > Duration::from_mins(1) => {
            failure.hint(format!("wait {} seconds, and run this again", wait.as_secs()))
        }
        ApiErrorKind::RateLimited { .. } => failure.hint("wait a minute, and run this again"),
        ApiErrorKind::NotZenodo { .. } => failure.hint(NO_ZENODO),
        ApiErrorKind::Elsewhere(_) => failure.hint(MIXED_UP),
        ApiErrorKind::Forbidden { .. } => {
            failure.hint("check the token: whose it is, and for which server")
        }
        ApiErrorKind::Refused { .. }
        | ApiErrorKind::NotFound { .. }
        | ApiErrorKind::Stale { .. }
        | ApiErrorKind::Unavailable { .. }
        | ApiErrorKind::Transport(_) => failure,
    }
}

/// What to do when another program than a Zenodo answers.
const NO_ZENODO: &str = "check the server's url in the manifest, and whether a proxy answers";

/// What to do when the certificate is not trusted.
pub(super) const UNTRUSTED: &str = "check the server's url and this machine's clock; where a \
    proxy or an institution signs for others, add its certificate to those that this system \
    trusts. No token was sent";

/// What to do when answers are mixed up.
const MIXED_UP: &str = "nothing was bound to it. A proxy or a cache on the way may mix answers up: \
                        run this again, or go around it";

/// What to do when the run's time is over.
const MORE_TIME: &str = "give it more time, with --time-limit";

/// Returns whether the answer is one that no Zenodo sends.
fn is_no_zenodo(error: &HttpError) -> bool {
    matches!(error, HttpError::OtherOrigin(_) | HttpError::TooLarge(_) | HttpError::Redirects)
}

fn choose_api_code(error: &ApiError) -> ExitCode {
    match error.kind() {
        ApiErrorKind::Unavailable { .. }
        | ApiErrorKind::NotZenodo { .. }
        | ApiErrorKind::Elsewhere(_) => ExitCode::Unavailable,
        // A lost connection or a proxy's page may pass, and 69 says that running again can help.
        ApiErrorKind::Transport(error)
            if error.is_passing() || error.is_time_over() || is_no_zenodo(error) =>
        {
            ExitCode::Unavailable
        }
        ApiErrorKind::Transport(HttpError::Certificate(_)) => ExitCode::Untrusted,
        ApiErrorKind::RateLimited { .. } => ExitCode::Busy,
        ApiErrorKind::Forbidden { .. } => ExitCode::Credentials,
        ApiErrorKind::Transport(_)
        | ApiErrorKind::Refused { .. }
        | ApiErrorKind::NotFound { .. }
        | ApiErrorKind::Stale { .. } => ExitCode::Failed,
    }
}

/// Returns the failure for a refresh that could not read the server.
pub(super) fn map_refresh_error(error: &RefreshError) -> Failure {
    match error {
        RefreshError::Credentials { .. } => Failure::of(ExitCode::Credentials, error)
            .hint("check the token: whether it is for this server, and has not expired"),
        RefreshError::NotAConcept { concept, .. } => Failure::of(ExitCode::Invalid, error)
            .hint(format!("name {concept} instead, or its DOI")),
        // Such a reading would end in a second version, so nothing is planned from it.
        RefreshError::Late(_) => Failure::of(ExitCode::Unavailable, error)
            .hint("it may show an older state for a while: run this again later")
            .hint("if it still does, `zrel lock --rebuild` relies on what the server shows"),
        RefreshError::Api(error) => map_api_error(error),
    }
}

/// Returns the failure for a local server that can't start.
pub(super) fn map_local_error(error: &LocalError) -> Failure {
    match error {
        LocalError::Damaged { .. } | LocalError::Store { .. } => {
            Failure::of(ExitCode::Invalid, error).hint(SET_ASIDE)
        }
        LocalError::InUse { .. } => {
            Failure::of(ExitCode::Busy, error).hint("end it, and run this again")
        }
        LocalError::Folder { .. }
        | LocalError::Port { .. }
        | LocalError::Unanswered { .. }
        | LocalError::Seed { .. }
        | LocalError::Setup(_) => Failure::of(ExitCode::Failed, error),
    }
}

/// What to do when the local server's data can't be used.
pub(super) const SET_ASIDE: &str = "to begin with an empty local server, run `zrel serve \
    --set-aside`, with the same --data if any: it moves these data into a folder beside them, and \
    deletes nothing";

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
        failure = failure.with_findings(&findings, Some(project.source()));
    }
    failure.hints.extend(list_next_steps(error, project));
    failure
}

/// Returns what a server refuses as findings at the lines of the manifest.
fn place_refusals(refusal: &ApiError, sent: &Metadata, project: &Project) -> Vec<Finding> {
    let spans = &project.manifest.metadata.spans;
    let findings =
        check::report_refused_fields(refusal.field_errors(), refusal.refused_word(), sent);
    let placed = findings.into_iter().map(|(field, finding)| match spans.get(&field) {
        Some(span) => finding.at(*span, "refused by the server"),
        None => finding,
    });
    placed.collect()
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
        Mismatch::Unread(_) => {
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

fn choose_apply_code(error: &ApplyError) -> ExitCode {
    let is_partly = error.done > 0 || error.draft.is_some() || error.published.is_some();
    match &error.kind {
        ApplyErrorKind::Blocked | ApplyErrorKind::ReadBack(_) => ExitCode::Blocked,
        // The plan no longer fits its files or its record, and only a new plan helps.
        ApplyErrorKind::FileChanged(_) | ApplyErrorKind::Superseded(_) => ExitCode::Stale,
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
        | ApplyErrorKind::CommunityRefused { .. } => ExitCode::Partly,
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

/// Returns the hints about what to do next and what was done.
fn list_next_steps(error: &ApplyError, project: &Project) -> Vec<String> {
    let ApplyError { done, of, draft, published, kind } = error;
    let zrel = project.paths.zrel();
    let mut hints = Vec::new();
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
        ApplyErrorKind::FileChanged(_) | ApplyErrorKind::Superseded(_) => {
            hints.push(format!(
                "nothing was published; run `{zrel} plan` to see what it would be now"
            ));
        }
        // Their own hints say what to change; running again unchanged would stop again.
        ApplyErrorKind::ReadBack(_) | ApplyErrorKind::Blocked => {}
        ApplyErrorKind::Api(_)
        | ApplyErrorKind::DraftChanged
        | ApplyErrorKind::ChangedAfterPublish { .. }
        | ApplyErrorKind::RecordUnread(_)
        | ApplyErrorKind::FileUnreadable { .. }
        | ApplyErrorKind::DamagedUpload { .. }
        | ApplyErrorKind::CommunityRefused { .. }
        | ApplyErrorKind::Interrupted
        | ApplyErrorKind::OutOfTime(_) => {
            hints.push(format!("run `{zrel} apply` again: it goes on from here"));
        }
        ApplyErrorKind::Journal(_) | ApplyErrorKind::Lock(_) => {
            hints.push(format!(
                "make sure that it can be written, then run `{zrel} apply` again: it goes on from here"
            ));
        }
    }
    let kept = match (draft, published) {
        (_, Some(record)) => format!("; record {record} is published"),
        // «is kept» would claim that the publish call was not done.
        (Some(draft), None) if matches!(kind, ApplyErrorKind::PublishUnknown(_)) => {
            format!("; draft {draft} was being published")
        }
        (Some(draft), None) => format!("; draft {draft} is kept"),
        (None, None) => String::new(),
    };
    hints.push(format!("done: {done} of {of} steps{kept}"));
    hints
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
