//! pyproject.toml: what Python's package managers know of a program.

use toml::Value as Toml;

use crate::model::{Field, Value};

use crate::interop::source_metadata::SourceMetadata;
use crate::interop::toml::{list_names, list_texts, parse_table};

/// Reads pyproject.toml: `[project]`, and Poetry's table for what that leaves open.
///
/// # Errors
/// Why it is not TOML.
pub(in crate::interop) fn read_pyproject(text: &str) -> Result<SourceMetadata, String> {
    let table = parse_table(text)?;
    let mut out = SourceMetadata::default();
    let poetry = table.get("tool").and_then(|tool| tool.get("poetry"));
    // The standard table comes first, so that its values win.
    for (root, own) in [("project", table.get("project")), ("tool.poetry", poetry)] {
        let Some(own) = own else { continue };
        out.set_software();
        let key = |name: &str| format!("{root}.{name}");
        let text = |name: &str| own.get(name).and_then(Toml::as_str);
        out.set_text(Field::Title, &key("name"), text("name"));
        out.set_text(Field::Version, &key("version"), text("version"));
        out.set_plain_text(Field::Description, &key("description"), text("description"));
        if let Some(words) = own.get("keywords") {
            out.set(Field::Keywords, &key("keywords"), Value::List(list_texts(words)));
        }
        if let Some(people) = own.get("authors") {
            out.set_package_authors(&key("authors"), &list_names(people));
        }
        read_license(&mut out, root, own);
        for name in ["repository", "homepage", "documentation"] {
            read_link(&mut out, &key(name), name, text(name));
        }
        let urls = own.get("urls").and_then(Toml::as_table);
        for (name, value) in urls.into_iter().flatten() {
            read_link(&mut out, &format!("{root}.urls.{name}"), name, value.as_str());
        }
    }
    Ok(out)
}

/// Reads the licence: an SPDX expression, a text in a table, or a classifier.
fn read_license(out: &mut SourceMetadata, root: &str, own: &Toml) {
    let license = own.get("license");
    let key = format!("{root}.license");
    if let Some(file) = license.and_then(|it| it.get("file")).and_then(Toml::as_str) {
        out.add_loss(&key, &format!("`{file}`: the file was not read to find its licence"));
    }
    let text = license.and_then(|it| it.as_str().or_else(|| it.get("text")?.as_str()));
    // The text may be the whole licence, whose first line is its title.
    let text = text.map(|text| text.lines().next().unwrap_or_default());
    out.set_license(&key, text);
    let classifiers = own.get("classifiers").map(list_texts).unwrap_or_default();
    let classifiers = classifiers.iter().filter(|text| text.starts_with("License ::"));
    for classifier in classifiers {
        out.set_license(&format!("{root}.classifiers"), Some(classifier));
    }
}

/// Adds a link by its label: labels are free, and these are the ones that `PyPI` knows.
fn read_link(out: &mut SourceMetadata, key: &str, label: &str, address: Option<&str>) {
    let label: String = label.chars().filter(char::is_ascii_alphanumeric).collect();
    match label.to_lowercase().as_str() {
        "repository" | "source" | "sourcecode" | "github" | "code" => {
            out.relate_repository(key, address);
        }
        "homepage" | "documentation" | "docs" => out.relate(key, "isDocumentedBy", address),
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn poetry_fills_what_the_standard_table_leaves_open() {
        let text = "[project]\nname = \"ice\"\ndynamic = [\"version\"]\nclassifiers = [\"License :: OSI Approved :: MIT License\"]\n[tool.poetry]\nname = \"other\"\nversion = \"2.0\"\nauthors = [\"Ada Okafor <a@example.org>\"]\n";
        let read = read_pyproject(text).unwrap();
        let key = |field| read.values[&field].1.clone();
        assert_eq!(key(Field::Title), "project.name");
        assert_eq!(key(Field::Version), "tool.poetry.version");
        assert_eq!(key(Field::Creators), "tool.poetry.authors");
        assert_eq!(read.values[&Field::License].0.items(), ["mit"]);
    }
}
