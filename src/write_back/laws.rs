//! The laws of [`write_values`], for texts of all formats that are generated.

use proptest::prelude::*;
use proptest::sample::{select, subsequence};

use super::fault::FaultKind;
use super::kind::{Format, Kind};
use super::values::{Slot, Values};
use super::write::{read_values, write_values};

/// Pieces of texts, those that belong together in one list.
const PIECES: &[&[&str]] = &[
    &[
        "cff-version: 1.2.0\n",
        "# é\n",
        "doi: 10.1/a\n",
        "doi:\n",
        "doi: '10.1/a' # c\n",
        "title: '#' # c\n",
        "doi: &a 10.1/a\n",
        "version: 1.10\n",
        "version: \"1\"  # c\n",
        "version: |\n  1\n",
        "version: 'it''s'   # c\n",
        "version: \"\\\"\" # \"\n",
        "date-released: 2026-06-01\n",
        "\"date-released\" : ~\n",
        "abstract: |+\n  doi: 10.1/a\n\n",
        "abstract: >-\n  a\n   b",
        "authors: [{name: a}, {doi: 10.1/b}]\n",
        "identifiers:\n",
        "identifiers: []\n",
        "- type: doi\n  value: 10.1/b\n  description: all versions\n",
        "  - type: doi\n    description: |\n      This version\n    value: '10.1/b'\n",
        "  - {description: Concept DOI, type: doi, value: 10.1/b}\n",
        "  - type: url\n    value: http://a\n",
        "  - type: doi\n    value:\n    description: version DOI\n",
        "...\n",
        "---\n",
        "\n",
        "  ",
    ],
    &[
        "{",
        "}",
        ",",
        ", ",
        "\n",
        "\n  ",
        "[1, {}]",
        "\"a\": 1",
        "\"@context\": \"x\"",
        "\"doi\": \"10.1/a\"",
        "\"doi\": null",
        "\"version\" : 1.10",
        "\"version\": \"\\u0031\"",
        "\"identifier\": \"https://doi.org/10.1/a%20b\"",
        "\"identifier\": []",
        "\"datePublished\":\"2026\"",
        "\"publication_date\":\t\"2026-06-01\"",
        "\"é\\\"\": {}",
    ],
    &[
        "<!-- zrel:badge -->",
        "<!-- /zrel:badge -->",
        "<!--zrel:concept-badge-->",
        "<!--/zrel:concept-badge-->",
        "<!-- zrel:doi -->",
        "<!-- /zrel:doi -->",
        "<!-- zrel:version -->\nold\n  <!-- /zrel:version -->",
        "<!-- zrel:date -->\n\n<!-- / zrel:date -->",
        "<!-- zrel:concept-doi -->10.1/a<!-- /zrel:concept-doi -->",
        "<!-- zrel:doi -->\n  10.1/a\n  <!-- /zrel:doi -->",
        "<!--",
        "-->",
        "\n",
        "  ",
        "é ",
        "a",
        "[![DOI](https://a/b.svg)](https://doi.org/10.1/a)",
        "<a href=\"https://doi.org/10.1/a\">b</a>",
    ],
    &[
        ".. zrel:badge\n",
        ".. /zrel:badge\n",
        "  .. zrel:badge\n  x\n  .. /zrel:badge\n",
        ".. zrel:doi\n\n10.1/a\n\n.. /zrel:doi\n",
        ".. zrel:version\n.. /zrel:version",
        "..  zrel:date  \n2026\n..  /zrel:date\n",
        "\n",
        "é\n",
        ".. image:: a\n   :target: b\n",
        "  ",
        ".. zrel:concept-doi\n   a\n.. /zrel:concept-doi\n",
    ],
    &[
        "doi = {",
        "}",
        "10.1/a",
        "v1",
        " v",
        "doi = {10.1/a} v1",
        "doi = {{10.1/a} v1",
        "\n",
        "é",
        "\"",
        " ",
        "v = \"",
        "v = \"1\" (2026)",
        "(",
        ")",
        "doi = ",
    ],
];

/// What is in pieces, and in no old or new value.
const COMMENTS: [&str; 4] = ["# c", "# é", "@context", "title"];

const PLACEHOLDERS: [&str; 5] = [
    "doi = {{doi}} v{version}",
    "doi = {doi}",
    "v = \"{version}\" ({date})",
    "doi{doi}-{version}",
    "v = {version}v",
];

