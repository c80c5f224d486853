//! The page of one record or draft, part by part in reading order.

use super::escape::{escape, render_link};
use super::shell::render_document;
use super::size::describe_size;
use super::view::{
    Access, FactView, FileView, PersonView, RecordState, RecordView, RelatedView, VersionView,
};

/// Returns the page of a record or a draft.
pub fn render_record_page(view: &RecordView) -> String {
    let body = format!(
        r#"<main class="record">
<article>
{head}
{description}
{files}
{method}
{notes}
{related}
</article>
<aside class="side" aria-label="Details">
{identifiers}
{versions}
{details}
{keywords}
{communities}
</aside>
</main>"#,
        head = render_head(view),
        description = render_description(&view.description_html),
        files = render_files(view),
        method = render_prose("Methods", view.method_html.as_deref()),
        notes = render_prose("Notes", view.notes_html.as_deref()),
        related = render_related_works(&view.related),
        identifiers = render_identifiers(view),
        versions = render_versions(&view.versions),
        details = render_details(view),
        keywords = render_tag_section("Keywords", &view.keywords),
        communities = render_tag_section("Communities", &view.communities),
    );
    render_document(choose_title(&view.title), &body)
}

/// Returns the title, or a placeholder in a draft without one.
pub(super) fn choose_title(title: &str) -> &str {
    if title.trim().is_empty() { "(no title)" } else { title }
}

/// Returns the access status for people, as plain text.
pub(super) fn describe_access(access: &Access) -> String {
    match access {
        Access::Open => "Open".to_owned(),
        Access::Embargoed { until } => format!("Embargoed until {until}"),
        Access::Restricted => "Restricted".to_owned(),
        Access::MetadataOnly => "Metadata only".to_owned(),
    }
}

fn render_head(view: &RecordView) -> String {
    format!(
        r#"{notice}
<p class="tags">{tags}</p>
<h1 dir="auto">{title}</h1>
{creators}
{contributors}"#,
        notice = render_notice(view),
        tags = render_head_tags(view),
        title = escape(choose_title(&view.title)),
        creators = render_people("creators", "Creators", &view.creators),
        contributors = render_contributors(&view.contributors),
    )
}

/// Returns a notice that this isn't published, or that a newer version is.
fn render_notice(view: &RecordView) -> String {
    match view.state {
        RecordState::Draft => {
            render_notice_box("This is a draft. It isn’t published; a DOI is only reserved.")
        }
        RecordState::Edit => {
            render_notice_box("These are changes to a published record, not published yet.")
        }
        RecordState::Published => render_newer_version(view),
    }
}

fn render_notice_box(html: &str) -> String {
    format!(r#"<p class="notice">{html}</p>"#)
}

fn render_newer_version(view: &RecordView) -> String {
    let latest = view.versions.iter().find(|version| version.latest && !version.current);
    let shown_is_latest = view.versions.iter().any(|version| version.latest && version.current);
    match latest {
        // The notice would be wrong on the latest version itself.
        Some(version) if !shown_is_latest => render_notice_box(&format!(
            "A newer version is published: {}.",
            render_link(&version.path, &describe_version(version))
        )),
        Some(_) | None => String::new(),
    }
}

fn render_head_tags(view: &RecordView) -> String {
    let mut tags = render_state_tag(view.state).to_owned();
    let version = view.version.as_ref().map(|label| format!("Version {label}"));
    for fact in [&view.publication_date, &version, &view.resource_type].into_iter().flatten() {
        tags.push_str(&render_tag("tag", fact));
    }
    let class = match view.access {
        Access::Open => "tag open",
        Access::Embargoed { .. } | Access::Restricted | Access::MetadataOnly => "tag closed",
    };
    tags.push_str(&render_tag(class, &describe_access(&view.access)));
    tags
}

/// Returns the tag of an unpublished record; empty for a published one.
pub(super) fn render_state_tag(state: RecordState) -> &'static str {
    match state {
        RecordState::Published => "",
        RecordState::Draft => r#"<span class="tag draft">Draft</span>"#,
        RecordState::Edit => r#"<span class="tag draft">Unpublished changes</span>"#,
    }
}

