//! `[[communities]]`: which communities the record is to be in, and how they are asked.
//!
//! Deliberately absent: whether a community exists, which only its server knows.

use crate::model::{Community, Finding};

use super::codes;
use super::files::validate_path;
use super::reader::{Entry, Section};
use super::types::{CommunityEntry, Located, ProfilePath};
use super::vocab_checks::shorten_and_escape;

/// The one value of `review`.
const BEFORE_PUBLISH: &str = "before-publish";

/// Reads `[[communities]]`, without repetitions.
pub(super) fn read_communities(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<CommunityEntry> {
    let mut communities: Vec<CommunityEntry> = Vec::new();
    for section in entry.sections("{ id = \"mathematics\" }", found) {
        let Some(community) = read_community(section, found) else { continue };
        match communities.iter().find(|first| first.id.value == community.id.value) {
            Some(first) => found.push(report_second_entry(first, &community)),
            None => communities.push(community),
        }
    }
    found.extend(find_second_review(&communities));
    communities
}

/// Reports a second entry of a community: an error where it says something else than the first, such
/// as that the community reviews the draft.
fn report_second_entry(first: &CommunityEntry, second: &CommunityEntry) -> Finding {
    let Located { value: slug, span } = &second.id;
    if describe_wish(first) == describe_wish(second) {
        let summary = format!("community `{slug}` is named twice");
        let finding = Finding::warning(codes::REPETITION, summary).at(*span, "named before");
        return finding.hint("take it away; it is asked once");
    }
    let summary = format!("community `{slug}` has two entries, and they differ");
    Finding::error(codes::REPETITION, summary)
        .at(*span, "differs from the entry before")
        .hint("write one entry with all that is meant")
}

/// Returns what an entry says of its community.
fn describe_wish(entry: &CommunityEntry) -> (bool, Option<&str>, bool, Option<&str>) {
    let CommunityEntry { id: _, required, message, before_publish, profile } = entry;
    let message = message.as_ref().map(|message| message.value.as_str());
    let profile = profile.as_ref().map(|profile| profile.file.value.as_str());
    (*required, message, before_publish.is_some(), profile)
}

fn read_community(mut section: Section<'_>, found: &mut Vec<Finding>) -> Option<CommunityEntry> {
    let id = section.require_text("id", found);
    let required = section.take("required").and_then(|entry| entry.flag(found));
    let message = section.text("message", found);
    let review = section.word("review", found);
    let before_publish = review.and_then(|review| validate_review(&review, found));
    if let Some(entry) = section.take("metadata") {
        // What is in it was merged into `[metadata]`, and is read there.
        entry.section("a table: `[communities.metadata]`", found);
    }
    let profile = section.text("profile", found);
    let profile = profile.and_then(|file| validate_path(&file, found));
    section.finish(None, found);
    let id = validate_id(id?, found)?;
    Some(CommunityEntry {
        id,
        required: required.unwrap_or(false),
        message,
        before_publish,
        profile: profile.map(|file| ProfilePath { file, in_root: false }),
    })
}

fn validate_id(id: Located<String>, found: &mut Vec<Finding>) -> Option<Located<Community>> {
    let Located { value, span } = id;
    if let Ok(community) = Community::parse(&value) {
        return Some(Located { value: community, span });
    }
    let summary = format!("`{}` is not a community id", shorten_and_escape(&value));
    found.push(
        Finding::error(codes::COMMUNITY, summary)
            .at(span, "not an id")
            .hint("take the last part of the community's address: `zenodo.org/communities/ID`"),
    );
    None
}

/// Returns the place of a valid `review`.
fn validate_review(review: &Located<String>, found: &mut Vec<Finding>) -> Option<Located<()>> {
    let Located { value, span } = review;
    if value == BEFORE_PUBLISH {
        return Some(Located { value: (), span: *span });
    }
    let summary = format!("`{}` is not a kind of review", shorten_and_escape(value));
    let finding = Finding::error(codes::REVIEW, summary).at(*span, "not a kind of review");
    found.push(
        finding
            .hint(format!("write `review = \"{BEFORE_PUBLISH}\"`"))
            .hint("or remove it: the community is asked after the record is published"),
    );
    None
}

/// Finds a second community that is to review before publication: a draft has one review.
fn find_second_review(communities: &[CommunityEntry]) -> Option<Finding> {
    let mut reviewing = communities
        .iter()
        .filter_map(|one| one.before_publish.as_ref().map(|review| (&one.id.value, review.span)));
    let (first, _) = reviewing.next()?;
    let (second, span) = reviewing.next()?;
    let summary = format!("communities `{first}` and `{second}` are both to review the draft");
    Some(
        Finding::error(codes::REVIEW, summary)
            .at(span, "the second review")
            .because("a draft has one review, and its acceptance publishes it")
            .hint(format!(
                "remove `review` here: `{second}` is asked once the record is published"
            )),
    )
}
