//! Reads the facts of one manifest and server from TOML.

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use crate::model::{
    AppliedFile, BoundRecord, Community, ConceptId, Doi, Field, FileKey, Grantee, LinkTerms, Md5,
    OpenDraft, Permission, Recid, RecordId, Reservation, Rewrite, Sha256,
};

use super::types::Entry;

/// Where a fact is.
pub(super) struct FactAt {
    /// Its first byte.
    pub(super) at: usize,
    /// Its name: `last`, `files.a.csv`.
    pub(super) name: String,
}

/// Reads the facts of one section, and where they are; the error is a fact that is not understood.
pub(super) fn read_entry(facts: &DeTable<'_>) -> Result<(Entry, Vec<FactAt>), FactAt> {
    let mut entry = Entry::default();
    let mut lines = Vec::new();
    let mut note = |at, name: String, is_understood: Option<()>| {
        let fact = FactAt { at, name };
        match is_understood {
            Some(()) => lines.push(fact),
            None => return Err(fact),
        }
        Ok(())
    };
    for (key, value) in facts {
        let name = key.get_ref().as_ref();
        let Some(more) = find_parts(name, value.get_ref()) else {
            let read = parse_fact(&mut entry, name, value.get_ref());
            note(key.span().start, name.to_owned(), read)?;
            continue;
        };
        for (part, value) in more {
            let (at, part) = (part.span().start, part.get_ref().as_ref());
            let read = parse_part(&mut entry, name, part, value);
            note(at, format!("{name}.{part}"), read)?;
        }
    }
    Ok((entry, lines))
}

/// Returns the facts behind a key that has one for each file, field or version.
fn find_parts<'a, 'i>(name: &str, value: &'a DeValue<'i>) -> Option<&'a DeTable<'i>> {
    value.as_table().filter(|_| {
        matches!(
            name,
            "asked"
                | "files"
                | "granted"
                | "links"
                | "reserved"
                | "rewrites"
                | "shared_links"
                | "versions"
        )
    })
}

fn parse_fact(entry: &mut Entry, key: &str, value: &DeValue<'_>) -> Option<()> {
    let record = &mut entry.record;
    match key {
        "url" => entry.url = Some(value.as_str()?.to_owned()),
        "concept" => entry.concept = Some(ConceptId(parse_id(value)?)),
        "last" => record.last = Some(RecordId(parse_id(value)?)),
        // zrel writes only one of the two: with both, it is unclear which is open.
        "draft" | "edit" if record.draft.is_some() => return None,
        "draft" => record.draft = Some(OpenDraft::Version(RecordId(parse_id(value)?))),
        "edit" => record.draft = Some(OpenDraft::Edit(RecordId(parse_id(value)?))),
        _ => return None,
    }
    Some(())
}

/// Notes a part of what was reserved: the date, without which there is no line of the version.
fn reserve(record: &mut BoundRecord, part: &str, text: &str) -> Option<()> {
    let (date, label) = match part {
        "date" => (Some(text), None),
        "version" => (None, Some(text)),
        _ => return None,
    };
    let known = record.reserved.get_or_insert_with(Reservation::default);
    known.date = date.map_or_else(|| known.date.clone(), str::to_owned);
    known.label = label.map(str::to_owned).or(known.label.take());
    Some(())
}

fn parse_part(
    entry: &mut Entry,
    key: &str,
    part: &str,
    value: &Spanned<DeValue<'_>>,
) -> Option<()> {
    let record = &mut entry.record;
    if key == "asked" {
        let version = match value.get_ref().as_bool() {
            // Which version it was is not known.
            Some(true) => None,
            // zrel never writes `false`: a community that was not asked has no line.
            Some(false) => return None,
            None => Some(RecordId(parse_id(value.get_ref())?)),
        };
        record.asked.insert(Community(part.to_owned()), version);
        return Some(());
    }
    let text = value.get_ref().as_str()?;
    match key {
        "reserved" => reserve(record, part, text)?,
        "versions" => {
            record.versions.insert(RecordId::parse(part).ok()?, text.to_owned());
        }
        "granted" => {
            record.granted.insert(Grantee::parse(part)?, Permission::from_name(text)?);
        }
        "shared_links" => {
            record.shared_links.insert(part.to_owned(), LinkTerms::parse(text)?);
        }
        "links" => {
            record.links.insert(part.to_owned(), Doi::parse(text).ok()?);
        }
        "files" => {
            record.files.insert(FileKey::parse(part).ok()?, parse_applied(text)?);
        }
        "rewrites" => {
            record.rewrites.insert(Field::from_name(part)?, parse_rewrite(text)?);
        }
        _ => return None,
    }
    Some(())
}

/// Reads an id as zrel writes it: a number, decimal and without a sign, or a text.
fn parse_id(value: &DeValue<'_>) -> Option<Recid> {
    if let Some(text) = value.as_str() {
        // A number in quotes is not what zrel wrote.
        return Recid::parse(text).filter(|id| matches!(id, Recid::Text(_)));
    }
    let number = value.as_integer().filter(|number| number.radix() == 10)?.as_str();
    let is_decimal = number.bytes().all(|byte| byte.is_ascii_digit());
    is_decimal.then(|| number.parse().ok().map(Recid::Number))?
}

fn parse_applied(text: &str) -> Option<AppliedFile> {
    let mut parts = text.split(' ');
    let md5 = Md5::parse(parts.next()?.strip_prefix("md5:")?).ok()?;
    let content = match parts.next() {
        None => None,
        Some(part) => Some(Sha256::parse(part.strip_prefix("content:")?).ok()?),
    };
    parts.next().is_none().then_some(AppliedFile { md5, content })
}

fn parse_rewrite(text: &str) -> Option<Rewrite> {
    let (sent, returned) = text.split_once(" -> ")?;
    let digest = |text: &str| Sha256::parse(text.strip_prefix("sha256:")?).ok();
    Some(Rewrite { sent: digest(sent)?, returned: digest(returned)? })
}
