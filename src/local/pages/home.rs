//! The home page: the list of records and drafts.

use maud::{Markup, html};

use super::record::{choose_title, describe_access, render_names, render_state_tag, render_tag};
use super::shell::render_document;
use super::view::{HomeView, RecordCard};
use super::visible::{render_link, show};

/// Returns the page that lists what the server holds.
pub fn render_home_page(view: &HomeView) -> String {
    let body = html! {
        main.home {
            h1 { "Records" }
            @if let Some(url) = &view.api_url {
                p.lead { "API: " code { (show(url)) } }
            }
            (render_cards(&view.records))
        }
    };
    render_document("Records", &body)
}

fn render_cards(records: &[RecordCard]) -> Markup {
    if records.is_empty() {
        return html! { p.empty { "No record and no draft yet." } };
    }
    html! {
        ol.cards {
            @for record in records { (render_card(record)) }
        }
    }
}

fn render_card(record: &RecordCard) -> Markup {
    html! {
        li {
            p.tags { (render_state_tag(record.state)) (render_facts(record)) }
            h2 dir="auto" { (render_link(&record.path, choose_title(&record.title))) }
            p.names { (render_names(&record.creators)) }
            p.doi { (show(record.doi.as_deref().unwrap_or("no DOI yet"))) }
        }
    }
}

fn render_facts(record: &RecordCard) -> Markup {
    let version = record.version.as_ref().map(|label| format!("Version {label}"));
    let access = Some(describe_access(&record.access));
    let facts = [record.publication_date.clone(), version, record.resource_type.clone(), access];
    html! {
        @for fact in facts.iter().flatten() { (render_tag("tag", fact)) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::local::pages::RecordState;

    #[test]
    fn a_card_shows_and_escapes_everything() {
        let record = RecordCard {
            title: "<i>Tides</i>".into(),
            creators: vec!["O'Neil, A.".into(), "Berg, B.".into()],
            doi: Some("10.5072/zenodo.7".into()),
            version: Some("2".into()),
            path: "/records/7".into(),
            state: RecordState::Draft,
            ..RecordCard::default()
        };
        let page = render_home_page(&HomeView { api_url: None, records: vec![record] });
        assert!(page.contains(r#"<a href="/records/7">&lt;i&gt;Tides&lt;/i&gt;</a>"#));
        assert!(page.contains("<bdi>O'Neil, A.</bdi>; <bdi>Berg, B.</bdi>"));
        for part in ["10.5072/zenodo.7", "Version 2", ">Draft<", ">Open<"] {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn an_empty_server_says_so() {
        let view = HomeView { api_url: Some("http://127.0.0.1:1/api".into()), records: vec![] };
        let page = render_home_page(&view);
        assert!(page.contains("No record and no draft yet."));
        assert!(page.contains("<code>http://127.0.0.1:1/api</code>"));
    }
}
