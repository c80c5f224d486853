//! Reading a form with a file in it: `POST …/files` of the deposit API.
//!
//! The file goes to the disk as it comes. The server accepts at most 100 MiB here (2026-11-23);
//! larger files go through the bucket. Deliberately absent: nested forms.

use futures_util::TryStreamExt;
use http_body_util::BodyExt;
use multer::{Constraints, Error, Field, Multipart, SizeLimit};

use crate::local::blobs::Blobs;
use crate::local::body::HttpBody;
use crate::local::new_id::new_id;
use crate::local::receive::{self, Outcome};
use crate::local::state::refusal::Refusal;

/// The largest body of a form.
const MAX_FORM_BYTES: u64 = 100 * 1024 * 1024;

/// The longest name: what Werkzeug holds in memory of a form's texts.
const MAX_NAME_BYTES: u64 = 500_000;

/// What was found in a form.
#[derive(Debug, Default)]
struct Form {
    /// The field `name`.
    name: Option<String>,
    /// The name of the uploaded file, and what became of its bytes.
    file: Option<(String, Outcome)>,
}

/// Stores the file of a form; returns the name under which it is to be kept.
///
/// # Errors
/// 400 when there is none or the form is broken, 413 when it is too large, 500 if the disk refuses
/// the write.
pub(crate) async fn store_file_of_form(
    blobs: &Blobs,
    content_type: Option<&str>,
    mut body: HttpBody,
) -> Result<(String, Outcome), Refusal> {
    let mut form = Form::default();
    let read = read_form(blobs, content_type, &mut body, &mut form).await;
    let refusal = match (read, form.file) {
        (Ok(()), Some((filename, outcome))) => {
            // The field `name` wins over the name of the uploaded file, and both are rewritten.
            return Ok((make_secure_name(&form.name.unwrap_or(filename)), outcome));
        }
        (Ok(()), None) => refuse_form(),
        (Err(refusal), file) => {
            // The form may break after its file.
            if let Some((_, Outcome::Whole(content))) = file {
                blobs.remove(&content.id);
            }
            refusal
        }
    };
    // A client that is still sending would see a reset instead of the refusal.
    receive::drain_body(body).await;
    Err(refusal)
}

/// Reads a form into `form`, which holds what came before an error too.
async fn read_form(
    blobs: &Blobs,
    content_type: Option<&str>,
    body: &mut HttpBody,
    form: &mut Form,
) -> Result<(), Refusal> {
    let boundary = content_type.and_then(|kind| multer::parse_boundary(kind).ok());
    let boundary = boundary.ok_or_else(refuse_form)?;
    let limits = SizeLimit::new().whole_stream(MAX_FORM_BYTES).for_field("name", MAX_NAME_BYTES);
    let limits = Constraints::new().size_limit(limits);
    let mut fields = Multipart::with_constraints(body.into_data_stream(), boundary, limits);
    while let Some(field) = fields.next_field().await.map_err(|error| explain_error(&error))? {
        match field.name() {
            Some("name") if form.name.is_none() => {
                let text = field.bytes().await.map_err(|error| explain_error(&error))?;
                form.name = Some(String::from_utf8_lossy(&text).into_owned());
            }
            Some("file") if form.file.is_none() && field.file_name().is_some() => {
                form.file = Some(store_file(blobs, field).await?);
            }
            // The server looks at no other field, and at the first of each name.
            _ => {}
        }
    }
    Ok(())
}

async fn store_file(blobs: &Blobs, field: Field<'_>) -> Result<(String, Outcome), Refusal> {
    let filename = field.file_name().unwrap_or_default().to_owned();
    let mut failure = None;
    let pieces = field.map_err(|error| failure = Some(error));
    let outcome = receive::store_stream(blobs, pieces, MAX_FORM_BYTES, new_id).await?;
    match failure {
        Some(error) => Err(explain_error(&error)),
        None => Ok((filename, outcome)),
    }
}

fn explain_error(error: &Error) -> Refusal {
    if matches!(error, Error::StreamSizeExceeded { .. } | Error::FieldSizeExceeded { .. }) {
        Refusal::too_large()
    } else if matches!(error, Error::StreamReadFailed(_)) {
        Refusal::cut_short()
    } else {
        refuse_form()
    }
}

fn refuse_form() -> Refusal {
    let text = "The browser (or proxy) sent a request that this server could not understand.";
    Refusal::framework(400, text)
}

/// Rewrites a name as the server does: drops accents, turns separators and blanks into `_`, and
/// leaves no folders (`tests/contract/upload-multipart.json`).
pub(crate) fn make_secure_name(name: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    let ascii: String = name.nfkd().filter(char::is_ascii).collect();
    let parts = ascii.split(|c: char| c == '/' || c.is_whitespace());
    let joined: Vec<&str> = parts.filter(|part| !part.is_empty()).collect();
    let kept: String = joined
        .join("_")
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '-'))
        .collect();
    // No hidden file and no `..` remains, as on the server.
    kept.trim_matches(['.', '_']).to_owned()
}

