//! Fields that only the records API has: further titles and descriptions, licences, funding, custom
//! fields, shapes of places.

use std::collections::BTreeMap;

use toml::de::DeValue;

use crate::model::{
    CustomFields, CustomValue, Field, Finding, Funding, License, Span, TextPlace, TypedText, Value,
};
use crate::vocab;

use super::codes;
use super::reader::{Entry, Section, read_number_text};
use super::sources;
use super::too_short::check_min_length;
use super::types::{Located, TextSource};
use super::vocab_checks::{self, shorten_and_escape};

/// What would happen to an unknown key.
const DROPPED: &str = "Zenodo drops an unknown key";

/// Reads a field of the records API's own.
pub(super) fn read_statements(field: Field, entry: &Entry<'_>, found: &mut Vec<Finding>) -> Value {
    if field == Field::Titles {
        Value::TypedTexts(read_titles(entry, found))
    } else if field == Field::Licenses {
        Value::Licenses(read_licenses(entry, found))
    } else if field == Field::Funding {
        Value::Funding(read_all_funding(entry, found))
    } else {
        Value::Custom(read_custom_fields(entry, found))
    }
}

/// Reads `titles`.
fn read_titles(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<TypedText> {
    let mut all = Vec::new();
    for mut section in entry.sections("{ title = \"A subtitle\", kind = \"subtitle\" }", found) {
        let title = section.require_text("title", found);
        if let Some(title) = &title {
            found.extend(check_min_length(Field::Titles, &title.value, title.span));
        }
        // A title may have no kind.
        let kind = section.word("kind", found);
        let kind = kind.and_then(|kind| {
            vocab_checks::validate_word(&kind, "kind of title", &vocab::list_title_types(), found)
        });
        let language = read_language(&mut section, found);
        section.finish(Some(DROPPED), found);
        if let Some(title) = title {
            all.push(TypedText { text: title.value, kind: kind.unwrap_or_default(), language });
        }
    }
    all
}

/// Reads `descriptions`: without the texts, and where each of these is.
pub(super) fn read_descriptions(
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> (Vec<TypedText>, Vec<(TextPlace, Located<TextSource>)>) {
    let (mut all, mut texts) = (Vec::new(), Vec::new());
    let shape = "{ description = \"<p>…</p>\", kind = \"technical-info\" }";
    for mut section in entry.sections(shape, found) {
        let text = if let Some(entry) = section.take("description") {
            sources::read_text_source(&entry, found)
        } else {
            found.push(section.missing("description"));
            None
        };
        let kind = section.require_word("kind", found);
        let kinds = vocab::list_description_types();
        let kind = kind.and_then(|kind| {
            vocab_checks::validate_word(&kind, "kind of description", &kinds, found)
        });
        let language = read_language(&mut section, found);
        section.finish(Some(DROPPED), found);
        if let Some(text) = text {
            let place = TextPlace { field: Field::Descriptions, at: all.len() };
            // One that is written here can be compared with another community's.
            let inline = match &text.value {
                TextSource::Inline(inline) => inline.clone(),
                TextSource::File(path) => path.value.clone(),
            };
            texts.push((place, text));
            all.push(TypedText { text: inline, kind: kind.unwrap_or_default(), language });
        }
    }
    (all, texts)
}

/// Reads the language of a title or a description, as the records API has it.
fn read_language(section: &mut Section<'_>, found: &mut Vec<Finding>) -> Option<String> {
    let code = section.word("language", found)?;
    let code = vocab_checks::validate_language(&code, found)?;
    Some(vocab::find_language_alpha3(&code).unwrap_or(&code).to_owned())
}

/// Reads `licenses`: ids, or tables with a title.
fn read_licenses(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<License> {
    let shape = "a list such as `[\"MIT\", { title = \"Our terms\", link = \"https://…\" }]`";
    let mut all: Vec<License> = Vec::new();
    for item in entry.list(shape, found) {
        let Some(license) = read_license(&item, found) else { continue };
        if all.contains(&license) {
            let summary = format!("`{}` holds `{license}` twice", entry.path);
            found.push(
                Finding::warning(codes::REPETITION, summary)
                    .at(item.span, "given before")
                    .hint("take it away"),
            );
            continue;
        }
        all.push(license);
    }
    all
}

fn read_license(item: &Entry<'_>, found: &mut Vec<Finding>) -> Option<License> {
    if item.value.as_table().is_none() {
        let id = vocab_checks::validate_license(&item.text(found)?, found)?;
        return Some(License { id: Some(id), ..License::default() });
    }
    let mut section = item.section("a licence's id, or `{ title = \"…\" }`", found)?;
    if section.has("id") {
        let id = section.require_text("id", found);
        section.finish(Some("a licence has an id, or a title of its own"), found);
        let id = vocab_checks::validate_license(&id?, found)?;
        return Some(License { id: Some(id), ..License::default() });
    }
    if section.has("allow_unknown") {
        let id = section.require_text("allow_unknown", found);
        section.finish(None, found);
        let id = vocab_checks::validate_unknown_license(&id?, found)?;
        return Some(License { id: Some(id), ..License::default() });
    }
    let title = section.require_text("title", found);
    let description = section.text("description", found).map(|text| text.value);
    let link = section.text("link", found);
    let link = link.and_then(|link| vocab_checks::validate_address(&link, found));
    section.finish(Some(DROPPED), found);
    Some(License { id: None, title: Some(title?.value), description, link })
}

/// Reads `funding`.
fn read_all_funding(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Vec<Funding> {
    let shape = "{ funder = { ror = \"00k4n6c32\" }, award = { number = \"12\", title = \"…\" } }";
    let sections = entry.sections(shape, found);
    let mut all = Vec::new();
    for mut section in sections {
        let (span, path) = (section.span, section.path.clone());
        let funder = section.take("funder");
        let award = section.take("award");
        let mut funding = Funding::default();
        if let Some(funder) = &funder {
            read_funder(funder, &mut funding, found);
        }
        if let Some(award) = &award {
            read_award(award, &mut funding, found);
        }
        section.finish(Some(DROPPED), found);
        if let Some(award) = &award {
            check_award(award, &mut funding, found);
        }
        if funder.is_none() && funding.award_id.is_none() {
            found.push(
                Finding::error(codes::FUNDING, format!("`{path}` names no funder"))
                    .at(span, "no `funder`")
                    .because("Zenodo refuses an award without a funder, unless it knows the award")
                    .hint("add `funder = { ror = \"…\" }` or `{ name = \"…\" }`"),
            );
            continue;
        }
        all.push(funding);
    }
    all
}

/// Reads a funder: a name, or a table with a ROR id.
fn read_funder(entry: &Entry<'_>, funding: &mut Funding, found: &mut Vec<Finding>) {
    if entry.value.as_table().is_none() {
        let name = entry.text(found);
        found.extend(name.as_ref().and_then(vocab_checks::find_ror_as_name));
        funding.funder_name = name.map(|name| name.value);
        return;
    }
    let Some(mut section) = entry.section("a name, or `{ ror = \"00k4n6c32\" }`", found) else {
        return;
    };
    funding.funder_name = section.text("name", found).map(|name| name.value);
    let ror = section.text("ror", found);
    funding.funder_ror = ror.and_then(|ror| vocab_checks::validate_ror(&ror, found));
    if !section.has("ror") && !section.has("name") {
        found.push(section.missing("ror"));
    }
    section.finish(Some(DROPPED), found);
}

/// Reads an award: an id of the vocabulary, or a number and a title.
fn read_award(entry: &Entry<'_>, funding: &mut Funding, found: &mut Vec<Finding>) {
    if entry.value.as_table().is_none() {
        funding.award_id = entry.text(found).map(|id| id.value);
        return;
    }
    let wanted = "an award's id, or `{ number = \"…\", title = \"…\" }`";
    let Some(mut section) = entry.section(wanted, found) else { return };
    if section.has("id") {
        funding.award_id = section.require_text("id", found).map(|id| id.value);
        section.finish(Some("an award has an id, or a number and a title"), found);
        return;
    }
    funding.number = section.require_text("number", found).map(|number| number.value);
    funding.title = section.require_text("title", found).map(|title| title.value);
    let url = section.text("url", found);
    funding.url = url.and_then(|url| vocab_checks::validate_address(&url, found));
    section.finish(Some(DROPPED), found);
}

/// Checks the id of an award of the vocabulary, which begins with its funder's ROR id.
fn check_award(award: &Entry<'_>, funding: &mut Funding, found: &mut Vec<Finding>) {
    let Some(id) = &funding.award_id else { return };
    let funder = match (id.split_once("::"), &funding.funder_ror) {
        (Some((funder, _)), _) => funder.to_owned(),
        // A number alone, beside its funder.
        (None, Some(ror)) => {
            funding.award_id = Some(format!("{ror}::{id}"));
            return;
        }
        (None, None) => {
            found.push(
                Finding::error(
                    codes::FUNDING,
                    format!("`{}` names no funder", shorten_and_escape(id)),
                )
                .at(award.span, "an id such as `00k4n6c32::101054344`")
                .hint("write the funder's ROR id and `::` before the number"),
            );
            return;
        }
    };
    let is_other = match (&funding.funder_ror, &funding.funder_name) {
        (Some(ror), _) => *ror != funder && vocab::find_funder_ror(&funder) != Some(ror.as_str()),
        // Whether a name is that of the award's funder nobody knows here.
        (None, Some(_)) => true,
        (None, None) => false,
    };
    if is_other {
        found.push(
            Finding::error(codes::FUNDING, "the award is of another funder than is named")
                .at(award.span, format!("of the funder {}", shorten_and_escape(&funder)))
                .because("an award that Zenodo knows says who its funder is")
                .hint("remove `funder`, or name the award by `number` and `title`"),
        );
    }
}

/// Takes the value of a custom field, or reports what is wrong with it.
type Check = fn(&Entry<'_>, &mut Vec<Finding>) -> Option<CustomValue>;

/// Custom fields of Zenodo that do not take every value of their form.
///
/// Source: zenodo-rdm 6386403, `site/zenodo_rdm/custom_fields`, and
/// contract/scenarios/native-custom-fields.json, 2026-11-28.
const TYPED: [(&str, Check); 3] = [
    ("code:codeRepository", read_repository),
    ("code:programmingLanguage", read_programming_languages),
    ("code:developmentStatus", read_development_status),
];

/// Reads `[metadata.custom]`.
fn read_custom_fields(entry: &Entry<'_>, found: &mut Vec<Finding>) -> CustomFields {
    let wanted =
        "a table such as `[metadata.custom]` with `\"code:codeRepository\" = \"https://…\"`";
    let Some(section) = entry.section(wanted, found) else { return CustomFields::default() };
    let mut fields = BTreeMap::new();
    for (name, entry) in section.entries(found) {
        if let Some(finding) = find_name_fault(&name, &entry) {
            found.push(finding);
            continue;
        }
        let typed = TYPED.iter().find(|(known, _)| *known == name);
        let value = match typed {
            Some((_, read)) => read(&entry, found),
            None => read_any(&entry, found),
        };
        let Some(value) = value.map(CustomValue::without_titles) else { continue };
        let faults = find_value_faults(&name, &value, &entry);
        if faults.is_empty() {
            fields.insert(name, value);
        }
        found.extend(faults);
    }
    CustomFields(fields)
}

/// Returns what is wrong with the name of a custom field.
fn find_name_fault(name: &str, entry: &Entry<'_>) -> Option<Finding> {
    let shown = shorten_and_escape(name);
    let finding = |summary: String| Finding::error(codes::CUSTOM_FIELD, summary);
    if !name.contains(':') {
        let names = TYPED.map(|(known, _)| known);
        let finding = finding(format!("`{shown}` is not the name of a custom field"))
            .at(entry.key_span, "has no `:`");
        return Some(match vocab::find_closest(&format!("code:{name}"), names) {
            Some(meant) => finding.hint(format!("did you mean `\"{meant}\"`?")),
            None => finding.hint("names are such as `\"code:codeRepository\"`"),
        });
    }
    // Another name may be of a later Zenodo; one letter off is a typo.
    if name.starts_with("code:")
        && !TYPED.iter().any(|(known, _)| *known == name)
        && let Some(meant) = vocab::find_closest(name, TYPED.map(|(known, _)| known))
    {
        let finding = finding(format!("unknown custom field `{shown}`"));
        return Some(
            finding.at(entry.key_span, "unknown").hint(format!("did you mean `\"{meant}\"`?")),
        );
    }
    name.starts_with("legacy:").then(|| {
        finding(format!("`{shown}` belongs to Zenodo"))
            .at(entry.key_span, "not to be set")
            .because("its deposit API keeps there what it has no other place for")
    })
}

/// Returns what is wrong with the value of a custom field: it says nothing, or what a field of its own
/// says.
fn find_value_faults(name: &str, value: &CustomValue, entry: &Entry<'_>) -> Vec<Finding> {
    let shown = shorten_and_escape(name);
    let finding = |summary: String| Finding::error(codes::CUSTOM_FIELD, summary);
    let said = |path: &str| Field::ALL.iter().find(|it| it.custom_paths().any(|own| own == path));
    if let Some(field) = said(name) {
        return vec![describe_said((&shown, *field), entry.key_span)];
    }
    let prefix = format!("{name}.");
    let has_parts =
        || Field::ALL.iter().any(|it| it.custom_paths().any(|own| own.starts_with(&prefix)));
    if !value.is_something() {
        let empty = finding(format!("`{shown}` says nothing")).at(entry.span, "empty");
        return vec![empty.hint("remove the line")];
    }
    if let CustomValue::Table(table) = value {
        let parts = table.keys().map(|key| format!("{name}.{key}"));
        let twice = parts.filter_map(|path| Some((path.clone(), said(&path)?)));
        let describe = |(path, field): (String, &Field)| {
            describe_said((&shorten_and_escape(&path), *field), entry.span)
        };
        return twice.map(describe).collect();
    }
    if has_parts() {
        return vec![finding(format!("`{shown}` is a table")).at(entry.span, "no table")];
    }
    Vec::new()
}

/// Reports a custom field, or a part of one, that a field of its own says.
fn describe_said((name, field): (&str, Field), span: Span) -> Finding {
    Finding::error(codes::TWO_SPELLINGS, format!("`{name}` is what `{field}` says"))
        .at(span, format!("has a field of its own: `{field}`"))
        .hint(format!("write `{field}` under [metadata]"))
}

fn read_repository(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let address = vocab_checks::validate_address(&entry.text(found)?, found)?;
    Some(CustomValue::Text(address))
}

fn read_programming_languages(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let known = vocab::list_programming_languages();
    let items = entry.list("a list such as `[\"python\", \"rust\"]`", found);
    let read =
        items.iter().filter_map(|item| read_word(item, "programming language", &known, found));
    let words: Vec<CustomValue> = read.collect();
    (!words.is_empty()).then_some(CustomValue::List(words))
}

/// How long a list may be to be printed or documented.
const LISTED: usize = 100;

/// Finds a word of a long list.
fn find_word(
    word: &Located<String>,
    what: &str,
    known: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<String> {
    if known.contains(&word.value.as_str()) {
        return Some(word.value.clone());
    }
    let summary = format!("unknown {what} `{}`", shorten_and_escape(&word.value));
    let finding = Finding::error(codes::UNKNOWN_WORD, summary).at(word.span, "unknown");
    found.push(match vocab::find_closest(&word.value, known.iter().copied()) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None => finding.hint("Zenodo has ids such as `c++`, `jupyter_notebook` and `python`"),
    });
    None
}

fn read_development_status(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    read_word(entry, "development status", &vocab::list_development_statuses(), found)
}

/// Reads the id of a word of a vocabulary, alone or as in the API: `{ id = "…" }`.
fn read_word(
    entry: &Entry<'_>,
    what: &str,
    known: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<CustomValue> {
    let word = if entry.value.as_table().is_some() {
        let mut section = entry.section("a table with an `id`", found)?;
        let word = section.require_word("id", found);
        section.finish(None, found);
        word?
    } else {
        entry.word(found)?
    };
    // People write `Python`; the list has `python`.
    let word = Located { value: word.value.to_lowercase(), ..word };
    let id = if known.len() > LISTED {
        find_word(&word, what, known, found)
    } else {
        vocab_checks::validate_word(&word, what, known, found)
    }?;
    Some(CustomValue::Table(BTreeMap::from([("id".to_owned(), CustomValue::Text(id))])))
}

/// Reads a value of any form.
pub(super) fn read_any(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    Some(match entry.value {
        DeValue::String(_) => CustomValue::Text(entry.text(found)?.value),
        DeValue::Boolean(flag) => CustomValue::Flag(*flag),
        DeValue::Datetime(date) => CustomValue::Text(date.to_string()),
        DeValue::Integer(_) | DeValue::Float(_) => {
            entry.number(found)?;
            CustomValue::spell_number(read_number_text(entry.value)?)
        }
        DeValue::Array(_) => {
            let items = entry.list("a list", found);
            CustomValue::List(items.iter().filter_map(|item| read_any(item, found)).collect())
        }
        DeValue::Table(_) => {
            let pairs = entry.section("a table", found)?.entries(found);
            let read =
                pairs.iter().filter_map(|(key, it)| Some((key.clone(), read_any(it, found)?)));
            CustomValue::Table(read.collect())
        }
    })
}

/// The shapes of GeoJSON.
///
/// Source: RFC 7946, section 1.4.
const SHAPES: [&str; 6] =
    ["Point", "MultiPoint", "LineString", "MultiLineString", "Polygon", "MultiPolygon"];

/// Reads a shape of GeoJSON: a type, and as many nested lists of numbers as it has.
pub(super) fn read_geometry(entry: &Entry<'_>, found: &mut Vec<Finding>) -> Option<CustomValue> {
    let mut section = entry.section(
        "a shape such as `{ type = \"Polygon\", coordinates = [[[6.1, 46.2], …]] }`",
        found,
    )?;
    let kind = section.require_word("type", found);
    let coordinates = section.take("coordinates");
    if coordinates.is_none() {
        found.push(section.missing("coordinates"));
    }
    section.finish(Some("GeoJSON has no other key here"), found);
    let kind = vocab_checks::validate_word(&kind?, "shape", &SHAPES, found)?;
    let depth = match kind.as_str() {
        "Point" => 1,
        "MultiPoint" | "LineString" => 2,
        "MultiLineString" | "Polygon" => 3,
        _ => 4,
    };
    let coordinates = coordinates?;
    let read = read_any(&coordinates, found)?;
    if let Some(fault) = find_shape_fault(&kind, &read, depth) {
        found.push(
            Finding::error(codes::GEOMETRY, format!("these are no coordinates of a {kind}"))
                .at(coordinates.span, fault)
                .hint(format!("write them as `{}`", give_example(depth))),
        );
        return None;
    }
    Some(CustomValue::Table(BTreeMap::from([
        ("coordinates".to_owned(), read),
        ("type".to_owned(), CustomValue::Text(kind)),
    ])))
}

/// Returns coordinates that are nested this deep.
fn give_example(depth: usize) -> &'static str {
    match depth {
        1 => "[6.1, 46.2]",
        2 => "[[6.1, 46.2], [6.8, 46.4]]",
        3 => "[[[6.1, 46.2], [6.2, 46.2], [6.2, 46.3], [6.1, 46.2]]]",
        _ => "[[[[6.1, 46.2], [6.2, 46.2], [6.2, 46.3], [6.1, 46.2]]]]",
    }
}

/// Returns what is wrong with the coordinates of a shape.
///
/// Source: RFC 7946, sections 3.1.6 and 4.
fn find_shape_fault(kind: &str, coordinates: &CustomValue, depth: usize) -> Option<&'static str> {
    if !is_nested(coordinates, depth) {
        return Some("not lists of numbers that are nested so");
    }
    let mut positions = Vec::new();
    list_positions(coordinates, &mut positions);
    let is_on_earth = |position: &&[CustomValue]| {
        let number = |at: usize| read_number(position.get(at));
        number(0).is_some_and(|east| east.abs() <= 180.0)
            && number(1).is_some_and(|north| north.abs() <= 90.0)
    };
    if !positions.iter().all(is_on_earth) {
        return Some("a position is not on earth: it is degrees east, then degrees north");
    }
    (kind.ends_with("Polygon") && !are_rings_closed(coordinates, depth))
        .then_some("a ring has four positions or more, and ends where it begins")
}

fn read_number(value: Option<&CustomValue>) -> Option<f64> {
    match value? {
        CustomValue::Number(text) => text.parse().ok(),
        CustomValue::Text(_)
        | CustomValue::Flag(_)
        | CustomValue::List(_)
        | CustomValue::Table(_) => None,
    }
}

fn list_positions<'a>(value: &'a CustomValue, positions: &mut Vec<&'a [CustomValue]>) {
    let CustomValue::List(items) = value else { return };
    if matches!(items.first(), Some(CustomValue::Number(_))) {
        positions.push(items);
    } else {
        for item in items {
            list_positions(item, positions);
        }
    }
}

/// Returns whether each ring of a polygon, which is two levels above its numbers, is closed.
fn are_rings_closed(value: &CustomValue, depth: usize) -> bool {
    let CustomValue::List(items) = value else { return false };
    if depth > 2 {
        return items.iter().all(|item| are_rings_closed(item, depth - 1));
    }
    items.len() >= 4 && items.first() == items.last()
}

/// Returns the degrees east and north of a point that both APIs take: one with a zero is dropped by
/// the deposit API (contract/scenarios/deposit-places.json, 2026-11-28).
pub(super) fn read_point(geometry: &CustomValue) -> Option<(f64, f64)> {
    let CustomValue::Table(shape) = geometry else { return None };
    let is_point = matches!(shape.get("type"), Some(CustomValue::Text(kind)) if kind == "Point");
    let Some(CustomValue::List(position)) = shape.get("coordinates").filter(|_| is_point) else {
        return None;
    };
    let (east, north) = (read_number(position.first())?, read_number(position.get(1))?);
    (position.len() == 2 && east != 0.0 && north != 0.0).then_some((east, north))
}

/// Returns whether a value is lists of this depth, the innermost of two or three numbers.
fn is_nested(value: &CustomValue, depth: usize) -> bool {
    let CustomValue::List(items) = value else { return false };
    if depth > 1 {
        return !items.is_empty() && items.iter().all(|item| is_nested(item, depth - 1));
    }
    matches!(items.len(), 2 | 3) && items.iter().all(|item| matches!(item, CustomValue::Number(_)))
}
