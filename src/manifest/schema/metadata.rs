//! `[metadata]` of the schema: every field, under Zenodo's names.

use std::borrow::Cow;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde_json::{Map, Value as Json, json};

use crate::manifest::community_metadata::OF_THE_RECORD;
use crate::model::{Field, FieldKind};

use super::scalars::{
    AccessRight, ContributorType, Custom, DateType, DescriptionType, Geometry, Grant, Html,
    ImageType, Latitude, License, Longitude, PublicationType, Relation, ResourceType, Text, Title,
    TitleType, UploadType, Version,
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
        let mut properties: Map<String, Json> = Field::ALL
            .iter()
            .map(|field| (field.name().to_owned(), describe_field(*field, generator).to_value()))
            .collect();
        let mut add = |name: &str, mut schema: Schema, help: &str| {
            schema.insert("description".to_owned(), json!(help));
            properties.insert(name.to_owned(), schema.to_value());
        };
        add(
            "publisher",
            generator.subschema_for::<Text>(),
            "The publisher; the same as `imprint_publisher`.",
        );
        add(
            "identifiers",
            generator.subschema_for::<Vec<Alternate>>(),
            "Other identifiers of the work itself.",
        );
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
    (Field::Creators, SchemaGenerator::subschema_for::<Vec<Creator>>),
    (Field::Contributors, SchemaGenerator::subschema_for::<Vec<Contributor>>),
    (Field::Titles, SchemaGenerator::subschema_for::<Vec<FurtherTitle>>),
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
        FieldKind::TypedTexts => generator.subschema_for::<Vec<FurtherDescription>>(),
        FieldKind::Licenses => generator.subschema_for::<Vec<AnyLicense>>(),
        FieldKind::Funding => generator.subschema_for::<Vec<Funding>>(),
        FieldKind::Custom => generator.subschema_for::<Custom>(),
    }
}

/// Defines a person or an organisation, with the role that its list has.
macro_rules! person {
    ($(#[$doc:meta])* $name:ident { $($(#[$meta:meta])* $field:ident: $kind:ty,)* }) => {
        $(#[$doc])*
        #[derive(JsonSchema)]
        #[schemars(
            deny_unknown_fields,
            extend("oneOf" = [{ "required": ["name"] }, { "required": ["family_name"] }])
        )]
        struct $name {
            /// `Family, Given`, or an organisation's name.
            name: Option<Text>,
            /// The family name, in place of `name`.
            family_name: Option<Text>,
            /// The given name, beside `family_name`.
            given_name: Option<Text>,
            /// Whether it is a person or an organisation. Default: `person`.
            kind: Option<PersonKind>,
            $($(#[$meta])* $field: $kind,)*
            /// One affiliation.
            affiliation: Option<Text>,
            /// All affiliations, in place of `affiliation`: names, or ROR ids.
            affiliations: Option<Vec<Affiliation>>,
            /// The ORCID: `0000-0002-1825-0097`.
            orcid: Option<Text>,
            /// The GND id.
            gnd: Option<Text>,
            /// Other ids.
            identifiers: Option<Vec<PersonIdentifier>>,
        }
    };
}

person! {
    /// A person or an organisation.
    Person {}
}

person! {
    /// A person or an organisation, perhaps with a role.
    Creator {
        /// What they did.
        role: Option<ContributorType>,
    }
}

person! {
    /// A person or an organisation, with a role.
    Contributor {
        /// What they did.
        #[schemars(rename = "type")]
        role: ContributorType,
    }
}

/// A person or an organisation.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PersonKind {
    Person,
    Organization,
}

/// An affiliation: a name, or a ROR id.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Affiliation {
    Name(Text),
    Known(KnownAffiliation),
}

/// An affiliation with a ROR id.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct KnownAffiliation {
    /// The ROR id: `02feahw73`.
    ror: Option<Text>,
    /// Its name; of one with an id the server has its own.
    name: Option<Text>,
}

/// An id of a person or an organisation.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PersonIdentifier {
    /// Its scheme.
    scheme: PersonScheme,
    /// The id.
    identifier: Text,
}

/// A scheme of ids of people and organisations.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PersonScheme {
    Orcid,
    Isni,
    Gnd,
    Ror,
}

