//! Who has access to the record of a plan, in words.

use crate::model::{AccessRequests, LinkTerms};
use crate::plan::{
    Giver, GrantPlan, GrantWork, LinkPlan, LinkWork, Plan, RequestsPlan, ShareAction, SharingPlan,
};

use super::escape::Quote;
use super::size::count;

/// A line about access.
pub(super) struct AccessLine {
    /// The sign of what is done.
    pub(super) sign: char,
    /// Who or what it is about.
    pub(super) who: String,
    /// What there is, and what is done.
    pub(super) what: String,
    /// Whether it is as the manifest says: then a plan without steps does not show it.
    pub(super) is_as_wanted: bool,
}

/// Returns a line for each grant and secret link, and for who may ask.
pub(super) fn list_access_lines(plan: &Plan, quote: Quote) -> Vec<AccessLine> {
    let sharing = &plan.sharing;
    if let Some(message) = &sharing.refused {
        return vec![describe_refusal(message, quote)];
    }
    let grants = sharing.grants.iter().map(|grant| describe_grant(sharing, grant, quote));
    let links = sharing.links.iter().map(|link| describe_link(sharing, link, quote));
    let requests = sharing.requests.as_ref().map(|requests| describe_requests(requests, quote));
    grants.chain(links).chain(requests).collect()
}

/// Says that access is left as it is.
fn describe_refusal(message: &str, quote: Quote) -> AccessLine {
    AccessLine {
        sign: '=',
        who: "access".to_owned(),
        what: format!(
            "stays as it is: this token may not read who has it; the server says: {}",
            quote(message)
        ),
        is_as_wanted: false,
    }
}

fn describe_grant(sharing: &SharingPlan, grant: &GrantPlan, quote: Quote) -> AccessLine {
    let now = grant.now.map_or("nothing", |now| now.name());
    let (sign, what) = match sharing.work_on_grant(grant) {
        GrantWork::Add(permission) => ('+', format!("gets {permission}")),
        GrantWork::Change(permission) => ('~', format!("has {now}, gets {permission}")),
        GrantWork::Remove => {
            ('-', format!("has {now}, loses it: the manifest does not name it any more"))
        }
        GrantWork::Nothing if grant.wanted.giver() == Some(Giver::Elsewhere) => {
            ('=', format!("has {now}; it was given elsewhere, and stays"))
        }
        GrantWork::Nothing => ('=', format!("has {now}")),
    };
    let is_as_wanted = sign == '=' && grant.wanted.said().is_some();
    AccessLine { sign, who: quote(&grant.grantee.to_string()), what, is_as_wanted }
}

fn describe_link(sharing: &SharingPlan, link: &LinkPlan, quote: Quote) -> AccessLine {
    let now = link.now.map_or_else(|| "nothing".to_owned(), describe_terms);
    let (sign, what) = match sharing.work_on_link(link) {
        LinkWork::Create(terms) => ('+', format!("is made: {}", describe_terms(terms))),
        LinkWork::Change(terms) => {
            ('~', format!("{now} becomes {}; same address", describe_terms(terms)))
        }
        LinkWork::Replace(terms) => (
            '~',
            format!(
                "{now} is removed, and {} is made: another address, since an end can't be postponed",
                describe_terms(terms)
            ),
        ),
        LinkWork::Remove if link.wanted.said().is_some() => {
            ('-', format!("{now} is removed: it has ended"))
        }
        LinkWork::Remove => {
            ('-', format!("{now} is removed: the manifest does not name it any more"))
        }
        LinkWork::Nothing if link.now.is_none() => ('=', "has ended, and is not made".to_owned()),
        LinkWork::Nothing if link.wanted.giver() == Some(Giver::Elsewhere) => {
            ('=', format!("{now}; it was made elsewhere, and stays"))
        }
        LinkWork::Nothing => ('=', now),
    };
    let who = name_link(&link.name, quote);
    AccessLine { sign, who, what, is_as_wanted: sign == '=' && link.wanted.said().is_some() }
}

