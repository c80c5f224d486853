//! What a plan by the records API reports: why it is that API, and what another server needs.

use crate::model::{Field, Finding, ServerKind};
use crate::plan::{MetadataApi, Plan};

/// Why the records API makes every call, where nobody asks for that.
const NO_DEPOSIT_API: &str = "the server has no deposit API";

/// Reports that the records API writes the metadata, and why.
pub(super) fn report_records_api(plan: &Plan) -> Option<Finding> {
    let (fields, places) = match &plan.metadata_api {
        MetadataApi::Deposit => return None,
        MetadataApi::RecordsAlone { is_chosen } => {
            let why = if *is_chosen { "the manifest asks for it" } else { NO_DEPOSIT_API };
            let note = Finding::note("ZR0417", "everything is written by the records API");
            return Some(note.because(why));
        }
        MetadataApi::Records { fields, places } => (fields, places),
    };
    let list = |names: Vec<String>, whose: &str| {
        (!names.is_empty()).then(|| format!("{}{whose}", names.join(", ")))
    };
    let fields = list(fields.iter().map(|field| format!("`{field}`")).collect(), "");
    let places = places.iter().map(|place| format!("`{place}`")).collect();
    let places = list(places, " of the published record");
    let all: Vec<String> = [fields, places].into_iter().flatten().collect();
    let note = Finding::note("ZR0417", "the metadata are written by the records API");
    Some(note.because(format!("the deposit API would lose {}", all.join("; "))))
}

/// Blocks a plan without a publisher for a server other than Zenodo: Zenodo is the publisher of what
/// it publishes, and another server has no default, and publishes nothing without one
/// (records-api-facts.md section 1, 2026-11-28).
pub(super) fn require_publisher(plan: &Plan) -> Option<Finding> {
    let MetadataApi::RecordsAlone { .. } = plan.metadata_api else { return None };
    let is_other = plan.server.kind == ServerKind::Other;
    if !is_other || plan.target.metadata.get(Field::ImprintPublisher).is_some() {
        return None;
    }
    let summary = format!("{} publishes nothing without a publisher", plan.server.name);
    let finding = Finding::error(PUBLISHER, summary);
    Some(finding.hint("add `publisher = \"…\"` under [metadata], such as the repository's name"))
}

/// The code of [`require_publisher`].
pub(super) const PUBLISHER: &str = "ZR0333";
