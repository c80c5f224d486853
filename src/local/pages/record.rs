//! The page of one record or draft, part by part in reading order.

use maud::{Markup, PreEscaped, html};

use super::shell::render_document;
use super::size::describe_size;
use super::view::{
    Access, FactView, FileView, PersonView, RecordState, RecordView, RelatedView, VersionView,
};
use super::visible::{render_link, show};

/// Returns the page of a record or a draft.
pub fn render_record_page(view: &RecordView) -> String {
    let body = html! {
        main.record {
            article {
                (render_head(view))
                (render_description(&view.description_html))
                (render_files(view))
                (render_prose("Methods", view.method_html.as_deref()))
                (render_prose("Notes", view.notes_html.as_deref()))
                (render_related_works(&view.related))
            }
            aside.side aria-label="Details" {
                (render_identifiers(view))
                (render_versions(&view.versions))
                (render_details(view))
                (render_tag_section("Keywords", &view.keywords))
                (render_tag_section("Communities", &view.communities))
            }
        }
    };
    render_document(choose_title(&view.title), &body)
}

/// Returns the title, or a placeholder in a draft without one.
pub(super) fn choose_title(title: &str) -> &str {
    if title.trim().is_empty() { "(no title)" } else { title }
}

/// Returns the access status for people.
pub(super) fn describe_access(access: &Access) -> String {
    match access {
        Access::Open => "Open".to_owned(),
        Access::Embargoed { until } => format!("Embargoed until {until}"),
        Access::Restricted => "Restricted".to_owned(),
        Access::MetadataOnly => "Metadata only".to_owned(),
    }
}

fn render_head(view: &RecordView) -> Markup {
    html! {
        (render_notice(view))
        (render_review(view))
        p.tags { (render_head_tags(view)) }
        h1 dir="auto" { (show(choose_title(&view.title))) }
        (render_people("people creators", "Creators", &view.creators))
        (render_contributors(&view.contributors))
    }
}

/// Returns a notice that this isn't published, or that a newer version is.
fn render_notice(view: &RecordView) -> Markup {
    match view.state {
        RecordState::Draft => html! {
            p.notice { "This is a draft. It isn’t published; a DOI is only reserved." }
        },
        RecordState::Edit => html! {
            p.notice { "These are changes to a published record, not published yet." }
        },
        RecordState::Published => render_newer_version(view),
    }
}

/// Returns who reviews the draft, and how its owner cancels that: these pages have no buttons.
fn render_review(view: &RecordView) -> Markup {
    html! {
        @if let Some((community, address)) = &view.review {
            p.notice {
                "Community " (show(community)) " reviews this draft. To cancel the review: "
                code { "curl -X POST -H 'Authorization: Bearer TOKEN' " (show(address)) }
            }
        }
    }
}

fn render_newer_version(view: &RecordView) -> Markup {
    let latest = view.versions.iter().find(|version| version.latest && !version.current);
    let shown_is_latest = view.versions.iter().any(|version| version.latest && version.current);
    html! {
        // The notice would be wrong on the latest version itself.
        @if let Some(version) = latest && !shown_is_latest {
            p.notice {
                "A newer version is published: "
                (render_link(&version.path, &describe_version(version))) "."
            }
        }
    }
}

fn render_head_tags(view: &RecordView) -> Markup {
    let version = view.version.as_ref().map(|label| format!("Version {label}"));
    let facts = [&view.publication_date, &version, &view.resource_type];
    let class = match view.access {
        Access::Open => "tag open",
        Access::Embargoed { .. } | Access::Restricted | Access::MetadataOnly => "tag closed",
    };
    html! {
        (render_state_tag(view.state))
        @for fact in facts.into_iter().flatten() { (render_tag("tag", fact)) }
        (render_tag(class, &describe_access(&view.access)))
    }
}

/// Returns the tag of an unpublished record; empty for a published one.
pub(super) fn render_state_tag(state: RecordState) -> Markup {
    match state {
        RecordState::Published => html! {},
        RecordState::Draft => html! { span.tag.draft { "Draft" } },
        RecordState::Edit => html! { span.tag.draft { "Unpublished changes" } },
    }
}

