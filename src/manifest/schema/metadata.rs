//! `[metadata]` of the schema: every field, under Zenodo's names.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use crate::manifest::community_metadata::OF_THE_RECORD;
use crate::model::{Field, FieldKind};

use super::scalars::{
    AccessRight, ContributorType, DateType, Grant, Html, ImageType, Latitude, License, Longitude,
    PublicationType, Relation, ResourceType, Text, Title, UploadType, Version,
};

/// What each manifest has itself: a member of a workspace inherits the rest.
const NEEDED: [Field; 1] = [Field::Title];

/// The metadata: each row of `fields!`, by its kind, with what it says as the description.
pub(super) struct Metadata;

impl JsonSchema for Metadata {
    fn schema_name() -> Cow<'static, str> {
        "Metadata".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let properties: Map<String, Json> = Field::ALL
            .iter()
            .map(|field| (field.name().to_owned(), describe_field(*field, generator).to_value()))
            .collect();
        json_schema!({
            "description": "The metadata, under Zenodo's names.",
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
            "required": NEEDED.map(Field::name),
        })
    }
}

/// What a community asks for: the same fields without those that belong to one record.
pub(super) struct CommunityMetadata;

impl JsonSchema for CommunityMetadata {
    fn schema_name() -> Cow<'static, str> {
        "CommunityMetadata".into()
    }

    fn inline_schema() -> bool {
        true
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        let fields = Field::ALL.iter().filter(|field| !OF_THE_RECORD.contains(field));
        let properties: Map<String, Json> = fields
            .map(|field| (field.name().to_owned(), describe_asked(*field, generator).to_value()))
            .collect();
        json_schema!({
            "type": "object",
            "properties": properties,
            "additionalProperties": false,
        })
    }
}

/// Describes a field that a community asks for: never with a text from a file.
fn describe_asked(field: Field, generator: &mut SchemaGenerator) -> Schema {
    let mut schema = describe_field(field, generator);
    if field.kind() == FieldKind::Html {
        schema = generator.subschema_for::<Text>();
        schema.insert("description".to_owned(), json!("HTML, or a text without tags."));
    }
    schema
}

fn describe_field(field: Field, generator: &mut SchemaGenerator) -> Schema {
    let own = OWN_TYPES.iter().find(|(owner, _)| *owner == field);
    let mut schema = match own {
        Some((_, describe)) => describe(generator),
        None => describe_kind(field.kind(), generator),
    };
    if field == Field::Creators {
        schema.insert("minItems".to_owned(), json!(1));
    }
    schema.insert("description".to_owned(), json!(field.help()));
    schema
}

type Describe = fn(&mut SchemaGenerator) -> Schema;

/// Fields that take less, or something else, than every value of their kind.
const OWN_TYPES: &[(Field, Describe)] = &[
    (Field::Title, SchemaGenerator::subschema_for::<Title>),
    (Field::UploadType, SchemaGenerator::subschema_for::<UploadType>),
    (Field::PublicationType, SchemaGenerator::subschema_for::<PublicationType>),
    (Field::ImageType, SchemaGenerator::subschema_for::<ImageType>),
    (Field::Version, SchemaGenerator::subschema_for::<Version>),
    (Field::AccessRight, SchemaGenerator::subschema_for::<AccessRight>),
    (Field::License, SchemaGenerator::subschema_for::<License>),
    (Field::Grants, SchemaGenerator::subschema_for::<Vec<Grant>>),
    (Field::Contributors, SchemaGenerator::subschema_for::<Vec<Contributor>>),
];

fn describe_kind(kind: FieldKind, generator: &mut SchemaGenerator) -> Schema {
    match kind {
        FieldKind::Text => generator.subschema_for::<Text>(),
        FieldKind::Html => generator.subschema_for::<Html>(),
        FieldKind::List => generator.subschema_for::<Vec<Text>>(),
        FieldKind::People => generator.subschema_for::<Vec<Person>>(),
        FieldKind::Related => generator.subschema_for::<Vec<Related>>(),
        FieldKind::Subjects => generator.subschema_for::<Vec<Subject>>(),
        FieldKind::Locations => generator.subschema_for::<Vec<Location>>(),
        FieldKind::Dates => generator.subschema_for::<Vec<DateInterval>>(),
    }
}

/// A person or an organisation.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Person {
    /// `Family, Given`, or an organisation's name.
    name: Text,
    /// One affiliation.
    affiliation: Option<Text>,
    /// The ORCID: `0000-0002-1825-0097`.
    orcid: Option<Text>,
    /// The GND id.
    gnd: Option<Text>,
}

/// A person or an organisation, with a role.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Contributor {
    /// `Family, Given`, or an organisation's name.
    name: Text,
    /// What they did.
    #[schemars(rename = "type")]
    role: ContributorType,
    /// One affiliation.
    affiliation: Option<Text>,
    /// The ORCID: `0000-0002-1825-0097`.
    orcid: Option<Text>,
    /// The GND id.
    gnd: Option<Text>,
}

/// Something that this record relates to: by its `identifier`, or another `member` of the workspace.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [{ "required": ["identifier"] }, { "required": ["member"] }])
)]
struct Related {
    /// A DOI, an address, an arXiv id, an ISBN, …
    identifier: Option<Text>,
    /// The key of another member of the workspace, whose DOI it gets; a pattern means several.
    member: Option<Text>,
    /// Which DOI of the member: the one of all its versions, or that of one version.
    doi: Option<MemberDoi>,
    /// How this record relates to it, such as `isSupplementTo`.
    relation: Relation,
    /// What it is, such as `publication-article`.
    resource_type: Option<ResourceType>,
}

/// A DOI of another member of the workspace.
#[derive(JsonSchema)]
enum MemberDoi {
    /// The one of all versions.
    #[schemars(rename = "concept")]
    Concept,
    /// The one of the version that its manifest describes when this record's version is published.
    #[schemars(rename = "version")]
    Version,
}

/// A subject of a vocabulary.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct Subject {
    /// Its name.
    term: Text,
    /// Its id in the vocabulary, often an address.
    identifier: Text,
    /// The id's scheme, such as `url`.
    scheme: Option<Text>,
}

/// A place.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("dependencies" = json!({ "lat": ["lon"], "lon": ["lat"] }))
)]
struct Location {
    /// Its name.
    place: Text,
    /// Degrees north.
    lat: Option<Latitude>,
    /// Degrees east.
    lon: Option<Longitude>,
    /// What it is to the record.
    description: Option<Text>,
}

/// A date or an interval.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = json!([{ "required": ["start"] }, { "required": ["end"] }]))
)]
struct DateInterval {
    /// The first day: `2026-03-21`.
    start: Option<Text>,
    /// The last day.
    end: Option<Text>,
    /// What the date says.
    #[schemars(rename = "type")]
    kind: DateType,
    /// More about it.
    description: Option<Text>,
}
