//! codemeta.json: schema.org's terms, for software above all. Versions 2 and 3 are read, 2.0 is
//! written.
//!
//! Source: codemeta's crosswalk, column Zenodo, 2026-11-23.

use serde_json::{Map, Value as Json, json};

use std::collections::BTreeMap;

use crate::model::{
    Affiliation, CustomFields, CustomValue, Field, Funding, Person, Related, Value,
};
use crate::observed::UnsupportedValue;
use crate::vocab;

use crate::interop::hidden::write_json;
use crate::interop::json::{
    find_text, has_natural_name, list_items, parse_object, read_person, summarize,
};
use crate::interop::license_names::{NO_NAME, find_spdx_id_or_page};
use crate::interop::person_names::find_names;
use crate::interop::repository_address::find_public_address;
use crate::interop::source_metadata::SourceMetadata;
use crate::interop::unsupported::{
    find_lost_role, list_lost_ids_of, list_unsupported, make_unsupported,
};
use crate::interop::work::Work;

/// Keys that are read, or that a record has no place for.
const READ: &[&str] = &[
    "@context",
    "@id",
    "@type",
    "author",
    "codeRepository",
    "contributor",
    "datePublished",
    "description",
    "developmentStatus",
    "downloadUrl",
    "funder",
    "id",
    "identifier",
    "inLanguage",
    "issueTracker",
    "keywords",
    "license",
    "name",
    "programmingLanguage",
    "softwareVersion",
    "type",
    "url",
    "version",
];

/// Reads the file.
///
/// # Errors
/// Why it is not a JSON object.
pub(in crate::interop) fn read_codemeta(text: &str) -> Result<SourceMetadata, String> {
    let json = parse_object(text)?;
    let mut out = SourceMetadata::default();
    let text =
        |key: &str| json.get(key).and_then(|value| find_text(value, &["@id", "url", "name"]));
    out.set_text(Field::Title, "name", text("name"));
    out.set_plain_text(Field::Description, "description", text("description"));
    // `softwareVersion` is the more specific term, so it comes first.
    for key in ["softwareVersion", "version"] {
        out.set_text(Field::Version, key, text(key));
    }
    out.set_text(Field::PublicationDate, "datePublished", text("datePublished"));
    out.set_text(Field::Language, "inLanguage", text("inLanguage"));
    let kind = list_items(json.get("@type").or_else(|| json.get("type")));
    let kind = kind.into_iter().filter_map(Json::as_str).find_map(find_upload_type);
    out.set_text(Field::UploadType, "@type", kind);
    read_keywords(&json, &mut out);
    let authors = read_people(&json, "author", &mut out);
    out.set_people(Field::Creators, "author", authors);
    let mut helpers = read_people(&json, "contributor", &mut out);
    // The manifest requires a role for contributors, and codemeta's have none.
    for helper in &mut helpers {
        helper.role = Some("Other".to_owned());
    }
    out.set_people(Field::Contributors, "contributor", helpers);
    let licenses: Vec<&str> = list_items(json.get("license"))
        .into_iter()
        .filter_map(|it| find_text(it, &["@id", "url"]))
        .collect();
    // Joined, as SPDX writes a list of which one may be chosen.
    let licenses = Some(licenses.join(" OR ")).filter(|text| !text.is_empty());
    out.set_license("license", licenses.as_deref());
    out.relate_repository("codeRepository", text("codeRepository"));
    out.relate("downloadUrl", "isIdenticalTo", text("downloadUrl"));
    out.relate("issueTracker", "isSupplementedBy", text("issueTracker"));
    out.relate("url", "isDocumentedBy", text("url"));
    for key in ["identifier", "@id", "id"] {
        read_identifiers(&json, key, &mut out);
    }
    out.set_funders(list_items(json.get("funder")));
    read_code(&json, &mut out);
    out.add_unknown_keys(&json, READ);
    Ok(out)
}

/// Adds the identifiers under a key. An `@id` that is not a DOI is a name within the document.
fn read_identifiers(json: &Map<String, Json>, key: &str, out: &mut SourceMetadata) {
    for item in list_items(json.get(key)) {
        let text = find_text(item, &["value", "@id", "url"]);
        let is_doi = text.is_some_and(|text| crate::model::Doi::parse(text).is_ok());
        if is_doi || key == "identifier" {
            out.add_identifier(key, text);
        }
    }
}

