//! How a message is sent, over real connections: which answers are tried again, which addresses are
//! refused, and that no secret is ever shown.

use std::time::Duration;

use crate::apply::certificate::SelfSigned;
use crate::command::command_line::{Project, Ran, run};

use super::receiver::{Fault, Message, PATHS, Receiver, SECRETS};

/// Runs `zrel notify test` with these variables; no output has a secret.
fn test_with(variables: &[(String, String)], args: &[&str]) -> Ran {
    let project = Project::on("https://example.org");
    let mut command = project.command(&[&["-v", "notify", "test"], args].concat());
    command.envs(variables.iter().cloned()).env("ZREL_LOG", "trace");
    let ran = run(command);
    for secret in SECRETS {
        assert!(!ran.all().contains(secret), "{secret}: {}", ran.all());
    }
    ran
}

/// Sends to a channel of this kind.
fn test_kind(receiver: &Receiver, kind: &str) -> Ran {
    test_with(&receiver.variables("lab", kind), &["lab"])
}

#[test]
fn each_kind_of_channel_gets_a_test_message() {
    let receiver = Receiver::start();
    let ran = test_with(&receiver.variables_of_all(), &[]);
    ran.ends(0);
    for (kind, _) in PATHS {
        assert!(ran.stdout.contains(&format!("`{kind}` ({kind}): sent\n")), "{}", ran.stdout);
    }
    let mut kinds: Vec<&str> = receiver.take().iter().map(|message| message.kind).collect();
    kinds.sort_unstable();
    let mut all = PATHS.map(|(kind, _)| kind);
    all.sort_unstable();
    assert_eq!(kinds, all);
}

#[test]
fn one_channel_that_fails_keeps_no_other_from_its_message() {
    let receiver = Receiver::start();
    receiver.spoil("slack", &[Fault::Answer(404, None, "no_service".into())]);
    let variables =
        [receiver.variables("first", "slack"), receiver.variables("second", "discord")].concat();
    let ran = test_with(&variables, &["first", "second"]);
    ran.fails(1, &["`first` (slack): 127.0.0.1 answered 404: no_service", "hint: "]);
    assert!(ran.stdout.contains("`second` (discord): sent"), "{}", ran.stdout);
    assert_eq!(receiver.count("slack"), 1, "a dead hook is asked once");
    assert_eq!(receiver.take().len(), 1);
}

#[test]
fn a_busy_channel_is_tried_three_times_after_the_pause_that_it_asks_for() {
    let receiver = Receiver::start();
    let limited = "{\"errcode\":\"M_LIMIT_EXCEEDED\",\"retry_after_ms\":860}";
    for (kind, faults) in [
        ("slack", vec![Fault::Answer(429, Some(1), "rate_limited".into())]),
        ("discord", vec![Fault::Answer(429, None, "{\"retry_after\":0.3}".into())]),
        ("matrix", vec![Fault::Answer(429, Some(1), limited.into()); 2]),
        ("teams", vec![Fault::Answer(503, None, String::new()); 2]),
    ] {
        receiver.spoil(kind, &faults);
        test_kind(&receiver, kind).ends(0);
        assert_eq!(receiver.count(kind), faults.len() + 1, "{kind}");
        assert_eq!(receiver.take().len(), 1, "{kind}");
    }
    receiver.spoil("slack", &vec![Fault::Answer(500, None, "oh".into()); 3]);
    test_kind(&receiver, "slack").fails(1, &["127.0.0.1 answered 500: oh"]);
    assert_eq!(receiver.count("slack"), 3);
    receiver.spoil("slack", &[Fault::Answer(429, Some(3600), String::new())]);
    test_kind(&receiver, "slack").fails(1, &["asks for a pause of 3600 s"]);
    assert_eq!(receiver.count("slack"), 1);
}

#[test]
fn a_redirect_is_not_followed() {
    let receiver = Receiver::start();
    for (kind, _) in PATHS {
        receiver.spoil(kind, &[Fault::Redirect]);
        test_kind(&receiver, kind).fails(1, &["answered 302", "redirects are not followed"]);
        assert_eq!((receiver.count(kind), receiver.count("unknown")), (1, 0), "{kind}");
    }
    assert!(receiver.take().is_empty());
}

