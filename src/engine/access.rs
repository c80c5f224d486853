//! Who has access to a record beside its owner, as the server says it.

use crate::observed::{Observed, RecordAccess, RecordState};

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
        let (id, page, is_draft) = match (&observed.record, &observed.draft) {
            (RecordState::Published(record), _) => (record.id, record.html.clone(), false),
            (_, Some(draft)) => (draft.id, draft.html.clone(), true),
            (_, None) => return Ok(None),
        };
        let read = self.read();
        let grants = read.grants(id).await.map_err(EngineError::Api)?;
        let links = read.secret_links(id).await.map_err(EngineError::Api)?;
        let requests = read.access_requests(id, is_draft).await.map_err(EngineError::Api)?;
        Ok(Some(RecordAccess { id, page, grants, links, requests }))
    }
}
