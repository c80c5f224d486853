//! ro-crate-metadata.json: a graph of which the root data entity is the record.
//!
//! Source: RO-Crate 1.1 and 1.2, 2026-11-23.

use std::collections::BTreeMap;

use serde_json::{Map, Value as Json};

use crate::model::{Field, Value};

use crate::interop::json::{each, is_natural, object, person, text_of};
use crate::interop::source_metadata::{Gleaned, short};

/// The name of the file itself.
pub(in crate::interop) const FILE: &str = "ro-crate-metadata.json";

/// Keys of the root that are read, or say nothing that a record has.
const KNOWN: &[&str] = &[
    "@id",
    "@type",
    "author",
    "citation",
    "conformsTo",
    "creator",
    "datePublished",
    "description",
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
/// Why it is no JSON object, or has no root.
pub(in crate::interop) fn read(text: &str) -> Result<Gleaned, String> {
    let json = object(text)?;
    let entities = each(json.get("@graph"));
    let graph: Graph<'_> = entities
        .into_iter()
        .filter_map(|entity| Some((entity.get("@id")?.as_str()?, entity)))
        .collect();
    let about = graph.get(FILE).and_then(|entity| entity.get("about")?.get("@id")?.as_str());
    let root = graph.get(about.unwrap_or("./")).and_then(|root| root.as_object());
    let root = root.ok_or("it has no root data entity")?;
    let mut out = Gleaned::default();
    let text = |key: &str| root.get(key).and_then(|value| text_of(value, &["@id"]));
    out.text(Field::Title, "name", text("name"));
    out.plain(Field::Description, "description", text("description"));
    out.text(Field::Version, "version", text("version"));
    // A crate gives the time as well.
    let day = text("datePublished").map(|text| text.split('T').next().unwrap_or(text));
    out.text(Field::PublicationDate, "datePublished", day);
    upload_type(root, &graph, &mut out);
    keywords(root, &mut out);
    people(root, &graph, &mut out);
    license(root, &graph, &mut out);
    related(root, &mut out);
    for item in each(root.get("identifier")) {
        let item = followed(item, &graph);
        out.identifier("identifier", text_of(item, &["value", "@id"]));
    }
    parts(root, &graph, &mut out);
    out.tell_others(root, KNOWN);
    Ok(out)
}

/// Returns the entity that a reference leads to, or the value itself.
fn followed<'a>(value: &'a Json, graph: &Graph<'a>) -> &'a Json {
    let id = value.get("@id").and_then(Json::as_str);
    id.and_then(|id| graph.get(id)).copied().unwrap_or(value)
}

fn has_type(entity: &Json, kind: &str) -> bool {
    each(entity.get("@type")).iter().any(|own| own.as_str() == Some(kind))
}

fn upload_type(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut Gleaned) {
    let main = root.get("mainEntity").map(|entity| followed(entity, graph));
    if main.is_some_and(|main| has_type(main, "ComputationalWorkflow")) {
        out.text(Field::UploadType, "mainEntity", Some("workflow"));
    } else if each(root.get("@type")).iter().any(|kind| kind.as_str() == Some("Dataset")) {
        out.text(Field::UploadType, "@type", Some("dataset"));
    }
}

fn keywords(root: &Map<String, Json>, out: &mut Gleaned) {
    let words = each(root.get("keywords")).into_iter().filter_map(Json::as_str);
    let words = words.flat_map(|text| text.split(',')).map(|word| word.trim().to_owned());
    let words = words.filter(|word| !word.is_empty()).collect();
    out.set(Field::Keywords, "keywords", Value::List(words));
}

fn people(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut Gleaned) {
    for key in ["author", "creator"] {
        let mut named = Vec::new();
        for (at, item) in each(root.get(key)).into_iter().enumerate() {
            let entity = followed(item, graph);
            out.has_natural_names |= is_natural(entity);
            let home = entity.get("affiliation").map(|home| each(Some(home)));
            let home = home.and_then(|home| home.into_iter().next());
            let home = home.and_then(|home| text_of(followed(home, graph), &["name"]));
            match person(entity, home.filter(|home| !home.contains("://"))) {
                Some(person) => named.push(person),
                None => out.lost(&format!("{key}[{at}]"), &format!("{} has no name", short(item))),
            }
        }
        out.people(Field::Creators, key, named);
    }
}

fn license(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut Gleaned) {
    let items = each(root.get("license"));
    let names: Vec<&str> = items
        .into_iter()
        .filter_map(|item| {
            let id = text_of(item, &["@id"])?;
            // An entity of the crate itself: its page or its name.
            let inner = followed(item, graph);
            if id.contains("://") {
                Some(id)
            } else {
                text_of(inner, &["url", "identifier", "name", "@id"])
            }
        })
        .collect();
    let names = Some(names.join(" OR ")).filter(|names| !names.is_empty());
    out.license("license", names.as_deref());
}

fn related(root: &Map<String, Json>, out: &mut Gleaned) {
    for (key, relation) in
        [("citation", "cites"), ("isBasedOn", "isDerivedFrom"), ("url", "isDocumentedBy")]
    {
        for item in each(root.get(key)) {
            out.relate(key, relation, text_of(item, &["@id"]));
        }
    }
}

/// Files and folders of the crate; a page elsewhere is no file of it.
fn parts(root: &Map<String, Json>, graph: &Graph<'_>, out: &mut Gleaned) {
    for item in each(root.get("hasPart")) {
        let entity = followed(item, graph);
        let Some(id) = text_of(item, &["@id"]) else { continue };
        let is_kept = has_type(entity, "File") || has_type(entity, "Dataset");
        if id.contains("://") || id.starts_with('#') {
            out.lost("hasPart", &format!("`{id}`: it is no file of this folder"));
        } else if is_kept {
            let path = percent_encoding::percent_decode_str(id).decode_utf8_lossy().into_owned();
            let path = path.trim_start_matches("./").trim_end_matches('/').to_owned();
            out.files.push((path, "hasPart".to_owned()));
        }
    }
    if !out.files.is_empty() {
        out.files.push((FILE.to_owned(), "hasPart".to_owned()));
    }
}
