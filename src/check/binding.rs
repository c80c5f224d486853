//! Findings about whether the manifest is bound to the right record.

use crate::model::{ConceptId, Finding, OtherManifest, RecordId, ServerKind};
use crate::observed::Astray;
use crate::plan::{Operation, Plan};

use super::invocation::Invocation;

/// How many creators are named.
const SHOWN_CREATORS: usize = 3;

/// Returns the name of the lock for the plan's server, beside the manifest.
fn choose_lock_name(plan: &Plan) -> &'static str {
    match plan.server.kind {
        ServerKind::Local => ".zrel/local.lock",
        ServerKind::Sandbox | ServerKind::Zenodo | ServerKind::Other => "zenodo.lock",
    }
}

/// Returns the finding for a record that two manifests are bound to.
pub(super) fn report_shared_record(
    concept: ConceptId,
    (manifest, other): (&str, &OtherManifest),
    invocation: &Invocation,
) -> Finding {
    let zrel = &invocation.in_folder;
    let OtherManifest { name, is_gone, .. } = other;
    let finding = Finding::error(
        "ZR0317",
        format!("the lock says that record {concept} is that of `{name}`"),
    )
    .because(format!(
        "a record belongs to one manifest: `{manifest}` and `{name}` would each undo what \
                 the other publishes"
    ));
    // Only another member of the workspace is named by its path.
    if name.contains('/') {
        return Finding::error(
            "ZR0317",
            format!("record {concept} is that of the member `{name}`"),
        )
        .because("a record belongs to one manifest; a copied folder has the lock of the other")
        .hint("for a record of its own: delete the `zenodo.lock` that was copied");
    }
    // A manifest that is gone was renamed or deleted; one that exists may be bound wrongly.
    if *is_gone {
        return finding
            .hint(format!("if `{name}` is now `{manifest}`: {zrel} lock mv {name} {manifest}"))
            .hint(format!("if `{name}` is gone for good: {zrel} lock rm {name}"));
    }
    finding
        .hint("if another record is meant, name its concept under [record.concept]")
        .hint(format!("if `{name}` stands for another record: {zrel} lock rm {name}"))
}

/// Returns the finding for a manifest that may have been renamed.
pub(super) fn report_renamed_manifest(
    manifest: &str,
    gone: &[OtherManifest],
    (plan, invocation): (&Plan, &Invocation),
) -> Finding {
    let zrel = &invocation.in_folder;
    let names: Vec<String> = gone.iter().map(describe_other_manifest).collect();
    let server = &plan.server.name;
    let mut finding = Finding::error(
        "ZR0318",
        format!("the lock binds `{manifest}` to no record on {server}, and has entries of manifests that are gone"),
    )
    .because(format!("a renamed manifest would get a second record; gone are {}", names.join(", ")));
    for OtherManifest { name, .. } in gone {
        finding = finding
            .hint(format!("if `{name}` is now `{manifest}`: {zrel} lock mv {name} {manifest}"))
            .hint(format!(
                "if this is another work, and `{name}` is gone for good: {zrel} lock rm {name}"
            ));
    }
    finding
}

fn describe_other_manifest(other: &OtherManifest) -> String {
    match other.concept {
        Some(concept) => format!("`{}` (record {concept})", other.name),
        None => format!("`{}`", other.name),
    }
}

/// Returns the finding for a manifest that names another record than before.
pub(super) fn report_changed_binding(
    (lock, manifest): (ConceptId, ConceptId),
    plan: &Plan,
    invocation: &Invocation,
) -> Finding {
    let file = choose_lock_name(plan);
    Finding::error(
        "ZR0312",
        format!("DANGER: the manifest names concept {manifest}, and {file} names {lock}"),
    )
    .because(format!(
        "the plan writes to another record than before: `{}`",
        plan.base.title.as_deref().unwrap_or("(never published)")
    ))
    .hint(format!(
        "if that is meant, confirm at the terminal, or write the manifest's record into the lock: \
         `{} lock --rebuild`",
        invocation.with_manifest
    ))
}

/// Returns the finding for a record that may be another work.
pub(super) fn report_another_work(
    (version, title, creators): (RecordId, &str, &[String]),
    plan: &Plan,
    invocation: &Invocation,
) -> Finding {
    let by = match creators {
        [] => String::new(),
        [only] => format!(" by {only}"),
        [first, ..] if creators.len() <= SHOWN_CREATORS => {
            format!(" by {first} and {}", creators[1..].join(" and "))
        }
        [first, ..] => format!(" by {first} and {} others", creators.len() - 1),
    };
    // An edit overwrites what is published; a new version leaves it readable.
    let what = if matches!(plan.operation, Operation::Edit { .. }) {
        "write over its metadata"
    } else {
        "publish this manifest as its next version"
    };
    Finding::error(
        "ZR0319",
        format!("DANGER: record {version} has nothing in common with the manifest: `{title}`{by}"),
    )
    .because(format!(
        "title, creators and files all differ: it may be another work, and the plan would {what}"
    ))
    .hint(format!("check the concept under [record.concept] and in {}", choose_lock_name(plan)))
    .hint(format!(
        "if that is meant, confirm at the terminal, or run `{} --over {version}`",
        invocation.command_line
    ))
}

/// Returns the finding for a lock that contradicts the server.
pub(super) fn report_lock_astray(
    astray: Astray,
    concept: ConceptId,
    (manifest, invocation): (&str, &Invocation),
) -> Finding {
    let zrel = &invocation.in_folder;
    let Astray { version, concept: its } = astray;
    Finding::error(
        "ZR0322",
        format!("DANGER: the lock says that {version} is a version of record {concept}"),
    )
    .because(format!("it is a version of record {its}: the lock was edited or merged badly"))
    .hint(format!(
        "write the entry anew from what the server says: {zrel} -m {manifest} lock --rebuild"
    ))
}
