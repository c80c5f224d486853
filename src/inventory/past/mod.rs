//! What a repository was at its tags: which there are, and the files of one of them in a folder of
//! their own. The user's own files and the repository stay as they are.

mod checkout;
mod named;
mod overlay;
mod tags;

pub use checkout::{Extent, PastFiles, check_out, remove_leftovers};
pub use named::{is_tracked_below, list_built_files};
pub use overlay::lay_over;
pub use tags::{GitTag, list_tags, matches_tag};
