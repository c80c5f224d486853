//! What checks share: the clients, the drafts to remove, and the record that is published once.

use std::fs::File;
use std::io::{self, Seek, Write};
use std::sync::{Mutex, PoisonError};

use md5::{Digest, Md5 as Hasher};
use secrecy::SecretString;
use tokio::sync::OnceCell;
use url::Url;
use zrel::api::{Backend, BackendOf, KeptValues, ReadApi, WriteApi};
use zrel::apply::PAUSES;
use zrel::clock::Clock;
use zrel::compare;
use zrel::http::{Client, ClientOptions, Sink};
use zrel::model::{Community, FileKey, Md5, Metadata, RecordId, RemoteFile};
use zrel::observed::{Draft, GrantLookup, Record};

use super::require::{InWords, explain};
use super::{Checked, Need, samples};

/// The key of the published record's file.
pub(super) const KEY: &str = "data.csv";

/// The content of the published record's file.
pub(super) const CONTENT: &[u8] = b"hour,radius\n1,22\n2,23\n";

/// How a server is to be checked.
pub(crate) struct Options {
    /// The server's address.
    pub(crate) server: String,
    /// A token for it.
    pub(crate) token: SecretString,
    /// Whether checks may publish.
    pub(crate) publish: bool,
    /// A community that may be asked to include a record.
    pub(crate) community: Option<Community>,
    /// The clock on which checks wait.
    pub(crate) clock: Clock,
    /// What the client writes drafts by.
    pub(crate) backend: Backend,
}

/// A server under check.
pub(crate) struct Suite {
    /// The client as zrel uses it.
    pub(super) api: WriteApi,
    /// A client without a token.
    pub(super) guest: WriteApi,
    /// The random id in the titles of this run, as zrel has one in the title of a create call.
    pub(super) mark: String,
    options: Options,
    drafts: Mutex<Vec<RecordId>>,
    published: OnceCell<Published>,
}

/// A record that a run published.
pub(super) struct Published {
    /// The metadata that were sent.
    pub(super) sent: Metadata,
    /// The record as the publish call answered it.
    pub(super) record: Record,
}

impl Suite {
    /// Makes the clients; makes no request.
    ///
    /// # Errors
    /// When the address or the token can't be used, and when checks would publish on zenodo.org.
    pub(crate) fn connect(options: Options) -> Result<Self, String> {
        if options.publish {
            refuse_production(&options.server)?;
        }
        let api = make_api(&options, Some(options.token.clone()))?;
        let guest = make_api(&options, None)?;
        let mark = uuid::Uuid::new_v4().simple().to_string()[..12].to_owned();
        let (drafts, published) = (Mutex::new(Vec::new()), OnceCell::new());
        Ok(Self { api, guest, mark, options, drafts, published })
    }

    /// Returns a client with a token of nobody.
    pub(super) fn make_stranger(&self) -> Result<WriteApi, String> {
        make_api(&self.options, Some(SecretString::from(format!("nobody-{}", self.mark))))
    }

    /// Returns whether the run has what a check needs.
    pub(super) fn offers(&self, need: Need) -> bool {
        match need {
            Need::Publish => self.options.publish,
            Need::Community => self.options.community.is_some(),
            Need::Deposit => self.is_of_deposit(),
        }
    }

    /// Returns whether the client writes drafts by the deposit API.
    pub(super) fn is_of_deposit(&self) -> bool {
        self.options.backend == Backend::Deposit
    }

    /// Returns the backend that a client without knowledge of the server finds.
    pub(super) async fn find_backend(&self) -> Result<Backend, String> {
        let token = Some(self.options.token.clone());
        let api = ReadApi::with_backend(make_client(&self.options, token)?, BackendOf::default());
        api.backend().await.in_words()
    }

    /// Replaces the metadata of a draft.
    pub(super) async fn put_metadata(
        &self,
        draft: &Draft,
        metadata: &Metadata,
    ) -> Result<Draft, String> {
        let (id, revision) = (draft.id, draft.revision);
        if self.is_of_deposit() {
            return self.api.put_metadata(id, metadata, revision).await.in_words();
        }
        let spelled = compare::spell_for_records_api(metadata);
        let kept = KeptValues::OF_OWN_DRAFT;
        self.api.put_native_metadata(id, &spelled, revision, &kept).await.in_words()?;
        self.api.read().draft(id).await.in_words()
    }

    /// Deletes a file of a draft.
    pub(super) async fn delete_file(&self, draft: &Draft, file: &RemoteFile) -> Checked {
        if !self.is_of_deposit() {
            return self.api.drop_file(draft.id, &file.key).await.in_words();
        }
        let id = file.id.as_deref().ok_or("the file has no id")?;
        self.api.delete_file(draft.id, id).await.in_words()
    }

    /// Returns the community that may be asked.
    pub(super) fn require_community(&self) -> Result<&Community, String> {
        self.options.community.as_ref().ok_or_else(|| Need::Community.to_string())
    }

    /// Notes a draft, an edit or a new version that is to be discarded after the check.
    pub(super) fn note_draft(&self, id: RecordId) {
        self.drafts.lock().unwrap_or_else(PoisonError::into_inner).push(id);
    }

