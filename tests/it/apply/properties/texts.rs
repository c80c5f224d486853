//! Texts from old files: whatever is in them is published with an empty second plan,
//! or refused before anything is sent.

use std::cell::Cell;

use proptest::prelude::*;
use proptest::sample::select;
use zrel::plan::Blocker;

use super::cases;
use crate::support::rehearsal::Rehearsal;

/// Characters that are repaired or dropped, one by one or a few in a row.
const ODD: [&str; 23] = [
    "\u{149}",
    "\u{132}",
    "\u{fb01}",
    "\u{ff21}",
    "\u{3000}",
    "\u{a0}",
    "\u{200b}",
    "\u{200d}",
    "\u{feff}",
    "\u{ad}",
    "e\u{301}",
    "\u{2018}",
    "\u{2019}",
    "\u{201c}",
    "\u{201d}",
    "\u{2bc}",
    "\u{7f}",
    "\u{1}",
    "\u{c}",
    "\u{1b}[31m",
    "\u{1b}[",
    "\u{2028}",
    "\u{fffe}",
];

const REFERENCES: [&str; 8] =
    ["&amp;", "&amp;lt;", "&lt;b&gt;", "&eacute;", "&#146;", "&#59;", "&bogus;", "&"];

const TAGS: [&str; 25] = [
    "<p>",
    "</p>",
    "<b>",
    "</b>",
    "<i> </i>",
    "<i>",
    "</i>",
    "<b> \n</b>",
    "<div>",
    "</div>",
    "<ul>",
    "<li>",
    "</ul>",
    "<br/>",
    "<h6>",
    "</h6>",
    "<span class='x'>",
    "</span>",
    "<section>",
    "<a href='https://example.org/?a=1&b=2'>",
    "</a>",
    "<img src=x>",
    "<!-- c -->",
    "<table><tr><td>",
    "</td></tr></table>",
];

/// Controls, odd blanks, quotes and tags in any order.
fn text() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        4 => "[a-zA-Zé日 .,;*]{1,6}",
        2 => "[\u{80}-\u{9f}]",
        2 => select(ODD.to_vec()).prop_map(str::to_owned),
        2 => select(vec![" ", "  ", "\n", "\r\n", "\r", "\t"]).prop_map(str::to_owned),
        2 => select(REFERENCES.to_vec()).prop_map(str::to_owned),
        3 => select(TAGS.to_vec()).prop_map(str::to_owned),
        1 => select(vec!["<", ">", "<3", "</3", "a<b*e* ", "</>", "</ p>", "x<y"])
            .prop_map(str::to_owned),
    ];
    proptest::collection::vec(piece, 1..10).prop_map(|pieces| pieces.concat())
}

fn quoted(text: &str) -> String {
    toml::Value::String(text.to_owned()).to_string()
}

/// A manifest with the texts in fields of all kinds.
fn manifest(texts: &[String]) -> String {
    let texts: Vec<String> = texts.iter().map(|text| quoted(text)).collect();
    let [title, html, name, word, place, more] = texts.as_slice() else { panic!("six texts") };
    format!(
        "upload_type = \"dataset\"\nlicense = \"cc0-1.0\"\ntitle = {title}\ndescription = {html}\n\
         notes = {more}\nmethod = {title}\nversion = {word}\njournal_title = {place}\n\
         creators = [{{ name = {name}, affiliation = {word} }}]\nkeywords = [{word}, {more}]\n\
         contributors = [{{ name = {place}, type = \"Editor\" }}]\nreferences = [{html}]\n\
         locations = [{{ place = {place}, description = {name} }}]\n\
         subjects = [{{ term = {word}, identifier = {place} }}]\n\
         dates = [{{ type = \"Other\", start = \"2025\", description = {more} }}]\n"
    )
}

#[test]
fn any_text_is_published_with_an_empty_second_plan_or_refused_before() {
    let rehearsal = Rehearsal::new();
    let (n_published, n_refused) = (Cell::new(0), Cell::new(0));
    let mut runner = proptest::test_runner::TestRunner::new(cases(60));
    let ran = runner.run(&proptest::collection::vec(text(), 6), |texts| {
        let manifest = manifest(&texts);
        if !rehearsal.faults(&manifest).is_empty() {
            n_refused.set(n_refused.get() + 1);
            return Ok(());
        }
        let project = rehearsal.project(&manifest);
        let blockers = rehearsal.plan(&project).blockers;
        if blockers.is_empty() {
            rehearsal.apply(&project);
            n_published.set(n_published.get() + 1);
        } else {
            let is_lost = |blocker: &Blocker| matches!(blocker, Blocker::TextLost(_));
            prop_assert!(blockers.iter().all(is_lost), "{blockers:?}");
            n_refused.set(n_refused.get() + 1);
        }
        Ok(())
    });
    ran.unwrap();
    let (n_published, n_refused) = (n_published.get(), n_refused.get());
    assert!(n_published > n_refused / 4, "{n_published} published, {n_refused} refused");
}
