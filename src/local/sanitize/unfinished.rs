//! Distinguishes a `<` that opens a tag or a comment from one that is a plain character.
//!
//! On the server, a tag that is unfinished at the end of the text (`p <y for all values`) and an
//! end tag without a name (`I </3 it`) are texts. HTML alone would lose them.

use super::allowed_tags::is_allowed_tag;

/// What begins with a `<`.
enum Markup {
    /// A tag or a comment of that many bytes, or the rest of a text that HTML loses with one.
    Whole(usize),
    /// Characters of that many bytes.
    Characters(usize),
}

/// Returns the text with all `&`, and each `<` that opens nothing, escaped.
///
/// With every `&` escaped, reading the text as HTML decodes no reference in it.
pub(super) fn escape_what_is_no_tag(text: &str) -> String {
    let mut escaped = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        push_escaped(&rest[..at], &mut escaped);
        rest = &rest[at..];
        let len = match read_markup(rest) {
            Markup::Whole(len) => {
                escaped.push_str(&rest[..len].replace('&', "&amp;"));
                len
            }
            Markup::Characters(len) => {
                push_escaped(&rest[..len], &mut escaped);
                len
            }
        };
        rest = &rest[len..];
    }
    push_escaped(rest, &mut escaped);
    escaped
}

fn push_escaped(text: &str, escaped: &mut String) {
    escaped.push_str(&text.replace('&', "&amp;").replace('<', "&lt;"));
}

fn read_markup(text: &str) -> Markup {
    let is_end = text[1..].starts_with('/');
    let name = &text[1 + usize::from(is_end)..];
    if name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        return read_tag(text, text.len() - name.len());
    }
    if is_end {
        return read_nameless_end_tag(text, name);
    }
    match name.chars().next() {
        Some('!' | '?') => Markup::Whole(find_comment_end(text)),
        _ => Markup::Characters(1),
    }
}

fn read_nameless_end_tag(text: &str, name: &str) -> Markup {
    if name.is_empty() {
        return Markup::Characters(text.len());
    }
    let inside = name.split('>').next().unwrap_or(name);
    let len = (text.len() - name.len() + inside.len() + 1).min(text.len());
    // `</>` and `</ b>` read as end tags that HTML drops; any other text stays, such as `</3`.
    if inside.is_empty() || is_allowed_tag(inside.to_lowercase().trim()) {
        return Markup::Whole(len);
    }
    Markup::Characters(len)
}

fn find_comment_end(text: &str) -> usize {
    let Some(inside) = text.strip_prefix("<!--") else {
        // Without the dashes it is a bogus comment, which ends with the first `>`.
        return text.find('>').map_or(text.len(), |at| at + 1);
    };
    // `<!-->` and `<!--->` are whole comments.
    for shortest in [">", "->"] {
        if inside.starts_with(shortest) {
            return "<!--".len() + shortest.len();
        }
    }
    // One search for both ends: a missing end would cost a search of the whole text per comment.
    let ends = inside.match_indices("--").find_map(|(at, _)| {
        let rest = &inside[at + 2..];
        let end = [">", "!>"].into_iter().find(|end| rest.starts_with(end))?;
        Some(at + 2 + end.len())
    });
    "<!--".len() + ends.unwrap_or(inside.len())
}

/// The most attributes of a tag: HTML compares each of them with all before it.
const MOST_ATTRIBUTES: usize = 1000;

/// The place of the next character in a tag.
#[derive(Clone, Copy, PartialEq)]
enum Place {
    TagName,
    BeforeName,
    Name,
    AfterName,
    BeforeValue,
    Quoted(char),
    Unquoted,
    AfterSlash,
}

/// Walks the tag whose name begins at `start` to its end or to the end of the text.
fn read_tag(text: &str, start: usize) -> Markup {
    let (mut place, mut n_attributes) = (Place::TagName, 0);
    for (at, c) in text[start..].char_indices() {
        // A `>` in quotes is part of the value.
        if c == '>' && !matches!(place, Place::Quoted(_)) {
            let len = start + at + 1;
            let is_crowded = n_attributes > MOST_ATTRIBUTES;
            return if is_crowded { Markup::Characters(len) } else { Markup::Whole(len) };
        }
        let next = find_next_place(place, c);
        n_attributes += usize::from(next == Place::Name && place != Place::Name);
        place = next;
    }
    match place {
        // The text ends inside the tag. The server keeps it as characters in these places only.
        Place::TagName | Place::Name | Place::AfterName | Place::Unquoted => {
            Markup::Characters(text.len())
        }
        Place::BeforeName | Place::BeforeValue | Place::Quoted(_) | Place::AfterSlash => {
            Markup::Whole(text.len())
        }
    }
}

fn find_next_place(place: Place, c: char) -> Place {
    let is_blank = matches!(c, ' ' | '\t' | '\n' | '\u{c}' | '\r');
    match (place, c) {
        // The order of the arms matters: in quotes every other character belongs to the value, and
        // in a value without quotes a slash does, too.
        (Place::Quoted(quote), _) if c == quote => Place::BeforeName,
        (Place::Quoted(_), _) => place,
        (Place::BeforeValue, _) if is_blank => place,
        (Place::BeforeValue, '"' | '\'') => Place::Quoted(c),
        (Place::BeforeValue | Place::Unquoted, _) if !is_blank => Place::Unquoted,
        (Place::Name | Place::AfterName, '=') => Place::BeforeValue,
        (Place::Name | Place::AfterName, _) if is_blank => Place::AfterName,
        (_, '/') => Place::AfterSlash,
        (Place::TagName, _) if !is_blank => Place::TagName,
        _ if is_blank => Place::BeforeName,
        _ => Place::Name,
    }
}

#[cfg(test)]
mod tests {
    use super::escape_what_is_no_tag;

    #[track_caller]
    fn check(text: &str, escaped: &str) {
        assert_eq!(escape_what_is_no_tag(text), escaped);
    }

    #[test]
    fn tags_and_comments_stay() {
        for text in ["<p class='a > b'>x</p>", "<!-- < -->x", "<!-->x", "<?x>y", "<br / >", "</>"] {
            check(text, text);
        }
        check("<a href=?a&b=1>&</a>", "<a href=?a&amp;b=1>&amp;</a>");
    }

    #[test]
    fn a_tag_that_the_text_ends_in_is_text() {
        check("p <y for all values", "p &lt;y for all values");
        check("<b>x</b> a<b", "<b>x</b> a&lt;b");
        check("<p title='a < b", "<p title='a < b");
    }

    #[test]
    fn a_lone_angle_bracket_is_text() {
        check("1 < 2 <3 <", "1 &lt; 2 &lt;3 &lt;");
        check("I </3 you> & </", "I &lt;/3 you> &amp; &lt;/");
    }
}
