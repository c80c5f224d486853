//! A browser that its user logs in with, and the cookies that it then has.
//!
//! A Chromium is asked by the DevTools protocol, over a pipe that nobody else has where the system
//! lets it inherit one; a Firefox by WebDriver BiDi, over a WebSocket on loopback that has a single
//! session (research/browser.md sections 1 and 2, 2026-11-28). `program` starts and ends it, `wire`
//! sends messages, `protocol` has what differs between the two.

mod error;
#[cfg(unix)]
mod pipes;
mod program;
mod protocol;
mod wire;

use std::path::Path;

pub use error::BrowserError;
pub use protocol::Family;

use super::cookies::Cookie;
use program::Running;
use wire::Socket;

/// A browser that is asked for its cookies.
#[derive(Debug)]
pub struct Browser {
    family: Family,
    socket: Socket,
    /// None for one that its user started.
    running: Option<Running>,
}

impl Browser {
    /// Starts a browser with a profile of its own on a page. These variables are kept from it.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub async fn start(
        program: &Path,
        page: &str,
        secret_names: &[String],
    ) -> Result<Self, BrowserError> {
        let family = Family::of(program);
        let (mut running, socket) = Running::start(program, (family, page), secret_names)?;
        let mut socket = match socket {
            Some(socket) => socket,
            None => Socket::open(&running.wait_for_address(family).await?).await?,
        };
        match family.greet(&mut socket).await {
            // Its last words say more than that its connection broke.
            Err(BrowserError::Ended(None)) => Err(running.describe_end().await),
            greeted => greeted.map(|()| Self { family, socket, running: Some(running) }),
        }
    }

    /// Joins a Chromium that its user started, by the address of its WebSocket.
    ///
    /// # Errors
    /// A [`BrowserError`].
    pub async fn join(address: &str) -> Result<Self, BrowserError> {
        let socket = Socket::open(address).await?;
        Ok(Self { family: Family::Chromium, socket, running: None })
    }

    /// Returns all cookies that it has.
    ///
    /// # Errors
    /// A [`BrowserError`]: it may have been closed.
    pub async fn read_cookies(&mut self) -> Result<Vec<Cookie>, BrowserError> {
        let read = self.family.read_cookies(&mut self.socket).await;
        match (read, &mut self.running) {
            // What its connection says of a browser that was closed is less clear.
            (Err(error), Some(running)) if !matches!(error, BrowserError::Refused { .. }) => {
                Err(running.find_end().await.unwrap_or(error))
            }
            (read, _) => read,
        }
    }

    /// Ends the browser and removes its profile; one that its user started goes on.
    pub async fn end(mut self) {
        let Some(running) = self.running else { return };
        self.family.close(&mut self.socket).await;
        running.end().await;
    }
}
