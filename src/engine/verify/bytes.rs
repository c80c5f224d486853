//! Reads the files of a published version from the server, and compares their bytes with what it
//! announces. Nothing is written to the disk, and only one piece of an answer is held.

use std::collections::BTreeMap;
use std::io;

use md5::{Digest as _, Md5 as Hasher};

use crate::api::ApiError;
use crate::compare::{Fact, Part};
use crate::engine::error::EngineError;
use crate::engine::session::Session;
use crate::http::Sink;
use crate::model::{FileKey, Md5, RecordId, RemoteFile, Sha256};

/// Hashes what arrives, and stops where more comes than was announced.
struct HashSink<'a> {
    md5: Hasher,
    sha256: sha2::Sha256,
    position: u64,
    announced: u64,
    is_too_long: bool,
    progress: &'a (dyn Fn(u64) + Send + Sync),
}

impl<'a> HashSink<'a> {
    fn new(announced: u64, progress: &'a (dyn Fn(u64) + Send + Sync)) -> Self {
        Self {
            md5: Hasher::new(),
            sha256: sha2::Sha256::new(),
            position: 0,
            announced,
            is_too_long: false,
            progress,
        }
    }
}

impl Sink for HashSink<'_> {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        let length = bytes.len() as u64;
        self.position = self.position.saturating_add(length);
        if self.position > self.announced {
            self.is_too_long = true;
            return Err(io::Error::other("more bytes come than were announced"));
        }
        self.md5.update(bytes);
        self.sha256.update(bytes);
        (self.progress)(length);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        (self.md5, self.sha256, self.position) = (Hasher::new(), sha2::Sha256::new(), 0);
        Ok(())
    }

    fn position(&self) -> u64 {
        self.position
    }
}

/// Reads files of a published version, one after the other, and compares each with the MD5 that the
/// server announces; and with the SHA-256 that `known` has for that MD5. `begin` gets each file,
/// `progress` the bytes that come.
///
/// # Errors
/// [`EngineError::Api`] when the server can't be asked; a file that it refuses is a finding.
pub async fn verify_bytes(
    session: &Session,
    id: RecordId,
    (files, known): (&[RemoteFile], &BTreeMap<FileKey, (Md5, Sha256)>),
    begin: &(dyn Fn(&RemoteFile) + Send + Sync),
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Vec<Fact>, EngineError> {
    let mut facts = Vec::new();
    let (mut n_same, mut bytes, mut n_known) = (0_usize, 0_u64, 0_usize);
    for file in files {
        begin(file);
        let sha256 = known.get(&file.key).filter(|(md5, _)| Some(*md5) == file.md5);
        let sha256 = sha256.map(|(_, sha256)| *sha256);
        match verify_file(session, id, (file, sha256), progress).await? {
            None => {
                n_same += 1;
                n_known += usize::from(sha256.is_some());
                bytes = bytes.saturating_add(file.size);
            }
            Some(fact) => facts.push(fact),
        }
    }
    if n_same > 0 {
        facts.insert(0, Fact::SameBytes { n_files: n_same, bytes, n_known });
    }
    Ok(facts)
}

/// Returns how the bytes of a file differ; none where they are what is announced.
async fn verify_file(
    session: &Session,
    id: RecordId,
    (file, sha256): (&RemoteFile, Option<Sha256>),
    progress: &(dyn Fn(u64) + Send + Sync),
) -> Result<Option<Fact>, EngineError> {
    let key = file.key.clone();
    let Some(announced) = file.md5 else {
        let why = "the server announces no MD5 for it".to_owned();
        return Ok(Some(Fact::Unchecked { what: Part::File(key), why }));
    };
    let mut sink = HashSink::new(file.size, progress);
    let fetched = session.read().download(id, false, &file.key, &mut sink).await;
    if sink.is_too_long {
        return Ok(Some(Fact::OtherBytes { key, announced, found: None }));
    }
    match fetched {
        Ok(()) => {
            let found = Md5(sink.md5.finalize().into());
            if found != announced || sink.position != file.size {
                return Ok(Some(Fact::OtherBytes { key, announced, found: Some(found) }));
            }
            // Bytes can be made that have the MD5 of others.
            let found = Sha256(sink.sha256.finalize().into());
            let other = sha256.filter(|released| *released != found);
            Ok(other.map(|released| Fact::OtherSha256 { key, released, found }))
        }
        Err(error) => describe_refusal(file, error).map(Some),
    }
}

/// Returns what a refused download says of the file; fails where the server did not refuse it.
fn describe_refusal(file: &RemoteFile, error: ApiError) -> Result<Fact, EngineError> {
    let key = file.key.clone();
    if let Some((_, message)) = error.not_found() {
        return Ok(Fact::NoBytes { key, message });
    }
    if let Some(message) = error.forbidden() {
        let why = format!("the server does not show its bytes: {message}");
        return Ok(Fact::Unchecked { what: Part::File(key), why });
    }
    Err(EngineError::Api(error))
}