/// Adds what Zenodo says of code: its repository, its languages, how far it is.
fn read_code(json: &Map<String, Json>, out: &mut SourceMetadata) {
    let mut fields = BTreeMap::new();
    let word = |id: &str| {
        CustomValue::Table(BTreeMap::from([("id".to_owned(), CustomValue::Text(id.to_owned()))]))
    };
    let known = vocab::list_programming_languages();
    let mut languages = Vec::new();
    for item in list_items(json.get("programmingLanguage")) {
        let name = find_text(item, &["name"]).unwrap_or_default();
        let id = name.to_lowercase().replace(' ', "_");
        if known.contains(&id.as_str()) {
            languages.push(word(&id));
        } else {
            out.add_loss(
                "programmingLanguage",
                &format!("`{name}`: Zenodo knows no such language"),
            );
        }
    }
    if !languages.is_empty() {
        fields.insert("code:programmingLanguage".to_owned(), CustomValue::List(languages));
    }
    if let Some(status) = json.get("developmentStatus").and_then(|it| find_text(it, &["@id"])) {
        // Files have the word itself, or its page at repostatus.org.
        let id = status.rsplit(['/', '#']).next().unwrap_or_default().to_lowercase();
        if vocab::list_development_statuses().contains(&id.as_str()) {
            fields.insert("code:developmentStatus".to_owned(), word(&id));
        } else {
            out.add_loss("developmentStatus", &format!("`{status}`"));
        }
    }
    let repository = json.get("codeRepository").and_then(|it| find_text(it, &["@id", "url"]));
    if let Some(address) = repository.and_then(find_public_address) {
        fields.insert("code:codeRepository".to_owned(), CustomValue::Text(address));
    }
    out.set(Field::Custom, "codeRepository", Value::Custom(CustomFields(fields)));
}

fn read_keywords(json: &Map<String, Json>, out: &mut SourceMetadata) {
    match json.get("keywords") {
        // In schema.org a text holds several keywords, separated by commas.
        Some(Json::String(text)) => {
            let words = text.split(',').map(str::trim).filter(|word| !word.is_empty());
            let words = words.map(str::to_owned).collect();
            out.set(Field::Keywords, "keywords", Value::List(words));
        }
        other => out.set_list(Field::Keywords, "keywords", other),
    }
}

/// Returns the people under a key; reports those without a name.
fn read_people(json: &Map<String, Json>, key: &str, out: &mut SourceMetadata) -> Vec<Person> {
    let mut people = Vec::new();
    for (at, item) in list_items(json.get(key)).into_iter().enumerate() {
        // Version 3 has roles among the authors, each of which repeats a person by id.
        if item.get("roleName").is_some() {
            continue;
        }
        out.has_natural_names |= has_natural_name(item);
        match read_person(item, None) {
            Some(person) => people.push(person),
            None => {
                out.add_loss(&format!("{key}[{at}]"), &format!("{} has no name", summarize(item)));
            }
        }
    }
    people
}

fn find_upload_type(kind: &str) -> Option<&'static str> {
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

/// Fields that the format has a place for.
const WRITTEN: &[Field] = &[
    Field::Title,
    Field::UploadType,
    Field::PublicationDate,
    Field::Version,
    Field::Creators,
    Field::Contributors,
    Field::Description,
    Field::License,
    Field::Licenses,
    Field::Keywords,
    Field::Doi,
    Field::Language,
    Field::RelatedIdentifiers,
    Field::Grants,
    Field::Funding,
    Field::Custom,
];

