//! Messages to a browser and its answers, over a WebSocket on loopback.

use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value as Json, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::Message;

use super::error::BrowserError;

/// How long an answer may take. By real time.
const ANSWER: Duration = Duration::from_secs(20);

/// A connection to a browser.
#[derive(Debug)]
pub(super) struct Socket {
    stream: WebSocketStream<TcpStream>,
    n_sent: u64,
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
        let (stream, _) = limit(open).await?;
        Ok(Self { stream, n_sent: 0 })
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
        self.n_sent += 1;
        let id = self.n_sent;
        let message = json!({"id": id, "method": what, "params": parameters}).to_string();
        let ended = |_| BrowserError::Ended(None);
        limit(async {
            self.stream.send(Message::text(message)).await.map_err(ended)?;
            loop {
                let next = self.stream.next().await.ok_or(BrowserError::Ended(None))?;
                let Message::Text(text) = next.map_err(ended)? else { continue };
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
}

async fn limit<T>(work: impl Future<Output = Result<T, BrowserError>>) -> Result<T, BrowserError> {
    tokio::time::timeout(ANSWER, work).await.unwrap_or(Err(BrowserError::Silence(ANSWER)))
}
