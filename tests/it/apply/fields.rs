//! Each field of the metadata, alone: published and read again without a difference, and seen
//! when it changes on either side.

use std::fmt::Write;

use proptest::prelude::*;
use proptest::sample::select;
use zrel::api::Backend;
use zrel::model::Field;

use crate::support::rehearsal::Rehearsal;

/// Two values of a field, in TOML. The match names each field, so that a new one must be added.
#[expect(clippy::too_many_lines, reason = "one arm a field")]
fn samples(field: Field) -> (&'static str, &'static str) {
    match field {
        Field::Title => (r#""Tables of forms""#, r#""Tables of other forms""#),
        Field::UploadType => (r#""dataset""#, r#""software""#),
        Field::PublicationType => (r#""preprint""#, r#""article""#),
        Field::ImageType => (r#""figure""#, r#""photo""#),
        Field::PublicationDate => (r#""2026-06-01""#, r#""2025-06""#),
        Field::Version => (r#""1.0""#, r#""1.1""#),
        Field::Creators => (
            r#"[{ name = "Weiss,Tobias", orcid = "0000-0002-1825-0097" }, { name = "CERN" }]"#,
            r#"[{ name = "CERN" }, { name = "Weiss,Tobias", orcid = "0000-0002-1825-0097" }]"#,
        ),
        Field::Contributors => (
            r#"[{ name = "Roe, R.", type = "DataCurator", affiliation = "CERN" }]"#,
            r#"[{ name = "Roe, R.", type = "Editor", affiliation = "CERN" }]"#,
        ),
        Field::Description => (r#""<p>One &amp; two</p>""#, r#""<p>One &amp; three</p>""#),
        Field::AccessRight => (r#""open""#, r#""restricted""#),
        Field::License => (r#""CC-BY-4.0""#, r#""mit""#),
        Field::EmbargoDate => (r#""2099-12-31""#, r#""2099-12-30""#),
        Field::AccessConditions => (r#""<p>Ask.</p>""#, r#""<p>Ask twice.</p>""#),
        Field::Doi => (r#""10.1234/made-elsewhere""#, r#""10.1234/made-elsewhere.2""#),
        Field::Keywords => (r#"["forms", "“traces”"]"#, r#"["forms"]"#),
        Field::Notes => (r#""Some <b>notes</b>""#, r#""Some notes""#),
        Field::Method => (r#""<h2>How</h2>By hand.""#, r#""<h2>How</h2>By machine.""#),
        Field::RelatedIdentifiers => (
            r#"[{ identifier = "https://doi.org/10.1234/foo", relation = "isSupplementTo", resource_type = "publication-article" }, { identifier = "arXiv:2101.00001", relation = "cites" }]"#,
            r#"[{ identifier = "10.1234/foo", relation = "isSupplementTo", resource_type = "dataset" }, { identifier = "arXiv:2101.00001", relation = "cites" }]"#,
        ),
        Field::References => (r#"["Doe J (2014). Title."]"#, r#"["Doe J (2015). Title."]"#),
        Field::Grants => {
            (r#"["10.13039/501100000780::101054344"]"#, r#"["10.13039/501100000780::283595"]"#)
        }
        Field::Subjects => (
            r#"[{ term = "Astronomy", identifier = "http://id.loc.gov/authorities/subjects/sh85009003", scheme = "url" }]"#,
            r#"[{ term = "Stars", identifier = "http://id.loc.gov/authorities/subjects/sh85127431", scheme = "url" }]"#,
        ),
        Field::Language => (r#""en""#, r#""deu""#),
        Field::Locations => (
            r#"[{ place = "Geneva", lat = 46.2044, lon = 6.1432, description = "there" }]"#,
            r#"[{ place = "Geneva", lat = 46.2045, lon = 6.1432, description = "there" }]"#,
        ),
        Field::Dates => (
            r#"[{ start = "2025-03-21", end = "2025-03-25", type = "Collected" }]"#,
            r#"[{ start = "2025-03-21", end = "2025-03-26", type = "Collected" }]"#,
        ),
        Field::Titles => (
            r#"[{ title = "A subtitle", kind = "subtitle", language = "en" }, { title = "Other" }]"#,
            r#"[{ title = "A subtitle", kind = "alternative-title", language = "en" }, { title = "Other" }]"#,
        ),
        Field::Descriptions => (
            r#"[{ description = "<p>One &amp; two</p>", kind = "technical-info", language = "de" }]"#,
            r#"[{ description = "<p>One &amp; two</p>", kind = "technical-info" }]"#,
        ),
        Field::Licenses => (
            r#"["MIT", "CC-BY-4.0", { title = "Our terms", link = "https://example.org/terms" }]"#,
            r#"["MIT", "CC-BY-4.0", { title = "Our terms", description = "as they were" }]"#,
        ),
        Field::Copyright => (r#""© 2026 Jane Doe""#, r#""© 2026 “CERN”""#),
        Field::EmbargoReason => (r#""A patent""#, r#""Another patent""#),
        Field::Funding => (
            r#"[{ funder = { ror = "00k4n6c32" }, award = "00k4n6c32::283595" }, { funder = "A fund", award = { number = "1", title = "An award", url = "https://example.org/1" } }]"#,
            r#"[{ funder = { ror = "00k4n6c32" }, award = "00k4n6c32::283595" }, { funder = "A fund", award = { number = "2", title = "An award", url = "https://example.org/1" } }]"#,
        ),
        Field::Languages => (r#"["en", "deu"]"#, r#"["deu", "eng"]"#),
        Field::Sizes => (r#"["12 pages", "3 GB"]"#, r#"["12 pages"]"#),
        Field::Formats => (r#"["text/csv"]"#, r#"["text/plain"]"#),
        Field::Custom => (
            r#"{ "code:codeRepository" = "https://example.org/a", "code:programmingLanguage" = ["python", "rust"], "code:developmentStatus" = "active" }"#,
            r#"{ "code:codeRepository" = "https://example.org/a", "code:programmingLanguage" = ["rust"], "code:developmentStatus" = "active" }"#,
        ),
        Field::JournalVolume | Field::JournalIssue => (r#""12""#, r#""13""#),
        Field::JournalPages | Field::PartofPages => (r#""45-67""#, r#""45-68""#),
        Field::ConferenceAcronym => (r#""ICE'26""#, r#""ICE'27""#),
        Field::ConferenceDates => (r#""1-3 May 2026""#, r#""2-3 May 2026""#),
        Field::ConferenceUrl => (r#""https://example.org/a""#, r#""https://example.org/b""#),
        Field::ConferenceSession | Field::ConferenceSessionPart => (r#""VI""#, r#""1""#),
        Field::ImprintIsbn => (r#""978-3-16-148410-0""#, r#""978-0-306-40615-7""#),
        Field::ThesisSupervisors => (
            r#"[{ name = "Poe, Edgar", orcid = "0000-0001-5109-3700" }]"#,
            r#"[{ name = "Poe, Edgar" }]"#,
        ),
        Field::JournalTitle
        | Field::ConferenceTitle
        | Field::ConferencePlace
        | Field::ImprintPublisher
        | Field::ImprintPlace
        | Field::PartofTitle
        | Field::ThesisUniversity => (r#""Some — name""#, r#""Another name""#),
    }
}

/// Fields that mean nothing without another one.
const DEPENDS: &[(Field, Field, &str)] = &[
    (Field::PublicationType, Field::UploadType, r#""publication""#),
    (Field::ImageType, Field::UploadType, r#""image""#),
    (Field::EmbargoDate, Field::AccessRight, r#""embargoed""#),
    (Field::EmbargoReason, Field::AccessRight, r#""embargoed""#),
    (Field::EmbargoReason, Field::EmbargoDate, r#""2099-12-31""#),
    (Field::ConferenceUrl, Field::ConferenceTitle, r#""Forms 26""#),
];

/// What else a manifest needs beside a field: what each must have, and what the field depends on.
fn beside(field: Field) -> Vec<(Field, &'static str)> {
    let mut others = vec![
        (Field::Title, r#""Forms""#),
        (Field::UploadType, r#""dataset""#),
        (Field::Creators, r#"[{ name = "Weiss, Tobias" }]"#),
        (Field::License, r#""cc0-1.0""#),
        (Field::Description, r#""<p>Some.</p>""#),
    ];
    // Two fields that say the same thing are refused.
    if field == Field::Licenses {
        others.retain(|(other, _)| *other != Field::License);
    }
    let depends = DEPENDS.iter().filter(|(owner, ..)| *owner == field);
    others.extend(depends.map(|(_, other, value)| (*other, *value)));
    others
}

/// Which API writes a manifest.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Api {
    Deposit,
    /// A manifest says something that only this one can write.
    Records,
    /// It makes every call.
    RecordsAlone,
}

impl Api {
    fn rehearse(self) -> Rehearsal {
        Rehearsal::by(match self {
            Api::Deposit | Api::Records => Backend::Deposit,
            Api::RecordsAlone => Backend::Records,
        })
    }
}

/// A value beside the others that only the records API writes.
const NATIVE: (Field, &str) = (Field::Copyright, r#""© 2026 Jane Doe""#);

fn metadata(api: Api, field: Field, value: Option<&str>) -> String {
    let mut all: Vec<(Field, &str)> = Vec::new();
    for (other, value) in beside(field) {
        all.retain(|(known, _)| *known != other);
        all.push((other, value));
    }
    if api == Api::Records {
        all.push(NATIVE);
    }
    all.retain(|(known, _)| *known != field);
    all.extend(value.map(|value| (field, value)));
    let mut text = String::new();
    for (field, value) in all {
        writeln!(text, "{field} = {value}").unwrap();
    }
    text
}

/// A change that makes a new version instead of an edit, so that nothing changes in place.
fn is_label(field: Field) -> bool {
    field == Field::Version
}

#[test]
fn each_field_comes_back_and_each_change_of_it_is_seen_on_either_side() {
    change_each_field(Api::Deposit);
}

#[test]
fn each_field_comes_back_by_the_records_api_and_each_change_of_it_is_seen() {
    change_each_field(Api::Records);
}

#[test]
fn each_field_comes_back_by_the_records_api_alone_and_each_change_of_it_is_seen() {
    change_each_field(Api::RecordsAlone);
}

fn change_each_field(api: Api) {
    let rehearsal = api.rehearse();
    for field in Field::ALL.iter().copied() {
        let (one, two) = samples(field);
        let (with_one, with_two) =
            (metadata(api, field, Some(one)), metadata(api, field, Some(two)));
        let mut project = rehearsal.project(&with_one);
        let record = rehearsal.apply(&project);
        if field == Field::AccessConditions {
            // The server takes it and drops it, so it is not sent.
            project.set(&with_two);
            assert_eq!(rehearsal.changed(&project), []);
            continue;
        }
        project.set(&with_two);
        assert_eq!(rehearsal.changed(&project), [field], "{field} changed in the manifest");
        if field == Field::Doi {
            continue;
        }
        let again = rehearsal.apply(&project);
        assert_eq!(again == record, !is_label(field), "{field} in place");
        rehearsal.change_behind(again, &with_one);
        assert_eq!(rehearsal.changed(&project), [field], "{field} changed on the server");
        if !is_label(field) {
            assert_eq!(rehearsal.apply(&project), record);
        }
    }
}

#[test]
fn each_field_that_may_be_away_is_seen_to_come_and_to_go() {
    add_and_remove_each_field(Api::Deposit);
}

#[test]
fn each_field_that_may_be_away_comes_and_goes_by_the_records_api() {
    add_and_remove_each_field(Api::Records);
}

#[test]
fn each_field_that_may_be_away_comes_and_goes_by_the_records_api_alone() {
    add_and_remove_each_field(Api::RecordsAlone);
}

#[test]
fn a_record_that_one_backend_wrote_is_no_change_for_the_other() {
    let backends = [Backend::Deposit, Backend::Records];
    for (first, second) in [(backends[0], backends[1]), (backends[1], backends[0])] {
        let mut rehearsal = Rehearsal::by(first);
        for field in Field::ALL.iter().copied() {
            let (one, two) = samples(field);
            rehearsal.switch(first);
            let mut project = rehearsal.project(&metadata(Api::Deposit, field, Some(one)));
            rehearsal.apply(&project);
            rehearsal.switch(second);
            assert_eq!(rehearsal.changed(&project), [], "{field}: {first:?} wrote it");
            if matches!(field, Field::Doi | Field::AccessConditions) {
                continue;
            }
            project.set(&metadata(Api::Deposit, field, Some(two)));
            assert_eq!(rehearsal.changed(&project), [field], "{field}: {first:?} wrote it");
            rehearsal.apply(&project);
            rehearsal.switch(first);
            assert_eq!(rehearsal.changed(&project), [], "{field}: {second:?} wrote it");
        }
    }
}

fn add_and_remove_each_field(api: Api) {
    let rehearsal = api.rehearse();
    let needed = [
        Field::Title,
        Field::UploadType,
        Field::PublicationType,
        Field::ImageType,
        Field::Creators,
        Field::EmbargoDate,
    ];
    // Without them the server has values of its own, or takes none.
    let made = [
        Field::PublicationDate,
        Field::AccessRight,
        Field::License,
        Field::Licenses,
        Field::EmbargoReason,
        Field::AccessConditions,
        Field::Doi,
        Field::Version,
    ];
    let optional = |field: &&Field| !needed.contains(field) && !made.contains(field);
    for field in Field::ALL.iter().filter(optional).copied() {
        let (one, _) = samples(field);
        let (with, without) = (metadata(api, field, Some(one)), metadata(api, field, None));
        let mut project = rehearsal.project(&without);
        let record = rehearsal.apply(&project);
        project.set(&with);
        assert_eq!(rehearsal.changed(&project), [field], "{field} added");
        assert_eq!(rehearsal.apply(&project), record);
        project.set(&without);
        // The server returns supervisors as contributors with that role.
        let told = if field == Field::ThesisSupervisors { Field::Contributors } else { field };
        assert_eq!(rehearsal.changed(&project), [told], "{field} removed");
        assert_eq!(rehearsal.apply(&project), record);
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 12, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn whatever_is_published_has_an_empty_second_plan(
        fields in proptest::sample::subsequence(Field::ALL.to_vec(), 4..20),
        second in any::<bool>(),
        kind in select(vec!["dataset", "publication", "image", "software"]),
    ) {
        let rehearsal = Rehearsal::new();
        let mut text = format!("upload_type = \"{kind}\"\n");
        let always = [Field::Title, Field::Creators];
        for field in Field::ALL.iter().copied() {
            // Some mean nothing without another one, and some say what another one says.
            let never = [
                Field::UploadType,
                Field::EmbargoDate,
                Field::EmbargoReason,
                Field::Doi,
                if second { Field::License } else { Field::Licenses },
                if second { Field::Language } else { Field::Languages },
                if second { Field::Grants } else { Field::Funding },
            ]
            .contains(&field);
            let subtype = DEPENDS.iter().find(|(owner, other, _)| *owner == field && *other == Field::UploadType);
            let wanted = match subtype {
                Some((.., of)) => of.trim_matches('"') == kind,
                None => !never && (always.contains(&field) || fields.contains(&field)),
            };
            let (one, two) = samples(field);
            if wanted {
                writeln!(text, "{field} = {}", if second { two } else { one }).unwrap();
            }
        }
        rehearsal.apply(&rehearsal.project(&text));
    }
}
