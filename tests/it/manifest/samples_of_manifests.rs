//! Sample manifests, the schema and the example: the parser's findings beside each, and parser and
//! schema in agreement. `ZREL_BLESS=1 cargo test` renews what is generated.

use std::collections::BTreeSet;
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::LazyLock;

use serde_json::Value;
use zrel::manifest::{self, CODES, Parsed};
use zrel::model::{Field, Finding, Severity};

/// The day on which the samples are read.
const TODAY: jiff::civil::Date = jiff::civil::date(2026, 11, 23);

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

fn parse(text: &str) -> Parsed {
    manifest::parse(text, TODAY)
}

fn samples(folder: &str) -> Vec<PathBuf> {
    let folder = root().join("tests/manifests").join(folder);
    let mut paths: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    paths.retain(|path| path.extension().is_some_and(|ending| ending == "toml"));
    paths.sort();
    paths
}

/// Compares a generated file with what is on the disk, or writes it when blessed.
#[track_caller]
fn assert_fresh(path: &Path, wanted: &str) {
    if std::env::var_os("ZREL_BLESS").is_some() {
        fs::write(path, wanted).unwrap();
        return;
    }
    let found = fs::read_to_string(path).unwrap_or_default();
    assert!(
        found == wanted,
        "{} is not what the code makes; if that is right, run `ZREL_BLESS=1 cargo test`\n{}",
        path.display(),
        similar::TextDiff::from_lines(found.as_str(), wanted).unified_diff()
    );
}

/// Writes a finding as the samples keep it: code, line:column, summary, then why and hints.
fn written(text: &str, finding: &Finding) -> String {
    let place = finding.label.as_ref().map_or("-".to_owned(), |label| {
        let before = &text[..label.span.start];
        let line = before.matches('\n').count() + 1;
        let column = before.rsplit('\n').next().unwrap().chars().count() + 1;
        assert!(
            label.span.start <= label.span.end
                && text.get(label.span.start..label.span.end).is_some()
        );
        format!("{line}:{column}")
    });
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let mut shown = format!("{severity} {} {place} {}\n", finding.code, finding.summary);
    if let Some(label) = finding.label.as_ref().filter(|label| !label.text.is_empty()) {
        writeln!(shown, "  ^ {}", label.text).unwrap();
    }
    if let Some(why) = &finding.why {
        writeln!(shown, "  why: {why}").unwrap();
    }
    for hint in &finding.hints {
        writeln!(shown, "  hint: {hint}").unwrap();
    }
    shown
}

fn all_written(text: &str, parsed: &Parsed) -> String {
    parsed.findings.iter().map(|finding| written(text, finding)).collect()
}

#[test]
fn valid_samples_have_no_error_and_the_warnings_beside_them() {
    for path in samples("valid") {
        let text = fs::read_to_string(&path).unwrap();
        let parsed = parse(&text);
        assert!(parsed.manifest.is_some(), "{}\n{}", path.display(), all_written(&text, &parsed));
        let expected = path.with_extension("expected");
        if parsed.findings.is_empty() {
            assert!(
                !expected.exists(),
                "{} expects findings, and there are none",
                expected.display()
            );
        } else {
            assert_fresh(&expected, &all_written(&text, &parsed));
        }
    }
}

#[test]
fn invalid_samples_fail_with_the_findings_beside_them() {
    for path in samples("invalid") {
        let text = fs::read_to_string(&path).unwrap();
        let parsed = parse(&text);
        assert!(parsed.manifest.is_none(), "{} is taken", path.display());
        assert!(
            parsed.findings.iter().any(|finding| finding.severity == Severity::Error),
            "{} has no error",
            path.display()
        );
        assert_fresh(&path.with_extension("expected"), &all_written(&text, &parsed));
    }
}

