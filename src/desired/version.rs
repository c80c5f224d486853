//! Which version label the release will have, and what keeps git or a file from giving one.

use crate::manifest::{Located, Manifest, VersionSource, codes};
use crate::model::{Finding, GitFacts, Span};

/// The desired version label.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum DesiredVersion {
    /// None is set.
    None,
    /// This one, as the manifest says it; also in the metadata.
    Label(String),
    /// This one, from a git tag of the commit; also in the metadata.
    Tag(String),
    /// From a git tag, and the commit has none yet: known at the tag.
    KnownAtTag,
}

/// Returns the version label that the manifest asks for: its own, that of a tag of the commit, or what
/// was read from the file that it names.
pub(super) fn choose_version(
    manifest: &Manifest,
    (git, read): (Option<&GitFacts>, Option<&Result<String, String>>),
    found: &mut Vec<Finding>,
) -> DesiredVersion {
    let Some(version) = &manifest.metadata.version else { return DesiredVersion::None };
    let strip = match &version.value {
        VersionSource::Label(label) => return DesiredVersion::Label(label.clone()),
        VersionSource::GitTag { strip } => strip,
        VersionSource::File { path, .. } => {
            return choose_version_of_file(read, path, found);
        }
    };
    let Some(git) = git else {
        found.push(
            Finding::error(codes::NO_GIT, "the version can't come from a git tag")
                .at(version.span, "from a tag")
                .because("the manifest's folder is not in a git repository")
                .hint("write the version itself, such as `version = \"1.2.0\"`"),
        );
        return DesiredVersion::None;
    };
    let labels = list_version_labels(strip, git);
    if labels.len() > 1 {
        found.push(report_several_tags(&labels, version.span));
    }
    // A commit without a tag is the usual state between releases, and not an error.
    let Some(label) = labels.first() else { return DesiredVersion::KnownAtTag };
    // Without a label nothing names the commit, so only a tagged one must be clean.
    if git.dirty {
        found.push(
            Finding::error(codes::DIRTY, "files differ from the tagged commit")
                .at(version.span, format!("the tag says `{label}`"))
                .because("what would be published under this label is not what the tag names")
                .hint("commit the changes and tag that commit, or undo them (`git status` shows them)"),
        );
    }
    DesiredVersion::Tag((*label).to_owned())
}

/// Returns the version that another manifest describes.
///
/// # Errors
/// Why it can't be told.
pub fn describe_version(
    manifest: &Manifest,
    git: Option<&GitFacts>,
    read: Option<&Result<String, String>>,
) -> Result<DesiredVersion, String> {
    let mut found = Vec::new();
    let version = choose_version(manifest, (git, read), &mut found);
    match found.into_iter().next() {
        // Of a release that differs from its tag, the label is known all the same.
        Some(finding) if version == DesiredVersion::None => Err(finding.summary),
        Some(_) | None => Ok(version),
    }
}

/// Reports files that differ from the commit, where a label that was reserved is to name it.
pub fn report_edited_files(manifest: &Manifest, label: &str) -> Finding {
    let finding = Finding::error(codes::DIRTY, "files differ from the commit")
        .because(format!("the tag for the reserved label `{label}` would not name them"))
        .hint("commit the changes, or undo them (`git status` shows them)");
    match &manifest.metadata.version {
        Some(version) => finding.at(version.span, "from a tag"),
        None => finding,
    }
}

/// Returns the version that a file has; a file that was not read has a finding already.
fn choose_version_of_file(
    read: Option<&Result<String, String>>,
    path: &Located<String>,
    found: &mut Vec<Finding>,
) -> DesiredVersion {
    match read {
        Some(Ok(label)) => return DesiredVersion::Label(label.clone()),
        Some(Err(why)) => found.push(
            Finding::error(codes::VERSION_FILE, format!("`{}` gives no version", path.value))
                .at(path.span, "from this file")
                .because(why.clone())
                .hint("write the version there, or write it here, such as `version = \"1.2.0\"`"),
        ),
        None => {}
    }
    DesiredVersion::None
}

/// Returns the labels of the commit's tags that name a version: `strip`, then a digit. If the
/// manifest strips nothing and no tag is a bare version, a leading `v` is stripped automatically.
fn list_version_labels<'g>(strip: &str, git: &'g GitFacts) -> Vec<&'g str> {
    let behind = |lead: &str| -> Vec<&'g str> {
        let stripped = git.tags.iter().filter_map(|tag| tag.strip_prefix(lead));
        stripped.filter(|label| label.starts_with(|c: char| c.is_ascii_digit())).collect()
    };
    let labels = behind(strip);
    if labels.is_empty() && strip.is_empty() { behind("v") } else { labels }
}

