//! codemeta.json 2.0: schema.org's terms, for software above all.

pub(in crate::interop) mod read;

use serde_json::{Map, Value as Json, json};

use crate::model::{Field, Person, Related, Value};
use crate::observed::Loss;
use crate::vocab;

use crate::interop::export::{Work, lost, uncarried};
use crate::interop::hidden;
use crate::interop::work::{date, list, name_parts, people, plain, spdx};

/// Fields that have a place.
const CARRIED: &[Field] = &[
    Field::Title,
    Field::UploadType,
    Field::PublicationDate,
    Field::Version,
    Field::Creators,
    Field::Contributors,
    Field::Description,
    Field::License,
    Field::Keywords,
    Field::Doi,
    Field::Language,
    Field::RelatedIdentifiers,
    Field::Grants,
];

/// Writes the file.
///
/// Source of the terms: codemeta's crosswalk, column Zenodo, 2026-11-23.
pub(in crate::interop) fn text(work: &Work) -> (String, Vec<Loss>) {
    let metadata = &work.metadata;
    let mut losses = uncarried(work, CARRIED);
    let kind = metadata.text(Field::UploadType).unwrap_or_default();
    let mut out = Map::new();
    let mut put = |key: &str, value: Json| {
        out.insert(key.to_owned(), value);
    };
    put("@context", json!("https://doi.org/10.5063/schema/codemeta-2.0"));
    put("@type", json!(schema_type(kind)));
    put("name", json!(metadata.text(Field::Title)));
    if let Some((text, is_marked)) = plain(metadata, Field::Description) {
        put("description", json!(text));
        if is_marked {
            losses.push(lost("description", "its formatting: a description is plain text"));
        }
    }
    let named = |field| people(metadata, field).iter().map(person).collect::<Vec<_>>();
    put("author", json!(named(Field::Creators)));
    let contributors = named(Field::Contributors);
    if !contributors.is_empty() {
        put("contributor", json!(contributors));
        losses.push(lost("contributors", "their roles"));
    }
    for (key, field) in [("version", Field::Version), ("inLanguage", Field::Language)] {
        if let Some(text) = metadata.text(field) {
            put(key, json!(text));
        }
    }
    match date(metadata) {
        Some(date) if date.day.is_some() => put("datePublished", json!(date.day)),
        Some(_) => losses.push(lost("publication_date", "codemeta takes a whole day only")),
        None => {}
    }
    if let Some(license) = license(work) {
        put("license", json!(license));
    } else if metadata.text(Field::License).is_some() {
        losses.push(lost("license", "it is not in SPDX's list, and has no page"));
    }
    let keywords = list(metadata, Field::Keywords);
    if !keywords.is_empty() {
        put("keywords", json!(keywords));
    }
    let grants = list(metadata, Field::Grants);
    if !grants.is_empty() {
        put("funding", json!(grants.join("; ")));
    }
    if let Some(doi) = work.doi.as_ref().or(work.concept_doi.as_ref()) {
        put("identifier", json!(format!("https://doi.org/{doi}")));
    }
    if let Some(Value::Related(items)) = metadata.get(Field::RelatedIdentifiers) {
        for (key, value) in related(items, kind, &mut losses) {
            put(key, value);
        }
    }
    losses.extend(unsaid_people(work));
    (hidden::json(&Json::Object(out)), losses)
}

fn schema_type(kind: &str) -> &'static str {
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

fn person(person: &Person) -> Json {
    let mut out = match name_parts(&person.name) {
        Some((family, given)) => {
            json!({"@type": "Person", "givenName": given, "familyName": family})
        }
        None => json!({"@type": "Organization", "name": person.name}),
    };
    if let Some(orcid) = &person.orcid {
        out["@id"] = json!(format!("https://orcid.org/{orcid}"));
    }
    if let Some(affiliation) = &person.affiliation {
        out["affiliation"] = json!({"@type": "Organization", "name": affiliation});
    }
    out
}

fn unsaid_people(work: &Work) -> Vec<Loss> {
    let mut losses = Vec::new();
    for field in [Field::Creators, Field::Contributors] {
        for (at, person) in people(&work.metadata, field).iter().enumerate() {
            if person.gnd.is_some() {
                losses.push(lost(&format!("{field}[{at}].gnd"), "only ORCIDs are written"));
            }
        }
    }
    losses
}

fn license(work: &Work) -> Option<String> {
    let license = work.metadata.text(Field::License)?;
    match spdx(license) {
        Some(id) => Some(format!("https://spdx.org/licenses/{id}")),
        None => vocab::find_license(license)?.url.clone(),
    }
}

/// The first address that software is a supplement to is its repository; the crosswalk has no term
/// for other relations but one.
fn related(items: &[Related], kind: &str, losses: &mut Vec<Loss>) -> Vec<(&'static str, Json)> {
    let mut out: Vec<(&'static str, Json)> = Vec::new();
    for (at, item) in items.iter().enumerate() {
        let is_address = item.identifier.starts_with("https://");
        let key = match item.relation.as_str() {
            "isSupplementTo" if kind == "software" => "codeRepository",
            "isIdenticalTo" => "downloadUrl",
            _ => "",
        };
        let is_free = !key.is_empty() && out.iter().all(|(known, _)| *known != key);
        if is_address && is_free {
            out.push((key, json!(item.identifier)));
        } else {
            let place = format!("related_identifiers[{at}]");
            losses.push(lost(&place, &format!("{} {}", item.relation, item.identifier)));
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Metadata;

    #[test]
    fn software_names_its_repository_and_tells_other_relations() {
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
        let (text, losses) = text(&Work { metadata, ..Work::default() });
        let json: Json = serde_json::from_str(&text).unwrap();
        assert_eq!(json["@type"], "SoftwareSourceCode");
        assert_eq!(json["codeRepository"], "https://example.org/code");
        assert_eq!(json["name"], "Forms\u{202e}");
        assert!(text.contains("\\u202e"), "{text}");
        let places: Vec<&str> = losses.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(places, ["related_identifiers[1]", "related_identifiers[2]"]);
    }
}