#[test]
fn each_code_of_a_manifest_is_shown_by_a_sample() {
    // Only `desired` gives these: they need git or another file, and are tested there.
    let elsewhere = [
        "ZR0143", "ZR0144", "ZR0145", "ZR0146", "ZR0155", "ZR0156", "ZR0159", "ZR0160", "ZR0161",
        "ZR0163", "ZR0167", "ZR0171", "ZR0172", "ZR0181",
    ];
    let mut seen = BTreeSet::new();
    for path in samples("invalid").iter().chain(&samples("valid")) {
        let text = fs::read_to_string(path).unwrap();
        seen.extend(parse(&text).findings.iter().map(|finding| finding.code));
    }
    let unseen: Vec<&str> = CODES.iter().map(|(code, _)| *code).collect();
    let unseen: Vec<&str> = unseen
        .into_iter()
        .filter(|code| !seen.contains(code) && !elsewhere.contains(code))
        .collect();
    assert!(unseen.is_empty(), "no sample shows {unseen:?}");
}

#[test]
fn the_schema_is_fresh() {
    assert_fresh(&root().join("schema/zenodo.schema.json"), &manifest::render_schema());
}

static SCHEMA: LazyLock<jsonschema::Validator> = LazyLock::new(|| {
    let schema: Value = serde_json::from_str(&manifest::render_schema()).unwrap();
    jsonschema::meta::validate(&schema).unwrap();
    jsonschema::draft7::new(&schema).unwrap()
});

/// Turns TOML into JSON as editors do: a date is a text.
fn json(text: &str) -> Value {
    fn convert(value: toml::Value) -> Value {
        match value {
            toml::Value::String(text) => text.into(),
            toml::Value::Integer(number) => number.into(),
            toml::Value::Float(number) => number.into(),
            toml::Value::Boolean(flag) => flag.into(),
            toml::Value::Datetime(date) => date.to_string().into(),
            toml::Value::Array(items) => items.into_iter().map(convert).collect(),
            toml::Value::Table(table) => {
                Value::Object(table.into_iter().map(|(key, value)| (key, convert(value))).collect())
            }
        }
    }
    convert(toml::Value::Table(text.parse().unwrap()))
}

#[track_caller]
fn assert_schema_takes(name: &str, text: &str) {
    let instance = json(text);
    let faults: Vec<String> = SCHEMA
        .iter_errors(&instance)
        .map(|fault| format!("{}: {fault}", fault.instance_path()))
        .collect();
    assert!(faults.is_empty(), "{name}: {faults:#?}");
}

#[test]
fn the_schema_takes_each_valid_sample() {
    for path in samples("valid") {
        assert_schema_takes(&path.display().to_string(), &fs::read_to_string(&path).unwrap());
    }
}

#[test]
fn schema_and_parser_refuse_what_is_wrong_in_its_shape() {
    // What an editor can know; the other samples need a rule, a calendar or a check digit.
    let structural = [
        "access-right-unknown",
        "archive-and-path",
        "concept-unreadable",
        "contributor-without-type",
        "creator-with-type",
        "creators-empty",
        "dates-without-start-or-end",
        "empty-text",
        "grants-without-id",
        "keywords-as-text",
        "location-half-a-point",
        "location-out-of-range",
        "metadata-communities",
        "metadata-missing",
        "path-leaves-folder",
        "prereserve-doi",
        "related-without-relation",
        "relation-unknown",
        "required-missing",
        "server-built-in-redefined",
        "server-prefix-and-name",
        "stray-field",
        "subjects-incomplete",
        "text-file-ending",
        "title-short",
        "unknown-keys",
        "unknown-words",
        "version-source-unknown",
        "wrong-types",
    ];
    for name in structural {
        let path = root().join(format!("tests/manifests/invalid/{name}.toml"));
        let text = fs::read_to_string(&path).unwrap_or_else(|_| panic!("{}", path.display()));
        assert!(!SCHEMA.is_valid(&json(&text)), "the schema takes {name}");
        assert!(parse(&text).manifest.is_none(), "the parser takes {name}");
    }
}

#[test]
fn the_example_is_valid_and_names_every_field() {
    let text = fs::read_to_string(root().join("zenodo.toml.example")).unwrap();
    let parsed = parse(&text);
    assert_eq!(all_written(&text, &parsed), "");
    assert_schema_takes("zenodo.toml.example", &text);
    let schema = schema_fields();
    for field in Field::ALL {
        let given = format!("\n{field} = ");
        let commented = format!("\n# {field} = ");
        let header = format!("\n[metadata.{field}]\n");
        let is_there = [given, commented, header].iter().any(|form| text.contains(form));
        assert!(is_there, "no example of `{field}`");
        assert!(schema.contains(field.name()), "the schema has no `{field}`");
    }
    // Two keys are other names of what a field says.
    assert_eq!(schema.len(), Field::ALL.len() + ["publisher", "identifiers"].len());
}

