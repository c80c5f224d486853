//! datapackage.json: Frictionless' Data Package, versions 1 and 2.

use serde_json::{Map, Value as Json};

use crate::model::{Field, Person};

use crate::interop::json::{each, object, text_of};
use crate::interop::source_metadata::{Gleaned, family_given, short};

/// The name of the file itself.
pub(in crate::interop) const FILE: &str = "datapackage.json";

/// Keys that are read, or say nothing that a record has.
const KNOWN: &[&str] = &[
    "$schema",
    "contributors",
    "created",
    "description",
    "homepage",
    "id",
    "keywords",
    "licenses",
    "name",
    "profile",
    "resources",
    "sources",
    "title",
    "version",
];

/// Reads the file.
///
/// # Errors
/// Why it is no JSON object.
pub(in crate::interop) fn read(text: &str) -> Result<Gleaned, String> {
    let json = object(text)?;
    let mut out = Gleaned::default();
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    out.text(Field::UploadType, "", Some("dataset"));
    for key in ["title", "name"] {
        out.text(Field::Title, key, text(key));
    }
    // The standard says that it may be Markdown.
    out.markdown(Field::Description, "description", text("description"));
    out.text(Field::Version, "version", text("version"));
    out.list(Field::Keywords, "keywords", json.get("keywords"));
    licenses(&json, &mut out);
    contributors(&json, &mut out);
    out.relate("homepage", "isDocumentedBy", text("homepage"));
    for (at, source) in each(json.get("sources")).into_iter().enumerate() {
        let key = format!("sources[{at}]");
        match source.get("path").and_then(Json::as_str).filter(|path| path.contains("://")) {
            Some(path) => out.relate(&key, "isDerivedFrom", Some(path)),
            None => out.lost(&key, &short(source.get("title").unwrap_or(source))),
        }
    }
    let is_doi = |id: &&str| crate::model::Doi::parse(id).is_ok();
    out.identifier("id", text("id").filter(is_doi));
    resources(&json, &mut out);
    out.tell_others(&json, KNOWN);
    Ok(out)
}

fn licenses(json: &Map<String, Json>, out: &mut Gleaned) {
    let items = each(json.get("licenses"));
    let names: Vec<&str> =
        items.into_iter().filter_map(|item| text_of(item, &["name", "path", "title"])).collect();
    let names = Some(names.join(" OR ")).filter(|names| !names.is_empty());
    out.license("licenses", names.as_deref());
}

/// Authors are creators; all others help, in a role where Zenodo has it.
fn contributors(json: &Map<String, Json>, out: &mut Gleaned) {
    let (mut authors, mut helpers) = (Vec::new(), Vec::new());
    for (at, item) in each(json.get("contributors")).into_iter().enumerate() {
        let Some(mut person) = person(item) else {
            out.lost(&format!("contributors[{at}]"), "it has no name");
            continue;
        };
        let roles = each(item.get("roles").or_else(|| item.get("role")));
        let roles: Vec<&str> = roles.into_iter().filter_map(Json::as_str).collect();
        if roles.contains(&"author") || roles.contains(&"creator") {
            authors.push(person);
        } else {
            person.role = Some(role(roles.first().copied().unwrap_or_default()).to_owned());
            helpers.push(person);
        }
    }
    out.people(Field::Creators, "contributors", authors);
    out.people(Field::Contributors, "contributors", helpers);
}

fn person(item: &Json) -> Option<Person> {
    let part = |key| item.get(key).and_then(Json::as_str).unwrap_or_default();
    let parts = family_given(part("familyName"), part("givenName"));
    let name = if part("familyName").is_empty() { part("title") } else { &parts };
    let name = name.trim();
    let affiliation = Some(part("organization").trim().to_owned()).filter(|it| !it.is_empty());
    let orcid =
        ["path", "id"].iter().find_map(|key| crate::interop::source_metadata::orcid(part(key)));
    (!name.is_empty()).then(|| Person {
        name: name.to_owned(),
        affiliation,
        orcid,
        ..Person::default()
    })
}

fn role(role: &str) -> &'static str {
    match role {
        "wrangler" => "DataCurator",
        "maintainer" | "contact" => "ContactPerson",
        "publisher" => "Distributor",
        "funder" => "Sponsor",
        _ => "Other",
    }
}

fn resources(json: &Map<String, Json>, out: &mut Gleaned) {
    for (at, resource) in each(json.get("resources")).into_iter().enumerate() {
        for path in each(resource.get("path")).into_iter().filter_map(Json::as_str) {
            let key = format!("resources[{at}].path");
            if path.contains("://") {
                out.lost(&key, &format!("`{path}`: it is no file of this folder"));
            } else {
                out.files.push((path.trim_start_matches("./").to_owned(), key));
            }
        }
    }
    if !out.files.is_empty() {
        out.files.push((FILE.to_owned(), "resources".to_owned()));
    }
}
