//! The home page: the list of records and drafts.

use super::escape::{escape, render_link};
use super::record::{choose_title, describe_access, render_state_tag};
use super::shell::render_document;
use super::view::{HomeView, RecordCard};

/// Returns the page that lists what the server holds.
pub fn render_home_page(view: &HomeView) -> String {
    let body = format!(
        r#"<main class="home">
<h1>Records</h1>
{api}
{list}
</main>"#,
        api = view.api_url.as_deref().map(render_api_line).unwrap_or_default(),
        list = render_cards(&view.records),
    );
    render_document("Records", &body)
}

fn render_api_line(url: &str) -> String {
    format!(r#"<p class="lead">API: <code>{}</code></p>"#, escape(url))
}

fn render_cards(records: &[RecordCard]) -> String {
    if records.is_empty() {
        return r#"<p class="empty">No record and no draft yet.</p>"#.to_owned();
    }
    let cards: String = records.iter().map(render_card).collect();
    format!(r#"<ol class="cards">{cards}</ol>"#)
}

fn render_card(record: &RecordCard) -> String {
    format!(
        r#"
<li>
<p class="tags">{state}{facts}</p>
<h2 dir="auto">{title}</h2>
<p class="names">{creators}</p>
<p class="doi">{doi}</p>
</li>"#,
        state = render_state_tag(record.state),
        facts = render_facts(record),
        title = render_link(&record.path, choose_title(&record.title)),
        creators = render_names(&record.creators),
        doi = escape(record.doi.as_deref().unwrap_or("no DOI yet")),
    )
}

fn render_facts(record: &RecordCard) -> String {
    let version = record.version.as_ref().map(|label| format!("Version {label}"));
    let access = Some(describe_access(&record.access));
    [record.publication_date.clone(), version, record.resource_type.clone(), access]
        .into_iter()
        .flatten()
        .map(|fact| render_fact_tag(&fact))
        .collect()
}

fn render_fact_tag(text: &str) -> String {
    format!(r#"<span class="tag"><bdi>{}</bdi></span>"#, escape(text))
}

fn render_names(creators: &[String]) -> String {
    let shown: Vec<String> =
        creators.iter().map(|name| format!("<bdi>{}</bdi>", escape(name))).collect();
    shown.join("; ")
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
        assert!(page.contains("<bdi>O&#39;Neil, A.</bdi>; <bdi>Berg, B.</bdi>"));
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