/// Writes the file.
pub(in crate::interop) fn write_codemeta(work: &Work) -> (String, Vec<UnsupportedValue>) {
    let metadata = &work.metadata;
    let mut unsupported = list_unsupported(work, WRITTEN);
    let kind = metadata.text(Field::UploadType).unwrap_or_default();
    let mut out = Map::new();
    let mut put = |key: &str, value: Json| {
        out.insert(key.to_owned(), value);
    };
    put("@context", json!("https://doi.org/10.5063/schema/codemeta-2.0"));
    put("@type", json!(find_schema_type(kind)));
    put("name", json!(metadata.text(Field::Title)));
    if let Some((text, is_marked)) = work.plain_text(Field::Description) {
        put("description", json!(text));
        if is_marked {
            let what = "its formatting: a description is plain text";
            unsupported.push(make_unsupported("description", what));
        }
    }
    let named = |field| work.people(field).iter().map(write_person).collect::<Vec<_>>();
    put("author", json!(named(Field::Creators)));
    let contributors = named(Field::Contributors);
    if !contributors.is_empty() {
        put("contributor", json!(contributors));
        unsupported.push(make_unsupported("contributors", "their roles"));
    }
    for (key, field) in [("version", Field::Version), ("inLanguage", Field::Language)] {
        if let Some(text) = metadata.text(field) {
            put(key, json!(text));
        }
    }
    match work.date_parts() {
        Some(date) if date.day.is_some() => put("datePublished", json!(date.day)),
        Some(_) => unsupported
            .push(make_unsupported("publication_date", "codemeta takes a whole day only")),
        None => {}
    }
    if let Some(license) = write_licenses(work, &mut unsupported) {
        put("license", license);
    }
    if let keywords @ [_, ..] = work.list(Field::Keywords) {
        put("keywords", json!(keywords));
    }
    if let Some(Value::Funding(funding)) = metadata.get(Field::Funding) {
        put("funder", write_funders(funding, &mut unsupported));
    }
    if let Some(Value::Custom(fields)) = metadata.get(Field::Custom) {
        for (key, value) in write_code(fields, &mut unsupported) {
            put(key, value);
        }
    }
    if let grants @ [_, ..] = work.list(Field::Grants) {
        put("funding", json!(grants.join("; ")));
    }
    if let Some(doi) = work.best_doi() {
        put("identifier", json!(format!("https://doi.org/{doi}")));
    }
    for (key, value) in write_related(work.related(), kind, &mut unsupported) {
        put(key, value);
    }
    unsupported.extend(list_lost_ids(work));
    (write_json(&Json::Object(out)), unsupported)
}

/// Returns the licences: by their page, or as a work of its own with title and page.
fn write_licenses(work: &Work, unsupported: &mut Vec<UnsupportedValue>) -> Option<Json> {
    let mut out = Vec::new();
    for (place, license) in work.list_licenses() {
        match (find_spdx_id_or_page(&license), &license.title) {
            (Ok(id), _) => out.push(json!(format!("https://spdx.org/licenses/{id}"))),
            (Err(Some(url)), Some(title)) => {
                out.push(json!({"@type": "CreativeWork", "name": title, "url": url}));
            }
            (Err(None), Some(title)) => out.push(json!({"@type": "CreativeWork", "name": title})),
            (Err(Some(url)), None) => out.push(json!(url)),
            (Err(None), None) => {
                unsupported.push(make_unsupported(&place, &format!("`{license}`: {NO_NAME}")));
            }
        }
    }
    if out.len() > 1 { Some(Json::Array(out)) } else { out.pop() }
}

fn write_funders(funding: &[Funding], unsupported: &mut Vec<UnsupportedValue>) -> Json {
    if funding.iter().any(|one| one.award_id.is_some() || one.number.is_some()) {
        unsupported.push(make_unsupported("funding", "awards: codemeta has them as words"));
    }
    let funder = |one: &Funding| {
        let (name, ror) = (one.funder_name.clone(), one.funder_ror.clone());
        write_organization(&Affiliation { name, ror })
    };
    funding.iter().map(funder).collect()
}

fn find_schema_type(kind: &str) -> &'static str {
    match kind {
        "software" => "SoftwareSourceCode",
        "dataset" => "Dataset",
        "publication" => "ScholarlyArticle",
        "image" => "ImageObject",
        "video" => "VideoObject",
        "poster" => "Poster",
        "presentation" => "PresentationDigitalDocument",
        "lesson" => "LearningResource",
        _ => "CreativeWork",
    }
}

