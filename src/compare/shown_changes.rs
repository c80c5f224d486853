//! Changes as a person reads them: what two fields say of one thing is one change, and what the server
//! names is named on both sides.

use std::collections::BTreeMap;

use crate::model::{
    Affiliation, Field, FieldChange, Funding, License, Person, Subject, Value, WIDER_FIELDS,
};

/// Returns changes as a plan shows them.
pub fn show_changes(mut changes: Vec<FieldChange>) -> Vec<FieldChange> {
    for pair in WIDER_FIELDS {
        join_pair(pair, &mut changes);
    }
    for FieldChange { before, after, .. } in &mut changes {
        if let (Some(before), Some(after)) = (before, after) {
            take_names(before, after);
        }
    }
    changes
}

/// Joins the change of a value that moves from one field of a pair to the other.
fn join_pair((one, several): (Field, Field), changes: &mut Vec<FieldChange>) {
    let find = |field: Field| changes.iter().position(|change| change.field == field);
    let (Some(at_one), Some(at_several)) = (find(one), find(several)) else { return };
    let (change_one, change_several) = (&changes[at_one], &changes[at_several]);
    let before = change_several.before.clone().or(change_one.before.as_ref().map(widen(one)));
    let after = change_several.after.clone().or(change_one.after.as_ref().map(widen(one)));
    changes[at_several] = FieldChange { field: several, before, after };
    changes.remove(at_one);
}

/// Returns how a value is written in the field that says more.
fn widen(field: Field) -> impl Fn(&Value) -> Value {
    let license = |id: &String| License { id: Some(id.clone()), ..License::default() };
    let award = |id: &String| Funding { award_id: Some(id.clone()), ..Funding::default() };
    move |value| {
        if let Value::Text(id) = value {
            if field == Field::License {
                return Value::Licenses(vec![license(id)]);
            }
            return Value::List(vec![id.clone()]);
        }
        let Value::List(grants) = value else { return value.clone() };
        Value::Funding(grants.iter().map(award).collect())
    }
}

/// Gives what is planned the names that the server has for the same ids.
fn take_names(before: &Value, after: &mut Value) {
    match (before, after) {
        (Value::People(before), Value::People(after)) => {
            let homes: Vec<Affiliation> =
                before.iter().flat_map(Person::list_affiliations).collect();
            let names = list_names(homes.iter().map(|home| (&home.ror, &home.name)));
            for person in after.make_mut() {
                let homes = person.list_affiliations().into_iter().map(|home| Affiliation {
                    name: home.name.or_else(|| find_name(&names, home.ror.as_ref())),
                    ..home
                });
                let homes = homes.collect();
                person.set_affiliations(homes);
            }
        }
        (Value::Funding(before), Value::Funding(after)) => {
            let names = list_names(before.iter().map(|it| (&it.funder_ror, &it.funder_name)));
            for one in after {
                if one.funder_name.is_none() {
                    one.funder_name = find_name(&names, one.funder_ror.as_ref());
                }
            }
        }
        (Value::Subjects(before), Value::Subjects(after)) => {
            let find = |id: &str| before.iter().find(|it| it.is_known && it.identifier == id);
            let is_bare = |it: &&mut Subject| it.is_known && it.term.is_empty();
            for subject in after.iter_mut().filter(is_bare) {
                if let Some(held) = find(&subject.identifier) {
                    subject.term.clone_from(&held.term);
                }
            }
        }
        _ => {}
    }
}

fn list_names<'a>(
    pairs: impl Iterator<Item = (&'a Option<String>, &'a Option<String>)>,
) -> BTreeMap<String, String> {
    pairs.filter_map(|(ror, name)| Some((ror.clone()?, name.clone()?))).collect()
}

fn find_name(names: &BTreeMap<String, String>, ror: Option<&String>) -> Option<String> {
    names.get(ror?).cloned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn change(field: Field, before: Option<Value>, after: Option<Value>) -> FieldChange {
        FieldChange { field, before, after }
    }

    #[test]
    fn a_second_licence_is_one_change() {
        let id = |id: &str| License { id: Some(id.to_owned()), ..License::default() };
        let both = Value::Licenses(vec![id("mit"), id("cc0-1.0")]);
        let mit = Value::Text("mit".to_owned());
        let one = Some(Value::Licenses(vec![id("mit")]));
        let shown = show_changes(vec![
            change(Field::License, Some(mit.clone()), None),
            change(Field::Licenses, None, Some(both.clone())),
        ]);
        assert_eq!(shown, [change(Field::Licenses, one.clone(), Some(both.clone()))]);
        let shown = show_changes(vec![
            change(Field::License, None, Some(mit)),
            change(Field::Licenses, Some(both.clone()), None),
        ]);
        assert_eq!(shown, [change(Field::Licenses, Some(both), one)]);
    }

    #[test]
    fn an_organisation_has_the_server_s_name_on_both_sides() {
        let home = |name: Option<&str>| Affiliation {
            name: name.map(str::to_owned),
            ror: Some("01ggx4157".to_owned()),
        };
        let person = |name: &str, home: Affiliation| {
            let mut person = Person { name: name.to_owned(), ..Person::default() };
            person.set_affiliations(vec![home]);
            person
        };
        let before = Value::People(vec![person("Doe, J.", home(Some("CERN")))].into());
        let after = |name| Value::People(vec![person("Doe, Jane", home(name))].into());
        let shown =
            show_changes(vec![change(Field::Creators, Some(before.clone()), Some(after(None)))]);
        assert_eq!(shown, [change(Field::Creators, Some(before), Some(after(Some("CERN"))))]);
    }
}
