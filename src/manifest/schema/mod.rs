//! The JSON schema of a manifest, for editors: generated from types that mirror the manifest's.
//!
//! Doc comments become the descriptions that an editor shows. The schema knows names and shapes;
//! rules (check digits, contradictions, dates) are only in `parse`. It accepts every manifest that
//! `parse` accepts. Deliberately absent: values; these types are never constructed.
#![expect(dead_code, reason = "only the shape of these types is used")]

mod access;
mod metadata;
mod scalars;

use std::collections::BTreeMap;

use schemars::JsonSchema;
use schemars::generate::SchemaSettings;
use serde_json::{Map, Value, json};

use access::{Access, SharedAccess};
use metadata::{CommunityMetadata, Metadata};
use scalars::{Allowed, Channel, Concept, Pattern, Prefix, Text, Url};

/// Returns the schema as JSON text, indented, with a line end.
///
/// Draft 7, which the editors' TOML extensions understand, without references, so that they show
/// each description at its key.
pub fn render_schema() -> String {
    let mut settings = SchemaSettings::draft07();
    settings.inline_subschemas = true;
    let schema = settings.into_generator().into_root_schema_for::<ManifestFile>();
    let mut body = schema.to_value();
    drop_null(&mut body);
    join_lines(&mut body);
    let mut schema = Map::new();
    // A reader of the file looks for these at its top.
    for head in ["$schema", "title", "description"] {
        schema.extend(body.as_object_mut().and_then(|body| body.shift_remove_entry(head)));
    }
    schema.extend(body.as_object().cloned().unwrap_or_default());
    format!("{:#}\n", Value::Object(schema))
}

/// Joins the lines of a description, which are broken only for this source file.
fn join_lines(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(join_lines);
            if let Some(Value::String(text)) = object.get_mut("description") {
                *text = text.replace('\n', " ");
            }
        }
        Value::Array(items) => items.iter_mut().for_each(join_lines),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

/// Removes `null`, which TOML does not have: an optional key has its type or is missing.
fn drop_null(schema: &mut Value) {
    match schema {
        Value::Object(object) => {
            object.values_mut().for_each(drop_null);
            if let Some(Value::Array(types)) = object.get_mut("type") {
                types.retain(|name| name != "null");
                if let [only] = types.as_slice() {
                    let only = only.clone();
                    object.insert("type".to_owned(), only);
                }
            }
            if let Some(Value::Array(words)) = object.get_mut("enum") {
                words.retain(|word| !word.is_null());
            }
            // An optional key of a table type is an `anyOf` of the type and `null`.
            let Some(Value::Array(parts)) = object.get_mut("anyOf") else { return };
            parts.retain(|part| part != &json!({ "type": "null" }));
            if let [Value::Object(only)] = parts.as_slice() {
                let only = only.clone();
                object.shift_remove("anyOf");
                for (key, value) in only {
                    object.entry(key).or_insert(value);
                }
            }
        }
        Value::Array(items) => items.iter_mut().for_each(drop_null),
        Value::Null | Value::Bool(_) | Value::Number(_) | Value::String(_) => (),
    }
}

/// What a record on Zenodo is to be: its metadata, its files, its communities. `zrel plan` shows
/// what would change, `zrel apply` does it.
#[derive(JsonSchema)]
#[schemars(
    title = "zenodo.toml",
    deny_unknown_fields,
    extend("anyOf" = json!([{ "required": ["metadata"] }, { "required": ["workspace"] }]))
)]
struct ManifestFile {
    /// Where to publish: `local` (a rehearsal on this machine, the default), `sandbox`, `zenodo`,
    /// or a name under `[servers]`.
    server: Option<Text>,
    /// Which record, and how far to go.
    record: Option<Record>,
    /// The metadata, under Zenodo's names.
    metadata: Option<Metadata>,
    /// Who may have the files, in place of `access_right` and `embargo_date`; and who else may see or
    /// change the record.
    access: Option<Access>,
    /// The files of the record. A record has no folders: each file has one flat name.
    files: Option<Vec<File>>,
    /// Files of the project that get the DOI, the version and the date before a release
    /// (`zrel write`).
    write: Option<Vec<Write>>,
    /// Communities that the record is to be in.
    communities: Option<Vec<Community>>,
    /// The channels that get a message when the record is published or an apply fails, by name. What
    /// they are stands in the user's own configuration or the environment.
    notify: Option<Vec<Channel>>,
    /// Many records in one repository: which manifests belong together, and what they share.
    workspace: Option<Workspace>,
    /// Which API a server gets, by its name. Default: `auto`.
    api: Option<BTreeMap<String, Api>>,
    /// Other servers of the same kind, by name. `local`, `sandbox` and `zenodo` are built in.
    #[schemars(extend("propertyNames" = json!({
        "pattern": "^[A-Za-z0-9_-]+$",
        "not": { "enum": crate::manifest::servers::BUILT_IN },
    })))]
    servers: Option<BTreeMap<String, Server>>,
}

