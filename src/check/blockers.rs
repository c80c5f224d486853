//! Turns each blocker into a finding: what, why, and the way out.

use crate::model::{
    Community, Doi, Field, FileChange, FileChangeKind, FileKey, Finding, Link, LinkedDoi,
    ManifestPlace, Recid, RecordId, Server, ServerKind,
};
use crate::observed::Candidate;
use crate::plan::{Blocker, Plan, Unresolved};

use super::binding;
use super::invocation::Invocation;
use super::{reviews, sharing, vocabularies};

/// The codes of blockers and what they mean.
pub const CODES: &[(&str, &str)] = &[
    ("ZR0301", "the record does not exist, or was removed"),
    ("ZR0302", "the record belongs to another account"),
    ("ZR0303", "a community reviews the draft"),
    ("ZR0304", "an open draft or edit is not known to be zrel's"),
    ("ZR0305", "an open draft is not listed yet"),
    ("ZR0306", "the record's DOI was made elsewhere, so it can have no new version"),
    ("ZR0307", "the version label is that of a published version"),
    ("ZR0308", "the version label comes from a git tag, and the commit has none"),
    ("ZR0309", "creating a record needs a confirmation"),
    ("ZR0310", "the account has records with the same title or description"),
    ("ZR0311", "the latest version is not the one last applied"),
    ("ZR0312", "the manifest names another record than the lock"),
    ("ZR0313", "the server does not know a community"),
    ("ZR0314", "the server does not know a grant"),
    ("ZR0315", "the server would drop a text"),
    ("ZR0316", "the record or its files are not public"),
    ("ZR0317", "another manifest is bound to the same record"),
    ("ZR0318", "the lock has the entry of a manifest that is gone, and this one has none"),
    ("ZR0319", "what is published there has nothing in common with the manifest"),
    ("ZR0320", "`keep` names no file that is published"),
    ("ZR0321", "a file that is to be kept can't be"),
    ("ZR0322", "the lock has a version of another record"),
    ("ZR0323", "a DOI was reserved for another version label"),
    ("ZR0324", "the draft whose DOI was reserved is gone"),
    ("ZR0325", "a community takes records of its members only"),
    ("ZR0326", "files of `[[write]]` do not have the DOI, the version and the date of the release"),
    ("ZR0327", "a record links to a member of the workspace whose DOI is not known yet"),
    ("ZR0328", "a community declined the draft"),
    ("ZR0329", "a review was chosen for the draft, and the manifest wants none"),
    ("ZR0330", "the record leaves a community"),
    ("ZR0331", "a community that the manifest requires declined the record"),
    ("ZR0332", "an open draft or edit has a DOI that nobody planned"),
    (super::records_api::PUBLISHER, "the server needs a publisher, and the manifest names none"),
    (
        super::records_api::LICENSE,
        "the manifest names no licence, and the server gives none by itself",
    ),
    (super::records_api::DOIS, "`doi_prefix` makes another DOI than the server"),
    (sharing::UNKNOWN, "somebody is to have access whom the server does not know"),
    (vocabularies::UNKNOWN, "the server does not know an id of one of its vocabularies"),
    (super::records_api::NO_DOIS, "`dois = false` for a server that gives every record a DOI"),
];

