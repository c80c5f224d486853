//! The request of a channel for a message: address, headers and body.

use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use secrecy::ExposeSecret;
use serde_json::Value as Json;
use url::{Position, Url};

use crate::http::Delivery;

use super::channel::{Channel, Target, find_topic};
use super::channels::{
    render_discord, render_matrix, render_mattermost, render_ntfy, render_slack, render_teams,
    render_webhook,
};
use super::message::Message;
use super::signature::sign;

/// Makes the request, for a channel that takes one; `seconds` is the time of the attempt since 1970.
pub(super) fn make_delivery(
    channel: &Channel,
    message: &Message,
    (seconds, timeout): (i64, Duration),
) -> Option<Delivery> {
    let make = |url: Url, json: &Json| Delivery {
        is_put: false,
        url,
        headers: Vec::new(),
        body: json.to_string().into_bytes(),
        allow_private: channel.allow_private,
        timeout,
    };
    Some(match &channel.target {
        Target::Slack(url) => make(url.0.clone(), &render_slack(message)),
        Target::Mattermost(url) => make(url.0.clone(), &render_mattermost(message)),
        Target::Discord(url) => {
            let mut url = url.0.clone();
            // Then the answer comes once the message is there.
            url.query_pairs_mut().append_pair("wait", "true");
            make(url, &render_discord(message))
        }
        Target::Teams(url) => make(url.0.clone(), &render_teams(message)),
        Target::Ntfy { url, token } => {
            let (topic, server) =
                find_topic(&url.0).unwrap_or_else(|| (String::new(), url.0.clone()));
            let mut delivery = make(server, &render_ntfy(message, &topic));
            if let Some(token) = token {
                let value = format!("Bearer {}", token.expose_secret());
                delivery.headers.push(("authorization", value));
            }
            delivery
        }
        Target::Webhook { url, keys } => {
            let mut delivery = make(url.0.clone(), &render_webhook(message));
            let signature = sign(&keys.0, &message.id, seconds, &delivery.body);
            delivery.headers = vec![
                ("webhook-id", message.id.clone()),
                ("webhook-timestamp", seconds.to_string()),
                ("webhook-signature", signature),
            ];
            delivery
        }
        Target::Matrix { url, room, token } => {
            let url = make_matrix_url(&url.0, room, &message.id);
            let value = format!("Bearer {}", token.expose_secret());
            let headers = vec![("authorization", value)];
            Delivery { is_put: true, headers, ..make(url, &render_matrix(message)) }
        }
        Target::Email(_) | Target::Program(_) => return None,
    })
}

/// Returns where a message to a room goes; the transaction's id makes a second one the same.
fn make_matrix_url(server: &Url, room: &str, transaction: &str) -> Url {
    let mut url = server.clone();
    if let Ok(mut path) = url.path_segments_mut() {
        path.pop_if_empty().extend(["_matrix", "client", "v3", "rooms", room, "send"]);
        path.extend(["m.room.message", transaction]);
    }
    url
}

/// Returns the texts of a channel that no output may have.
pub(super) fn list_secrets(channel: &Channel) -> Vec<String> {
    let mut secrets = Vec::new();
    let mut add_url = |url: &Url| {
        // Whole first: then nothing of it is left, not even the names of its parameters.
        secrets.push(url.as_str().to_owned());
        secrets.push(url[Position::BeforePath..].to_owned());
        secrets.extend(url.path_segments().into_iter().flatten().map(str::to_owned));
        secrets.extend(url.query_pairs().map(|(_, value)| value.into_owned()));
    };
    match &channel.target {
        Target::Slack(url)
        | Target::Mattermost(url)
        | Target::Discord(url)
        | Target::Teams(url)
        | Target::Webhook { url, .. } => add_url(&url.0),
        Target::Ntfy { url, token } => {
            add_url(&url.0);
            secrets.extend(token.iter().map(|token| token.expose_secret().to_owned()));
        }
        // What a program says is its user's own.
        Target::Program(_) => {}
        Target::Email(server) => {
            // A server may repeat a login in the form in which it is sent.
            if let Some((user, password)) = &server.login {
                let password = password.expose_secret();
                let plain = STANDARD.encode(format!("\0{user}\0{password}"));
                secrets.extend([plain, STANDARD.encode(password), password.to_owned()]);
            }
        }
        Target::Matrix { token, .. } => secrets.push(token.expose_secret().to_owned()),
    }
    secrets
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_room_is_one_part_of_the_path() {
        let server = Url::parse("https://matrix.example.org").unwrap();
        let url = make_matrix_url(&server, "!a/b:c", "ab.published");
        assert_eq!(
            url.as_str(),
            "https://matrix.example.org/_matrix/client/v3/rooms/!a%2Fb:c/send/m.room.message/ab.published"
        );
    }
}
