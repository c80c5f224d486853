//! ro-crate-metadata.json: a graph whose root data entity is the record.
//!
//! Source: RO-Crate 1.1 and 1.2, 2026-11-23.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::model::{Field, Value};

use crate::interop::json::{
    find_text, has_natural_name, list_items, parse_object, read_person, summarize,
};
use crate::interop::source_metadata::SourceMetadata;

/// The name of the file itself.
pub(in crate::interop) const FILE: &str = "ro-crate-metadata.json";

/// Keys of the root that are read, or that a record has no place for.
const KNOWN: &[&str] = &[
    "@id",
    "@type",
    "author",
    "citation",
    "conformsTo",
    "creator",
    "datePublished",
    "description",
    "funder",
    "hasPart",
    "identifier",
    "isBasedOn",
    "keywords",
    "license",
    "mainEntity",
    "name",
    "url",
    "version",
];

type Graph<'a> = BTreeMap<&'a str, &'a Json>;

/// Reads the file.
///
/// # Errors
/// Why it is not a JSON object, or that it has no root.
pub(in crate::interop) fn read_ro_crate(text: &str) -> Result<SourceMetadata, String> {
    let json = parse_object(text)?;
    let entities = list_items(json.get("@graph"));
    let graph: Graph<'_> = entities
        .into_iter()
        .filter_map(|entity| Some((entity.get("@id")?.as_str()?, entity)))
        .collect();
    let about = graph.get(FILE).and_then(|entity| entity.get("about")?.get("@id")?.as_str());
    // A crate whose file entity is incomplete has its root at `./` by convention.
    let root = graph.get(about.unwrap_or("./")).and_then(|root| root.as_object());
    let root = root.ok_or("it has no root data entity")?;
    let mut out = SourceMetadata::default();
    let text = |key: &str| root.get(key).and_then(|value| find_text(value, &["@id"]));
    out.set_text(Field::Title, "name", text("name"));
    out.set_plain_text(Field::Description, "description", text("description"));
    out.set_text(Field::Version, "version", text("version"));
    // A crate may give the time as well; a record has a day.
    let day = text("datePublished").map(|text| text.split('T').next().unwrap_or(text));
    out.set_text(Field::PublicationDate, "datePublished", day);
    read_upload_type(root, &graph, &mut out);
    read_keywords(root, &mut out);
    read_people(root, &graph, &mut out);
    let funders = list_items(root.get("funder")).into_iter();
    out.set_funders(funders.map(|item| follow_reference(item, &graph)).collect());
    read_license(root, &graph, &mut out);
    read_related(root, &mut out);
    for item in list_items(root.get("identifier")) {
        let item = follow_reference(item, &graph);
        out.add_identifier("identifier", find_text(item, &["value", "@id"]));
    }
    read_parts(root, &graph, &mut out);
    out.add_unknown_keys(root, KNOWN);
    Ok(out)
}

/// Returns the entity that a reference leads to, or the value itself.
fn follow_reference<'a>(value: &'a Json, graph: &Graph<'a>) -> &'a Json {
    let id = value.get("@id").and_then(Json::as_str);
    id.and_then(|id| graph.get(id)).copied().unwrap_or(value)
}

fn has_type(entity: &Json, kind: &str) -> bool {
    list_items(entity.get("@type")).iter().any(|own| own.as_str() == Some(kind))
}

fn read_upload_type(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut SourceMetadata) {
    // Every root is a `Dataset`, so the main entity is asked first.
    let main = root.get("mainEntity").map(|entity| follow_reference(entity, graph));
    if main.is_some_and(|main| has_type(main, "ComputationalWorkflow")) {
        out.set_text(Field::UploadType, "mainEntity", Some("workflow"));
    } else if list_items(root.get("@type")).iter().any(|kind| kind.as_str() == Some("Dataset")) {
        out.set_text(Field::UploadType, "@type", Some("dataset"));
    }
}

fn read_keywords(root: &Map<String, Json>, out: &mut SourceMetadata) {
    let words = list_items(root.get("keywords")).into_iter().filter_map(Json::as_str);
    let words = words.flat_map(|text| text.split(',')).map(|word| word.trim().to_owned());
    let words = words.filter(|word| !word.is_empty()).collect();
    out.set(Field::Keywords, "keywords", Value::List(words));
}

fn read_people(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut SourceMetadata) {
    for key in ["author", "creator"] {
        let mut named = Vec::new();
        for (at, item) in list_items(root.get(key)).into_iter().enumerate() {
            let entity = follow_reference(item, graph);
            out.has_natural_names |= has_natural_name(entity);
            let homes = list_items(entity.get("affiliation"));
            let homes = homes.into_iter().map(|home| follow_reference(home, graph)).collect();
            match read_person(entity, Some(homes)) {
                Some(person) => named.push(person),
                None => out
                    .add_loss(&format!("{key}[{at}]"), &format!("{} has no name", summarize(item))),
            }
        }
        out.set_people(Field::Creators, key, named);
    }
}

fn read_license(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut SourceMetadata) {
    let items = list_items(root.get("license"));
    let names: Vec<&str> = items
        .into_iter()
        .filter_map(|item| {
            let id = find_text(item, &["@id"])?;
            // A licence of the crate's own id is an entity in it, with a page or a name.
            let inner = follow_reference(item, graph);
            if id.contains("://") {
                Some(id)
            } else {
                find_text(inner, &["url", "identifier", "name", "@id"])
            }
        })
        .collect();
    // Joined, as SPDX writes a list of which one may be chosen.
    let names = Some(names.join(" OR ")).filter(|names| !names.is_empty());
    out.set_license("license", names.as_deref());
}

fn read_related(root: &Map<String, Json>, out: &mut SourceMetadata) {
    for (key, relation) in
        [("citation", "cites"), ("isBasedOn", "isDerivedFrom"), ("url", "isDocumentedBy")]
    {
        for item in list_items(root.get(key)) {
            out.relate(key, relation, find_text(item, &["@id"]));
        }
    }
}

/// Adds the files and folders of the crate, and reports parts that are elsewhere.
fn read_parts(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut SourceMetadata) {
    for item in list_items(root.get("hasPart")) {
        let entity = follow_reference(item, graph);
        let Some(id) = find_text(item, &["@id"]) else { continue };
        let is_kept = has_type(entity, "File") || has_type(entity, "Dataset");
        if id.contains("://") || id.starts_with('#') {
            out.add_loss("hasPart", &format!("`{id}`: it is not a file of this folder"));
        } else if is_kept {
            // Ids are addresses: a blank in a file's name is `%20`.
            let path = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
            let path = path.trim_start_matches("./").trim_end_matches('/').to_owned();
            out.files.push((path, "hasPart".to_owned()));
        }
    }
    // Without its metadata file the record would not be a crate.
    if !out.files.is_empty() {
        out.files.push((FILE.to_owned(), "hasPart".to_owned()));
    }
}
