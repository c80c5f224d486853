//! The profiles of communities: JSON schemas of what their curators ask of the metadata.
//!
//! A profile is a stranger's text and the manifest may be one too, so both are measured before
//! anything is compiled: see `bounds`. Deliberately absent: reading files, which `inventory` does,
//! and the network: nothing that a profile refers to is fetched.

mod bounds;
mod schema;
mod words;

use std::collections::BTreeMap;

use jsonschema::ValidationError;
use jsonschema::error::ValidationErrorKind;
use serde_json::{Value as Json, json};

use crate::desired::{Desired, DesiredVersion};
use crate::manifest::{CommunityEntry, Manifest, codes};
use crate::metadata_json::metadata_to_json;
use crate::model::{Community, Field, Finding, Span};

use bounds::{measure_instance, measure_schema};
use schema::compile_schema;
use words::{describe_fault, name_place};

/// How many faults against one profile are reported.
const MOST_FAULTS: usize = 100;

/// Evaluates the profiles that the communities of a manifest name, and returns all faults, sorted by
/// their place. `texts` are the profiles as they were read, `today` is the day in UTC.
pub fn check_profiles(
    manifest: &Manifest,
    desired: &Desired,
    texts: &BTreeMap<Community, String>,
    today: &str,
) -> Vec<Finding> {
    let metadata = describe_record(desired, today);
    let record = Record {
        spans: &manifest.metadata.spans,
        metadata: &metadata,
        is_label_open: desired.version == DesiredVersion::KnownAtTag,
    };
    let mut found = Vec::new();
    for community in &manifest.communities {
        if let Some(text) = texts.get(&community.id.value) {
            found.extend(record.check_profile(community, text));
        }
    }
    // Stable, so that faults of one place stay in the order of the communities.
    found.sort_by_key(|finding| finding.label.as_ref().map(|label| label.span));
    found
}

/// Returns the metadata under the manifest's names, with the day that an apply would set.
fn describe_record(desired: &Desired, today: &str) -> Json {
    let mut metadata = metadata_to_json(&desired.metadata);
    let date = Field::PublicationDate.name();
    if metadata.get(date).is_none() {
        metadata[date] = json!(today);
    }
    metadata
}

/// What profiles are evaluated over.
struct Record<'a> {
    spans: &'a BTreeMap<Field, Span>,
    metadata: &'a Json,
    /// Whether the version label is known only at a tag.
    is_label_open: bool,
}

/// A fault, in the order in which faults of one place are shown.
#[derive(PartialEq, Eq, PartialOrd, Ord)]
struct Fault {
    place: String,
    rule: String,
    words: String,
}

