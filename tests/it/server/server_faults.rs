//! A refusal of the metadata by the server points at the manifest's lines.

use serde_json::Value;

use crate::apply::safety::{Fate, Folder, Proxy, Server, said};

/// Applies against a server that answers the metadata with this, and returns all output.
fn refused(body: &'static str, args: &[&str]) -> (i32, String) {
    let server = Server::start();
    let proxy = Proxy::before(&server, move |request| {
        if request.starts_with("PUT /api/deposit") || request.starts_with("POST /api/deposit") {
            Fate::Refuse("400 BAD REQUEST", body)
        } else {
            Fate::Pass
        }
    });
    let folder = Folder::new(proxy.port, "1", "");
    let output = folder.zrel(&[&["apply", "--auto-approve", "--initial"], args].concat());
    let code = output.status.code().unwrap_or(-1);
    if args.is_empty() {
        (code, said(&output))
    } else {
        (code, String::from_utf8(output.stdout).unwrap())
    }
}

const BY_FIELD: &str = r#"{"status":400,"message":"A validation error occurred.","errors":[
    {"field":"metadata.creators.0.person_or_org.name","messages":["Not today."]},
    {"field":"metadata.resource_type","messages":["Nor this.", "Never."]},
    {"field":"files.enabled","messages":["Nothing of the manifest."]}]}"#;

#[test]
fn errors_of_fields_point_at_their_lines_all_at_once() {
    let (code, said) = refused(BY_FIELD, &[]);
    assert_eq!(code, 1, "{said}");
    for line in ["zenodo.toml:10:", "zenodo.toml:7:"] {
        assert!(said.contains(line), "no {line} in {said}");
    }
    for words in ["ZR0501", "Not today.", "Nor this. Never.", "Nothing of the manifest."] {
        assert!(said.contains(words), "no «{words}» in {said}");
    }
    let (_, document) = refused(BY_FIELD, &["--format", "json"]);
    let document: Value = serde_json::from_str(&document).unwrap();
    let paths = document["error"]["findings"].as_array().unwrap();
    assert_eq!(paths[0]["place"]["start"]["line"], 10, "{document:#}");
    assert_eq!(crate::command::plan_schema::faults(&document), Vec::<String>::new());
}

#[test]
fn a_word_that_is_refused_points_at_the_line_that_has_it() {
    let (_, said) = refused(r#"{"status":400,"message":"Invalid value cc-by-4.0."}"#, &[]);
    assert!(said.contains("ZR0501") && said.contains("zenodo.toml:11:"), "{said}");
    let (_, said) = refused(r#"{"status":400,"message":"Invalid value paper."}"#, &[]);
    assert!(!said.contains("ZR0501") && said.contains("Invalid value paper."), "{said}");
}