/// Returns a short fact in its box.
pub(super) fn render_tag(class: &str, text: &str) -> Markup {
    html! { span class=(class) { bdi { (show(text)) } } }
}

/// Returns names one after another, each kept from turning the direction of the others.
pub(super) fn render_names(names: &[String]) -> Markup {
    html! {
        @for (place, name) in names.iter().enumerate() {
            @if place > 0 { "; " }
            bdi { (show(name)) }
        }
    }
}

fn render_people(class: &str, label: &str, people: &[PersonView]) -> Markup {
    html! {
        @if !people.is_empty() {
            ul class=(class) aria-label=(label) {
                @for person in people { (render_person(person)) }
            }
        }
    }
}

fn render_contributors(people: &[PersonView]) -> Markup {
    html! {
        @if !people.is_empty() {
            details {
                summary { "Contributors (" (people.len()) ")" }
                (render_people("people contributors", "Contributors", people))
            }
        }
    }
}

fn render_person(person: &PersonView) -> Markup {
    html! {
        li {
            bdi.name { (show(&person.name)) }
            @if let Some(role) = &person.role { " " span.role { (show(role)) } }
            @if let Some(orcid) = &person.orcid {
                " " span.orcid title="ORCID" {
                    (render_link(&format!("https://orcid.org/{orcid}"), orcid))
                }
            }
            @if !person.affiliations.is_empty() {
                span.affiliation { (render_names(&person.affiliations)) }
            }
        }
    }
}

fn render_description(html: &str) -> Markup {
    if html.trim().is_empty() {
        return html! { section.prose { p.empty { "No description." } } };
    }
    html! { section.prose dir="auto" aria-label="Description" { (trust_cleaned(html)) } }
}

fn render_prose(heading: &str, html: Option<&str>) -> Markup {
    html! {
        @if let Some(html) = html {
            (render_section(heading, &html! { div.prose dir="auto" { (trust_cleaned(html)) } }))
        }
    }
}

/// Puts a record's own HTML on the page; escaped, it would show its tags.
fn trust_cleaned(html: &str) -> PreEscaped<&str> {
    // Safe because `sanitize` cleaned it when the draft was stored: only its allowed tags and
    // attributes are left. The policy that the page is sent with lets no script run anyhow.
    PreEscaped(html)
}

fn render_section(heading: &str, body: &Markup) -> Markup {
    html! { section { h2 { (heading) } (body) } }
}

fn render_files(view: &RecordView) -> Markup {
    if view.files.is_empty() {
        // Files that the reader may not see are missing from the view as well.
        let why = match view.access {
            Access::MetadataOnly => "This record has metadata only.",
            Access::Restricted | Access::Embargoed { .. } => "The files can’t be read here.",
            Access::Open => "No files.",
        };
        return render_section("Files", &html! { p.empty { (why) } });
    }
    let total = view.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size_bytes));
    let count =
        if view.files.len() == 1 { "1 file".into() } else { format!("{} files", view.files.len()) };
    html! {
        section {
            h2 { "Files " small { (count) ", " (describe_size(total)) } }
            ul.files {
                @for file in &view.files { (render_file(file)) }
            }
        }
    }
}

fn render_file(file: &FileView) -> Markup {
    // Without a path the name is not a link: the reader may not have the bytes.
    let href = file.download_path.as_deref().unwrap_or_default();
    html! {
        li {
            bdi.name { (render_link(href, &file.name)) }
            span.size title={ (file.size_bytes) " bytes" } { (describe_size(file.size_bytes)) }
            span.md5 {
                @match &file.md5 {
                    Some(md5) => { "md5 " code { (show(md5)) } }
                    None => { "no checksum yet" }
                }
            }
        }
    }
}

fn render_related_works(works: &[RelatedView]) -> Markup {
    if works.is_empty() {
        return html! {};
    }
    let list = html! {
        dl.related {
            @for work in works { (render_related_work(work)) }
        }
    };
    render_section("Related works", &list)
}

