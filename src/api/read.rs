//! Calls that only read.

use serde_json::Value as Json;

use crate::http::{Answer, Call, Client, Idempotency, Method, Sink};
use jiff::Timestamp;

use crate::model::{Community, ConceptId, DateInterval, Field, FileKey, Recid, RecordId, Value};
use crate::observed::{
    Candidate, CommunityState, Deposition, Draft, DraftFile, FullRecord, GrantLookup, HistoryEntry,
    RecordFacts,
};
use crate::wire;

use super::lean_json::read_json;
use super::{ApiError, ApiErrorKind, Backend, BackendOf, Sought};

pub(super) const JSON: &str = "application/json";
pub(super) const INVENIO: &str = "application/vnd.inveniordm.v1+json";

/// How many pages of a listing are read: a server that always has another one would never end, and
/// the real one shows the first 10,000 entries (zenodo-notes.md, 2026-11-23).
pub(crate) const MAX_PAGES: usize = 100;

/// How many entries a page has: the server's limit (zenodo-notes.md, 2026-11-23).
pub(crate) const PAGE: usize = 100;

/// A client of the API that can only read.
#[derive(Debug, Clone)]
pub struct ReadApi {
    client: Client,
    backend: BackendOf,
}

/// A community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CommunityFacts {
    /// Its id.
    pub uuid: String,
    /// Its slug.
    pub slug: Community,
    /// Whether it accepts records from its members only.
    pub is_closed: bool,
}

impl ReadApi {
    /// Takes a client of a server with the deposit API.
    pub fn new(client: Client) -> Self {
        Self::with_backend(client, Backend::Deposit.into())
    }

    /// Takes a client, and what is known of its server.
    pub fn with_backend(client: Client, backend: BackendOf) -> Self {
        Self { client, backend }
    }

    pub(super) fn backend_of(&self) -> &BackendOf {
        &self.backend
    }

    pub(super) fn client(&self) -> &Client {
        &self.client
    }

    /// Reads a deposition of the token's owner, with its files.
    ///
    /// # Errors
    /// [`ApiError`]: not found, forbidden, or no answer.
    pub async fn deposition(&self, id: RecordId) -> Result<Deposition, ApiError> {
        match self.find_deposition(id).await? {
            Some(deposition) => Ok(deposition),
            None => self.own_record(id).await,
        }
    }

    /// Reads a deposition of the token's owner, with its files; none where the server has no deposit
    /// API.
    ///
    /// # Errors
    /// [`ApiError`]: not found, forbidden, or no answer.
    pub async fn find_deposition(&self, id: RecordId) -> Result<Option<Deposition>, ApiError> {
        // An answer says that the server has the deposit API: it is not asked for that alone. Ids of
        // that API are numbers.
        let is_unknown = self.known_backend().is_none() && matches!(id.0, Recid::Number(_));
        if !is_unknown && self.backend().await? == Backend::Records {
            return Ok(None);
        }
        match self.read_deposition(id).await {
            Ok(deposition) => {
                self.backend_of().note(Backend::Deposit);
                Ok(Some(deposition))
            }
            // What stands before a server may refuse an address that the server does not have.
            Err(error) if is_unknown && (error.is_not_found() || error.is_forbidden()) => {
                match self.backend().await? {
                    Backend::Records => Ok(None),
                    Backend::Deposit => Err(error),
                }
            }
            Err(error) => Err(error),
        }
    }

    async fn read_deposition(&self, id: RecordId) -> Result<Deposition, ApiError> {
        let doing = format!("reading deposition {id}");
        let answer = self.get(&format!("/api/deposit/depositions/{id}"), JSON, &doing).await?;
        let read = parse(&answer).and_then(|json| wire::deposition(&json, answer.revision));
        let read = read.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        about(id, read.id(), doing)?;
        self.with_single_dates(read).await
    }

