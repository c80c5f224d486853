//! Makes the manifest that asks for a record just as the server has it.

use std::collections::BTreeSet;

use crate::manifest::find_path_fault;
use crate::model::{
    Community, ConceptId, Doi, FileKey, Md5, Metadata, RemoteFile, Server, ServerKind,
};
use crate::observed::UnsupportedValue;

use crate::interop::manifest_values::{Origin, select_communities, select_values};
use crate::interop::new_manifest::{Annotated, NewFile, NewManifest, NewServer, NewSource};
use crate::interop::unsupported::quote_unsupported;

/// A record or a draft to import.
#[derive(Debug, Clone, PartialEq)]
pub struct Found {
    /// The server that has it.
    pub server: Server,
    /// Its concept.
    pub concept: ConceptId,
    /// The concept's DOI; `None` before the first publication.
    pub concept_doi: Option<Doi>,
    /// Whether its DOI was minted elsewhere.
    pub has_external_doi: bool,
    /// Whether it is published; otherwise the manifest stops at a draft too.
    pub is_published: bool,
    /// Its metadata, as the deposit or the records API has them.
    pub metadata: Metadata,
    /// Its files.
    pub files: Vec<RemoteFile>,
    /// The communities that have it.
    pub communities: Vec<Community>,
    /// Values that are already known to have no place in a manifest.
    pub unsupported: Vec<UnsupportedValue>,
}

/// The result of an import.
#[derive(Debug, Clone, PartialEq)]
pub struct Imported {
    /// The manifest.
    pub manifest: NewManifest,
    /// Its files, and where they must be.
    pub files: Vec<ImportedFile>,
    /// What the manifest can't express, sorted by place.
    pub unsupported: Vec<UnsupportedValue>,
}

/// A file of the record, and its place in the manifest's folder.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ImportedFile {
    /// Its name in the record.
    pub key: FileKey,
    /// Its path in the folder: names between slashes that never lead elsewhere. Empty for a file
    /// that stays on the server.
    pub name: String,
    /// Bytes.
    pub size: u64,
    /// The server's checksum.
    pub md5: Option<Md5>,
}

/// Where the manifest takes the record's files from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Files {
    /// From the folder, each by its name.
    Folder,
    /// From the server, where they are published: they stay as they are.
    Server,
}

/// Makes the manifest. `reserved` are names in the folder that no file may have: those of the
/// manifest and the lock.
pub fn import_record(found: &Found, reserved: &[&str], from: Files) -> Imported {
    let mut unsupported = found.unsupported.clone();
    let metadata =
        select_values(&found.metadata, found.has_external_doi, Origin::Server, &mut unsupported);
    let server = Some(found.server.name.clone().into());
    let mut manifest = NewManifest { server, ..NewManifest::default() };
    // The first apply must not publish a draft that its owner has not published.
    if !found.is_published {
        let line = Annotated::from(false).with_comment("it is a draft: write true to publish it");
        manifest.publish = Some(line);
    }
    let concept = match &found.concept_doi {
        Some(doi) if is_doi_of_server(doi, &found.server) => doi.to_string(),
        // A DOI of another prefix does not lead to this server.
        Some(_) | None => found.concept.to_string(),
    };
    manifest.concept.push((found.server.name.clone(), concept).into());
    manifest.take_metadata(&metadata);
    // A draft has no published files to keep, and files without a checksum can't be compared.
    let are_kept = from == Files::Server
        && found.is_published
        && !found.files.is_empty()
        && found.files.iter().all(|file| file.md5.is_some());
    let files = if are_kept {
        let entry = NewFile { source: NewSource::Keep("*".to_owned()), ..NewFile::default() };
        let line = Annotated::from(entry).with_comment("the files stay on the server as they are");
        manifest.files.push(line);
        found.files.iter().map(keep_on_server).collect()
    } else {
        let files = choose_file_paths(&found.files, reserved, &mut unsupported);
        manifest.files = files.iter().map(|file| make_entry(file).into()).collect();
        files
    };
    manifest.communities = select_communities(&found.communities, &mut unsupported);
    // Built-in servers are known without an address in the manifest.
    if found.server.kind == ServerKind::Other {
        let Server { name, url, doi_prefix, mints_dois, .. } = found.server.clone();
        // A published record has a concept DOI, unless it has none at all or one of its own.
        let is_without = found.is_published && found.concept_doi.is_none();
        let mints_dois = mints_dois && (!is_without || found.has_external_doi);
        let doi_prefix = doi_prefix.filter(|_| mints_dois);
        manifest.servers.push(NewServer { name, url, doi_prefix, mints_dois }.into());
    }
    unsupported.sort();
    unsupported.dedup();
    Imported { manifest, files, unsupported }
}