fn render_related_work(work: &RelatedView) -> Markup {
    let href = work.href.as_deref().unwrap_or_default();
    html! {
        div {
            dt { (show(&work.relation)) }
            dd {
                bdi { (render_link(href, &work.identifier)) }
                @if let Some(scheme) = &work.scheme { " " span.role { (show(scheme)) } }
            }
        }
    }
}

/// Returns the section with the DOIs.
fn render_identifiers(view: &RecordView) -> Markup {
    // An edit keeps the DOI of its record; only a first draft has one that is merely reserved.
    let own = match view.state {
        RecordState::Published | RecordState::Edit => "DOI of this version",
        RecordState::Draft => "DOI, reserved",
    };
    if view.doi.is_none() && view.concept_doi.is_none() {
        return render_section("Identifiers", &html! { p.empty { "No DOI yet." } });
    }
    let rows = [(own, &view.doi), ("DOI of all versions", &view.concept_doi)];
    let list = html! {
        dl.stack {
            @for (name, doi) in rows {
                @if let Some(doi) = doi {
                    // A DOI is not a link: under the test prefix it resolves nowhere.
                    div { dt { (name) } dd { code.doi { (show(doi)) } } }
                }
            }
        }
    };
    render_section("Identifiers", &list)
}

fn render_versions(versions: &[VersionView]) -> Markup {
    if versions.is_empty() {
        return html! {};
    }
    let list = html! {
        ol.versions {
            @for version in versions { (render_version(version)) }
        }
    };
    render_section("Versions", &list)
}

fn render_version(version: &VersionView) -> Markup {
    let name = describe_version(version);
    let (class, current) =
        if version.current { (Some("current"), Some("page")) } else { (None, None) };
    html! {
        li class=[class] aria-current=[current] {
            span.label {
                @if version.current { (show(&name)) } @else { (render_link(&version.path, &name)) }
                @if version.latest { " " span.tag.open { "Latest" } }
            }
            time { (show(&version.date)) }
            @if let Some(doi) = &version.doi { code { (show(doi)) } }
        }
    }
}

/// Returns `Version 1.2.0`, or `Version 3` by its place if it has no label.
fn describe_version(version: &VersionView) -> String {
    match version.label.as_deref().filter(|label| !label.trim().is_empty()) {
        Some(label) => format!("Version {label}"),
        None => format!("Version {}", version.index),
    }
}

fn render_details(view: &RecordView) -> Markup {
    let (access, licenses) = (describe_access(&view.access), view.licenses.join("; "));
    let facts = [
        ("Resource type", view.resource_type.as_ref()),
        ("Published", view.publication_date.as_ref()),
        ("Version", view.version.as_ref()),
        ("Access", Some(&access)),
        ("Licence", (!view.licenses.is_empty()).then_some(&licenses)),
    ];
    let list = html! {
        dl.pairs {
            @for (name, value) in facts {
                @if let Some(value) = value { (render_fact(name, value)) }
            }
            @for FactView { name, value } in &view.further { (render_fact(name, value)) }
        }
    };
    render_section("Details", &list)
}

fn render_fact(name: &str, value: &str) -> Markup {
    html! { div { dt { (show(name)) } dd { bdi { (show(value)) } } } }
}