    /// Completes dates that are not intervals: the deposit API shows them without the date
    /// (contract/scenarios/deposit-dates.json, 2026-11-28), and only the records API has it.
    pub(super) async fn with_single_dates(
        &self,
        mut deposition: Deposition,
    ) -> Result<Deposition, ApiError> {
        let (id, metadata, is_open) = match &mut deposition {
            Deposition::Published(record) => (record.id, &mut record.metadata, false),
            Deposition::Open(draft) => (draft.id, &mut draft.metadata, true),
        };
        let is_dateless = |date: &DateInterval| date.start.is_none() && date.end.is_none();
        let Some(Value::Dates(dates)) = metadata.get(Field::Dates) else { return Ok(deposition) };
        // Most records have no such date: they do not need the second request.
        if !dates.iter().any(is_dateless) {
            return Ok(deposition);
        }
        let full = if is_open { self.full_draft(id).await? } else { self.record(id).await? };
        if let Some(dates) = full.metadata.get(Field::Dates) {
            metadata.set(Field::Dates, dates.clone());
        }
        Ok(deposition)
    }

    /// Reads a draft or an open edit.
    ///
    /// # Errors
    /// [`ApiError`]; not found also when it has been published.
    pub async fn draft(&self, id: RecordId) -> Result<Draft, ApiError> {
        match self.find_deposition(id).await? {
            None => self.own_draft(id).await,
            Some(Deposition::Open(draft)) => Ok(*draft),
            // Not found: the next look sees the record.
            Some(Deposition::Published(_)) => Err(ApiError::gone(
                format!("reading draft {id}"),
                "it has been published".to_owned(),
            )),
        }
    }

