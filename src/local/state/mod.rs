//! The pure state machine behind the embedded Zenodo: rows, and the operations on them.
//!
//! Time and random ids come in as a [`Moment`]. An operation either returns `Ok` or leaves no
//! trace, because its caller restores the tables on `Err`. Deliberately absent: HTTP, storage, and
//! the JSON of the APIs (see `serializers`).

pub(crate) mod communities;
pub(crate) mod drafts;
pub(crate) mod file_modification;
pub(crate) mod files;
pub(crate) mod kept_values;
pub(crate) mod listing;
pub(crate) mod publish;
pub(crate) mod quota;
pub(crate) mod recid;
pub(crate) mod refusal;
pub(crate) mod request_actions;
pub(crate) mod requests;
pub(crate) mod review;
pub(crate) mod sharing;
pub(crate) mod sharing_rows;
pub(crate) mod table;
mod time_text;
pub(crate) mod types;

use std::collections::BTreeMap;

use jiff::Timestamp;
use jiff::tz::TimeZone;

use refusal::Refusal;
use sharing_rows::{Level, Visitor};
use table::Table;
use types::{Community, Concept, Draft, Recid, Record, Request, User, UserId, Version};

/// The prefix of the DOIs that this server mints: the test prefix, as on sandbox.zenodo.org.
pub(crate) const DOI_PREFIX: &str = "10.5072";

/// The first number that is assigned: record ids have eight digits (`tests/contract`, 2026-11-23).
const FIRST_ID: u64 = 10_000_001;

/// The row of `meta` with the next free number.
const NEXT_ID: &str = "next_id";

/// What a server does otherwise than Zenodo does today: a row of `meta` each, 1 or 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Manner {
    /// New ids are texts.
    TextIds,
    /// A PUT by the records API without the DOI of the draft loses it.
    LosesDois,
    /// A draft without a DOI is published without one.
    OptionalDois,
}

impl Manner {
    fn row(self) -> String {
        match self {
            Self::TextIds => "text_ids",
            Self::LosesDois => "loses_dois",
            Self::OptionalDois => "optional_dois",
        }
        .to_owned()
    }
}

/// The time of an operation, and the source of its random ids.
pub(crate) struct Moment<'a> {
    /// The time.
    pub(crate) now: Timestamp,
    /// Returns a new random UUID with each call.
    pub(crate) new_id: &'a mut dyn FnMut() -> String,
}

impl Moment<'_> {
    /// Returns today's date in UTC, as `2026-11-23`.
    pub(crate) fn today(&self) -> String {
        self.now.to_zoned(TimeZone::UTC).date().to_string()
    }

    /// Returns a random UUID.
    pub(crate) fn id(&mut self) -> String {
        (self.new_id)()
    }
}

/// Everything the server knows.
#[derive(Debug, Default, Clone)]
pub(crate) struct State {
    /// Accounts.
    pub(crate) users: Table<UserId, User>,
    /// Communities by id.
    pub(crate) communities: Table<String, Community>,
    /// Concepts.
    pub(crate) concepts: Table<Recid, Concept>,
    /// Drafts, edits among them.
    pub(crate) drafts: Table<Recid, Draft>,
    /// Published versions.
    pub(crate) records: Table<Recid, Record>,
    /// Requests by id.
    pub(crate) requests: Table<String, Request>,
    /// Counters.
    pub(crate) meta: Table<String, u64>,
}

/// A deposition: its draft if there is one, its record otherwise.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Found<'a> {
    /// A draft or an edit.
    Draft(&'a Draft),
    /// A published version.
    Record(&'a Record),
}

impl<'a> Found<'a> {
    /// Returns what a draft and a record have in common.
    pub(crate) fn version(self) -> &'a Version {
        match self {
            Found::Draft(draft) => &draft.version,
            Found::Record(record) => &record.version,
        }
    }

    /// Returns whether it is a draft.
    pub(crate) fn is_draft(self) -> bool {
        matches!(self, Found::Draft(_))
    }
}

impl State {
    /// Assigns the next id.
    pub(crate) fn next_id(&mut self) -> Recid {
        let number = self.meta.get(&NEXT_ID.to_owned()).copied().unwrap_or(FIRST_ID);
        self.meta.insert(NEXT_ID.to_owned(), number + 1);
        if self.has(Manner::TextIds) { Recid::text(number) } else { Recid::number(number) }
    }

    /// Returns whether the server has a manner.
    pub(crate) fn has(&self, manner: Manner) -> bool {
        self.meta.get(&manner.row()).is_some_and(|it| *it == 1)
    }

    /// Says whether the server has a manner.
    pub(crate) fn set_manner(&mut self, manner: Manner, is_on: bool) {
        // A server without it needs no row.
        if self.has(manner) != is_on {
            self.meta.insert(manner.row(), u64::from(is_on));
        }
    }

    /// Returns the users by their tokens.
    pub(crate) fn tokens(&self) -> BTreeMap<String, UserId> {
        self.users.values().map(|user| (user.token.clone(), user.id)).collect()
    }

    /// Returns the community with this slug or id.
    pub(crate) fn community(&self, slug_or_id: &str) -> Option<&Community> {
        self.communities.values().find(|c| c.slug == slug_or_id || c.id == slug_or_id)
    }

    /// Returns the concept of a version; every version has one.
    pub(crate) fn concept_of(&self, version: &Version) -> Result<&Concept, Refusal> {
        self.concepts.get(&version.concept).ok_or_else(Refusal::internal)
    }

