//! Reading a form with a file in it: `POST …/files` of the deposit API.
//!
//! The whole body is in memory, since the server accepts at most 100 MiB here (2026-11-23); larger
//! files go through the bucket. Deliberately absent: nested forms.

use bytes::Bytes;

use crate::local::state::refusal::Refusal;

/// One part of a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Part {
    /// The field's name.
    pub(crate) name: String,
    /// The file's name, if the part is a file.
    pub(crate) filename: Option<String>,
    /// Its bytes.
    pub(crate) bytes: Bytes,
}

/// Returns the file of a form and the name under which it is stored.
///
/// # Errors
/// 400 when there is none.
pub(crate) fn parse_file_form(
    content_type: Option<&str>,
    body: &Bytes,
) -> Result<(String, Bytes), Refusal> {
    let refuse = || {
        let text = "The browser (or proxy) sent a request that this server could not understand.";
        Refusal::framework(400, text)
    };
    let boundary = content_type.and_then(parse_boundary).ok_or_else(refuse)?;
    let parts = split_parts(body, &boundary);
    let is_file = |part: &&Part| part.name == "file" && part.filename.is_some();
    let file = parts.iter().find(is_file).ok_or_else(refuse)?;
    let named = parts.iter().find(|part| part.name == "name");
    // The field `name` wins over the name of the uploaded file, and both are rewritten.
    let name = match named {
        Some(part) => String::from_utf8_lossy(&part.bytes).into_owned(),
        None => file.filename.clone().unwrap_or_default(),
    };
    Ok((make_secure_name(&name), file.bytes.clone()))
}

fn parse_boundary(content_type: &str) -> Option<String> {
    let rest = content_type.strip_prefix("multipart/form-data")?;
    let value = rest.split(';').find_map(|part| part.trim().strip_prefix("boundary="))?;
    Some(value.trim_matches('"').to_owned())
}

fn split_parts(body: &Bytes, boundary: &str) -> Vec<Part> {
    let mark = format!("--{boundary}");
    let mut found = Vec::new();
    let mut at = 0;
    while let Some(start) = find(&body[at..], mark.as_bytes()).map(|found| at + found + mark.len())
    {
        // The line break before a mark belongs to the mark: left in, every file would grow by two
        // bytes.
        let Some(end) = find(&body[start..], format!("\r\n{mark}").as_bytes()) else { break };
        if let Some(part) = parse_part(&body.slice(start..start + end)) {
            found.push(part);
        }
        at = start + end;
    }
    found
}

fn parse_part(bytes: &Bytes) -> Option<Part> {
    let end = find(bytes, b"\r\n\r\n")?;
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let line = head.lines().find(|line| line.to_lowercase().starts_with("content-disposition:"))?;
    Some(Part {
        name: read_quoted(line, "name")?,
        filename: read_quoted(line, "filename"),
        bytes: bytes.slice(end + 4..),
    })
}

fn read_quoted(line: &str, name: &str) -> Option<String> {
    let fields = line.split(';').map(str::trim);
    let mut values = fields.filter_map(|field| field.strip_prefix(&format!("{name}=")));
    values.next().map(|value| value.trim_matches('"').to_owned())
}

fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    // A scan for the first byte, since a file may have 100 MiB.
    let first = *wanted.first()?;
    let mut at = 0;
    while let Some(next) = text[at..].iter().position(|byte| *byte == first) {
        at += next;
        if text[at..].starts_with(wanted) {
            return Some(at);
        }
        at += 1;
    }
    None
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
    use super::*;

    #[test]
    fn names_are_made_safe() {
        assert_eq!(make_secure_name("mes données v2.csv"), "mes_donnees_v2.csv");
        assert_eq!(make_secure_name("../etc/passwd"), "etc_passwd");
        assert_eq!(make_secure_name("my fïle (1).txt"), "my_file_1.txt");
    }

    #[test]
    fn a_form_is_parsed() {
        let body = Bytes::from_static(
            b"--X\r\nContent-Disposition: form-data; name=\"name\"\r\n\r\na.txt\r\n--X\r\n\
              Content-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\
              Content-Type: text/plain\r\n\r\none\r\ntwo\r\n--X--\r\n",
        );
        let (name, bytes) =
            parse_file_form(Some("multipart/form-data; boundary=X"), &body).unwrap();
        assert_eq!((name.as_str(), &bytes[..]), ("a.txt", &b"one\r\ntwo"[..]));
        assert_eq!(parse_file_form(Some("application/json"), &body).unwrap_err().status, 400);
    }
}
