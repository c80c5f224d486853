//! codemeta.json, versions 2 and 3: schema.org's terms for software.
//!
//! Source: codemeta's crosswalk, column Zenodo, 2026-11-23.

use serde_json::{Map, Value as Json};

use crate::model::{Field, Person, Value};

use crate::interop::json::{each, is_natural, object, person, text_of};
use crate::interop::source_metadata::{Gleaned, short};

/// Keys that are read, or say nothing that a record has.
const KNOWN: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "author",
    "codeRepository",
    "contributor",
    "datePublished",
    "description",
    "downloadUrl",
    "id",
    "identifier",
    "inLanguage",
    "issueTracker",
    "keywords",
    "license",
    "name",
    "softwareVersion",
    "type",
    "url",
    "version",
];

/// Reads the file.
///
/// # Errors
/// Why it is no JSON object.
pub(in crate::interop) fn read(text: &str) -> Result<Gleaned, String> {
    let json = object(text)?;
    let mut out = Gleaned::default();
    let text = |key: &str| json.get(key).and_then(|value| text_of(value, &["@id", "url", "name"]));
    out.text(Field::Title, "name", text("name"));
    out.plain(Field::Description, "description", text("description"));
    for key in ["softwareVersion", "version"] {
        out.text(Field::Version, key, text(key));
    }
    out.text(Field::PublicationDate, "datePublished", text("datePublished"));
    out.text(Field::Language, "inLanguage", text("inLanguage"));
    let kind = each(json.get("@type").or_else(|| json.get("type")));
    let kind = kind.into_iter().filter_map(Json::as_str).find_map(upload_type);
    out.text(Field::UploadType, "@type", kind);
    keywords(&json, &mut out);
    let authors = people(&json, "author", &mut out);
    out.people(Field::Creators, "author", authors);
    let mut helpers = people(&json, "contributor", &mut out);
    for helper in &mut helpers {
        helper.role = Some("Other".to_owned());
    }
    out.people(Field::Contributors, "contributor", helpers);
    let licenses: Vec<&str> = each(json.get("license"))
        .into_iter()
        .filter_map(|it| text_of(it, &["@id", "url"]))
        .collect();
    let licenses = Some(licenses.join(" OR ")).filter(|text| !text.is_empty());
    out.license("license", licenses.as_deref());
    out.repository("codeRepository", text("codeRepository"));
    out.relate("downloadUrl", "isIdenticalTo", text("downloadUrl"));
    out.relate("issueTracker", "isSupplementedBy", text("issueTracker"));
    out.relate("url", "isDocumentedBy", text("url"));
    for key in ["identifier", "@id", "id"] {
        identifiers(&json, key, &mut out);
    }
    out.tell_others(&json, KNOWN);
    Ok(out)
}

/// An `@id` that is no DOI is a name within the document.
fn identifiers(json: &Map<String, Json>, key: &str, out: &mut Gleaned) {
    for item in each(json.get(key)) {
        let text = text_of(item, &["value", "@id", "url"]);
        let is_doi = text.is_some_and(|text| crate::model::Doi::parse(text).is_ok());
        if is_doi || key == "identifier" {
            out.identifier(key, text);
        }
    }
}

fn keywords(json: &Map<String, Json>, out: &mut Gleaned) {
    match json.get("keywords") {
        // schema.org: a text holds several, separated by commas.
        Some(Json::String(text)) => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            let words = words.map(str::to_owned).collect();
            out.set(Field::Keywords, "keywords", Value::List(words));
        }
        other => out.list(Field::Keywords, "keywords", other),
    }
}

/// Returns the people under a key; tells those without a name.
fn people(json: &Map<String, Json>, key: &str, out: &mut Gleaned) -> Vec<Person> {
    let mut people = Vec::new();
    for (at, item) in each(json.get(key)).into_iter().enumerate() {
        // Version 3 has roles among the authors, each of which repeats somebody by id.
        if item.get("roleName").is_some() {
            continue;
        }
        out.has_natural_names |= is_natural(item);
        match person(item, None) {
            Some(person) => people.push(person),
            None => out.lost(&format!("{key}[{at}]"), &format!("{} has no name", short(item))),
        }
    }
    people
}

fn upload_type(kind: &str) -> Option<&'static str> {
    Some(match kind {
        "SoftwareSourceCode" | "SoftwareApplication" => "software",
        "Dataset" => "dataset",
        "Poster" => "poster",
        "PresentationDigitalDocument" => "presentation",
        "LearningResource" => "lesson",
        "ComputationalWorkflow" => "workflow",
        _ => return None,
    })
}
