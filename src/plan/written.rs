//! The files of `[[write]]` in a release: whether each has the DOI, the version and the date that
//! the release will have.

use crate::desired::Desired;
use crate::model::{Doi, Field, FileSource, LocalFile, Md5, OpenDraft, RecordId, Sha256};
use crate::observed::View;
use crate::write_back::{Slot, Values, WrittenFile};

use super::inputs::Inputs;
use super::{Aim, Base, Blocker, Operation, Target};

impl Inputs<'_> {
    /// Returns the desired state with other bytes for the files that are to be written. What they
    /// are is not known yet; that they differ from what is published is.
    pub(super) fn mask_unwritten_files(self, unwritten: &Blocker) -> Desired {
        let mut desired = self.desired.clone();
        let Blocker::Unwritten { files, .. } = unwritten else { return desired };
        for file in &mut desired.files {
            let is_in = |path: &String| is_made_of(file, path);
            if let Some(masked) = file.masked.filter(|_| files.iter().any(is_in)) {
                mask(file, masked);
            }
        }
        desired
    }

    /// Finds the files that have other values than the release will have.
    pub(super) fn unwritten(
        self,
        operation: Operation,
        (target, base): (&Target, &Base),
    ) -> Option<Blocker> {
        let makes_version =
            matches!(operation, Operation::NewRecord { .. } | Operation::NewVersion { .. });
        // An edit sends no files; and what a reservation is made for is to be written after it.
        if !makes_version || self.policy.aim == Aim::Reserve {
            return None;
        }
        let doi = self.release_doi(operation, target);
        let values = self.release_values(doi.as_ref(), (target, base));
        // Also a file that is no part of the release: a paper may be made of it.
        let files: Vec<String> = self
            .desired
            .writes
            .iter()
            .filter(|file| !is_written(file, &values) || is_kept(file, target))
            .map(|file| file.path.clone())
            .collect();
        (!files.is_empty()).then_some(Blocker::Unwritten { doi, files })
    }

    /// Returns the DOI that the release will have, when that is known.
    fn release_doi(self, operation: Operation, target: &Target) -> Option<Doi> {
        if let Some(external) = target.metadata.text(Field::Doi) {
            return Doi::parse(external).ok();
        }
        let draft = operation.draft().or_else(|| self.unseen_draft())?;
        self.desired.server.mint_doi(draft.0)
    }

    /// Returns the draft that was reserved, for a plan that can't see drafts.
    fn unseen_draft(self) -> Option<RecordId> {
        let record = self.binding.record.as_ref().filter(|_| self.reserved.is_some())?;
        match record.draft {
            Some(OpenDraft::Version(draft)) if self.observed.view == View::Public => Some(draft),
            Some(OpenDraft::Version(_) | OpenDraft::Edit(_)) | None => None,
        }
    }

    fn release_values(self, doi: Option<&Doi>, (target, base): (&Target, &Base)) -> Values {
        let mut values = Values::new(self.desired.server.site());
        let bound = self.binding.concept.map(|(concept, _)| concept);
        let concept = base.concept.or(bound);
        let concept = concept.and_then(|concept| self.desired.server.mint_doi(concept.0));
        let texts = [
            (Slot::Doi, doi.map(Doi::as_str)),
            (Slot::ConceptDoi, concept.as_ref().map(Doi::as_str)),
            (Slot::Version, target.metadata.text(Field::Version)),
            (Slot::Date, target.metadata.text(Field::PublicationDate)),
        ];
        for (slot, text) in texts {
            if let Some(text) = text {
                values.set(slot, text);
            }
        }
        values
    }
}

/// Returns whether the record keeps a published file of this name, with the DOI of its version.
fn is_kept(file: &WrittenFile, target: &Target) -> bool {
    let name = file.path.rsplit('/').next();
    target.files.iter().any(|planned| planned.kept && Some(planned.key.as_str()) == name)
}

/// Returns whether a file of the record is this file of the project, or an archive with it.
fn is_made_of(file: &LocalFile, path: &str) -> bool {
    match &file.source {
        FileSource::Path => file.shown == path,
        FileSource::Archive { folder, .. } => {
            let rest = path.strip_prefix(folder.as_str());
            folder == "." || rest.is_some_and(|rest| rest.starts_with('/'))
        }
    }
}

/// Gives a file digests that no published file has.
fn mask(file: &mut LocalFile, masked: Sha256) {
    let mut md5 = [0; 16];
    md5.copy_from_slice(&masked.0[..16]);
    file.md5 = Md5(md5);
    if let FileSource::Archive { content, .. } = &mut file.source {
        *content = masked;
    }
}

/// Returns whether a file has all values that it is to have.
fn is_written(file: &WrittenFile, values: &Values) -> bool {
    let is_known = file.slots.iter().all(|slot| values.get(*slot).is_some());
    is_known && file.write(values).is_ok_and(|text| text == file.text)
}
