//! The plan: what an apply will do, as data.
//!
//! [`plan`] is a pure function from the desired state, the observed state and the lock to a list of
//! numbered steps with reasons. It reports nothing and refuses nothing: blockers are listed as
//! [`Blocker`]s, which `check` turns into findings. The plan leaves `apply` no choice but to
//! continue, wait, or stop.
//!
//! Start reading at [`Plan`], then `assemble` and `decide`.

mod assemble;
mod base;
mod blocker;
mod common_blockers;
mod communities;
mod community_plan;
mod decide;
mod differences;
mod digest;
mod draft_doi;
mod files;
mod inputs;
mod json;
mod keep;
mod kept_links;
mod kinship;
mod lost_parts;
mod metadata_api;
mod operation;
mod ownership;
mod policy;
mod published_changes;
mod redaction;
mod reservation;
mod share_steps;
mod sharing;
mod sharing_plan;
mod step;
mod steps;
mod target;
mod types;
mod unsupported;
mod verify;
mod written;

pub use assemble::plan;
pub use base::compute_contents_digest;
pub use blocker::Blocker;
pub use community_plan::{CommunityOrigin, CommunityPlan, CommunityWork};
pub use differences::has_wanted_metadata;
pub use digest::{
    combine_digests, compute_basis_digest, compute_digest, compute_digest_without,
    compute_following_digest,
};
pub use draft_doi::{find_foreign_doi, is_doi_of};
pub use files::{FileWork, plan_file_work};
pub use json::{
    FORMAT_VERSION, InvalidPlan, SCHEMA, decode_plan, encode_community, encode_grantee,
    encode_noted, encode_plan, encode_severity, is_part_of, parse_json,
};
pub use metadata_api::MetadataApi;
pub use operation::Operation;
pub use ownership::find_foreign_content;
pub use policy::{Aim, Policy, Readers, UnfinishedApply};
pub use published_changes::find_published_changes;
pub use reservation::{find_reservation, is_reserved_release};
pub use sharing_plan::{
    Giver, GrantPlan, GrantWork, LinkPlan, LinkWork, RequestsPlan, SharingPlan, Wanted,
};
pub use step::{Action, Reason, SentFile, ShareAction, Step};
pub use target::{PlannedFile, Target};
pub use types::{Base, DraftRevision, Noted, NotedPlace, Plan, PlanFlags, Position, Unresolved};
pub(crate) use unsupported::list_hidden_values;
