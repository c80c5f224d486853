//! Takes the token out of what a server says.
//!
//! A server, or a proxy before it, may repeat a request's headers in its answer, and answers are
//! shown, planned with and written down.

use aho_corasick::{AhoCorasick, MatchKind};
use secrecy::{ExposeSecret, SecretString};

use super::HttpError;

/// What stands in a token's place.
const BLOT: &[u8] = b"[token]";

/// A token shorter than this could be part of any text. Bytes.
const SHORTEST: usize = 6;

/// Knows a token, in the spellings that an answer may give it.
pub(super) struct TokenRedactor {
    /// None for a token that is too short.
    spellings: Option<AhoCorasick>,
}

impl std::fmt::Debug for TokenRedactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("TokenRedactor").finish_non_exhaustive()
    }
}

impl TokenRedactor {
    /// Takes the token: as it is, as some servers write it into JSON, and as part of an address.
    ///
    /// # Errors
    /// [`HttpError::Token`] for one that is too long to be searched for.
    pub(super) fn new(token: &SecretString) -> Result<Self, HttpError> {
        let token = token.expose_secret();
        if token.len() < SHORTEST {
            return Ok(Self { spellings: None });
        }
        let in_address =
            percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC);
        let spellings = [token.to_owned(), token.replace('/', "\\/"), in_address.to_string()];
        let mut search = AhoCorasick::builder();
        // One spelling may begin with another, and no rest of it may stay.
        let search = search.match_kind(MatchKind::LeftmostLongest).build(spellings);
        Ok(Self { spellings: Some(search.map_err(|_| HttpError::Token)?) })
    }

    /// Returns the bytes without the token.
    pub(super) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        match &self.spellings {
            Some(spellings) if spellings.is_match(&bytes) => {
                spellings.replace_all_bytes(&bytes, &[BLOT; 3])
            }
            Some(_) | None => bytes,
        }
    }

    /// Returns the text without the token.
    pub(super) fn redact_text(&self, text: String) -> String {
        let bytes = self.redact(text.into_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_in_each_spelling() {
        let redactor = TokenRedactor::new(&SecretString::from("ab/cd+ef".to_owned())).unwrap();
        let redact = |text: &str| redactor.redact_text(text.to_owned());
        assert_eq!(redact("Bearer ab/cd+ef, again ab/cd+ef"), "Bearer [token], again [token]");
        assert_eq!(redact("{\"a\": \"ab\\/cd+ef\"}"), "{\"a\": \"[token]\"}");
        assert_eq!(redact("?t=ab%2Fcd%2Bef"), "?t=[token]");
        assert_eq!(redact("nothing of it"), "nothing of it");
        assert_eq!(format!("{redactor:?}"), "TokenRedactor { .. }");
    }

    #[test]
    fn a_short_word_is_no_secret() {
        let redactor = TokenRedactor::new(&SecretString::from("t".to_owned())).unwrap();
        assert_eq!(redactor.redact_text("title".to_owned()), "title");
    }
}
