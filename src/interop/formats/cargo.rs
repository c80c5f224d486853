//! Cargo.toml: what Cargo knows of a program.

use toml::Value as Toml;

use crate::model::{Field, Value};

use crate::interop::source_metadata::SourceMetadata;
use crate::interop::toml::{list_texts, parse_table};

/// Reads Cargo.toml; values that are inherited from a workspace are read if its root is the same
/// file.
///
/// # Errors
/// Why it is not TOML.
pub(in crate::interop) fn read_cargo(text: &str) -> Result<SourceMetadata, String> {
    let table = parse_table(text)?;
    let shared = table.get("workspace").and_then(|workspace| workspace.get("package"));
    let mut out = SourceMetadata::default();
    // A root without a package still has what its members share.
    let Some(package) = table.get("package").or(shared) else { return Ok(out) };
    let (root, own) = match table.get("package") {
        Some(_) => ("package", package),
        None => ("workspace.package", package),
    };
    let of = |name: &str| -> Option<(String, &Toml)> {
        let value = own.get(name)?;
        // `version.workspace = true` inherits the value.
        if value.get("workspace").is_some() {
            return Some((format!("workspace.package.{name}"), shared?.get(name)?));
        }
        Some((format!("{root}.{name}"), value))
    };
    let text = |name: &str| of(name).and_then(|(key, value)| Some((key, value.as_str()?)));
    out.set_software();
    for (field, name) in [(Field::Title, "name"), (Field::Version, "version")] {
        if let Some((key, value)) = text(name) {
            out.set_text(field, &key, Some(value));
        }
    }
    if let Some((key, value)) = text("description") {
        out.set_plain_text(Field::Description, &key, Some(value));
    }
    if let Some((key, value)) = text("license") {
        out.set_license(&key, Some(value));
    }
    if let Some((key, value)) = text("license-file") {
        out.add_loss(&key, &format!("`{value}`: the file was not read to find its licence"));
    }
    if let Some((key, value)) = of("authors") {
        out.set_package_authors(&key, &list_texts(value));
    }
    if let Some((key, value)) = of("keywords") {
        out.set(Field::Keywords, &key, Value::List(list_texts(value)));
    }
    if let Some((key, value)) = text("repository") {
        out.relate_repository(&key, Some(value));
    }
    for name in ["homepage", "documentation"] {
        if let Some((key, value)) = text(name) {
            out.relate(&key, "isDocumentedBy", Some(value));
        }
    }
    Ok(out)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_workspace_gives_its_members_what_they_inherit() {
        let text = "[workspace.package]\nversion = \"1.2.0\"\n[package]\nname = \"ice\"\nversion.workspace = true\n";
        let read = read_cargo(text).unwrap();
        let (value, key) = &read.values[&Field::Version];
        assert_eq!(
            (value.items(), key.as_str()),
            (vec!["1.2.0".to_owned()], "workspace.package.version")
        );
        assert_eq!(read.values[&Field::Title].1, "package.name");
        assert!(read_cargo("[workspace]\nmembers = []\n").unwrap().values.is_empty());
        assert!(read_cargo("a = 1\nb = [\n").unwrap_err().starts_with("line "));
    }
}
