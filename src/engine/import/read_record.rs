//! Reads the record that `zrel import` takes over: as its owner if the token is theirs, else
//! anonymously.

use crate::api::{ApiError, ReadApi, Sought};
use crate::interop::from_record::Found;
use crate::model::{
    BoundRecord, ConceptId, Doi, Field, Metadata, OpenDraft, RecordId, RemoteFile, Server,
};
use crate::observed::{Deposition, Draft, DraftKind, FullRecord, UnsupportedValue};
use crate::refresh::{merge_readings, to_deposit_metadata};

use super::ImportError;

/// A record that was read.
#[derive(Debug)]
pub struct Read {
    /// The version or the draft, by which its files are read.
    pub id: RecordId,
    /// Whether its files are those of a draft.
    pub is_draft: bool,
    /// Its DOI, if it is published.
    pub doi: Option<Doi>,
    /// What the manifest is made of.
    pub found: Found,
    /// What the lock remembers; without the files, since the manifest may not list all of them.
    pub bound: BoundRecord,
    /// What a person should know.
    pub notes: Vec<String>,
}

/// How a record can be read.
pub struct Reader<'a> {
    /// The part of the API that only reads.
    pub api: ReadApi,
    /// The server.
    pub server: &'a Server,
    /// Whether there is a token for the server.
    pub has_token: bool,
}

impl std::fmt::Debug for Reader<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Reader").field("server", &self.server).finish_non_exhaustive()
    }
}

/// Metadata and files, from whichever API shows them.
struct Contents {
    metadata: Metadata,
    files: Vec<RemoteFile>,
    edit: bool,
}

