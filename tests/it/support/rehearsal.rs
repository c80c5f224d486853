//! The whole way from a manifest to a server and back, inside the test process: quick enough for
//! many manifests on one server.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicUsize, Ordering};

use secrecy::SecretString;
use zrel::api::{Backend, KeptValues, ReadApi, Sought, WriteApi};
use zrel::apply::{Applied, ApplyContext, ApplyError, Journal, apply, stop_channel};
use zrel::check::{Checked, check};
use zrel::clock::Clock;
use zrel::compare;
use zrel::desired::{Desired, Inputs, build_desired};
use zrel::http::{Client, ClientOptions};
use zrel::inventory;
use zrel::local::{Running, ServeOptions, start};
use zrel::lock::Lock;
use zrel::manifest;
use zrel::model::{Binding, ConceptSource, Field, RecordId, Server, Value};
use zrel::observed::{GrantLookup, Observed};
use zrel::plan::{Plan, Policy, Readers, plan};
use zrel::refresh::{RefreshRequest, read_edits_too, refresh};

/// A server, and room for the locks of many records.
pub(crate) struct Rehearsal {
    runtime: tokio::runtime::Runtime,
    running: Option<Running>,
    client: Client,
    backend: Backend,
    folder: tempfile::TempDir,
    n_records: AtomicUsize,
}

/// One manifest and its lock.
pub(crate) struct Project {
    text: String,
    name: String,
}

impl Rehearsal {
    pub(crate) fn new() -> Self {
        Self::by(Backend::Deposit)
    }