    /// Returns whether the user manages the concept of this version, as its owner does.
    pub(crate) fn owns(&self, user: Option<UserId>, version: &Version) -> bool {
        self.may(user, version, Level::Manage)
    }

    /// Returns whether a version with this number is published.
    pub(crate) fn is_published(&self, id: Recid) -> bool {
        self.records.contains(&id)
    }

    /// Returns whether it is the newest published version of its concept.
    pub(crate) fn is_latest(&self, version: &Version) -> bool {
        self.concepts
            .get(&version.concept)
            .is_some_and(|concept| concept.versions.last() == Some(&version.id))
    }

    /// Returns whether no newer draft is open: for the open draft, or else for the latest version.
    pub(crate) fn is_latest_draft(&self, version: &Version) -> bool {
        let Some(concept) = self.concepts.get(&version.concept) else { return false };
        concept.next_draft.or(concept.versions.last().copied()) == Some(version.id)
    }

    /// Returns the deposition to its owner.
    ///
    /// # Errors
    /// 404 for an unknown id, 403 for everyone else.
    pub(crate) fn deposition(&self, user: Option<UserId>, id: Recid) -> Result<Found<'_>, Refusal> {
        let draft = self.drafts.get(&id).map(Found::Draft);
        // An edit hides its record here: the owner sees what is being changed. A deleted record is
        // still found, as on the real server.
        let found = draft
            .or_else(|| self.records.get(&id).map(Found::Record))
            .ok_or_else(Refusal::no_such_id)?;
        if self.may(user, found.version(), Level::Edit) {
            Ok(found)
        } else {
            Err(Refusal::denied())
        }
    }

    /// Returns the draft to its owner, as the deposit API looks it up.
    ///
    /// # Errors
    /// 404 `Not found.` when only the published version exists.
    pub(crate) fn deposit_draft(&self, user: Option<UserId>, id: Recid) -> Result<&Draft, Refusal> {
        match self.deposition(user, id)? {
            Found::Draft(draft) => Ok(draft),
            Found::Record(_) => Err(Refusal::not_found()),
        }
    }

    /// Returns the draft to its owner, as the records API looks it up.
    ///
    /// # Errors
    /// 404 `The persistent identifier does not exist.` when only the published version exists.
    pub(crate) fn records_draft(&self, user: Option<UserId>, id: Recid) -> Result<&Draft, Refusal> {
        let draft = self.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
        if self.may(user, &draft.version, Level::Edit) { Ok(draft) } else { Err(Refusal::denied()) }
    }

    /// Returns the draft to a visitor who may see it.
    ///
    /// # Errors
    /// As [`State::records_draft`].
    pub(crate) fn shown_draft(&self, who: Visitor<'_>, id: Recid) -> Result<&Draft, Refusal> {
        let draft = self.drafts.get(&id).ok_or_else(Refusal::no_such_id)?;
        let is_shown = self.admits(who, &draft.version, Level::Preview);
        if is_shown { Ok(draft) } else { Err(Refusal::denied()) }
    }

    /// Returns the published record to a user who may see it.
    ///
    /// # Errors
    /// 404 for an unknown id or a draft, 410 once deleted, 403 when it is restricted.
    pub(crate) fn public_record(
        &self,
        user: Option<UserId>,
        id: Recid,
    ) -> Result<&Record, Refusal> {
        let Some(record) = self.records.get(&id) else {
            // Two 404s: a draft's number exists, and only its DOI is not registered yet.
            let known = self.drafts.contains(&id);
            return Err(if known { Refusal::not_registered() } else { Refusal::no_such_id() });
        };
        // Before the check of the user: its owner gets the 410 too.
        if record.deleted {
            return Err(Refusal::new(410, "Record deleted"));
        }
        let is_hidden = record.version.access.record == types::Visibility::Restricted;
        if is_hidden && !self.may(user, &record.version, Level::View) {
            return Err(Refusal::denied());
        }
        Ok(record)
    }

    /// Returns the draft for a change.
    pub(crate) fn draft_mut(&mut self, id: Recid) -> Result<&mut Draft, Refusal> {
        self.drafts.get_mut(&id).ok_or_else(Refusal::no_such_id)
    }

    /// Returns the concept for a change.
    pub(crate) fn concept_mut(&mut self, id: Recid) -> Result<&mut Concept, Refusal> {
        self.concepts.get_mut(&id).ok_or_else(Refusal::internal)
    }

    /// Returns whether any draft or record still needs this content.
    pub(crate) fn uses(&self, content_id: &str) -> bool {
        let drafts = self.drafts.values().map(|draft| &draft.version);
        drafts.chain(self.records.values().map(|record| &record.version)).any(|version| {
            let mut stored = version.files.iter().filter_map(types::FileEntry::stored);
            stored.any(|content| content.id == content_id)
        })
    }

    /// Ends the transaction and keeps its changes.
    pub(crate) fn keep(&mut self) {
        self.users.keep();
        self.communities.keep();
        self.concepts.keep();
        self.drafts.keep();
        self.records.keep();
        self.requests.keep();
        self.meta.keep();
    }

    /// Ends the transaction and restores everything.
    pub(crate) fn take_back(&mut self) {
        self.users.take_back();
        self.communities.take_back();
        self.concepts.take_back();
        self.drafts.take_back();
        self.records.take_back();
        self.requests.take_back();
        self.meta.take_back();
    }
}