/// Returns a link as it is named. Runs of blanks in a name that another client gave could imitate what
/// stands behind it.
pub(super) fn name_link(name: &str, quote: Quote) -> String {
    let name = name.split_whitespace().collect::<Vec<_>>().join(" ");
    if name.is_empty() {
        "link without a name".to_owned()
    } else {
        format!("link {}", quote(&name))
    }
}

/// Returns what a secret link gives.
pub(super) fn describe_terms(terms: LinkTerms) -> String {
    match terms.until {
        Some(until) => format!("{} until {until}", terms.permission),
        None => format!("{} without an end", terms.permission),
    }
}

fn describe_requests(requests: &RequestsPlan, quote: Quote) -> AccessLine {
    let RequestsPlan { wanted, now } = requests;
    let parts = [
        describe_flag("users may ask", wanted.users, now.users),
        describe_flag("guests may ask", wanted.guests, now.guests),
        describe_conditions(requests, quote),
        describe_days(wanted, now),
    ];
    let what = parts.into_iter().flatten().collect::<Vec<_>>().join("; ");
    let is_changed = requests.is_changed();
    AccessLine {
        sign: if is_changed { '~' } else { '=' },
        who: "requests".to_owned(),
        what,
        is_as_wanted: !is_changed,
    }
}

/// Returns who may ask for access, all of it.
pub(super) fn describe_who_may_ask(requests: &AccessRequests, quote: Quote) -> String {
    let as_wanted = RequestsPlan { wanted: requests.clone(), now: requests.clone() };
    describe_requests(&as_wanted, quote).what
}

fn describe_flag(what: &str, wanted: Option<bool>, now: Option<bool>) -> Option<String> {
    let word = |flag: bool| if flag { "yes" } else { "no" };
    let wanted = wanted?;
    Some(match now.filter(|now| *now != wanted) {
        Some(now) => format!("{what}: {} -> {}", word(now), word(wanted)),
        None => format!("{what}: {}", word(wanted)),
    })
}

fn describe_conditions(requests: &RequestsPlan, quote: Quote) -> Option<String> {
    let word = |text: &String| if text.is_empty() { "none".to_owned() } else { quote(text) };
    let wanted = requests.wanted.conditions.as_ref()?;
    let now = requests.now.conditions.as_ref().filter(|_| requests.has_other_conditions());
    Some(match now {
        Some(now) => format!("conditions: {} -> {}", word(now), word(wanted)),
        None => format!("conditions: {}", word(wanted)),
    })
}

fn describe_days(wanted: &AccessRequests, now: &AccessRequests) -> Option<String> {
    let word = |days: u16| match days {
        0 => "no end".to_owned(),
        days => count(days.into(), "day"),
    };
    let wanted = wanted.link_days?;
    Some(match now.link_days.filter(|now| *now != wanted) {
        Some(now) => format!("links of guests: {} -> {}", word(now), word(wanted)),
        None => format!("links of guests: {}", word(wanted)),
    })
}

/// Counts what is done about access.
pub(super) fn count_access_work(plan: &Plan) -> Vec<String> {
    let n_changed =
        list_access_lines(plan, str::to_owned).iter().filter(|it| it.sign != '=').count();
    let changes = if n_changed == 1 { "change" } else { "changes" };
    (n_changed > 0).then(|| format!("{n_changed} {changes} of access")).into_iter().collect()
}

/// Returns what a step about access does.
pub(super) fn describe_share_action(action: &ShareAction, quote: Quote) -> String {
    match action {
        ShareAction::AddGrant { grantee, permission }
        | ShareAction::ChangeGrant { grantee, permission } => {
            format!("give {} {permission}", quote(&grantee.to_string()))
        }
        ShareAction::RemoveGrant { grantee } => {
            format!("take the access of {}", quote(&grantee.to_string()))
        }
        ShareAction::CreateLink { name, terms } => {
            format!("make secret link {}: {}", quote(name), describe_terms(*terms))
        }
        ShareAction::ChangeLink { name, terms } => {
            format!("change secret link {}: {}", quote(name), describe_terms(*terms))
        }
        ShareAction::RemoveLink { name } => format!("remove secret link {}", quote(name)),
        ShareAction::SetRequests => "say who may ask for access".to_owned(),
    }
}
