//! In which fields a published version is not what the manifest says: for a look at it, without a
//! plan.

use crate::desired::Desired;
use crate::model::{Binding, Field, FieldChange};
use crate::observed::Observed;

use super::Policy;
use super::base::find_published;
use super::inputs::Inputs;
use super::kept_links::keep_links;
use super::target::OpenDate;

/// Returns how many fields the manifest's record has, and those in which the published one differs,
/// with the links to versions that it was published with: before is on the server.
pub fn find_published_changes(
    desired: &Desired,
    observed: &Observed,
    binding: &Binding,
    policy: &Policy,
) -> (usize, Vec<FieldChange>) {
    let kept = keep_links(desired, observed, binding);
    let desired = kept.as_ref().unwrap_or(desired);
    let inputs = Inputs { desired, observed, binding, policy, reserved: None };
    let Some(record) = find_published(observed) else { return (0, Vec::new()) };
    let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
    let target = inputs.target(&date);
    (target.normalize_as_server().len(), inputs.field_changes(record, &target))
}
