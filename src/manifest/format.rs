//! The usual layout of a manifest: changes blanks, blank lines and line breaks only. Order, values,
//! their quotes, and comments stay.

use toml_edit::{Array, Decor, DocumentMut, InlineTable, Item, RawString, Table, Value};

/// A list whose line is longer gets a line for each item. In characters.
const LINE: usize = 100;

/// The indentation of a list's items.
const INDENT: &str = "    ";

/// Returns a text in the usual layout, or `None` when it is not TOML or the layout would change its
/// meaning.
///
/// Formatting a formatted text changes nothing. Deliberately absent: what the values mean. A
/// manifest with faults is formatted too.
pub fn format_manifest(text: &str) -> Option<String> {
    let mut document: DocumentMut = text.parse().ok()?;
    let trailing = format_lines(get_raw(Some(document.trailing())), "");
    let is_empty = document.as_table().is_empty();
    document.set_trailing(if is_empty { trailing.trim_start() } else { &trailing }.trim_end());
    Place { is_first: true }.body(document.as_table_mut());
    let format_manifest = restore_line_ends(text, format!("{}\n", document.to_string().trim_end()));
    // A second parser compares both texts, so that a bug in the layout can't change a value.
    let said = |text: &str| toml::from_str::<toml::Table>(text).ok();
    (said(text)? == said(&format_manifest)?).then_some(format_manifest)
}

/// Ends lines as Windows does, when all lines of the text do.
fn restore_line_ends(text: &str, format_manifest: String) -> String {
    let n_ends = text.matches('\n').count();
    // Mixed line ends are not restored: no single style is that of the text.
    if n_ends == 0 || n_ends != text.matches("\r\n").count() {
        return format_manifest;
    }
    format_manifest.replace("\r\n", "\n").replace('\n', "\r\n")
}

/// The position of the next line.
struct Place {
    /// Whether it is the first line of the file or of a table.
    is_first: bool,
}

impl Place {
    fn body(&mut self, table: &mut Table) {
        for (mut key, item) in table.iter_mut() {
            key.dotted_decor_mut().clear();
            match item {
                Item::Value(value) => {
                    let above = self.above(key.leaf_decor());
                    *key.leaf_decor_mut() = Decor::new(above, " ");
                    let behind = format_comment(get_raw(value.decor().suffix()));
                    let n_before = key.get().chars().count() + " = ".len();
                    format_value(value, "", n_before);
                    *value.decor_mut() = Decor::new(" ", behind);
                }
                // A dotted key has no header of its own; its lines belong to the table around it.
                Item::Table(inner) if inner.is_dotted() => self.body(inner),
                Item::Table(inner) => {
                    key.leaf_decor_mut().clear();
                    self.table(inner);
                }
                Item::ArrayOfTables(tables) => {
                    key.leaf_decor_mut().clear();
                    tables.iter_mut().for_each(|inner| self.table(inner));
                }
                Item::None => {}
            }
        }
    }

    fn table(&mut self, table: &mut Table) {
        // `[a.b]` alone creates `a`, which has no header and therefore no gap before it.
        if table.is_implicit() {
            return self.body(table);
        }
        let is_first = self.is_first;
        let above = self.above(table.decor());
        let has_gap = above.starts_with('\n') || above.contains("\n\n");
        let gap = if has_gap || is_first { "" } else { "\n" };
        let behind = format_comment(get_raw(table.decor().suffix()));
        *table.decor_mut() = Decor::new(format!("{gap}{above}"), behind);
        self.is_first = true;
        self.body(table);
        self.is_first = false;
    }

    /// Returns the comments above a key or a header; a table does not begin with a blank line.
    fn above(&mut self, decor: &Decor) -> String {
        let above = format_lines(get_raw(decor.prefix()), "");
        let is_first = std::mem::replace(&mut self.is_first, false);
        if is_first { above.trim_start().to_owned() } else { above }
    }
}