    /// Makes one whose client uses this backend.
    pub(crate) fn by(backend: Backend) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let runtime =
            tokio::runtime::Builder::new_multi_thread().enable_all().worker_threads(2).build();
        let runtime = runtime.unwrap();
        let options = ServeOptions::new(folder.path().join("server"));
        let running = runtime.block_on(start(options)).unwrap();
        let token = Some(SecretString::from(running.token().to_owned()));
        let options = ClientOptions::new(running.base_url(), token, Clock::Real);
        let client = Client::new(options).unwrap();
        std::fs::write(folder.path().join("a.csv"), "one,two\n").unwrap();
        let (running, n_records) = (Some(running), AtomicUsize::new(0));
        Self { runtime, running, client, backend, folder, n_records }
    }

    /// Uses the other backend from now on.
    pub(crate) fn switch(&mut self, backend: Backend) {
        self.backend = backend;
    }

    fn read(&self) -> ReadApi {
        ReadApi::with_backend(self.client.clone(), self.backend.into())
    }

    fn write(&self) -> WriteApi {
        WriteApi::with_backend(self.client.clone(), self.backend.into())
    }

    /// Makes a project whose manifest has this `[metadata]`.
    pub(crate) fn project(&self, metadata: &str) -> Project {
        let number = self.n_records.fetch_add(1, Ordering::SeqCst);
        Project { text: with_file(metadata), name: format!("p{number}") }
    }

    fn desired(&self, text: &str) -> Desired {
        let today = Clock::Real.today();
        let parsed = manifest::parse(text, today);
        let faults: Vec<_> = parsed
            .findings
            .iter()
            .filter(|finding| finding.severity == zrel::model::Severity::Error)
            .collect();
        assert!(faults.is_empty(), "{text}\n{faults:#?}");
        let manifest = parsed.manifest.unwrap();
        let root = self.folder.path();
        let zrel_dir = inventory::prepare_zrel_dir(root).unwrap();
        let options = inventory::Options::new(root.to_owned(), zrel_dir);
        let taken = inventory::take_inventory(&manifest, &options, &|_| {});
        let inputs = Inputs {
            texts: taken.texts,
            git: taken.git,
            files: taken.files,
            writes: taken.written,
            ..Inputs::default()
        };
        build_desired(&manifest, manifest.server().unwrap(), inputs).unwrap()
    }

    /// Returns the codes of the errors in a `[metadata]`; nothing is sent.
    #[expect(clippy::unused_self, reason = "it is asked beside what is applied")]
    pub(crate) fn faults(&self, metadata: &str) -> Vec<&'static str> {
        let parsed = manifest::parse(&with_file(metadata), Clock::Real.today());
        let is_error =
            |finding: &&zrel::model::Finding| finding.severity == zrel::model::Severity::Error;
        parsed.findings.iter().filter(is_error).map(|finding| finding.code).collect()
    }

    fn lock_path(&self, project: &Project) -> std::path::PathBuf {
        self.folder.path().join(format!("{}.lock", project.name))
    }

    async fn look(&self, project: &Project) -> (Desired, Observed, Lock, Checked) {
        let desired = self.desired(&project.text);
        let lock = Lock::load(&self.lock_path(project), "zenodo.toml").unwrap();
        let binding = binding(&lock, &desired.server);
        let grants = match desired.metadata.get(Field::Grants) {
            Some(Value::List(grants)) => grants.clone(),
            _ => Vec::new(),
        };
        let question = RefreshRequest {
            named: Vec::new(),
            concept: binding.concept.map(|(concept, _)| concept),
            last: binding.record.as_ref().and_then(|record| record.last),
            labelled: Vec::new(),
            draft: binding.record.as_ref().and_then(|record| record.draft),
            title: String::new(),
            description: String::new(),
            create_id: None,
            communities: Vec::new(),
            sharing: None,
            vocabulary_ids: BTreeSet::new(),
            asked_about: BTreeSet::new(),
            grants,
        };
        let api = self.read();
        let observed = refresh(&api, &question, &read_edits_too).await.unwrap();
        let alone = refresh(&api, &question, &|_| true).await.unwrap();
        expect_alike(&observed, &alone);
        let is_of_records_api = self.backend == Backend::Records;
        let observed = Observed { is_of_records_api, ..observed };
        let policy = Policy::on(Clock::Real.today().to_string());
        let checked = check(plan(&desired, &observed, &binding, &policy));
        (desired, observed, lock, checked)
    }

    /// Plans.
    pub(crate) fn plan(&self, project: &Project) -> Plan {
        self.runtime.block_on(self.look(project)).3.plan().clone()
    }

    /// Returns the fields that a plan would change; the plan must change only metadata.
    pub(crate) fn changed(&self, project: &Project) -> Vec<Field> {
        let plan = self.plan(project);
        assert!(plan.files.iter().all(zrel::model::FileChange::is_kept), "{plan:#?}");
        assert_eq!(plan.unsupported, [], "zrel made this record by the same API");
        let fields: Vec<Field> = plan.metadata.iter().map(|change| change.field).collect();
        assert_eq!(fields.is_empty(), plan.is_empty(), "{plan:#?}");
        fields
    }

    /// Plans and applies.
    pub(crate) fn try_apply(&self, project: &Project) -> Result<Applied, ApplyError> {
        self.apply_with_lock_at(&self.lock_path(project), project)
    }

    /// The same with the lock in another folder, which need not be there.
    pub(crate) fn try_apply_with_lock_in(
        &self,
        folder: &str,
        project: &Project,
    ) -> Result<Applied, ApplyError> {
        let path = self.folder.path().join(folder).join("zenodo.lock");
        self.apply_with_lock_at(&path, project)
    }

    /// Counts the records and drafts of the user.
    pub(crate) fn n_own(&self) -> usize {
        let api = self.read();
        self.runtime.block_on(async { api.own(&Sought::All).await.unwrap().len() })
    }

    fn apply_with_lock_at(
        &self,
        lock_path: &std::path::Path,
        project: &Project,
    ) -> Result<Applied, ApplyError> {
        self.runtime.block_on(async {
            let (desired, observed, mut lock, checked) = self.look(project).await;
            let mut journal = Journal::at(self.folder.path().join("journal"));
            let site = ApplyContext {
                api: &self.write(),
                files: &desired.files,
                report: &|_| {},
                stop: stop_channel().1,
                lock: &mut lock,
                lock_path,
                journal: &mut journal,
                create_id: "0123abcd".to_owned(),
                accept_rewrite: Vec::new(),
                grants: grants(&observed),
                basis: observed.published(),
                readers: Readers::Owner,
                deadline: Clock::set(Clock::Real.now()).deadline_in(std::time::Duration::MAX),
                jobs: 4,
                uploads: None,
                seeded_fault: None,
            };
            apply(&checked, site).await
        })
    }

    /// Plans and applies, and returns the record's number; a second plan must be empty.
    #[track_caller]
    pub(crate) fn apply(&self, project: &Project) -> RecordId {
        let applied = self.try_apply(project);
        let applied = applied.unwrap_or_else(|error| {
            panic!("{}\n{error}: {}", project.text, error.kind);
        });
        assert_eq!(self.changed(project), [], "after the apply of {}", project.text);
        applied.record.unwrap().id
    }

    /// Brings a published record to another manifest, behind the back of the project's own lock.
    #[track_caller]
    pub(crate) fn change_behind(&self, record: RecordId, metadata: &str) {
        let desired = self.desired(&with_file(metadata));
        self.runtime.block_on(async {
            let api = self.write();
            let draft = api.edit(record).await.unwrap();
            let mut metadata = desired.metadata;
            if metadata.get(Field::PublicationDate).is_none() {
                let date = draft.metadata.text(Field::PublicationDate).unwrap();
                metadata.set_text(Field::PublicationDate, date);
            }
            let is_of_deposit = self.backend == Backend::Deposit;
            if is_of_deposit && compare::list_native_fields(&metadata).is_empty() {
                api.put_metadata(record, &metadata, None).await.unwrap();
            } else {
                let metadata = compare::spell_for_records_api(&metadata);
                api.put_native_metadata(record, &metadata, None, &KeptValues::OF_OWN_DRAFT)
                    .await
                    .unwrap();
            }
            api.publish(record).await.unwrap();
        });
    }
}

