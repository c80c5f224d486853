//! Everything local that a plan is made from, collected before a server is asked.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::check;
use crate::desired::{
    Desired, DesiredVersion, Inputs, build_desired, find_unread_tags, report_edited_files,
    warn_about_texts,
};
use crate::interop::read_version_file;
use crate::inventory::Inventory;
use crate::model::Community;
use crate::profile::check_profiles;
use crate::render::resolve_place;

use super::EngineError;
use super::links::{FoundLinks, find_links};
use super::neighbours::{find_bound_members, find_twins};
use super::project::{PlanInputs, Project};

impl Project {
    /// Collects manifest, files, lock and journal.
    ///
    /// # Errors
    /// An [`EngineError`] when one of them can't be used.
    pub fn gather(&self, inventory: Inventory) -> Result<PlanInputs, EngineError> {
        let Inventory { files, n_files: _, texts, profiles, written, git, findings } = inventory;
        let unseen = warn_about_texts(&self.manifest, &texts);
        let unread_tags = find_unread_tags(&self.manifest, git.as_ref());
        let version = read_version_file(&self.manifest, &texts);
        // Only a release, which reads its files, must be what a commit has.
        let is_dirty = !files.is_empty() && git.as_ref().is_some_and(|git| git.dirty);
        let FoundLinks { links, patterns: link_patterns, versions: link_versions } =
            find_links(self)?;
        let inputs = Inputs {
            texts,
            version,
            git,
            files,
            links,
            link_patterns,
            link_versions,
            writes: written,
        };
        let desired = build_desired(&self.manifest, self.server.clone(), inputs)
            .map_err(|findings| self.invalid(findings))?;
        self.expect_profiles(&desired, &profiles)?;
        let (lock, unfinished_run) = self.memory()?;
        let mut binding = self.binding(&lock, desired.concept);
        match binding.concept {
            Some((concept, _)) if !self.is_compared => {
                binding.others.extend(find_twins(self, concept));
            }
            Some(_) => {}
            None => binding.others.extend(find_bound_members(self)),
        }
        let reserved = binding.record.as_ref().and_then(|record| record.reserved.as_ref());
        if is_dirty
            && desired.version == DesiredVersion::KnownAtTag
            && let Some(label) = reserved.and_then(|reserved| reserved.label.as_deref())
        {
            return Err(self.invalid(vec![report_edited_files(&self.manifest, label)]));
        }
        let mut all = self.findings.clone();
        all.extend(findings);
        all.extend(unseen);
        all.extend(unread_tags);
        // The lock's entry is of another address under this name, where its ids mean other records.
        if let Some(was) = lock.moved_from(&self.server) {
            let finding = check::warn_of_moved_server(was, &self.server);
            // A built-in server has no place in the manifest to point at.
            let named = self.manifest.servers.get(&self.server.name);
            let place = named.map(|named| named.url.span);
            all.push(match place {
                Some(span) => finding.at(span, ""),
                None => finding,
            });
        }
        Ok(PlanInputs {
            text: Arc::clone(&self.text),
            binding,
            desired,
            noted: all.iter().map(|it| resolve_place(it, Some(self.source()))).collect(),
            findings: all,
            unfinished_run,
            lock,
            invocation: self.paths.invocation(),
        })
    }

    /// Checks that the metadata are as the profiles of communities ask.
    fn expect_profiles(
        &self,
        desired: &Desired,
        texts: &BTreeMap<Community, String>,
    ) -> Result<(), EngineError> {
        let today = self.clock.today().to_string();
        let unmet = check_profiles(&self.manifest, desired, texts, &today);
        if unmet.is_empty() { Ok(()) } else { Err(self.invalid(unmet)) }
    }
}