    /// Reads the latest version of the record that `id` is a version of, of this concept.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn latest(&self, id: RecordId, of: ConceptId) -> Result<FullRecord, ApiError> {
        let doing = format!("reading the latest version of record {id}");
        let full = self.full(&format!("/api/records/{id}/versions/latest"), doing.clone()).await?;
        // The server redirects: a wrong answer would bind the manifest to another record.
        if full.facts.concept == of {
            Ok(full)
        } else {
            Err(ApiError::other_concept(doing, of, full.facts.concept))
        }
    }

    /// Reads the latest version of a concept: the server redirects to it. The id of a version gives
    /// that version.
    ///
    /// # Errors
    /// [`ApiError`]; not found when no version is published.
    pub async fn latest_of(&self, concept: ConceptId) -> Result<FullRecord, ApiError> {
        let doing = format!("reading the latest version of concept {concept}");
        let full = self.full(&format!("/api/records/{concept}"), doing.clone()).await?;
        let RecordFacts { id, concept: of, .. } = full.facts;
        // A version's id is let through: the caller reports the concept that it belongs to.
        if of == concept || id.0 == concept.0 {
            Ok(full)
        } else {
            Err(ApiError::other_concept(doing, concept, of))
        }
    }

    /// Reads what only the records API has of a draft.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn draft_facts(&self, id: RecordId) -> Result<RecordFacts, ApiError> {
        Ok(self.full_draft(id).await?.facts)
    }

    /// Reads a whole published record, also without credentials; for a concept's id the latest.
    ///
    /// # Errors
    /// [`ApiError`]; not found with 410 for a record that was removed.
    pub async fn record(&self, id: RecordId) -> Result<FullRecord, ApiError> {
        let doing = format!("reading record {id}");
        let full = self.full(&format!("/api/records/{id}"), doing.clone()).await?;
        let is_of_concept = full.facts.concept.0 == id.0;
        if is_of_concept { Ok(full) } else { about(id, full.facts.id, doing).map(|()| full) }
    }

    /// Reads the files of a draft, also those whose upload never completed.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn draft_files(&self, id: RecordId) -> Result<Vec<DraftFile>, ApiError> {
        let doing = format!("reading the files of draft {id}");
        let answer = self.get(&format!("/api/records/{id}/draft/files"), INVENIO, &doing).await?;
        let read = parse(&answer).and_then(|json| wire::draft_files(&json));
        read.ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Reads a whole draft of the token's owner.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn full_draft(&self, id: RecordId) -> Result<FullRecord, ApiError> {
        let doing = format!("reading draft {id}");
        let full = self.full(&format!("/api/records/{id}/draft"), doing.clone()).await?;
        about(id, full.facts.id, doing).map(|()| full)
    }

    async fn full(&self, path: &str, doing: String) -> Result<FullRecord, ApiError> {
        let mut answer = self.get(path, INVENIO, &doing).await?;
        let json = parse(&answer).ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
        // Given back before the record is made: it is long where there are thousands of people.
        answer.body = Vec::new();
        let Some(mut full) = wire::full_record(&json) else {
            answer.body = json.to_string().into_bytes();
            return Err(ApiError::answer(doing, &answer));
        };
        drop(json);
        self.spell_awards(&mut full).await?;
        Ok(full)
    }

    /// Takes awards as grants where no other API shows them: the deposit API has ids of its own, and
    /// those are read from it.
    pub(super) async fn spell_awards(&self, full: &mut FullRecord) -> Result<(), ApiError> {
        // Most records have none, and the server need not be asked which APIs it has.
        if !full.awards.is_empty() && self.backend().await? == Backend::Records {
            full.take_awards_as_grants();
        }
        Ok(())
    }

    /// Reads the ids of a published record's grants in the form of the deposit API.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn grants_of(&self, id: RecordId) -> Result<Vec<String>, ApiError> {
        let doing = format!("reading the grants of record {id}");
        let answer = self.get(&format!("/api/records/{id}"), JSON, &doing).await?;
        let read = parse(&answer).map(|json| wire::plain_grants(&json));
        read.ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Reads a file of a record or a draft, from the sink's position.
    ///
    /// # Errors
    /// [`ApiError`]; the sink keeps the bytes that came before.
    pub async fn download(
        &self,
        id: RecordId,
        is_draft: bool,
        key: &FileKey,
        sink: &mut dyn Sink,
    ) -> Result<(), ApiError> {
        let doing = format!("reading file `{key}` of record {id}");
        let draft = if is_draft { "/draft" } else { "" };
        let path = format!("/api/records/{id}{draft}/files/{}/content", segment(key.as_str()));
        let fetched = self.client.download(&path, sink).await;
        let fetched = fetched.map_err(|error| ApiError::transport(doing.clone(), error))?;
        fetched.map_err(|answer| ApiError::answer(doing, &answer))
    }

    /// Reads the versions of a record, newest first.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn versions(&self, id: RecordId) -> Result<Vec<HistoryEntry>, ApiError> {
        let doing = format!("reading the versions of record {id}");
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("/api/records/{id}/versions?page={page}&size=25&sort=version");
            let answer = self.get(&path, INVENIO, &doing).await?;
            let read = parse(&answer).and_then(|json| wire::versions(&json));
            let read = read.ok_or_else(|| ApiError::answer(doing.clone(), &answer))?;
            let is_last = read.len() < 25;
            all.extend(read);
            if is_last {
                break;
            }
        }
        all.sort_by_key(|entry| std::cmp::Reverse(entry.index));
        Ok(all)
    }

    /// Finds the records and drafts of the token's owner, one entry a concept: the newest draft or
    /// version.
    ///
    /// Uses the records API, not the deposit API's listing: that answers 500 permanently when one
    /// draft has an identifier without a scheme, and takes 9 s a page
    /// (contract/scenarios/native-identifier-without-scheme.json, 2026-11-28). Both read an index
    /// that is seconds late on the real service.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn own(&self, sought: &Sought<'_>) -> Result<Vec<Candidate>, ApiError> {
        let doing = "looking for your own records";
        let query = sought.query();
        let query = query.map_or_else(String::new, |text| format!("&q={}", segment(&text)));
        let mut all = Vec::new();
        for page in 1..=MAX_PAGES {
            let path = format!("/api/user/records?size={PAGE}&page={page}{query}");
            let answer = self.get(&path, INVENIO, doing).await?;
            let read = parse(&answer).and_then(|json| wire::candidates(&json));
            let read = read.ok_or_else(|| ApiError::answer(doing.to_owned(), &answer))?;
            let is_last = read.len() < PAGE;
            // Filtered only after the count: a short page is the sign of the last one.
            all.extend(read.into_iter().filter(|found| sought.may_be(found)));
            if is_last {
                break;
            }
        }
        Ok(all)
    }

    /// Reads one page of the records and drafts of the token's owner: the published records on it,
    /// and how many entries all pages have. Pages count from 1 and have 100 entries, one a concept.
    ///
    /// Like [`Self::own`] it shows an index that is seconds late on the real service.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn own_records(&self, page: usize) -> Result<(Vec<FullRecord>, u64), ApiError> {
        let doing = "listing your own records";
        let path = format!("/api/user/records?size={PAGE}&page={page}");
        let answer = self.get(&path, INVENIO, doing).await?;
        let read = parse(&answer).and_then(|json| wire::own_records(&json));
        let (mut listed, total) =
            read.ok_or_else(|| ApiError::answer(doing.to_owned(), &answer))?;
        for full in &mut listed {
            self.spell_awards(full).await?;
        }
        Ok((listed, total))
    }

    /// Makes a request that needs a known user, and returns the user's id; none for a user without
    /// a record. Forbidden when the credentials are refused. No address of the server's API says
    /// who is asking (zenodo-notes.md, 2026-11-23), and each record says whose it is.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn check_credentials(&self) -> Result<Option<String>, ApiError> {
        let doing = "checking the credentials";
        let answer = self.get("/api/user/records?size=1", INVENIO, doing).await?;
        let json = parse(&answer).ok_or_else(|| ApiError::answer(doing.to_owned(), &answer))?;
        Ok(wire::owner_of_first(&json))
    }

    /// Reads the inclusion requests of a record: the community's uuid and what it says, newest last.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn requests(&self, id: RecordId) -> Result<Vec<(String, CommunityState)>, ApiError> {
        let doing = format!("reading the requests about record {id}");
        let answer =
            self.get(&format!("/api/records/{id}/requests?size=100"), JSON, &doing).await?;
        let read = parse(&answer).and_then(|json| wire::requests(&json));
        read.ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Reads which community reviews a draft, by its uuid, and when that last changed; `None` when
    /// the draft has no review.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn review(
        &self,
        id: RecordId,
    ) -> Result<Option<(String, Option<Timestamp>)>, ApiError> {
        let doing = format!("reading the review of draft {id}");
        // In the plain form the server answers 500
        // (contract/scenarios/communities-review-before-publish.json, 2026-11-23).
        let answer =
            match self.get(&format!("/api/records/{id}/draft/review"), INVENIO, &doing).await {
                Ok(answer) => answer,
                Err(error) if error.is_not_found() => return Ok(None),
                Err(error) => return Err(error),
            };
        let read = parse(&answer).and_then(|json| wire::review(&json));
        read.map(Some).ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Returns the slug of a community; `None` when the server does not show it.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn community_slug(&self, uuid: &str) -> Result<Option<Community>, ApiError> {
        let doing = format!("looking up the community with the id {uuid}");
        let answer =
            match self.get(&format!("/api/communities/{}", segment(uuid)), JSON, &doing).await {
                Ok(answer) => answer,
                Err(error) if error.is_not_found() || error.is_forbidden() => return Ok(None),
                Err(error) => return Err(error),
            };
        let slug =
            parse(&answer).and_then(|json| Some(Community(json["slug"].as_str()?.to_owned())));
        slug.map(Some).ok_or_else(|| ApiError::answer(doing, &answer))
    }

    /// Looks up a community; `None` when the server has none with this slug.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn community(&self, slug: &Community) -> Result<Option<CommunityFacts>, ApiError> {
        let doing = format!("looking up community `{slug}`");
        let path = format!("/api/communities/{}", segment(&slug.0));
        let answer = match self.get(&path, JSON, &doing).await {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let json = parse(&answer).filter(|json| json["id"].is_string());
        let json = json.ok_or_else(|| ApiError::answer(doing, &answer))?;
        Ok(Some(CommunityFacts {
            uuid: json["id"].as_str().unwrap_or_default().to_owned(),
            slug: slug.clone(),
            is_closed: json["access"]["record_submission_policy"].as_str() == Some("closed"),
        }))
    }

    /// Returns whether the token's owner is a member of a community; `None` when the server has no
    /// list of the owner's communities.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn is_member(&self, slug: &Community) -> Result<Option<bool>, ApiError> {
        let doing = format!("looking for community `{slug}` among your own");
        let path = format!("/api/user/communities?q=slug:%22{}%22&size=25", segment(&slug.0));
        let answer = match self.get(&path, JSON, &doing).await {
            Ok(answer) => answer,
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let json = parse(&answer).filter(|json| json["hits"]["hits"].is_array());
        let json = json.ok_or_else(|| ApiError::answer(doing, &answer))?;
        // A search matches more than the slug: only an equal one is a membership.
        let mut hits = json["hits"]["hits"].as_array().into_iter().flatten();
        Ok(Some(hits.any(|hit| hit["slug"].as_str() == Some(slug.0.as_str()))))
    }

    /// Looks up a grant; `None` when the server has no list of grants.
    ///
    /// A grant is an award in InvenioRDM, and its id there is `FUNDER_ROR::NUMBER`.
    ///
    /// # Errors
    /// [`ApiError`].
    pub async fn grant(&self, id: &str) -> Result<Option<GrantLookup>, ApiError> {
        let doing = format!("looking up grant `{id}`");
        let number = id.rsplit("::").next().unwrap_or(id);
        let path = format!("/api/awards?q=number:%22{}%22&size=10", segment(number));
        let answer = match self.get(&path, JSON, &doing).await {
            Ok(answer) => answer,
            // A server without that route can't refute a grant: it must not block the plan.
            Err(error) if error.is_not_found() => return Ok(None),
            Err(error) => return Err(error),
        };
        let n_found = parse(&answer).and_then(|json| json["hits"]["total"].as_u64());
        let n_found = n_found.ok_or_else(|| ApiError::answer(doing, &answer))?;
        let is_known = n_found > 0;
        Ok(Some(if is_known { GrantLookup::Known(id.to_owned()) } else { GrantLookup::Unknown }))
    }

    pub(super) async fn get(
        &self,
        path: &str,
        accept: &'static str,
        doing: &str,
    ) -> Result<Answer, ApiError> {
        let call = Call {
            method: Method::Get,
            path,
            accept,
            json: None,
            if_match: None,
            idempotency: Idempotency::Idempotent,
        };
        let answer = self.client.send(&call).await;
        let answer = answer.map_err(|error| ApiError::transport(doing.to_owned(), error))?;
        if answer.status == 200 {
            Ok(answer)
        } else {
            Err(ApiError::answer(doing.to_owned(), &answer))
        }
    }
}

