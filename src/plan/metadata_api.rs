//! Chooses the API that replaces the metadata, and says why.

use std::borrow::Cow;

use crate::compare;
use crate::model::{ApiChoice, Field, Metadata};
use crate::observed::{Draft, Observed, Record, RecordState, UnsupportedValue};

use super::unsupported::is_written;

/// Which API replaces the metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MetadataApi {
    /// The deposit API.
    #[default]
    Deposit,
    /// The records API.
    Records {
        /// What the deposit API would lose: fields of the manifest.
        fields: Vec<Field>,
        /// What it would lose: places in the published record.
        places: Vec<String>,
        /// Whether the open draft holds something that it would lose. Not part of the digest: an
        /// unfinished apply changes it.
        of_draft: bool,
    },
}

impl MetadataApi {
    /// Returns whether it is the records API.
    pub fn is_records(&self) -> bool {
        matches!(self, MetadataApi::Records { .. })
    }
}

/// How many places in the record are named.
const NAMED: usize = 5;

/// Chooses the API for a plan that writes metadata: the deposit API, unless it would lose something
/// that the manifest says or the record holds.
pub(super) fn choose_metadata_api(
    choice: ApiChoice,
    target: &Metadata,
    record: Option<&Record>,
    draft: Option<&Draft>,
) -> MetadataApi {
    if choice == ApiChoice::Deposit {
        return MetadataApi::Deposit;
    }
    let fields = compare::list_native_fields(target);
    let is_lost = |loss: &&UnsupportedValue| !is_written(loss, target);
    let of_record = record.map_or(&[][..], |record| &record.unsupported);
    // A field of the manifest is named once, and not for each of its entries in the record.
    let is_named = |loss: &&UnsupportedValue| {
        fields.iter().any(|field| is_place_of(&loss.place, field.name()))
    };
    let places = of_record.iter().filter(is_lost).filter(|loss| !is_named(loss)).take(NAMED);
    let places: Vec<String> = places.map(|loss| loss.place.clone()).collect();
    let of_draft = draft.map_or(&[][..], |draft| &draft.unsupported);
    let of_draft = of_draft.iter().filter(|loss| !of_record.contains(loss)).any(|it| is_lost(&it));
    if fields.is_empty() && places.is_empty() && !of_draft {
        return MetadataApi::Deposit;
    }
    MetadataApi::Records { fields, places, of_draft }
}

fn is_place_of(place: &str, name: &str) -> bool {
    place.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with('['))
        || (name == "custom" && place.starts_with("custom_fields."))
        || (name == "titles" && place.starts_with("additional_titles["))
        || (name == "descriptions" && place.starts_with("additional_descriptions["))
        || (name == "licenses" && place.starts_with("rights["))
        || (name == "embargo_reason" && place == "access.embargo.reason")
}

/// Returns what was observed as the deposit API shows it, where the manifest asks for that API alone.
pub(super) fn view_by_choice(observed: &Observed, choice: ApiChoice) -> Cow<'_, Observed> {
    if choice == ApiChoice::Auto {
        return Cow::Borrowed(observed);
    }
    let mut viewed = observed.clone();
    if let RecordState::Published(record) = &mut viewed.record {
        record.metadata = compare::select_deposit_fields(&record.metadata);
    }
    if let Some(draft) = &mut viewed.draft {
        draft.metadata = compare::select_deposit_fields(&draft.metadata);
    }
    Cow::Owned(viewed)
}
