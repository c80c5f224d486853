//! The rows of the store in one file: the only place that uses redb.
//!
//! A damaged file must neither end the process nor be made worse. So a copy of it in memory is
//! opened and checked first, and the panics of redb, which trusts its file, are caught at each
//! call. Deliberately absent: what rows mean, see `store`.

use std::any::Any;
use std::cell::Cell;
use std::fs;
use std::io;
use std::panic::{AssertUnwindSafe, catch_unwind, set_hook, take_hook};
use std::path::Path;
use std::sync::Once;

use redb::backends::InMemoryBackend;
use redb::{
    Builder, Database, ReadableDatabase, ReadableTable, StorageBackend, TableDefinition, TableError,
};

/// All rows: the table's name, a slash, the key; and the row in JSON.
const ROWS: TableDefinition<'_, &str, &[u8]> = TableDefinition::new("rows");

/// A row to write: its key and its new value; `None` removes it.
pub(super) type Row = (String, Option<Vec<u8>>);

/// Why rows can't be read or written.
#[derive(Debug, thiserror::Error)]
pub(super) enum RowsError {
    /// The file can't be reached, which says nothing about its contents.
    #[error("the file can't be read or written")]
    Io(#[source] io::Error),
    /// The file is damaged.
    #[error("{0}")]
    Damaged(String),
}

/// The rows that were read: key and value of each.
pub(super) type Read = Vec<(String, Vec<u8>)>;

/// The file, open.
pub(super) struct Rows {
    /// `None` once it is closed.
    database: Option<Database>,
}

impl Rows {
    /// Opens the file, or creates it, and reads all rows. A damaged file is left unchanged.
    ///
    /// # Errors
    /// [`RowsError`].
    pub(super) fn open(path: &Path) -> Result<(Self, Read), RowsError> {
        // Opening a file writes to it, so damage is looked for first, in a copy.
        let rows = read_rows(path)?;
        let database = run_guarded(|| Ok(Database::create(path)?))?;
        Ok((Self { database: Some(database) }, rows))
    }

    /// Writes rows in one commit; returns the values that they replaced or removed.
    ///
    /// # Errors
    /// [`RowsError`]; then nothing is written.
    pub(super) fn write(&self, rows: &[Row]) -> Result<Vec<Vec<u8>>, RowsError> {
        run_guarded(|| write_all(self.database()?, rows))
    }

    fn database(&self) -> Result<&Database, redb::Error> {
        self.database.as_ref().ok_or(redb::Error::DatabaseAlreadyOpen)
    }
}

impl Drop for Rows {
    fn drop(&mut self) {
        // Closing writes, so it can fail on damage too. All that was answered is synced already.
        let database = self.database.take();
        let _ = run_guarded(|| {
            drop(database);
            Ok(())
        });
    }
}

impl std::fmt::Debug for Rows {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Rows").finish_non_exhaustive()
    }
}

/// Returns whether the file is missing or empty.
pub(super) fn is_missing(path: &Path) -> bool {
    match fs::symlink_metadata(path) {
        Ok(there) => there.is_file() && there.len() == 0,
        Err(error) => error.kind() == io::ErrorKind::NotFound,
    }
}

/// Reads all rows of a file without changing it, and checks every page in use against its checksum.
/// A missing or empty file has no rows.
///
/// # Errors
/// [`RowsError`].
pub(super) fn read_rows(path: &Path) -> Result<Read, RowsError> {
    let bytes = match fs::symlink_metadata(path) {
        // Opening a FIFO would wait for a writer.
        Ok(there) if !there.is_file() => {
            return Err(RowsError::Io(io::Error::other("it is not a file")));
        }
        Ok(_) => fs::read(path).map_err(RowsError::Io)?,
        Err(error) if error.kind() == io::ErrorKind::NotFound => return Ok(Vec::new()),
        Err(error) => return Err(RowsError::Io(error)),
    };
    if bytes.is_empty() {
        return Ok(Vec::new());
    }
    run_guarded(|| {
        let copy = InMemoryBackend::new();
        copy.set_len(bytes.len() as u64)?;
        copy.write(0, &bytes)?;
        let mut builder = Builder::new();
        let database = builder.set_check_integrity_on_open(true).create_with_backend(copy)?;
        read_all(&database)
    })
}

fn read_all(database: &Database) -> Result<Read, redb::Error> {
    let transaction = database.begin_read()?;
    let table = match transaction.open_table(ROWS) {
        Ok(table) => table,
        // A file that was closed before its first commit has no table.
        Err(TableError::TableDoesNotExist(_)) => return Ok(Vec::new()),
        Err(error) => return Err(error.into()),
    };
    let mut rows = Vec::new();
    for row in table.iter()? {
        let (key, row) = row?;
        rows.push((key.value().to_owned(), row.value().to_owned()));
    }
    Ok(rows)
}

fn write_all(database: &Database, rows: &[Row]) -> Result<Vec<Vec<u8>>, redb::Error> {
    let mut before = Vec::new();
    let mut transaction = database.begin_write()?;
    // Otherwise redb would take a damaged header for the trace of a kill, and fall back to the
    // commit before the last one without an error.
    transaction.set_two_phase_commit(true);
    {
        let mut table = transaction.open_table(ROWS)?;
        for (key, row) in rows {
            let old = match row {
                Some(row) => table.insert(key.as_str(), row.as_slice())?,
                None => table.remove(key.as_str())?,
            };
            before.extend(old.map(|old| old.value().to_owned()));
        }
    }
    transaction.commit()?;
    Ok(before)
}

thread_local! {
    /// Whether this thread is inside a guarded call.
    static IS_GUARDED: Cell<bool> = const { Cell::new(false) };
}