fn is_doi_of_server(doi: &Doi, server: &Server) -> bool {
    server.doi_prefix.as_deref().is_none_or(|prefix| prefix == doi.prefix())
}

/// Makes an entry for a file that stays on the server, whatever its name.
fn keep_on_server(file: &RemoteFile) -> ImportedFile {
    let RemoteFile { key, size, md5, .. } = file;
    ImportedFile { key: key.clone(), name: String::new(), size: *size, md5: *md5 }
}

/// Chooses a path in the folder for each file; a file whose name a manifest can't give is a loss.
fn choose_file_paths(
    given: &[RemoteFile],
    reserved: &[&str],
    unsupported: &mut Vec<UnsupportedValue>,
) -> Vec<ImportedFile> {
    // In lower case, since some file systems don't distinguish case.
    let mut taken: BTreeSet<String> = reserved.iter().map(|name| name.to_lowercase()).collect();
    let mut keys: BTreeSet<&str> = BTreeSet::new();
    let mut files = Vec::new();
    for file in given {
        let key = match FileKey::parse(file.key.as_str()) {
            Ok(key) if keys.insert(file.key.as_str()) => key,
            // Such a key could not be uploaded again, or would be there twice.
            Ok(_) | Err(_) => {
                unsupported.push(quote_unsupported("files", file.key.as_str()));
                continue;
            }
        };
        let name = keep_name(key.as_str()).filter(|name| is_free(name, &taken));
        let name = name.unwrap_or_else(|| find_free_name(&taken, given));
        taken.insert(name.to_lowercase());
        files.push(ImportedFile { key, name, size: file.size, md5: file.md5 });
    }
    files
}

/// Returns whether a path is free: no other file has it, or has the path of one of its folders, or
/// is to be below it.
fn is_free(name: &str, taken: &BTreeSet<String>) -> bool {
    let name = name.to_lowercase();
    let is_below =
        |one: &str, other: &str| one.strip_prefix(other).is_some_and(|rest| rest.starts_with('/'));
    taken.iter().all(|other| *other != name && !is_below(other, &name) && !is_below(&name, other))
}

/// Returns a key as the path of a file in the folder, or `None` if a manifest could not name it.
fn keep_name(key: &str) -> Option<String> {
    let is_allowable = find_path_fault(key).is_none_or(|fault| fault.kind.is_some());
    // A pattern never matches files that are hidden or need to be allowed by name.
    let is_plain = !key.contains(['*', '?', '[', '{', '}'])
        || (find_path_fault(key).is_none() && !key.starts_with('.'));
    // Windows reads `C:x` as a path on a drive.
    (is_allowable && is_plain && !key.contains(':')).then(|| key.to_owned())
}

/// Returns `file-1`, or the next such name that no file of the folder or the record has.
fn find_free_name(taken: &BTreeSet<String>, given: &[RemoteFile]) -> String {
    let is_free =
        |name: &String| !taken.contains(name) && given.iter().all(|file| file.key.as_str() != name);
    let mut names = (1_u64..).map(|number| format!("file-{number}"));
    names.find(is_free).unwrap_or_default()
}