fn render_tag(class: &str, text: &str) -> String {
    format!(r#"<span class="{class}"><bdi>{}</bdi></span>"#, escape(text))
}

fn render_people(class: &str, label: &str, people: &[PersonView]) -> String {
    if people.is_empty() {
        return String::new();
    }
    let items: String = people.iter().map(render_person).collect();
    format!(r#"<ul class="people {class}" aria-label="{label}">{items}</ul>"#)
}

fn render_contributors(view: &[PersonView]) -> String {
    if view.is_empty() {
        return String::new();
    }
    let list = render_people("contributors", "Contributors", view);
    format!("<details><summary>Contributors ({})</summary>{list}</details>", view.len())
}

fn render_person(person: &PersonView) -> String {
    let affiliations: Vec<String> =
        person.affiliations.iter().map(|name| format!("<bdi>{}</bdi>", escape(name))).collect();
    format!(
        r#"
<li><bdi class="name">{name}</bdi>{role}{orcid}{affiliations}</li>"#,
        name = escape(&person.name),
        role = render_optional(r#" <span class="role">"#, person.role.as_deref(), "</span>"),
        orcid = person.orcid.as_deref().map(render_orcid).unwrap_or_default(),
        affiliations = if affiliations.is_empty() {
            String::new()
        } else {
            format!(r#"<span class="affiliation">{}</span>"#, affiliations.join("; "))
        },
    )
}

fn render_orcid(orcid: &str) -> String {
    let href = format!("https://orcid.org/{orcid}");
    format!(r#" <span class="orcid" title="ORCID">{}</span>"#, render_link(&href, orcid))
}

fn render_optional(before: &str, text: Option<&str>, after: &str) -> String {
    text.map(|text| format!("{before}{}{after}", escape(text))).unwrap_or_default()
}

fn render_description(html: &str) -> String {
    if html.trim().is_empty() {
        return r#"<section class="prose"><p class="empty">No description.</p></section>"#
            .to_owned();
    }
    // The server cleaned this HTML when it stored the draft: escaping it would show its tags.
    format!(r#"<section class="prose" dir="auto" aria-label="Description">{html}</section>"#)
}

fn render_files(view: &RecordView) -> String {
    if view.files.is_empty() {
        // Files that the reader may not see are missing from the view as well.
        let why = match view.access {
            Access::MetadataOnly => "This record has metadata only.",
            Access::Restricted | Access::Embargoed { .. } => "The files can’t be read here.",
            Access::Open => "No files.",
        };
        return render_section("Files", &format!(r#"<p class="empty">{why}</p>"#));
    }
    let total = view.files.iter().fold(0_u64, |sum, file| sum.saturating_add(file.size_bytes));
    let count =
        if view.files.len() == 1 { "1 file".into() } else { format!("{} files", view.files.len()) };
    let items: String = view.files.iter().map(render_file).collect();
    let heading = format!("Files <small>{count}, {}</small>", describe_size(total));
    render_section(&heading, &format!(r#"<ul class="files">{items}</ul>"#))
}

fn render_file(file: &FileView) -> String {
    // Without a path the name is not a link: the reader may not have the bytes.
    format!(
        r#"
<li><bdi class="name">{name}</bdi><span class="size" title="{bytes} bytes">{size}</span><span class="md5">{md5}</span></li>"#,
        name = render_link(file.download_path.as_deref().unwrap_or_default(), &file.name),
        bytes = file.size_bytes,
        size = describe_size(file.size_bytes),
        md5 = match &file.md5 {
            Some(md5) => format!("md5 <code>{}</code>", escape(md5)),
            None => "no checksum yet".to_owned(),
        },
    )
}

fn render_prose(heading: &str, html: Option<&str>) -> String {
    html.map(|html| {
        render_section(heading, &format!(r#"<div class="prose" dir="auto">{html}</div>"#))
    })
    .unwrap_or_default()
}

fn render_related_works(works: &[RelatedView]) -> String {
    if works.is_empty() {
        return String::new();
    }
    let items: String = works.iter().map(render_related_work).collect();
    render_section("Related works", &format!(r#"<dl class="related">{items}</dl>"#))
}

fn render_related_work(work: &RelatedView) -> String {
    format!(
        "
<div><dt>{relation}</dt><dd><bdi>{identifier}</bdi>{scheme}</dd></div>",
        relation = escape(&work.relation),
        identifier = render_link(work.href.as_deref().unwrap_or_default(), &work.identifier),
        scheme = render_optional(r#" <span class="role">"#, work.scheme.as_deref(), "</span>"),
    )
}

fn render_section(heading_html: &str, body_html: &str) -> String {
    format!("<section>\n<h2>{heading_html}</h2>\n{body_html}\n</section>")
}

/// Returns the section with the DOIs.
fn render_identifiers(view: &RecordView) -> String {
    // An edit keeps the DOI of its record; only a first draft has one that is merely reserved.
    let own = match view.state {
        RecordState::Published | RecordState::Edit => "DOI of this version",
        RecordState::Draft => "DOI, reserved",
    };
    let rows = render_doi_row(own, view.doi.as_deref())
        + &render_doi_row("DOI of all versions", view.concept_doi.as_deref());
    if rows.is_empty() {
        return render_section("Identifiers", r#"<p class="empty">No DOI yet.</p>"#);
    }
    render_section("Identifiers", &format!(r#"<dl class="stack">{rows}</dl>"#))
}

fn render_doi_row(name: &str, doi: Option<&str>) -> String {
    // A DOI is not a link: under the test prefix it resolves nowhere.
    let before = format!(r#"<div><dt>{name}</dt><dd><code class="doi">"#);
    render_optional(&before, doi, "</code></dd></div>")
}

fn render_versions(versions: &[VersionView]) -> String {
    if versions.is_empty() {
        return String::new();
    }
    let items: String = versions.iter().map(render_version).collect();
    render_section("Versions", &format!(r#"<ol class="versions">{items}</ol>"#))
}

fn render_version(version: &VersionView) -> String {
    let name = describe_version(version);
    format!(
        r#"
<li{current}><span class="label">{name}{latest}</span><time>{date}</time>{doi}</li>"#,
        current = if version.current { r#" class="current" aria-current="page""# } else { "" },
        name = if version.current { escape(&name) } else { render_link(&version.path, &name) },
        latest = if version.latest { r#" <span class="tag open">Latest</span>"# } else { "" },
        date = escape(&version.date),
        doi = render_optional("<code>", version.doi.as_deref(), "</code>"),
    )
}

/// Returns `Version 1.2.0`, or `Version 3` by its place if it has no label.
fn describe_version(version: &VersionView) -> String {
    match version.label.as_deref().filter(|label| !label.trim().is_empty()) {
        Some(label) => format!("Version {label}"),
        None => format!("Version {}", version.index),
    }
}

fn render_details(view: &RecordView) -> String {
    let date = view.publication_date.iter().map(|date| render_fact("Published", date));
    let kind = view.resource_type.iter().map(|kind| render_fact("Resource type", kind));
    let access = std::iter::once(render_fact("Access", &describe_access(&view.access)));
    let version = view.version.iter().map(|label| render_fact("Version", label));
    let license =
        (!view.licenses.is_empty()).then(|| render_fact("Licence", &view.licenses.join("; ")));
    let further = view.further.iter().map(|FactView { name, value }| render_fact(name, value));
    let rows: String =
        kind.chain(date).chain(version).chain(access).chain(license).chain(further).collect();
    render_section("Details", &format!(r#"<dl class="pairs">{rows}</dl>"#))
}

fn render_fact(name: &str, value: &str) -> String {
    format!("<div><dt>{}</dt><dd><bdi>{}</bdi></dd></div>", escape(name), escape(value))
}

fn render_tag_section(heading: &str, texts: &[String]) -> String {
    if texts.is_empty() {
        return String::new();
    }
    let tags: String = texts.iter().map(|text| render_tag("tag", text)).collect();
    render_section(heading, &format!(r#"<p class="tags">{tags}</p>"#))
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
        assert!(!page.contains("<script") && !page.contains("onclick='"));
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
