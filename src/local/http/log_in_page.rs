//! `GET /login/` and `POST /login/`: logging in by a form, as a browser does.
//!
//! The fields are those of invenio-accounts: `email`, `password`, `next` and a hidden `csrf_token`
//! for the cookie `session`, which the page sets. Success is 302, failure 200 with the form again
//! (research/browser.md section 4, 2026-11-28). Deliberately absent: the limit of tries by address,
//! since all clients of this server have one.

use std::collections::BTreeMap;

use super::answer::{Answer, Body};
use super::call::Call;
use super::sessions::{Sessions, choose_path};
use super::web::redirect;
use crate::local::pages::{FORM_TOKEN, render_log_in_page};
use crate::local::state::State;
use jiff::Timestamp;

/// Shows the form.
pub(crate) fn show_form(
    sessions: &Sessions,
    call: &Call,
    random: impl FnMut() -> String,
) -> Answer {
    let next = choose_path(call.parameter("next").unwrap_or("/"));
    build_form(sessions, call, (200, next, None), random)
}

/// Logs in with the fields of the form.
pub(crate) fn submit_form(
    (sessions, state): (&Sessions, &State),
    call: &Call,
    now: Timestamp,
    mut random: impl FnMut() -> String,
) -> Answer {
    let fields: BTreeMap<String, String> =
        url::form_urlencoded::parse(&call.body).into_owned().collect();
    let field = |name: &str| fields.get(name).map_or("", String::as_str);
    let next = choose_path(field("next"));
    let shown = call.session.as_deref().map(|session| sessions.form_token(session));
    // Another site can send the form, and does not know the token.
    if shown.is_none_or(|token| token != field(FORM_TOKEN)) {
        let fault = Some("The CSRF token is missing.");
        return build_form(sessions, call, (200, next, fault), random);
    }
    if sessions.is_tried_too_often(field("email"), now) {
        let fault = Some("Too many tries: wait a minute.");
        return build_form(sessions, call, (429, next, fault), random);
    }
    let opened = sessions.open(state, (field("email"), field("password")), &mut random);
    let Some((_, session)) = opened else {
        let fault = Some("Invalid e-mail or password.");
        return build_form(sessions, call, (200, next, fault), random);
    };
    let mut answer = redirect(next);
    answer.cookies.push(("session", session));
    answer
}

fn build_form(
    sessions: &Sessions,
    call: &Call,
    (status, next, fault): (u16, &str, Option<&str>),
    mut random: impl FnMut() -> String,
) -> Answer {
    let (session, is_new) = match &call.session {
        Some(session) => (session.clone(), false),
        None => (random(), true),
    };
    let page = render_log_in_page(&sessions.form_token(&session), next, fault);
    let mut answer = Answer::with(status, Body::Form(page));
    if is_new {
        answer.cookies.push(("session", session));
    }
    answer
}
