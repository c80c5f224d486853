//! `notify`: which channels get messages, by name. What a channel is stands in the configuration of
//! the user: a manifest comes with pull requests, and must not say where a message goes.

use crate::model::Finding;

use super::codes;
use super::items::drop_repetitions;
use super::reader::Entry;
use super::types::Located;
use super::vocab_checks::shorten_and_escape;

/// Characters of a name.
const MOST: usize = 40;

/// Reads the names.
pub(super) fn read_channels(entry: Option<Entry<'_>>, found: &mut Vec<Finding>) -> Vec<String> {
    let Some(entry) = entry else { return Vec::new() };
    let mut names = entry.texts(found);
    names.retain(|name| {
        let is_name = is_channel_name(&name.value);
        if !is_name {
            found.push(report_no_name(name));
        }
        is_name
    });
    drop_repetitions(&entry.path, names, found)
}

fn report_no_name(name: &Located<String>) -> Finding {
    let hint = "give a name of small letters, digits and hyphens, and say in your own configuration \
                what it is: `[notify.NAME]`";
    // An address may be a secret: neither it nor its line is shown.
    if name.value.contains("//") {
        let summary = "`notify` holds an address, which is not the name of a channel";
        let why = "everyone who can read the manifest knows the address: make a new one";
        return Finding::error(codes::CHANNEL, summary).because(why).hint(hint);
    }
    let shown = shorten_and_escape(&name.value);
    let summary = format!("`{shown}` is not the name of a channel");
    Finding::error(codes::CHANNEL, summary).at(name.span, "not a name").hint(hint)
}

/// Returns whether a text is a name: small letters, digits and hyphens, from a letter on. An underscore would have two meanings in a variable of the
/// environment.
pub fn is_channel_name(text: &str) -> bool {
    let is_part = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.chars().all(is_part)
        && text.len() <= MOST
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_fits_into_a_variable() {
        for good in ["lab", "a", "lab-2"] {
            assert!(is_channel_name(good), "{good}");
        }
        for bad in ["", "Lab", "lab_2", "2lab", "-a", "a b", "https://hooks.slack.com", "ä"] {
            assert!(!is_channel_name(bad), "{bad}");
        }
        assert!(!is_channel_name(&"a".repeat(41)));
    }
}