impl Record<'_> {
    fn check_profile(&self, community: &CommunityEntry, text: &str) -> Vec<Finding> {
        let Some(profile) = &community.profile else { return Vec::new() };
        let (id, path, span) = (&community.id.value, &profile.file.value, profile.file.span);
        match self.find_faults(text) {
            Ok(faults) => faults
                .into_iter()
                .map(|fault| {
                    let Fault { place, rule, words } = fault;
                    let field = place.split('/').nth(1).and_then(Field::from_name);
                    let given = field.and_then(|field| self.spans.get(&field));
                    let at = name_place(&place);
                    let summary =
                        format!("the profile of community `{id}` is not met{at}: {words}");
                    Finding::error(codes::PROFILE_FAULT, summary)
                        .at(given.copied().unwrap_or(span), format!("asked for by `{id}`"))
                        .because(format!("`{path}` asks for it at `#{rule}`"))
                })
                .collect(),
            Err(why) => {
                let summary = format!("the profile of community `{id}` can't be followed: {why}");
                let finding = Finding::error(codes::PROFILE, summary);
                vec![finding.at(span, "not followed").hint("ask its curators, or leave it out")]
            }
        }
    }

    /// Evaluates a profile.
    ///
    /// # Errors
    /// Why it can't be evaluated.
    fn find_faults(&self, text: &str) -> Result<Vec<Fault>, String> {
        let schema: Json =
            serde_json::from_str(text).map_err(|error| format!("it is not JSON: {error}"))?;
        measure_schema(&schema)?.check_work(&measure_instance(self.metadata))?;
        let validator = compile_schema(&schema)?;
        let errors = validator.iter_errors(self.metadata);
        let errors = errors.filter(|error| !self.is_decided_later(error)).take(MOST_FAULTS);
        let mut faults: Vec<Fault> = errors
            .map(|error| Fault {
                place: error.instance_path().to_string(),
                rule: error.schema_path().to_string(),
                words: describe_fault(&error),
            })
            .collect();
        faults.sort();
        faults.dedup();
        Ok(faults)
    }

    /// Returns whether a label is missed that only a tag will give.
    fn is_decided_later(&self, error: &ValidationError<'_>) -> bool {
        let ValidationErrorKind::Required { property } = error.kind() else { return false };
        self.is_label_open
            && error.instance_path().is_empty()
            && property.as_str() == Some(Field::Version.name())
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;
    use crate::desired::{Inputs, build_desired};
    use crate::manifest::parse;

    const BASE: &str = "[metadata]\ntitle = \"A title\"\nupload_type = \"dataset\"\n\
        description = \"<p>Notes.</p>\"\ncreators = [{ name = \"Weiss, Tobias\" }]\n\
        license = \"MIT\"\n";

    const REST: &str = "\n[[files]]\npath = \"a.csv\"\n[[communities]]\nid = \"polar\"\n\
        profile = \"polar.json\"\n";

    /// Evaluates a profile over a manifest with more metadata.
    fn check(metadata: &str, profile: &str) -> (String, Vec<Finding>) {
        let text = format!("{BASE}{metadata}{REST}");
        let parsed = parse(&text, jiff::civil::date(2026, 11, 23));
        let manifest = parsed.manifest.unwrap_or_else(|| panic!("{:#?}", parsed.findings));
        let git = Some(crate::model::GitFacts { commit: None, tags: Vec::new(), dirty: false });
        let inputs = Inputs { git, ..Inputs::default() };
        let desired = build_desired(&manifest, manifest.server().unwrap(), inputs).unwrap();
        let texts = BTreeMap::from([(Community("polar".to_owned()), profile.to_owned())]);
        (text, check_profiles(&manifest, &desired, &texts, "2026-11-23"))
    }

    /// Returns code, marked text and summary of each finding.
    fn list(metadata: &str, profile: &str) -> Vec<(&'static str, String, String)> {
        let (text, found) = check(metadata, profile);
        let mark = |finding: Finding| {
            let span = finding.label.unwrap().span;
            (finding.code, text[span.start..span.end].to_owned(), finding.summary)
        };
        found.into_iter().map(mark).collect()
    }

    fn refusal(profile: &str) -> String {
        let found = list("", profile);
        let [(code, marked, summary)] = found.as_slice() else { panic!("{found:?}") };
        assert_eq!((*code, marked.as_str()), ("ZR0172", "\"polar.json\""));
        summary.split_once("followed: ").unwrap().1.to_owned()
    }

    #[test]
    fn faults_are_at_the_field_or_at_the_profile_in_their_order() {
        let profile = r#"{
            "required": ["grants"],
            "anyOf": [{"required": ["subjects"]}, {"required": ["references"]}],
            "properties": {
                "license": {"enum": ["cc-by-4.0"]},
                "keywords": {"items": {"minLength": 5}, "maxItems": 2},
                "creators": {"items": {"required": ["orcid"]}}
            }
        }"#;
        let found = list("keywords = [\"seaice\", \"ice\", \"tea\"]", profile);
        let found: Vec<(&str, &str, &str)> = found
            .iter()
            .map(|(code, marked, summary)| {
                (
                    *code,
                    marked.as_str(),
                    summary.strip_prefix("the profile of community `polar` is not met").unwrap(),
                )
            })
            .collect();
        let creators = "[{ name = \"Weiss, Tobias\" }]";
        let keywords = "[\"seaice\", \"ice\", \"tea\"]";
        let expected = [
            ("ZR0171", creators, " at `creators[0]`: \"orcid\" is a required property"),
            ("ZR0171", "\"MIT\"", " at `license`: \"mit\" is not one of \"cc-by-4.0\""),
            (
                "ZR0171",
                keywords,
                " at `keywords`: [\"seaice\",\"ice\",\"tea\"] has more than 2 items",
            ),
            ("ZR0171", keywords, " at `keywords[1]`: \"ice\" is shorter than 5 characters"),
            ("ZR0171", keywords, " at `keywords[2]`: \"tea\" is shorter than 5 characters"),
            (
                "ZR0171",
                "\"polar.json\"",
                ": \"subjects\" is a required property, or \"references\" is a required property",
            ),
            ("ZR0171", "\"polar.json\"", ": \"grants\" is a required property"),
        ];
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_decided_later_is_not_missed() {
        let profile = r#"{"required": ["version", "publication_date", "access_right"]}"#;
        let missed = |metadata: &str| list(metadata, profile).len();
        assert_eq!(missed("version = \"1.0\""), 0);
        assert_eq!(missed("version = { from = \"git-tag\" }\npublication_date = \"today\""), 0);
        assert_eq!(missed(""), 1);
    }

    #[test]
    fn what_is_not_followed_is_said() {
        for (profile, why) in [
            ("{", "it is not JSON: EOF while parsing"),
            ("true", "it is not a JSON schema"),
            (r#"{"type": "nothing"}"#, "it is not a valid JSON schema, at `#/type`"),
            (
                r#"{"properties": {"title": {"pattern": "(?=a)b"}}}"#,
                "it is not a valid JSON schema",
            ),
            (
                r#"{"properties": {"title": {"pattern": "(a)\\1"}}}"#,
                "it is not a valid JSON schema",
            ),
            (r#"{"properties": {"title": {"pattern": "((a{99}){99}){99}"}}}"#, "it is not a valid"),
            (r#"{"$schema": "https://example.org/own"}"#, "its `$schema` is not draft 6"),
            (
                r#"{"properties": {"title": {"$ref": "https://example.org/a.json"}}}"#,
                "it refers to `https://example.org/a.json`: remote references are not followed",
            ),
            (r#"{"$ref": "file:///etc/passwd"}"#, "it refers to `file:///etc/passwd`: remote"),
            (r#"{"$ref": "other.json#/a"}"#, "it refers to `other.json#/a`: remote"),
            (r##"{"$ref": "#/$defs/a"}"##, "it refers to `#/$defs/a`, which is no place in it"),
            (r##"{"allOf": [{"$ref": "#"}]}"##, "`#` refers to itself"),
            (
                r##"{"$ref": "#/$defs/a", "$defs": {"a": {"not": {"$ref": "#/$defs/a"}}}}"##,
                "`#/$defs/a` refers to itself",
            ),
            (r##"{"$dynamicRef": "#a"}"##, "zrel does not follow `$dynamicRef`"),
            (r#"{"not": {"$id": "https://example.org/a"}}"#, "it has an `$id` below the top"),
        ] {
            let said = refusal(profile);
            assert!(said.starts_with(why), "{profile}: {said}");
        }
    }

    /// Runs a check that must end soon.
    fn expect_soon(name: &str, metadata: &str, profile: &str) -> Vec<&'static str> {
        let start = Instant::now();
        let found = check(metadata, profile).1;
        // A test is built without optimization, and its machine may be busy.
        assert!(start.elapsed() < Duration::from_secs(30), "{name}: {:?}", start.elapsed());
        found.into_iter().map(|finding| finding.code).collect()
    }

    #[test]
    fn a_hostile_profile_neither_hangs_nor_crashes() {
        let doubling = (0..60)
            .map(|n| {
                let to = n + 1;
                format!(
                    r##""a{n}": {{"anyOf": [{{"$ref": "#/$defs/a{to}"}}, {{"$ref": "#/$defs/a{to}"}}]}},"##
                )
            })
            .collect::<Vec<_>>().concat();
        let doubling =
            format!(r##"{{"$defs": {{{doubling} "a60": {{}}}}, "$ref": "#/$defs/a0"}}"##);
        let branch = |n: usize| format!(r##"{{"$ref": "#/$defs/a{n}"}}"##);
        let bushy = (0..12)
            .map(|n| format!(r#""a{n}": {{"anyOf": [{}]}},"#, vec![branch(n + 1); 6].join(",")))
            .collect::<Vec<_>>()
            .concat();
        let bushy = format!(r##"{{"$defs": {{{bushy} "a12": {{}}}}, "$ref": "#/$defs/a0"}}"##);
        let deep = format!("{}{}{}", r#"{"not":"#.repeat(120), "{}", "}".repeat(120));
        let brackets = "[".repeat(500_000);
        let chain = (0..1_000)
            .map(|n| format!(r##""a{n}": {{"$ref": "#/$defs/a{}"}},"##, n + 1))
            .collect::<Vec<_>>()
            .concat();
        let chain = format!(r##"{{"$defs": {{{chain} "a1000": {{}}}}, "$ref": "#/$defs/a0"}}"##);
        let patterns = (0..2_000)
            .map(|n| format!(r#""a{n}|(\\w{{9}}){{9}}": {{}},"#))
            .collect::<Vec<_>>()
            .concat();
        let patterns = format!(r#"{{"patternProperties": {{{patterns} "b": {{}}}}}}"#);
        let pattern =
            |text: String| format!(r#"{{"properties": {{"title": {{"pattern": "{text}"}}}}}}"#);
        let parentheses = pattern(format!("{}a{}", "(".repeat(300_000), ")".repeat(300_000)));
        let classes = pattern(format!("{}a{}", "[".repeat(300_000), "]".repeat(300_000)));
        let words = pattern("ab|".repeat(300_000));
        let branches = format!(
            r#"{{"properties": {{"notes": {{"anyOf": [{}{{"minLength": 9999999}}]}}}}}}"#,
            r#"{"const": "x"},"#.repeat(10_000)
        );
        let notes = format!("notes = \"{}\"", "ab".repeat(200_000));
        for (name, profile, metadata) in [
            ("doubling", &doubling, ""),
            ("bushy", &bushy, ""),
            ("deep", &deep, ""),
            ("brackets", &brackets, ""),
            ("chain", &chain, ""),
            ("patterns", &patterns, ""),
            ("parentheses", &parentheses, ""),
            ("classes", &classes, ""),
            ("words", &words, ""),
            ("branches", &branches, notes.as_str()),
        ] {
            assert_eq!(expect_soon(name, metadata, profile), ["ZR0172"], "{name}");
        }
    }

    #[test]
    fn what_is_allowed_ends_soon() {
        // A pattern that makes an engine with backtracking take forever.
        let backtracking = r#"{"properties": {"notes": {"pattern": "^(a|a|ab)*(a+b+)+$"}}}"#;
        let states = r#"{"properties": {"notes": {"pattern": "[ab]*a[ab]{400}c"}}}"#;
        let most = format!(
            r#"{{"properties": {{"keywords": {{"items": {{"enum": [{}"x"]}}}}}}}}"#,
            (0..9_000).map(|n| format!("\"e{n}\",")).collect::<Vec<_>>().concat()
        );
        let levels = format!("{}{}{}", r#"{"not":"#.repeat(40), "{}", "}".repeat(40));
        let all = format!(
            "{}{}{}",
            r#"{"allOf":["#.repeat(23),
            r#"{"minProperties":99}"#,
            "]}".repeat(23)
        );
        let patterns = (0..990)
            .map(|n| format!(r#""[ab]{{400}}c{{{}}}": {{}},"#, n % 400))
            .collect::<Vec<_>>()
            .concat();
        let patterns = format!(r#"{{"patternProperties": {{{patterns} "b": {{}}}}}}"#);
        let notes = format!("notes = \"{}x\"", "aab".repeat(300_000));
        let keywords = (0..20_000).map(|n| format!("\"k{n}\",")).collect::<Vec<_>>().concat();
        let keywords = format!("keywords = [{keywords}]");
        for (name, profile, metadata, expected) in [
            ("backtracking", backtracking, notes.as_str(), 1),
            ("states", states, notes.as_str(), 1),
            ("most", most.as_str(), keywords.as_str(), MOST_FAULTS),
            ("levels", levels.as_str(), "", 0),
            ("all", all.as_str(), "", 1),
            ("patterns", patterns.as_str(), "", 0),
        ] {
            let codes = expect_soon(name, metadata, profile);
            assert_eq!(codes, vec!["ZR0171"; expected], "{name}");
        }
    }
}
