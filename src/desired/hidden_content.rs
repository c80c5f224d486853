//! Finds the parts of a text that a record's page does not show: pictures, and links that lead
//! nowhere from there.

use pulldown_cmark::{Event, LinkType, Parser, Tag};

use super::html::make_markdown_options;

/// How many bytes of a tag are read.
const TAG_BYTES: usize = 4096;

/// A part that the record's page does not show.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Kind {
    /// The server removes it.
    Picture,
    /// It stays, and leads to another place than in the file.
    RelativeLink,
}

/// One such part of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Unseen {
    /// What it is.
    pub(super) kind: Kind,
    /// Where it begins. Bytes.
    pub(super) at: usize,
    /// What it names.
    pub(super) target: String,
}

/// Finds the parts of a Markdown text, HTML in it included.
pub(super) fn find_hidden_in_markdown(text: &str) -> Vec<Unseen> {
    let mut found = Vec::new();
    for (event, range) in Parser::new_ext(text, make_markdown_options()).into_offset_iter() {
        if let Event::Html(html) | Event::InlineHtml(html) = &event {
            let within = find_hidden_in_html(html).into_iter();
            found.extend(within.map(|part| Unseen { at: range.start + part.at, ..part }));
        } else if let Event::Start(tag) = event
            && let Some((kind, target)) = find_hidden_in_markup(tag)
        {
            found.push(Unseen { kind, at: range.start, target });
        }
    }
    found
}

fn find_hidden_in_markup(tag: Tag<'_>) -> Option<(Kind, String)> {
    if let Tag::Image { dest_url, .. } = tag {
        return Some((Kind::Picture, dest_url.into_string()));
    }
    let Tag::Link { link_type, dest_url, .. } = tag else { return None };
    // A mail address has no base either, but leads to the same place from any page.
    let is_lost = link_type != LinkType::Email && is_relative(&dest_url);
    is_lost.then(|| (Kind::RelativeLink, dest_url.into_string()))
}

/// Finds the parts of a text of HTML.
pub(super) fn find_hidden_in_html(html: &str) -> Vec<Unseen> {
    html.match_indices('<').filter_map(|(at, _)| find_hidden_in_tag(html, at)).collect()
}

fn find_hidden_in_tag(html: &str, at: usize) -> Option<Unseen> {
    let rest = html.get(at + 1..)?;
    // Without the limit, a text of many open tags would be read again for each.
    let end = rest.bytes().take(TAG_BYTES).position(|byte| byte == b'>')?;
    let tag = rest.get(..end)?;
    let name_end = tag.find(|c: char| !c.is_ascii_alphanumeric()).unwrap_or(tag.len());
    let (name, attributes) = tag.split_at(name_end);
    let (kind, target) = match name.to_ascii_lowercase().as_str() {
        "img" => (Kind::Picture, find_attribute(attributes, "src").unwrap_or_default()),
        "a" => {
            let href = find_attribute(attributes, "href").filter(|href| is_relative(href))?;
            (Kind::RelativeLink, href)
        }
        _ => return None,
    };
    Some(Unseen { kind, at, target: target.to_owned() })
}

/// Returns the value of an attribute, with or without quotation marks.
fn find_attribute<'a>(attributes: &'a str, name: &str) -> Option<&'a str> {
    let lower = attributes.to_ascii_lowercase();
    let is_alone =
        |at: usize| attributes[..at].ends_with(|c: char| !c.is_alphanumeric() && c != '-');
    let (at, _) = lower.match_indices(name).find(|(at, _)| {
        is_alone(*at) && attributes[at + name.len()..].trim_start().starts_with('=')
    })?;
    let value = attributes[at + name.len()..].trim_start().strip_prefix('=')?.trim_start();
    match value.chars().next()? {
        quote @ ('"' | '\'') => value[1..].split(quote).next(),
        _ => value.split(char::is_whitespace).next(),
    }
}

/// Returns whether an address depends on the page that it is on.
fn is_relative(address: &str) -> bool {
    let address = address.trim();
    let is_bare = matches!(
        url::Url::parse(address),
        Err(url::ParseError::RelativeUrlWithoutBase | url::ParseError::EmptyHost)
    );
    // `//host/path` names its host, so it leads to the same place from any page.
    is_bare && !address.is_empty() && !address.starts_with("//")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(found: Vec<Unseen>) -> Vec<(Kind, usize, String)> {
        found.into_iter().map(|it| (it.kind, it.at, it.target)).collect()
    }

    #[test]
    fn pictures_and_relative_links_are_found_at_their_place() {
        let text = "A ![map](img/map.png) and [docs](docs/a.md), [top](#top).\n\n\
            [far](https://example.org) <https://example.org> <me@example.org> \
            [mail](mailto:me@example.org) [far](//example.org)\n\n\
            <img alt=\"x\" SRC='b.png'> <a class=a href=c.md>c</a> [ref]\n\n[ref]: d.md\n";
        let found = shown(find_hidden_in_markdown(text));
        let expected = [
            (Kind::Picture, "![map]", "img/map.png"),
            (Kind::RelativeLink, "[docs]", "docs/a.md"),
            (Kind::RelativeLink, "[top]", "#top"),
            (Kind::Picture, "<img", "b.png"),
            (Kind::RelativeLink, "<a class", "c.md"),
            (Kind::RelativeLink, "[ref]", "d.md"),
        ];
        let expected = expected
            .map(|(kind, start, target)| (kind, text.find(start).unwrap(), target.to_owned()));
        assert_eq!(found, expected);
        assert_eq!(find_hidden_in_markdown("`![a](b)` and\n\n    <img src=\"c\">\n"), []);
    }

    #[test]
    fn broken_html_is_no_fault_and_takes_no_time() {
        for text in
            ["<", "<a", "<a href", "<a href=", "<a href=>", "<a href=\"", "<img>", "<é src>"]
        {
            find_hidden_in_html(text);
        }
        assert_eq!(shown(find_hidden_in_html("<img>")), [(Kind::Picture, 0, String::new())]);
        find_hidden_in_html(&"<a href=".repeat(100_000));
    }
}