/// Returns the finding for a blocker.
#[expect(clippy::too_many_lines, reason = "one entry a kind; to cut it would hide one")]
pub(super) fn report_blocker(blocker: &Blocker, plan: &Plan, invocation: &Invocation) -> Finding {
    let zrel = invocation.with_manifest.as_str();
    let command = invocation.command_line.as_str();
    match blocker {
        Blocker::Gone { status, message } => report_gone(*status, message, (plan, zrel)),
        Blocker::NotOurs { message } => report_not_ours(message, plan),
        Blocker::NotPublic { message } => report_not_public(message, plan, zrel),
        Blocker::UnderReview { draft, community, since } => {
            reviews::report_under_review(*draft, (community.as_ref(), *since), zrel)
        }
        Blocker::ReviewChosen { draft, community } => {
            reviews::report_chosen_review(*draft, community.as_ref())
        }
        Blocker::ReviewDeclined { draft, community, is_wanted } => reviews::report_declined_review(
            (*draft, *is_wanted),
            community.as_ref(),
            (&plan.server, zrel, command),
        ),
        Blocker::ForeignDraft { draft, is_edit, foreign } => {
            report_foreign_draft((*draft, *is_edit), foreign, (zrel, command))
        }
        Blocker::UnseenDraft => Finding::error(
            "ZR0305",
            "a newer draft of this record is open, and the server does not list it yet",
        )
        .hint("run the command again in a few seconds"),
        Blocker::ForeignDoi { draft, is_edit, doi } => {
            report_foreign_doi((*draft, *is_edit), doi, (plan, zrel))
        }
        Blocker::ExternalDoi(doi) => report_external_doi(doi),
        Blocker::LabelTaken { label, version } => {
            report_label_taken(label, *version, (plan, invocation))
        }
        Blocker::LabelUnknown => report_label_unknown(plan, zrel),
        Blocker::ReservedForAnother { draft, reserved, wanted } => {
            report_reserved_label(*draft, (reserved.as_deref(), wanted.as_deref()), zrel)
        }
        Blocker::ReservationLost(draft) => report_lost_reservation(*draft, zrel),
        Blocker::Unwritten { doi, files } => report_unwritten(doi.as_ref(), files, (plan, zrel)),
        Blocker::LinksUnknown(links) => report_unknown_links(links),
        Blocker::FirstRecord => report_first_record(plan, command),
        Blocker::Alike(candidates) => report_possible_duplicates(candidates, invocation),
        Blocker::NotLastApplied { last, latest } => {
            report_not_last_applied((*last, *latest), &plan.server, (zrel, command))
        }
        Blocker::BindingChanged { lock, manifest } => {
            binding::report_changed_binding((*lock, *manifest), plan, invocation)
        }
        Blocker::SharedRecord { concept, manifest, other } => {
            binding::report_shared_record(*concept, (manifest, other), invocation)
        }
        Blocker::Renamed { manifest, gone } => {
            binding::report_renamed_manifest(manifest, gone, (plan, invocation))
        }
        Blocker::AnotherWork { version, title, creators } => {
            binding::report_another_work((*version, title, creators), plan, invocation)
        }
        Blocker::LockAstray { astray, concept, manifest } => {
            binding::report_lock_astray(*astray, *concept, (manifest, invocation))
        }
        Blocker::UnknownCommunity(community) => report_unknown_community(community, plan),
        Blocker::UnknownId(id) => vocabularies::report_unknown_id(id, plan),
        Blocker::UnknownGrantee(grantee) => sharing::report_unknown_grantee(grantee, plan, zrel),
        Blocker::LeavesCommunity(community) => reviews::report_leaving(community, command),
        Blocker::RequiredDeclined(community) => {
            let wanted = plan.communities.iter().find(|one| one.community == *community);
            let status = wanted.and_then(|one| one.status);
            reviews::report_required_declined(community, status, command)
        }
        Blocker::ClosedCommunity(community) => report_closed_community(community),
        Blocker::UnknownGrant(grant) => report_unknown_grant(grant, plan),
        Blocker::TextLost(field) => report_text_lost(*field),
        Blocker::KeepsNothing(pattern) => report_keeps_nothing(pattern, plan),
        Blocker::NotKept { key, draft } => report_not_kept(key, *draft, zrel),
    }
}

/// Returns the place in the manifest that a blocker is about; none for one of the record or the lock.
pub(super) fn find_blocked_place(blocker: &Blocker) -> Option<ManifestPlace> {
    let (under, word) = if let Blocker::UnknownId(id) = blocker {
        (vocabularies::list_places(id.vocabulary), id.id.clone())
    } else if let Blocker::UnknownGrant(grant) = blocker {
        (vec![vec!["metadata", "grants"]], grant.clone())
    } else if let Blocker::UnknownGrantee(grantee) = blocker {
        (vec![vec!["access", "grants"]], grantee.id().to_owned())
    } else if let Blocker::UnknownCommunity(community) | Blocker::ClosedCommunity(community) =
        blocker
    {
        (vec![vec!["communities"]], community.0.clone())
    } else {
        return None;
    };
    Some(ManifestPlace::Word { under, word })
}

fn describe_record(plan: &Plan) -> String {
    plan.base.concept.map_or_else(|| "the record".to_owned(), |id| format!("record {id}"))
}

fn report_gone(status: u16, message: &str, (plan, zrel): (&Plan, &str)) -> Finding {
    let which = describe_record(plan);
    let finding =
        Finding::error("ZR0301", format!("{which} is not to be had: the server answers {status}"))
            .because(format!("the server says: {message}"))
            .hint("check the concept under [record.concept] and the `server` of the manifest");
    // Only a record that was never published can be lost with its draft.
    if status == 404 && plan.base.last_applied.is_none() {
        return finding.hint(format!("if its draft was discarded: `{zrel} discard` forgets it"));
    }
    finding
}

