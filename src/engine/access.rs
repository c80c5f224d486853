//! Reads who has access to a record beside its owner, for a person.

use crate::observed::{Observed, RecordAccess};

use super::EngineError;
use super::session::Session;

impl Session {
    /// Reads who has access to a record, or to a draft that was never published; none where neither is
    /// there.
    ///
    /// # Errors
    /// [`EngineError::Api`]; forbidden for those who do not manage the record.
    pub async fn read_access(
        &self,
        observed: &Observed,
    ) -> Result<Option<RecordAccess>, EngineError> {
        let Some(place) = observed.shared_place() else { return Ok(None) };
        let (read, id) = (self.read(), place.id());
        let grants = read.access_grants(id).await.map_err(EngineError::Api)?;
        let links = read.secret_links(id).await.map_err(EngineError::Api)?;
        let requests = read.access_requests(place).await.map_err(EngineError::Api)?;
        // The draft of an edit has the record's id.
        let draft = observed.draft.as_ref().map(|draft| draft.id).filter(|draft| *draft != id);
        Ok(Some(RecordAccess { id, draft, site: self.site(), grants, links, requests }))
    }
}
