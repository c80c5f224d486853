//! Old releases of a project: each past tag as a version of its record, with that tag's files, label
//! and date.
//!
//! [`list_releases`] finds the tags, [`open_release`] makes a [`Project`](super::Project) of one, in
//! a folder with its files, and [`match_releases`] finds the version that each is. [`plan_releases`]
//! plans all others before the first is published: each as if those before it were. `built` keeps
//! what a command makes for a tag; which command, and with what environment, is the caller's.

mod approved;
mod built;
mod codes;
mod expect;
mod files;
mod load;
mod matching;
mod newer;
mod plan;
mod releases;

pub use approved::{ApprovedReleases, is_approved};
pub use built::{BuildPlace, find_unbuilt, has_built, keep_built, open_build_place, remove_built};
pub use codes::CODES as BACKFILL_CODES;
pub use files::{
    AddedFile, AddedFrom, Gathered, OpenRelease, Sources, find_odd_assets, open_release,
};
pub use matching::{Match, find_own, match_releases};
pub use plan::{BackfillPlan, FoundRelease, PlannedRelease, plan_releases};
pub use releases::{PastRelease, list_releases};
