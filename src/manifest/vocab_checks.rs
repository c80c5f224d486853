//! Checks of one word or id: vocabularies, licences, identifiers, dates.
//!
//! Each check takes a value and reports what is wrong with it, with its place.

use jiff::civil::Date;

use crate::model::{Doi, Finding, Span};
use crate::vocab;
use crate::vocab::identifiers;

use super::codes;
use super::types::Located;

/// Reports a control character that the server reads as another character.
///
/// Source: contract/scenarios/deposit-texts-of-other-times.json, 2026-11-28.
pub(super) fn find_odd_control(text: &str, what: &str, span: Span) -> Option<Finding> {
    let (control, meant) = vocab::find_windows_control(text)?;
    let code = u32::from(control);
    let summary = format!("{what} holds the control character U+{code:04X}");
    let finding = Finding::warning(codes::CONTROL, summary);
    Some(
        finding
            .at(span, format!("read as `{meant}`"))
            .because("Zenodo reads it as Windows-1252, and sometimes guesses more than that")
            .hint(format!("write `{meant}`, or save the text as UTF-8")),
    )
}

/// Reports control characters, which the server drops, characters that turn the direction of
/// writing, which the server keeps, and those that have no width. Joiners are not reported: some
/// scripts need them.
///
/// Source: contract/scenarios/html-cleaning.json, 2026-11-23.
pub(super) fn find_unseen_characters(
    text: &str,
    what: &str,
    span: Span,
) -> impl Iterator<Item = Finding> {
    let is_control = |c: &char| (c.is_ascii_control() && !c.is_whitespace()) || *c == '\u{c}';
    let turns = |c: &char| matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    let code = |c: char| format!("U+{:04X}", u32::from(c));
    let dropped = text.chars().find(is_control).map(|control| {
        let summary = format!("{what} holds the control character {}", code(control));
        Finding::warning(codes::UNSEEN_CHARACTER, summary)
            .at(span, "dropped")
            .because("Zenodo drops it")
            .hint("take it away")
    });
    let turning = text.chars().find(turns).map(|turning| {
        let what = format!("{what} holds {}", code(turning));
        let summary = format!("{what}, which turns the direction of writing");
        Finding::warning(codes::UNSEEN_CHARACTER, summary)
            .at(span, "reads in another order than it is written")
            .because("Zenodo keeps it, and whoever cites the record copies it")
            .hint("take it away, unless the text needs it")
    });
    let unseen = text.chars().find(|c| is_unseen(*c)).map(|unseen| {
        let summary = format!("{what} holds {}, a character that nobody sees", code(unseen));
        let finding = Finding::warning(codes::UNSEEN_CHARACTER, summary).at(span, "not seen");
        // The server drops some of these and keeps others; only the kept ones reach a citation.
        if vocab::tidy(&unseen.to_string()).is_empty() {
            finding.because("Zenodo drops it").hint("take it away")
        } else {
            finding
                .because("Zenodo keeps it, and whoever cites the record copies it")
                .hint("take it away, unless the text needs it")
        }
    });
    dropped.into_iter().chain(turning).chain(unseen)
}

/// Returns whether a character has no width: a zero-width space, a soft hyphen, a byte order mark,
/// a word joiner.
fn is_unseen(c: char) -> bool {
    matches!(c, '\u{200b}' | '\u{ad}' | '\u{feff}' | '\u{2060}')
}

/// What the list of upload types is called.
pub(super) const UPLOAD_TYPE: &str = "upload type";

