//! Gives and takes access to a record beside its owner's.
//!
//! The lock notes what is given before the call is made, so that an apply that is killed in between
//! is known to have given it.

use std::time::Duration;

use crate::api::{ApiError, Backend, Outcome, ReadApi};
use crate::model::{Grantee, LinkTerms, Permission, RecordId};
use crate::observed::{ObservedLink, SharedPlace};
use crate::plan::{LinkPlan, LinkWork, RequestsPlan, ShareAction};

use super::ApplyErrorKind;
use super::publish::PAUSES;
use super::run::Run;

impl Run<'_, '_> {
    /// Does one step about access.
    pub(super) async fn share(&mut self, action: &ShareAction) -> Result<(), ApplyErrorKind> {
        let id = self.shared_id()?;
        match action {
            ShareAction::AddGrant { grantee, permission } => {
                self.add_grant(id, (grantee, *permission)).await
            }
            ShareAction::ChangeGrant { grantee, permission } => {
                self.change_grant(id, (grantee, *permission)).await
            }
            ShareAction::RemoveGrant { grantee } => self.remove_grant(id, grantee).await,
            ShareAction::CreateLink { name, terms } => self.create_link(id, (name, *terms)).await,
            ShareAction::ChangeLink { name, terms } => self.change_link(id, (name, *terms)).await,
            ShareAction::RemoveLink { name } => self.remove_link(id, name).await,
            ShareAction::SetRequests => self.set_requests(id).await,
        }
    }

    /// Returns the record, or the draft that was never published. Access is the same for all versions.
    fn shared_id(&self) -> Result<RecordId, ApplyErrorKind> {
        let draft = self.draft.as_ref().map(|draft| draft.id);
        let id = self.record_id().or(draft).or(self.plan.operation.draft());
        id.ok_or(ApplyErrorKind::DraftChanged)
    }

    async fn add_grant(
        &mut self,
        id: RecordId,
        (grantee, permission): (&Grantee, Permission),
    ) -> Result<(), ApplyErrorKind> {
        self.note_grant(grantee, Some(permission))?;
        self.context.journal.before_by(Backend::Records, "add grant")?;
        match self.context.api.add_grant(id, (grantee, permission)).await {
            Ok(()) => {}
            Err(error) if self.has_grant(id, (grantee, Some(permission)), &error).await => {
                // A refusal says that another client was first: then the grant is not zrel's.
                if error.outcome() != Outcome::Unknown {
                    self.note_grant(grantee, None)?;
                }
            }
            Err(error) => {
                // What the server refused is not for a later apply to remove.
                if error.outcome() != Outcome::Unknown {
                    self.note_grant(grantee, None)?;
                }
                return Err(error.into());
            }
        }
        self.context.journal.after("add grant")?;
        Ok(())
    }

    async fn change_grant(
        &mut self,
        id: RecordId,
        (grantee, permission): (&Grantee, Permission),
    ) -> Result<(), ApplyErrorKind> {
        self.context.journal.before_by(Backend::Records, "change grant")?;
        match self.context.api.change_grant(id, (grantee, permission)).await {
            Ok(()) => {}
            Err(error) if self.has_grant(id, (grantee, Some(permission)), &error).await => {}
            Err(error) => return Err(error.into()),
        }
        self.context.journal.after("change grant")?;
        // What was given elsewhere stays another's, although the manifest says how much it is.
        let entry = self.context.lock.entry_mut(&self.plan.server);
        if entry.record.granted.contains_key(grantee) {
            self.note_grant(grantee, Some(permission))?;
        }
        Ok(())
    }

    async fn remove_grant(
        &mut self,
        id: RecordId,
        grantee: &Grantee,
    ) -> Result<(), ApplyErrorKind> {
        self.context.journal.before_by(Backend::Records, "remove grant")?;
        match self.context.api.remove_grant(id, grantee).await {
            Ok(()) => {}
            Err(error) if error.is_not_found() => {}
            Err(error) if self.has_grant(id, (grantee, None), &error).await => {}
            Err(error) => return Err(error.into()),
        }
        self.context.journal.after("remove grant")?;
        self.note_grant(grantee, None)
    }

    async fn create_link(
        &mut self,
        id: RecordId,
        (name, terms): (&str, LinkTerms),
    ) -> Result<(), ApplyErrorKind> {
        // An earlier try whose answer was lost may have arrived since the plan was made: another one
        // would be a second secret.
        let is_wanted = |link: &ObservedLink| link.name == name && link.terms == terms;
        let there = list_links(self.context.api.read(), id).await?;
        if there.iter().any(is_wanted) {
            return Ok(());
        }
        // Beside the one that was to be removed first, nobody would know which is whose.
        if self
            .find_planned_terms(name)
            .is_some_and(|now| there.iter().any(|link| link.name == name && link.terms == now))
        {
            return Err(ApplyErrorKind::AccessChanged(format!("the link `{name}` is still there")));
        }
        self.note_link(name, Some(terms))?;
        self.context.journal.before_by(Backend::Records, "create link")?;
        match self.context.api.create_link(id, (name, terms)).await {
            Ok(()) => {}
            Err(error) if self.has_links(id, &error, |all| all.iter().any(is_wanted)).await => {}
            // It may still arrive: another call in this run would make a second secret.
            Err(error) if error.outcome() == Outcome::Unknown => {
                return Err(ApplyErrorKind::LinkUnknown { name: name.to_owned(), source: error });
            }
            Err(error) => {
                self.note_link(name, None)?;
                return Err(error.into());
            }
        }
        self.context.journal.after("create link")?;
        Ok(())
    }

