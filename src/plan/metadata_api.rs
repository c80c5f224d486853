//! Chooses the API that replaces the metadata, and says why.

use std::borrow::Cow;

use crate::compare;
use crate::model::{ApiChoice, Field, Metadata};
use crate::observed::{Observed, Record, RecordState, UnsupportedValue};

use super::unsupported::is_written;

/// Which API replaces the metadata.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub enum MetadataApi {
    /// The deposit API.
    #[default]
    Deposit,
    /// The records API. Where the deposit API would lose nothing, an unfinished apply wrote by the
    /// records API, and it is continued so.
    Records {
        /// What the deposit API would lose: fields of the manifest.
        fields: Vec<Field>,
        /// What it would lose: places in the published record.
        places: Vec<String>,
    },
    /// The records API, which also makes every other call.
    RecordsAlone {
        /// Whether the manifest asks for it; otherwise the server has no other.
        is_chosen: bool,
    },
}

impl MetadataApi {
    /// Returns whether it is the records API.
    pub fn is_records(&self) -> bool {
        match self {
            MetadataApi::Deposit => false,
            MetadataApi::Records { .. } | MetadataApi::RecordsAlone { .. } => true,
        }
    }

    /// Returns whether the deposit API shows the drafts, and less of them than a plan of the records
    /// API says.
    pub fn shows_less(&self) -> bool {
        matches!(self, MetadataApi::Records { .. })
    }
}

/// How many places in the record are named.
const NAMED: usize = 5;

/// Chooses the API for a plan that writes metadata: the deposit API, unless it would lose something
/// that the manifest says or the published record holds. What only an open draft holds is nobody's
/// plan, and either API removes it.
///
/// `is_continued` says whether an unfinished apply wrote the draft by the records API.
pub(super) fn choose_metadata_api(
    (choice, observed): (ApiChoice, &Observed),
    target: &Metadata,
    record: Option<&Record>,
    is_continued: bool,
) -> MetadataApi {
    if observed.is_of_records_api {
        return MetadataApi::RecordsAlone { is_chosen: choice == ApiChoice::Records };
    }
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
    let places: Vec<String> = places.map(|loss| spell_place(&loss.place)).collect();
    if fields.is_empty() && places.is_empty() && !is_continued {
        return MetadataApi::Deposit;
    }
    MetadataApi::Records { fields, places }
}

/// The server's names of lists that have another name in the manifest.
const NAMES: [(&str, &str); 4] = [
    ("additional_titles", "titles"),
    ("additional_descriptions", "descriptions"),
    ("rights", "licenses"),
    ("custom_fields.", "custom."),
];

/// Returns a place under the manifest's name.
fn spell_place(place: &str) -> String {
    let named = NAMES.iter().find_map(|(name, own)| Some((place.strip_prefix(name)?, own)));
    match named {
        Some((rest, own)) => format!("{own}{rest}"),
        None if place == "access.embargo.reason" => "embargo_reason".to_owned(),
        None => place.to_owned(),
    }
}

/// Returns whether a place, spelled so, is in a field.
fn is_place_of(place: &str, name: &str) -> bool {
    let place = spell_place(place);
    place.strip_prefix(name).is_some_and(|rest| rest.is_empty() || rest.starts_with(['[', '.']))
}

/// Returns what was observed as the deposit API shows it, where the manifest asks for that API alone.
pub(super) fn view_by_choice(observed: &Observed, choice: ApiChoice) -> Cow<'_, Observed> {
    if choice != ApiChoice::Deposit {
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
