//! A plan as a page: what a real browser makes of it, and what it never may become.

use std::cell::RefCell;
use std::path::Path;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};

use crate::server::browser::{Policy, SCREENS, chromium, serve, visible_text};
use crate::support::world::{FILES, World, manifest, publish_first};

/// Elements that the page is made of.
const ELEMENTS: &str = "html head meta title style body header footer section p b i h1 h2 strong \
    small br ul ol li table thead tbody tr th td span details summary code del ins mark label \
    input output div iframe script wbr";

/// Their attributes.
const ATTRIBUTES: &str =
    "lang charset http-equiv content name class style sandbox title srcdoc type id";

/// The width of a phone's screen, in pixels of a style sheet.
const PHONE: u32 = 390;

/// Collects what a page has that does not come from a plan.
#[derive(Default)]
struct Foreign(RefCell<Vec<String>>);

impl TokenSink for Foreign {
    type Handle = ();

    fn process_token(&self, token: Token, _line: u64) -> TokenSinkResult<()> {
        let Token::TagToken(tag) = token else {
            if let Token::CommentToken(text) = token {
                self.0.borrow_mut().push(format!("comment {text}"));
            }
            return TokenSinkResult::Continue;
        };
        if !ELEMENTS.split(' ').any(|known| known == &*tag.name) {
            self.0.borrow_mut().push(format!("element {}", tag.name));
        }
        for attribute in &tag.attrs {
            let name = &*attribute.name.local;
            if !ATTRIBUTES.split(' ').any(|known| known == name) {
                self.0.borrow_mut().push(format!("attribute {name}"));
            }
        }
        TokenSinkResult::Continue
    }
}

/// Returns what a real HTML tokenizer finds in a page that does not come from the plan.
pub(crate) fn foreign_to_page(page: &str) -> Vec<String> {
    // The texts of style sheet and script are zrel's, and are parsed by other rules.
    let mut rest = page.to_owned();
    for name in ["style", "script"] {
        let (open, close) = (format!("<{name}>"), format!("</{name}>"));
        let start = rest.find(&open).unwrap();
        let end = rest[start..].find(&close).unwrap();
        rest.replace_range(start..start + end + close.len(), "");
    }
    let input = BufferQueue::default();
    input.push_back(StrTendril::from(rest.as_str()));
    let tokenizer = Tokenizer::new(Foreign::default(), TokenizerOpts::default());
    let _ = tokenizer.feed(&input);
    tokenizer.end();
    let mut found = tokenizer.sink.0.into_inner();
    found.extend(page.chars().filter(|c| *c == '\u{202e}').map(|_| "a bidi mark".to_owned()));
    found
}

/// The sample of the README, changed as it says.
fn sample() -> World {
    let world = World::local();
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/examples/preprint");
    for file in ["zenodo.toml", "ABSTRACT.md", "data/rings.csv"] {
        world.write(file, &std::fs::read_to_string(folder.join(file)).unwrap());
    }
    std::fs::copy(folder.join("paper.pdf"), world.project().join("paper.pdf")).unwrap();
    world.apply_then_expect_no_changes(&[]);
    world.write("data/rings.csv", &format!("{}49,31.5\n", world.read("data/rings.csv")));
    world.write("ABSTRACT.md", &world.read("ABSTRACT.md").replace("two days", "three days"));
    let text = world.read("zenodo.toml").replace("1.0.0", "1.1.0");
    world.write("zenodo.toml", &text.replace("\"diffusion\"]", "\"diffusion\", \"rings\"]"));
    world
}

