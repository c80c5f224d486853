//! The table of formats: the name of each, and the functions that read and write it.

pub(in crate::interop) mod apa;
pub(in crate::interop) mod bibtex;
pub(in crate::interop) mod cargo;
pub(in crate::interop) mod cff;
pub(in crate::interop) mod codemeta;
pub(in crate::interop) mod datapackage;
pub(in crate::interop) mod git;
pub(in crate::interop) mod npm;
pub(in crate::interop) mod pyproject;
pub(in crate::interop) mod r_description;
pub(in crate::interop) mod ro_crate;
pub(in crate::interop) mod zenodo_json;

use crate::observed::UnsupportedValue;

use super::source_metadata::SourceMetadata;
use super::work::Work;

/// All formats, in the order in which `init` prefers them and `export` lists them: of two files
/// that disagree, the first wins.
const FORMATS: &[Format] = &[
    Format::read(zenodo_json::FILE, zenodo_json::read_zenodo_json).and_written(
        "zenodo-json",
        "`.zenodo.json`, for Zenodo's GitHub integration",
        zenodo_json::write_zenodo_json,
    ),
    Format::read("CITATION.cff", cff::read_cff).and_written(
        "cff",
        "CITATION.cff 1.2.0",
        cff::write_cff,
    ),
    Format::read("codemeta.json", codemeta::read_codemeta).and_written(
        "codemeta",
        "codemeta.json 2.0",
        codemeta::write_codemeta,
    ),
    Format::read(ro_crate::FILE, ro_crate::read_ro_crate),
    Format::read(datapackage::FILE, datapackage::read_datapackage),
    Format::read("Cargo.toml", cargo::read_cargo),
    Format::read("pyproject.toml", pyproject::read_pyproject),
    Format::read("package.json", npm::read_npm),
    Format::read("DESCRIPTION", r_description::read_r_description),
    Format::written("bibtex", "An entry of BibTeX", bibtex::write_bibtex),
    Format::written("apa", "A reference in APA's style", apa::write_apa),
];

/// A row of the table.
struct Format {
    reader: Option<Reader>,
    writer: Option<Writer>,
}

/// What `init` reads.
pub(in crate::interop) struct Reader {
    /// The name of the file.
    pub(in crate::interop) file: &'static str,
    /// Reads the text of the file, or returns why it can't.
    pub(in crate::interop) read: ReadFn,
}

/// What `export` writes.
#[derive(Debug)]
pub struct Writer {
    /// Its name on the command line.
    pub name: &'static str,
    /// What it is, in a line of the help.
    pub about: &'static str,
    /// Writes the text, and lists what is not in it.
    pub(in crate::interop) write: WriteFn,
}

type ReadFn = fn(&str) -> Result<SourceMetadata, String>;
type WriteFn = fn(&Work) -> (String, Vec<UnsupportedValue>);

impl Format {
    const fn read(file: &'static str, read: ReadFn) -> Self {
        Self { reader: Some(Reader { file, read }), writer: None }
    }

    const fn written(name: &'static str, about: &'static str, write: WriteFn) -> Self {
        Self { reader: None, writer: Some(Writer { name, about, write }) }
    }

    const fn and_written(self, name: &'static str, about: &'static str, write: WriteFn) -> Self {
        Self { writer: Some(Writer { name, about, write }), ..self }
    }
}

/// Returns the formats that can be read, in the order of who wins.
pub(in crate::interop) fn list_readers() -> impl Iterator<Item = &'static Reader> {
    FORMATS.iter().filter_map(|format| format.reader.as_ref())
}

/// Returns the formats that can be written.
pub fn list_writers() -> impl Iterator<Item = &'static Writer> {
    FORMATS.iter().filter_map(|format| format.writer.as_ref())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn each_row_has_unique_names_and_takes_the_smallest_input() {
        let names: BTreeSet<&str> = list_writers().map(|writer| writer.name).collect();
        let files: BTreeSet<&str> = list_readers().map(|reader| reader.file).collect();
        assert_eq!((names.len(), files.len()), (list_writers().count(), list_readers().count()));
        for Writer { name, about, write } in list_writers() {
            let (text, _) = write(&Work::default());
            assert!(text.ends_with('\n') && !about.is_empty(), "{name}: {text}");
        }
        for Reader { file, read } in list_readers() {
            for text in ["", "{}", "[]", "a: b\n", "\u{feff}", "\0"] {
                drop(read(text).map_err(|why| assert!(!why.is_empty(), "{file}")));
            }
        }
    }
}