fn get_raw(text: Option<&RawString>) -> &str {
    text.and_then(RawString::as_str).unwrap_or_default()
}

/// Returns the comments of some lines, each indented, with at most one blank line between.
fn format_lines(raw: &str, indent: &str) -> String {
    let mut out = String::new();
    let mut is_blank = false;
    let mut all = raw.split('\n').map(str::trim).peekable();
    while let Some(line) = all.next() {
        let is_last = all.peek().is_none();
        if line.is_empty() {
            // The last part is the indentation of the line itself, and not a blank line.
            is_blank |= !is_last;
            continue;
        }
        if std::mem::take(&mut is_blank) {
            out.push('\n');
        }
        out.push_str(indent);
        out.push_str(line);
        out.push('\n');
    }
    if is_blank {
        out.push('\n');
    }
    out
}

/// Returns a comment behind a value, two blanks away, or more where comments are aligned.
fn format_comment(raw: &str) -> String {
    let text = raw.trim();
    if text.is_empty() {
        return String::new();
    }
    let blanks = raw.len() - raw.trim_start_matches(' ').len();
    format!("{}{text}", " ".repeat(blanks.max(2)))
}

/// Formats a value that follows `n_before` characters in an indented line. Clears the blanks around
/// it, which the caller sets.
fn format_value(value: &mut Value, indent: &str, n_before: usize) {
    value.decor_mut().clear();
    match value {
        Value::Array(array) => format_array(array, indent, n_before),
        Value::InlineTable(table) => format_inline_table(table),
        Value::String(_)
        | Value::Integer(_)
        | Value::Float(_)
        | Value::Boolean(_)
        | Value::Datetime(_) => {}
    }
}

fn format_array(array: &mut Array, indent: &str, n_before: usize) {
    // Moving such a comment behind its comma could attach it to the next item.
    if has_comment_before_comma(array) {
        return;
    }
    let is_broken = collect_text_around(array).contains(['\n', '#']);
    // A list that is already broken over lines stays so: its author chose it.
    if !is_broken {
        format_in_one_line(array);
        let width = indent.len() + n_before + array.to_string().chars().count();
        if width <= LINE || array.is_empty() {
            return;
        }
    }
    format_one_a_line(array, indent);
}

/// Returns whether a comment comes before a comma, where the usual layout has none.
fn has_comment_before_comma(array: &Array) -> bool {
    array.iter().any(|item| get_raw(item.decor().suffix()).contains('#'))
}

/// Returns the blanks and comments between the items.
fn collect_text_around(array: &Array) -> String {
    let mut around = get_raw(Some(array.trailing())).to_owned();
    for item in array {
        around.push_str(get_raw(item.decor().prefix()));
        around.push_str(get_raw(item.decor().suffix()));
    }
    around
}

fn format_in_one_line(array: &mut Array) {
    array.set_trailing("");
    array.set_trailing_comma(false);
    for (at, item) in array.iter_mut().enumerate() {
        format_value(item, "", 0);
        *item.decor_mut() = Decor::new(if at == 0 { "" } else { " " }, "");
    }
}

fn format_one_a_line(array: &mut Array, indent: &str) {
    let inner = format!("{indent}{INDENT}");
    for item in array.iter_mut() {
        let between = format_between(get_raw(item.decor().prefix()), &inner);
        format_value(item, &inner, 0);
        *item.decor_mut() = Decor::new(format!("{between}{inner}"), "");
    }
    let end = format_between(get_raw(Some(array.trailing())), &inner);
    let end =
        if end.ends_with("\n\n") { end.trim_end_matches('\n').to_owned() + "\n" } else { end };
    array.set_trailing(format!("{end}{indent}"));
    array.set_trailing_comma(!array.is_empty());
}