/// Calls redb; a panic becomes an error and prints nothing on stderr.
fn run_guarded<T>(work: impl FnOnce() -> Result<T, redb::Error>) -> Result<T, RowsError> {
    silence_guarded_panics();
    // Restored afterwards instead of cleared, so that guarded calls may nest.
    let was_guarded = IS_GUARDED.replace(true);
    let result = catch_unwind(AssertUnwindSafe(work));
    IS_GUARDED.set(was_guarded);
    match result {
        Ok(result) => result.map_err(|error| classify_error(&error)),
        Err(panic) => Err(RowsError::Damaged(describe_panic(panic.as_ref()))),
    }
}

fn silence_guarded_panics() {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        let before = take_hook();
        set_hook(Box::new(move |panic| {
            // The hook is one for the whole process: panics of other code still have to be printed.
            if !IS_GUARDED.get() {
                before(panic);
            }
        }));
    });
}

fn describe_panic(panic: &(dyn Any + Send)) -> String {
    let text = panic.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| panic.downcast_ref::<&str>().copied());
    text.unwrap_or("it can't be read to its end").lines().next().unwrap_or_default().to_owned()
}

/// Distinguishes a file that can't be reached from a damaged one.
fn classify_error(error: &redb::Error) -> RowsError {
    if let redb::Error::Io(io) = error
        && is_out_of_reach(io)
    {
        return RowsError::Io(io::Error::new(io.kind(), io.to_string()));
    }
    RowsError::Damaged(error.to_string())
}

/// Returns whether the cause of an error is the system and not the contents of the file.
fn is_out_of_reach(error: &io::Error) -> bool {
    // A damaged page points past the end of the file, or at a place that can't exist.
    !matches!(
        error.kind(),
        io::ErrorKind::UnexpectedEof | io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn row(n: usize, round: usize) -> Row {
        let text =
            format!("{{\"n\": {n}, \"round\": {round}, \"text\": \"{}\"}}", "x".repeat(n % 700));
        (format!("table/{n:04}"), Some(text.into_bytes()))
    }

    /// Writes a file of some pages, as a server that stopped normally leaves it, or as a kill does.
    fn written(path: &Path, is_killed: bool) -> Read {
        let (rows, before) = Rows::open(path).unwrap();
        assert_eq!(before, []);
        for round in 0..3 {
            let all: Vec<Row> = (0..120).map(|n| row(n, round)).collect();
            rows.write(&all).unwrap();
        }
        if is_killed {
            let bytes = fs::read(path).unwrap();
            drop(rows);
            fs::write(path, bytes).unwrap();
        } else {
            drop(rows);
        }
        read_rows(path).unwrap()
    }

    /// Flips a bit, and returns the result of opening, reading, writing and closing.
    fn outcome(path: &Path, (at, bit): (usize, u8), whole: &[u8]) -> Result<Read, RowsError> {
        let mut bytes = whole.to_vec();
        bytes[at] ^= bit;
        fs::write(path, &bytes).unwrap();
        let opened = catch_unwind(|| Rows::open(path)).expect("a panic came through");
        let (rows, read) = match opened {
            Ok(opened) => opened,
            Err(error) => {
                assert_eq!(fs::read(path).unwrap(), bytes, "byte {at}: damaged data are touched");
                return Err(error);
            }
        };
        rows.write(&[row(500, 0)])?;
        drop(rows);
        Ok(read)
    }

    #[test]
    fn a_flipped_bit_anywhere_does_no_harm_or_is_an_error() {
        for is_killed in [false, true] {
            let dir = tempfile::tempdir().unwrap();
            let path = dir.path().join("state.redb");
            let good = written(&path, is_killed);
            assert_eq!(good.len(), 120);
            let whole = fs::read(&path).unwrap();
            let filled: Vec<usize> = (0..whole.len()).filter(|at| whole[*at] != 0).collect();
            let mut n_damaged = 0;
            for n in 0..160_usize {
                // All of the header, then over everything that is not empty.
                let at = if n < 80 { n * 4 } else { filled[(n - 80) * filled.len() / 80] };
                match outcome(&path, (at, 1 << (n % 8)), &whole) {
                    Ok(read) => assert!(read == good, "byte {at} of {is_killed}: other rows"),
                    Err(RowsError::Damaged(how)) => {
                        assert!(!how.is_empty());
                        n_damaged += 1;
                    }
                    Err(error @ RowsError::Io(_)) => panic!("byte {at}: {error:?}"),
                }
            }
            assert!(n_damaged > 40, "{n_damaged} of 160");
        }
    }

    #[test]
    fn a_file_that_is_not_a_store_is_left_unchanged() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("state.redb");
        written(&path, false);
        let whole = fs::read(&path).unwrap();
        let texts: [&[u8]; 4] = [b"x", &whole[..100], &whole[..whole.len() / 2], &[0; 8192]];
        for text in texts {
            fs::write(&path, text).unwrap();
            assert!(matches!(Rows::open(&path), Err(RowsError::Damaged(_))), "{}", text.len());
            assert_eq!(fs::read(&path).unwrap(), text);
        }
        let mut longer = whole.clone();
        longer.extend([7; 5000]);
        fs::write(&path, &longer).unwrap();
        assert!(matches!(Rows::open(&path), Err(RowsError::Damaged(_))));
        fs::remove_file(&path).unwrap();
        fs::create_dir(&path).unwrap();
        assert!(matches!(Rows::open(&path), Err(RowsError::Io(_))));
    }

    #[test]
    fn a_panic_inside_is_an_error_and_later_calls_work() {
        let error = run_guarded::<()>(|| panic!("too\nbad")).unwrap_err();
        assert!(matches!(&error, RowsError::Damaged(how) if how == "too"), "{error:?}");
        assert!(!IS_GUARDED.get());
        run_guarded(|| Ok(())).unwrap();
    }
}
