//! Values of metadata as TOML: tables in braces, quoted.

use crate::model::{
    Affiliation, CustomValue, DateInterval, Field, Funding, Identifier, License, Location, Person,
    PersonDetails, Related, Subject, TypedText, Value,
};
use crate::toml_text::{quote_key, quote_line, quote_lines};
use crate::vocab;

/// Writes a text, or a licence.
pub(super) fn write_text(field: Field, text: &str) -> String {
    // The manifest accepts an unknown licence only if it is allowed explicitly.
    if field == Field::License && vocab::find_license_id(text).is_none() {
        return write_table(&[("allow_unknown", Some(&text.to_owned()))]);
    }
    quote_lines(text)
}

/// Returns each item of a list of tables as one line.
pub(super) fn write_tables(field: Field, value: &Value) -> Vec<String> {
    match value {
        Value::Text(_) | Value::List(_) | Value::Custom(_) => Vec::new(),
        Value::People(people) => people.iter().map(|person| write_person(field, person)).collect(),
        Value::Related(items) => items.iter().map(write_related).collect(),
        Value::Subjects(items) => items.iter().map(write_subject).collect(),
        Value::Locations(items) => items.iter().map(write_location).collect(),
        Value::Dates(items) => items.iter().map(write_date).collect(),
        Value::TypedTexts(items) => items.iter().map(|item| write_typed(field, item)).collect(),
        Value::Licenses(items) => items.iter().map(write_license).collect(),
        Value::Funding(items) => items.iter().map(write_funding).collect(),
    }
}

fn write_person(field: Field, person: &Person) -> String {
    let Person { name, affiliation, orcid, gnd, role, details } = person;
    let PersonDetails { is_organization, names, affiliations, identifiers } = details;
    let text = |text: &String| quote_line(text);
    // A contributor's role is its `type`.
    let (kind, own) =
        if field == Field::Contributors { (role.as_ref(), None) } else { (None, role.as_ref()) };
    join_table(vec![
        ("name", Some(quote_line(name)).filter(|_| names.is_none())),
        ("family_name", names.as_ref().map(|(family, _)| quote_line(family))),
        (
            "given_name",
            names.as_ref().filter(|(_, given)| !given.is_empty()).map(|(_, given)| text(given)),
        ),
        ("kind", is_organization.then(|| quote_line("organization"))),
        ("type", kind.map(text)),
        ("role", own.map(text)),
        ("affiliation", affiliation.as_ref().map(text)),
        (
            "affiliations",
            (!affiliations.is_empty())
                .then(|| join_items(affiliations.iter().map(write_affiliation))),
        ),
        ("orcid", orcid.as_ref().map(text)),
        ("gnd", gnd.as_ref().map(text)),
        ("identifiers", write_identifiers(identifiers)),
    ])
}

fn join_items(items: impl Iterator<Item = String>) -> String {
    format!("[{}]", items.collect::<Vec<_>>().join(", "))
}

/// Writes an affiliation; of one with an id the name is the server's own.
fn write_affiliation(home: &Affiliation) -> String {
    match (&home.name, &home.ror) {
        (Some(name), None) => quote_line(name),
        (name, ror) => write_table(&[("ror", ror.as_ref()), ("name", name.as_ref())]),
    }
}

fn write_identifiers(identifiers: &[Identifier]) -> Option<String> {
    let one = |id: &Identifier| {
        write_table(&[("scheme", Some(&id.scheme)), ("identifier", Some(&id.identifier))])
    };
    (!identifiers.is_empty()).then(|| join_items(identifiers.iter().map(one)))
}

fn write_typed(field: Field, item: &TypedText) -> String {
    let TypedText { text, kind, language } = item;
    let key = if field == Field::Titles { "title" } else { "description" };
    let kind = Some(kind).filter(|kind| !kind.is_empty());
    write_table(&[(key, Some(text)), ("kind", kind), ("language", language.as_ref())])
}

fn write_license(license: &License) -> String {
    let License { id, title, description, link } = license;
    match id {
        Some(id) => quote_line(id),
        None => write_table(&[
            ("title", title.as_ref()),
            ("description", description.as_ref()),
            ("link", link.as_ref()),
        ]),
    }
}