fn render_tag_section(heading: &str, texts: &[String]) -> Markup {
    if texts.is_empty() {
        return html! {};
    }
    let tags = html! {
        p.tags {
            @for text in texts { (render_tag("tag", text)) }
        }
    };
    render_section(heading, &tags)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_draft_still_has_a_page() {
        let view = RecordView { state: RecordState::Draft, ..RecordView::default() };
        let page = render_record_page(&view);
        for part in ["(no title)", "This is a draft", "No description.", "No files.", "No DOI yet."]
        {
            assert!(page.contains(part), "{part}");
        }
    }

    #[test]
    fn only_a_first_draft_says_that_its_doi_is_reserved() {
        let page = |state| {
            let doi = Some("10.5072/zenodo.3".to_owned());
            render_record_page(&RecordView { doi, state, ..RecordView::default() })
        };
        assert!(page(RecordState::Draft).contains("DOI, reserved"));
        for state in [RecordState::Edit, RecordState::Published] {
            assert!(!page(state).contains("reserved"));
        }
        assert!(page(RecordState::Edit).contains("changes to a published record"));
        assert!(!page(RecordState::Published).contains(r#"class="notice""#));
    }

    #[test]
    fn no_text_of_a_record_becomes_markup() {
        let evil = "</title><script>x</script>\" onclick='x'\u{202e}\u{0}".to_owned();
        let some = Some(evil.clone());
        let list = vec![evil.clone()];
        let person = PersonView {
            name: evil.clone(),
            affiliations: list.clone(),
            orcid: some.clone(),
            role: some.clone(),
        };
        let view = RecordView {
            title: evil.clone(),
            creators: vec![person.clone()],
            contributors: vec![person],
            doi: some.clone(),
            concept_doi: some.clone(),
            version: some.clone(),
            publication_date: some.clone(),
            resource_type: some.clone(),
            licenses: list.clone(),
            access: Access::Embargoed { until: evil.clone() },
            keywords: list.clone(),
            communities: list,
            related: vec![RelatedView {
                relation: evil.clone(),
                identifier: evil.clone(),
                scheme: some.clone(),
                href: some.clone(),
            }],
            further: vec![FactView { name: evil.clone(), value: evil.clone() }],
            files: vec![FileView {
                name: evil.clone(),
                size_bytes: 1,
                md5: some.clone(),
                download_path: some.clone(),
            }],
            versions: vec![VersionView {
                label: some.clone(),
                doi: some,
                date: evil.clone(),
                path: evil,
                ..VersionView::default()
            }],
            ..RecordView::default()
        };
        let page = render_record_page(&view);
        assert!(!page.contains("<script") && !page.contains("\" onclick"));
        // An apostrophe stands as it is in a text, so no attribute may be quoted with it.
        assert!(!page.replace("onclick='x'", "").contains("='"));
        assert!(!page.contains('\u{202e}') && !page.contains('\0'));
        assert_eq!(page.matches("</title>").count(), 1);
        assert!(page.matches("&lt;script&gt;x").count() > 20, "some text is missing");
    }

    #[test]
    fn a_file_shows_its_size_and_whole_md5() {
        let file = FileView {
            name: "a \"b\" \u{202e}gpj.txt".into(),
            size_bytes: 1_536,
            md5: Some("0cc175b9c0f1b6a831c399e269772661".into()),
            download_path: Some("/api/records/1/files/a%20b/content".into()),
        };
        let page = render_record_page(&RecordView { files: vec![file], ..RecordView::default() });
        assert!(page.contains(
            r#"<a href="/api/records/1/files/a%20b/content">a &quot;b&quot; [U+202E]gpj.txt</a>"#
        ));
        assert!(page.contains(r#"title="1536 bytes">1.5 kB<"#));
        assert!(page.contains("<code>0cc175b9c0f1b6a831c399e269772661</code>"));
    }

    #[test]
    fn only_an_older_version_points_to_the_newest() {
        let mut old = VersionView { index: 1, path: "/records/1".into(), ..VersionView::default() };
        let mut new = VersionView { index: 2, path: "/records/2".into(), ..VersionView::default() };
        new.latest = true;
        old.current = true;
        let mut view = RecordView { versions: vec![new, old], ..RecordView::default() };
        let told = r#"A newer version is published: <a href="/records/2">Version 2</a>."#;
        assert!(render_record_page(&view).contains(told));
        view.versions[0].current = true;
        view.versions[1].current = false;
        assert!(!render_record_page(&view).contains("A newer version"));
    }

    #[test]
    fn a_doi_is_never_a_link() {
        let doi = Some("10.5072/zenodo.3".to_owned());
        let page = render_record_page(&RecordView { doi, ..RecordView::default() });
        assert!(page.contains(r#"<code class="doi">10.5072/zenodo.3</code>"#));
        assert!(!page.contains("doi.org"));
    }
}
