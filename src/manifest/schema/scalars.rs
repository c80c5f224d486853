//! The simple values of the schema: texts, words of vocabularies, dates, numbers.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::json;

use crate::model::Sensitive;
use crate::vocab;

/// Defines a type with a fixed schema.
macro_rules! leaf {
    ($($(#[$doc:meta])* $name:ident = $schema:expr;)*) => {$(
        $(#[$doc])*
        pub(super) struct $name(String);

        impl JsonSchema for $name {
            fn schema_name() -> Cow<'static, str> {
                stringify!($name).into()
            }

            fn inline_schema() -> bool {
                true
            }

            fn json_schema(_: &mut SchemaGenerator) -> Schema {
                $schema
            }
        }
    )*};
}

/// What the parser accepts as a text: anything but blanks.
const NOT_BLANK: &str = r"\S";

leaf! {
    /// A text that holds something.
    Text = json_schema!({ "type": "string", "pattern": NOT_BLANK });
    /// A title: three characters or more.
    Title = json_schema!({ "type": "string", "minLength": 3, "pattern": NOT_BLANK });
    /// A path or glob, with `/` between folders, that does not leave the folder.
    Pattern = json_schema!({
        "type": "string",
        "pattern": NOT_BLANK,
        "not": { "pattern": r"\\|^\s*/|(^\s*|/)\.\.(/|\s*$)" },
    });
    /// A kind that can be allowed.
    Allowed = json_schema!({ "enum": Sensitive::ALL.map(Sensitive::name) });
    /// The name of a channel.
    Channel = json_schema!({ "type": "string", "pattern": r"^\s*[a-z][a-z0-9-]{0,39}\s*$" });
    /// The address of a server.
    Url = json_schema!({ "type": "string", "pattern": r"^\s*[hH][tT][tT][pP][sS]?:" });
    /// A DOI prefix.
    Prefix = json_schema!({ "type": "string", "pattern": r"^\s*10(\.[0-9]+)+\s*$" });
    /// A concept: its DOI, the DOI's address, or its number.
    Concept = json_schema!({
        "anyOf": [
            { "type": "string", "pattern": r"[0-9]+\s*$" },
            { "type": "integer", "minimum": 0 },
        ],
    });
    /// A text, or a file that holds it.
    Html = json_schema!({
        "anyOf": [
            { "type": "string", "minLength": 3, "pattern": NOT_BLANK },
            {
                "type": "object",
                "properties": {
                    "file": {
                        "description": "A Markdown (`.md`) or HTML (`.html`) file inside the manifest's folder.",
                        "type": "string",
                        "pattern": r"\.([mM][dD]|[mM][aA][rR][kK][dD][oO][wW][nN]|[hH][tT][mM][lL]?)[/.\s]*$",
                    },
                },
                "required": ["file"],
                "additionalProperties": false,
            },
        ],
    });
    /// A version label, or where it comes from.
    Version = json_schema!({
        "anyOf": [
            { "type": "string", "pattern": NOT_BLANK, "maxLength": 191 },
            {
                "type": "object",
                "properties": {
                    "from": {
                        "description": "`git-tag`: the tag on the commit; the others: a file.",
                        "enum": ["git-tag", "cargo", "pyproject", "package-json", "citation", "description"],
                    },
                    "file": {
                        "description": "The file, where it has another name than Cargo.toml, pyproject.toml, package.json, CITATION.cff or DESCRIPTION.",
                        "type": "string",
                        "pattern": NOT_BLANK,
                    },
                    "strip": {
                        "description": "What to take off the tag's start, such as `v`.",
                        "type": "string",
                    },
                },
                "required": ["from"],
                "additionalProperties": false,
            },
        ],
    });
    /// A licence. The list helps to type; any id that Zenodo knows is taken.
    License = json_schema!({
        "anyOf": [
            { "enum": COMMON_LICENSES },
            { "type": "string", "pattern": NOT_BLANK },
            {
                "type": "object",
                "properties": {
                    "allow_unknown": {
                        "description": "The id of a licence that Zenodo has learnt and zrel does not know yet.",
                        "type": "string",
                        "pattern": NOT_BLANK,
                    },
                },
                "required": ["allow_unknown"],
                "additionalProperties": false,
            },
        ],
    });
    /// A grant: its id, bare or as in Zenodo's API.
    Grant = json_schema!({
        "anyOf": [
            { "type": "string", "pattern": NOT_BLANK },
            {
                "type": "object",
                "properties": { "id": { "type": "string", "pattern": NOT_BLANK } },
                "required": ["id"],
                "additionalProperties": false,
            },
        ],
    });
    /// What is published.
    UploadType = words(&vocab::list_upload_types());
    /// The kind of publication.
    PublicationType = words(&vocab::list_publication_types());
    /// The kind of image.
    ImageType = words(&vocab::list_image_types());
    /// Who may have the files.
    AccessRight = words(&vocab::list_access_rights());
    /// How a record relates to something.
    Relation = words(&vocab::list_relations());
    /// What a related thing is.
    ResourceType = words(&vocab::list_resource_types());
    /// What a contributor did.
    ContributorType = words(&vocab::list_contributor_types());
    /// The kind of a further title.
    TitleType = words(&vocab::list_title_types());
    /// The kind of a further description.
    DescriptionType = words(&vocab::list_description_types());
    /// Custom fields by their names, which have a colon.
    Custom = json_schema!({
        "type": "object",
        "properties": {
            "code:codeRepository": {
                "description": "The address of the code's repository.",
                "type": "string",
                "pattern": NOT_BLANK,
            },
            "code:programmingLanguage": {
                "description": "The languages of the code: `python`, `rust`.",
                "type": "array",
            },
            "code:developmentStatus": {
                "description": "How far the code is.",
                "anyOf": [{ "enum": vocab::list_development_statuses() }, { "type": "object" }],
            },
        },
        "propertyNames": { "pattern": ":" },
    });
    /// A shape of GeoJSON.
    Geometry = json_schema!({
        "type": "object",
        "properties": {
            "type": {
                "enum": [
                    "Point", "MultiPoint", "LineString", "MultiLineString", "Polygon",
                    "MultiPolygon", "GeometryCollection",
                ],
            },
            "coordinates": { "type": "array" },
            "geometries": { "type": "array", "items": { "type": "object" } },
        },
        "required": ["type"],
        "oneOf": [{ "required": ["coordinates"] }, { "required": ["geometries"] }],
        "additionalProperties": false,
    });
    /// What a date says; Zenodo returns it in lower case, so that is taken too.
    DateType = {
        let types = vocab::list_date_types();
        let lower: Vec<String> = types.iter().map(|kind| kind.to_lowercase()).collect();
        let all: Vec<&str> = types.iter().copied().chain(lower.iter().map(String::as_str)).collect();
        words(&all)
    };
    /// Degrees north.
    Latitude = json_schema!({ "type": "number", "minimum": -90, "maximum": 90 });
    /// Degrees east.
    Longitude = json_schema!({ "type": "number", "minimum": -180, "maximum": 180 });
}

/// Licences that editors offer first; a test looks each up in the vocabulary.
pub(super) const COMMON_LICENSES: [&str; 12] = [
    "CC-BY-4.0",
    "CC-BY-SA-4.0",
    "CC-BY-NC-4.0",
    "CC0-1.0",
    "MIT",
    "Apache-2.0",
    "BSD-3-Clause",
    "GPL-3.0-or-later",
    "LGPL-3.0-or-later",
    "AGPL-3.0-or-later",
    "MPL-2.0",
    "ODbL-1.0",
];

fn words(words: &[&str]) -> Schema {
    let mut schema = json_schema!({ "type": "string" });
    schema.insert("enum".to_owned(), json!(words));
    schema
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_licences_offered_are_known() {
        for id in COMMON_LICENSES {
            assert!(vocab::find_license(id).is_some(), "{id}");
        }
    }
}
