//! Plans: shown without a panic, and refused when damaged.
//!
//! The plans here hold anything, and few of them are ones that zrel would make: those are read as
//! they were written in `plan_integrity.rs`.

use proptest::collection::{btree_map, vec};
use proptest::option;
use proptest::prelude::*;
use proptest::sample::select;
use zrel::check::check;
use zrel::model::{
    AccessRequests, Community, ConceptId, Content, Doi, Field, FieldChange, FieldKind, FileChange,
    FileChangeKind, FileKey, Link, LinkedDoi, Md5, Metadata, Permission, Recid, RecordId, Server,
    ServerKind, Sha256, Value,
};
use zrel::observed::{CommunityStatus, UnsupportedValue, View};
use zrel::plan::{
    Action, Base, CommunityOrigin, CommunityPlan, CommunityWork, DraftRevision, Giver, GrantPlan,
    LinkPlan, Operation, Plan, PlanFlags, PlannedFile, Reason, RequestsPlan, SentFile, ShareAction,
    SharingPlan, Step, Target, Unresolved, Wanted, compute_digest, decode_plan, encode_plan,
};
use zrel::render::{
    About, Detail, LEAST_BYTES, Review, encode_plan_document, render_plan_html,
    render_plan_markdown, render_plan_text,
};

use super::memory::{grantee, terms, text_id};
use super::{cases, damaged, damages};
use crate::command::plan_schema::faults;
use crate::forge::markdown::foreign_parts;
use crate::forge::plan_page::foreign_to_page;

fn text() -> impl Strategy<Value = String> {
    prop_oneof!["\\PC{0,12}", any::<String>(), Just("\u{1b}[2J\u{202e}\r\n".to_owned())]
}

fn number() -> impl Strategy<Value = u64> {
    prop_oneof![0_u64..1_000_000, any::<u64>(), Just(u64::MAX)]
}

fn id() -> impl Strategy<Value = RecordId> {
    prop_oneof![3 => number().prop_map(Recid::Number), 1 => text_id()].prop_map(RecordId)
}

fn doi() -> impl Strategy<Value = Doi> {
    let suffix = prop_oneof!["[a-z.0-9]{1,9}", "[!-~]{1,9}"];
    ("10\\.[0-9]{4,6}", suffix).prop_filter_map("no DOI", |(registrant, suffix)| {
        Doi::parse(&format!("{registrant}/{suffix}")).ok()
    })
}

fn md5() -> impl Strategy<Value = Md5> {
    any::<[u8; 16]>().prop_map(Md5)
}

fn sha256() -> impl Strategy<Value = Sha256> {
    any::<[u8; 32]>().prop_map(Sha256)
}

fn key() -> impl Strategy<Value = FileKey> {
    text().prop_map(|name| FileKey::from_server(&name))
}

fn server() -> impl Strategy<Value = Server> {
    let parts = (text(), text(), option::of(text()), any::<bool>());
    let other = parts.prop_map(|(name, url, doi_prefix, mints_dois)| Server {
        name: format!("x{name}"),
        kind: ServerKind::Other,
        url,
        doi_prefix,
        mints_dois,
    });
    prop_oneof![
        select(vec!["local", "sandbox", "zenodo"]).prop_map(|name| Server::built_in(name).unwrap()),
        other,
    ]
}

fn base() -> impl Strategy<Value = Base> {
    let concept = option::of(number().prop_map(|number| ConceptId(number.into())));
    let draft = (id(), option::of(number()));
    let draft = draft.prop_map(|(id, revision)| DraftRevision { id, revision });
    (
        (concept, option::of(doi()), option::of(id()), option::of(doi())),
        (option::of(text()), option::of(text()), option::of(number())),
        (option::of(sha256()), option::of(draft), option::of(id()), option::of(sha256())),
    )
        .prop_map(|(ids, texts, rest)| Base {
            concept: ids.0,
            concept_doi: ids.1,
            version: ids.2,
            doi: ids.3,
            label: texts.0,
            title: texts.1,
            revision: texts.2,
            contents: rest.0,
            draft: rest.1,
            last_applied: rest.2,
            fingerprint: rest.3,
        })
}

fn operation() -> impl Strategy<Value = Operation> {
    prop_oneof![
        Just(Operation::Nothing),
        Just(Operation::Impossible),
        option::of(id()).prop_map(|draft| Operation::NewRecord { draft }),
        (id(), option::of(id())).prop_map(|(from, draft)| Operation::NewVersion { from, draft }),
        (id(), any::<bool>()).prop_map(|(record, resumed)| Operation::Edit { record, resumed }),
        id().prop_map(|record| Operation::Communities { record }),
    ]
}

