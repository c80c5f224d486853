//! Pages of hits: which page is asked for, and which hits are on it.

use super::call::Call;
use crate::local::state::listing::{Order, Query};
use crate::local::state::refusal::Refusal;
use crate::local::state::types::UserId;
use crate::local::state::{Found, State};

/// The largest page with credentials (2026-11-23).
pub(crate) const MAX_SIZE: usize = 100;
/// The largest page without credentials (2026-11-23).
pub(crate) const MAX_SIZE_GUEST: usize = 25;
/// The largest page of a vocabulary, so that one page has all of it; no recording has one.
pub(crate) const MAX_SIZE_VOCABULARY: usize = 1000;
/// The default size of a page.
const DEFAULT_SIZE: usize = 25;
/// How deep a search goes.
const MAX_HITS: usize = 10_000;

/// Whether a search returns one hit a concept or all versions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Versions {
    /// The newest draft or version of each.
    Newest,
    /// All.
    All,
}

impl Versions {
    /// Reads `all_versions=true`, in any of its spellings.
    pub(crate) fn asked(call: &Call) -> Self {
        let text = call.parameter("all_versions").or_else(|| call.parameter("allversions"));
        match text {
            Some("true" | "True" | "1") => Self::All,
            Some(_) | None => Self::Newest,
        }
    }
}

/// A page of a search.
#[derive(Debug, Clone)]
pub(crate) struct Page {
    /// From 1.
    pub(crate) number: usize,
    /// Hits a page.
    pub(crate) size: usize,
    /// The order's name, as it was given.
    pub(crate) sort: Option<String>,
    order: Order,
    query: Option<Query>,
}

impl Page {
    /// Reads `page`, `size`, `sort` and `q`.
    ///
    /// # Errors
    /// 400.
    pub(crate) fn read(call: &Call, max_size: usize) -> Result<Self, Refusal> {
        let number = parse_number(call, "page")?.unwrap_or(1);
        let size = parse_number(call, "size")?.unwrap_or(DEFAULT_SIZE);
        if size > max_size {
            let message = format!("Page size cannot be greater than {max_size}.");
            return Err(Refusal::field("size", &message));
        }
        let invalid = || Refusal::new(400, "Invalid querystring parameters.");
        // The real index refuses to go deeper, so a client can't page through everything.
        if number == 0 || size == 0 || number.saturating_mul(size) > MAX_HITS {
            return Err(invalid());
        }
        let sort = call.parameter("sort").filter(|sort| !sort.is_empty());
        let order = match sort {
            Some(sort) => Order::parse(sort).ok_or_else(invalid)?,
            None => Order::Newest,
        };
        // `q=` without text means no query at all, not one that nothing matches.
        let query = call.parameter("q").filter(|q| !q.trim().is_empty()).map(Query::parse);
        Ok(Self { number, size, sort: sort.map(str::to_owned), order, query })
    }

    /// Returns the name of the order that is in effect.
    pub(crate) fn sort_name(&self) -> String {
        let by_default = if self.query.is_some() { "bestmatch" } else { "newest" };
        self.sort.clone().unwrap_or_else(|| by_default.to_owned())
    }

    /// Uses another order if none was asked for.
    pub(crate) fn sorted_by_default(self, name: &str, order: Order) -> Self {
        match self.sort {
            Some(_) => self,
            None => Self { sort: Some(name.to_owned()), order, ..self },
        }
    }

    /// Keeps the hits of this page, in order, and returns how many there are in total.
    pub(crate) fn select(&self, state: &State, hits: &mut Vec<Found<'_>>) -> usize {
        if let Some(query) = &self.query {
            hits.retain(|hit| query.matches(state, *hit));
        }
        self.order.sort(hits);
        let total = hits.len();
        // Past the end the page is empty, and not an error.
        let start = ((self.number - 1) * self.size).min(total);
        hits.drain(..start);
        hits.truncate(self.size);
        total
    }
}

fn parse_number(call: &Call, name: &str) -> Result<Option<usize>, Refusal> {
    let Some(text) = call.parameter(name) else { return Ok(None) };
    let refuse = |_| Refusal::field(name, "Not a valid integer.");
    text.parse().map(Some).map_err(refuse)
}

/// Returns the drafts and records of a user.
pub(crate) fn list_own(state: &State, user: UserId, versions: Versions) -> Vec<Found<'_>> {
    let mut found = Vec::new();
    for concept in state.concepts.values().filter(|concept| concept.owner == user) {
        let ids = concept.versions.iter().copied().chain(concept.next_draft);
        // The edit of a record takes the place of the record, so that its owner sees one entry.
        let mut all = ids.filter_map(|id| {
            let draft = state.drafts.get(&id).map(Found::Draft);
            draft.or_else(|| state.records.get(&id).map(Found::Record))
        });
        match versions {
            Versions::All => found.extend(all),
            // An open draft hides an edit of the latest version (real server, 2026-11-23).
            Versions::Newest => found.extend(all.next_back()),
        }
    }
    found
}

/// Returns the published records that the user may see.
pub(crate) fn list_published(
    state: &State,
    user: Option<UserId>,
    versions: Versions,
) -> Vec<Found<'_>> {
    let records = state.records.values().filter(|record| {
        let is_listed = versions == Versions::All || state.is_latest(&record.version);
        is_listed && state.public_record(user, record.version.id).is_ok()
    });
    records.map(Found::Record).collect()
}
