//! The flags of a run over past releases, for the commands that are offered.

use std::fmt::Write;

use crate::cli::args::Limits;
use crate::cli::args::backfill::{Chosen, Tags};
use crate::render::{list_flags, quote_word};

/// Returns the flags with which the plans were made, each after a blank.
pub(super) fn list_chosen(chosen: &Chosen) -> String {
    format!("{}{}", list_selection(chosen), list_flags(&chosen.record.to_plan()))
}

/// Returns the flags that say which releases are meant, and what they have; each after a blank.
pub(super) fn list_selection(chosen: &Chosen) -> String {
    let mut flags = list_tags(&chosen.tags);
    if let Some(assets) = &chosen.assets {
        let _ = write!(flags, " --assets {}", quote_word(&assets.to_string_lossy()));
    }
    let limits = &chosen.limits;
    if limits.max_files != Limits::FILES {
        let _ = write!(flags, " --max-files {}", limits.max_files);
    }
    if limits.max_bytes != Limits::BYTES {
        let _ = write!(flags, " --max-bytes {}", limits.max_bytes);
    }
    if chosen.after_latest {
        flags.push_str(" --after-latest");
    }
    flags
}

/// Returns the flags that say which releases are meant; each after a blank.
pub(super) fn list_tags(tags: &Tags) -> String {
    let mut flags = String::new();
    let mut add = |flag: &str, value: &str| {
        let _ = write!(flags, " {flag} {}", quote_word(value));
    };
    tags.patterns.iter().for_each(|pattern| add("--tags", pattern));
    tags.skip.iter().for_each(|pattern| add("--skip", pattern));
    if tags.own_manifest {
        flags.push_str(" --own-manifest");
    }
    flags
}
