//! The files of `[[write]]` in a release: whether each has the DOI, the version and the date that
//! the release will have.

use crate::desired::Desired;
use crate::model::{Doi, Field, FileSource, LocalFile, Md5, Sha256};
use crate::write_back::{Slot, Values, WrittenFile};

use super::decide::Inputs;
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
            .filter(|file| !is_written(file, &values))
            .map(|file| file.path.clone())
            .collect();
        (!files.is_empty()).then_some(Blocker::Unwritten { doi, files })
    }

    /// Returns the DOI that the release will have, when that is known.
    fn release_doi(self, operation: Operation, target: &Target) -> Option<Doi> {
        match target.metadata.text(Field::Doi) {
            Some(external) => Doi::parse(external).ok(),
            None => self.desired.server.mint_doi(operation.draft()?.0),
        }
    }

    fn release_values(self, doi: Option<&Doi>, (target, base): (&Target, &Base)) -> Values {
        let mut values = Values::new(self.desired.server.site());
        let concept = base.concept.and_then(|concept| self.desired.server.mint_doi(concept.0));
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