fn schema_fields() -> BTreeSet<String> {
    let schema: Value = serde_json::from_str(&manifest::render_schema()).unwrap();
    let fields = schema.pointer("/properties/metadata/properties").unwrap();
    fields.as_object().unwrap().keys().cloned().collect()
}

#[test]
fn what_is_commented_out_in_the_example_is_valid_too() {
    let text = fs::read_to_string(root().join("zenodo.toml.example")).unwrap();
    let turned = text
        .replace("# doi = ", "doi = ")
        .replace("# access_conditions = ", "access_conditions = ")
        .replace("upload_type = \"publication\"", "upload_type = \"image\"")
        .replace("publication_type = ", "# publication_type = ")
        .replace("# image_type = ", "image_type = ");
    let parsed = parse(&turned);
    assert!(parsed.manifest.is_some(), "{}", all_written(&turned, &parsed));
    assert_schema_takes("the example, turned", &turned);
}

/// Every TOML block of a Markdown text that is a manifest, with the line of its fence.
fn toml_blocks(markdown: &str) -> Vec<(usize, String)> {
    let mut blocks = Vec::new();
    let mut open: Option<(usize, String)> = None;
    for (at, line) in markdown.lines().enumerate() {
        match &mut open {
            None if line.trim_end() == "```toml" => open = Some((at + 1, String::new())),
            Some(_) if line.trim_end() == "```" => blocks.extend(open.take()),
            Some((_, block)) => {
                block.push_str(line);
                block.push('\n');
            }
            None => (),
        }
    }
    blocks
}

#[test]
fn manifests_in_the_documentation_are_valid() {
    for page in ["README.md", "docs/manifest.md"] {
        let text = fs::read_to_string(root().join(page)).unwrap_or_default();
        for (line, block) in toml_blocks(&text) {
            let name = format!("{page}:{line}");
            let parsed = parse(&block);
            assert!(parsed.manifest.is_some(), "{name}\n{}", all_written(&block, &parsed));
            assert_schema_takes(&name, &block);
        }
    }
}

#[test]
fn the_reference_names_every_field_word_and_code() {
    let page = fs::read_to_string(root().join("docs/manifest.md")).unwrap();
    for field in Field::ALL {
        assert!(page.contains(&format!("`{field}`")), "no `{field}`");
    }
    for (code, text) in CODES {
        assert!(page.contains(&format!("| `{code}` | {text} |")), "no {code}, or another text");
    }
    let lists = [
        zrel::vocab::list_upload_types(),
        zrel::vocab::list_publication_types(),
        zrel::vocab::list_image_types(),
        zrel::vocab::list_relations(),
        zrel::vocab::list_contributor_types(),
        zrel::vocab::list_date_types(),
        zrel::vocab::list_access_rights(),
    ];
    for word in lists.concat() {
        assert!(page.contains(&format!("`{word}`")), "no `{word}`");
    }
}

#[test]
fn deep_nesting_and_broken_toml_are_findings() {
    let deep = [
        format!("a = {}", "[".repeat(300_000)),
        format!("a = {}", "{a=".repeat(100_000)),
        format!("[a{}]\nx = 1", ".a".repeat(100_000)),
        "[[[[".to_owned(),
        "\u{0}".to_owned(),
        "a = '''".to_owned(),
    ];
    for text in deep {
        let parsed = parse(&text);
        assert!(parsed.manifest.is_none());
        assert!(parsed.findings.iter().all(|finding| finding.code == "ZR0101"));
        assert!((1..=20).contains(&parsed.findings.len()));
    }
}

#[test]
fn a_byte_order_mark_and_windows_line_ends_change_nothing() {
    let text = fs::read_to_string(root().join("zenodo.toml.example")).unwrap();
    let plain = parse(&text).manifest.unwrap();
    let windows = parse(&format!("\u{feff}{}", text.replace('\n', "\r\n"))).manifest.unwrap();
    assert_eq!(plain.metadata.values, windows.metadata.values);
}

