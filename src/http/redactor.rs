//! Takes tokens and cookies out of what a server says.
//!
//! A server, or a proxy before it, may repeat a request's headers in its answer, and answers are
//! shown, planned with and written down.

use aho_corasick::{AhoCorasick, MatchKind};
use secrecy::{ExposeSecret, SecretString};

use super::HttpError;

/// What stands in a secret's place.
const BLOT: &[u8] = b"[token]";

/// A secret shorter than this could be part of any text. Bytes.
const SHORTEST: usize = 6;

/// Knows the secrets of a client, in the spellings that an answer may give it.
pub struct Redactor {
    /// None for secrets that are too short.
    spellings: Option<AhoCorasick>,
}

impl std::fmt::Debug for Redactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Redactor").finish_non_exhaustive()
    }
}

impl Redactor {
    /// Takes the secrets: each as it is, as servers write it into JSON, and as part of an address or
    /// of a form.
    ///
    /// # Errors
    /// [`HttpError::Token`] for secrets that are too long to be searched for.
    pub fn new(secrets: &[SecretString]) -> Result<Self, HttpError> {
        let secrets = secrets.iter().map(ExposeSecret::expose_secret);
        let secrets = secrets.filter(|secret| secret.len() >= SHORTEST);
        let spell = |secret: &str| {
            let in_address =
                percent_encoding::utf8_percent_encode(secret, percent_encoding::NON_ALPHANUMERIC);
            let in_form: String = url::form_urlencoded::byte_serialize(secret.as_bytes()).collect();
            let in_json = serde_json::Value::from(secret).to_string();
            let in_json = in_json.trim_matches('"').to_owned();
            let slashes = secret.replace('/', "\\/");
            [secret.to_owned(), slashes, in_address.to_string(), in_form, in_json]
        };
        let spellings: Vec<String> = secrets.flat_map(spell).collect();
        if spellings.is_empty() {
            return Ok(Self { spellings: None });
        }
        let mut search = AhoCorasick::builder();
        // One spelling may begin with another, and no rest of it may stay.
        let search = search.match_kind(MatchKind::LeftmostLongest).build(spellings);
        Ok(Self { spellings: Some(search.map_err(|_| HttpError::Token)?) })
    }

    /// Returns the bytes without the secrets.
    pub fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.spellings {
            Some(spellings) if spellings.is_match(&bytes) => {
                spellings.replace_all_bytes(&bytes, &vec![BLOT; spellings.patterns_len()])
            }
            Some(_) | None => bytes,
        }
    }

    /// Returns the text without the secrets.
    pub fn redact_text(&self, text: String) -> String {
        let bytes = self.redact(text.into_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_in_each_spelling() {
        let redactor = Redactor::new(&["ab/cd+ef".to_owned().into()]).unwrap();
        let redact = |text: &str| redactor.redact_text(text.to_owned());
        assert_eq!(redact("Bearer ab/cd+ef, again ab/cd+ef"), "Bearer [token], again [token]");
        assert_eq!(redact("{\"a\": \"ab\\/cd+ef\"}"), "{\"a\": \"[token]\"}");
        assert_eq!(redact("?t=ab%2Fcd%2Bef"), "?t=[token]");
        let password = Redactor::new(&["pa\"ss w-42".to_owned().into()]).unwrap();
        let echo = r#"{"a": "pa\"ss w-42", "b": "pa%22ss+w-42"}"#.to_owned();
        assert_eq!(password.redact_text(echo), r#"{"a": "[token]", "b": "[token]"}"#);
        assert_eq!(redact("nothing of it"), "nothing of it");
        assert_eq!(format!("{redactor:?}"), "Redactor { .. }");
    }

    #[test]
    fn each_of_several_secrets_is_taken_out() {
        let secrets = ["session-one", "session-two"].map(|it| it.to_owned().into());
        let redactor = Redactor::new(&secrets).unwrap();
        let text = "session-two, session-one, session-three".to_owned();
        assert_eq!(redactor.redact_text(text), "[token], [token], session-three");
    }

    #[test]
    fn a_short_word_is_no_secret() {
        let redactor = Redactor::new(&["t".to_owned().into()]).unwrap();
        assert_eq!(redactor.redact_text("title".to_owned()), "title");
    }
}
