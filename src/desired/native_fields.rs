//! What the deposit API can't say, where the manifest asks for that API alone.

use crate::compare;
use crate::manifest::{Manifest, codes};
use crate::model::{Finding, Metadata};

/// Reports each field that a PUT by the deposit API would lose.
pub(super) fn find_native_fields(manifest: &Manifest, metadata: &Metadata) -> Vec<Finding> {
    compare::list_native_fields(metadata)
        .into_iter()
        .map(|field| {
            let summary = format!("the deposit API can't say all of `{field}`");
            let finding = Finding::error(codes::NATIVE_FIELD, summary)
                .because("it would drop a part of it in silence")
                .hint("remove the line under `[api]`, or write it as the deposit API has it");
            match manifest.metadata.spans.get(&field) {
                Some(span) => finding.at(*span, "only the records API says this"),
                None => finding,
            }
        })
        .collect()
}
