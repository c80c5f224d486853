//! Callouts: what can't be undone, or is easily overlooked; one list for every format of a plan.

use std::collections::HashSet;

use crate::model::{Field, FieldChange, FileChange, FileChangeKind, FileKey, Value};
use crate::plan::{Operation, Plan};

use super::size::count;
use super::words::describe_publish_warning;

/// How many names of files are shown, in all.
const NAMED: usize = 5;

/// How many characters of a value are shown.
const SHOWN: usize = 60;

/// Fields of which a change matters more than it looks, and what is said of it.
const WATCHED: &[(Field, &str)] = &[
    (Field::Creators, "Creators are removed or changed:"),
    (Field::License, "The licence changes:"),
    (Field::Licenses, "The licences change:"),
    (Field::AccessRight, "Who has access changes:"),
];

/// Makes a foreign text harmless, cut to so many characters.
pub(super) type Quote = fn(&str, usize) -> String;

/// One thing to see first: words of our own that stand out, and what follows them, with foreign
/// texts quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Callout {
    /// The words that stand out.
    pub(super) lead: &'static str,
    /// What follows.
    pub(super) text: String,
}

/// Returns all callouts of a plan, the most severe first.
pub(super) fn list_callouts(plan: &Plan, quote: Quote) -> Vec<Callout> {
    let publishes = describe_publish_warning(plan)
        .map(|warning| Callout { lead: "Publishes:", text: warning.to_owned() });
    let mut all: Vec<Callout> =
        publishes.into_iter().chain(build_deletion_callouts(plan, quote)).collect();
    // A new record removes nothing.
    if !matches!(plan.operation, Operation::NewRecord { .. }) {
        all.extend(plan.metadata.iter().filter_map(|change| build_field_callout(change, quote)));
    }
    all
}

/// Returns the callout for a change that removes something from a watched field.
fn build_field_callout(change: &FieldChange, quote: Quote) -> Option<Callout> {
    let (_, lead) = WATCHED.iter().find(|(field, _)| *field == change.field)?;
    // A field that had no value loses nothing.
    let before = change.before.as_ref()?.items();
    let after = change.after.as_ref().map(Value::items).unwrap_or_default();
    let kept: HashSet<&String> = after.iter().collect();
    let gone: Vec<&String> = before.iter().filter(|item| !kept.contains(item)).collect();
    let first = gone.first()?;
    let gone_first = quote(first, SHOWN);
    if change.field == Field::Creators {
        let more = gone.len() - 1;
        let more = if more == 0 { String::new() } else { format!(" and {more} more") };
        return Some(Callout { lead, text: format!("{gone_first}{more}.") });
    }
    let text = match after.iter().find(|item| !before.contains(item)) {
        Some(now) => format!("{gone_first} becomes {}.", quote(now, SHOWN)),
        None => format!("{gone_first} is removed."),
    };
    Some(Callout { lead, text })
}

/// Returns the callouts for files whose content is not in the next version, and for those that have
/// another name there: links to the old name do not lead to it.
fn build_deletion_callouts(plan: &Plan, quote: Quote) -> Vec<Callout> {
    let deleted = plan.files.iter().filter(|f| matches!(f.kind, FileChangeKind::Deleted(_)));
    let (renamed, gone): (Vec<&FileChange>, Vec<&FileChange>) =
        deleted.partition(|file| file.renamed.is_some());
    let name = |key: &FileKey| quote(key.as_str(), SHOWN);
    let names = gone.iter().take(NAMED).map(|file| name(&file.key)).collect::<Vec<_>>();
    // The shortest comment has no room for more names than these.
    let n_pairs = (NAMED - names.len()) / 2;
    let pairs = renamed.iter().take(n_pairs).filter_map(|file| {
        Some(format!("{} to {}", name(&file.key), name(file.renamed.as_ref()?)))
    });
    let pairs = pairs.collect::<Vec<_>>();
    [
        ("Not in the next version:", list_some(&names, gone.len())),
        ("Renamed in the next version:", list_some(&pairs, renamed.len())),
    ]
    .into_iter()
    .filter_map(|(lead, list)| {
        let text = format!("{}. Earlier versions keep what they have.", list?);
        Some(Callout { lead, text })
    })
    .collect()
}

/// Returns the first of so many files, and how many more there are; none without a file.
fn list_some(first: &[String], n_files: usize) -> Option<String> {
    let n_more = n_files - first.len();
    match (first.is_empty(), n_more) {
        (true, 0) => None,
        (true, n) => Some(count(n, "file")),
        (false, 0) => Some(first.join(", ")),
        (false, n) => Some(format!("{} and {n} more", first.join(", "))),
    }
}
