//! Sends a file as the body of one call.

use std::io::Seek;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use reqwest::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE};
use url::Url;

use super::HttpError;
use super::answer::UploadAnswer;
use super::call::Method;
use super::call_log::Attempt;
use super::client::Client;
use super::error::describe_failure;
use super::upload::{self, Upload};

impl Client {
    /// Sends a file with a known length, once: the caller looks before it repeats the call.
    ///
    /// # Errors
    /// [`HttpError`] when no whole answer came, or the file could not be read to its end.
    pub async fn upload(&self, path: &str, upload: Upload<'_>) -> Result<UploadAnswer, HttpError> {
        let url = self.origin().resolve(path)?;
        let time = self.time_without_end();
        // To its answer: a proxy may pass a file on, and count it, only when it has all of it.
        let _turn = self.take_turn(&time).await?;
        let attempt = Attempt::start(Method::Put.name(), &url, 1);
        let (size, progress) = (upload.size, upload.progress);
        let csrf = self.csrf();
        let again = upload.file.try_clone();
        let mut result = time.bound(self.send_file(&url, upload)).await;
        let is_refused =
            result.as_ref().is_ok_and(|sent| self.has_new_csrf(&sent.answer, csrf.as_deref()));
        if let (true, Ok(mut file)) = (is_refused, again) {
            file.rewind().map_err(HttpError::File)?;
            result = time.bound(self.send_file(&url, Upload { file, size, progress })).await;
        }
        let end = result.as_ref().map(|sent| (sent.answer.status, size));
        attempt.log_end(self.redactor(), end);
        result
    }

    async fn send_file(&self, url: &Url, upload: Upload<'_>) -> Result<UploadAnswer, HttpError> {
        let feed = upload::feed(upload.file, upload.size);
        let taken = feed.taken.clone();
        let (body, mut end) = feed.into_body();
        let request = self
            .request(Method::Put, url)
            .header(ACCEPT, "application/json")
            .header(CONTENT_TYPE, "application/octet-stream")
            .header(CONTENT_LENGTH, upload.size)
            .body(body);
        let reported = AtomicU64::new(0);
        let read_timeout = self.read_timeout();
        // A large file may take hours: only a connection that stands still ends it.
        let response = tokio::select! {
            response = request.send() => response.map_err(describe_failure),
            error = watch(&taken, &reported, upload.progress, read_timeout) => Err(error),
        };
        let bytes = taken.load(Ordering::Relaxed);
        self.count_bytes(bytes);
        (upload.progress)(bytes - reported.load(Ordering::Relaxed));
        let response = match (response, end.try_recv()) {
            // The connection broke because the file did: that is the cause to report.
            (Err(_), Ok(unread)) => return Err(HttpError::File(unread)),
            (response, _) => response?,
        };
        let answer = self.read_answer(response).await?;
        Ok(UploadAnswer { answer, is_whole: bytes == upload.size })
    }
}

/// Reports progress, and ends only after nothing has moved for too long.
async fn watch(
    taken: &AtomicU64,
    reported: &AtomicU64,
    progress: &(dyn Fn(u64) + Send + Sync),
    read_timeout: Duration,
) -> HttpError {
    let tick = Duration::from_millis(200).min(read_timeout);
    let mut still = Duration::ZERO;
    loop {
        tokio::time::sleep(tick).await;
        let now = taken.load(Ordering::Relaxed);
        let last = reported.swap(now, Ordering::Relaxed);
        if now > last {
            progress(now - last);
            still = Duration::ZERO;
        } else {
            still += tick;
        }
        if still >= read_timeout {
            return HttpError::Silence(read_timeout);
        }
    }
}
