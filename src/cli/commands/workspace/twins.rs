//! Members that would publish the same: two of one record, and new records of one title.

use std::collections::BTreeMap;

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;
use crate::model::Field;
use crate::plan::{Operation, Plan};

use super::planned_member::PlannedMember;

/// Refuses the plans of members that share a record, and of new records that have the same title.
pub(super) fn refuse_twins(planned: &mut [PlannedMember], same_title: bool) {
    for keys in group_by(planned, name_record) {
        refuse(planned, &keys, |other| {
            Failure::new(ExitCode::Blocked, format!("it is bound to the record of `{other}`")).hint(
                "a copied folder has the lock of the other: delete the lock in the copy, \
                     `zenodo.lock` or `.zrel/local.lock`",
            )
        });
    }
    if same_title {
        return;
    }
    for keys in group_by(planned, name_new_title) {
        refuse(planned, &keys, |other| {
            Failure::new(
                ExitCode::Confirmation,
                format!("it is new and has the title of `{other}`"),
            )
            .hint("if both are meant: --same-title")
        });
    }
}

fn name_record(plan: &Plan) -> Option<String> {
    Some(format!("{} {}", plan.server.url, plan.base.concept?))
}

fn name_new_title(plan: &Plan) -> Option<String> {
    let is_new = matches!(plan.operation, Operation::NewRecord { .. });
    let title = plan.target.metadata.text(Field::Title).filter(|_| is_new)?;
    Some(format!("{} {}", plan.server.url, title.trim().to_lowercase()))
}

/// Returns the places of members with the same name, where several have it.
fn group_by(planned: &[PlannedMember], name: impl Fn(&Plan) -> Option<String>) -> Vec<Vec<usize>> {
    let mut groups: BTreeMap<String, Vec<usize>> = BTreeMap::new();
    for (at, one) in planned.iter().enumerate() {
        let name = one.made.as_ref().ok().and_then(|made| name(made.checked.plan()));
        if let Some(name) = name {
            groups.entry(name).or_default().push(at);
        }
    }
    groups.into_values().filter(|group| group.len() > 1).collect()
}

fn refuse(planned: &mut [PlannedMember], places: &[usize], fail: impl Fn(&str) -> Failure) {
    let keys: Vec<String> = places.iter().map(|at| planned[*at].member.key.clone()).collect();
    for (at, key) in places.iter().zip(&keys) {
        let other = keys.iter().find(|other| *other != key).unwrap_or(key);
        planned[*at].made = Err(fail(other));
    }
}
