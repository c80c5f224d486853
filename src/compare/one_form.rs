//! The one form of metadata that both APIs are read into.

use crate::model::{Field, License, Metadata, RecordPlace, Subject, TypedText, Value};

/// Returns metadata in the one form that they are read in: a value that the deposit API's field says
/// is there, and any other whole in the field of the records API's own.
pub fn unify_fields(metadata: &Metadata) -> Metadata {
    let mut unified = metadata.clone();
    if let Some(Value::List(all)) = unified.get(Field::Languages)
        && let [only] = all.as_slice()
    {
        let only = only.clone();
        unified.remove(Field::Languages);
        unified.set_text(Field::Language, only);
    }
    if let Some(Value::Licenses(all)) = unified.get(Field::Licenses)
        && let [License { id: Some(id), .. }] = all.as_slice()
    {
        let id = id.clone();
        unified.remove(Field::Licenses);
        unified.set_text(Field::License, id);
    }
    if let Some(Value::Funding(all)) = unified.get(Field::Funding)
        && let Some(ids) = all.iter().map(|one| one.award_id.clone()).collect::<Option<Vec<_>>>()
    {
        unified.remove(Field::Funding);
        unified.set(Field::Grants, Value::List(ids));
    }
    // The server has the two kinds of subjects in two lists.
    if let Some(Value::Subjects(all)) = unified.get(Field::Subjects) {
        let (known, own): (Vec<Subject>, Vec<Subject>) =
            all.iter().cloned().partition(|subject| subject.is_known);
        unified.set(Field::Subjects, Value::Subjects(own.into_iter().chain(known).collect()));
    }
    for (field, kinds) in list_own_descriptions() {
        unify_descriptions(&mut unified, field, kinds);
    }
    unified
}

/// Keeps the only description of some kinds in its field, and several in the list.
fn unify_descriptions(metadata: &mut Metadata, field: Field, kinds: &[&str]) {
    let Some(Value::TypedTexts(listed)) = metadata.get(Field::Descriptions) else { return };
    let is_of = |item: &TypedText| kinds.contains(&item.kind.as_str());
    let mut listed = listed.clone();
    match metadata.text(field) {
        Some(text) if listed.iter().any(is_of) => {
            // The first kind is the one that is written.
            let kind = kinds.first().copied().unwrap_or_default().to_owned();
            listed.insert(0, TypedText { text: text.to_owned(), kind, language: None });
            metadata.remove(field);
        }
        None if listed.iter().filter(|item| is_of(item)).count() == 1 => {
            let at = listed.iter().position(|item| is_of(item) && item.language.is_none());
            let Some(at) = at else { return };
            metadata.set_text(field, listed.remove(at).text);
        }
        Some(_) | None => return,
    }
    metadata.set(Field::Descriptions, Value::TypedTexts(listed));
}

/// Returns the fields that are a description of their own, each with the kinds that are read into it.
pub(super) fn list_own_descriptions() -> impl Iterator<Item = (Field, &'static [&'static str])> {
    Field::ALL.iter().filter_map(|field| {
        let RecordPlace::Description(kinds) = field.record_place() else { return None };
        Some((*field, kinds))
    })
}