fn report_not_ours(message: &str, plan: &Plan) -> Finding {
    Finding::error("ZR0302", format!("{} belongs to another account", describe_record(plan)))
        .because(format!("the server says: {message}"))
        .hint("use a token of the record's owner")
}

fn report_not_public(message: &str, plan: &Plan, zrel: &str) -> Finding {
    Finding::error("ZR0316", format!("{} is not for everybody to see", describe_record(plan)))
        .because(message.to_owned())
        .hint(format!("plan as its owner: `{zrel} plan` without --public, with a token"))
}

fn report_foreign_doi(
    (draft, is_edit): (RecordId, bool),
    doi: &Doi,
    (plan, zrel): (&Plan, &str),
) -> Finding {
    let place = if is_edit { "the edit of record" } else { "draft" };
    let mut finding = Finding::error(
        "ZR0332",
        format!("{place} {draft} has the DOI {doi}, which nobody planned"),
    )
    .because("publishing would put the record under it, and a PUT without a DOI leaves it");
    // Made of the draft's id, under another prefix than the manifest's.
    if plan.server.kind == ServerKind::Other && Recid::parse_named(doi.as_str()) == Some(draft.0) {
        let (name, prefix) = (&plan.server.name, doi.prefix());
        finding = finding.hint(format!(
            "if {name} makes DOIs of {prefix}: correct `doi_prefix` under [servers.{name}]"
        ));
    }
    finding
        .hint("if it is meant, name it: `doi` under [metadata]")
        .hint(format!("if not, discard the draft after a look at it: `{zrel} discard {draft}`"))
}

fn report_external_doi(doi: &Doi) -> Finding {
    Finding::error("ZR0306", format!("files differ, and the record's DOI {doi} was made elsewhere"))
        .because("the server gives no new version to a record with an external DOI")
        .hint("bring the files back to what is published, or publish them as a record of their own")
}

fn report_label_taken(
    label: &str,
    version: RecordId,
    (plan, invocation): (&Plan, &Invocation),
) -> Finding {
    // A reservation reads no files.
    let differ = !invocation.is_reserve && plan.files.iter().any(|file| !file.is_kept());
    let lead = if differ { "files differ, and " } else { "" };
    Finding::error("ZR0307", format!("{lead}version `{label}` is published already"))
        .because(format!("it is the label of record {version}; two versions would look alike"))
        .hint(if plan.unresolved.iter().any(|open| matches!(open, Unresolved::Tag(_))) {
            "commit the changes, and tag that commit with the next version"
        } else {
            "raise `version` in the manifest"
        })
}

fn report_label_unknown(plan: &Plan, zrel: &str) -> Finding {
    // A note and no error: before the tag is made, this is the usual state of a commit.
    let finding = Finding::note("ZR0308", "the version label is known at the tag")
        .because("`version` comes from a git tag, and the commit has none");
    let is_unwritten = |blocker: &Blocker| matches!(blocker, Blocker::Unwritten { .. });
    // A tag on this commit would have files without the DOI.
    if plan.blockers.iter().any(is_unwritten) {
        return finding.hint("make the tag after the release, since its DOI comes into the files");
    }
    finding.hint(format!("tag the commit, then run `{zrel} apply` there"))
}

fn report_lost_reservation(draft: RecordId, zrel: &str) -> Finding {
    Finding::error("ZR0324", format!("draft {draft}, whose DOI was reserved, is gone"))
        .because("it was discarded, and the files may carry a DOI that nothing will have")
        .hint(format!("to reserve another DOI: `{zrel} reserve`, then write it into the files"))
        .hint(format!("to release without one: `{zrel} discard` forgets it"))
}

fn report_unknown_links(links: &[Link]) -> Finding {
    const SHOWN: usize = 5;
    let names: Vec<String> = links.iter().take(SHOWN).map(describe_link).collect();
    let more = match links.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    // A note and no error: until its first release, a member has no DOI.
    Finding::note("ZR0327", format!("the DOI of {}{more} is not known yet", names.join(", ")))
        .because("the record links to it")
        .hint("`zrel apply` at the root of the workspace reserves it first")
}

fn describe_link(link: &Link) -> String {
    match link.doi {
        LinkedDoi::Concept => format!("`{}`", link.key),
        LinkedDoi::Version => format!("the version of `{}`", link.key),
    }
}

