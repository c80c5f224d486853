//! Supervisors, whom the server also stores as contributors.

use crate::model::{Field, FieldChange, Metadata, Person, Value};

use super::same::{is_same_pairwise, is_same_person};

/// A contributor's role that the server also gives to `thesis_supervisors`.
const SUPERVISOR: &str = "Supervisor";

/// Removes differences that only show in which list a supervisor is: the server stores
/// `thesis_supervisors` as contributors with that role, before all others.
pub(super) fn settle_supervisors(
    desired: &Metadata,
    observed: &Metadata,
    changes: &mut Vec<FieldChange>,
) {
    let is_either = |field: Field| matches!(field, Field::Contributors | Field::ThesisSupervisors);
    let has_supervisors = |metadata: &Metadata| metadata.get(Field::ThesisSupervisors).is_some();
    if !changes.iter().any(|change| is_either(change.field))
        || !(has_supervisors(desired) || has_supervisors(observed))
    {
        return;
    }
    let (wanted, held) = (split_supervisors(desired), split_supervisors(observed));
    let same_supervisors = is_same_pairwise(&wanted.0, &held.0, is_same_person);
    let same_others = is_same_pairwise(&wanted.1, &held.1, is_same_person);
    // The groups are compared on their own, so that a new editor is still a change next to a
    // supervisor who only moved.
    changes.retain(|change| {
        let is_settled = (change.field == Field::ThesisSupervisors && same_supervisors)
            || (change.field == Field::Contributors && same_others);
        !is_settled
    });
}

/// Returns all supervisors, without their role, and all other contributors.
fn split_supervisors(metadata: &Metadata) -> (Vec<Person>, Vec<Person>) {
    let people = |field| match metadata.get(field) {
        Some(Value::People(people)) => people.to_vec(),
        _ => Vec::new(),
    };
    let is_supervisor = |person: &Person| {
        person.role.as_deref().is_some_and(|role| role.eq_ignore_ascii_case(SUPERVISOR))
    };
    let (others_too, others): (Vec<Person>, Vec<Person>) =
        people(Field::Contributors).into_iter().partition(is_supervisor);
    let all = people(Field::ThesisSupervisors).into_iter().chain(others_too);
    (all.map(|person| Person { role: None, ..person }).collect(), others)
}