fn write_funding(funding: &Funding) -> String {
    let Funding { funder_ror, funder_name, award_id, number, title, url } = funding;
    let has_funder = funder_ror.is_some() || funder_name.is_some();
    let funder = has_funder
        .then(|| write_table(&[("ror", funder_ror.as_ref()), ("name", funder_name.as_ref())]));
    let has_award = award_id.is_some() || number.is_some() || title.is_some();
    let award = has_award.then(|| {
        write_table(&[
            ("id", award_id.as_ref()),
            ("number", number.as_ref()),
            ("title", title.as_ref()),
            ("url", url.as_ref()),
        ])
    });
    join_table(vec![("funder", funder), ("award", award)])
}

/// Writes a custom field; words of vocabularies that a manifest knows by their ids alone.
pub(super) fn write_custom_field(name: &str, value: &CustomValue) -> String {
    let word = |value: &CustomValue| match value {
        CustomValue::Table(table) => table.get("id").map_or_else(String::new, write_custom),
        CustomValue::Text(_)
        | CustomValue::Number(_)
        | CustomValue::Flag(_)
        | CustomValue::List(_) => write_custom(value),
    };
    match (name, value) {
        ("code:programmingLanguage", CustomValue::List(items)) => {
            join_items(items.iter().map(word))
        }
        ("code:developmentStatus", value) => word(value),
        _ => write_custom(value),
    }
}

/// Writes the value of a custom field.
fn write_custom(value: &CustomValue) -> String {
    match value {
        CustomValue::Text(text) => quote_line(text),
        CustomValue::Number(number) => number.clone(),
        CustomValue::Flag(flag) => flag.to_string(),
        CustomValue::List(items) => join_items(items.iter().map(write_custom)),
        CustomValue::Table(table) => {
            let pairs = table.iter();
            let pairs: Vec<String> = pairs
                .map(|(key, it)| format!("{} = {}", quote_key(key), write_custom(it)))
                .collect();
            format!("{{ {} }}", pairs.join(", "))
        }
    }
}

/// Writes a related identifier without its scheme: the server detects it, and a manifest has no key
/// for it.
fn write_related(related: &Related) -> String {
    let Related { identifier, relation, resource_type, scheme: _ } = related;
    write_table(&[
        ("identifier", Some(identifier)),
        ("relation", Some(relation)),
        ("resource_type", resource_type.as_ref()),
    ])
}

fn write_subject(subject: &Subject) -> String {
    let Subject { term, identifier, scheme, is_known } = subject;
    if *is_known {
        let term = Some(term).filter(|term| !term.is_empty());
        return write_table(&[("id", Some(identifier)), ("term", term)]);
    }
    write_table(&[
        ("term", Some(term)),
        ("identifier", Some(identifier)),
        ("scheme", scheme.as_ref()),
    ])
}

fn write_location(location: &Location) -> String {
    let Location { place, lat, lon, description, geometry, identifiers } = location;
    let degrees = |degrees: f64| toml::Value::Float(degrees).to_string();
    join_table(vec![
        ("place", Some(place).filter(|place| !place.is_empty()).map(|place| quote_line(place))),
        ("lat", lat.map(degrees)),
        ("lon", lon.map(degrees)),
        ("geometry", geometry.as_ref().map(write_custom)),
        ("identifiers", write_identifiers(identifiers)),
        ("description", description.as_deref().map(quote_line)),
    ])
}

fn write_date(date: &DateInterval) -> String {
    let DateInterval { start, end, kind, description } = date;
    // One with a time of the day is no interval.
    if let (Some(date), Some(end)) = (start, end)
        && date == end
        && date.contains('T')
    {
        return write_table(&[
            ("date", Some(date)),
            ("type", Some(kind)),
            ("description", description.as_ref()),
        ]);
    }
    write_table(&[
        ("start", start.as_ref()),
        ("end", end.as_ref()),
        ("type", Some(kind)),
        ("description", description.as_ref()),
    ])
}

/// Writes a table in braces, of the pairs that have a value.
pub(super) fn write_table(pairs: &[(&str, Option<&String>)]) -> String {
    let pairs = pairs.iter().map(|(key, value)| (*key, value.map(|text| quote_line(text))));
    join_table(pairs.collect())
}

fn join_table(pairs: Vec<(&str, Option<String>)>) -> String {
    let pairs = pairs.into_iter().filter_map(|(key, value)| Some(format!("{key} = {}", value?)));
    format!("{{ {} }}", pairs.collect::<Vec<_>>().join(", "))
}
