//! The channels' forms: a pure renderer each, which makes JSON of a message.
//!
//! Each escapes what it takes from the message for its own language, and cuts it to the channel's
//! limits before it is escaped.

mod discord;
mod email;
mod matrix;
mod mattermost;
mod ntfy;
mod slack;
mod teams;
mod webhook;

pub(super) use discord::render_discord;
pub(super) use email::render_mail;
pub(super) use matrix::render_matrix;
pub(super) use mattermost::render_mattermost;
pub(super) use ntfy::render_ntfy;
pub(super) use slack::render_slack;
pub(super) use teams::render_teams;
pub(super) use webhook::render_webhook;

/// The renderers by name, for tests that compare all of them.
pub type Renderer = (&'static str, fn(&super::Message) -> serde_json::Value);

/// All renderers that need nothing but the message.
pub const RENDERERS: &[Renderer] = &[
    ("slack", render_slack),
    ("mattermost", render_mattermost),
    ("discord", render_discord),
    ("teams", render_teams),
    ("matrix", render_matrix),
    ("ntfy", |message| render_ntfy(message, "zrel-releases")),
    ("webhook", render_webhook),
    ("email", email::render_mail_json),
];
