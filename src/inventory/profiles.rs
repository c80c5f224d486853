//! Reads the profiles that communities name.
//!
//! Deliberately absent: what is in them; `profile` evaluates it.

use std::collections::BTreeMap;
use std::path::Path;

use crate::disk;
use crate::manifest::{Manifest, codes};
use crate::model::{Community, Finding};

use super::select::safe_path::{self, Fault};
use super::types::Options;

/// The largest profile, in bytes.
const LIMIT: u64 = 1024 * 1024;

/// Reads the profiles, and adds a finding for each that was not read.
pub(super) fn read_profiles(
    manifest: &Manifest,
    options: &Options,
    findings: &mut Vec<Finding>,
) -> BTreeMap<Community, String> {
    let mut profiles = BTreeMap::new();
    for community in &manifest.communities {
        let (id, Some(profile)) = (&community.id.value, &community.profile) else { continue };
        let root = match &options.workspace {
            Some(root) if profile.in_root => root,
            Some(_) | None => options.texts_root(),
        };
        match read_profile(root, &profile.file.value) {
            Ok(text) => {
                profiles.insert(id.clone(), text);
            }
            Err(fault) => {
                let what = &fault.summary;
                let summary = format!("the profile of community `{id}` was not read: {what}");
                let finding = Finding::error(codes::PROFILE, summary);
                let finding = match fault.why {
                    Some(why) => finding.because(why),
                    None => finding,
                };
                let hint = "save a copy of what its curators publish there";
                findings.push(finding.at(profile.file.span, "").hint(hint));
            }
        }
    }
    profiles
}

fn read_profile(root: &Path, path: &str) -> Result<String, Finding> {
    let place = safe_path::find_regular_file(root, path, &[]).map_err(Fault::finding)?;
    let unreadable = |error| Fault::Unreadable(place.rel.clone(), error).finding();
    let (file, _) = disk::open_regular(&place.path).map_err(unreadable)?;
    let bytes = disk::read_at_most(file, LIMIT).map_err(unreadable)?;
    let refuse = |why: &str| Finding::error(codes::PROFILE, format!("`{path}` {why}"));
    let bytes = bytes.ok_or_else(|| refuse("is larger than 1 MiB"))?;
    let text = String::from_utf8(bytes).map_err(|_| refuse("is not UTF-8"))?;
    // Editors write a byte order mark, which is not JSON.
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}