impl Reader<'_> {
    /// Reads a version, a concept, or a draft of the token's user.
    ///
    /// # Errors
    /// An [`ImportError`] when it does not exist, or is not visible.
    pub async fn read(&self, id: RecordId) -> Result<Read, ImportError> {
        match self.api.record(id).await {
            Ok(full) => self.published(id, full).await,
            // A draft is not public, and only the deposit API shows it to its owner.
            Err(error) if is_hidden(&error) && self.has_token => self.own(id, error).await,
            Err(error) => Err(self.unseen(id, error)),
        }
    }

    /// Returns the error for a record that can't be seen.
    fn unseen(&self, id: RecordId, source: ApiError) -> ImportError {
        let (server, has_token) = (self.server.name.clone(), self.has_token);
        ImportError::Unseen { id, server, has_token, source: Box::new(source) }
    }

    async fn published(&self, asked: RecordId, full: FullRecord) -> Result<Read, ImportError> {
        let mut notes = Vec::new();
        let full = if full.facts.is_latest {
            full
        } else {
            // The next version is made from the latest one, so a manifest of an older one would
            // undo changes.
            let latest = self.api.latest(full.facts.id, full.facts.concept).await;
            let latest = latest.map_err(ImportError::Api)?;
            let id = latest.facts.id;
            notes.push(format!("{asked} is not the latest version: {id} was taken over"));
            latest
        };
        let id = full.facts.id;
        let contents = self.contents(&full, &mut notes).await?;
        if full.facts.has_newer_draft {
            notes.push(
                "a draft of a new version is open, and was not taken over: \
                 `zrel import` takes it by its own number"
                    .to_owned(),
            );
        }
        let bound = BoundRecord {
            draft: contents.edit.then_some(OpenDraft::Edit(id)),
            ..self.versions(id).await?
        };
        let doi = full.doi.clone();
        let is_draft = false;
        let found = self.found(full, contents.metadata, contents.files, !contents.edit);
        Ok(Read { id, is_draft, doi, found, bound, notes })
    }

    /// Reads metadata and files as the owner, or anonymously.
    async fn contents(
        &self,
        full: &FullRecord,
        notes: &mut Vec<String>,
    ) -> Result<Contents, ImportError> {
        let id = full.facts.id;
        if self.has_token {
            match self.api.deposition(id).await {
                Ok(Deposition::Published(record)) => {
                    let metadata = merge_readings(&record.metadata, full);
                    let files = record.files;
                    return Ok(Contents { metadata, files, edit: false });
                }
                // An edit replaces the published metadata when it is published, so it is the
                // current state.
                Ok(Deposition::Open(edit)) => {
                    notes.push("it is being edited: the edit was taken over".to_owned());
                    let full = self.api.full_draft(id).await.map_err(ImportError::Api)?;
                    let metadata = merge_readings(&edit.metadata, &full);
                    return Ok(Contents { metadata, files: edit.files, edit: true });
                }
                // The record of another user answers 403 to this token; its public part can be
                // read.
                Err(error) if is_hidden(&error) => notes.push(
                    "the record is not yours: it was read in public, and only its owner can \
                     apply this manifest"
                        .to_owned(),
                ),
                Err(error) => return Err(ImportError::Api(error)),
            }
        }
        let metadata = to_deposit_metadata(&self.api, full).await.map_err(ImportError::Api)?;
        let files = full.files.clone().ok_or(ImportError::RestrictedFiles(id))?;
        Ok(Contents { metadata, files, edit: false })
    }

    /// Reads a draft of the token's user, by its number or its concept's.
    async fn own(&self, id: RecordId, unseen: ApiError) -> Result<Read, ImportError> {
        let deposition = match self.api.deposition(id).await {
            Ok(deposition) => deposition,
            Err(error) if error.is_not_found() => {
                // The number of a concept has no deposition of its own.
                let listed = self
                    .api
                    .own(&Sought::Concept(ConceptId(id.0)))
                    .await
                    .map_err(ImportError::Api)?;
                let Some(first) = listed.first() else { return Err(self.unseen(id, unseen)) };
                self.api.deposition(first.id).await.map_err(ImportError::Api)?
            }
            Err(error) => return Err(ImportError::Api(error)),
        };
        match deposition {
            Deposition::Open(draft) => self.draft(*draft).await,
            Deposition::Published(record) => {
                let full = self.api.record(record.id).await;
                self.published(id, full.map_err(|error| self.unseen(id, error))?).await
            }
        }
    }

    async fn draft(&self, draft: Draft) -> Result<Read, ImportError> {
        let full = self.api.full_draft(draft.id).await.map_err(ImportError::Api)?;
        let bound = match draft.kind {
            // A first draft has no versions yet.
            DraftKind::NewRecord => BoundRecord::default(),
            DraftKind::NewVersion | DraftKind::Edit => {
                let latest = self.api.latest_of(draft.concept).await.map_err(ImportError::Api)?;
                self.versions(latest.facts.id).await?
            }
        };
        let named = draft.named();
        let is_published_before = draft.concept_doi.is_some();
        let metadata = merge_readings(&draft.metadata, &full);
        let Draft { id, doi, files, communities, concept_doi, .. } = draft;
        let mut found = self.found(full, metadata, files, false);
        found.concept_doi = concept_doi;
        found.communities.extend(communities);
        let mut notes = Vec::new();
        if !is_published_before {
            notes.push("it was never published: the manifest stops at a draft as well".to_owned());
        }
        let bound = BoundRecord { draft: Some(named), ..bound };
        Ok(Read { id, is_draft: true, doi, found, bound, notes })
    }

    async fn versions(&self, id: RecordId) -> Result<BoundRecord, ImportError> {
        let versions = self.api.versions(id).await.map_err(ImportError::Api)?;
        let label = |label: Option<String>| label.unwrap_or_default();
        let versions = versions.into_iter().map(|version| (version.id, label(version.label)));
        let versions = versions.collect();
        Ok(BoundRecord { versions, last: Some(id), ..BoundRecord::default() })
    }

    fn found(
        &self,
        full: FullRecord,
        metadata: Metadata,
        files: Vec<RemoteFile>,
        is_published: bool,
    ) -> Found {
        let has_external_doi = full.facts.has_external_doi;
        let mut server = self.server.clone();
        // An external DOI has a prefix of its own, which says nothing about the server's.
        if server.doi_prefix.is_none() && !has_external_doi {
            server.doi_prefix = full.concept_doi.as_ref().map(|doi| doi.prefix().to_owned());
        }
        // A licence that the deposit API keeps as a text is in neither field.
        let has_licenses = metadata.get(Field::Licenses).is_some();
        let is_said = |loss: &UnsupportedValue| {
            loss.is_said() && (has_licenses || !loss.place.starts_with("rights["))
        };
        let unsupported = full.facts.unsupported.into_iter().filter(|loss| !is_said(loss));
        let unsupported = unsupported.collect();
        Found {
            server,
            concept: full.facts.concept,
            concept_doi: full.concept_doi,
            has_external_doi,
            is_published,
            metadata,
            files,
            communities: full.facts.communities,
            unsupported,
        }
    }
}

/// Returns whether a record may exist and be hidden from this request.
pub fn is_hidden(error: &ApiError) -> bool {
    // 410 is a tombstone, which is gone for its owner too.
    error.is_forbidden() || error.not_found().is_some_and(|(status, _)| status != 410)
}