/// Replaces, removes or doubles what stands at a random place of a manifest.
fn mutate(value: &mut toml::Value, path: &[proptest::sample::Index], new: Option<&toml::Value>) {
    let Some((step, rest)) = path.split_first() else { return };
    match value {
        toml::Value::Table(table) if !table.is_empty() => {
            let key = table.keys().nth(step.index(table.len())).unwrap().clone();
            let inner = &table[&key];
            let is_leaf = rest.is_empty() || !(inner.is_table() || inner.is_array());
            match new {
                Some(new) if is_leaf => drop(table.insert(key, new.clone())),
                None if is_leaf => drop(table.remove(&key)),
                _ => mutate(&mut table[&key], rest, new),
            }
        }
        toml::Value::Array(items) if !items.is_empty() => {
            let at = step.index(items.len());
            let is_leaf = rest.is_empty() || !(items[at].is_table() || items[at].is_array());
            match new {
                Some(new) if is_leaf => items[at] = new.clone(),
                None if is_leaf => drop(items.remove(at)),
                _ => mutate(&mut items[at], rest, new),
            }
        }
        toml::Value::Table(_)
        | toml::Value::Array(_)
        | toml::Value::String(_)
        | toml::Value::Integer(_)
        | toml::Value::Float(_)
        | toml::Value::Boolean(_)
        | toml::Value::Datetime(_) => (),
    }
}

fn any_value() -> impl proptest::strategy::Strategy<Value = toml::Value> {
    use proptest::prelude::{Just, Strategy as _, any, prop_oneof};
    prop_oneof![
        "[ a-z./*\\[{]{0,8}".prop_map(toml::Value::String),
        proptest::sample::select(vec![
            "today",
            "2026",
            "2030-01-01",
            "2030-01-01/2031",
            "dataset",
            "image",
            "open",
            "closed",
            "embargoed",
            "MIT",
            "10.1234/a",
            "10.5281/zenodo.1",
            "https://example.org",
            " x ",
            "collected",
            "Editor",
            "cites",
            "zenodo",
            "en",
            "a.md",
            "a.html ",
            "./",
            "x.zip",
            "..",
            "http://127.0.0.1:1/",
            "283595",
            "\u{301}\u{200b}",
        ])
        .prop_map(|text| toml::Value::String(text.to_owned())),
        any::<i64>().prop_map(toml::Value::Integer),
        (-200.0..200.0).prop_map(toml::Value::Float),
        any::<bool>().prop_map(toml::Value::Boolean),
        Just(toml::Value::Datetime("2030-01-01".parse().unwrap())),
        Just(toml::Value::Array(Vec::new())),
        Just(toml::Value::Table(toml::Table::new())),
    ]
}

proptest::proptest! {
    #![proptest_config(proptest::prelude::ProptestConfig { cases: 400, ..Default::default() })]

    #[test]
    fn the_schema_takes_whatever_the_parser_takes(
        changes in proptest::collection::vec(
            (
                proptest::collection::vec(proptest::prelude::any::<proptest::sample::Index>(), 1..5),
                proptest::option::of(any_value()),
            ),
            0..3,
        )
    ) {
        let example = fs::read_to_string(root().join("zenodo.toml.example")).unwrap();
        let mut document = toml::Value::Table(example.parse().unwrap());
        for (path, new) in &changes {
            mutate(&mut document, path, new.as_ref());
        }
        let text = toml::to_string(&document).unwrap();
        if parse(&text).manifest.is_some() {
            assert_schema_takes("a changed example", &text);
        }
    }

    #[test]
    fn no_text_makes_the_parser_panic(
        cuts in proptest::collection::vec((0_usize..6000, 0_usize..40, "[\\x00-\\x7f\u{e9}\u{feff}]{0,3}"), 1..4)
    ) {
        let mut text = fs::read_to_string(root().join("zenodo.toml.example")).unwrap();
        for (at, length, new) in cuts {
            let start = text.floor_char_boundary(at);
            let end = text.floor_char_boundary(start + length);
            text.replace_range(start..end, &new);
        }
        let parsed = parse(&text);
        // Each place lies in the text: `written` slices it.
        all_written(&text, &parsed);
        assert!(parsed.manifest.is_some() || !parsed.findings.is_empty());
    }
}