fn describe_writing(plan: &Plan, zrel: &str) -> String {
    let is_kept =
        |path: &FileKey| plan.target.files.iter().any(|file| file.kept && file.key == *path);
    let unwritten = plan.blockers.iter().find_map(|blocker| {
        if let Blocker::Unwritten { files, .. } = blocker { Some(files) } else { None }
    });
    let names = unwritten.into_iter().flatten().filter_map(|path| path.rsplit('/').next());
    if let Some(kept) = names.map(FileKey::from_server).find(is_kept) {
        return format!("`keep` leaves `{kept}` as it is published: name it with `path` instead");
    }
    // Of a draft that was opened without a reservation the lock has neither label nor date.
    if plan.unresolved.contains(&Unresolved::Day(None)) {
        return format!("to write them: `{zrel} {}`, then `{zrel} write`", plan.reserve_command());
    }
    format!("to write them: `{zrel} write`")
}

fn report_unwritten(doi: Option<&Doi>, files: &[String], (plan, zrel): (&Plan, &str)) -> Finding {
    let names: Vec<String> = files.iter().map(|path| format!("`{path}`")).collect();
    let names = names.join(", ");
    if let Some(doi) = doi {
        let verb = if files.len() == 1 { "lacks" } else { "lack" };
        return Finding::error("ZR0326", format!("{names} {verb} {doi}, its version or its date"))
            .because("a file of [[write]] has the DOI, the version and the date of its release")
            .hint(describe_writing(plan, zrel));
    }
    if plan.server.doi_prefix.is_none() {
        let name = &plan.server.name;
        return Finding::error("ZR0326", format!("which DOI {names} will have is not known"))
            .because(format!("server `{name}` has no `doi_prefix`, by which zrel knows its DOIs"))
            .hint(format!("add `doi_prefix` to [servers.{name}]"));
    }
    // A note and no error: until the release, this is the usual state of a repository.
    Finding::note("ZR0326", format!("the DOI of this version is to be written into {names}"))
        .because(
            "it is known once it is reserved; the digest of this plan holds after that, and sizes may \
             change by a few bytes",
        )
        .hint(format!(
            "at the release: `{zrel} {}`, `{zrel} write`, commit, then `{zrel} apply`",
            plan.reserve_command()
        ))
}

fn report_reserved_label(
    draft: RecordId,
    (reserved, wanted): (Option<&str>, Option<&str>),
    zrel: &str,
) -> Finding {
    let words = |label: Option<&str>| {
        label.map_or_else(|| "no version label".to_owned(), |label| format!("version `{label}`"))
    };
    let (was, now) = (words(reserved), words(wanted));
    Finding::error("ZR0323", format!("the DOI of draft {draft} was reserved for {was}, not {now}"))
        .because("the files may carry that DOI beside the version for which it was reserved")
        .hint(format!("to use it for {now}: `{zrel} reserve`, then write it into the files again"))
        .hint("or bring `version` in the manifest back")
}

fn report_first_record(plan: &Plan, command: &str) -> Finding {
    Finding::error("ZR0309", format!("this creates a new record on {}", plan.server.name))
        .because("no record is bound: neither the manifest nor zenodo.lock names one")
        .hint("if a record exists already, name its concept DOI under [record.concept]")
        .hint(format!("to create one, confirm at the terminal, or run `{command} --initial`"))
}

fn report_unknown_community(community: &Community, plan: &Plan) -> Finding {
    Finding::error("ZR0313", format!("{} knows no community `{community}`", plan.server.name))
        .because("the server would take the request and drop it without a word")
        .hint("look up the community's identifier: it is the last part of its page's address")
}

fn report_closed_community(community: &Community) -> Finding {
    Finding::error("ZR0325", format!("community `{community}` takes records of its members only"))
        .because("the account that the token is for is no member, so that it can't be asked")
        .hint("ask its curators to make you a member, or remove it from [[communities]]")
}

fn report_unknown_grant(grant: &str, plan: &Plan) -> Finding {
    Finding::error("ZR0314", format!("{} knows no grant `{grant}`", plan.server.name))
        .hint("write it as FUNDER-DOI::NUMBER, for example `10.13039/501100000780::283595`")
}

fn report_text_lost(field: Field) -> Finding {
    Finding::error("ZR0315", format!("`{field}` would be dropped by the server"))
        .because("of its HTML the server keeps fewer than three characters, and then keeps none")
        .hint(
            "write a text that is more than tags: rules and pictures, for example, are taken away",
        )
}