    /// Discards what was noted.
    pub(super) async fn remove_drafts(&self) -> Checked {
        let drafts =
            std::mem::take(&mut *self.drafts.lock().unwrap_or_else(PoisonError::into_inner));
        let mut left = Vec::new();
        for id in drafts {
            match self.api.discard(id, None).await {
                Ok(()) => {}
                // The check discarded or published it.
                Err(error) if error.is_not_found() => {}
                Err(error) => left.push(format!("draft {id} is left: {}", explain(&error))),
            }
        }
        if left.is_empty() { Ok(()) } else { Err(left.join("; ")) }
    }

    /// Creates a draft that could be published but for its files.
    pub(super) async fn create_draft(&self, about: &str) -> Result<Draft, String> {
        self.create_draft_of(&samples::make_small(about, &self.mark)).await
    }

    /// Creates a draft with these metadata.
    pub(super) async fn create_draft_of(&self, metadata: &Metadata) -> Result<Draft, String> {
        let draft = self.api.create(metadata).await.in_words()?;
        self.note_draft(draft.id);
        Ok(draft)
    }

    /// Sends a new file into a draft.
    pub(super) async fn send_file(&self, draft: &Draft, key: &str, bytes: &[u8]) -> Checked {
        let (file, size) = make_file(bytes)?;
        let key = FileKey::from_server(key);
        if !self.is_of_deposit() {
            self.api.register_file(draft.id, &key).await.in_words()?;
            self.api.send_content(draft.id, &key, (file, size), &|_| {}).await.in_words()?;
            return self.api.commit_file(draft.id, &key).await.in_words().map(|_| ());
        }
        self.api.upload(&draft.bucket, &key, file, size, &|_| {}).await.in_words().map(|_| ())
    }

    /// Looks until something is so: what reads an index is seconds late on a real server.
    pub(super) async fn wait_until(
        &self,
        otherwise: &str,
        is_so: impl AsyncFn() -> Result<bool, String>,
    ) -> Checked {
        for pause in PAUSES {
            self.options.clock.sleep(pause).await;
            if is_so().await? {
                return Ok(());
            }
        }
        let waited: u64 = PAUSES.iter().map(std::time::Duration::as_secs).sum();
        Err(format!("{otherwise}, {waited} seconds later too"))
    }

    /// Returns whether a draft may have the grant of the samples.
    pub(super) async fn may_have_grant(&self) -> Result<bool, String> {
        let found = self.api.read().grant(samples::GRANT).await.in_words()?;
        // A server without a list of grants cannot refuse one.
        Ok(found != Some(GrantLookup::Unknown))
    }

    /// Returns the record that the run publishes; the first caller publishes it.
    pub(super) async fn published(&self) -> Result<&Published, String> {
        self.published.get_or_try_init(|| self.publish_record()).await
    }

    async fn publish_record(&self) -> Result<Published, String> {
        let mut sent = samples::make_small("Record", &self.mark);
        if self.may_have_grant().await? {
            samples::add_grant(&mut sent);
        }
        let draft = self.create_draft_of(&sent).await?;
        self.send_file(&draft, KEY, CONTENT).await?;
        let record = self.api.publish(draft.id).await.in_words()?;
        if record.id == draft.id {
            Ok(Published { sent, record })
        } else {
            Err(format!("publishing {} answers with record {}", draft.id, record.id))
        }
    }
}

/// Refuses to publish test records where they would stay for good.
fn refuse_production(server: &str) -> Checked {
    let url = Url::parse(server).map_err(|error| format!("`{server}`: {error}"))?;
    // A dot at the end names the same host.
    let host = url.host_str().unwrap_or_default().trim_end_matches('.');
    let is_of_zenodo = host == "zenodo.org" || host.ends_with(".zenodo.org");
    if is_of_zenodo && host != "sandbox.zenodo.org" {
        return Err(format!(
            "the suite does not publish on {host}: a publication cannot be undone, and its DOI is \
             registered for good; publish on https://sandbox.zenodo.org instead"
        ));
    }
    Ok(())
}

fn make_api(options: &Options, token: Option<SecretString>) -> Result<WriteApi, String> {
    Ok(WriteApi::with_backend(make_client(options, token)?, options.backend.into()))
}

fn make_client(options: &Options, token: Option<SecretString>) -> Result<Client, String> {
    let client = ClientOptions::new(&options.server, token, options.clock.clone());
    Client::new(client).map_err(|error| explain(&error))
}

/// Makes a file to send, and returns its size too.
pub(super) fn make_file(bytes: &[u8]) -> Result<(File, u64), String> {
    let write = || -> io::Result<File> {
        let mut file = tempfile::tempfile()?;
        file.write_all(bytes)?;
        file.rewind()?;
        Ok(file)
    };
    let file = write().map_err(|error| format!("can't make a file to send: {error}"))?;
    Ok((file, bytes.len() as u64))
}

/// Returns the MD5 of bytes.
pub(super) fn compute_md5(bytes: &[u8]) -> Md5 {
    Md5(Hasher::digest(bytes).into())
}

/// Receives a download.
pub(super) struct Received(pub(super) Vec<u8>);

impl Sink for Received {
    fn take(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.0.extend_from_slice(bytes);
        Ok(())
    }

    fn restart(&mut self) -> io::Result<()> {
        self.0.clear();
        Ok(())
    }

    fn position(&self) -> u64 {
        self.0.len() as u64
    }
}
