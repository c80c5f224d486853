//! Logging in with e-mail and password, once: a wrong one must not use up the tries of an account.

use reqwest::header::{ACCEPT, CONTENT_TYPE, SET_COOKIE};
use secrecy::{ExposeSecret, SecretString};

use super::HttpError;
use super::answer::Answer;
use super::call::Method;
use super::client::Client;
use super::credential::{SessionCookie, read_set_cookie};
use super::error::describe_failure;
use super::redactor::Redactor;

impl Client {
    /// Sends e-mail and password as a form. Returns the answer without them, and the cookies that it
    /// sets.
    ///
    /// # Errors
    /// [`HttpError`] when no whole answer came.
    pub async fn log_in(
        &self,
        path: &str,
        (email, password): (&str, &SecretString),
    ) -> Result<(Answer, Vec<SessionCookie>), HttpError> {
        let url = self.origin().resolve(path)?;
        let body = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("email", email)
            .append_pair("password", password.expose_secret())
            .finish();
        let time = self.time_without_end();
        let _turn = self.take_turn(&time).await?;
        let request = self
            .request(Method::Post, &url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(body);
        let limit = self.read_timeout();
        let sent = tokio::time::timeout(limit, request.send()).await;
        let response = sent.map_err(|_| HttpError::Silence(limit))?.map_err(describe_failure)?;
        let lines = response.headers().get_all(SET_COOKIE).iter();
        let pairs = lines.filter_map(|line| read_set_cookie(line.to_str().ok()?));
        let cookies = pairs.map(|(name, value)| SessionCookie {
            name: name.to_owned(),
            value: SecretString::from(value.to_owned()),
        });
        let cookies = cookies.collect();
        let answer = self.read_answer(response).await?;
        let body = Redactor::new(std::slice::from_ref(password))?.redact(answer.body);
        Ok((Answer { body, ..answer }, cookies))
    }
}
