//! Every format of a plan calls out what can't be taken back or is easily overlooked, and says
//! what a text loses before it is sent.

use crate::support::world::{World, manifest};

/// All that a plan can call out.
const LEADS: [&str; 5] = [
    "Publishes:",
    "Not in the next version:",
    "Creators are removed or changed:",
    "The licence changes:",
    "Who has access changes:",
];

/// The text after each, with foreign texts unchanged.
const TEXTS: [[&str; 2]; 5] = [
    ["a DOI is minted", "can't be taken back"],
    ["b<i>.csv", "Earlier versions keep what they have."],
    ["Weiss, Tobias", "."],
    ["cc-by-4.0", "mit"],
    ["open", "embargoed"],
];

fn first(files: &str) -> String {
    manifest("1.0", files)
}

/// Publishes a record, and writes a manifest that removes something in each way.
fn taking_away() -> World {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.write("b<i>.csv", "two\n");
    let files = "[[files]]\npath = \"*.csv\"\n";
    world.manifest(&first(files));
    world.apply_then_expect_no_changes(&["--initial"]);
    let next = first("access_right = \"embargoed\"\nembargo_date = \"2031-01-01\"\n[[files]]\npath = \"a.csv\"\n")
        .replace("1.0", "2.0")
        .replace("\"cc-by-4.0\"", "\"MIT\"")
        .replace("Weiss, Tobias", "Okafor, Ada");
    world.manifest(&next);
    world
}

fn escaped(text: &str) -> String {
    text.replace('<', "&lt;").replace('>', "&gt;")
}

#[test]
fn every_face_of_a_plan_has_every_callout() {
    let world = taking_away();
    let markdown = world.expect(0, &["plan", "--format", "markdown"]).stdout;
    // The page has no line breaks of its own.
    let html = world.expect(0, &["plan", "--format", "html"]).stdout.replace("</p>", "</p>\n");
    let text = world.expect(0, &["plan"]).stdout;
    let status = world.expect(0, &["status"]).stdout;
    for (lead, parts) in LEADS.iter().zip(TEXTS) {
        let lower = format!("{}{}", lead[..1].to_lowercase(), &lead[1..]);
        let line = |page: &str, start: &str| -> String {
            let found = page.lines().find(|line| line.contains(start));
            found.unwrap_or_else(|| panic!("`{start}` in\n{page}")).to_owned()
        };
        let in_markdown = line(&markdown, &format!("> **{lead}** "));
        let in_html = line(&html, &format!("<p class=\"danger\"><strong>{lead}</strong> "));
        let in_text = line(&text, &format!("! {lower} "));
        for part in parts {
            assert!(in_markdown.contains(part), "{in_markdown}");
            assert!(in_text.contains(part), "{in_text}");
            assert!(in_html.contains(&escaped(part)) || in_html.contains(part), "{in_html}");
        }
        assert!(!in_html.contains("<i>"), "{in_html}");
        line(&status, &format!("! {lower} "));
    }
    // The saved plan says the same.
    world.expect(0, &["plan", "--out", "saved.json"]);
    let comment = world.expect(0, &["show", "saved.json", "--format", "markdown"]).stdout;
    for lead in LEADS {
        assert!(comment.contains(&format!("> **{lead}** ")), "{comment}");
    }
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn a_plan_that_removes_nothing_calls_out_only_that_it_publishes() {
    let world = World::served();
    world.write("a.csv", "one\n");
    world.manifest(&first("[[files]]\npath = \"a.csv\"\n"));
    let html = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert_eq!(html.matches("<p class=\"danger\">").count(), 1, "{html}");
    world.apply_then_expect_no_changes(&["--initial"]);
    world.manifest(&first("keywords = [\"forms\"]\n[[files]]\npath = \"a.csv\"\n"));
    let html = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert_eq!(html.matches("<p class=\"danger\">").count(), 1, "{html}");
    world.apply_then_expect_no_changes(&[]);
}

#[test]
fn pictures_and_relative_links_of_a_text_are_reported_with_their_place() {
    let world = World::local();
    world.write("a.csv", "one\n");
    world.write(
        "ABSTRACT.md",
        "# Forms\n\nSee ![the map](img/map.png) and [the guide](docs/guide.md).\n\n\
         <p>é <img src=\"b.png\"> <a href=\"#top\">top</a> [far](https://example.org)</p>\n",
    );
    let text = |description: &str| {
        first("[[files]]\npath = \"a.csv\"\n").replace("\"<p>Some tables.</p>\"", description)
    };
    world.manifest(&text("{ file = \"ABSTRACT.md\" }"));
    let ran = world.expect(0, &["validate"]).to_string();
    for part in [
        "warning[ZR0155]: `ABSTRACT.md` has pictures that Zenodo leaves out: \
         `img/map.png` (line 3, column 5), `b.png` (line 5, column 6)",
        "warning[ZR0156]: `ABSTRACT.md` has relative links: \
         `docs/guide.md` (line 3, column 33), `#top` (line 5, column 24)",
    ] {
        assert!(ran.contains(part), "{part}\n{ran}");
    }
    assert!(!ran.contains("example.org"), "{ran}");
    let plan = world.expect(0, &["plan"]).to_string();
    assert!(plan.contains("ZR0155") && plan.contains("ZR0156"), "{plan}");
    world.apply_then_expect_no_changes(&[]);
    world.manifest(&text("\"<p>A <img src='c.png'> here.</p>\""));
    let ran = world.expect(0, &["validate"]).to_string();
    assert!(ran.contains("`metadata.description` has a picture"), "{ran}");
    world.manifest(&text("\"<p>A <a href='https://example.org'>b</a> here.</p>\""));
    let ran = world.expect(0, &["validate"]).to_string();
    assert!(!ran.contains("ZR015"), "{ran}");
}