#[test]
fn a_browser_shows_the_plan_by_day_and_by_night() {
    let world = sample();
    let page = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert_eq!(foreign_to_page(&page), Vec::<String>::new(), "{page}");
    let Some(chromium) = chromium() else { return };
    let server = serve(page, Policy::Missing);
    let shown = visible_text(&chromium.dump(&server));
    for part in [
        "Publishes",
        "On the growth of rings in a glass of tea",
        "new version 1.1.0",
        "a DOI is minted and can't be taken back",
        "the local server (a rehearsal)",
        "rings.csv",
        "1 file unchanged, not sent again",
        "description, published, and planned",
        "three",
        "rings",
        "publish (DOI known after apply)",
        "zrel apply --expect sha256:",
        "ZR0405",
    ] {
        assert!(shown.contains(part), "the browser does not show `{part}`:\n{shown}");
    }
    for (width, name) in [(1280, "plan-page"), (PHONE, "plan-page-phone")] {
        let shot = |scheme: u8| {
            let scheme = format!("--blink-settings=preferredColorScheme={scheme}");
            chromium.screenshot(&server, width, &[&scheme])
        };
        let (day, night) = (shot(1), shot(0));
        assert!(day.starts_with(b"\x89PNG") && day != night, "light and dark are the same");
        if let Some(folder) = std::env::var_os(SCREENS) {
            // The docs have one of each kind.
            let shot = if width == PHONE { night } else { day };
            std::fs::write(Path::new(&folder).join(format!("{name}.png")), shot).unwrap();
        }
    }
    world.apply_then_expect_no_changes(&[]);
    let page = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert!(page.contains("<b>No changes.</b>"), "{page}");
}

#[test]
fn a_long_plan_is_searched() {
    let world = World::local();
    for n in 0..60 {
        world.write(&format!("data/table-{n:02}.csv"), &n.to_string());
    }
    world.manifest(&manifest("1.0", "[[files]]\npath = \"data/*.csv\"\n"));
    let page = world.expect(0, &["plan", "--format", "html"]).stdout;
    let Some(chromium) = chromium() else { return };
    let framed = page.replace('&', "&amp;").replace('"', "&quot;");
    let outer = format!(
        "<!doctype html><html><body><iframe id=\"f\" srcdoc=\"{framed}\"></iframe><script>\
         f.onload = () => {{ const d = f.contentDocument; const s = d.getElementById('search');\
         s.value = 'TABLE-4'; s.dispatchEvent(new Event('input'));\
         document.documentElement.setAttribute('data-found', d.getElementById('found').textContent);\
         }}</script></body></html>"
    );
    let dom = chromium.dump(&serve(outer, Policy::Missing));
    let found = dom.split("data-found=\"").nth(1).unwrap().split('"').next().unwrap();
    assert!(found.starts_with("10 of "), "{found}");
}

#[test]
fn hostile_names_and_texts_run_nothing_and_become_no_element() {
    let mark = "parent.document.documentElement.setAttribute('data-ran','1')";
    let world = World::served();
    let record = publish_first(&world);
    world.edit_by_hand(record, |metadata| {
        metadata["notes"] = serde_json::json!(format!("Notes <b>that</b> <i>go</i> {mark}"));
    });
    let trap = format!("<script>{mark}</script><img src=x onerror=\"{mark}\">\u{202e}");
    world.write("<b onmouseover=x>.csv", "one\n");
    let literal = trap.replace('\\', "\\\\").replace('"', "\\\"");
    let text = format!("keywords = [\"{literal}\"]\nmethod = \"{literal}\"\n{FILES}");
    world.manifest(&manifest("1.1", &text).replace("Tables of", &format!("{literal} of")));
    let page = world.expect(0, &["plan", "--format", "html"]).stdout;
    assert_eq!(foreign_to_page(&page), Vec::<String>::new(), "{page}");
    world.expect(0, &["plan", "--out", "a.plan"]);
    assert_eq!(world.expect(0, &["show", "a.plan", "--format", "html"]).stdout, page);
    let Some(chromium) = chromium() else { return };
    let dom = chromium.dump(&serve(page, Policy::Missing));
    assert!(!dom.contains("data-ran=\"1\""), "something ran");
    let shown = visible_text(&dom);
    assert!(shown.contains("<script>parent") && shown.contains("<b onmouseover"), "{shown}");
}
