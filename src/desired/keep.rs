//! `keep`: files of the latest published version that stay as they are.

use globset::{GlobBuilder, GlobSet, GlobSetBuilder};

use crate::manifest::{EntrySource, Located, Manifest};
use crate::model::FileKey;

/// Which files stay.
///
/// A name matches itself. In a glob, `*` matches slashes as well: a record has no folders, and
/// `owner/repo.zip` is one name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Keep {
    /// A name, or a glob.
    pub pattern: String,
    /// Globs of names that are left out.
    pub exclude: Vec<String>,
}

impl Keep {
    /// Returns those of the names that stay.
    pub fn of<'a>(&self, names: impl IntoIterator<Item = &'a FileKey>) -> Vec<&'a FileKey> {
        let (kept, left_out) = (compile_globs(&[&self.pattern]), compile_globs(&self.exclude));
        let is_kept = |name: &&FileKey| {
            let name = name.as_str();
            // A name may hold the signs of a glob (`data[1].csv`), so it is compared as it is
            // first.
            let is_named = name == self.pattern || kept.is_match(name);
            is_named && !left_out.is_match(name) && !self.exclude.iter().any(|it| it == name)
        };
        names.into_iter().filter(is_kept).collect()
    }
}

/// Compiles globs. A manifest with an invalid glob has been refused, so none is skipped here.
fn compile_globs<T: AsRef<str>>(globs: &[T]) -> GlobSet {
    let mut set = GlobSetBuilder::new();
    for glob in globs {
        let mut builder = GlobBuilder::new(glob.as_ref());
        if let Ok(glob) = builder.literal_separator(false).backslash_escape(true).build() {
            set.add(glob);
        }
    }
    set.build().unwrap_or_default()
}

/// Returns the manifest's entries.
pub(super) fn list_keep_entries(manifest: &Manifest) -> Vec<Keep> {
    let text = |text: &Located<String>| text.value.clone();
    let entries = manifest.files.iter().filter_map(|entry| match &entry.source {
        EntrySource::Keep { pattern, exclude } => {
            Some(Keep { pattern: text(pattern), exclude: exclude.iter().map(text).collect() })
        }
        EntrySource::Paths { .. } | EntrySource::Archive { .. } => None,
    });
    entries.collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(pattern: &str, exclude: &[&str]) -> Vec<String> {
        let names = ["a.csv", "b.csv", "data[1].csv", "owner/repo-v1.0.zip", "é.txt"];
        let names = names.map(FileKey::from_server);
        let exclude = exclude.iter().map(|text| (*text).to_owned()).collect();
        let keep = Keep { pattern: pattern.to_owned(), exclude };
        keep.of(&names).into_iter().map(ToString::to_string).collect()
    }

    #[test]
    fn a_name_means_itself_and_a_star_any_signs() {
        assert_eq!(kept("a.csv", &[]), ["a.csv"]);
        assert_eq!(kept("data[1].csv", &[]), ["data[1].csv"]);
        assert_eq!(kept("*", &[]).len(), 5);
        assert_eq!(kept("*.csv", &["b.*"]), ["a.csv", "data[1].csv"]);
        assert_eq!(kept("*.zip", &[]), ["owner/repo-v1.0.zip"]);
        assert_eq!(kept("owner/*", &[]), ["owner/repo-v1.0.zip"]);
        assert_eq!(kept("*", &["owner/repo-v1.0.zip", "*.csv"]), ["é.txt"]);
        assert_eq!(kept("A.csv", &[]), [""; 0]);
        assert_eq!(kept("", &[]), [""; 0]);
    }
}