fn action() -> impl Strategy<Value = Action> {
    prop_oneof![
        select(vec![
            Action::CreateDraft,
            Action::ReplaceMetadata,
            Action::ReadBack,
            Action::Publish,
            Action::ReadRecord,
        ]),
        id().prop_map(|from| Action::OpenVersion { from }),
        id().prop_map(|record| Action::OpenEdit { record }),
        id().prop_map(|draft| Action::Resume { draft }),
        key().prop_map(|key| Action::DeleteFile { key }),
        sent_file().prop_map(Action::UploadFile),
        vec(sent_file(), 2..4).prop_map(Action::UploadFiles),
        sent_file().prop_map(Action::ReplaceFile),
        text().prop_map(|slug| Action::AskCommunity { community: Community(slug) }),
        (text(), terms())
            .prop_map(|(name, terms)| Action::Share(ShareAction::CreateLink { name, terms })),
        grantee().prop_map(|grantee| Action::Share(ShareAction::RemoveGrant { grantee })),
    ]
}

fn sent_file() -> impl Strategy<Value = SentFile> {
    (key(), number(), md5()).prop_map(|(key, size, md5)| SentFile { key, size, md5 })
}

fn file_change() -> impl Strategy<Value = FileChange> {
    let content = || (number(), md5()).prop_map(|(size, md5)| Content { size, md5 });
    let kind = prop_oneof![
        content().prop_map(FileChangeKind::Added),
        (number(), option::of(md5()), content())
            .prop_map(|(size, md5, now)| FileChangeKind::Replaced { was: (size, md5), now }),
        number().prop_map(FileChangeKind::Deleted),
        content().prop_map(FileChangeKind::Kept),
    ];
    (key(), kind, option::of(key())).prop_map(|(key, kind, other)| {
        let can_be = matches!(kind, FileChangeKind::Added(_) | FileChangeKind::Deleted(_));
        FileChange { key, kind, renamed: other.filter(|_| can_be) }
    })
}

/// A field whose value is a text or a list, and such a value.
fn field() -> impl Strategy<Value = (Field, Value)> {
    let simple =
        |field: &Field| matches!(field.kind(), FieldKind::Text | FieldKind::Html | FieldKind::List);
    let fields: Vec<Field> = Field::ALL.iter().copied().filter(simple).collect();
    (select(fields), text(), vec(text(), 1..3)).prop_map(|(field, text, list)| {
        let is_list = field.kind() == FieldKind::List;
        (field, if is_list { Value::List(list) } else { Value::Text(text) })
    })
}

fn field_change() -> impl Strategy<Value = FieldChange> {
    (field(), any::<bool>(), any::<bool>()).prop_map(|((field, value), before, after)| {
        let side = |is_there: bool| is_there.then(|| value.clone());
        FieldChange { field, before: side(before), after: side(after) }
    })
}

fn community() -> impl Strategy<Value = CommunityPlan> {
    let all = vec![
        CommunityStatus::Joined,
        CommunityStatus::Pending,
        CommunityStatus::Declined,
        CommunityStatus::Withdrawn,
    ];
    let origins =
        vec![CommunityOrigin::Manifest, CommunityOrigin::Lock, CommunityOrigin::Elsewhere];
    let works = vec![
        CommunityWork::Nothing,
        CommunityWork::Ask,
        CommunityWork::Submit,
        CommunityWork::Leave,
    ];
    let what = (select(origins), select(works), option::of(0..4_000_000_000_i64));
    let wishes = (any::<bool>(), any::<bool>(), option::of(text()));
    (text(), option::of(select(all)), what, wishes).prop_map(
        |(slug, status, (origin, work, since), (required, before_publish, message))| {
            CommunityPlan {
                community: Community(slug),
                origin,
                required,
                message,
                before_publish,
                status,
                since: since.and_then(|second| jiff::Timestamp::from_second(second).ok()),
                work,
            }
        },
    )
}

fn giver() -> impl Strategy<Value = Giver> {
    select(vec![Giver::Lock, Giver::Elsewhere])
}

fn sharing() -> impl Strategy<Value = SharingPlan> {
    let permission = || select(Permission::ALL.to_vec());
    let wanted = prop_oneof![permission().prop_map(Wanted::Said), giver().prop_map(Wanted::Unsaid)];
    let grant = (grantee(), wanted, option::of(permission()));
    let grant = grant.prop_map(|(grantee, wanted, now)| GrantPlan { grantee, wanted, now });
    let wanted = prop_oneof![terms().prop_map(Wanted::Said), giver().prop_map(Wanted::Unsaid)];
    let link = (text(), wanted, option::of(terms()), any::<bool>());
    let link =
        link.prop_map(|(name, wanted, now, is_over)| LinkPlan { name, wanted, now, is_over });
    let requests = || {
        let flags = (option::of(any::<bool>()), option::of(any::<bool>()));
        (flags, option::of(text()), option::of(0_u16..400)).prop_map(
            |((users, guests), conditions, link_days)| AccessRequests {
                users,
                guests,
                conditions,
                link_days,
            },
        )
    };
    let both = (requests(), requests()).prop_map(|(wanted, now)| RequestsPlan { wanted, now });
    (vec(grant, 0..3), vec(link, 0..3), option::of(both), option::of(text())).prop_map(
        |(grants, links, requests, refused)| SharingPlan { grants, links, requests, refused },
    )
}

