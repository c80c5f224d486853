//! `zrel init`: whatever a repository's files say, the manifest made from them has no fault
//! but that something is missing.

use std::collections::BTreeMap;

use jiff::civil::date;
use proptest::collection::vec;
use proptest::prelude::*;
use proptest::sample::select;
use serde_json::{Map, Value as Json, json};
use zrel::interop::init::{Kind, Repository, Surroundings, init, list_file_names};
use zrel::interop::manifest_writer::write_manifest;
use zrel::manifest::parse;
use zrel::model::Severity;

use super::{cases, damaged, damages};

/// Keys that some kind of file has.
const KEYS: &[&str] = &[
    "access_right",
    "affiliation",
    "author",
    "authors",
    "codeRepository",
    "communities",
    "contributors",
    "creators",
    "datePublished",
    "date-released",
    "dates",
    "description",
    "doi",
    "embargo_date",
    "family-names",
    "files",
    "given-names",
    "grants",
    "id",
    "@id",
    "@type",
    "@graph",
    "identifier",
    "identifiers",
    "image_type",
    "isPartOf",
    "journal_title",
    "keywords",
    "language",
    "license",
    "licenses",
    "locations",
    "message",
    "name",
    "notes",
    "orcid",
    "package",
    "path",
    "project",
    "publication_date",
    "publication_type",
    "references",
    "related_identifiers",
    "relation",
    "repository",
    "repository-code",
    "resources",
    "scheme",
    "sourceOrganization",
    "subjects",
    "thesis_supervisors",
    "title",
    "type",
    "upload_type",
    "url",
    "urls",
    "value",
    "version",
    "abstract",
];

/// Words that some of these take, and some that none takes.
const WORDS: &[&str] = &[
    "10.5281/zenodo.7",
    "10.5281/other.7",
    "10.1234/abc",
    "https://doi.org/10.5072/zenodo.9",
    "MIT",
    "mit-license",
    "MIT OR Apache-2.0",
    "CC-BY-4.0",
    "no licence",
    "0000-0002-1825-0097",
    "https://orcid.org/0000-0002-1825-0097",
    "0000-0000-0000-0001",
    "2024-02-30",
    "2024-05-01",
    "2024",
    "2031-01-01",
    "open",
    "closed",
    "embargoed",
    "restricted",
    "dataset",
    "publication",
    "article",
    "software",
    "image",
    "figure",
    "isSupplementTo",
    "cites",
    "is",
    "eng",
    "de",
    "xx",
    "",
    " ",
    "ab",
    "A title",
    "<b>bold</b>",
    "git+ssh://git@github.com/a/b.git",
    "https://example.org/",
    "a.csv",
    "sub",
    "../a.csv",
    ".env",
    "ecology",
    "Person",
    "./",
    "doi",
    "10.13039/501100000780::283595",
    "https://x/#y",
    "\u{202e}evil\u{1b}[2J",
    "a\nb = 1\n[evil]",
    "\"\"\"",
    "'''",
    "# no",
    "\\u0000",
];

fn word() -> impl Strategy<Value = String> {
    prop_oneof![4 => select(WORDS).prop_map(str::to_owned), 1 => "\\PC{0,12}"]
}

fn document() -> impl Strategy<Value = Json> {
    let leaf = prop_oneof![
        6 => word().prop_map(Json::String),
        1 => any::<i32>().prop_map(|number| json!(number)),
        1 => any::<bool>().prop_map(Json::Bool),
    ];
    leaf.prop_recursive(4, 48, 6, |inner| {
        let key = prop_oneof![9 => select(KEYS).prop_map(str::to_owned), 1 => "\\PC{0,6}"];
        let object = vec((key, inner.clone()), 0..7)
            .prop_map(|pairs| Json::Object(pairs.into_iter().collect::<Map<_, _>>()));
        prop_oneof![3 => object, 1 => vec(inner, 0..4).prop_map(Json::Array)]
    })
}

/// Keys with words that they may well have, right and wrong.
const PLAUSIBLE: &[(&str, &[&str])] = &[
    ("doi", &["10.1234/abc", "10.5281/zenodo.7", "10.5281/other.7", "10.5072/x", "abc"]),
    ("license", &["MIT", "mit-license", "MIT OR GPL-3.0-only", "CC-BY-4.0", "mine"]),
    ("access_right", &["open", "closed", "embargoed", "restricted", "secret"]),
    ("embargo_date", &["2031-01-01", "2020-01-01", "soon"]),
    ("upload_type", &["publication", "image", "dataset", "poem"]),
    ("publication_type", &["article", "poem"]),
    ("image_type", &["figure", "poem"]),
    ("publication_date", &["2024-05-01", "2024-02-30", "2024", "2024-01/2024-03"]),
    ("language", &["eng", "en", "English", "xx"]),
    ("title", &["A title", "ab", "\u{202e}\n"]),
    ("version", &["1.0", "v1", ""]),
];