/// Returns the id by which a channel knows a message again.
fn find_id(message: &Message) -> String {
    let header = message.headers.get("webhook-id").map(|id| id.to_str().unwrap().to_owned());
    header.unwrap_or_else(|| message.path.rsplit('/').next().unwrap().to_owned())
}

#[test]
fn a_message_without_an_answer_is_repeated_only_where_a_second_one_is_dropped() {
    let receiver = Receiver::start();
    for (kind, _) in PATHS {
        for fault in [Fault::Closed, Fault::Late(Duration::from_secs(3))] {
            receiver.spoil(kind, std::slice::from_ref(&fault));
            let variables = receiver.variables("lab", kind);
            let ran = test_with(&variables, &["lab", "--silence", "0.5"]);
            let taken = receiver.take();
            if matches!(kind, "webhook" | "matrix") {
                ran.ends(0);
                assert_eq!(taken.len(), 2, "{kind}: {fault:?}");
                assert_eq!(find_id(&taken[0]), find_id(&taken[1]));
                assert_eq!(taken[0].body, taken[1].body);
            } else {
                ran.fails(1, &["no answer came from 127.0.0.1", "it may have arrived"]);
                assert_eq!(taken.len(), 1, "{kind}: {fault:?}");
            }
        }
    }
}

#[test]
fn a_success_that_is_not_the_homeservers_is_none() {
    let receiver = Receiver::start();
    receiver.spoil("matrix", &[Fault::Answer(200, None, "<html>Sign in to the network".into())]);
    test_kind(&receiver, "matrix").fails(1, &["answered 200: <html>Sign in"]);
}

#[test]
fn what_a_channel_repeats_of_the_request_is_shown_without_secrets() {
    let receiver = Receiver::start();
    for (kind, _) in PATHS {
        receiver.spoil(kind, &[Fault::Echo]);
        let ran = test_kind(&receiver, kind);
        ran.fails(1, &["127.0.0.1 answered 400: "]);
        assert!(ran.stderr.contains("[token]"), "{kind}: {}", ran.stderr);
    }
}

#[test]
fn only_public_addresses_over_tls_are_used_unless_it_is_allowed() {
    let receiver = Receiver::start();
    let mut variables = receiver.variables("lab", "slack");
    variables.retain(|(name, _)| !name.ends_with("PRIVATE"));
    let message = "127.0.0.1 is a private address";
    test_with(&variables, &["lab"]).fails(1, &[message, "allow_private = true"]);
    let path = "/services/T0SECRET/B0SECRET/slacksecret";
    for (origin, allowed, said) in [
        ("https://169.254.169.254", "false", "169.254.169.254 is a private address"),
        ("https://[::ffff:10.0.0.1]", "false", "a private address"),
        ("https://localhost:1", "false", "localhost leads to "),
        ("http://10.0.0.1", "true", "its address is not https"),
        ("http://hooks.example.org", "true", "its address is not https"),
    ] {
        variables.retain(|(name, _)| name.ends_with("KIND"));
        variables.push(("ZREL_NOTIFY_LAB_URL".into(), format!("{origin}{path}")));
        variables.push(("ZREL_NOTIFY_LAB_ALLOW_PRIVATE".into(), allowed.into()));
        test_with(&variables, &["lab"]).fails(1, &[said]);
    }
    assert_eq!(receiver.count("slack"), 0);
}

#[test]
fn a_channel_that_is_not_there_is_named_by_its_host() {
    let receiver = Receiver::start();
    let mut variables = receiver.variables("lab", "teams");
    let port = receiver.origin.rsplit(':').next().unwrap();
    for (_, value) in &mut variables {
        // A port that is reserved, and never open.
        *value = value.replace(port, "1");
    }
    test_with(&variables, &["lab"]).fails(1, &["can't reach 127.0.0.1"]);
}

#[test]
fn an_untrusted_certificate_is_refused_before_anything_is_sent() {
    let server = SelfSigned::start();
    let receiver = Receiver::start();
    let mut variables = receiver.variables("lab", "matrix");
    for (_, value) in &mut variables {
        *value = value.replace(&receiver.origin, &server.url);
    }
    test_with(&variables, &["lab"]).fails(1, &["can't reach 127.0.0.1", "certificate"]);
    assert_eq!(server.count_heard(), 0);
}
