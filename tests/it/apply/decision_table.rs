//! Every row of the design's decision table, from a pair that agrees with one thing changed.

use zrel::check::check as check_plan;
use zrel::compare;
use zrel::desired::DesiredVersion;
use zrel::model::{
    AppliedFile, Community, Field, FileKey, FileSource, Md5, OpenDraft, RecordId, Server, Sha256,
};
use zrel::observed::{
    Candidate, CommunityStatus, DraftKind, DraftReview, RecordState, ReviewStatus,
};
use zrel::plan::{
    Action, Blocker, Operation, Plan, PlanFlags, Policy, Readers, ShareAction, UnfinishedApply,
    compute_digest,
};

use crate::support::universe::{
    CONCEPT, DRAFT, LATEST, Universe, draft, local, metadata, remote, universe,
};

/// Names the steps of a plan, in their order.
fn actions(plan: &Plan) -> Vec<String> {
    let name = |action: &Action| match action {
        Action::CreateDraft => "create".to_owned(),
        Action::OpenVersion { .. } => "open version".to_owned(),
        Action::OpenEdit { .. } => "open edit".to_owned(),
        Action::Resume { .. } => "resume".to_owned(),
        Action::ReserveDoi => "reserve doi".to_owned(),
        Action::ImportFiles => "import files".to_owned(),
        Action::ReplaceMetadata => "metadata".to_owned(),
        Action::DropFile { key } => format!("drop {key}"),
        Action::DeleteFile { key } => format!("delete {key}"),
        Action::UploadFile(file) => format!("upload {}", file.key),
        Action::UploadFiles(files) => {
            let keys = files.iter().map(|file| file.key.as_str());
            format!("upload {}", keys.collect::<Vec<_>>().join(" and "))
        }
        Action::ReplaceFile(file) => format!("replace {}", file.key),
        Action::ReadBack => "read back".to_owned(),
        Action::Publish => "publish".to_owned(),
        Action::ReadRecord => "read record".to_owned(),
        Action::SubmitReview { community } => format!("submit to {community}"),
        Action::AskCommunity { community } => format!("ask {community}"),
        Action::LeaveCommunity { community } => format!("leave {community}"),
        Action::Share(share) => name_share(share),
    };
    plan.steps.iter().map(|step| name(&step.action)).collect()
}

fn name_share(share: &ShareAction) -> String {
    match share {
        ShareAction::AddGrant { grantee, permission } => format!("give {grantee} {permission}"),
        ShareAction::ChangeGrant { grantee, permission } => {
            format!("change {grantee} to {permission}")
        }
        ShareAction::RemoveGrant { grantee } => format!("take from {grantee}"),
        ShareAction::CreateLink { name, terms } => format!("make link {name} {terms}"),
        ShareAction::ChangeLink { name, terms } => format!("change link {name} to {terms}"),
        ShareAction::RemoveLink { name } => format!("remove link {name}"),
        ShareAction::SetRequests => "set requests".to_owned(),
    }
}

#[track_caller]
fn check(universe: &Universe, operation: Operation, steps: &[&str]) {
    let plan = universe.plan();
    assert_eq!(plan.operation, operation, "{plan:#?}");
    assert_eq!(actions(&plan), steps);
    assert_eq!(plan.blockers, []);
}

#[track_caller]
fn check_blocked(universe: &Universe, fits: impl Fn(&Blocker) -> bool) {
    let plan = universe.plan();
    assert!(plan.blockers.iter().any(fits), "{:#?}", plan.blockers);
    assert!(!plan.is_empty());
}

#[test]
fn published_and_nothing_differs() {
    check(&universe(), Operation::Nothing, &[]);
    assert!(universe().plan().is_empty());
}

#[test]
fn a_stray_draft_is_a_note() {
    let mut universe = universe();
    universe.open_version();
    let plan = universe.plan();
    assert!(plan.is_empty());
    assert_eq!(plan.stray_draft, Some(DRAFT));
}

