//! What each channel gets for a message, in full: ordinary, hostile, and far too long.
//!
//! `ZREL_BLESS=1` writes the expected files beside this one anew.

use std::path::{Path, PathBuf};

use serde_json::Value as Json;
use zrel::notify::{Event, Message, RENDERERS};

/// A title that wants to be more than a title.
pub(crate) const HOSTILE: &str = "<!channel> <@U1> @everyone @room\nBcc: all@example.org ](javascript:alert(1)) **b** `c` <b>x</b> &amp; # a | b\u{202e}txt.exe\u{0}";

fn begin(event: Event, headline: &str) -> Message {
    Message::new(event, &"0123456789abcdef".repeat(4), "2026-11-30T00:00:00Z", headline)
}

fn ordinary() -> Message {
    begin(Event::Published, "Published: Tables of small forms 1.0")
        .data("title", "Tables of small forms")
        .data("version", "1.0")
        .fact("doi", "DOI", "10.5281/zenodo.123")
        .fact("concept_doi", "All versions", "10.5281/zenodo.122")
        .link("Open the record", "https://zenodo.org/records/123")
}

fn hostile() -> Message {
    begin(Event::Failed, &format!("Apply failed: {HOSTILE}"))
        .fact("error", "Error", HOSTILE)
        .link("Open the record", "https://zenodo.org/records/1\"><script>")
}

fn long() -> Message {
    let long = "<ä&*_".repeat(4000);
    (0..30).fold(begin(Event::Drift, &long), |message, _| message.fact("error", "Error", &long))
}

fn path(case: &str, channel: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/it/notify/forms");
    folder.join(format!("{case}-{channel}.json"))
}

#[test]
fn each_channel_gets_what_stands_beside_this_file() {
    for (case, message) in [("ordinary", ordinary()), ("hostile", hostile())] {
        for (channel, render) in RENDERERS {
            let made = format!("{:#}\n", render(&message));
            let path = path(case, channel);
            if std::env::var_os("ZREL_BLESS").is_some() {
                std::fs::create_dir_all(path.parent().unwrap()).unwrap();
                std::fs::write(path, made).unwrap();
                continue;
            }
            let expected = std::fs::read_to_string(&path).unwrap();
            assert_eq!(
                made,
                expected,
                "{}: if that is right, ZREL_BLESS=1 renews it",
                path.display()
            );
        }
    }
}

/// Returns all texts of a document.
fn texts(json: &Json) -> Vec<&str> {
    match json {
        Json::String(text) => vec![text],
        Json::Array(items) => items.iter().flat_map(texts).collect(),
        Json::Object(object) => object.values().flat_map(texts).collect(),
        Json::Null | Json::Bool(_) | Json::Number(_) => Vec::new(),
    }
}

#[test]
fn a_hostile_title_breaks_out_of_no_channel() {
    for (channel, render) in RENDERERS {
        let made = render(&hostile());
        for text in texts(&made) {
            assert!(!text.contains(['\u{202e}', '\0', '\r']), "{channel}: {text}");
            // What follows a line feed is a line of zrel's own.
            let is_own = |line: &str| !line.trim_start().starts_with("Bcc");
            assert!(text.lines().all(is_own), "{channel}: {text}");
            let (is_markdown, is_html) = match *channel {
                "mattermost" | "discord" | "teams" => (true, false),
                "matrix" => (false, text.contains("<strong>")),
                _ => (false, false),
            };
            if *channel == "email" {
                let html = made["html"].as_str().unwrap();
                assert!(!html.contains("<b>") && !html.contains("<script"), "{html}");
                assert_eq!(made["subject"].as_str().unwrap().lines().count(), 1);
            }
            if *channel == "slack" {
                assert!(!text.contains(['<', '>']), "{channel}: {text}");
            }
            if is_markdown {
                let html = comrak::markdown_to_html(text, &comrak::Options::default());
                for open in ["href=\"javascript", "<em>", "<code>", "<strong>b<", "<b>", "<h1"] {
                    assert!(!html.contains(open), "{channel}: {html}");
                }
                assert!(!text.contains("@everyone") && !text.contains("@room"), "{text}");
            }
            if is_html {
                for open in ["<b>", "<script", "<!", "<@"] {
                    assert!(!text.contains(open), "{channel}: {text}");
                }
            }
        }
    }
}

/// The limits themselves are checked by the receiver.
#[test]
fn what_is_too_long_is_cut_with_a_marker() {
    for (channel, render) in RENDERERS {
        let made = render(&long());
        let all = texts(&made);
        assert!(all.iter().any(|text| text.contains('…')), "{channel}");
        let fault = super::receiver::find_fault(channel, &made);
        assert_eq!(fault, None, "{channel}");
    }
}

#[test]
fn an_id_is_of_the_digest_and_the_event() {
    let (one, other) = (ordinary(), hostile());
    assert_eq!(one.id, "0123456789abcdef0123456789abcdef.published");
    assert_eq!(other.id, "0123456789abcdef0123456789abcdef.failed");
}

#[test]
fn a_link_is_the_address_of_a_page() {
    let link = |url: &str| ordinary().link("Open", url).link.map(|link| link.url);
    assert_eq!(link("javascript:alert(1)"), None);
    assert_eq!(link("data:text/html,x"), None);
    assert_eq!(link("https://x.y/a b\n<").as_deref(), Some("https://x.y/a%20b%3C"));
}
