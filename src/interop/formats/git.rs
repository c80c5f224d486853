//! git: the address of the remote, and tags that are versions. It is not a file, so it has no row
//! in the table of formats.

use crate::model::Related;
use crate::vocab::identifiers;

use crate::interop::repository_address::find_public_address;

/// The name under which git is a source.
pub(in crate::interop) const GIT: &str = "git";

/// The key of git's configuration that holds the remote's address.
pub(in crate::interop) const REMOTE_KEY: &str = "remote.origin.url";

/// What git says.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Repository {
    /// The address of the remote, as git has it.
    pub remote: Option<String>,
    /// All tags.
    pub tags: Vec<String>,
    /// The tags of the commit that is checked out.
    pub tags_here: Vec<String>,
}

/// Returns the page of the remote, or `None` if it is not public.
pub(in crate::interop) fn read_remote(repository: &Repository) -> Option<Related> {
    let identifier = find_public_address(repository.remote.as_deref()?)?;
    // The server refuses an identifier of no known scheme.
    identifiers::find_scheme(&identifier)?;
    let relation = "isSupplementTo".to_owned();
    Some(Related { identifier, relation, ..Related::default() })
}

/// Returns the prefix of the version tags, and the commit's label if it has one; `None` if no tag
/// is a version or the commit has several.
pub(in crate::interop) fn read_tag_form(git: &Repository) -> Option<(&'static str, Option<&str>)> {
    let labels = |strip: &str, tags: &'_ [String]| -> Vec<usize> {
        let is_label = |tag: &String| {
            let label = tag.strip_prefix(strip);
            label.is_some_and(|label| label.starts_with(|c: char| c.is_ascii_digit()))
        };
        tags.iter().enumerate().filter(|(_, tag)| is_label(tag)).map(|(at, _)| at).collect()
    };
    let forms = ["v", ""]
        .into_iter()
        .map(|strip| (strip, labels(strip, &git.tags_here), labels(strip, &git.tags).len()));
    // A commit with two version tags has no single label.
    let forms = forms.filter(|(_, here, all)| *all > 0 && here.len() <= 1);
    // A tag on this commit counts more than any number of tags elsewhere.
    let best = forms.max_by_key(|(strip, here, all)| (here.len(), *all, strip.len()))?;
    let (strip, here, _) = best;
    let here = here.first().and_then(|at| git.tags_here.get(*at));
    Some((strip, here.and_then(|tag| tag.strip_prefix(strip))))
}
