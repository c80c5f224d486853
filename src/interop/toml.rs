//! TOML files of package managers.

use toml::{Table, Value as Toml};

/// Parses a TOML text; the parser limits the depth.
pub(in crate::interop) fn parse_table(text: &str) -> Result<Table, String> {
    text.parse::<Table>().map_err(|error| {
        // `message` has no line, and the error's full text repeats the source.
        let line = error.span().map(|span| {
            let before = text.get(..span.start).unwrap_or_default();
            format!("line {}: ", before.matches('\n').count() + 1)
        });
        format!("{}{}", line.unwrap_or_default(), error.message().trim())
    })
}

pub(in crate::interop) fn list_texts(value: &Toml) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    items.iter().filter_map(Toml::as_str).map(str::to_owned).collect()
}

/// Returns the names in a list, each a text or under `name` in a table.
pub(in crate::interop) fn list_names(value: &Toml) -> Vec<String> {
    let items = value.as_array().map(Vec::as_slice).unwrap_or_default();
    let names =
        items.iter().filter_map(|item| item.as_str().or_else(|| item.get("name")?.as_str()));
    names.map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deep_tables_end_in_an_error() {
        let deep = format!("a = {}{}", "[".repeat(100_000), "]".repeat(100_000));
        assert!(parse_table(&deep).is_err());
    }
}
