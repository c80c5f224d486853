//! The findings about reviews by communities, and about leaving one.

use jiff::Timestamp;

use crate::model::{Community, Finding, RecordId, Server, ServerKind};
use crate::observed::CommunityStatus;

/// Names a community in a sentence.
pub(super) fn name_community(community: Option<&Community>) -> String {
    community.map_or_else(|| "a community".to_owned(), |slug| format!("community `{slug}`"))
}

/// Reports a draft that a community reviews.
pub(super) fn report_under_review(
    draft: RecordId,
    (community, since): (Option<&Community>, Option<Timestamp>),
    zrel: &str,
) -> Finding {
    let who = name_community(community);
    let since =
        since.map_or_else(String::new, |since| since.strftime(" since %Y-%m-%d").to_string());
    Finding::error("ZR0303", format!("draft {draft} is under review by {who}{since}"))
        .because("the community's acceptance publishes it, and nothing else can")
        .hint(format!("wait for the curators: `{zrel} status --watch` ends when they have decided"))
        .hint("or cancel the review on the draft's page")
}

/// Reports a review that somebody or the server chose, and that the manifest does not want.
pub(super) fn report_chosen_review(draft: RecordId, community: Option<&Community>) -> Finding {
    let who = name_community(community);
    let entry = match community {
        Some(slug) => format!("[[communities]] has to have `id = \"{slug}\"` with"),
        None => "the community has to have, under [[communities]],".to_owned(),
    };
    Finding::error("ZR0329", format!("{who} is to review draft {draft} before it is published"))
        .because("the server publishes a draft with such a review only when the community accepts")
        .hint(format!("to submit it, {entry} `review = \"before-publish\"`"))
        .hint("to publish without a review, remove the community on the draft's page")
}

/// Reports a draft that a community declined.
pub(super) fn report_declined_review(
    (draft, is_wanted): (RecordId, bool),
    community: Option<&Community>,
    (server, zrel, command): (&Server, &str, &str),
) -> Finding {
    let who = name_community(community);
    let finding = Finding::error("ZR0328", format!("{who} declined draft {draft}"));
    let words = match server.kind {
        ServerKind::Local => "the local server has no page with what the curators say".to_owned(),
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => {
            format!("what the curators say is on the request's page: {}/me/requests", server.url)
        }
    };
    if is_wanted {
        return finding
            .because("the manifest wants a review, and the server takes no second submission of a draft")
            .hint(words)
            .hint(format!(
                "to submit once more, discard the draft and apply again: the next draft gets another \
                 DOI: `{zrel} discard {draft}`"
            ))
            .hint("to publish without the community, remove `review` under [[communities]], and confirm");
    }
    finding
        .because("the server would publish it all the same, and that can't be undone")
        .hint(words)
        .hint(format!(
            "to publish it all the same, confirm at the terminal, or run \
             `{command} --publish-declined {draft}`"
        ))
}

/// Reports that the record leaves a community.
pub(super) fn report_leaving(community: &Community, command: &str) -> Finding {
    Finding::error("ZR0330", format!("the record leaves community `{community}`"))
        .because("the manifest named it when it was asked, and does not any more")
        .hint(format!("to stay in it, name it under [[communities]]: `id = \"{community}\"`"))
        .hint(format!(
            "to leave it, confirm at the terminal, or run `{command} --leave {community}`"
        ))
}

/// Reports a required community that declined, or that has the record no more.
pub(super) fn report_required_declined(
    community: &Community,
    status: Option<CommunityStatus>,
    command: &str,
) -> Finding {
    let summary = if status == Some(CommunityStatus::Left) {
        format!("community `{community}` had the record, and has it no more")
    } else {
        format!("community `{community}` declined the record")
    };
    Finding::error("ZR0331", summary)
        .because("the manifest has `required = true` for it")
        .hint(format!("to ask it again: `{command} --ask-again {community}`"))
        .hint("or remove `required`, or the community, under [[communities]]")
}