impl Project {
    /// Replaces the manifest's `[metadata]`.
    pub(crate) fn set(&mut self, metadata: &str) {
        self.text = with_file(metadata);
    }
}

impl Drop for Rehearsal {
    fn drop(&mut self) {
        if let Some(running) = self.running.take() {
            self.runtime.block_on(running.stop());
        }
    }
}

fn with_file(metadata: &str) -> String {
    format!("server = \"local\"\n[metadata]\n{metadata}\n[[files]]\npath = \"a.csv\"\n")
}

/// Expects the record with its deposition and the record alone to be the same: plans are made from
/// either.
fn expect_alike(with_deposition: &Observed, alone: &Observed) {
    let bare = |observed: &Observed| {
        let mut record = observed.published().cloned()?;
        // The two APIs have other ids for files, and none is used of a published version.
        record.files.iter_mut().for_each(|file| file.id = None);
        Some(record)
    };
    assert_eq!(bare(with_deposition), bare(alone));
    assert_eq!(with_deposition.draft, alone.draft);
}

fn binding(lock: &Lock, server: &Server) -> Binding {
    let entry = lock.entry(server);
    let concept = entry.and_then(|entry| entry.concept);
    Binding {
        concept: concept.map(|concept| (concept, ConceptSource::Lock)),
        concept_in_lock: None,
        record: entry.map(|entry| entry.record.clone()),
        ..Binding::default()
    }
}

fn grants(observed: &Observed) -> BTreeMap<String, String> {
    let known = observed.grants.iter().filter_map(|(sent, lookup)| match lookup {
        GrantLookup::Known(returned) => Some((sent.clone(), returned.clone())),
        GrantLookup::Unknown => None,
    });
    known.collect()
}
