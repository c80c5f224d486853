//! What the lock's entries of other manifests mean for a plan, said to a person.

use crate::model::{ConceptId, Finding, OtherManifest};
use crate::plan::Plan;

/// Two manifests, one record.
pub(super) fn shared_record(concept: ConceptId, manifest: &str, other: &OtherManifest) -> Finding {
    let OtherManifest { name, is_gone, .. } = other;
    let finding = Finding::error(
        "ZR0317",
        format!("the lock says that record {concept} is that of `{name}`"),
    )
    .because(format!(
        "a record belongs to one manifest: `{manifest}` and `{name}` would each undo what \
                 the other publishes"
    ));
    if *is_gone {
        return finding
            .hint(format!("if `{name}` is now `{manifest}`: zrel lock mv {name} {manifest}"))
            .hint(format!("if `{name}` is gone for good: zrel lock rm {name}"));
    }
    finding
        .hint("if another record is meant, name its concept under [record.concept]")
        .hint(format!("if `{name}` stands for another record: zrel lock rm {name}"))
}

/// A new record, or an old one under another manifest's name.
pub(super) fn renamed(manifest: &str, gone: &[OtherManifest], plan: &Plan) -> Finding {
    let names: Vec<String> = gone.iter().map(named).collect();
    let server = &plan.server.name;
    let mut finding = Finding::error(
        "ZR0318",
        format!("the lock binds `{manifest}` to no record on {server}, and has entries of manifests that are gone"),
    )
    .because(format!("a renamed manifest would get a second record; gone are {}", names.join(", ")));
    for OtherManifest { name, .. } in gone {
        finding = finding
            .hint(format!("if `{name}` is now `{manifest}`: zrel lock mv {name} {manifest}"))
            .hint(format!(
                "if this is another work, and `{name}` is gone for good: zrel lock rm {name}"
            ));
    }
    finding
}

fn named(other: &OtherManifest) -> String {
    match other.concept {
        Some(concept) => format!("`{}` (record {concept})", other.name),
        None => format!("`{}`", other.name),
    }
}
