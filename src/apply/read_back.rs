//! Compares what the server holds with what was planned, file by file and field by field.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::compare;
use crate::model::{Field, Metadata, RemoteFile, Rewrite};
use crate::observed::{Draft, Record, Unread, UnsupportedValue, list_foreign_extras};
use crate::plan::{self, FileWork, MetadataApi, Plan, Target, plan_file_work};

/// Something on the server that is not as planned.
#[derive(Debug, Clone, PartialEq)]
pub enum Mismatch {
    /// A field came back with another value.
    Field {
        /// Which.
        field: Field,
        /// What was sent, as the server should return it; empty: nothing.
        planned: String,
        /// What the server holds; empty: nothing.
        found: String,
    },
    /// A file is missing, is too much, or has other bytes.
    File {
        /// What would have to be done, in words.
        what: String,
    },
    /// An entry that can't be read: its content is unknown.
    Unread(Unread),
    /// A value that no field of the metadata says and that is not published.
    Extra(UnsupportedValue),
}

/// Differences that a comparison accepts.
#[derive(Debug, Clone, Default)]
pub(super) struct Allowance {
    /// Rewrites that the lock remembers.
    pub(super) rewrites: BTreeMap<Field, Rewrite>,
    /// Ids under which grants come back.
    pub(super) grants: BTreeMap<String, String>,
    /// Fields whose rewrite a person accepts.
    pub(super) accepted: Vec<Field>,
}

/// Compares all metadata; also returns the rewrites that were accepted.
pub(super) fn compare_metadata(
    plan: &Plan,
    found: &Metadata,
    allowance: &Allowance,
) -> (Vec<Mismatch>, BTreeMap<Field, Rewrite>) {
    let target = &plan.target;
    // A plan of the deposit API says nothing of what that API can't say.
    let found = &match &plan.metadata_api {
        MetadataApi::Deposit => Cow::Owned(compare::select_deposit_fields(found)),
        MetadataApi::Records { .. } | MetadataApi::RecordsAlone { .. } => Cow::Borrowed(found),
    };
    let changes = compare::find_metadata_changes(
        &target.metadata,
        found,
        &allowance.rewrites,
        &allowance.grants,
    );
    let mut mismatches = Vec::new();
    let mut accepted = BTreeMap::new();
    for change in changes {
        let (sent, returned) = (target.metadata.text(change.field), found.text(change.field));
        match (sent, returned) {
            // A person accepts how the server rewrote this text; the digests keep it accepted in
            // later runs.
            (Some(sent), Some(returned)) if allowance.accepted.contains(&change.field) => {
                let digests = (compare::hash_text(sent), compare::hash_text(returned));
                let rewrite = Rewrite { sent: digests.0, returned: digests.1 };
                accepted.insert(change.field, rewrite);
            }
            _ => mismatches.push(build_field_mismatch(change)),
        }
    }
    (mismatches, accepted)
}

fn build_field_mismatch(change: crate::model::FieldChange) -> Mismatch {
    let text = |value: Option<crate::model::Value>| {
        value.map(|value| value.items().join("; ")).unwrap_or_default()
    };
    Mismatch::Field { field: change.field, planned: text(change.after), found: text(change.before) }
}

/// Finds a DOI that the draft would be published under and nobody planned.
pub(super) fn find_foreign_doi(plan: &Plan, draft: &Draft) -> Option<Mismatch> {
    let doi = plan::find_foreign_doi(draft, &plan.target, plan.base.doi.as_ref(), &plan.server)?;
    let (planned, found) = (String::new(), doi.to_owned());
    Some(Mismatch::Field { field: Field::Doi, planned, found })
}

/// Finds a draft that would be published without a DOI: a server of the records API alone may have
/// DOIs as an option.
pub(super) fn find_missing_doi(plan: &Plan, draft: &Draft) -> Option<Mismatch> {
    let is_missing = plan.reserves_doi() && draft.doi.is_none();
    let planned = "the DOI that the server reserves".to_owned();
    is_missing.then(|| Mismatch::Field { field: Field::Doi, planned, found: String::new() })
}

/// Finds a DOI that the server gave a record when it was published, and that the plan said it does
/// not get.
pub(super) fn find_minted_doi(plan: &Plan, record: &Record) -> Option<Mismatch> {
    let doi = record.doi.as_ref().filter(|_| !plan.gives_doi())?;
    // An edit keeps the DOI that there is.
    let is_new = plan.base.version != Some(record.id) || plan.base.doi.as_ref() != Some(doi);
    let (planned, found) = (String::new(), doi.as_str().to_owned());
    is_new.then_some(Mismatch::Field { field: Field::Doi, planned, found })
}

/// Returns what the server holds that was not published before and that the comparison of the fields
/// does not see: what no field says and, where the deposit API writes, what that API does not show.
pub(super) fn list_extras(
    plan: &Plan,
    found: &[UnsupportedValue],
    published: &[UnsupportedValue],
) -> impl Iterator<Item = Mismatch> {
    let extras = match plan.metadata_api {
        // It shows less than was found, so that the comparison of the fields passes over the rest.
        MetadataApi::Deposit => plan::list_hidden_values(found, published, &plan.target.metadata),
        MetadataApi::Records { .. } | MetadataApi::RecordsAlone { .. } => {
            list_foreign_extras(found, published)
        }
    };
    extras.into_iter().map(Mismatch::Extra)
}

/// Returns what can't be read, and so can't be compared.
pub(super) fn list_unread_entries(entries: &[Unread]) -> impl Iterator<Item = Mismatch> {
    entries.iter().cloned().map(Mismatch::Unread)
}

/// Compares all files by size and MD5.
pub(super) fn compare_files(target: &Target, found: &[RemoteFile]) -> Vec<Mismatch> {
    let work = plan_file_work(&target.files, found).into_iter();
    work.map(|work| Mismatch::File {
        what: match work {
            FileWork::Delete(key) => format!("`{key}` is on the server and was not planned"),
            FileWork::Upload(file) => format!("`{}` is missing", file.key),
            FileWork::Replace(file) => format!("`{}` has other bytes", file.key),
        },
    })
    .collect()
}

impl std::fmt::Display for Mismatch {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Mismatch::Field { field, planned, found } if found.is_empty() => {
                write!(f, "{field}: planned `{planned}`, and the server dropped it")
            }
            Mismatch::Field { field, planned, found } if planned.is_empty() => {
                write!(f, "{field}: nothing was planned, and the server holds `{found}`")
            }
            Mismatch::Field { field, planned, found } => {
                write!(f, "{field}: planned `{planned}`, and the server holds `{found}`")
            }
            Mismatch::File { what } => f.write_str(what),
            Mismatch::Unread(entry) => write!(f, "{entry}"),
            Mismatch::Extra(UnsupportedValue { place, what }) => {
                write!(f, "{place}: nothing was planned, and the server holds {what}")
            }
        }
    }
}
