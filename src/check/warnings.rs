//! Warnings and notes: what a plan may do, and a person should look at first.

use super::reviews::name_community;
use super::{records_api, sharing, vocabularies};
use crate::model::{Field, FieldChange, FileChangeKind, Finding, Server};
use crate::observed::{CommunityStatus, View};
use crate::plan::{Blocker, CommunityPlan, Operation, Plan, Unresolved};

/// The codes of warnings and what they mean.
pub const CODES: &[(&str, &str)] = &[
    ("ZR0401", "the server holds something that the plan would lose"),
    ("ZR0402", "an open draft is left as it is"),
    ("ZR0403", "files are removed from the next version"),
    ("ZR0404", "the licence of a published record changes"),
    ("ZR0405", "what is decided only when the plan is applied"),
    ("ZR0406", "the server has another address than the lock says"),
    ("ZR0407", "what a public plan can't see"),
    ("ZR0415", "a community can't be asked, and there is nothing else to do"),
    ("ZR0416", "what a community declined is published all the same"),
    ("ZR0417", "the records API writes the metadata, or everything"),
    (sharing::REFUSED, "who has access to the record can't be read"),
    (sharing::OVER, "a secret link has ended"),
    (vocabularies::LEFT, "ids of the server's vocabularies were not found, or not looked up"),
    (super::records_api::MINTED, "a record has a DOI, and `dois = false` says it gets none"),
];

/// Returns the warnings and notes for a plan.
pub(super) fn list_warnings(plan: &Plan) -> Vec<Finding> {
    let mut findings = Vec::new();
    findings.extend(plan.unsupported.iter().map(|loss| {
        Finding::warning(
            "ZR0401",
            format!("writing the metadata loses {}: {}", loss.place, loss.what),
        )
        .because("the manifest does not say it, and writing the metadata replaces everything")
        .hint(if loss.is_said() {
            "to keep it, say it in the manifest, as `zrel import` does; no `deposit` may stand under \
             [api] then"
        } else if plan.metadata_api.is_records() {
            "no manifest can say it; it stays where the value that it is part of does not change"
        } else {
            "no manifest can say it; what is published of it is kept without `deposit` under [api]"
        })
    }));
    findings.extend(records_api::report_records_api(plan));
    findings.extend(warn_of_removed_files(plan));
    findings.extend(plan.metadata.iter().filter_map(|change| warn_of_licence_change(plan, change)));
    findings.extend(report_stray_draft(plan));
    findings.extend(report_open_values(plan));
    findings.extend(report_unseen_state(plan));
    findings.extend(warn_of_closed_communities(plan));
    findings.extend(warn_of_declined_draft(plan));
    findings.extend(sharing::warn_of_sharing(plan));
    findings
}

/// Warns of communities that take only their members' records, when the plan has nothing else to
/// do: then they block nothing.
fn warn_of_closed_communities(plan: &Plan) -> impl Iterator<Item = Finding> + '_ {
    let is_closed = |wanted: &&CommunityPlan| wanted.status == Some(CommunityStatus::Closed);
    let closed = plan.communities.iter().filter(is_closed).filter(|_| plan.steps.is_empty());
    closed.map(|wanted| {
        let summary = format!("community `{}` takes records of its members only", wanted.community);
        Finding::warning("ZR0415", summary)
            .because("the account that the token is for is no member, so that it is not asked")
            .hint("ask its curators to make you a member, or remove it from [[communities]]")
    })
}

/// Warns of a draft that a community declined and that is published as `--publish-declined` says.
fn warn_of_declined_draft(plan: &Plan) -> Option<Finding> {
    let declined = plan.settled.iter().find_map(|blocker| {
        if let Blocker::ReviewDeclined { draft, community, .. } = blocker {
            Some((draft, community))
        } else {
            None
        }
    });
    let (draft, community) = declined?;
    let who = name_community(community.as_ref());
    let summary = format!("{who} declined draft {draft}, and it is published all the same");
    Some(Finding::warning("ZR0416", summary).because("a person confirmed it"))
}

/// Reports an open draft or edit that the plan does not use.
fn report_stray_draft(plan: &Plan) -> Option<Finding> {
    let draft = plan.stray_draft?;
    // An open edit has the id of its published record.
    let what = if plan.base.version == Some(draft) {
        format!("record {draft} is being edited, and the edit is left as it is")
    } else {
        format!("draft {draft} is open on the server and is left as it is")
    };
    Some(Finding::note("ZR0402", what))
}

/// Reports what a plan made without a token can't see.
fn report_unseen_state(plan: &Plan) -> Option<Finding> {
    // Without a readable record nothing is planned, and a blocker says why.
    let is_blind = plan.view == View::Public && plan.operation != Operation::Impossible;
    is_blind.then(|| {
        let what = if plan.base.version.is_some() {
            "drafts, open edits, and requests to communities are not to be seen; an apply asks no \
             community twice"
        } else {
            "records of the same title, and drafts, are not to be seen; an apply looks for them"
        };
        Finding::note("ZR0407", "the plan was made without a token, from what anybody can see")
            .because(what)
    })
}

/// Warns of a server that is at another address than when it was last written to: a pull request
/// may have changed it.
pub fn warn_of_moved_server(was: &str, server: &Server) -> Finding {
    let summary = format!(
        "`{}` was {was} when it was last applied to, and is {} now",
        server.name, server.url
    );
    Finding::warning("ZR0406", summary)
        .because("the same name at another address is another server, with other records")
        .hint("see who changed `url`, and why, before you apply")
}

fn warn_of_removed_files(plan: &Plan) -> Option<Finding> {
    let is_removed = |kind: &FileChangeKind| matches!(kind, FileChangeKind::Deleted(_));
    let n_removed = plan.files.iter().filter(|file| is_removed(&file.kind)).count();
    let all = plan.files.len();
    (n_removed > 0 && n_removed * 2 > all).then(|| {
        Finding::warning(
            "ZR0403",
            format!("{n_removed} of {all} files are not in the next version"),
        )
        .because("earlier versions keep them")
    })
}

fn warn_of_licence_change(plan: &Plan, change: &FieldChange) -> Option<Finding> {
    let published = matches!(plan.operation, Operation::Edit { .. });
    // A new version may change its licence: earlier ones keep theirs.
    let is_licence = matches!(change.field, Field::License | Field::Licenses);
    (published && is_licence && change.before.is_some()).then(|| {
        Finding::warning("ZR0404", "the licence of a published version changes")
            .because("whoever has it already got it under the earlier licence")
    })
}

fn report_open_values(plan: &Plan) -> Vec<Finding> {
    if plan.steps.is_empty() {
        return Vec::new();
    }
    let texts = plan.unresolved.iter().filter_map(|open| match open {
        Unresolved::Day(None) => {
            Some("the publication date is the day (UTC) of the apply".to_owned())
        }
        Unresolved::Day(Some(day)) => {
            Some(format!("the publication date is {day}, as when the DOI was reserved"))
        }
        // Without a label the plan has a blocker, which says so.
        Unresolved::Tag(_) => None,
    });
    texts.map(|text| Finding::note("ZR0405", text)).collect()
}
