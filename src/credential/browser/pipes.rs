//! Pipes to a browser: it reads messages from descriptor 3 and writes them to descriptor 4, each
//! ended by a NUL (`--remote-debugging-pipe` of Chromium). No other user of the machine can use
//! them, as each can a port.

use std::io;
use std::os::fd::OwnedFd;

use command_fds::{CommandFdExt, FdMapping};
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::unix::pipe::{Receiver, Sender};
use tokio::process::Command;

/// The most that a message may hold. Bytes.
const MOST: usize = 64 * 1024 * 1024;

/// This side of the pipes.
#[derive(Debug)]
pub(super) struct Pipes {
    to: Sender,
    from: Receiver,
    /// What came and is not taken yet.
    buffer: Vec<u8>,
}

impl Pipes {
    /// Makes pipes, and gives their other ends to a command that is not started yet.
    ///
    /// # Errors
    /// Those of the system.
    pub(super) fn give_to(command: &mut Command) -> io::Result<Self> {
        let (theirs_to_read, ours_to_write) = io::pipe()?;
        let (ours_to_read, theirs_to_write) = io::pipe()?;
        let map = |parent: OwnedFd, child| FdMapping { parent_fd: parent, child_fd: child };
        command
            .fd_mappings(vec![map(theirs_to_read.into(), 3), map(theirs_to_write.into(), 4)])
            .map_err(|_| io::Error::other("two pipes have one number"))?;
        Ok(Self {
            to: Sender::from_owned_fd(ours_to_write.into())?,
            from: Receiver::from_owned_fd(ours_to_read.into())?,
            buffer: Vec::new(),
        })
    }

    /// Sends a message.
    ///
    /// # Errors
    /// Those of the system: the browser may have ended.
    pub(super) async fn send(&mut self, message: &str) -> io::Result<()> {
        self.to.write_all(message.as_bytes()).await?;
        self.to.write_all(&[0]).await
    }

    /// Returns the next message.
    ///
    /// # Errors
    /// Those of the system, the end of the pipe, and a message without end.
    pub(super) async fn receive(&mut self) -> io::Result<String> {
        loop {
            if let Some(end) = memchr::memchr(0, &self.buffer) {
                let rest = self.buffer.split_off(end + 1);
                let mut message = std::mem::replace(&mut self.buffer, rest);
                message.truncate(end);
                return Ok(String::from_utf8_lossy(&message).into_owned());
            }
            if self.buffer.len() > MOST || self.from.read_buf(&mut self.buffer).await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
    }
}
