//! Storage behind the state machine: its rows, committed before an answer is sent.
//!
//! A transaction is a function on the state. When it returns `Ok`, the rows it changed are written
//! in one commit; otherwise, or when the commit fails, the state is restored. Deliberately absent:
//! what rows mean, and the file that they are in, see `rows`.

use std::collections::BTreeSet;
use std::fmt::Display;
use std::path::Path;

use serde::Serialize;
use serde::de::DeserializeOwned;

use super::blobs::Blobs;
use super::error::LocalError;
use super::rows::{self, Row, Rows, RowsError};
use super::state::State;
use super::state::refusal::Refusal;
use super::state::table::Table;

/// The file of the rows in a data folder.
pub(super) const FILE: &str = "state.redb";

/// The folder of the contents of files in a data folder.
const BLOBS: &str = "blobs";

/// The state and where it is stored.
pub(crate) struct Store {
    state: State,
    rows: Rows,
    blobs: Blobs,
}

type Failure = Box<dyn std::error::Error + Send + Sync>;

impl Store {
    /// Opens the store in a folder, or creates it, and deletes what a kill left behind.
    ///
    /// # Errors
    /// When files cannot be read or are not a store.
    pub(crate) fn open(folder: &Path) -> Result<Self, LocalError> {
        let path = folder.join(FILE);
        // Before anything is created: a new empty file would hide that the rows are lost.
        refuse_lost_rows(&path)?;
        let fail = |source: Failure| LocalError::Store { path: path.clone(), source };
        let (rows, read) = Rows::open(&path).map_err(|error| convert_rows_error(&path, error))?;
        let state = load_state(&read).map_err(fail)?;
        let blobs = Blobs::open(folder.join(BLOBS)).map_err(|error| fail(error.into()))?;
        // Only after all rows were read: a blob whose row is not known yet would be deleted.
        blobs.sweep(&collect_needed(&state)).map_err(|error| fail(error.into()))?;
        Ok(Self { state, rows, blobs })
    }

    /// Returns the state for reading.
    pub(crate) fn state(&self) -> &State {
        &self.state
    }

    /// Returns the blobs.
    pub(crate) fn blobs(&self) -> &Blobs {
        &self.blobs
    }

    /// Runs a transaction: all of it, or nothing.
    ///
    /// # Errors
    /// The refusal of the transaction; 500 when its changes cannot be written.
    pub(crate) fn transact<T>(
        &mut self,
        transaction: impl FnOnce(&mut State) -> Result<T, Refusal>,
    ) -> Result<T, Refusal> {
        let result = transaction(&mut self.state);
        let result = match result {
            Ok(value) => match self.commit() {
                Ok(released) => {
                    self.state.keep();
                    // After the commit: a kill in between leaves blobs that no row names, which the
                    // next start deletes, and never rows without their blobs.
                    for id in &released {
                        self.blobs.remove(id);
                    }
                    return Ok(value);
                }
                // The client must not see a change that the next start would not have.
                Err(_) => Err(Refusal::internal()),
            },
            Err(refusal) => Err(refusal),
        };
        self.state.take_back();
        result
    }

    /// Writes the changed rows and returns the contents that nothing needs any more.
    fn commit(&self) -> Result<Vec<String>, Failure> {
        let rows = collect_changes(&self.state)?;
        if rows.is_empty() {
            return Ok(Vec::new());
        }
        let mut before = BTreeSet::new();
        for old in self.rows.write(&rows)? {
            collect_contents(&old, &mut before);
        }
        // A new version shares the contents of the one before, so a content that a row lets go of
        // may still be in use.
        Ok(before.into_iter().filter(|id| !self.state.uses(id)).collect())
    }
}

impl std::fmt::Debug for Store {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Store").finish_non_exhaustive()
    }
}

/// Collects the ids of the contents that a row held.
fn collect_contents(row: &[u8], found: &mut BTreeSet<String>) {
    // Read without its type, since rows of every table come here; most have no files.
    let Ok(row) = serde_json::from_slice::<serde_json::Value>(row) else { return };
    let files = row.pointer("/version/files").and_then(serde_json::Value::as_array);
    for file in files.into_iter().flatten() {
        for at in ["/transfer/completed/id", "/transfer/pending/id"] {
            if let Some(id) = file.pointer(at).and_then(serde_json::Value::as_str) {
                found.insert(id.to_owned());
            }
        }
    }
}

