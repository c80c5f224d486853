//! Looks at one published version, and compares it with what is known of it.

use crate::api::{ApiError, ReadApi};
use crate::compare::{Fact, Part, Pointing, Verified, compare_applied};
use crate::engine::error::EngineError;
use crate::engine::observe_public::make_public_record;
use crate::engine::session::Session;
use crate::model::{ConceptId, Field, Metadata, RecordId, RemoteFile, Server, Value};
use crate::observed::{FullRecord, Observed, RecordState};
use crate::plan::{Policy, find_published_changes};
use crate::refresh::{to_deposit_metadata, unknown_grants};

use super::known::{Described, KnownRecord};

/// Looks at published versions of one server.
#[derive(Debug, Clone, Copy)]
pub struct Verifier<'a> {
    /// The connection.
    pub session: &'a Session,
    /// The server.
    pub server: &'a Server,
    /// What is known of one record there.
    pub known: Option<&'a KnownRecord>,
}

/// A version that was looked at.
#[derive(Debug)]
pub struct Looked {
    /// What was found.
    pub verified: Verified,
    /// Its files, as the server announces them; none where it does not answer or hides them.
    pub files: Vec<RemoteFile>,
    /// Whether everybody can read it, as the server says; none where it does not answer.
    pub is_open: Option<bool>,
}

/// What a look is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Aim {
    /// What differs from lock and manifest.
    Drift,
    /// Whether a release is there.
    Release,
}

impl Verifier<'_> {
    /// Looks at a version, or at the latest one of a concept: whether it answers, whether its files
    /// and its metadata are what is known, and where its concept points.
    ///
    /// # Errors
    /// [`EngineError::Api`] when the server can't be asked. A version that is gone or hidden is no
    /// failure.
    pub async fn verify(self, asked: RecordId) -> Result<Looked, EngineError> {
        self.look(asked, Aim::Drift).await
    }

    /// Looks at what a release needs to be usable: whether the version answers, whether its files
    /// are what is known, and whether its concept points to it.
    ///
    /// # Errors
    /// Those of [`Self::verify`].
    pub(super) async fn look_at_release(self, asked: RecordId) -> Result<Looked, EngineError> {
        self.look(asked, Aim::Release).await
    }

    async fn look(self, asked: RecordId, aim: Aim) -> Result<Looked, EngineError> {
        let api = self.session.read();
        let full = match api.record(asked).await {
            Ok(full) => full,
            Err(error) => return self.describe_unread(&api, asked, error).await,
        };
        self.require_asked(asked, &full)?;
        let known = self.known.filter(|known| known.concept == full.facts.concept);
        let id = full.facts.id;
        let mut facts = compare_files(&full, known);
        if aim == Aim::Drift
            && let Some(known) = known
        {
            match known.describe(id) {
                Ok(described) => facts.extend(self.compare_metadata(&api, &full, described).await?),
                Err(why) => facts.push(Fact::Unchecked { what: Part::Metadata, why }),
            }
        }
        let wanted = match aim {
            Aim::Drift => known.and_then(|known| known.last),
            // The version itself, or a newer one: the caller compares their places.
            Aim::Release => Some(id),
        };
        facts.push(find_concept(&api, full.facts.concept, (known, wanted)).await?);
        let files = full.files.clone().unwrap_or_default();
        let label = full.metadata.text(Field::Version).map(str::to_owned);
        let index = full.facts.index;
        let is_open = Some(full.metadata.text(Field::AccessRight) == Some("open"));
        let verified = Verified { id, doi: full.doi, label, index, facts };
        Ok(Looked { verified, files, is_open })
    }

    /// Refuses an answer about another record than the one that the lock has.
    fn require_asked(self, asked: RecordId, full: &FullRecord) -> Result<(), EngineError> {
        let Some(known) = self.known.filter(|known| known.last == Some(asked)) else {
            return Ok(());
        };
        let doing = format!("reading record {asked}");
        let (id, concept) = (full.facts.id, full.facts.concept);
        if id != asked {
            return Err(EngineError::Api(ApiError::other_record(doing, asked, id)));
        }
        if concept != known.concept {
            return Err(EngineError::Api(ApiError::other_concept(doing, known.concept, concept)));
        }
        Ok(())
    }

    /// Says why a version can't be read; fails where the server gave no answer about it.
    async fn describe_unread(
        self,
        api: &ReadApi,
        asked: RecordId,
        error: ApiError,
    ) -> Result<Looked, EngineError> {
        let mut facts = Vec::new();
        if let Some((status, message)) = error.not_found() {
            facts.push(Fact::Gone { status, message });
        } else if let Some(message) = error.forbidden() {
            // With a credential that is refused, everything is: nothing would be checked.
            if self.session.has_credential()
                && let Err(refused) = api.check_credentials().await
                && refused.is_forbidden()
            {
                return Err(EngineError::Api(refused));
            }
            let why = format!("the server does not show it: {message}");
            facts.push(Fact::Unchecked { what: Part::Record, why });
        } else {
            return Err(EngineError::Api(error));
        }
        let known = self.known.filter(|known| {
            known.last == Some(asked) || known.record.versions.contains_key(&asked)
        });
        if let Some(known) = known {
            facts.push(find_concept(api, known.concept, (Some(known), known.last)).await?);
        }
        let label = known.and_then(|known| known.record.versions.get(&asked));
        let label = label.filter(|label| !label.is_empty()).cloned();
        let doi = known.and_then(|_| self.server.mint_doi(asked.0));
        let verified = Verified { id: asked, doi, label, index: 0, facts };
        Ok(Looked { verified, files: Vec::new(), is_open: None })
    }

    /// Compares the metadata with those of the manifest, as a plan does.
    async fn compare_metadata(
        self,
        api: &ReadApi,
        full: &FullRecord,
        described: &Described,
    ) -> Result<Vec<Fact>, EngineError> {
        let Described { desired, binding } = described;
        let metadata = to_deposit_metadata(api, full).await.map_err(EngineError::Api)?;
        let grants = list_grants(&desired.metadata);
        let grants = unknown_grants(api, &grants).await.map_err(EngineError::Api)?;
        let files = full.files.clone().unwrap_or_default();
        let record = make_public_record(full.clone(), metadata, files, self.server);
        let record = RecordState::Published(Box::new(record));
        let observed = Observed { record, grants, ..Observed::default() };
        // The date decides what a new version gets, and here a published one stays as it is.
        let policy = Policy::on(String::new());
        let (n_fields, changes) = find_published_changes(desired, &observed, binding, &policy);
        let n_same = n_fields.saturating_sub(changes.len());
        let mut facts = Vec::new();
        if n_same > 0 {
            facts.push(Fact::SameFields(n_same));
        }
        facts.extend(changes.into_iter().map(Fact::Field));
        Ok(facts)
    }
}

