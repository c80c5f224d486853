//! Values that a plan is made from, without a server: a pair that agrees, with one thing changed.

use std::collections::BTreeMap;
use std::path::PathBuf;

use zrel::compare;
use zrel::desired::{Desired, DesiredDate, DesiredVersion, Links};
use zrel::model::{
    Binding, BoundRecord, ConceptId, ConceptSource, Doi, Field, FileKey, FileSource, LocalFile,
    Md5, Metadata, Person, Recid, RecordId, RemoteFile, Server, Value,
};
use zrel::observed::{Draft, DraftKind, Observed, Record, RecordState};
use zrel::plan::{Plan, Policy, plan};

pub(crate) const CONCEPT: ConceptId = ConceptId(Recid::Number(10_000_000));
pub(crate) const LATEST: RecordId = RecordId(Recid::Number(10_000_001));
pub(crate) const DRAFT: RecordId = RecordId(Recid::Number(10_000_002));

/// Desired and observed that agree, and the binding between them.
#[derive(Debug)]
pub(crate) struct Universe {
    pub(crate) desired: Desired,
    pub(crate) observed: Observed,
    pub(crate) binding: Binding,
    pub(crate) policy: Policy,
}

pub(crate) fn local(name: &str, byte: u8) -> LocalFile {
    LocalFile {
        key: FileKey::parse(name).unwrap(),
        path: PathBuf::from(name),
        shown: name.to_owned(),
        source: FileSource::Path,
        size: 10,
        md5: Md5([byte; 16]),
        masked: None,
    }
}

pub(crate) fn remote(name: &str, byte: u8) -> RemoteFile {
    let md5 = Some(Md5([byte; 16]));
    RemoteFile { key: FileKey::from_server(name), id: Some(name.to_owned()), size: 10, md5 }
}

pub(crate) fn metadata() -> Metadata {
    let mut metadata = Metadata::default();
    metadata.set_text(Field::Title, "Rings of tea");
    metadata.set_text(Field::UploadType, "dataset");
    metadata.set_text(Field::Description, "<p>Rings.</p>");
    metadata.set_text(Field::AccessRight, "open");
    metadata.set_text(Field::License, "cc-by-4.0");
    metadata.set_text(Field::Version, "1.0");
    let creator = Person { name: "Example, Ada".to_owned(), ..Person::default() };
    metadata.set(Field::Creators, Value::People(vec![creator].into()));
    metadata
}

pub(crate) fn universe() -> Universe {
    let mut on_server = compare::normalize_as_server(&metadata());
    on_server.set_text(Field::PublicationDate, "2026-01-02");
    on_server.set_text(Field::Doi, "10.5281/zenodo.10000001");
    let record = Record {
        id: LATEST,
        concept: CONCEPT,
        doi: Doi::parse("10.5281/zenodo.10000001").ok(),
        concept_doi: Doi::parse("10.5281/zenodo.10000000").ok(),
        has_external_doi: false,
        metadata: on_server,
        files: vec![remote("a.csv", 1), remote("b.csv", 2)],
        revision: Some(4),
        index: 1,
        has_newer_draft: false,
        html: String::new(),
        unsupported: Vec::new(),
        fingerprint: Some(zrel::model::Sha256([7; 32])),
        unread: Vec::new(),
    };
    let versions = BTreeMap::from([(LATEST, "1.0".to_owned())]);
    let bound = BoundRecord { versions, last: Some(LATEST), ..BoundRecord::default() };
    Universe {
        desired: Desired {
            has_default_license: false,
            server: Server::built_in("zenodo").unwrap(),
            api: zrel::model::ApiChoice::Auto,
            publish: true,
            concept: None,
            metadata: metadata(),
            origins: BTreeMap::new(),
            date: DesiredDate::Today,
            version: DesiredVersion::Label("1.0".to_owned()),
            files: vec![local("a.csv", 1), local("b.csv", 2)],
            links: Links::new(),
            linked: Vec::new(),
            link_versions: BTreeMap::new(),
            writes: Vec::new(),
            keep: Vec::new(),
            communities: Vec::new(),
            sharing: zrel::model::Sharing::default(),
        },
        observed: Observed {
            record: RecordState::Published(Box::new(record)),
            ..Observed::default()
        },
        binding: Binding {
            concept: Some((CONCEPT, ConceptSource::Lock)),
            concept_in_lock: None,
            record: Some(bound),
            ..Binding::default()
        },
        policy: Policy::on("2026-11-23"),
    }
}

impl Universe {
    pub(crate) fn plan(&self) -> Plan {
        plan(&self.desired, &self.observed, &self.binding, &self.policy)
    }

    pub(crate) fn record(&mut self) -> &mut Record {
        let RecordState::Published(record) = &mut self.observed.record else {
            panic!("the universe is published");
        };
        record
    }

    pub(crate) fn label(&mut self, label: &str) {
        self.desired.version = DesiredVersion::Label(label.to_owned());
        self.desired.metadata.set_text(Field::Version, label);
    }

    pub(crate) fn unbound(&mut self) {
        self.observed = Observed::default();
        self.binding = Binding::default();
    }

    /// A new-version draft as the server opens it.
    pub(crate) fn open_version(&mut self) {
        let mut metadata = self.record().metadata.clone();
        metadata.remove(Field::Version);
        metadata.remove(Field::Doi);
        metadata.set_text(Field::PublicationDate, "2026-11-20");
        let files = self.record().files.clone();
        self.record().has_newer_draft = true;
        self.observed.draft = Some(draft(DraftKind::NewVersion, DRAFT, metadata, files));
    }
}

pub(crate) fn draft(
    kind: DraftKind,
    id: RecordId,
    metadata: Metadata,
    files: Vec<RemoteFile>,
) -> Draft {
    Draft {
        id,
        concept: CONCEPT,
        kind,
        doi: None,
        concept_doi: None,
        metadata,
        files,
        bucket: String::new(),
        revision: Some(3),
        review: None,
        unsupported: vec![],
        has_free_awards: false,
        pending: vec![],
        has_empty_doi: false,
        has_external_doi: false,
        unread: Vec::new(),
        communities: Vec::new(),
        html: String::new(),
    }
}
