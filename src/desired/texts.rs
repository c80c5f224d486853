//! Warns of texts that the record's page shows differently from how they were written.

use std::collections::BTreeMap;

use crate::manifest::{Manifest, TextFormat, TextSource, codes};
use crate::model::{Finding, Span, TextPlace};

use super::depth;
use super::hidden_content::{self, Kind, Unseen};

/// How many parts of a text are named.
const NAMED: usize = 3;

/// How many characters of a part's target are shown.
const SHOWN: usize = 60;

/// Warns of pictures and relative links in the manifest's texts: the server removes pictures
/// (contract/scenarios/html-cleaning.json, 2026-11-23), and a relative link leads elsewhere from
/// the record's page. `texts` are the files' contents.
pub fn warn_about_texts(manifest: &Manifest, texts: &BTreeMap<TextPlace, String>) -> Vec<Finding> {
    let mut found = Vec::new();
    for (field, text) in &manifest.metadata.texts {
        match &text.value {
            TextSource::Inline(html) => {
                let parts = hidden_content::find_hidden_in_html(html);
                found.extend(make_text_findings(
                    &format!("metadata.{field}"),
                    text.span,
                    &parts,
                    None,
                ));
            }
            TextSource::File(path) => {
                let Some(content) = texts.get(field) else { continue };
                let content = content.trim_start_matches('\u{feff}');
                let parts = match TextFormat::of(&path.value) {
                    // Nesting this deep is an error already, and parsing it would take too long.
                    Some(TextFormat::Markdown) if depth::find_deep_markdown(content).is_some() => {
                        Vec::new()
                    }
                    Some(TextFormat::Markdown) => hidden_content::find_hidden_in_markdown(content),
                    Some(TextFormat::Html) | None => hidden_content::find_hidden_in_html(content),
                };
                found.extend(make_text_findings(&path.value, path.span, &parts, Some(content)));
            }
        }
    }
    found
}

/// Makes one finding of each kind.
fn make_text_findings(
    name: &str,
    span: Span,
    parts: &[Unseen],
    content: Option<&str>,
) -> Vec<Finding> {
    let of = |kind: Kind| parts.iter().filter(move |part| part.kind == kind);
    let (pictures, links) = (of(Kind::Picture).count(), of(Kind::RelativeLink).count());
    let mut found = Vec::new();
    if pictures > 0 {
        let what = if pictures == 1 { "a picture" } else { "pictures" };
        let finding = Finding::warning(
            codes::PICTURE,
            format!(
                "`{name}` has {what} that Zenodo leaves out: {}",
                list_targets(of(Kind::Picture), content)
            ),
        );
        found.push(
            finding
                .at(span, "")
                .because("a record's texts hold no pictures; what stands around them stays")
                .hint("publish the picture as a file of the record, or link to its address"),
        );
    }
    if links > 0 {
        let what = if links == 1 { "a relative link" } else { "relative links" };
        let finding = Finding::warning(
            codes::RELATIVE_LINK,
            format!("`{name}` has {what}: {}", list_targets(of(Kind::RelativeLink), content)),
        );
        found.push(
            finding
                .at(span, "")
                .because("from the record's page it leads to another place, or nowhere")
                .hint("write the whole address: https://…"),
        );
    }
    found
}

fn list_targets<'a>(parts: impl Iterator<Item = &'a Unseen>, content: Option<&str>) -> String {
    let parts: Vec<&Unseen> = parts.collect();
    let mut shown: Vec<String> =
        parts.iter().take(NAMED).map(|part| describe_target(part, content)).collect();
    if parts.len() > NAMED {
        shown.push(format!("{} more", parts.len() - NAMED));
    }
    shown.join(", ")
}

fn describe_target(part: &Unseen, content: Option<&str>) -> String {
    let target: String = part.target.chars().take(SHOWN).collect();
    // A text in the manifest has its own span, so only a file needs line and column.
    let Some(before) = content.and_then(|content| content.get(..part.at)) else {
        return format!("`{target}`");
    };
    let line = before.matches('\n').count() + 1;
    let column = before.rsplit('\n').next().unwrap_or_default().chars().count() + 1;
    format!("`{target}` (line {line}, column {column})")
}
