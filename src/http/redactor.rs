//! Takes the token out of what a server says.
//!
//! A server, or a proxy before it, may repeat a request's headers in its answer, and answers are
//! shown, planned with and written down.

use secrecy::{ExposeSecret, SecretString};

/// What stands in a token's place.
const BLOT: &[u8] = b"[token]";

/// A token shorter than this could be part of any text. Bytes.
const SHORTEST: usize = 6;

/// Knows a token, in the spellings that an answer may give it.
pub(super) struct TokenRedactor {
    spellings: Vec<SecretString>,
}

impl std::fmt::Debug for TokenRedactor {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Blotter").finish_non_exhaustive()
    }
}

impl TokenRedactor {
    /// Takes the token: as it is, as some servers write it into JSON, and as part of an address.
    pub(super) fn new(token: &SecretString) -> Self {
        let token = token.expose_secret();
        let mut spellings = vec![token.to_owned()];
        if token.len() >= SHORTEST {
            spellings.push(token.replace('/', "\\/"));
            spellings.push(
                percent_encoding::utf8_percent_encode(token, percent_encoding::NON_ALPHANUMERIC)
                    .to_string(),
            );
        } else {
            spellings.clear();
        }
        spellings.dedup();
        Self { spellings: spellings.into_iter().map(SecretString::from).collect() }
    }

    /// Returns the bytes without the token.
    pub(super) fn redact(&self, bytes: Vec<u8>) -> Vec<u8> {
        self.spellings
            .iter()
            .fold(bytes, |bytes, spelling| without(bytes, spelling.expose_secret().as_bytes()))
    }

    /// Returns the text without the token.
    pub(super) fn redact_text(&self, text: String) -> String {
        let bytes = self.redact(text.into_bytes());
        String::from_utf8_lossy(&bytes).into_owned()
    }
}

fn without(bytes: Vec<u8>, needle: &[u8]) -> Vec<u8> {
    let find = |from: usize| {
        bytes[from..].windows(needle.len()).position(|window| window == needle).map(|at| from + at)
    };
    let Some(mut at) = find(0) else { return bytes };
    let mut out = Vec::with_capacity(bytes.len());
    let mut from = 0;
    loop {
        out.extend_from_slice(&bytes[from..at]);
        out.extend_from_slice(BLOT);
        from = at + needle.len();
        match find(from) {
            Some(next) => at = next,
            None => break,
        }
    }
    out.extend_from_slice(&bytes[from..]);
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_taken_out_in_each_spelling() {
        let redactor = TokenRedactor::new(&SecretString::from("ab/cd+ef".to_owned()));
        let redact = |text: &str| redactor.redact_text(text.to_owned());
        assert_eq!(redact("Bearer ab/cd+ef, again ab/cd+ef"), "Bearer [token], again [token]");
        assert_eq!(redact("{\"a\": \"ab\\/cd+ef\"}"), "{\"a\": \"[token]\"}");
        assert_eq!(redact("?t=ab%2Fcd%2Bef"), "?t=[token]");
        assert_eq!(redact("nothing of it"), "nothing of it");
        assert_eq!(format!("{redactor:?}"), "Blotter { .. }");
    }

    #[test]
    fn a_short_word_is_no_secret() {
        let redactor = TokenRedactor::new(&SecretString::from("t".to_owned()));
        assert_eq!(redactor.redact_text("title".to_owned()), "title");
    }
}
