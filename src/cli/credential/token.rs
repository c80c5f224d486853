//! A token and where it was found.

use secrecy::SecretString;

use crate::cli::exit_code::ExitCode;
use crate::cli::failure::Failure;

/// A token, and where it was found.
pub(in crate::cli) struct Token {
    /// The token.
    pub(in crate::cli) secret: SecretString,
    /// The variable, or the file, in words.
    pub(in crate::cli) source: String,
}

/// Checks a token and trims the blanks around it. Its content is never shown.
///
/// # Errors
/// A [`Failure`] for what no token looks like.
pub(in crate::cli) fn validate_token(text: &str, source: String) -> Result<Token, Failure> {
    let text = text.trim();
    let fault = if text.is_empty() {
        "is empty"
    } else if !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        "holds a blank, a line feed or another character that no token has"
    } else {
        return Ok(Token { secret: SecretString::from(text.to_owned()), source });
    };
    Err(Failure::new(ExitCode::Credentials, format!("the token in {source} {fault}"))
        .hint("put the token there alone, on one line"))
}
