//! Funders and awards.

use serde_json::{Value as Json, json};

use crate::model::Funding;
use crate::wire::parts::items;

use super::licenses::{read_localized, write_localized};
use super::{text_at, without_nulls};

/// Reads who paid.
pub(super) fn read_funding(json: &Json) -> Option<Funding> {
    json.as_object()?;
    let (funder, award) = (&json["funder"], &json["award"]);
    let award_id = text_at(award, "id");
    // The other parts of a known award belong to the server's list.
    let own = |value: Option<String>| value.filter(|_| award_id.is_none());
    Some(Funding {
        funder_ror: text_at(funder, "id"),
        funder_name: text_at(funder, "name"),
        number: own(text_at(award, "number")),
        title: own(read_localized(&award["title"])),
        url: own(items(&award["identifiers"])
            .find(|item| item["scheme"].as_str() == Some("url"))
            .and_then(|item| text_at(item, "identifier"))),
        award_id,
    })
}

pub(super) fn write_funding(funding: &Funding) -> Json {
    let Funding { funder_ror, funder_name, award_id, number, title, url } = funding;
    let funder = match funder_ror {
        Some(ror) => json!({"id": ror}),
        None => without_nulls(json!({"name": funder_name})),
    };
    let award = match award_id {
        Some(id) => json!({"id": id}),
        None => without_nulls(json!({
            "number": number,
            "title": write_localized(title.as_ref()),
            "identifiers": url.as_ref().map(|url| json!([{"scheme": "url", "identifier": url}])),
        })),
    };
    let filled = |part: Json| Some(part).filter(|part| part != &json!({}));
    without_nulls(json!({"funder": filled(funder), "award": filled(award)}))
}
