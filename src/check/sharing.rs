//! Findings about who has access to a record.

use crate::model::{Finding, Grantee};
use crate::plan::{LinkWork, Plan};

/// The code of somebody whom the server gives no access.
pub(super) const UNKNOWN: &str = "ZR0336";

/// The codes of access that can't be read or has ended.
pub(super) const REFUSED: &str = "ZR0418";
pub(super) const OVER: &str = "ZR0419";

/// Reports somebody whom the server does not know.
pub(super) fn report_unknown_grantee(grantee: &Grantee, plan: &Plan, zrel: &str) -> Finding {
    let server = &plan.server.name;
    let finding = Finding::error(UNKNOWN, format!("{server} shows no {grantee}"));
    match grantee {
        Grantee::User(_) => finding
            .because("it gives access only to accounts that it shows to others")
            .hint(format!("look the number up: `{zrel} access --find NAME`"))
            .hint("or let the user make the profile public: in its settings, under Profile"),
        Grantee::Group(_) | Grantee::System(_) => finding
            .because("it gives access only to groups that it has")
            .hint("correct the id, or name each `user` in an entry of its own"),
    }
}

/// Warns of access that can't be read, and of secret links that have ended.
pub(super) fn warn_of_sharing(plan: &Plan) -> Vec<Finding> {
    let refused = plan.sharing.refused.as_ref().map(|message| {
        Finding::warning(
            REFUSED,
            "who has access can't be read with this token, and stays as it is",
        )
        .because(format!("the server says: {message}"))
        .hint("use a token of the owner, or of somebody with the grant `manage`")
    });
    let over = plan.sharing.links.iter().filter(|link| link.is_over);
    let over = over.map(|link| {
        let name = &link.name;
        let is_removed = plan.sharing.work_on_link(link) == LinkWork::Remove;
        let what = if is_removed { "has ended and is removed" } else { "has ended" };
        Finding::warning(OVER, format!("the secret link `{name}` {what}"))
            .hint("remove it from [[access.links]], or give it a later `until`")
    });
    refused.into_iter().chain(over).collect()
}
