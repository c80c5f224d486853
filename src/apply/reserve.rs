//! Reserves the DOI of a draft, and checks that it is the one that was planned.

use crate::api::ApiError;
use crate::model::{Field, RecordId};
use crate::observed::Draft;
use crate::plan::is_doi_of;

use super::ApplyErrorKind;
use super::run::Run;

impl Run<'_, '_> {
    /// Reserves the DOI, and reads the draft again: it has another revision then.
    pub(super) async fn reserve_doi(&mut self) -> Result<(), ApplyErrorKind> {
        let id = self.draft()?.id;
        if self.is_of_records_alone() {
            return self.reserve_doi_of_record(id).await;
        }
        self.context.journal.before("reserve doi")?;
        let reserved: Result<(), ApiError> = self.context.api.reserve_doi(id).await.map(|_| ());
        reserved?;
        self.context.journal.after("reserve doi")?;
        self.draft = Some(self.context.api.read().draft(id).await?);
        Ok(())
    }

    /// Checks that nothing but the DOI changed since the draft was opened: the metadata are replaced
    /// next, and another client's would be lost.
    fn require_same_content(&self, draft: &Draft) -> Result<(), ApplyErrorKind> {
        let content = |draft: &Draft| {
            let mut metadata = draft.metadata.clone();
            metadata.remove(Field::Doi);
            let files: Vec<_> = draft.files.iter().map(|it| (it.key.clone(), it.md5)).collect();
            (metadata, files, draft.unsupported.clone())
        };
        let is_same = content(self.draft()?) == content(draft);
        if is_same { Ok(()) } else { Err(ApplyErrorKind::DraftChanged) }
    }

    /// Checks that a draft has the DOI that its server makes of its id.
    fn check_reserved_doi(&self, draft: &Draft) -> Result<(), ApplyErrorKind> {
        let Some(doi) = draft.doi.clone() else { return Err(ApplyErrorKind::NoDoi(draft.id)) };
        let server = &self.plan.server;
        if is_doi_of(server, draft.id, doi.as_str()) {
            return Ok(());
        }
        let expected = server.mint_doi(draft.id.0);
        let expected =
            expected.map_or_else(|| format!("PREFIX/{}", draft.id), |doi| doi.to_string());
        Err(ApplyErrorKind::OtherDoi { draft: draft.id, doi, expected })
    }

    /// Does the same where the answer is the whole draft.
    async fn reserve_doi_of_record(&mut self, id: RecordId) -> Result<(), ApplyErrorKind> {
        self.context.journal.before("reserve doi")?;
        let mut draft = match self.context.api.reserve_record_doi(id).await? {
            Some(draft) => self.same_draft(id, draft, "reserving the DOI")?,
            // An earlier try arrived, or another client reserved it.
            None => self.read_draft(id).await?,
        };
        // The server holds a DOI that the draft has lost (invenio-rdm-records issue 1757).
        if draft.doi.is_none()
            && let Some(own) = self.plan.server.mint_doi(id.0)
        {
            self.context.api.send_doi(id, &own).await?;
            draft = self.read_draft(id).await?;
        }
        self.check_reserved_doi(&draft)?;
        self.require_same_content(&draft)?;
        self.context.journal.after("reserve doi")?;
        self.draft = Some(draft);
        Ok(())
    }
}