fn make_entry(file: &ImportedFile) -> NewFile {
    let allow = find_path_fault(&file.name).and_then(|fault| fault.kind).into_iter().collect();
    let own = file.name.rsplit('/').next().unwrap_or_default();
    let as_name = (own != file.key.as_str()).then(|| file.key.to_string());
    NewFile { source: NewSource::Path(file.name.clone()), as_name, exclude: Vec::new(), allow }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date as day;

    use super::*;
    use crate::interop::manifest_writer::write_manifest;
    use crate::manifest;
    use crate::model::{Field, Person, Value};

    fn found() -> Found {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "Forms");
        metadata.set_text(Field::UploadType, "dataset");
        metadata.set_text(Field::Description, "<p>All.</p>");
        metadata.set_text(Field::License, "cc-zero");
        let weiss = Person { name: "Weiss, Tobias".to_owned(), ..Person::default() };
        metadata.set(Field::Creators, Value::People(vec![weiss].into()));
        Found {
            server: Server::built_in("zenodo").unwrap(),
            concept: ConceptId(6.into()),
            concept_doi: Doi::parse("10.5281/zenodo.6").ok(),
            has_external_doi: false,
            is_published: true,
            metadata,
            files: vec![file("a.csv")],
            communities: Vec::new(),
            unsupported: Vec::new(),
        }
    }

    fn file(key: &str) -> RemoteFile {
        RemoteFile { key: FileKey::from_server(key), id: None, size: 1, md5: None }
    }

    #[test]
    fn a_record_becomes_a_manifest_without_a_fault() {
        let imported = import_record(&found(), &["zenodo.toml"], Files::Folder);
        let text = write_manifest(&imported.manifest);
        let expected = r#"server = "zenodo"

[record.concept]
zenodo = "10.5281/zenodo.6"

[metadata]
title = "Forms"
upload_type = "dataset"
creators = [
    { name = "Weiss, Tobias" },
]
description = "<p>All.</p>"
license = "cc0-1.0"

[[files]]
path = "a.csv"
"#;
        assert_eq!(text, expected);
        assert_eq!(manifest::parse(&text, day(2026, 11, 23)).findings, []);
        assert_eq!(imported.unsupported, []);
    }

    #[test]
    fn files_that_are_published_stay_where_they_are_whatever_their_names() {
        let mut found = found();
        found.files = vec![file("../up"), file("owner/repo.zip")];
        for file in &mut found.files {
            file.md5 = Some(Md5([1; 16]));
        }
        let imported = import_record(&found, &[], Files::Server);
        let text = write_manifest(&imported.manifest);
        assert!(text.contains("[[files]]\nkeep = \"*\""), "{text}");
        assert_eq!(manifest::parse(&text, day(2026, 11, 28)).findings, []);
        assert_eq!((imported.unsupported, imported.files.len()), (Vec::new(), 2));
        // A draft keeps nothing, and neither does a record whose files can't be compared.
        let is_kept = |found: &Found| {
            let text = write_manifest(&import_record(found, &[], Files::Server).manifest);
            text.contains("keep =")
        };
        let mut unsure = found.clone();
        unsure.files[0].md5 = None;
        found.is_published = false;
        assert!(!is_kept(&unsure) && !is_kept(&found));
    }

    #[test]
    fn names_that_lead_elsewhere_or_hide_are_replaced_in_the_folder_or_reported() {
        let keys = [
            "../up",
            "/etc/passwd",
            "..",
            "a\u{1b}[2J",
            "a\\b",
            "",
            "~root",
            "C:x",
            ".git",
            ".zrel",
            ".env",
            "id_rsa",
            "Zenodo.TOML",
            "zenodo.lock",
            "a.csv",
            "A.csv",
            "x[1].csv",
            ".x[1]",
            "file-1",
            "a}b",
            "é.csv",
        ];
        let mut found = found();
        found.files = keys.iter().map(|key| file(key)).collect();
        let imported = import_record(&found, &["zenodo.toml", "zenodo.lock"], Files::Folder);
        let told: Vec<&str> = imported.unsupported.iter().map(|loss| loss.place.as_str()).collect();
        assert_eq!(told, ["files"; 6], "{:?}", imported.unsupported);
        let names: Vec<(&str, &str)> =
            imported.files.iter().map(|file| (file.key.as_str(), file.name.as_str())).collect();
        assert_eq!(
            names,
            [
                ("~root", "file-2"),
                ("C:x", "file-3"),
                (".git", "file-4"),
                (".zrel", "file-5"),
                (".env", ".env"),
                ("id_rsa", "id_rsa"),
                ("Zenodo.TOML", "file-6"),
                ("zenodo.lock", "file-7"),
                ("a.csv", "a.csv"),
                ("A.csv", "file-8"),
                ("x[1].csv", "x[1].csv"),
                (".x[1]", "file-9"),
                ("file-1", "file-1"),
                ("a}b", "a}b"),
                ("é.csv", "é.csv"),
            ]
        );
        let text = write_manifest(&imported.manifest);
        let parsed = manifest::parse(&text, day(2026, 11, 23));
        assert_eq!(parsed.findings, [], "{text}");
        assert_eq!(parsed.manifest.unwrap().files.len(), names.len());
    }

    #[test]
    fn a_draft_of_a_server_with_a_name_is_not_to_be_published() {
        let mut found = found();
        found.is_published = false;
        found.concept_doi = None;
        found.server = Server {
            name: "institute".to_owned(),
            kind: ServerKind::Other,
            url: "https://repository.example.org".to_owned(),
            doi_prefix: Some("10.12345".to_owned()),
            mints_dois: true,
        };
        found.communities = vec![Community("forms".to_owned()), Community("a b".to_owned())];
        let imported = import_record(&found, &[], Files::Folder);
        let text = write_manifest(&imported.manifest);
        let manifest = manifest::parse(&text, day(2026, 11, 23)).manifest.unwrap();
        assert!(!manifest.record.publish);
        assert_eq!(manifest.server().unwrap(), found.server);
        assert_eq!(manifest.record.concept["institute"].value, ConceptId(6.into()));
        assert_eq!(manifest.communities.len(), 1);
        assert_eq!(imported.unsupported, [quote_unsupported("communities", "a b")]);
    }
}