fn write_person(person: &Person) -> Json {
    let mut out = match find_names(person) {
        Some((family, given)) if given.is_empty() => {
            json!({"@type": "Person", "familyName": family})
        }
        Some((family, given)) => {
            json!({"@type": "Person", "givenName": given, "familyName": family})
        }
        None => json!({"@type": "Organization", "name": person.name}),
    };
    if let Some(orcid) = &person.orcid {
        out["@id"] = json!(format!("https://orcid.org/{orcid}"));
    }
    if let Some(ror) = person.details.identifiers.iter().find(|id| id.scheme == "ror") {
        out["@id"] = json!(format!("https://ror.org/{}", ror.identifier));
    }
    let homes: Vec<Json> = person.list_affiliations().iter().map(write_organization).collect();
    match homes.as_slice() {
        [] => {}
        [only] => out["affiliation"] = only.clone(),
        all => out["affiliation"] = json!(all),
    }
    out
}

/// Writes what Zenodo says of code, and reports the custom fields that codemeta has no term for.
fn write_code(
    fields: &CustomFields,
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<(&'static str, Json)> {
    let mut out = Vec::new();
    let word = |value: &CustomValue| json!(value.to_string());
    for (name, value) in &fields.0 {
        match (name.as_str(), value) {
            // The repository is a related identifier as well where a person gave one.
            ("code:codeRepository", value) => out.push(("codeRepository", word(value))),
            ("code:programmingLanguage", CustomValue::List(items)) => {
                out.push(("programmingLanguage", items.iter().map(word).collect()));
            }
            ("code:developmentStatus", value) => out.push(("developmentStatus", word(value))),
            _ => unsupported
                .push(make_unsupported(&format!("custom.{name}"), "codemeta has no term for it")),
        }
    }
    out
}

fn write_organization(home: &Affiliation) -> Json {
    let mut out = json!({"@type": "Organization"});
    if let Some(name) = &home.name {
        out["name"] = json!(name);
    }
    if let Some(ror) = &home.ror {
        out["@id"] = json!(format!("https://ror.org/{ror}"));
    }
    out
}

fn list_lost_ids(work: &Work) -> Vec<UnsupportedValue> {
    let mut unsupported = Vec::new();
    for field in [Field::Creators, Field::Contributors] {
        for (at, person) in work.people(field).iter().enumerate() {
            let place = format!("{field}[{at}]");
            unsupported.extend(list_lost_ids_of(&place, person));
            // The roles of all contributors are one entry.
            if field == Field::Creators {
                unsupported.extend(find_lost_role(&place, person));
            }
        }
    }
    unsupported
}

/// Returns the related identifiers that have a term in the crosswalk: the first address that
/// software is a supplement to is its repository.
fn write_related(
    items: &[Related],
    kind: &str,
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<(&'static str, Json)> {
    let mut out: Vec<(&'static str, Json)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let is_address = item.identifier.starts_with("https://");
        let key = match item.relation.as_str() {
            "isSupplementTo" if kind == "software" => "codeRepository",
            "isIdenticalTo" => "downloadUrl",
            _ => "",
        };
        // Each term takes one address.
        let is_free = !key.is_empty() && out.iter().all(|(known, _)| *known != key);
        if is_address && is_free {
            out.push((key, json!(item.identifier)));
        } else {
            let place = format!("related_identifiers[{at}]");
            unsupported
                .push(make_unsupported(&place, &format!("{} {}", item.relation, item.identifier)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    #[test]
    fn software_names_its_repository_and_reports_other_relations() {
        let related = |relation: &str, identifier: &str| Related {
            identifier: identifier.to_owned(),
            relation: relation.to_owned(),
            ..Related::default()
        };
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "Forms\u{202e}");
        metadata.set_text(Field::UploadType, "software");
        let items = vec![
            related("isSupplementTo", "https://example.org/code"),
            related("isSupplementTo", "https://example.org/other"),
            related("cites", "10.1234/foo"),
        ];
        metadata.set(Field::RelatedIdentifiers, Value::Related(items));
        let (text, unsupported) = write_codemeta(&Work { metadata, ..Work::default() });
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(json["@type"], "SoftwareSourceCode");
        assert_eq!(json["codeRepository"], "https://example.org/code");
        assert_eq!(json["name"], "Forms\u{202e}");
        assert!(text.contains("\\u202e"), "{text}");
        let places: Vec<&str> = unsupported.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(places, ["related_identifiers[1]", "related_identifiers[2]"]);
    }
}
