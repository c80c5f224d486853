//! Access beside the owner's: grants, secret links, and who may ask.

use zrel::model::{AccessRequests, Grantee, LinkTerms, Permission, RecordId};
use zrel::observed::{ObservedLink, SharedPlace};

use super::Checked;
use super::require::{InWords, require, require_equal, require_error, require_not_found};
use super::suite::Suite;

/// Returns the user of the token, to whom a grant may be given like to anybody.
async fn find_self(suite: &Suite) -> Result<Grantee, String> {
    let user = suite.api.read().check_credentials().await.in_words()?;
    user.map(Grantee::User).ok_or_else(|| "the server does not say whose the draft is".to_owned())
}

async fn find_grant(
    suite: &Suite,
    id: RecordId,
    grantee: &Grantee,
) -> Result<Option<Permission>, String> {
    let grants = suite.api.read().access_grants(id).await.in_words()?;
    Ok(grants.into_iter().find(|(one, _)| one == grantee).map(|(_, permission)| permission))
}

pub(super) async fn check_a_grant_is_given_changed_and_removed(suite: &Suite) -> Checked {
    let id = suite.create_draft("Draft that is shared").await?.id;
    let grantee = &find_self(suite).await?;
    let first = (grantee, Permission::Preview);
    suite.api.add_grant(id, first).await.in_words()?;
    let grants = suite.api.read().access_grants(id).await.in_words()?;
    require_equal("the grants", &grants, &vec![(grantee.clone(), first.1)])?;
    require_error("giving a grant twice", suite.api.add_grant(id, first).await)?;
    suite.api.change_grant(id, (grantee, Permission::Manage)).await.in_words()?;
    let changed = find_grant(suite, id, grantee).await?;
    require_equal("the changed grant", &changed, &Some(Permission::Manage))?;
    suite.api.remove_grant(id, grantee).await.in_words()?;
    require_equal("the removed grant", &find_grant(suite, id, grantee).await?, &None)?;
    require_not_found("removing a grant twice", suite.api.remove_grant(id, grantee).await)?;
    let changed = suite.api.change_grant(id, (grantee, Permission::View)).await;
    require_not_found("changing a grant that is not there", changed)
}

pub(super) async fn check_an_unknown_user_gets_no_grant(suite: &Suite) -> Checked {
    let id = suite.create_draft("Draft that is not shared").await?.id;
    let nobody = Grantee::User("999999999".to_owned());
    let is_known = suite.api.read().knows_grantee(&nobody).await.in_words()?;
    require(!is_known, "the server knows a user that nobody is")?;
    let given = suite.api.add_grant(id, (&nobody, Permission::View)).await;
    require_error("giving a grant to nobody", given)?;
    let users = suite.api.read().find_users(&suite.mark).await.in_words()?;
    require_equal("users with the name of this run", &users, &Vec::new())
}

async fn find_link(suite: &Suite, id: RecordId) -> Result<Option<ObservedLink>, String> {
    let links = suite.api.read().secret_links(id).await.in_words()?;
    Ok(links.into_iter().next().map(|secret| secret.link))
}

pub(super) async fn check_a_secret_link_is_made_changed_and_removed(suite: &Suite) -> Checked {
    let id = suite.create_draft("Draft with a secret link").await?.id;
    let until = |year| Some(jiff::civil::date(year, 1, 31));
    let terms = LinkTerms { permission: Permission::Preview, until: until(2099) };
    let name = suite.mark.as_str();
    suite.api.create_link(id, (name, terms)).await.in_words()?;
    let links = suite.api.read().secret_links(id).await.in_words()?;
    let [secret] = links.as_slice() else { return Err(format!("there are {links:?}")) };
    require(secret.token.is_some(), "the link has no secret")?;
    let link = &secret.link;
    require_equal("the name of the link", &link.name.as_str(), &name)?;
    require_equal("the link", &link.terms, &terms)?;
    let sooner = LinkTerms { permission: Permission::View, until: until(2098) };
    suite.api.change_link(id, &link.id, (name, sooner)).await.in_words()?;
    let changed = find_link(suite, id).await?.map(|link| link.terms);
    require_equal("the changed link", &changed, &Some(sooner))?;
    let later = suite.api.change_link(id, &link.id, (name, terms)).await;
    require_error("postponing the end of a link", later)?;
    suite.api.remove_link(id, &link.id).await.in_words()?;
    require_equal("the removed link", &find_link(suite, id).await?, &None)?;
    require_not_found("removing a link twice", suite.api.remove_link(id, &link.id).await)
}

pub(super) async fn check_who_may_ask_is_replaced(suite: &Suite) -> Checked {
    let id = suite.create_draft("Draft for which one may ask").await?.id;
    let all = AccessRequests {
        users: Some(true),
        guests: Some(false),
        conditions: Some("<p>Ask.</p>".to_owned()),
        link_days: Some(30),
    };
    suite.api.put_access_requests(id, &all).await.in_words()?;
    let read = suite.api.read().access_requests(SharedPlace::Draft(id)).await.in_words()?;
    require_equal("who may ask", &read, &all)
}
