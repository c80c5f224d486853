//! datapackage.json: Frictionless' Data Package, versions 1 and 2.

use serde_json::{Map, Value as Json};

use crate::model::{Field, Person};

use crate::interop::json::{find_text, list_items, parse_object, summarize};
use crate::interop::person_names::{join_name, read_orcid};
use crate::interop::source_metadata::SourceMetadata;

/// The name of the file itself.
pub(in crate::interop) const FILE: &str = "datapackage.json";

/// Keys that are read, or that a record has no place for.
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
/// Why it is not a JSON object.
pub(in crate::interop) fn read_datapackage(text: &str) -> Result<SourceMetadata, String> {
    let json = parse_object(text)?;
    let mut out = SourceMetadata::default();
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    out.set_text(Field::UploadType, "", Some("dataset"));
    // A package without a title goes by its name.
    for key in ["title", "name"] {
        out.set_text(Field::Title, key, text(key));
    }
    // The standard says that it may be Markdown.
    out.set_markdown(Field::Description, "description", text("description"));
    out.set_text(Field::Version, "version", text("version"));
    out.set_list(Field::Keywords, "keywords", json.get("keywords"));
    read_licenses(&json, &mut out);
    read_contributors(&json, &mut out);
    out.relate("homepage", "isDocumentedBy", text("homepage"));
    for (at, source) in list_items(json.get("sources")).into_iter().enumerate() {
        let key = format!("sources[{at}]");
        // A path in the folder is not an identifier that a record can relate to.
        match source.get("path").and_then(Json::as_str).filter(|path| path.contains("://")) {
            Some(path) => out.relate(&key, "isDerivedFrom", Some(path)),
            None => out.add_loss(&key, &summarize(source.get("title").unwrap_or(source))),
        }
    }
    // `id` may be any name; only a DOI identifies a record.
    let is_doi = |id: &&str| crate::model::Doi::parse(id).is_ok();
    out.add_identifier("id", text("id").filter(is_doi));
    read_resources(&json, &mut out);
    out.add_unknown_keys(&json, KNOWN);
    Ok(out)
}

fn read_licenses(json: &Map<String, Json>, out: &mut SourceMetadata) {
    let items = list_items(json.get("licenses"));
    let names: Vec<&str> =
        items.into_iter().filter_map(|item| find_text(item, &["name", "path", "title"])).collect();
    // Joined, as SPDX writes a list of which one may be chosen.
    let names = Some(names.join(" OR ")).filter(|names| !names.is_empty());
    out.set_license("licenses", names.as_deref());
}

/// Reads contributors: authors are creators; the others keep their role if Zenodo has it.
fn read_contributors(json: &Map<String, Json>, out: &mut SourceMetadata) {
    let (mut authors, mut helpers) = (Vec::new(), Vec::new());
    for (at, item) in list_items(json.get("contributors")).into_iter().enumerate() {
        let Some(mut person) = read_person(item) else {
            out.add_loss(&format!("contributors[{at}]"), "it has no name");
            continue;
        };
        // Version 2 has a list of `roles`, version 1 one `role`.
        let roles = list_items(item.get("roles").or_else(|| item.get("role")));
        let roles: Vec<&str> = roles.into_iter().filter_map(Json::as_str).collect();
        if roles.contains(&"author") || roles.contains(&"creator") {
            authors.push(person);
        } else {
            person.role = Some(find_role(roles.first().copied().unwrap_or_default()).to_owned());
            helpers.push(person);
        }
    }
    out.set_people(Field::Creators, "contributors", authors);
    out.set_people(Field::Contributors, "contributors", helpers);
}

fn read_person(item: &Json) -> Option<Person> {
    let part = |key| item.get(key).and_then(Json::as_str).unwrap_or_default();
    let parts = join_name(part("familyName"), part("givenName"));
    // Version 1 has no parts of a name, only a `title`.
    let name = if part("familyName").is_empty() { part("title") } else { &parts };
    let name = name.trim();
    let affiliation = Some(part("organization").trim().to_owned()).filter(|it| !it.is_empty());
    let orcid = ["path", "id"].iter().find_map(|key| read_orcid(part(key)));
    (!name.is_empty()).then(|| Person {
        name: name.to_owned(),
        affiliation,
        orcid,
        ..Person::default()
    })
}

fn find_role(role: &str) -> &'static str {
    match role {
        "wrangler" => "DataCurator",
        "maintainer" | "contact" => "ContactPerson",
        "publisher" => "Distributor",
        "funder" => "Sponsor",
        _ => "Other",
    }
}

fn read_resources(json: &Map<String, Json>, out: &mut SourceMetadata) {
    for (at, resource) in list_items(json.get("resources")).into_iter().enumerate() {
        for path in list_items(resource.get("path")).into_iter().filter_map(Json::as_str) {
            let key = format!("resources[{at}].path");
            if path.contains("://") {
                out.add_loss(&key, &format!("`{path}`: it is not a file of this folder"));
            } else {
                out.files.push((path.trim_start_matches("./").to_owned(), key));
            }
        }
    }
    // Without its description the record would not be a data package.
    if !out.files.is_empty() {
        out.files.push((FILE.to_owned(), "resources".to_owned()));
    }
}
