//! What a plan by the records API reports: why it is that API, and what another server needs.

use crate::model::{Field, Finding, ServerKind};
use crate::plan::{MetadataApi, Plan};

/// The code of [`refuse_other_dois`].
pub(super) const DOIS: &str = "ZR0335";

/// The code of [`refuse_false_dois`].
pub(super) const NO_DOIS: &str = "ZR0338";

/// The code of [`warn_of_minted_doi`].
pub(super) const MINTED: &str = "ZR0421";

/// The code of [`refuse_default_license`].
pub(super) const LICENSE: &str = "ZR0334";

/// The code of [`require_publisher`].
pub(super) const PUBLISHER: &str = "ZR0333";

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
    let why = if all.is_empty() {
        "an apply that did not end wrote the draft by it".to_owned()
    } else {
        format!("the deposit API would lose {}", all.join("; "))
    };
    let note = Finding::note("ZR0417", "the metadata are written by the records API");
    Some(note.because(why))
}

/// Returns whether the records API writes everything, on a server that need not be a Zenodo.
fn is_for_other_server(plan: &Plan) -> bool {
    let is_alone = matches!(plan.metadata_api, MetadataApi::RecordsAlone { .. });
    is_alone && plan.server.kind == ServerKind::Other
}

/// Blocks a plan without a publisher for a server other than Zenodo: Zenodo is the publisher of what
/// it publishes, and another server has no default, and publishes nothing without one
/// (records-api-facts.md section 1, 2026-11-28).
pub(super) fn require_publisher(plan: &Plan) -> Option<Finding> {
    let has_publisher = plan.target.metadata.get(Field::ImprintPublisher).is_some();
    if !is_for_other_server(plan) || has_publisher {
        return None;
    }
    let summary = format!("{} publishes nothing without a publisher", plan.server.name);
    let finding = Finding::error(PUBLISHER, summary);
    Some(finding.hint("add `publisher = \"…\"` under [metadata], such as the repository's name"))
}

/// Blocks a plan where the prefix makes another DOI than the server did: files and links would carry
/// DOIs that nothing has. So it is with a wrong prefix, and with records of an older system, whose
/// ids are numbers and whose DOIs have a form of their own.
pub(super) fn refuse_other_dois(plan: &Plan) -> Option<Finding> {
    let (found, made) =
        (plan.base.concept_doi.as_ref()?, plan.server.mint_doi(plan.base.concept?.0)?);
    if !is_for_other_server(plan) || *found == made {
        return None;
    }
    let name = &plan.server.name;
    let finding = Finding::error(DOIS, format!("the concept DOI is {found}, and not {made}"));
    Some(
        finding
            .because(format!("`doi_prefix` of {name} makes another DOI than the server"))
            .hint(format!("correct `doi_prefix` under [servers.{name}], or remove it")),
    )
}

/// Blocks a plan that promises no DOI on a server with the deposit API, which reserves one for each
/// draft (zenodo-facts.md, 2026-11-23).
pub(super) fn refuse_false_dois(plan: &Plan) -> Option<Finding> {
    let is_alone = matches!(plan.metadata_api, MetadataApi::RecordsAlone { .. });
    if plan.gives_doi() || is_alone || !plan.publishes() {
        return None;
    }
    let name = &plan.server.name;
    let summary = format!("`dois = false`, and {name} gives every record a DOI");
    let finding =
        Finding::error(NO_DOIS, summary).because("its deposit API reserves one for each draft");
    Some(finding.hint(format!("remove `dois = false` under [servers.{name}]")))
}

/// Warns of a record with a DOI of a server that the manifest says gives none.
pub(super) fn warn_of_minted_doi(plan: &Plan) -> Option<Finding> {
    let doi = plan.base.doi.as_ref().filter(|_| !plan.gives_doi())?;
    let name = &plan.server.name;
    let summary = format!("the record has the DOI {doi}, and `dois = false` says it gets none");
    let finding = Finding::warning(MINTED, summary);
    Some(
        finding
            .because(format!("{name} may give the next version one too, when it is published"))
            .hint(format!("remove `dois = false` under [servers.{name}], and plan again")),
    )
}

/// Blocks a plan that would give a record of another server than Zenodo the licence that Zenodo gives
/// to what has none: the other server gives none. For a plan whose manifest names no licence.
pub fn refuse_default_license(plan: &Plan) -> Option<Finding> {
    if !is_for_other_server(plan) {
        return None;
    }
    let license = plan.target.metadata.text(Field::License).unwrap_or_default();
    let summary = format!("no licence is given, and {} gives none by itself", plan.server.name);
    let finding = Finding::error(LICENSE, summary);
    Some(finding.hint(format!("say which one: `license = \"{license}\"`, or another one")))
}