fn report_keeps_nothing(pattern: &str, plan: &Plan) -> Finding {
    let finding = Finding::error("ZR0320", format!("`keep = \"{pattern}\"` names no file"));
    // Nothing is published yet, so no name can be offered.
    let Some(version) = plan.base.version else {
        return finding
            .because("`keep` means files of the latest published version, and there is none yet")
            .hint("name the files on the disk with `path` or `archive`");
    };
    let names: Vec<String> = plan.files.iter().filter_map(quote_published_name).take(5).collect();
    finding
        .because(format!("record {version} has no file of this name, but {}", names.join(", ")))
        .hint("correct the name, or take the entry away")
}

/// Returns the name of a file that the published version has.
fn quote_published_name(file: &FileChange) -> Option<String> {
    match file.kind {
        FileChangeKind::Added(_) => None,
        FileChangeKind::Kept(_) | FileChangeKind::Replaced { .. } | FileChangeKind::Deleted(_) => {
            Some(format!("`{}`", file.key))
        }
    }
}

fn report_not_kept(key: &FileKey, draft: Option<RecordId>, zrel: &str) -> Finding {
    // Without a draft, it is the published file that has no checksum.
    let Some(draft) = draft else {
        return Finding::error("ZR0321", format!("`{key}` can't be kept"))
            .because("the server has no MD5 of it, by which it would be compared")
            .hint("put the file into the folder, and name it with `path`");
    };
    Finding::error("ZR0321", format!("draft {draft} does not have `{key}` as it is published"))
        .because("`keep` leaves what is on the server, and sends nothing")
        .hint(format!(
            "discard it, since the next one has the published files: `{zrel} discard {draft}`"
        ))
        .hint("or put the file into the folder, and name it with `path`")
}

fn report_not_last_applied(
    (last, latest): (RecordId, RecordId),
    server: &Server,
    (zrel, command): (&str, &str),
) -> Finding {
    Finding::error(
        "ZR0311",
        format!("version {latest} was published after {last}, which zrel applied last"),
    )
    .because("somebody published it by other means; the plan would revert what it changed")
    .hint(format!(
        "to take it over, into a manifest that is written again: `{zrel} import {latest} \
         --server {} --force`",
        server.name
    ))
    .hint(format!("to revert it: `{command} --over {latest}`"))
}

fn report_foreign_draft(
    (draft, is_edit): (RecordId, bool),
    foreign: &[String],
    (zrel, command): (&str, &str),
) -> Finding {
    let summary = if is_edit {
        format!("record {draft} is being edited, and the edit is not known to be zrel's")
    } else {
        format!("draft {draft} is open, and is not known to be zrel's")
    };
    // The list is empty when it is withheld from the log of a workflow.
    let because = if foreign.is_empty() {
        format!(
            "what is in it is not for everybody to read, and the log of a workflow may be; \
             `{zrel} plan` on your own machine shows it"
        )
    } else {
        let shown: Vec<&str> = foreign.iter().take(10).map(String::as_str).collect();
        let more = foreign.len().saturating_sub(shown.len());
        let tail = if more > 0 { format!(", and {more} more") } else { String::new() };
        format!("in it, and neither published nor planned: {}{tail}", shown.join(", "))
    };
    Finding::error("ZR0304", summary)
        .because(because)
        .hint(format!("to go on with it and overwrite that: `{command} --adopt-draft {draft}`"))
        .hint(format!("or discard it first, after a look at it: `{zrel} discard {draft}`"))
}

fn report_possible_duplicates(candidates: &[Candidate], invocation: &Invocation) -> Finding {
    let command = &invocation.command_line;
    let shown: Vec<String> = candidates.iter().take(5).map(describe_candidate).collect();
    let mut finding = Finding::error(
        "ZR0310",
        "this creates a new record, and records of yours have the same title or description, or a \
         DOI that is in your files",
    )
    .because(shown.join("; "))
    .hint("if one of them is meant, name its concept under [record.concept]");
    // Only a draft can be adopted; a published record is named by its concept.
    if let Some(draft) = candidates.iter().find(|candidate| !candidate.is_published) {
        let id = draft.id;
        finding = finding.hint(format!("to go on with a draft: `{command} --adopt-draft {id}`"));
    }
    // A reservation that was forgotten is found by its title: another one is not offered.
    if invocation.is_reserve {
        return finding;
    }
    finding.hint(format!("if another record is meant: `{command} --initial --same-title`"))
}

fn describe_candidate(candidate: &Candidate) -> String {
    let Candidate { id, concept, title: _, description: _, doi, is_published, created } = candidate;
    let state = if *is_published { "published" } else { "draft" };
    let doi = doi.as_ref().map_or_else(String::new, |doi| format!(", {doi}"));
    let made = if created.is_empty() { String::new() } else { format!(", made {created}") };
    format!("{state} {id} of concept {concept}{doi}{made}")
}
