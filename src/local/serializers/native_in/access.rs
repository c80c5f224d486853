//! `access` in a request of the records API.

use jiff::civil::Date;
use serde_json::{Value, json};

use super::remarks::{Remark, Remarks};
use crate::local::serializers::text;
use crate::local::state::publish;
use crate::local::state::refusal::Refusal;
use crate::local::state::types::{Access, Visibility};

/// Reads `access`.
///
/// # Errors
/// 400 for a record that is not public.
pub(super) fn read_access(
    value: Option<&Value>,
    today: Date,
    remarks: &mut Remarks,
) -> Result<Access, Refusal> {
    // A PUT without `access` makes the draft public: the server replaces the whole object.
    let asked = |name: &str| value.and_then(|value| value.get(name)).and_then(Value::as_str);
    match asked("record") {
        None | Some("public") => {}
        // Users restrict files only, never a record (`native-access`, 2026-11-28).
        Some(visibility) => return Err(refuse_record_access(visibility)),
    }
    let is_restricted = asked("files") == Some("restricted");
    let embargo = value.and_then(|value| value.get("embargo"));
    let text_of = |name: &str| embargo?.get(name)?.as_str().map(str::to_owned);
    let embargo_until = text_of("until").filter(|day| text::is_day(day));
    let day = embargo_until.as_deref().and_then(|day| day.parse::<Date>().ok());
    if day.is_some_and(|day| day <= today) {
        remarks.push(Remark::new("access.embargo.until", publish::PAST_EMBARGO));
    }
    Ok(Access {
        record: Visibility::Public,
        files: if is_restricted { Visibility::Restricted } else { Visibility::Public },
        embargo_until,
        embargo_reason: text_of("reason"),
        is_past_embargo: day.is_some_and(|day| day <= today),
    })
}

fn refuse_record_access(visibility: &str) -> Refusal {
    let denied = "You don't have permissions to manage record access.";
    if visibility == "restricted" {
        return Refusal::field("access", denied);
    }
    // The server looks an unknown word up, and tells the key that it did not find.
    let mut refusal = Refusal::field("access", denied);
    refusal.body["errors"][0]["messages"] = json!([denied, "'record'"]);
    refusal
}