fn kinds() -> impl Strategy<Value = Kind> {
    let text = select(&PLACEHOLDERS[..])
        .prop_map(|text| Kind::new(Format::Text, vec![text.to_owned()]).unwrap());
    let format = select(&Format::ALL[..]).prop_filter("text", |it| *it != Format::Text);
    prop_oneof![1 => text, 4 => format.prop_map(|format| Kind::new(format, Vec::new()).unwrap())]
}

fn pieces(format: Format) -> &'static [&'static str] {
    match format {
        Format::Cff => PIECES[0],
        Format::Codemeta | Format::ZenodoJson => PIECES[1],
        Format::Markdown | Format::Html => PIECES[2],
        Format::Rst => PIECES[3],
        Format::Text => PIECES[4],
    }
}

/// Texts of pieces of the format, some with a random one, a byte order mark or other line ends.
fn texts(format: Format) -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        20 => select(pieces(format)).prop_map(str::to_owned),
        1 => "\\PC{0,5}",
    ];
    let pieces = prop::collection::vec(piece, 0..9);
    let head = select(&["", "cff-version: 1\n", "{\"@context\": 1"][..]);
    (pieces, head, select(&["\n", "\r\n"][..]), select(&["", "", "\u{feff}"][..])).prop_map(
        move |(pieces, head, end, mark)| {
            let text = match (format, head) {
                (Format::Cff, "cff-version: 1\n") => format!("{head}{}", pieces.concat()),
                (Format::Codemeta | Format::ZenodoJson, "{\"@context\": 1") => {
                    let members = pieces.iter().filter(|piece| piece.contains("\":"));
                    let members: Vec<&str> = members.take(4).map(String::as_str).collect();
                    format!("{{\n  \"@context\": 1,\n  {}\n}}", members.join(" ,\n\t"))
                }
                (_, _) => pieces.concat(),
            };
            format!("{mark}{}", text.replace('\n', end))
        },
    )
}

/// Values of some slots, twice.
fn two_values() -> impl Strategy<Value = (Values, Values)> {
    let texts = || {
        let site = select(&["https://zenodo.org", "http://[::1]:8/a b)\"&"][..]);
        let doi = || "10\\.[0-9]{4}/[-a-c0-9.()<>&\"';:%_/\\\\# é*\\]]{0,8}[a-z0-9]";
        let version = prop_oneof!["[0-9]\\.[0-9]{1,2}", "[-0-9a-z.+_*#: '\"<>!\\\\é]{1,6}"];
        let date = prop_oneof!["[0-9]{4}-[01][0-9]-[0-3][0-9]", "[-0-9a-z: ]{0,4}"];
        (site, doi(), doi(), version, date)
    };
    let make = |slots: &[Slot], (site, doi, concept, version, date): (&str, _, _, _, _)| {
        let mut values = Values::new(site);
        for slot in slots {
            let text: &String = match slot {
                Slot::Doi => &doi,
                Slot::ConceptDoi => &concept,
                Slot::Version => &version,
                Slot::Date => &date,
            };
            values.set(*slot, text);
        }
        values
    };
    (subsequence(&Slot::ALL[..], 0..=4), texts(), texts())
        .prop_map(move |(slots, a, b)| (make(&slots, a), make(&slots, b)))
}

