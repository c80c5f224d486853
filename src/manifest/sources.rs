//! Values that come from elsewhere: texts from files, the version label from git, today's date.

use crate::model::Finding;

use super::codes;
use super::files;
use super::reader::Entry;
use super::types::{DateSource, Located, TextSource, VersionFormat, VersionSource};
use super::vocab_checks;

/// The source of a version that is a git tag.
const GIT_TAG: &str = "git-tag";

/// How a text file is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextFormat {
    /// Markdown, turned into HTML.
    Markdown,
    /// HTML, as it is.
    Html,
}

impl TextFormat {
    /// Returns the format that a path's extension means: `.md`, `.markdown`, `.html`, `.htm`.
    pub fn of(path: &str) -> Option<Self> {
        let name = path.rsplit('/').next().unwrap_or_default();
        let (_, ending) = name.rsplit_once('.')?;
        match ending.to_ascii_lowercase().as_str() {
            "md" | "markdown" => Some(Self::Markdown),
            "html" | "htm" => Some(Self::Html),
            _ => None,
        }
    }
}

/// Reads a text: HTML itself, or `{ file = "ABSTRACT.md" }`.
pub(super) fn read_text_source(
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> Option<Located<TextSource>> {
    if entry.value.as_table().is_none() {
        // The general message would name only the text, and not the table that is allowed here too.
        if !entry.value.is_str() {
            found.push(entry.not("a text in quotes, or `{ file = \"ABSTRACT.md\" }`"));
            return None;
        }
        let text = entry.text(found)?;
        return Some(Located { value: TextSource::Inline(text.value), span: text.span });
    }
    let mut section = entry.section("a table such as `{ file = \"ABSTRACT.md\" }`", found)?;
    let file = section.require_text("file", found);
    section.finish(None, found);
    let path = files::validate_path(&file?, found)?;
    if TextFormat::of(&path.value).is_none() {
        let summary = format!(
            "`{}` is neither Markdown nor HTML",
            vocab_checks::shorten_and_escape(&path.value)
        );
        let finding = Finding::error(codes::TEXT_FILE, summary).at(path.span, "unknown ending");
        found.push(finding.hint("let the file's name end in `.md` or `.html`"));
    }
    Some(Located { value: TextSource::File(path), span: entry.span })
}

/// Reads the version: a label, `{ from = "git-tag", strip = "v" }`, or a file that has it, such as
/// `{ from = "cargo", file = "Cargo.toml" }`.
pub(super) fn read_version_source(
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> Option<Located<VersionSource>> {
    if entry.value.as_table().is_none() {
        let label = entry.text(found)?;
        found.extend(check_label_length(&label));
        return Some(Located { value: VersionSource::Label(label.value), span: label.span });
    }
    let mut section = entry.section("a label, or `{ from = \"git-tag\" }`", found)?;
    let from = section.require_word("from", found);
    let mut words = vec![GIT_TAG];
    words.extend(VersionFormat::ALL.iter().map(|format| format.word()));
    let from = from
        .and_then(|from| vocab_checks::validate_word(&from, "source of a version", &words, found));
    let format = VersionFormat::ALL.iter().find(|it| from.as_deref() == Some(it.word()));
    if let Some(format) = format {
        let file = section.text("file", found);
        section.finish(None, found);
        let usual = || Located { value: format.usual_file().to_owned(), span: entry.span };
        let path = files::validate_path(&file.unwrap_or_else(usual), found)?;
        let value = VersionSource::File { format: *format, path };
        return Some(Located { value, span: entry.span });
    }
    let strip = section.take("strip");
    section.finish(None, found);
    let strip = match strip {
        None => String::new(),
        // An empty `strip` is valid, though an empty text is a fault everywhere else.
        Some(strip) if strip.value.as_str() == Some("") => String::new(),
        Some(strip) => strip.text(found)?.value,
    };
    from?;
    Some(Located { value: VersionSource::GitTag { strip }, span: entry.span })
}

/// Reads the publication date: `today`, or a date.
pub(super) fn read_date_source(
    entry: &Entry<'_>,
    found: &mut Vec<Finding>,
) -> Option<Located<DateSource>> {
    let text = entry.date_text(found)?;
    if text.value == "today" {
        return Some(Located { value: DateSource::Today, span: text.span });
    }
    // A near miss of `today` gets a hint; the list of date formats would not help here.
    if text.value.eq_ignore_ascii_case("today") || text.value == "now" {
        found.push(
            Finding::error(
                codes::DATE,
                format!("`{}` is not a date", vocab_checks::shorten_and_escape(&text.value)),
            )
            .at(text.span, "not a date")
            .hint("did you mean `today`?"),
        );
        return None;
    }
    let date = vocab_checks::validate_edtf(&text, found)?;
    Some(Located { value: DateSource::Fixed(date), span: text.span })
}

/// The longest version label that the records API takes. Characters (research/native.md section 1,
/// 2026-11-28).
const MAX_LABEL: usize = 191;

/// Reports a version label that is too long.
fn check_label_length(label: &Located<String>) -> Option<Finding> {
    let n_chars = label.value.chars().count();
    let summary = format!("`metadata.version` has more than {MAX_LABEL} characters");
    (n_chars > MAX_LABEL).then(|| {
        Finding::error(codes::LONG_LABEL, summary)
            .at(label.span, format!("{n_chars} of at most {MAX_LABEL}"))
            .because("Zenodo takes no longer one")
    })
}
