//! The forms of the custom fields that Zenodo has.
//!
//! Source: zenodo-rdm 6386403, `site/zenodo_rdm/custom_fields`, and invenio-rdm-records,
//! `invenio_rdm_records/contrib/{journal,imprint,thesis,meeting}`, 2026-12-01.

use std::collections::BTreeMap;
use std::sync::LazyLock;

/// What a custom field takes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CustomForm {
    /// A text.
    Text,
    /// The address of a page.
    Address,
    /// An ISSN with its check digit.
    Issn,
    /// An ISBN with its check digit.
    Isbn,
    /// EDTF, of which level 2 is accepted: `2026-06`, `1985?`.
    Edtf,
    /// `2026-06-01`.
    Day,
    /// A number.
    Number,
    /// A whole number.
    Whole,
    /// A list of one form.
    List(Box<CustomForm>),
    /// A table of these keys.
    Table(BTreeMap<&'static str, CustomForm>),
}

/// The fields by their names. Each line of the data has a name, a key in its table or `-`, and a
/// form.
static FORMS: LazyLock<BTreeMap<&str, CustomForm>> = LazyLock::new(|| {
    let mut forms = BTreeMap::new();
    for line in include_str!("data/custom_fields.txt").lines() {
        let mut words = line.split(' ');
        let (Some(name), Some(key), Some(word)) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        let Some(form) = parse_form(word) else { continue };
        if key == "-" {
            forms.insert(name, form);
        } else if let CustomForm::Table(keys) =
            forms.entry(name).or_insert_with(|| CustomForm::Table(BTreeMap::new()))
        {
            keys.insert(key, form);
        }
    }
    forms
});

fn parse_form(word: &str) -> Option<CustomForm> {
    if let Some(of) = word.strip_prefix("list-of-") {
        return Some(CustomForm::List(Box::new(parse_form(of)?)));
    }
    let table = |keys: [&'static str; 2], form: &CustomForm| {
        CustomForm::Table(keys.into_iter().map(|key| (key, form.clone())).collect())
    };
    Some(match word {
        "text" => CustomForm::Text,
        "address" => CustomForm::Address,
        "issn" => CustomForm::Issn,
        "isbn" => CustomForm::Isbn,
        "edtf" => CustomForm::Edtf,
        "day" => CustomForm::Day,
        "number" => CustomForm::Number,
        "whole" => CustomForm::Whole,
        "identifiers" => table(["identifier", "scheme"], &CustomForm::Text),
        "relations" => table(["subject", "object"], &CustomForm::List(Box::new(CustomForm::Text))),
        _ => return None,
    })
}

/// Returns the form of a custom field that Zenodo has; none for another one, and for those of code,
/// which have words of their own.
pub fn find_custom_form(name: &str) -> Option<&'static CustomForm> {
    FORMS.get(name)
}

/// Returns the names of all of them.
pub fn list_custom_names() -> impl Iterator<Item = &'static str> {
    FORMS.keys().copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_line_has_a_form() {
        let lines = include_str!("data/custom_fields.txt").lines();
        for line in lines {
            let words: Vec<&str> = line.split(' ').collect();
            assert!(parse_form(words[2]).is_some(), "{line}");
            match (find_custom_form(words[0]), words[1]) {
                (Some(CustomForm::Table(keys)), key) => assert!(keys.contains_key(key), "{line}"),
                (Some(_), key) => assert_eq!(key, "-", "{line}"),
                (None, _) => panic!("{line}"),
            }
        }
        assert_eq!(list_custom_names().count(), 4 + 8 + 74);
    }
}
