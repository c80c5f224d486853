//! Whether one field means the same on both sides.

use std::collections::BTreeMap;

use crate::model::{Field, FieldKind, Metadata, Rewrite, Value};

use super::same::{
    is_same_date, is_same_funding, is_same_license, is_same_license_entry, is_same_location,
    is_same_pairwise, is_same_person, is_same_related, is_same_subject, is_same_typed_text,
};
use super::server_normalization::{
    is_same_grant, normalize_grant, normalize_related, sort_alternates_last,
};
use super::text::{is_equivalent_plain, is_equivalent_text};

/// Both sides of a comparison.
pub(super) struct Comparison<'a> {
    pub(super) desired: &'a Metadata,
    pub(super) observed: &'a Metadata,
    pub(super) rewrites: &'a BTreeMap<Field, Rewrite>,
    pub(super) grants: &'a BTreeMap<String, String>,
}

impl Comparison<'_> {
    /// Returns whether one field is the same; `after` is what the server would return for it.
    pub(super) fn is_same(&self, field: Field, after: Option<&Value>) -> bool {
        let before = self.observed.get(field);
        if after == before || self.is_left_to_the_server(field) || self.is_ended_embargo(field) {
            return true;
        }
        let sent = self.desired.get(field);
        match field.kind() {
            FieldKind::Text | FieldKind::Html => self.is_same_text(field, sent, after, before),
            FieldKind::List
            | FieldKind::People
            | FieldKind::Related
            | FieldKind::Subjects
            | FieldKind::Locations
            | FieldKind::Dates
            | FieldKind::TypedTexts
            | FieldKind::Licenses
            | FieldKind::Funding
            | FieldKind::Custom => match (sent, before) {
                (Some(sent), Some(before)) => self.is_same_list(field, sent, before),
                _ => false,
            },
        }
    }

    /// Returns whether the manifest does not give a field that the server fills itself.
    fn is_left_to_the_server(&self, field: Field) -> bool {
        matches!(field, Field::Doi | Field::PublicationDate) && self.desired.get(field).is_none()
    }

    /// Returns whether the server has opened an embargoed record on the day that the manifest
    /// names: it then returns `open` and keeps the date.
    fn is_ended_embargo(&self, field: Field) -> bool {
        matches!(field, Field::AccessRight | Field::EmbargoDate)
            && self.desired.text(Field::AccessRight) == Some("embargoed")
            && self.observed.text(Field::AccessRight) == Some("open")
            && self.desired.text(Field::EmbargoDate).is_some()
            && self.desired.text(Field::EmbargoDate) == self.observed.text(Field::EmbargoDate)
    }

    fn is_same_text(
        &self,
        field: Field,
        sent: Option<&Value>,
        after: Option<&Value>,
        before: Option<&Value>,
    ) -> bool {
        let returned = read_text_value(before);
        // The default replaces a field that was not sent; the server drops a field that does not
        // apply, such as a subtype of another type.
        let sent = match (sent, after) {
            (Some(_), None) if field.kind() == FieldKind::Text => "",
            (Some(sent), _) => read_text_value(Some(sent)),
            (None, after) => read_text_value(after),
        };
        // The same id may mean one licence when sent and another when returned, such as `cc-by`.
        if field == Field::License {
            return is_same_license(sent, returned);
        }
        is_equivalent_text(field, sent, returned, self.rewrites.get(&field))
    }

    fn is_same_list(&self, field: Field, sent: &Value, returned: &Value) -> bool {
        match (sent, returned) {
            (Value::List(sent), Value::List(returned)) if field == Field::Grants => {
                self.is_same_grants(sent, returned)
            }
            (Value::List(sent), Value::List(returned)) => {
                is_same_pairwise(sent, returned, |one, other| is_equivalent_plain(one, other))
            }
            (Value::People(sent), Value::People(returned)) => {
                is_same_pairwise(sent, returned, is_same_person)
            }
            (Value::Related(sent), Value::Related(returned)) => {
                // The returned items are compared as they are: a second normalization would change
                // some of them.
                let (sent, returned) = (normalize_related(sent), sort_alternates_last(returned));
                is_same_pairwise(&sent, &returned, |one, other| is_same_related(one, other))
            }
            (Value::Subjects(sent), Value::Subjects(returned)) => {
                is_same_pairwise(sent, returned, is_same_subject)
            }
            (Value::Locations(sent), Value::Locations(returned)) => {
                is_same_pairwise(sent, returned, is_same_location)
            }
            (Value::Dates(sent), Value::Dates(returned)) => {
                is_same_pairwise(sent, returned, is_same_date)
            }
            (Value::TypedTexts(sent), Value::TypedTexts(returned)) => {
                is_same_pairwise(sent, returned, |one, other| is_same_typed_text(field, one, other))
            }
            (Value::Licenses(sent), Value::Licenses(returned)) => {
                is_same_pairwise(sent, returned, is_same_license_entry)
            }
            (Value::Funding(sent), Value::Funding(returned)) => {
                is_same_pairwise(sent, returned, is_same_funding)
            }
            _ => false,
        }
    }

    /// Returns whether grants are the same; a funder may be named by its DOI or its ROR id, or not
    /// at all.
    fn is_same_grants(&self, sent: &[String], returned: &[String]) -> bool {
        let none = BTreeMap::new();
        is_same_pairwise(sent, returned, |one, other| {
            let (one, other) = (normalize_grant(one, self.grants), normalize_grant(other, &none));
            is_same_grant(&one, &other)
        })
    }
}

/// Returns a value's text; empty for none, and for a value of another kind.
pub(super) fn read_text_value(value: Option<&Value>) -> &str {
    match value {
        Some(Value::Text(text)) => text,
        _ => "",
    }
}
