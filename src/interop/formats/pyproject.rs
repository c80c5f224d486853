//! Cargo.toml, pyproject.toml and package.json: what package managers know of a program.

use serde_json::{Map, Value as Json};
use toml::{Table, Value as Toml};

use crate::model::{Field, Person, Value};

use crate::interop::json::{each, object, text_of};
use crate::interop::source_metadata::{Gleaned, named};

/// Reads Cargo.toml; what a workspace's root gives its members is read where it is the same file.
///
/// # Errors
/// Why it is no TOML.
pub(in crate::interop) fn cargo(text: &str) -> Result<Gleaned, String> {
    let table = table(text)?;
    let shared = table.get("workspace").and_then(|workspace| workspace.get("package"));
    let mut out = Gleaned::default();
    let Some(package) = table.get("package").or(shared) else { return Ok(out) };
    let (root, own) = match table.get("package") {
        Some(_) => ("package", package),
        None => ("workspace.package", package),
    };
    let of = |name: &str| -> Option<(String, &Toml)> {
        let value = own.get(name)?;
        if value.get("workspace").is_some() {
            return Some((format!("workspace.package.{name}"), shared?.get(name)?));
        }
        Some((format!("{root}.{name}"), value))
    };
    let text = |name: &str| of(name).and_then(|(key, value)| Some((key, value.as_str()?)));
    software(&mut out);
    for (field, name) in [(Field::Title, "name"), (Field::Version, "version")] {
        if let Some((key, value)) = text(name) {
            out.text(field, &key, Some(value));
        }
    }
    if let Some((key, value)) = text("description") {
        out.plain(Field::Description, &key, Some(value));
    }
    if let Some((key, value)) = text("license") {
        out.license(&key, Some(value));
    }
    if let Some((key, value)) = text("license-file") {
        out.lost(&key, &format!("`{value}`: which licence it is was not looked at"));
    }
    if let Some((key, value)) = of("authors") {
        authors(&mut out, &key, &texts(value));
    }
    if let Some((key, value)) = of("keywords") {
        out.set(Field::Keywords, &key, Value::List(texts(value)));
    }
    if let Some((key, value)) = text("repository") {
        out.repository(&key, Some(value));
    }
    for name in ["homepage", "documentation"] {
        if let Some((key, value)) = text(name) {
            out.relate(&key, "isDocumentedBy", Some(value));
        }
    }
    Ok(out)
}

/// Reads pyproject.toml: `[project]`, and Poetry's table for what that leaves open.
///
/// # Errors
/// Why it is no TOML.
pub(in crate::interop) fn pyproject(text: &str) -> Result<Gleaned, String> {
    let table = table(text)?;
    let mut out = Gleaned::default();
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry"));
    for (root, own) in [("project", table.get("project")), ("tool.poetry", poetry)] {
        let Some(own) = own else { continue };
        software(&mut out);
        let key = |name: &str| format!("{root}.{name}");
        let text = |name: &str| own.get(name).and_then(Toml::as_str);
        out.text(Field::Title, &key("name"), text("name"));
        out.text(Field::Version, &key("version"), text("version"));
        out.plain(Field::Description, &key("description"), text("description"));
        if let Some(words) = own.get("keywords") {
            out.set(Field::Keywords, &key("keywords"), Value::List(texts(words)));
        }
        if let Some(people) = own.get("authors") {
            authors(&mut out, &key("authors"), &names(people));
        }
        python_license(&mut out, root, own);
        for name in ["repository", "homepage", "documentation"] {
            python_link(&mut out, &key(name), name, text(name));
        }
        let urls = own.get("urls").and_then(Toml::as_table);
        for (name, value) in urls.into_iter().flatten() {
            python_link(&mut out, &format!("{root}.urls.{name}"), name, value.as_str());
        }
    }
    Ok(out)
}

/// The licence is SPDX's expression, or a text in a table; a classifier may name it too.
fn python_license(out: &mut Gleaned, root: &str, own: &Toml) {
    let license = own.get("license");
    let key = format!("{root}.license");
    if let Some(file) = license.and_then(|it| it.get("file")).and_then(Toml::as_str) {
        out.lost(&key, &format!("`{file}`: which licence it is was not looked at"));
    }
    let text = license.and_then(|it| it.as_str().or_else(|| it.get("text")?.as_str()));
    let text = text.map(|text| text.lines().next().unwrap_or_default());
    out.license(&key, text);
    let classifiers = own.get("classifiers").map(texts).unwrap_or_default();
    let classifiers = classifiers.iter().filter(|text| text.starts_with("License ::"));
    for classifier in classifiers {
        if !out.values.contains_key(&Field::License) {
            out.license(&format!("{root}.classifiers"), Some(classifier));
        }
    }
}

/// Labels of links are free; these are the ones that `PyPI` knows.
fn python_link(out: &mut Gleaned, key: &str, label: &str, address: Option<&str>) {
    let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    match label.to_lowercase().as_str() {
        "repository" | "source" | "sourcecode" | "github" | "code" => out.repository(key, address),
        "homepage" | "documentation" | "docs" => out.relate(key, "isDocumentedBy", address),
        _ => {}
    }
}