/// Returns what comes between two items, up to the second one's line: the comment behind the first,
/// and those above the second.
fn format_between(raw: &str, indent: &str) -> String {
    let (behind, above) = raw.split_once('\n').unwrap_or((raw, ""));
    format!("{}\n{}", format_comment(behind), format_lines(above, indent))
}

/// Formats a table in braces; one with several lines or comments stays as it is.
fn format_inline_table(table: &mut InlineTable) {
    if table.to_string().contains(['\n', '#']) {
        return;
    }
    let n_items = table.len();
    table.set_trailing("");
    table.set_trailing_comma(false);
    for (at, (mut key, value)) in table.iter_mut().enumerate() {
        if let Value::InlineTable(inner) = value
            && inner.is_dotted()
        {
            continue;
        }
        *key.leaf_decor_mut() = Decor::new(" ", " ");
        format_value(value, "", 0);
        *value.decor_mut() = Decor::new(" ", if at + 1 == n_items { " " } else { "" });
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let out = format_manifest(text).unwrap();
        assert_eq!(out, expected);
        assert_eq!(format_manifest(&out).as_deref(), Some(expected), "a layout is its own layout");
    }

    #[test]
    fn blanks_and_blank_lines_are_brought_in_order() {
        check(
            "\n\n#:schema x\nserver='local'#why\n\n\n\n# of it all\n  [ metadata ] # m\n\n\ntitle   =  \"a\"\n\n\n\n\
             # two\n# lines\n\tversion= \"1\" # label  \n[[files]]\npath = \"a\"\n# last\n\n",
            "#:schema x\nserver = 'local'  #why\n\n# of it all\n[metadata]  # m\ntitle = \"a\"\n\n\
             # two\n# lines\nversion = \"1\"  # label\n\n[[files]]\npath = \"a\"\n# last\n",
        );
        check("", "\n");
        check("# only this", "# only this\n");
        check("a = 1\n# of a\n\n[b]", "a = 1\n# of a\n\n[b]\n");
        check("[b.c]\n[b.d]\n\n# of e\n[e.f]", "[b.c]\n\n[b.d]\n\n# of e\n[e.f]\n");
        check("a = 1      # far\nbb = 2\t# near\n", "a = 1      # far\nbb = 2  # near\n");
        check("a.b=1\na . c = 2 # c", "a.b = 1\na.c = 2  # c\n");
    }

    #[test]
    fn lists_keep_their_lines_and_long_ones_get_some() {
        check("k = [ 'a' ,'b', ]", "k = ['a', 'b']\n");
        check(
            "k = [ # why\n'a', # of a\n\n # above b\n'b' ]",
            "k = [  # why\n    'a',  # of a\n\n    # above b\n    'b',\n]\n",
        );
        check("k = [\n]", "k = [\n]\n");
        let long = format!("k = ['{}', '{}']", "a".repeat(60), "b".repeat(60));
        let broken = format!("k = [\n    '{}',\n    '{}',\n]\n", "a".repeat(60), "b".repeat(60));
        check(&long, &broken);
        check("c = [\n{name='x',orcid = 'y'}\n]", "c = [\n    { name = 'x', orcid = 'y' },\n]\n");
    }

    #[test]
    fn texts_of_several_lines_stay_as_they_are() {
        check("d = \"\"\"\n  a   \n\n\n b\"\"\"", "d = \"\"\"\n  a   \n\n\n b\"\"\"\n");
        check("a=1\r\nd='x'\r\n# c", "a = 1\r\nd = 'x'\r\n# c\r\n");
        let text = "d=\"\"\"\r\n x\r\n\"\"\"\r\n";
        check(text, &text.replace('=', " = "));
        check("v={from='git-tag'}", "v = { from = 'git-tag' }\n");
        check("v={ }", "v = {}\n");
    }

    #[test]
    fn what_is_no_toml_has_no_layout() {
        assert_eq!(format_manifest("a = "), None);
        assert_eq!(format_manifest("a = 1\na = 2"), None);
    }
}