/// Validates a word of a closed list, in the list's spelling. `what` names the list: `relation`.
pub(super) fn validate_word(
    text: &Located<String>,
    what: &str,
    list: &[&'static str],
    found: &mut Vec<Finding>,
) -> Option<String> {
    let word = list.iter().find(|word| **word == text.value);
    if word.is_none() {
        let finding = Finding::error(
            codes::UNKNOWN_WORD,
            format!("unknown {what} `{}`", shorten_and_escape(&text.value)),
        )
        .at(text.span, "unknown");
        found.push(match vocab::find_upload_type_of(&text.value).filter(|_| what == UPLOAD_TYPE) {
            Some((upload_type, key)) => finding.hint(format!(
                "it is a {key}: write `upload_type = \"{upload_type}\"` and `{key} = \"{}\"`",
                text.value
            )),
            None => add_advice(finding, &text.value, list),
        });
    }
    word.map(|word| (*word).to_owned())
}

/// Validates a licence's id and returns it in the vocabulary's spelling.
pub(super) fn validate_license(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(id) = vocab::find_license_id(&text.value) {
        return Some(id.to_owned());
    }
    let ids = vocab::list_licenses().iter().map(|license| license.id.as_str());
    let meant = vocab::find_closest(&text.value, ids);
    let summary = format!("unknown licence `{}`", shorten_and_escape(&text.value));
    let finding = Finding::error(codes::UNKNOWN_LICENSE, summary).at(text.span, "unknown licence");
    let finding = match meant {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None => finding.hint("use the SPDX id, such as `CC-BY-4.0` or `MIT`"),
    };
    found.push(finding.hint(format!(
        "if Zenodo has learnt it since, write `license = {{ allow_unknown = \"{}\" }}`",
        shorten_and_escape(&text.value)
    )));
    None
}

/// Validates the id of a licence that the vocabulary does not have yet; an address is not an id.
pub(super) fn validate_unknown_license(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    // The id may be in the vocabulary by now, and then its own spelling counts.
    if let Some(id) = vocab::find_license_id(&text.value) {
        return Some(id.to_owned());
    }
    if vocab::is_license_id(&text.value) {
        return Some(text.value.clone());
    }
    let summary = format!("`{}` is not a licence id", shorten_and_escape(&text.value));
    let finding = Finding::error(codes::UNKNOWN_LICENSE, summary)
        .at(text.span, "not an id")
        .because("Zenodo answers `Invalid license provided`");
    let page = |url: &str| url.split_once("://").map_or(url, |(_, rest)| rest).to_lowercase();
    let given = page(text.value.trim_end_matches('/'));
    // Some licences are known by the page of their whole text.
    let is_meant = |license: &&vocab::License| {
        let url = license.url.as_deref().map(|url| page(url.trim_end_matches('/')));
        url.is_some_and(|url| url == given || url == format!("{given}/legalcode"))
    };
    let meant = vocab::list_licenses().iter().find(is_meant);
    found.push(match meant {
        Some(license) => finding.hint(format!("write `license = \"{}\"`", license.id)),
        None => finding.hint("give its SPDX id, such as `CC-BY-4.0` or `MIT`"),
    });
    None
}

/// Validates a language and returns its three-letter code.
pub(super) fn validate_language(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    if let Some(code) = vocab::find_language_alpha3(&text.value) {
        return Some(code.to_owned());
    }
    let summary = format!("unknown language `{}`", shorten_and_escape(&text.value));
    let lower = text.value.to_lowercase();
    let short = lower.split(['-', '_']).next().unwrap_or_default();
    // The server takes neither `en-GB` nor `EN`, but the first part in lower case is a code.
    let hint = match vocab::find_language_alpha3(short) {
        Some(code) => format!("did you mean `{code}`?"),
        None => "use the code of two or three letters, such as `en` or `eng`".to_owned(),
    };
    found.push(
        Finding::error(codes::LANGUAGE, summary)
            .at(text.span, "not an ISO 639 code")
            .because("Zenodo drops a code it does not know, and refuses a name")
            .hint(hint),
    );
    None
}

/// Validates an ORCID and returns it without its address.
pub(super) fn validate_orcid(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(fault) = identifiers::find_orcid_fault(&text.value) {
        found.push(
            Finding::error(
                codes::ORCID,
                format!("`{}` is not an ORCID: {fault}", shorten_and_escape(&text.value)),
            )
            .at(text.span, "not an ORCID")
            .because("Zenodo drops the person's name together with a wrong ORCID"),
        );
        return None;
    }
    Some(identifiers::strip_orcid(&text.value))
}

/// Validates a GND id and returns it without its address.
pub(super) fn validate_gnd(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(fault) = identifiers::find_gnd_fault(&text.value) {
        let summary = format!("`{}` is not a GND id: {fault}", shorten_and_escape(&text.value));
        found.push(Finding::error(codes::GND, summary).at(text.span, "not a GND id"));
        return None;
    }
    Some(identifiers::strip_gnd(&text.value).to_owned())
}

/// Validates a ROR id and returns it without its address.
pub(super) fn validate_ror(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(fault) = identifiers::find_ror_fault(&text.value) {
        let summary = format!("`{}` is not a ROR id: {fault}", shorten_and_escape(&text.value));
        let finding = Finding::error(codes::ORGANISATION_ID, summary).at(text.span, "not a ROR id");
        found.push(finding.hint("look it up at https://ror.org"));
        return None;
    }
    Some(identifiers::strip_ror(&text.value).to_owned())
}

/// Reports a ROR id in the place of a name, which would be published as one.
pub(super) fn find_ror_as_name(name: &Located<String>) -> Option<Finding> {
    if identifiers::find_ror_fault(&name.value).is_some() {
        return None;
    }
    let ror = identifiers::strip_ror(&name.value);
    let summary =
        format!("`{}` is a ROR id in the place of a name", shorten_and_escape(&name.value));
    let finding = Finding::error(codes::ORGANISATION_ID, summary).at(name.span, "taken as a name");
    Some(finding.hint(format!("write `{{ ror = \"{ror}\" }}`")))
}

/// Validates an ISNI.
pub(super) fn validate_isni(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(fault) = identifiers::find_isni_fault(&text.value) {
        let summary = format!("`{}` is not an ISNI: {fault}", shorten_and_escape(&text.value));
        found.push(Finding::error(codes::ORGANISATION_ID, summary).at(text.span, "not an ISNI"));
        return None;
    }
    Some(identifiers::strip_isni(&text.value))
}

/// Validates an ISBN.
pub(super) fn validate_isbn(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if let Some(fault) = identifiers::find_isbn_fault(&text.value) {
        let summary = format!("`{}` is not an ISBN: {fault}", shorten_and_escape(&text.value));
        found.push(Finding::error(codes::ISBN, summary).at(text.span, "not an ISBN"));
        return None;
    }
    Some(text.value.clone())
}

/// Validates an identifier of a work, of a scheme that the server recognises.
pub(super) fn validate_identifier(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    if identifiers::find_scheme(&text.value).is_some() {
        return Some(text.value.clone());
    }
    let given = shorten_and_escape(&text.value);
    // The server knows these ids and refuses them; the address of their page goes through.
    let finding = match identifiers::find_refused_scheme(&text.value) {
        Some((owner, address)) => {
            let summary = format!("`{given}` is an id of {owner}, which Zenodo does not take");
            let finding = Finding::error(codes::IDENTIFIER, summary);
            match address {
                Some(address) => finding.hint(format!("give its address: `{}`", escape_whole(&address))),
                None => finding.hint("give a DOI or another page's address"),
            }
        }
        None => Finding::error(
            codes::IDENTIFIER,
            format!("`{given}` is not an identifier of a scheme that Zenodo knows"),
        )
        .hint("give a DOI such as `10.1234/abc`, an address, an arXiv id such as `arXiv:2101.00001`, an ISBN, …"),
    };
    found.push(
        finding
            .at(text.span, "neither a DOI nor a URL nor another known scheme")
            .because("Zenodo answers `No valid scheme recognized for identifier.`"),
    );
    None
}

/// Validates a DOI made elsewhere. `own` are the DOI prefixes of the servers.
pub(super) fn validate_doi(
    text: &Located<String>,
    own: &[String],
    found: &mut Vec<Finding>,
) -> Option<String> {
    let Ok(doi) = Doi::parse(&text.value) else {
        found.push(
            Finding::error(
                codes::DOI,
                format!("`{}` is not a DOI", shorten_and_escape(&text.value)),
            )
            .at(text.span, "not a DOI")
            .hint("write it as `10.1234/abc`"),
        );
        return None;
    };
    // A copied `metadata.doi` poisons an edit: only discarding the draft helps afterwards.
    if own.iter().any(|prefix| prefix == doi.prefix()) {
        let summary = format!("`{doi}` is a DOI that the server makes itself");
        let why = "sent back, it makes publishing fail or binds the record to a foreign DOI";
        found.push(
            Finding::error(codes::SERVER_DOI, summary)
                .at(text.span, "made by the server")
                .because(why)
                .hint("remove `doi`: it is for a DOI that was made elsewhere")
                .hint("to say which record this is, use `[record.concept]`"),
        );
        return None;
    }
    Some(doi.as_str().to_owned())
}

/// Validates a date of EDTF level 0: a year, a month, a day, or an interval of two.
pub(super) fn validate_edtf(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if vocab::is_edtf_level_0(&text.value) {
        return Some(text.value.clone());
    }
    found.push(describe_date_fault(text, "`2026-06-01`, `2026-06` or `2026`"));
    None
}

/// Validates a year, a month or a day, but not an interval.
pub(super) fn validate_point_in_time(
    text: &Located<String>,
    found: &mut Vec<Finding>,
) -> Option<String> {
    if !text.value.contains('/') {
        return validate_edtf(text, found);
    }
    found.push(describe_date_fault(
        text,
        "one day, such as `2026-06-01`; an interval has `start` and `end`",
    ));
    None
}

/// Validates a day of the calendar.
pub(super) fn validate_day(text: &Located<String>, found: &mut Vec<Finding>) -> Option<Date> {
    // jiff also parses a day with a time behind it.
    let day = text.value.parse().ok().filter(|_| text.value.len() == 10);
    if day.is_none() {
        found.push(describe_date_fault(text, "a day, such as `2027-01-31`"));
    }
    day
}

/// Validates a web address.
pub(super) fn validate_address(text: &Located<String>, found: &mut Vec<Finding>) -> Option<String> {
    if vocab::is_web_address(&text.value) {
        return Some(text.value.clone());
    }
    let summary = format!("`{}` is not a web address", shorten_and_escape(&text.value));
    let finding = Finding::error(codes::ADDRESS, summary).at(text.span, "not an address");
    found.push(
        finding
            .because("Zenodo silently drops what it does not take for an address")
            .hint("write it as `https://example.org/page`, without blanks: `%20` stands for one"),
    );
    None
}

/// Adds a hint with the nearest word of a list, or with the whole list where it is short.
pub(super) fn add_advice(finding: Finding, given: &str, list: &[&str]) -> Finding {
    const MAX_LISTED: usize = 40;
    let ending = format!("-{}", given.to_lowercase());
    // `article` means `publication-article`: too far away for a typing error.
    let longer = || list.iter().copied().find(|word| word.ends_with(&ending));
    if let [only] = list {
        return finding.hint(format!("did you mean `{only}`?"));
    }
    match vocab::find_closest(given, list.iter().copied()).or_else(longer) {
        Some(meant) => finding.hint(format!("did you mean `{meant}`?")),
        None if list.len() <= MAX_LISTED => finding.hint(format!("one of {}", list.join(", "))),
        None => finding.hint("docs/manifest.md has the list"),
    }
}

/// Shortens a value for a message, and escapes what would damage a terminal.
pub(super) fn shorten_and_escape(value: &str) -> String {
    cut(value, 60)
}

/// Does the same for a value that is to be copied, and therefore must be complete.
fn escape_whole(value: &str) -> String {
    cut(value, 500)
}

fn cut(value: &str, max_chars: usize) -> String {
    let mut shown = String::new();
    for c in value.chars().take(max_chars) {
        // A hostile manifest could hide or rewrite part of the message with these.
        if c.is_control()
            || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        {
            shown.extend(c.escape_unicode());
        } else {
            shown.push(c);
        }
    }
    if value.chars().nth(max_chars).is_some() {
        shown.push('…');
    }
    shown
}

fn describe_date_fault(text: &Located<String>, wanted: &str) -> Finding {
    Finding::error(
        codes::DATE,
        format!("`{}` is not a date that Zenodo takes", shorten_and_escape(&text.value)),
    )
    .at(text.span, "not a date")
    .because("Zenodo silently drops such a date")
    .hint(format!("write {wanted}"))
}
