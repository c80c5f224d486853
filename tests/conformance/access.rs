//! Credentials, and ids that are not there.

use zrel::api::Backend;
use zrel::model::{Recid, RecordId};

use super::Checked;
use super::require::{InWords, require, require_equal, require_forbidden, require_not_found};
use super::samples::make_small;
use super::suite::Suite;

/// An id that no server has yet (contract/scenarios/not-found.json, 2026-11-23).
const UNKNOWN: RecordId = RecordId(Recid::Number(999_999_999));

pub(super) async fn check_credentials_are_accepted(suite: &Suite) -> Checked {
    let signs = suite.api.read().read_signs().await.in_words()?;
    signs.user.map(drop).in_words()?;
    suite.api.read().check_credentials().await.map(drop).in_words()
}

pub(super) async fn check_a_missing_token_is_forbidden(suite: &Suite) -> Checked {
    let draft = suite.create_draft("Draft that nobody else reads").await?;
    let guest = suite.guest.read();
    require_forbidden("a request without a token", guest.check_credentials().await)?;
    require_forbidden("reading a draft without a token", guest.deposition(draft.id).await)?;
    let metadata = make_small("Draft of nobody", &suite.mark);
    require_forbidden("creating a draft without a token", suite.guest.create(&metadata).await)
}

pub(super) async fn check_a_wrong_token_is_forbidden(suite: &Suite) -> Checked {
    let stranger = suite.make_stranger()?;
    require_forbidden("a request with a wrong token", stranger.read().check_credentials().await)
}

pub(super) async fn check_the_backend_is_found(suite: &Suite) -> Checked {
    let found = suite.find_backend().await?;
    // A client may use the records API alone on a server that has both.
    let is_right = !suite.is_of_deposit() || found == Backend::Deposit;
    require(is_right, &format!("the server seems to have {found:?}"))?;
    let known = suite.api.read().backend().await.in_words()?;
    require_equal("a backend that is known", &(known == Backend::Deposit), &suite.is_of_deposit())
}

pub(super) async fn check_unknown_ids_are_not_found(suite: &Suite) -> Checked {
    let read = suite.api.read();
    require_not_found("reading an unknown deposition", read.deposition(UNKNOWN).await)?;
    require_not_found("reading an unknown record", read.record(UNKNOWN).await)?;
    require_not_found("reading an unknown record whole", read.record(UNKNOWN).await)?;
    require_not_found("reading an unknown draft", read.draft_facts(UNKNOWN).await)?;
    let metadata = make_small("Draft that is not there", &suite.mark);
    if suite.is_of_deposit() {
        let written = suite.api.put_metadata(UNKNOWN, &metadata, None).await;
        require_not_found("writing to an unknown draft", written)?;
    }
    require_not_found("a new version of an unknown record", suite.api.new_version(UNKNOWN).await)
}