fn collect_needed(state: &State) -> BTreeSet<String> {
    let drafts = state.drafts.values().map(|draft| &draft.version);
    let versions = drafts.chain(state.records.values().map(|record| &record.version));
    versions
        .flat_map(|version| &version.files)
        .filter_map(|file| Some(file.stored()?.id.clone()))
        .collect()
}

fn collect_changes(state: &State) -> Result<Vec<Row>, Failure> {
    let mut rows = Vec::new();
    add_changes(&mut rows, "users", &state.users)?;
    add_changes(&mut rows, "communities", &state.communities)?;
    add_changes(&mut rows, "concepts", &state.concepts)?;
    add_changes(&mut rows, "drafts", &state.drafts)?;
    add_changes(&mut rows, "records", &state.records)?;
    add_changes(&mut rows, "requests", &state.requests)?;
    add_changes(&mut rows, "meta", &state.meta)?;
    Ok(rows)
}

fn add_changes<K: Ord + Clone + Display, V: Clone + Serialize>(
    rows: &mut Vec<Row>,
    name: &str,
    table: &Table<K, V>,
) -> Result<(), Failure> {
    for (key, value) in table.changes() {
        let row = value.map(serde_json::to_vec).transpose()?;
        rows.push((format!("{name}/{key}"), row));
    }
    Ok(())
}

/// Reads the state from a file and changes nothing.
///
/// # Errors
/// When it can't be read or is not a state.
pub(super) fn read_state(path: &Path) -> Result<State, LocalError> {
    refuse_lost_rows(path)?;
    let rows = rows::read_rows(path).map_err(|error| convert_rows_error(path, error))?;
    load_state(&rows).map_err(|source| LocalError::Store { path: path.to_owned(), source })
}

/// Refuses a folder that has contents of files without the rows that name them.
fn refuse_lost_rows(path: &Path) -> Result<(), LocalError> {
    // Opened as a new folder, it would lose all its contents to the sweep. It can't be a new one:
    // the file of the rows is created first.
    if rows::is_missing(path) && Blobs::are_in(&path.with_file_name(BLOBS)) {
        let how = "it is missing or empty, but file contents exist".to_owned();
        return Err(LocalError::Damaged { path: path.to_owned(), how });
    }
    Ok(())
}

fn load_state(rows: &[(String, Vec<u8>)]) -> Result<State, Failure> {
    let mut state = State::default();
    for (key, row) in rows {
        load_row(&mut state, key, row)?;
    }
    Ok(state)
}

fn convert_rows_error(path: &Path, error: RowsError) -> LocalError {
    let path = path.to_owned();
    match error {
        RowsError::Io(source) => LocalError::Folder { action: "read or write", path, source },
        RowsError::Damaged(how) => LocalError::Damaged { path, how },
    }
}

fn load_row(state: &mut State, key: &str, row: &[u8]) -> Result<(), Failure> {
    let (table, key) = key.split_once('/').ok_or("a row without a table")?;
    match table {
        "users" => state.users.load(key.parse()?, parse_row(row)?),
        "communities" => state.communities.load(key.to_owned(), parse_row(row)?),
        "concepts" => state.concepts.load(key.parse()?, parse_row(row)?),
        "drafts" => state.drafts.load(key.parse()?, parse_row(row)?),
        "records" => state.records.load(key.parse()?, parse_row(row)?),
        "requests" => state.requests.load(key.to_owned(), parse_row(row)?),
        "meta" => state.meta.load(key.to_owned(), parse_row(row)?),
        // A newer zrel wrote it: its rows may name contents, which the sweep would delete.
        _ => return Err(format!("a row of the unknown table `{table}`").into()),
    }
    Ok(())
}

fn parse_row<T: DeserializeOwned>(row: &[u8]) -> Result<T, Failure> {
    Ok(serde_json::from_slice(row)?)
}