    async fn change_link(
        &mut self,
        id: RecordId,
        (name, terms): (&str, LinkTerms),
    ) -> Result<(), ApplyErrorKind> {
        let Some(link) = self.find_link(id, name).await? else {
            return Err(ApplyErrorKind::AccessChanged(format!("there is no link `{name}` now")));
        };
        self.context.journal.before_by(Backend::Records, "change link")?;
        let is_done =
            |all: &[ObservedLink]| all.iter().any(|one| one.id == link.id && one.terms == terms);
        match self.context.api.change_link(id, &link.id, (name, terms)).await {
            Ok(()) => {}
            Err(error) if self.has_links(id, &error, is_done).await => {}
            Err(error) => return Err(error.into()),
        }
        self.context.journal.after("change link")?;
        let entry = self.context.lock.entry_mut(&self.plan.server);
        if entry.record.shared_links.contains_key(name) {
            self.note_link(name, Some(terms))?;
        }
        Ok(())
    }

    async fn remove_link(&mut self, id: RecordId, name: &str) -> Result<(), ApplyErrorKind> {
        if let Some(link) = self.find_link(id, name).await? {
            self.context.journal.before_by(Backend::Records, "remove link")?;
            let is_gone = |all: &[ObservedLink]| all.iter().all(|one| one.id != link.id);
            match self.context.api.remove_link(id, &link.id).await {
                Ok(()) => {}
                Err(error) if error.is_not_found() => {}
                Err(error) if self.has_links(id, &error, is_gone).await => {}
                Err(error) => return Err(error.into()),
            }
            self.context.journal.after("remove link")?;
        }
        self.note_link(name, None)
    }

    async fn set_requests(&mut self, id: RecordId) -> Result<(), ApplyErrorKind> {
        let Some(requests) = &self.plan.sharing.requests else { return Ok(()) };
        let is_draft = self.record_id().is_none();
        let place = if is_draft { SharedPlace::Draft(id) } else { SharedPlace::Record(id) };
        let now = self.context.api.read().access_requests(place).await?;
        let all = RequestsPlan::merge(&requests.wanted, now);
        self.context.journal.before_by(Backend::Records, "set access requests")?;
        self.context.api.put_access_requests(id, &all).await?;
        self.context.journal.after("set access requests")?;
        Ok(())
    }

    /// Finds the link that the plan is about: the one that it saw, of those with the name.
    async fn find_link(
        &self,
        id: RecordId,
        name: &str,
    ) -> Result<Option<ObservedLink>, ApplyErrorKind> {
        let seen = self.find_planned_terms(name);
        let all = list_links(self.context.api.read(), id).await?;
        Ok(all.into_iter().find(|link| link.name == name && Some(link.terms) == seen))
    }

    /// Returns what the link gave that the plan changes or removes.
    fn find_planned_terms(&self, name: &str) -> Option<LinkTerms> {
        let sharing = &self.plan.sharing;
        let is_changed =
            |link: &&LinkPlan| link.name == name && sharing.work_on_link(link) != LinkWork::Nothing;
        sharing.links.iter().find(is_changed)?.now
    }

    /// Returns whether somebody has this access although the call failed: its answer was lost, or
    /// another client was first.
    async fn has_grant(
        &self,
        id: RecordId,
        (grantee, wanted): (&Grantee, Option<Permission>),
        error: &ApiError,
    ) -> bool {
        for pause in list_pauses(error) {
            self.context.deadline.sleep(pause).await;
            let Ok(all) = self.context.api.read().access_grants(id).await else { continue };
            let found = all.iter().find(|(one, _)| one == grantee).map(|(_, now)| *now);
            if found == wanted {
                return true;
            }
        }
        false
    }

    /// Returns whether the links are as wanted although the call failed.
    async fn has_links(
        &self,
        id: RecordId,
        error: &ApiError,
        are_wanted: impl Fn(&[ObservedLink]) -> bool,
    ) -> bool {
        for pause in list_pauses(error) {
            self.context.deadline.sleep(pause).await;
            match list_links(self.context.api.read(), id).await {
                Ok(all) if are_wanted(&all) => return true,
                Ok(_) | Err(_) => {}
            }
        }
        false
    }

    fn note_grant(
        &mut self,
        grantee: &Grantee,
        permission: Option<Permission>,
    ) -> Result<(), ApplyErrorKind> {
        let known = &mut self.context.lock.entry_mut(&self.plan.server).record.granted;
        match permission {
            Some(permission) => known.insert(grantee.clone(), permission),
            None => known.remove(grantee),
        };
        self.save_shared()
    }

    fn note_link(&mut self, name: &str, terms: Option<LinkTerms>) -> Result<(), ApplyErrorKind> {
        let links = &mut self.context.lock.entry_mut(&self.plan.server).record.shared_links;
        match terms {
            Some(terms) => links.insert(name.to_owned(), terms),
            None => links.remove(name),
        };
        self.save_shared()
    }

    fn save_shared(&mut self) -> Result<(), ApplyErrorKind> {
        self.context.lock.save_entry(self.context.lock_path, &self.plan.server)?;
        Ok(())
    }
}

/// Returns the pauses between the looks after a failed call. A call whose answer was lost may still
/// arrive; the next apply looks again.
fn list_pauses(error: &ApiError) -> impl Iterator<Item = Duration> {
    let n_looks = if error.outcome() == Outcome::Unknown { 3 } else { 1 };
    PAUSES.into_iter().take(n_looks)
}

/// Reads the secret links, without their secrets.
async fn list_links(api: &ReadApi, id: RecordId) -> Result<Vec<ObservedLink>, ApiError> {
    let links = api.secret_links(id).await?;
    Ok(links.into_iter().map(|secret| secret.link).collect())
}
