//! What differs between the manifest and the latest published version.

use crate::compare;
use crate::desired::{Desired, DesiredVersion};
use crate::model::{Binding, Field, FieldChange};
use crate::observed::{Observed, Record};

use super::base::find_published;
use super::community_plan::Ending;
use super::inputs::Inputs;
use super::steps::list_known_grants;
use super::target::OpenDate;
use super::{CommunityWork, Operation, Policy, Target};

/// What differs between the manifest and the latest published version.
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is a fact of its own, and none implies another"
)]
pub(super) struct Differences {
    pub(super) files: bool,
    pub(super) label: bool,
    pub(super) metadata: bool,
    pub(super) communities: bool,
    pub(super) sharing: bool,
}

/// Returns whether the published record has the wanted metadata, apart from the version label: then
/// no row of the table edits it in place, and an open edit changes nothing in the plan.
pub fn has_wanted_metadata(
    desired: &Desired,
    observed: &Observed,
    binding: &Binding,
    policy: &Policy,
) -> bool {
    let inputs = Inputs { desired, observed, binding, policy, reserved: None };
    find_published(observed).is_some_and(|record| {
        let date = OpenDate::Keep(record.metadata.text(Field::PublicationDate));
        !inputs.differences(record, &inputs.target(&date)).metadata
    })
}

impl Inputs<'_> {
    /// Compares the wanted record with a published one.
    pub(super) fn differences(self, record: &Record, in_place: &Target) -> Differences {
        let changes = self.field_changes(record, in_place);
        let label = match self.desired.version {
            // A label that is not known yet differs from nothing.
            DesiredVersion::KnownAtTag => false,
            DesiredVersion::None | DesiredVersion::Label(_) | DesiredVersion::Tag(_) => {
                changes.iter().any(|change| change.field == Field::Version)
            }
        };
        Differences {
            files: self.file_changes(&record.files).iter().any(|change| !change.is_kept()),
            label,
            metadata: changes.iter().any(|change| change.field != Field::Version),
            communities: self.has_community_work(record),
            sharing: self.has_sharing_work(record),
        }
    }

    /// Returns whether a community is to be asked or left, when nothing else differs.
    fn has_community_work(self, record: &Record) -> bool {
        let operation = Operation::Communities { record: record.id };
        let ending = if self.publishes() { Ending::Publish } else { Ending::Draft };
        let communities = self.list_communities(operation, &ending);
        communities.iter().any(|community| community.work != CommunityWork::Nothing)
    }

    /// Compares the wanted metadata with those of a published record.
    pub(super) fn field_changes(self, record: &Record, target: &Target) -> Vec<FieldChange> {
        let grants = list_known_grants(&self.observed.grants);
        compare::find_metadata_changes(
            &target.metadata,
            &record.metadata,
            &self.rewrites(),
            &grants,
        )
    }
}