/// A further title.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FurtherTitle {
    /// The title.
    title: Title,
    /// What it is.
    kind: Option<TitleType>,
    /// Its language, ISO 639.
    language: Option<Text>,
}

/// A further description.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct FurtherDescription {
    /// The text.
    description: Html,
    /// What it is.
    kind: DescriptionType,
    /// Its language, ISO 639.
    language: Option<Text>,
}

/// A licence by its id, or one of your own.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum AnyLicense {
    Known(Text),
    KnownTable(LicenseId),
    Own(OwnLicense),
}

/// A licence by its id.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct LicenseId {
    /// The id.
    id: Text,
}

/// A licence of your own.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OwnLicense {
    /// Its title.
    title: Text,
    /// More about it.
    description: Option<Text>,
    /// Its address.
    link: Option<Text>,
}

/// Who paid.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("anyOf" = [{ "required": ["funder"] }, { "required": ["award"] }])
)]
struct Funding {
    /// A name, or a ROR id.
    funder: Option<Affiliation>,
    /// An award of the vocabulary by its id, or another one.
    award: Option<AnyAward>,
}

/// An award.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum AnyAward {
    Known(Text),
    KnownTable(LicenseId),
    Own(OwnAward),
}

/// An award that no vocabulary has.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct OwnAward {
    /// Its number.
    number: Text,
    /// Its title.
    title: Text,
    /// Its address.
    url: Option<Text>,
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

/// Another identifier of the work itself.
#[derive(JsonSchema)]
#[schemars(untagged)]
enum Alternate {
    Text(Text),
    Table(AlternateTable),
}

/// Another identifier of the work itself.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct AlternateTable {
    /// A DOI, an address, an arXiv id, an ISBN, …
    identifier: Text,
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

/// A subject of a vocabulary: by the `id` under which the server knows it, or by `term` and
/// `identifier`.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = [{ "required": ["id"] }, { "required": ["term", "identifier"] }])
)]
struct Subject {
    /// The id under which the server knows it, as those of EuroSciVoc and MeSH.
    id: Option<Text>,
    /// Its name.
    term: Option<Text>,
    /// Its id in the vocabulary, often an address.
    identifier: Option<Text>,
    /// The id's scheme, such as `url`.
    scheme: Option<Text>,
}

/// A place: with a name, a shape, or ids.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("dependencies" = json!({ "lat": ["lon"], "lon": ["lat"] })),
    extend("oneOf" = json!([
        {
            "required": ["geometry"],
            "not": { "anyOf": [{ "required": ["lat"] }, { "required": ["lon"] }] },
        },
        {
            "anyOf": [{ "required": ["place"] }, { "required": ["identifiers"] }],
            "not": { "required": ["geometry"] },
        },
    ]))
)]
struct Location {
    /// Its name.
    place: Option<Text>,
    /// Degrees north.
    lat: Option<Latitude>,
    /// Degrees east.
    lon: Option<Longitude>,
    /// A shape of GeoJSON, in place of `lat` and `lon`.
    geometry: Option<Geometry>,
    /// Its ids.
    identifiers: Option<Vec<PlaceIdentifier>>,
    /// What it is to the record.
    description: Option<Text>,
}

/// An id of a place.
#[derive(JsonSchema)]
#[schemars(deny_unknown_fields)]
struct PlaceIdentifier {
    /// Its scheme.
    scheme: PlaceScheme,
    /// The id.
    identifier: Text,
}

/// A scheme of ids of places.
#[derive(JsonSchema)]
#[schemars(rename_all = "lowercase")]
enum PlaceScheme {
    Geonames,
    Wikidata,
}

/// A date or an interval: `date`, or `start` and `end`.
#[derive(JsonSchema)]
#[schemars(
    deny_unknown_fields,
    extend("oneOf" = json!([
        { "required": ["date"] },
        { "anyOf": [{ "required": ["start"] }, { "required": ["end"] }] },
    ]))
)]
struct DateInterval {
    /// A date, an interval, or a day with a time: `2026-03`, `2026-03-21/2026-03-25`.
    date: Option<Text>,
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