#[test]
fn a_new_version_draft_in_the_lock_continues_also_for_metadata_alone() {
    let mut universe = universe();
    universe.record().metadata.remove(Field::Version);
    universe.desired.version = DesiredVersion::None;
    universe.desired.metadata.remove(Field::Version);
    universe.binding.record.as_mut().unwrap().versions.clear();
    universe.open_version();
    universe.desired.metadata.set_text(Field::Notes, "<p>Of the next version.</p>");
    let plan = universe.plan();
    assert_eq!(plan.operation, Operation::Edit { record: LATEST, resumed: false }, "no client's");
    universe.binding.record.as_mut().unwrap().draft = Some(OpenDraft::Version(DRAFT));
    let steps = ["resume", "metadata", "read back", "publish", "read record"];
    check(&universe, Operation::NewVersion { from: LATEST, draft: Some(DRAFT) }, &steps);
    // Under the label of a published version nothing new can be published: it is that one's.
    universe.label("1.0");
    universe.record().metadata.set_text(Field::Version, "1.0");
    assert_eq!(universe.plan().operation, Operation::Edit { record: LATEST, resumed: false });
}

#[test]
fn nothing_bound() {
    let mut universe = universe();
    universe.unbound();
    universe.policy.allowed.initial = true;
    let steps =
        ["create", "metadata", "upload a.csv and b.csv", "read back", "publish", "read record"];
    check(&universe, Operation::NewRecord { draft: None }, &steps);
}