/// Checks the laws for a text and two sets of values.
fn check(text: &str, kind: &Kind, a: &Values, b: &Values) -> Result<(), TestCaseError> {
    let write = |text: &str, values: &Values| write_values(text, kind, values);
    let Ok(with_a) = write(text, a) else { return Ok(()) };
    prop_assert_eq!(write(&with_a, a), Ok(with_a.clone()));
    prop_assert_eq!(write(&with_a, &a.mask()), write(text, &a.mask()));
    let masked = write(text, &a.mask()).unwrap_or_default();
    for comment in COMMENTS {
        prop_assert_eq!(masked.matches(comment).count(), text.matches(comment).count());
    }
    if let Ok(read) = read_values(&with_a, kind) {
        for (slot, value) in &read {
            prop_assert!(a.get(*slot).is_none_or(|it| it == value), "{slot:?} {value}");
        }
        for slot in a.slots() {
            let is_always = kind.format() == Format::Cff
                || kind.format() == Format::Codemeta && slot != Slot::ConceptDoi;
            prop_assert!(!is_always || read.iter().any(|(it, _)| *it == slot), "{slot:?}");
        }
    }
    let with_b = write(text, b);
    prop_assert_eq!(write(&with_a, b), with_b.clone());
    if let Ok(with_b) = with_b {
        prop_assert_eq!(write(&with_b, a), Ok(with_a.clone()));
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2000))]

    #[test]
    fn what_was_there_before_does_not_matter(
        (kind, text) in kinds().prop_flat_map(|kind| (Just(kind.clone()), texts(kind.format()))),
        (a, b) in two_values(),
    ) {
        check(&text, &kind, &a, &b)?;
    }

    #[test]
    fn random_texts_are_refused_or_written(
        text in "[-a-c:{}\\[\\]\"'<>!/.,&*#|>% \t\r\n\u{feff}é\u{85}\u{2028}]{0,40}",
        head in select(&["", "cff-version: 1\n", "{\"@context\": 1,", "<!-- zrel:doi -->"][..]),
        tail in select(&["", "}", "<!-- /zrel:doi -->", "\ndoi = 1"][..]),
        kind in kinds(),
        (a, b) in two_values(),
    ) {
        check(&format!("{head}{text}{tail}"), &kind, &a, &b)?;
    }
}

/// How often generated texts are written at all, so that the laws are not held by refusals alone.
#[test]
fn every_format_is_written_often_enough() {
    use proptest::strategy::ValueTree;
    use proptest::test_runner::TestRunner;

    let mut runner = TestRunner::deterministic();
    for format in Format::ALL {
        let placeholder = (format == Format::Text).then(|| "doi = {doi}".to_owned());
        let kind = Kind::new(format, placeholder.into_iter().collect()).unwrap();
        let mut n_written = 0;
        for _ in 0..400 {
            let text = texts(format).new_tree(&mut runner).unwrap().current();
            let (values, _) = two_values().new_tree(&mut runner).unwrap().current();
            n_written += usize::from(write_values(&text, &kind, &values.mask()).is_ok());
        }
        assert!(n_written >= 20, "{format:?}: {n_written} of 400");
    }
}

/// A text with a place for each value of each format, with the lines ends and the byte order mark.
#[test]
fn plain_values_are_written_into_each_format() {
    let cff = "cff-version: 1.2.0\ntitle: a # b\n";
    let markdown = "# A\n<!-- zrel:badge -->\n<!-- /zrel:badge -->\n<!-- zrel:version -->\
        <!-- /zrel:version -->\n";
    let rst = "A\n=\n\n.. zrel:concept-badge\n.. /zrel:concept-badge\n";
    let mut values = Values::new("https://zenodo.org");
    values.set(Slot::Doi, "10.5281/zenodo.7");
    values.set(Slot::ConceptDoi, "10.5281/zenodo.6");
    values.set(Slot::Version, "1.10.0-rc.1");
    values.set(Slot::Date, "2026-06-01");
    for (format, text, placeholder) in [
        (Format::Cff, cff, None),
        (Format::Codemeta, "{\n  \"@context\": \"a\"\n}\n", None),
        (Format::ZenodoJson, "{\n}\n", None),
        (Format::Markdown, markdown, None),
        (Format::Html, markdown, None),
        (Format::Rst, rst, None),
        (Format::Text, "doi = {10.1/a}\n", Some("doi = {{doi}}".to_owned())),
    ] {
        let kind = Kind::new(format, placeholder.into_iter().collect()).unwrap();
        for (end, mark) in [("\n", ""), ("\r\n", "\u{feff}")] {
            let text = format!("{mark}{}", text.replace('\n', end));
            let written = write_values(&text, &kind, &values).unwrap();
            assert!(!read_values(&written, &kind).unwrap().is_empty(), "{format:?}");
            let n_lines = written.matches('\n').count();
            assert_eq!(written.matches(end).count(), n_lines, "{written:?}");
            assert!(written.starts_with(mark) && written != text);
            // Nothing is left of the values once others are written.
            let masked = write_values(&written, &kind, &values.mask()).unwrap();
            assert!(!masked.contains("5281") && !masked.contains("1.10"), "{masked}");
        }
    }
    let kind = Kind::new(Format::Rst, Vec::new()).unwrap();
    let fault = write_values(markdown, &kind, &values).unwrap_err();
    assert_eq!(fault.kind, FaultKind::NoPlace);
}