fn target() -> impl Strategy<Value = Target> {
    let digests = (option::of(sha256()), option::of(sha256()));
    let file = (key(), number(), md5(), digests, text(), any::<bool>());
    let file = file.prop_map(|(key, size, md5, (content, masked), shown, kept)| PlannedFile {
        key,
        size,
        md5,
        content,
        masked,
        shown,
        kept,
    });
    (vec(field(), 0..4), vec(file, 0..3)).prop_map(|(fields, files)| {
        let mut metadata = Metadata::default();
        for (field, value) in fields {
            metadata.set(field, value);
        }
        Target { metadata, files }
    })
}

fn plan() -> impl Strategy<Value = Plan> {
    let steps = vec((action(), select(Reason::ALL.to_vec())), 0..5);
    let unresolved = prop_oneof![
        option::of(text()).prop_map(Unresolved::Day),
        option::of(text()).prop_map(Unresolved::Tag)
    ];
    let doi = select(vec![LinkedDoi::Concept, LinkedDoi::Version]);
    let link = (text(), doi).prop_map(|(key, doi)| Link { key, doi });
    let links = btree_map(link, option::of(text()), 0..3);
    let communities = vec(text().prop_map(Community), 1..8);
    let origins = btree_map(select(Field::ALL.to_vec()), communities, 0..3);
    let loss = (text(), text()).prop_map(|(place, what)| UnsupportedValue { place, what });
    (
        (server(), base(), operation(), steps, select(vec![View::Owner, View::Public])),
        (vec(file_change(), 0..4), vec(field_change(), 0..4), vec(community(), 0..3), sharing()),
        (target(), vec(unresolved, 0..2), vec(loss, 0..2), option::of(id()), (links, origins)),
    )
        .prop_map(|((server, base, operation, steps, view), changes, rest)| Plan {
            server,
            view,
            base,
            operation,
            steps: steps
                .into_iter()
                .enumerate()
                .map(|(at, (action, reason))| Step { number: at + 1, action, reason })
                .collect(),
            files: changes.0,
            metadata: changes.1,
            communities: changes.2,
            sharing: changes.3,
            target: rest.0,
            links: rest.4.0,
            metadata_origins: rest.4.1,
            unresolved: rest.1,
            blockers: Vec::new(),
            settled: Vec::new(),
            flags: PlanFlags::default(),
            noted: Vec::new(),
            metadata_api: zrel::plan::MetadataApi::Deposit,
            unsupported: rest.2,
            stray_draft: rest.3,
        })
}

proptest! {
    #![proptest_config(cases(200))]

    #[test]
    fn any_plan_is_shown_harmlessly(plan in plan(), manifest in text(), budget in 0_usize..20_000) {
        let checked = check(plan);
        let full = render_plan_text(&checked, Detail::FULL);
        let folded = render_plan_text(&checked, Detail::FOLDED);
        let shown = format!("{full}{folded}");
        // Colours are zrel's.
        let is_harmless = !shown.contains(['\u{202e}', '\r']) && !shown.contains("\u{1b}[2J");
        prop_assert!(is_harmless, "{:?}", shown);
        let about = About { manifest, commit: Some("0a1b".repeat(10)) };
        let mut document = encode_plan_document(&checked, &about);
        prop_assert_eq!(faults(&document), Vec::<String>::new(), "{:#}", document);
        // The reader of a plan refuses it; the printer does not rely on that.
        document["about"]["commit"] = "\u{202e}|`".into();
        let review = Review::new(checked.plan(), &document);
        let page = render_plan_html(&review);
        prop_assert_eq!(foreign_to_page(&page), Vec::<String>::new(), "{}", page);
        let comment = render_plan_markdown(&review, budget);
        prop_assert!(comment.len() <= budget.max(LEAST_BYTES), "{} bytes", comment.len());
        prop_assert_eq!(foreign_parts(&comment), Vec::<String>::new(), "{}", comment);
    }

    #[test]
    fn a_damaged_plan_is_refused_or_does_the_same(plan in plan(), all in damages()) {
        let bad = damaged(&encode_plan(&plan).to_string(), &all);
        if let Ok(json) = serde_json::from_str(&bad)
            && let Ok(read) = decode_plan(&json)
        {
            prop_assert_eq!(compute_digest(&read), compute_digest(&plan));
        }
    }

    #[test]
    fn random_json_is_not_a_plan(text in "(\\{|\\[|\"format_version\":\"1\\.0\"|:|,|\\}|\\]|[0-9]|null|\"a\"){0,30}") {
        if let Ok(json) = serde_json::from_str(&text) {
            prop_assert!(decode_plan(&json).is_err());
        }
    }
}