/// Reads package.json.
///
/// # Errors
/// Why it is no JSON object.
pub(in crate::interop) fn npm(text: &str) -> Result<Gleaned, String> {
    let json = object(text)?;
    let mut out = Gleaned::default();
    let text = |key: &str| json.get(key).and_then(Json::as_str);
    software(&mut out);
    out.text(Field::Title, "name", text("name"));
    out.text(Field::Version, "version", text("version"));
    out.plain(Field::Description, "description", text("description"));
    out.list(Field::Keywords, "keywords", json.get("keywords"));
    let license = json.get("license").and_then(|value| text_of(value, &["type"]));
    out.license("license", license);
    let author = npm_people(&json, "author");
    let mut helpers = npm_people(&json, "contributors");
    if author.is_empty() {
        people(&mut out, "contributors", helpers);
    } else {
        people(&mut out, "author", author);
        for helper in &mut helpers {
            helper.role = Some("Other".to_owned());
        }
        out.people(Field::Contributors, "contributors", helpers);
    }
    let repository = json.get("repository").and_then(|value| text_of(value, &["url"]));
    out.repository("repository", repository.map(full_address).as_deref());
    out.relate("homepage", "isDocumentedBy", text("homepage"));
    Ok(out)
}

/// Writes out npm's short forms: `owner/name` and `github:owner/name`.
fn full_address(text: &str) -> String {
    for (lead, host) in
        [("github:", "github.com"), ("gitlab:", "gitlab.com"), ("bitbucket:", "bitbucket.org")]
    {
        if let Some(path) = text.strip_prefix(lead) {
            return format!("https://{host}/{path}");
        }
    }
    let is_short = text.split('/').count() == 2 && !text.contains([':', '@', ' ']);
    if is_short { format!("https://github.com/{text}") } else { text.to_owned() }
}

fn npm_people(json: &Map<String, Json>, key: &str) -> Vec<Person> {
    let people = each(json.get(key)).into_iter();
    people.filter_map(|person| named(text_of(person, &["name"])?)).collect()
}

/// What a package manager manages is software.
fn software(out: &mut Gleaned) {
    out.text(Field::UploadType, "", Some("software"));
}

fn authors(out: &mut Gleaned, key: &str, names: &[String]) {
    people(out, key, names.iter().filter_map(|name| named(name)).collect());
}

fn people(out: &mut Gleaned, key: &str, people: Vec<Person>) {
    out.has_natural_names = true;
    out.people(Field::Creators, key, people);
}

/// Reads a text of TOML; its reader bounds the depth.
fn table(text: &str) -> Result<Table, String> {
    text.parse::<Table>().map_err(|error| {
        let line = error.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: ", before.matches('\n').count() + 1)
        });
        format!("{}{}", line.unwrap_or_default(), error.message().trim())
    })
}

fn texts(value: &Toml) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Toml::as_str).map(str::to_owned).collect()
}

/// Returns names that are texts, or under `name` in a table.
fn names(value: &Toml) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let names =
        items.iter().filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()));
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_gives_its_members_what_they_inherit() {
        let text = "[workspace.package]\nversion = \"1.2.0\"\n[package]\nname = \"ice\"\nversion.workspace = true\n";
        let read = cargo(text).unwrap();
        let (value, key) = &read.values[&Field::Version];
        assert_eq!(
            (value.items(), key.as_str()),
            (vec!["1.2.0".to_owned()], "workspace.package.version")
        );
        assert_eq!(read.values[&Field::Title].1, "package.name");
        assert!(cargo("[workspace]\nmembers = []\n").unwrap().values.is_empty());
        assert!(cargo("a = 1\nb = [\n").unwrap_err().starts_with("line "));
    }

    #[test]
    fn poetry_fills_what_the_standard_table_leaves_open() {
        let text = "[project]\nname = \"ice\"\ndynamic = [\"version\"]\nclassifiers = [\"License :: OSI Approved :: MIT License\"]\n[tool.poetry]\nname = \"other\"\nversion = \"2.0\"\nauthors = [\"Ada Okafor <a@example.org>\"]\n";
        let read = pyproject(text).unwrap();
        let key = |field| read.values[&field].1.clone();
        assert_eq!(key(Field::Title), "project.name");
        assert_eq!(key(Field::Version), "tool.poetry.version");
        assert_eq!(key(Field::Creators), "tool.poetry.authors");
        assert_eq!(read.values[&Field::License].0.items(), ["mit"]);
    }

    #[test]
    fn npm_s_short_forms_are_written_out() {
        for (text, expected) in [
            ("polar/ice", "https://github.com/polar/ice"),
            ("gitlab:polar/ice", "https://gitlab.com/polar/ice"),
            ("git+ssh://git@github.com/polar/ice.git", "git+ssh://git@github.com/polar/ice.git"),
        ] {
            assert_eq!(full_address(text), expected);
        }
    }

    #[test]
    fn deep_tables_end_in_an_error() {
        let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(cargo(&deep).is_err());
    }
}
