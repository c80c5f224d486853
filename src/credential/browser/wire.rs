//! Messages to a browser and its answers: over a pipe that it inherits, or a WebSocket on loopback.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::error::BrowserError;
#[cfg(unix)]
use super::pipes::Pipes;

/// How long an answer may take. By real time.
const ANSWER: Duration = Duration::from_secs(20);

/// A connection to a browser.
#[derive(Debug)]
pub(super) struct Socket {
    line: Line,
    n_sent: u64,
}

/// What messages go over.
#[derive(Debug)]
enum Line {
    /// A WebSocket: every user of this machine can open one.
    Port(Box<WebSocketStream<TcpStream>>),
    /// Pipes that nobody else has.
    #[cfg(unix)]
    Pipes(Pipes),
}

impl Socket {
    /// Opens the WebSocket at an address `ws://127.0.0.1:PORT/…`. No `Origin` is sent: a browser
    /// refuses any (research/browser.md section 1, 2026-11-28).
    ///
    /// # Errors
    /// [`BrowserError::Port`], also for an address that is not on loopback.
    pub(super) async fn open(address: &str) -> Result<Self, BrowserError> {
        let refuse = |port: u16, fault: String| BrowserError::Port { port, fault };
        let url = url::Url::parse(address).ok();
        let port = url.as_ref().and_then(url::Url::port).unwrap_or(0);
        let is_here = url.as_ref().is_some_and(|url| {
            url.scheme() == "ws" && matches!(url.host_str(), Some("127.0.0.1" | "localhost"))
        });
        if !is_here {
            return Err(refuse(port, "its address is not on this machine".to_owned()));
        }
        let open = async {
            let stream = TcpStream::connect(("127.0.0.1", port)).await;
            let stream = stream.map_err(|error| refuse(port, error.to_string()))?;
            let opened = tokio_tungstenite::client_async(address, stream).await;
            opened.map_err(|error| refuse(port, error.to_string()))
        };
        let (stream, _) = limit(ANSWER, open).await?;
        Ok(Self { line: Line::Port(Box::new(stream)), n_sent: 0 })
    }

    /// Uses pipes.
    #[cfg(unix)]
    pub(super) fn over(pipes: Pipes) -> Self {
        Self { line: Line::Pipes(pipes), n_sent: 0 }
    }

    /// Sends a message, and waits for its answer; what else the browser says is passed over.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub(super) async fn call(
        &mut self,
        what: &'static str,
        parameters: Json,
    ) -> Result<Json, BrowserError> {
        self.call_within(ANSWER, what, parameters).await
    }

    /// Does the same with another limit of time.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub(super) async fn call_within(
        &mut self,
        time: Duration,
        what: &'static str,
        parameters: Json,
    ) -> Result<Json, BrowserError> {
        self.n_sent += 1;
        let id = self.n_sent;
        let message = json!({"id": id, "method": what, "params": parameters}).to_string();
        limit(time, async {
            self.send(message).await?;
            loop {
                let text = self.receive().await?;
                let Ok(answer) = serde_json::from_str::<Json>(&text) else { continue };
                if answer["id"].as_u64() != Some(id) {
                    continue;
                }
                // DevTools gives an object, BiDi a word with a message beside it.
                return match answer.get("error") {
                    None => Ok(answer["result"].clone()),
                    Some(error) => {
                        let words = error["message"].as_str().or(answer["message"].as_str());
                        let answer = words.unwrap_or("no reason given").to_owned();
                        Err(BrowserError::Refused { what, answer })
                    }
                };
            }
        })
        .await
    }

    async fn send(&mut self, message: String) -> Result<(), BrowserError> {
        match &mut self.line {
            Line::Port(stream) => {
                let sent = stream.send(Message::text(message)).await;
                sent.map_err(|_| BrowserError::Ended(None))
            }
            #[cfg(unix)]
            Line::Pipes(pipes) => pipes.send(&message).await.map_err(|_| BrowserError::Ended(None)),
        }
    }

    /// Returns the next text.
    async fn receive(&mut self) -> Result<String, BrowserError> {
        match &mut self.line {
            Line::Port(stream) => loop {
                let next = stream.next().await.ok_or(BrowserError::Ended(None))?;
                if let Message::Text(text) = next.map_err(|_| BrowserError::Ended(None))? {
                    return Ok(text.to_string());
                }
            },
            #[cfg(unix)]
            Line::Pipes(pipes) => pipes.receive().await.map_err(|_| BrowserError::Ended(None)),
        }
    }
}

async fn limit<T>(
    time: Duration,
    work: impl Future<Output = Result<T, BrowserError>>,
) -> Result<T, BrowserError> {
    tokio::time::timeout(time, work).await.unwrap_or(Err(BrowserError::Silence(time)))
}
