//! Writes a reference in the style of APA, 7th edition, as plain text: title and version are not in
//! italics.

use crate::model::{Field, Person};
use crate::observed::UnsupportedValue;

use crate::interop::person_names::split_name;
use crate::interop::unsupported::list_unsupported;
use crate::interop::work::Work;

/// Fields that a reference has.
const CARRIED: &[Field] = &[
    Field::Title,
    Field::UploadType,
    Field::PublicationType,
    Field::PublicationDate,
    Field::Version,
    Field::Creators,
    Field::Doi,
    Field::ImprintPublisher,
];

/// More authors than this are cut: the first 19 and the last are named.
const MAX_AUTHORS: usize = 20;

/// What an upload type is called in brackets.
const KINDS: [(&str, &str); 7] = [
    ("dataset", "Data set"),
    ("software", "Computer software"),
    ("poster", "Poster"),
    ("presentation", "Presentation"),
    ("image", "Image"),
    ("video", "Audio or video"),
    ("lesson", "Teaching material"),
];

/// Writes the reference.
pub(in crate::interop) fn write_apa(work: &Work) -> (String, Vec<UnsupportedValue>) {
    let metadata = &work.metadata;
    let authors = join_authors(work.people(Field::Creators));
    let year = work.date_parts().map_or_else(|| "n.d.".to_owned(), |date| date.year.to_owned());
    let mut title = metadata.text(Field::Title).unwrap_or_default().trim().to_owned();
    if let Some(version) = metadata.text(Field::Version) {
        title = format!("{title} (Version {version})");
    }
    let kind = metadata.text(Field::UploadType).unwrap_or_default();
    if let Some((_, name)) = KINDS.iter().find(|(known, _)| *known == kind) {
        title = format!("{title} [{name}]");
    }
    let publisher = metadata.text(Field::ImprintPublisher).unwrap_or("Zenodo");
    let mut sentences = vec![
        format!("{authors} ({year})."),
        end_sentence(title),
        end_sentence(publisher.to_owned()),
    ];
    sentences.extend(work.best_doi().map(|doi| format!("https://doi.org/{doi}")));
    let text = sentences.join(" ");
    // A line of a reference has no breaks, whatever a title holds.
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    (format!("{text}\n"), list_unsupported(work, CARRIED))
}

fn end_sentence(text: String) -> String {
    if text.ends_with(['.', '?', '!']) { text } else { format!("{text}.") }
}

fn join_authors(people: &[Person]) -> String {
    let names: Vec<String> = people.iter().map(|person| shorten_name(&person.name)).collect();
    match names.as_slice() {
        [] => String::new(),
        [only] => only.clone(),
        [names @ .., last] if people.len() <= MAX_AUTHORS => {
            format!("{}, & {last}", names.join(", "))
        }
        [names @ .., last] => format!("{}, … {last}", names[..MAX_AUTHORS - 1].join(", ")),
    }
}

/// Returns `Weiss, T. M.` of `Weiss, Tobias M.`; another name stays.
fn shorten_name(name: &str) -> String {
    let Some((family, given)) = split_name(name) else { return name.trim().to_owned() };
    let initials: Vec<String> = given.split_whitespace().map(shorten_given_name).collect();
    format!("{family}, {}", initials.join(" "))
}

/// Returns `J.-P.` of `Jean-Pierre`.
fn shorten_given_name(name: &str) -> String {
    let parts = name.split('-').filter_map(|part| part.chars().next());
    let initials: Vec<String> = parts.map(|first| format!("{}.", first.to_uppercase())).collect();
    initials.join("-")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Doi, Metadata, Value};

    fn work(names: &[&str]) -> Work {
        let mut metadata = Metadata::default();
        metadata.set_text(Field::Title, "Tables of\nsmall forms");
        metadata.set_text(Field::UploadType, "dataset");
        let person = |name: &&str| Person { name: (*name).to_owned(), ..Person::default() };
        metadata.set(Field::Creators, Value::People(names.iter().map(person).collect()));
        Work { metadata, doi: Doi::parse("10.5281/zenodo.2").ok(), ..Work::default() }
    }

    #[test]
    fn a_reference_has_authors_year_title_version_kind_and_doi() {
        let mut dated = work(&["Weiss, Tobias M.", "Dupont, Jean-Pierre", "The Ring Group"]);
        dated.metadata.set_text(Field::PublicationDate, "2026-06-01");
        dated.metadata.set_text(Field::Version, "1.2.0");
        assert_eq!(
            write_apa(&dated).0,
            "Weiss, T. M., Dupont, J.-P., & The Ring Group (2026). Tables of small forms \
             (Version 1.2.0) [Data set]. Zenodo. https://doi.org/10.5281/zenodo.2\n"
        );
        let mut open = work(&["Weiss, Tobias"]);
        open.metadata.set_text(Field::UploadType, "publication");
        open.metadata.set_text(Field::Title, "Why rings?");
        assert_eq!(
            write_apa(&open).0,
            "Weiss, T. (n.d.). Why rings? Zenodo. https://doi.org/10.5281/zenodo.2\n"
        );
    }

    #[test]
    fn of_many_authors_the_first_19_and_the_last_are_named() {
        let names: Vec<String> = (1..=25).map(|n| format!("Group {n}")).collect();
        let names: Vec<&str> = names.iter().map(String::as_str).collect();
        let text = write_apa(&work(&names)).0;
        assert!(text.contains("Group 19, … Group 25 (n.d.)"), "{text}");
        assert!(!text.contains("Group 20"), "{text}");
        assert!(write_apa(&work(&names[..20])).0.contains("Group 19, & Group 20"));
    }
}
