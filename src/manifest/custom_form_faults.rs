//! What is wrong with the value of a custom field that Zenodo has.

use std::collections::BTreeMap;

use crate::model::CustomValue;
use crate::vocab;
use crate::vocab::CustomForm;
use crate::vocab::identifiers::{find_isbn_fault, find_issn_fault};

/// Where in a value a fault is: from the outside in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Step {
    Key(String),
    At(usize),
}

/// What is wrong with a value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct FormFault {
    /// Where, from the outside in.
    pub(super) path: Vec<Step>,
    /// What, after the place: `must be a list of texts such as …`.
    pub(super) what: String,
}

/// Returns all that is wrong with a value of this form.
pub(super) fn find_form_faults(form: &CustomForm, value: &CustomValue) -> Vec<FormFault> {
    let mut faults = Vec::new();
    collect_faults(form, value, &mut Vec::new(), &mut faults);
    faults
}

fn collect_faults(
    form: &CustomForm,
    value: &CustomValue,
    path: &mut Vec<Step>,
    faults: &mut Vec<FormFault>,
) {
    match (form, value) {
        (CustomForm::List(of), CustomValue::List(items)) => {
            for (at, item) in items.iter().enumerate() {
                path.push(Step::At(at));
                collect_faults(of, item, path, faults);
                path.pop();
            }
        }
        (CustomForm::Table(keys), CustomValue::Table(table)) => {
            for (key, value) in table {
                path.push(Step::Key(key.clone()));
                match keys.get(key.as_str()) {
                    Some(of) => collect_faults(of, value, path, faults),
                    None => faults.push(FormFault { path: path.clone(), what: name_keys(keys) }),
                }
                path.pop();
            }
        }
        (form, value) => {
            let what = find_fault_of_one(form, value);
            faults.extend(what.map(|what| FormFault { path: path.clone(), what }));
        }
    }
}

fn name_keys(keys: &BTreeMap<&str, CustomForm>) -> String {
    let names: Vec<String> = keys.keys().map(|name| format!("`{name}`")).collect();
    format!("is no key of it; they are {}", names.join(", "))
}

/// Returns what is wrong with a value that is neither a list nor a table of this form.
fn find_fault_of_one(form: &CustomForm, value: &CustomValue) -> Option<String> {
    let must_be = |wanted: &str| Some(format!("must be {wanted}"));
    match (form, value) {
        (CustomForm::Text, CustomValue::Text(_)) | (CustomForm::Number, CustomValue::Number(_)) => {
            None
        }
        (CustomForm::Text, CustomValue::Number(number)) => {
            must_be(&format!("a text: put it in quotes, `\"{number}\"`"))
        }
        (CustomForm::Text, _) => must_be("a text"),
        (CustomForm::Address, CustomValue::Text(text)) if vocab::is_web_address(text) => None,
        (CustomForm::Address, _) => must_be("an address such as `https://example.org`"),
        (CustomForm::Issn, CustomValue::Text(text)) => {
            find_issn_fault(text).map(|why| no_id("ISSN", &why))
        }
        (CustomForm::Issn, _) => must_be("an ISSN such as `\"0317-8471\"`"),
        (CustomForm::Isbn, CustomValue::Text(text)) => {
            find_isbn_fault(text).map(|why| no_id("ISBN", &why))
        }
        (CustomForm::Isbn, _) => must_be("an ISBN in quotes"),
        (CustomForm::Edtf, CustomValue::Text(text)) if vocab::may_be_edtf(text) => None,
        (CustomForm::Edtf, _) => must_be("a date such as `2026-06-01` or `2026`"),
        (CustomForm::Day, CustomValue::Text(text)) if text.parse::<jiff::civil::Date>().is_ok() => {
            None
        }
        (CustomForm::Day, _) => must_be("a day such as `2026-06-01`"),
        (CustomForm::Number, _) => must_be("a number"),
        (CustomForm::Whole, CustomValue::Number(number)) if number.parse::<i64>().is_ok() => None,
        (CustomForm::Whole, _) => must_be("a whole number"),
        (CustomForm::List(of), _) => must_be(&format!("a list such as `{}`", show_list(of))),
        (CustomForm::Table(_), _) => must_be("a table"),
    }
}

fn no_id(what: &str, why: &str) -> String {
    format!("is not an {what}: {why}")
}

/// Shows a list of this form.
fn show_list(of: &CustomForm) -> &'static str {
    match of {
        CustomForm::Number => "[46.2]",
        CustomForm::Whole => "[250]",
        CustomForm::Edtf | CustomForm::Day => "[\"2026-06-01\"]",
        CustomForm::Table(_) => "[{ … }]",
        CustomForm::Text
        | CustomForm::Address
        | CustomForm::Issn
        | CustomForm::Isbn
        | CustomForm::List(_) => "[\"…\"]",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::vocab::find_custom_form;

    fn text(text: &str) -> CustomValue {
        CustomValue::Text(text.to_owned())
    }

    fn table(key: &str, value: CustomValue) -> CustomValue {
        CustomValue::Table(BTreeMap::from([(key.to_owned(), value)]))
    }

    fn faults(name: &str, value: &CustomValue) -> Vec<(String, String)> {
        let show = |step: &Step| match step {
            Step::Key(key) => format!(".{key}"),
            Step::At(at) => format!("[{at}]"),
        };
        let found = find_form_faults(find_custom_form(name).unwrap(), value).into_iter();
        found.map(|it| (it.path.iter().map(show).collect(), it.what)).collect()
    }

    #[test]
    fn each_form_takes_its_values_and_no_others() {
        let list = |items: &[CustomValue]| CustomValue::List(items.to_vec());
        let number = |text: &str| CustomValue::Number(text.to_owned());
        let words = list(&[text("Bombus")]);
        let relation = table("subject", words.clone());
        for (name, good, bad, place) in [
            ("dwc:genus", words.clone(), text("Bombus"), ""),
            ("dwc:genus", words.clone(), list(&[text("Bombus"), number("7")]), "[1]"),
            ("dwc:decimalLatitude", list(&[number("46.2")]), list(&[text("46.2")]), "[0]"),
            ("gbif:ampliconSize", list(&[number("250")]), list(&[number("2.5")]), "[0]"),
            ("dwc:eventDate", list(&[text("2026-06-01")]), list(&[text("2026-06")]), "[0]"),
            ("ac:digitizationDate", list(&[text("2026-06")]), list(&[text("June")]), "[0]"),
            (
                "obo:RO_0002453",
                list(&[relation]),
                list(&[table("verb", words.clone())]),
                "[0].verb",
            ),
            ("thesis:thesis", table("type", text("PhD")), table("kind", text("PhD")), ".kind"),
            (
                "thesis:thesis",
                table("date_defended", text("2026-06-01")),
                table("date_defended", text("last June")),
                ".date_defended",
            ),
            (
                "journal:journal",
                table("issn", text("0317-8471")),
                table("issn", text("0317-8472")),
                ".issn",
            ),
            (
                "imprint:imprint",
                table("isbn", text("978-3-16-148410-0")),
                table("isbn", text("978-3-16-148410-1")),
                ".isbn",
            ),
            (
                "meeting:meeting",
                table("url", text("https://example.org")),
                table("url", text("example")),
                ".url",
            ),
        ] {
            assert_eq!(faults(name, &good), [], "{name}");
            let found = faults(name, &bad);
            assert_eq!(found.len(), 1, "{name}: {found:?}");
            assert_eq!(found[0].0, place, "{name}: {found:?}");
        }
    }
}