#[cfg(test)]
mod tests {
    use std::fs;

    use bytes::Bytes;
    use futures_util::stream;

    use super::*;
    use crate::local::body::stream_body;

    const KIND: &str = "multipart/form-data; boundary=X";

    const FORM: &str = "--X\r\nContent-Disposition: form-data; name=\"other\"\r\n\r\n1\r\n--X\r\n\
        Content-Disposition: form-data; name=\"name\"\r\n\r\na.txt\r\n--X\r\n\
        Content-Disposition: form-data; name=\"file\"; filename=\"b;c\"\r\n\
        Content-Type: text/plain\r\n\r\none\r\n--\r\n-Xtwo\r\n--X--\r\n";

    /// Makes a body that comes in pieces of so many bytes.
    fn split(text: &str, n_bytes: usize) -> HttpBody {
        let pieces: Vec<_> = text.as_bytes().chunks(n_bytes).map(Bytes::copy_from_slice).collect();
        stream_body(stream::iter(pieces.into_iter().map(Ok::<_, std::io::Error>)))
    }

    /// Stores the file of a form; returns its name and bytes.
    async fn store(kind: &str, body: HttpBody) -> Result<(String, String), Refusal> {
        let dir = tempfile::tempdir().unwrap();
        let blobs = Blobs::open(dir.path().to_owned()).unwrap();
        let stored = store_file_of_form(&blobs, Some(kind), body).await;
        let n_left = fs::read_dir(dir.path()).unwrap().count();
        assert_eq!(n_left, usize::from(matches!(stored, Ok((_, Outcome::Whole(_))))));
        let (name, outcome) = stored?;
        let Outcome::Whole(content) = outcome else { return Ok((name, format!("{outcome:?}"))) };
        Ok((name, fs::read_to_string(blobs.path(&content.id)).unwrap()))
    }

    #[test]
    fn names_are_made_safe() {
        assert_eq!(make_secure_name("mes données v2.csv"), "mes_donnees_v2.csv");
        assert_eq!(make_secure_name("../etc/passwd"), "etc_passwd");
        assert_eq!(make_secure_name("my fïle (1).txt"), "my_file_1.txt");
    }

    #[tokio::test]
    async fn a_form_is_read_however_it_is_cut_into_pieces() {
        for n_bytes in 1..FORM.len() {
            let stored = store(KIND, split(FORM, n_bytes)).await.unwrap();
            assert_eq!(stored, ("a.txt".to_owned(), "one\r\n--\r\n-Xtwo".to_owned()), "{n_bytes}");
        }
        // Without the field `name` the file's own name counts, a semicolon in it included.
        let unnamed = FORM.replace("name=\"name\"", "name=\"title\"");
        assert_eq!(store(KIND, split(&unnamed, 9)).await.unwrap().0, "bc");
    }

    #[tokio::test]
    async fn a_form_without_a_whole_file_is_refused_and_leaves_nothing() {
        let words = refuse_form();
        assert_eq!(store("application/json", split(FORM, 9)).await.unwrap_err(), words);
        assert_eq!(store("multipart/form-data", split(FORM, 9)).await.unwrap_err(), words);
        for end in [0, 10, FORM.len() - 9, FORM.len() - 5] {
            assert_eq!(store(KIND, split(&FORM[..end], 9)).await.unwrap_err(), words, "{end}");
        }
        let broken = FORM.replace("--X--", "--X\r\nno header\r\n\r\n");
        assert_eq!(store(KIND, split(&broken, 9)).await.unwrap_err(), words);
        let without = FORM.replace("; filename", "; title");
        assert_eq!(store(KIND, split(&without, 9)).await.unwrap_err(), words);
        // One without bytes is a whole file here; the caller refuses it.
        let empty = FORM.replace("one\r\n--\r\n-Xtwo", "");
        assert_eq!(store(KIND, split(&empty, 9)).await.unwrap().1, "");
    }

    #[tokio::test]
    async fn a_form_that_is_too_large_or_breaks_off_is_refused() {
        let (start, _) = FORM.split_once("one").unwrap();
        let start = || [Ok::<_, std::io::Error>(Bytes::copy_from_slice(start.as_bytes()))];
        let piece = Bytes::from(vec![b'x'; 1024 * 1024]);
        let too_much = (0..101).map(move |_| Ok(piece.clone()));
        let body = stream_body(stream::iter(start().into_iter().chain(too_much)));
        assert_eq!(store(KIND, body).await.unwrap_err(), Refusal::too_large());
        let cut = [Err(std::io::Error::from(std::io::ErrorKind::ConnectionAborted))];
        let body = stream_body(stream::iter(start().into_iter().chain(cut)));
        assert_eq!(store(KIND, body).await.unwrap_err(), Refusal::cut_short());
    }
}
