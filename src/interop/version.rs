//! The version label of a file that the project's own tools read.

use std::collections::BTreeMap;

use crate::manifest::{Manifest, VersionFormat};
use crate::model::{Field, TextPlace, Value};

use super::formats::list_readers;

/// Returns the version in the file that a manifest names for it, or why there is none; `None` where
/// the manifest names none, or its text was not read.
pub fn read_version_file(
    manifest: &Manifest,
    texts: &BTreeMap<TextPlace, String>,
) -> Option<Result<String, String>> {
    let (format, _) = manifest.version_file()?;
    texts.get(&Field::Version.into()).map(|text| read_version(format, text))
}

/// Returns the version in a file.
///
/// # Errors
/// Why it can't be read, or that it has none.
fn read_version(format: VersionFormat, text: &str) -> Result<String, String> {
    let mut readers = list_readers();
    let reader = readers.find(|reader| reader.file == format.usual_file());
    let read = reader.ok_or_else(|| "no reader knows it".to_owned())?.read;
    match read(text)?.values.remove(&Field::Version) {
        Some((Value::Text(label), _)) => Ok(label),
        _ => Err("it names no version".to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_format_gives_its_version_or_says_why_not() {
        use VersionFormat::{Cargo, Citation, Description, PackageJson, Pyproject};
        for (format, text, wanted) in [
            (Cargo, "[package]\nname = \"a\"\nversion = \"1.2.0\"\n", Ok("1.2.0")),
            (Cargo, "[workspace.package]\nversion = \"2.0.0\"\n", Ok("2.0.0")),
            (Cargo, "[package]\nname = \"a\"\n", Err("it names no version")),
            (Pyproject, "[project]\nname = \"a\"\nversion = \"0.3\"\n", Ok("0.3")),
            (Pyproject, "[project]\ndynamic = [\"version\"]\n", Err("it names no version")),
            (PackageJson, "{\"name\": \"a\", \"version\": \"4.5.6\"}", Ok("4.5.6")),
            (Citation, "cff-version: 1.2.0\nversion: 1.0\n", Ok("1.0")),
            (Description, "Package: a\nVersion: 0.1.2\n", Ok("0.1.2")),
        ] {
            let read = read_version(format, text);
            assert_eq!(read.as_deref().map_err(String::as_str), wanted, "{text}");
        }
        for format in VersionFormat::ALL {
            assert!(read_version(*format, "\0{").is_err(), "{format:?}");
        }
    }
}
