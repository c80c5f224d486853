//! The engine: what `zrel` does, without a command line.
//!
//! A [`Project`] is a manifest and what belongs to it. [`Project::inventory`] reads its files,
//! [`Project::gather`] collects everything local, a [`Session`] connects to the server,
//! [`Session::observe`] or [`observe_public`] reads the record, [`make_plan`] compares, and a
//! [`Release`] applies. Nothing here knows a command line, a terminal or the environment: tokens,
//! limits and the clock come as values, events go to a [`Sink`], and a failure is an
//! [`EngineError`].
//!
//! Start reading at `project`, then `observe`, `policy` and `converge`.

mod access;
mod applied_files;
mod approved;
pub mod backfill;
mod binding;
mod carriers;
mod converge;
mod discard;
pub mod doctor;
mod error;
mod faults;
mod find_draft;
mod freshness;
mod gather;
mod identity;
pub mod import;
mod links;
mod listing;
mod member_records;
mod neighbours;
mod notice;
mod observe;
mod observe_public;
mod past;
mod planned;
mod policy;
mod project;
mod rebuild_lock;
pub mod receipt;
mod reserve;
mod saved_plan;
mod session;
mod settle;
mod sink;
pub mod verify;
mod work;
mod workspace;
mod workspace_root;
mod write;

pub use approved::Approved;
pub use carriers::{Carriers, find_carriers, find_draft_doi};
pub use converge::{JOBS, Release};
pub use discard::{discard, find_own_draft, forget_gone_draft};
pub use error::{EngineError, Faults};
pub use faults::has_errors;
pub use freshness::{Freshness, compare_saved, find_other_manifest};
pub use identity::{ProjectPaths, make_invocation, read_unfinished_run};
pub use listing::Listing;
pub use member_records::MemberRecords;
pub use notice::Notice;
pub use observe_public::{check_allowed, observe_public, read_public_record};
pub use past::Past;
pub use planned::Planned;
pub use policy::{make_plan, make_policy};
pub use project::{Limits, PlanInputs, PlannedIn, Project, ProjectOptions};
pub use rebuild_lock::{LockRebuild, RebuildError, Rebuilt};
pub use reserve::{NextApply, Reserved};
pub use saved_plan::{
    PlanFault, Saved, SavedFile, SavedMember, SavedPlanError, SavedSet, check_writable, read_plan,
    read_saved, write_document, write_plan,
};
pub use session::{ConnectOptions, Session, parse_host};
pub use settle::{note_release_of_draft, note_reserved_release, settle, settle_empty};
pub use sink::Sink;
pub use work::build_work;
pub use workspace::{Member, Workspace};
pub use write::{FileWithValues, Known, WriteError, Writing, write_files};