#[test]
fn the_first_record_needs_confirmation_except_on_the_local_server() {
    let mut universe = universe();
    universe.unbound();
    check_blocked(&universe, |blocker| *blocker == Blocker::FirstRecord);
    universe.desired.server = Server::built_in("local").unwrap();
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn a_record_of_the_same_title_blocks_the_first_record() {
    let mut universe = universe();
    universe.unbound();
    universe.policy.allowed.initial = true;
    universe.observed.possible_duplicates.push(Candidate {
        id: DRAFT,
        concept: CONCEPT,
        title: "Rings of tea".to_owned(),
        description: String::new(),
        doi: None,
        is_published: false,
        created: "2026-11-01".to_owned(),
    });
    check_blocked(&universe, |blocker| matches!(blocker, Blocker::Alike(_)));
    universe.policy.allowed.same_title = true;
    assert_eq!(universe.plan().blockers, []);
    let allowed = PlanFlags { adopt_draft: Some(DRAFT), ..PlanFlags::default() };
    universe.policy = Policy { allowed, ..Policy::on("2026-11-23") };
    assert_eq!(universe.plan().operation, Operation::NewRecord { draft: Some(DRAFT) });
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn only_a_draft_is_offered_to_be_adopted() {
    let mut universe = universe();
    universe.unbound();
    universe.policy.allowed.initial = true;
    let published = Candidate {
        id: LATEST,
        concept: CONCEPT,
        title: "Rings of tea".to_owned(),
        description: String::new(),
        doi: None,
        is_published: true,
        created: "2026-11-02".to_owned(),
    };
    let draft = Candidate { id: DRAFT, is_published: false, ..published.clone() };
    universe.observed.possible_duplicates = vec![published, draft];
    let checked = check_plan(universe.plan());
    let finding = checked.findings().iter().find(|finding| finding.code == "ZR0310").unwrap();
    let offered = format!("--adopt-draft {DRAFT}`");
    assert!(finding.hints.iter().any(|hint| hint.contains(&offered)), "{:?}", finding.hints);
}

#[test]
fn the_draft_of_a_lost_create_call_is_continued() {
    let mut universe = universe();
    universe.unbound();
    universe.policy.unfinished = Some(UnfinishedApply {
        digest: Sha256([0; 32]),
        create_id: Some("0a1b2c3d".to_owned()),
        draft: None,
        opening: None,
        creating: true,
        writes_by_records: false,
    });
    universe.observed.possible_duplicates.push(Candidate {
        id: DRAFT,
        concept: CONCEPT,
        title: "Rings of tea [zrel 0a1b2c3d]".to_owned(),
        description: String::new(),
        doi: None,
        is_published: false,
        created: "2026-11-01".to_owned(),
    });
    assert_eq!(universe.plan().operation, Operation::NewRecord { draft: Some(DRAFT) });
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn a_draft_never_published_is_brought_to_the_manifest() {
    let mut universe = universe();
    let metadata = compare::normalize_as_server(&metadata());
    let files = vec![remote("a.csv", 1), remote("old.csv", 3)];
    universe.observed.record = RecordState::Unpublished;
    universe.observed.draft = Some(draft(DraftKind::NewRecord, DRAFT, metadata, files));
    let steps = [
        "resume",
        "metadata",
        "delete old.csv",
        "upload b.csv",
        "read back",
        "publish",
        "read record",
    ];
    check(&universe, Operation::NewRecord { draft: Some(DRAFT) }, &steps);
}

#[test]
fn only_metadata_differ() {
    let mut universe = universe();
    universe.desired.metadata.set_text(Field::Title, "Rings of green tea");
    let steps = ["open edit", "metadata", "read back", "publish", "read record"];
    check(&universe, Operation::Edit { record: LATEST, resumed: false }, &steps);
    let plan = universe.plan();
    assert_eq!(plan.metadata.len(), 1);
    assert_eq!(plan.metadata[0].field, Field::Title);
    // The date of a published version stays.
    assert_eq!(plan.target.metadata.text(Field::PublicationDate), Some("2026-01-02"));
}

#[test]
fn only_communities_differ() {
    let mut universe = universe();
    universe.desired.communities.push(Community("tea".to_owned()).into());
    check(&universe, Operation::Communities { record: LATEST }, &["ask tea"]);
    for settled in [CommunityStatus::Joined, CommunityStatus::Pending, CommunityStatus::Declined] {
        universe.observed.communities.insert(Community("tea".to_owned()), settled.into());
        assert!(universe.plan().is_empty(), "{settled:?}");
    }
    universe.policy.allowed.ask_again.insert(Community("tea".to_owned()));
    check(&universe, Operation::Communities { record: LATEST }, &["ask tea"]);
}

#[test]
fn files_differ_and_the_label_is_that_of_the_latest_version() {
    let mut universe = universe();
    universe.desired.files[1] = local("b.csv", 9);
    check_blocked(
        &universe,
        |o| matches!(o, Blocker::LabelTaken { version, .. } if *version == LATEST),
    );
}

#[test]
fn files_differ_and_the_label_is_one_of_the_lock() {
    let mut universe = universe();
    universe.desired.files[1] = local("b.csv", 9);
    universe.label("0.9");
    assert_eq!(universe.plan().blockers, []);
    let bound = universe.binding.record.as_mut().unwrap();
    bound.versions.insert(RecordId(9_000_000.into()), "0.9".to_owned());
    check_blocked(
        &universe,
        |o| matches!(o, Blocker::LabelTaken { version, .. } if version.0 == 9_000_000.into()),
    );
}

#[test]
fn no_label_never_counts() {
    let mut universe = universe();
    universe.desired.version = DesiredVersion::None;
    universe.desired.metadata.remove(Field::Version);
    universe.record().metadata.remove(Field::Version);
    assert!(universe.plan().is_empty());
    universe.desired.files[1] = local("b.csv", 9);
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn files_and_label_differ() {
    let mut universe = universe();
    universe.label("1.1");
    universe.desired.files = vec![local("a.csv", 1), local("b.csv", 9), local("c.csv", 3)];
    universe.record().files.push(remote("old.csv", 4));
    let steps = [
        "open version",
        "metadata",
        "delete old.csv",
        "replace b.csv",
        "upload c.csv",
        "read back",
        "publish",
        "read record",
    ];
    check(&universe, Operation::NewVersion { from: LATEST, draft: None }, &steps);
}

#[test]
fn only_the_label_differs() {
    let mut universe = universe();
    universe.label("1.1");
    let steps = ["open version", "metadata", "read back", "publish", "read record"];
    check(&universe, Operation::NewVersion { from: LATEST, draft: None }, &steps);
}

#[test]
fn our_own_draft_of_a_version_is_continued() {
    let mut universe = universe();
    universe.label("1.1");
    universe.desired.files[1] = local("b.csv", 9);
    let opened = compute_digest(&universe.plan());
    universe.open_version();
    let steps = ["resume", "metadata", "replace b.csv", "read back", "publish", "read record"];
    check(&universe, Operation::NewVersion { from: LATEST, draft: Some(DRAFT) }, &steps);
    assert_eq!(compute_digest(&universe.plan()), opened, "going on has the digest of opening");
}

#[test]
fn another_clients_draft_blocks_until_it_is_adopted() {
    let mut universe = universe();
    universe.label("1.1");
    universe.open_version();
    universe.observed.draft.as_mut().unwrap().files.push(remote("theirs.txt", 7));
    check_blocked(
        &universe,
        |o| matches!(o, Blocker::ForeignDraft { foreign, .. } if foreign[0].contains("theirs.txt")),
    );
    universe.policy.readers = Readers::Everybody;
    check_blocked(
        &universe,
        |o| matches!(o, Blocker::ForeignDraft { foreign, .. } if foreign.is_empty()),
    );
    universe.policy.allowed.adopt_draft = Some(DRAFT);
    let steps = ["resume", "metadata", "delete theirs.txt", "read back", "publish", "read record"];
    check(&universe, Operation::NewVersion { from: LATEST, draft: Some(DRAFT) }, &steps);
}

#[test]
fn a_foreign_draft_is_ours_when_lock_or_journal_name_it() {
    let mut universe = universe();
    universe.label("1.1");
    universe.open_version();
    let theirs = universe.observed.draft.as_mut().unwrap();
    theirs.metadata.set_text(Field::Title, "A title from nowhere");
    check_blocked(&universe, |o| matches!(o, Blocker::ForeignDraft { .. }));
    universe.binding.record.as_mut().unwrap().draft = Some(OpenDraft::Version(DRAFT));
    assert_eq!(universe.plan().blockers, []);
    universe.binding.record.as_mut().unwrap().draft = None;
    universe.policy.unfinished = Some(UnfinishedApply {
        digest: Sha256([0; 32]),
        create_id: None,
        creating: false,
        draft: None,
        opening: Some(LATEST),
        writes_by_records: false,
    });
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn an_open_edit_that_is_not_ours_blocks_a_plan_that_needs_it() {
    let mut universe = universe();
    let mut metadata = universe.record().metadata.clone();
    metadata.set_text(Field::Title, "Somebody's new title");
    let files = universe.record().files.clone();
    universe.observed.draft = Some(draft(DraftKind::Edit, LATEST, metadata, files));
    check(&universe, Operation::Nothing, &[]);
    assert_eq!(universe.plan().stray_draft, Some(LATEST));
    universe.desired.metadata.set_text(Field::Notes, "<p>Of this plan.</p>");
    check_blocked(&universe, |o| matches!(o, Blocker::ForeignDraft { is_edit: true, .. }));
    universe.policy.allowed.adopt_draft = Some(LATEST);
    let steps = ["resume", "metadata", "read back", "publish", "read record"];
    check(&universe, Operation::Edit { record: LATEST, resumed: true }, &steps);
}

#[test]
fn gone_not_ours_under_review_hidden_and_external() {
    let mut gone = universe();
    gone.observed.record = RecordState::Gone { status: 410, message: "gone".to_owned() };
    check_blocked(&gone, |o| matches!(o, Blocker::Gone { status: 410, .. }));
    let mut theirs = universe();
    theirs.observed.record = RecordState::NotOurs { message: "no".to_owned() };
    check_blocked(&theirs, |o| matches!(o, Blocker::NotOurs { .. }));
    let mut reviewed = universe();
    reviewed.label("1.1");
    reviewed.open_version();
    reviewed.observed.draft.as_mut().unwrap().review =
        Some(DraftReview { status: ReviewStatus::Open, community: None, since: None });
    check_blocked(&reviewed, |o| matches!(o, Blocker::UnderReview { draft: DRAFT, .. }));
    let mut unseen = universe();
    unseen.label("1.1");
    unseen.record().has_newer_draft = true;
    check_blocked(&unseen, |o| *o == Blocker::UnseenDraft);
    let mut external = universe();
    external.label("1.1");
    external.desired.files[0] = local("a.csv", 8);
    external.record().has_external_doi = true;
    check_blocked(&external, |o| matches!(o, Blocker::ExternalDoi(_)));
}

#[test]
fn to_ask_a_community_reverts_nothing() {
    let mut universe = universe();
    universe.desired.communities.push(zrel::model::Community("tea".to_owned()).into());
    universe.binding.record.as_mut().unwrap().last = Some(RecordId(9_000_000.into()));
    check(&universe, Operation::Communities { record: LATEST }, &["ask tea"]);
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn another_client_s_version_is_not_reverted_unseen() {
    let mut universe = universe();
    universe.label("1.1");
    universe.binding.record.as_mut().unwrap().last = Some(RecordId(9_000_000.into()));
    check_blocked(&universe, |o| matches!(o, Blocker::NotLastApplied { .. }));
    universe.policy.allowed.over = Some(LATEST);
    assert_eq!(universe.plan().blockers, []);
    // Without a lock entry nothing blocks.
    universe.policy.allowed.over = None;
    universe.binding.record = None;
    assert_eq!(universe.plan().blockers, []);
}

#[test]
fn a_label_from_a_tag_is_known_at_the_tag() {
    let mut review = universe();
    review.desired.version = DesiredVersion::KnownAtTag;
    review.desired.metadata.remove(Field::Version);
    assert!(review.plan().is_empty(), "any label satisfies it");
    review.desired.files[0] = local("a.csv", 8);
    check_blocked(&review, |o| *o == Blocker::LabelUnknown);
    let mut tagged = universe();
    tagged.desired.files[0] = local("a.csv", 8);
    tagged.label("1.1");
    tagged.desired.version = DesiredVersion::Tag("1.1".to_owned());
    tagged.policy = Policy::on("2027-01-01");
    assert_eq!(
        compute_digest(&review.plan()),
        compute_digest(&tagged.plan()),
        "label and day are not in it"
    );
}

#[test]
fn publish_false_stops_at_a_draft_that_stays_ready() {
    let mut universe = universe();
    universe.desired.publish = false;
    universe.label("1.1");
    check(
        &universe,
        Operation::NewVersion { from: LATEST, draft: None },
        &["open version", "metadata", "read back"],
    );
    universe.open_version();
    let ready = universe.observed.draft.as_mut().unwrap();
    ready.metadata.set_text(Field::Version, "1.1");
    universe.policy = Policy::on("2026-12-24");
    assert!(universe.plan().is_empty(), "tomorrow too: {:#?}", universe.plan());
}

#[test]
fn an_archive_packed_by_another_encoder_is_unchanged() {
    let mut universe = universe();
    let content = Sha256([5; 32]);
    let mut archive = local("a.csv", 99);
    archive.source =
        FileSource::Archive { folder: "a".to_owned(), n_files: 1, content, content_bytes: 3 };
    universe.desired.files[0] = archive;
    universe.label("1.1");
    assert_eq!(universe.plan().upload_bytes(), 10);
    let applied = AppliedFile { md5: Md5([1; 16]), content: Some(content) };
    let bound = universe.binding.record.as_mut().unwrap();
    bound.files.insert(FileKey::parse("a.csv").unwrap(), applied);
    assert_eq!(universe.plan().upload_bytes(), 0);
}

#[test]
fn equal_inputs_give_equal_bytes_and_a_saved_plan_is_read_back() {
    let mut universe = universe();
    universe.label("1.1");
    universe.desired.files[0] = local("a.csv", 8);
    universe.desired.communities.push(Community("tea".to_owned()).into());
    let plan = universe.plan();
    let document = zrel::plan::encode_plan(&plan);
    assert_eq!(document.to_string(), zrel::plan::encode_plan(&universe.plan()).to_string());
    let mut read = zrel::plan::decode_plan(&document).unwrap();
    assert_eq!(read.blockers, []);
    read.blockers = plan.blockers.clone();
    assert_eq!(read, plan);
    let mut changed = document.clone();
    changed["target"]["files"][0]["md5"] = "00000000000000000000000000000000".into();
    assert!(zrel::plan::decode_plan(&changed).is_err(), "a changed plan is not a plan");
    changed["format_version"] = "2.0".into();
    assert!(zrel::plan::decode_plan(&changed).unwrap_err().to_string().contains("format 2.0"));
}