/// Warns of the tags of a commit whose label is still unknown: none of them names a version as the
/// manifest reads them. Returns `None` if there is no such tag.
pub fn find_unread_tags(manifest: &Manifest, git: Option<&GitFacts>) -> Option<Finding> {
    const NAMED: usize = 5;
    let version = manifest.metadata.version.as_ref()?;
    let VersionSource::GitTag { strip } = &version.value else { return None };
    let git =
        git.filter(|git| !git.tags.is_empty() && list_version_labels(strip, git).is_empty())?;
    let tags: Vec<String> = git.tags.iter().take(NAMED).map(|tag| format!("`{tag}`")).collect();
    let more = git.tags.len() - tags.len();
    let more = if more > 0 { format!(" and {more} more") } else { String::new() };
    let wanted =
        if strip.is_empty() { "a digit".to_owned() } else { format!("`{strip}` and a digit") };
    let finding = Finding::warning(codes::UNREAD_TAGS, "no tag on the commit names a version")
        .at(version.span, format!("takes a tag that begins with {wanted}"))
        .because(format!("the commit has {}{more}", tags.join(", ")));
    Some(finding.hint(
        "set `strip` to what such a tag begins with, or tag the commit with the version itself",
    ))
}

fn report_several_tags(labels: &[&str], span: Span) -> Finding {
    Finding::error(codes::TAGS, "several tags on the commit name a version")
        .at(span, "from a tag")
        .because(format!("the labels would be {}", labels.join(", ")))
        .hint("delete all but one of the tags, or write the version itself")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::manifest::parse;

    fn manifest(version: &str) -> Manifest {
        let text = format!(
            "[metadata]\ntitle = \"A title\"\nupload_type = \"software\"\n\
             creators = [{{ name = \"Weiss,Tobias\" }}]\nversion = {version}\n\
             [[files]]\npath = \"paper.pdf\"\n"
        );
        let parsed = parse(&text, jiff::civil::date(2026, 11, 23));
        parsed.manifest.unwrap_or_else(|| panic!("{:#?}", parsed.findings))
    }

    fn git(tags: &[&str]) -> GitFacts {
        let tags = tags.iter().map(|tag| (*tag).to_owned()).collect();
        GitFacts { commit: Some("c0ffee".to_owned()), tags, dirty: false }
    }

    #[track_caller]
    fn check_version(strip: &str, git: Option<&GitFacts>, wanted: Result<DesiredVersion, &str>) {
        let manifest = manifest(&format!("{{ from = \"git-tag\", strip = \"{strip}\" }}"));
        let mut found = Vec::new();
        let version = choose_version(&manifest, (git, None), &mut found);
        let codes: Vec<&str> = found.iter().map(|finding| finding.code).collect();
        match wanted {
            Ok(wanted) => assert_eq!((version, codes), (wanted, vec![])),
            Err(code) => assert_eq!(codes, [code]),
        }
    }

    #[test]
    fn a_label_comes_from_the_one_tag_that_names_a_version() {
        let label = |label: &str| Ok(DesiredVersion::Tag(label.to_owned()));
        check_version("v", Some(&git(&["v1.2.0"])), label("1.2.0"));
        check_version("v", Some(&git(&["latest", "v1.2.0", "vault", "1.0"])), label("1.2.0"));
        check_version("", Some(&git(&["1.2.0", "v1.2.0"])), label("1.2.0"));
        check_version("v", Some(&git(&["1.2.0"])), Ok(DesiredVersion::KnownAtTag));
        check_version("", Some(&git(&["v1.2.0", "latest", "vault"])), label("1.2.0"));
        check_version("", Some(&git(&["v1", "v2"])), Err(codes::TAGS));
        check_version("release-", Some(&git(&["v1.2.0"])), Ok(DesiredVersion::KnownAtTag));
        check_version("v", Some(&git(&[])), Ok(DesiredVersion::KnownAtTag));
        check_version("v", Some(&git(&["v1", "v2"])), Err(codes::TAGS));
        check_version("v", None, Err(codes::NO_GIT));
    }

    #[test]
    fn tags_that_name_no_version_are_named() {
        let unread = |strip: &str, tags: &[&str]| {
            let text = format!("{{ from = \"git-tag\", strip = \"{strip}\" }}");
            find_unread_tags(&manifest(&text), Some(&git(tags)))
        };
        let finding = unread("v", &["1.2.0", "latest"]).unwrap();
        assert_eq!(finding.why.as_deref(), Some("the commit has `1.2.0`, `latest`"));
        assert_eq!(finding.label.unwrap().text, "takes a tag that begins with `v` and a digit");
        assert_eq!(unread("v", &["v1.2.0", "latest"]), None);
        assert_eq!(unread("", &["v1.2.0"]), None);
        assert_eq!(unread("v", &[]), None);
        assert_eq!(find_unread_tags(&manifest("\"1\""), Some(&git(&["x"]))), None);
    }

    #[test]
    fn a_dirty_tree_blocks_a_label_and_nothing_else() {
        let dirty = |tags: &[&str]| Some(GitFacts { dirty: true, ..git(tags) });
        check_version("v", dirty(&["v1"]).as_ref(), Err(codes::DIRTY));
        check_version("v", dirty(&[]).as_ref(), Ok(DesiredVersion::KnownAtTag));
        let mut found = Vec::new();
        let git = dirty(&["v1"]);
        let literal = choose_version(&manifest("\"3\""), (git.as_ref(), None), &mut found);
        assert_eq!((literal, found), (DesiredVersion::Label("3".to_owned()), vec![]));
    }
}