fn list_grants(metadata: &Metadata) -> Vec<String> {
    match metadata.get(Field::Grants) {
        Some(Value::List(grants)) => grants.clone(),
        _ => Vec::new(),
    }
}

/// Compares the files with those that the lock has, where it has those of this version.
fn compare_files(full: &FullRecord, known: Option<&KnownRecord>) -> Vec<Fact> {
    let leave = |why: &str| vec![Fact::Unchecked { what: Part::Files, why: why.to_owned() }];
    let Some(files) = &full.files else {
        return leave("they are restricted, and only their owner's token shows them");
    };
    if let Some(unread) = full.unread.iter().find(|unread| unread.place.starts_with("files")) {
        return leave(&unread.to_string());
    }
    let bytes = files.iter().map(|file| file.size).fold(0, u64::saturating_add);
    let Some(known) = known else { return vec![Fact::Announced(files.len(), bytes)] };
    if known.record.last.is_none() {
        return leave("the lock has no version of this record");
    }
    if known.record.last != Some(full.facts.id) {
        return leave("the lock has only those of the version that was applied last");
    }
    if known.record.files.is_empty() {
        return leave("the lock has none of them");
    }
    compare_applied(&known.record.files, files, |key| known.keeps(key))
}

/// Finds where a concept points, and where it should.
async fn find_concept(
    api: &ReadApi,
    concept: ConceptId,
    (known, wanted): (Option<&KnownRecord>, Option<RecordId>),
) -> Result<Fact, EngineError> {
    match api.latest_of(concept).await {
        Ok(full) => {
            let latest = full.facts.id;
            // Without a lock there is none that could lack it.
            let is_known = known.is_none_or(|known| known.record.versions.contains_key(&latest));
            Ok(Fact::Concept(Pointing {
                concept,
                latest,
                doi: full.doi,
                label: full.metadata.text(Field::Version).map(str::to_owned),
                index: full.facts.index,
                wanted,
                is_known,
            }))
        }
        Err(error) => match (error.not_found(), error.forbidden()) {
            (Some((status, message)), _) => Ok(Fact::ConceptGone { concept, status, message }),
            (None, Some(message)) => {
                let why = format!("the server does not show its latest version: {message}");
                Ok(Fact::Unchecked { what: Part::Concept, why })
            }
            (None, None) => Err(EngineError::Api(error)),
        },
    }
}
