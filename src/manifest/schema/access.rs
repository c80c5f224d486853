//! The schema of `[access]`.

use schemars::JsonSchema;
use serde_json::json;

use super::scalars::Text;

/// Who may have the files, and who else may see or change the record.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct Access {
    /// The page of a record is always public.
    record: Option<PageAccess>,
    /// Who may have the files. Default: `public`.
    files: Option<FileAccess>,
    /// Until when they are closed.
    embargo: Option<Embargo>,
    /// Users and groups with access to the record and all its versions, beside its owner.
    grants: Option<Vec<Grant>>,
    /// Secret links: whoever has the address has access.
    links: Option<Vec<SecretLink>>,
    /// Who may ask for access to restricted files.
    requests: Option<Requests>,
}

/// Who has access to the records of all members.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
pub(super) struct SharedAccess {
    /// Users and groups with access.
    grants: Option<Vec<Grant>>,
    /// Secret links, one for each record.
    links: Option<Vec<SecretLink>>,
    /// Who may ask for access to restricted files.
    requests: Option<Requests>,
}

/// Who may see the page.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PageAccess {
    Public,
}

/// Who may have the files.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum FileAccess {
    Public,
    Restricted,
}

/// Until when the files are closed.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Embargo {
    /// A day after today.
    until: Text,
    /// Why.
    reason: Option<Text>,
}

/// A user or a group with access.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = json!([{ "required": ["user"] }, { "required": ["group"] }]))
)]
struct Grant {
    /// The number of an account (`zrel access --find NAME`).
    user: Option<Account>,
    /// The id of a group, on servers with groups.
    group: Option<Text>,
    /// What it may do; each includes those before it.
    permission: GrantPermission,
}

/// The number of an account.
#[derive(JsonSchema)]
#[serde(untagged)]
enum Account {
    /// In quotes.
    Text(#[schemars(regex(pattern = "^[1-9][0-9]{0,19}$"))] String),
    /// As a number.
    Number(#[schemars(range(min = 1))] u64),
}

/// What a user may do.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum GrantPermission {
    /// See the record and its restricted files.
    View,
    /// See drafts too.
    Preview,
    /// Change drafts.
    Edit,
    /// All that the owner may, such as to publish and to share.
    Manage,
}

/// A secret link.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct SecretLink {
    /// What it is for; by it the link is found again.
    #[schemars(length(max = 100))]
    name: Text,
    /// What whoever has it may do.
    permission: LinkPermission,
    /// The day (UTC) from which on it gives nothing. Without it the link does not end.
    until: Option<Text>,
}

/// What whoever has a link may do.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum LinkPermission {
    /// See the record and its restricted files.
    View,
    /// See drafts too.
    Preview,
    /// Change drafts.
    Edit,
}

/// Who may ask for access to restricted files. What is not said stays as it is.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Requests {
    /// Users with an account.
    users: Option<bool>,
    /// People without one.
    guests: Option<bool>,
    /// The conditions that are shown to them, as HTML; an empty text removes them.
    conditions: Option<String>,
    /// For how many days the link works that a guest is given; 0: without an end.
    #[schemars(range(max = 365))]
    link_days: Option<u16>,
}
