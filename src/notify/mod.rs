//! Messages to the channels of a user: what happened to a record, sent once, after it is on disk.
//!
//! [`Message`] is neutral; `channels` has a pure renderer for each kind; [`Sender`] sends. A channel
//! comes from the user's own configuration or the environment, never from a manifest, which only
//! names it. Whatever a channel answers, the outcome of an apply stays as it is.

mod channel;
mod channels;
mod event;
mod mail;
mod message;
mod program;
mod request;
mod send;
mod sent;
mod settings;
mod signature;
mod text;

pub use channel::{Channel, ChannelError, CommandLine, Target};
pub use channels::{RENDERERS, Renderer};
pub use event::Event;
pub use mail::{MailError, MailServer, Security};
pub use message::{Fact, Link, Message, make_message_id};
pub use program::{ProgramError, Surroundings};
pub use send::{SendError, Sender};
pub use sent::{Begun, SentNotes};
pub use settings::{FILE, KEYS, Key, Settings};