/// A value as one of these keys has it.
fn pair() -> impl Strategy<Value = (String, Json)> {
    let plausible = select(PLAUSIBLE).prop_flat_map(|(key, words): (&str, &[&str])| {
        select(words).prop_map(move |word| (key.to_owned(), json!(word)))
    });
    let any_key = (select(KEYS), document()).prop_map(|(key, value)| (key.to_owned(), value));
    prop_oneof![plausible, any_key]
}

/// A document of a file's kind: with some fields at the top, so that most of them are read.
fn body() -> impl Strategy<Value = Json> {
    vec(pair(), 1..14).prop_map(|pairs| Json::Object(pairs.into_iter().collect()))
}

/// Writes a document as the file of this name would hold it.
fn as_file(name: &str, body: &Json) -> String {
    let toml = |table: Json| toml::to_string(&table).unwrap_or_default();
    match name {
        "Cargo.toml" => toml(json!({"package": body})),
        "pyproject.toml" => toml(json!({"project": body})),
        "DESCRIPTION" => fields(body),
        "ro-crate-metadata.json" => json!({"@graph": [
            {"@id": "ro-crate-metadata.json", "about": {"@id": "./"}},
            with_id(body),
        ]})
        .to_string(),
        // JSON is YAML.
        _ => body.to_string(),
    }
}

fn with_id(body: &Json) -> Json {
    let mut body = body.clone();
    body["@id"] = json!("./");
    body
}

fn fields(body: &Json) -> String {
    let line = |(key, value): (&String, &Json)| {
        let mut letters = key.chars();
        let first = letters.next().map(|c| c.to_ascii_uppercase());
        let key: String = first.into_iter().chain(letters).collect();
        format!("{key}: {}\n", value.as_str().unwrap_or_default().replace('\n', "\n  "))
    };
    body.as_object().into_iter().flatten().map(line).collect()
}

fn surroundings() -> impl Strategy<Value = Surroundings> {
    let repository = (proptest::option::of(word()), vec("v?[0-9a-z.]{1,5}", 0..4), any::<bool>())
        .prop_map(|(remote, tags, is_here)| {
            let tags_here =
                if is_here { tags.iter().take(1).cloned().collect() } else { Vec::new() };
            Repository { remote, tags, tags_here }
        });
    (word(), proptest::option::of(repository)).prop_map(|(folder, git)| Surroundings {
        folder,
        own_files: vec!["zenodo.toml".to_owned(), "zenodo.lock".to_owned()],
        git,
    })
}

fn holds(texts: &BTreeMap<String, String>, surroundings: &Surroundings) {
    let kind = |path: &str| match path {
        "sub" => Some(Kind::Folder),
        "a.csv" | "README.md" => Some(Kind::File),
        _ => None,
    };
    let today = date(2026, 11, 23);
    let initiated = init(texts, surroundings, &kind, today);
    let text = write_manifest(&initiated.manifest);
    let is_hidden = |c: char| (c.is_control() && c != '\n') || c == '\u{202e}';
    assert!(!text.contains(is_hidden), "{text:?}");
    let has_gaps = !initiated.missing.is_empty();
    for finding in parse(&text, today).findings {
        let is_gap = has_gaps && ["ZR0104", "ZR0108", "ZR0136"].contains(&finding.code);
        assert!(
            finding.severity != Severity::Error || is_gap,
            "{}: {finding:?}\n{text}",
            text.len()
        );
    }
    for found in &initiated.found {
        assert!(!found.places.is_empty(), "{found:?}");
    }
}

proptest! {
    #![proptest_config(cases(300))]

    #[test]
    fn what_files_say_is_a_manifest_without_a_fault(
        bodies in vec(body(), 9),
        which in vec(any::<bool>(), 9),
        surroundings in surroundings(),
    ) {
        let files = list_file_names().zip(&bodies).zip(&which).filter(|(_, is_there)| **is_there);
        let texts = files.map(|((name, body), _)| (name.to_owned(), as_file(name, body)));
        holds(&texts.collect(), &surroundings);
    }

    #[test]
    fn damaged_files_are_a_manifest_without_a_fault(
        body in body(),
        damages in damages(),
        name in select(list_file_names().collect::<Vec<_>>()),
        surroundings in surroundings(),
    ) {
        let text = damaged(&as_file(name, &body), &damages);
        holds(&BTreeMap::from([(name.to_owned(), text)]), &surroundings);
    }
}
