//! A download: passes on bytes as they come, and continues after a break when the server supports
//! that; otherwise it starts again.
//!
//! Deliberately absent: where the bytes go, and whether they are the right ones.

use std::io;

use reqwest::header::{ACCEPT, CONTENT_RANGE, HeaderMap, LOCATION, RANGE};
use url::Url;

use super::call_log::{self, Attempt};
use super::call_time::CallTime;
use super::client::MAX_REDIRECTS;
use super::error::describe_failure;
use super::{Answer, Client, HttpError, Method, retry};

/// Receives the bytes of a file.
pub trait Sink: Send {
    /// Takes the next bytes.
    ///
    /// # Errors
    /// When they can't be stored; the download ends.
    fn take(&mut self, bytes: &[u8]) -> io::Result<()>;

    /// Drops the bytes taken so far: the file comes from its start.
    ///
    /// # Errors
    /// When that is not possible; the download ends.
    fn restart(&mut self) -> io::Result<()>;

    /// Returns how many bytes it has, including those of earlier runs.
    fn position(&self) -> u64;
}

impl Client {
    /// Reads a file into a sink, from the sink's position. Continues after a break as long as bytes
    /// come between two breaks, faster than the floor, or retries are left.
    ///
    /// Returns the answer when the server refuses.
    ///
    /// # Errors
    /// [`HttpError`]; the sink keeps the bytes that came before.
    pub async fn download(
        &self,
        path: &str,
        sink: &mut dyn Sink,
    ) -> Result<Result<(), Box<Answer>>, HttpError> {
        let time = self.time_without_end();
        time.bound(self.fetch(path, sink, &time)).await
    }

    async fn fetch(
        &self,
        path: &str,
        sink: &mut dyn Sink,
        time: &CallTime<'_>,
    ) -> Result<Result<(), Box<Answer>>, HttpError> {
        let mut waits = retry::waits();
        let mut furthest = sink.position();
        let mut number = 0;
        loop {
            number += 1;
            let result = self.fetch_once(path, sink, time, number).await;
            let may_repeat = match &result {
                Ok(Ok(())) => return Ok(Ok(())),
                Ok(Err(answer)) => answer.status == 429 || retry::is_passing(answer.status),
                Err(error) => error.is_passing(),
            };
            // Compared with the furthest: after a restart the same bytes are no progress.
            if sink.position() > furthest {
                furthest = sink.position();
                // Otherwise a server that only drips would be asked again for ever.
                if !matches!(result, Err(HttpError::Dripping { .. })) {
                    waits = retry::waits();
                }
            }
            let Some(wait) = waits.next().filter(|_| may_repeat) else { return result };
            let wait = match &result {
                Ok(Err(answer)) => retry::wait_for(answer.status, answer.retry_after, wait),
                Ok(Ok(())) | Err(_) => wait,
            };
            // Each wait is compared alone: a long download may have many breaks.
            if wait > retry::RETRY_BUDGET {
                return result;
            }
            let why = result.as_ref().map(|end| end.as_ref().map_or_else(|it| it.status, |()| 200));
            call_log::log_retry(Method::Get.name(), path, self.redactor(), why, wait);
            if time.wait(wait).await.is_err() {
                return result;
            }
        }
    }

    async fn fetch_once(
        &self,
        path: &str,
        sink: &mut dyn Sink,
        time: &CallTime<'_>,
        number: usize,
    ) -> Result<Result<(), Box<Answer>>, HttpError> {
        let mut url = self.origin().resolve(path)?;
        for _ in 0..=MAX_REDIRECTS {
            let from = sink.position();
            let response = self.ask_for(&url, from, time, number).await?;
            let status = response.status().as_u16();
            if let Some(to) = redirect(status, response.headers()) {
                url = self.origin().follow(&url, &to)?;
                continue;
            }
            match status {
                206 if begins_at(response.headers(), from) => {}
                // The sink's part does not belong to this file, or the server sends another range
                // than the requested one.
                206 | 416 if from > 0 => {
                    sink.restart().map_err(HttpError::Kept)?;
                    continue;
                }
                // The server ignores ranges: the whole file comes again.
                200 if from > 0 => sink.restart().map_err(HttpError::Kept)?,
                200 => {}
                _ => return Ok(Err(Box::new(self.read_answer(response).await?))),
            }
            return self.pour(response, sink).await.map(Ok);
        }
        Err(HttpError::Redirects)
    }

    async fn ask_for(
        &self,
        url: &Url,
        from: u64,
        time: &CallTime<'_>,
        number: usize,
    ) -> Result<reqwest::Response, HttpError> {
        let _turn = self.take_turn(time).await?;
        let attempt = Attempt::start(Method::Get.name(), url, number);
        let result = self.begin_answer(url, from).await;
        // The body is still to come: its length is what the server says.
        let end = |it: &reqwest::Response| (it.status().as_u16(), it.content_length().unwrap_or(0));
        attempt.log_end(self.redactor(), result.as_ref().map(end));
        result
    }

    /// Sends one request, and waits until its answer begins.
    async fn begin_answer(&self, url: &Url, from: u64) -> Result<reqwest::Response, HttpError> {
        let mut request = self.request(Method::Get, url).header(ACCEPT, "*/*");
        if from > 0 {
            request = request.header(RANGE, format!("bytes={from}-"));
        }
        let read_timeout = self.read_timeout();
        let sent = tokio::time::timeout(read_timeout, request.send()).await;
        let response =
            sent.map_err(|_| HttpError::Silence(read_timeout))?.map_err(describe_failure)?;
        self.note_budget(response.headers());
        Ok(response)
    }

    async fn pour(
        &self,
        mut response: reqwest::Response,
        sink: &mut dyn Sink,
    ) -> Result<(), HttpError> {
        let mut pace = self.pace();
        while let Some(chunk) = self.next_chunk(&mut response, &mut pace).await? {
            sink.take(&chunk).map_err(HttpError::Kept)?;
        }
        Ok(())
    }
}

fn redirect(status: u16, headers: &HeaderMap) -> Option<String> {
    let to = headers.get(LOCATION)?.to_str().ok()?;
    matches!(status, 301 | 302 | 303 | 307 | 308).then(|| to.to_owned())
}

/// Reads `Content-Range: bytes 5-9/10`.
fn begins_at(headers: &HeaderMap, from: u64) -> bool {
    let range = headers.get(CONTENT_RANGE).and_then(|value| value.to_str().ok());
    let start = range.and_then(|range| range.strip_prefix("bytes ")?.split('-').next());
    start.is_some_and(|start| start.parse() == Ok(from))
}