/// Which API replaces the metadata.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum Api {
    /// The deposit API, and the records API where manifest or record hold what it can't say.
    Auto,
    /// The deposit API, whatever it loses.
    Deposit,
    /// The records API for every call.
    Records,
}

/// Which record, and how far to go.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Record {
    /// `false` stops at a draft that is ready to publish. Default: `true`.
    publish: Option<bool>,
    /// The concept DOI (or its number) by server name: `zenodo = "10.5281/zenodo.20479511"`. zrel
    /// prints the line to add after the first publication.
    concept: Option<BTreeMap<String, Concept>>,
}

/// A file, several files, or a folder as one zip.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = json!([
        { "required": ["path"] },
        { "required": ["archive"] },
        { "required": ["keep"] }
    ]))
)]
struct File {
    /// A file or a glob, inside the manifest's folder: `build/paper.pdf`, `data/*.csv`.
    path: Option<Pattern>,
    /// A folder, to be published as one reproducible zip.
    archive: Option<Pattern>,
    /// Files of the latest published version that stay as they are, by a name or a glob: `a.csv`,
    /// `*`. Nothing of them is needed on the disk.
    keep: Option<Pattern>,
    /// Globs of files to leave out, relative to the manifest's folder; with `keep`, of names.
    exclude: Option<Vec<Pattern>>,
    /// The name in the record. Of a file: its own name without this. Of a folder: ends in `.zip`.
    #[schemars(rename = "as")]
    as_name: Option<Text>,
    /// What these files may hold or be named all the same: zrel refuses private keys, tokens,
    /// git-LFS pointers and dotenv files otherwise, and warns of backups.
    allow: Option<Vec<Allowed>>,
}

/// A file that gets the DOI, the version and the date of a release.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Write {
    /// The file, inside the manifest's folder: `CITATION.cff`, `codemeta.json`, `README.md`.
    path: Pattern,
    /// How it is written. By default what its name says; a file with a placeholder is a text.
    #[schemars(extend("enum" = crate::write_back::Format::ALL.iter().map(|format| format.word()).collect::<Vec<_>>()))]
    format: Option<Text>,
    /// The part of a line that has the value, with `{doi}`, `{concept-doi}`, `{version}` or `{date}`
    /// in its place: `__doi__ = "{doi}"`; or a list of them.
    placeholder: Option<OneOrMore>,
}

/// A text, or a list of texts.
#[derive(JsonSchema)]
#[serde(untagged)]
enum OneOrMore {
    /// One.
    One(Text),
    /// Several.
    Several(Vec<Text>),
}

/// A community that the record is to be in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Community {
    /// Its id: the last part of `https://zenodo.org/communities/ID`.
    id: Text,
    /// `true`: a release is done only when the community has accepted the record. Default: `false`.
    required: Option<bool>,
    /// What the request says to its curators.
    message: Option<Text>,
    /// `before-publish`: the community reviews the draft of a first version, and its acceptance
    /// publishes it. Without this it is asked after the publication.
    review: Option<Review>,
    /// What the community asks for, merged into the record's metadata: lists are united, and other
    /// values must be the same.
    metadata: Option<CommunityMetadata>,
    /// What it asks of the metadata: a JSON schema that its curators publish, in a file inside the
    /// manifest's folder (`zrel validate` evaluates it).
    profile: Option<Pattern>,
}

/// When a community reviews.
#[derive(JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum Review {
    /// Before the publication.
    BeforePublish,
}

/// Which manifests belong together, and what they share.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Workspace {
    /// Folders with a `zenodo.toml`, or manifests, by paths or globs.
    members: Vec<Pattern>,
    /// Globs of what is no member.
    exclude: Option<Vec<Pattern>>,
    /// The server of members that name none.
    server: Option<Text>,
    /// Values of members that do not have them.
    metadata: Option<BTreeMap<String, Value>>,
    /// The communities of members without any.
    communities: Option<Vec<Community>>,
    /// Who has access to the records of members that do not say it themselves.
    access: Option<SharedAccess>,
    /// The channels of members that name none.
    notify: Option<Vec<Channel>>,
}

/// A server that is not built in.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Server {
    /// Its address: https, or http on this machine. Never with a name or a password in it.
    url: Url,
    /// The DOI prefix that it mints under, such as `10.12345`; lets a plan name the DOI.
    doi_prefix: Option<Prefix>,
    /// Whether its records get DOIs, which is the rule.
    dois: Option<bool>,
}
