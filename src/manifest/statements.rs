//! Fields that only the records API has: further titles and descriptions, licences, funding.

use crate::model::{Field, Finding, Funding, License, TextPlace, TypedText, Value};
use crate::vocab;

use super::codes;
use super::custom_fields::read_custom_fields;
use super::reader::{Entry, Section};
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
            settle_award(award, &mut funding, found);
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

/// Checks the id of an award of the vocabulary, which begins with its funder's ROR id: a number alone
/// gets that of the funder beside it.
fn settle_award(award: &Entry<'_>, funding: &mut Funding, found: &mut Vec<Finding>) {
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