/// Checks that an answer is about the record that was requested.
fn about(asked: RecordId, answered: RecordId, doing: String) -> Result<(), ApiError> {
    if asked == answered { Ok(()) } else { Err(ApiError::other_record(doing, asked, answered)) }
}

/// Parses an answer as JSON; `None` for anything else.
pub(super) fn parse(answer: &Answer) -> Option<Json> {
    read_json(&answer.body)
}

/// Encodes one part of a path.
pub(super) fn segment(text: &str) -> String {
    use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
    const KEPT: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');
    utf8_percent_encode(text, KEPT).to_string()
}

impl ApiError {
    /// Makes an error of an answer that lacks a part.
    pub fn unreadable(doing: String, start: &str) -> Self {
        let content_type = JSON.to_owned();
        Self::of(
            doing,
            ApiErrorKind::NotZenodo { status: 200, content_type, start: start.to_owned() },
        )
    }

    /// Makes the error of a record of another user, in the words in which the server refuses its
    /// draft.
    pub fn not_own(doing: String) -> Self {
        let message = "Permission denied.".to_owned();
        Self::of(doing, ApiErrorKind::Forbidden { status: 403, message })
    }

    pub(super) fn gone(doing: String, message: String) -> Self {
        Self::of(doing, ApiErrorKind::NotFound { status: 404, message })
    }
}
