//! Finds the manifest of a folder that has none: that of the nearest folder above it, as git and
//! cargo do.

use std::path::{Path, PathBuf};

use crate::inventory::read_owner;

/// Returns the nearest folder above `folder` that has the manifest, as a relative path: `..`,
/// `../..`. Searches up to the top of the git repository, or up to the home folder outside of one;
/// elsewhere not at all, and never in a folder or a file of another user.
pub(super) fn find_manifest_above(
    folder: &Path,
    manifest: &Path,
    home: Option<&Path>,
) -> Option<PathBuf> {
    let top = find_top(folder, home)?;
    let owner = read_owner(folder)?;
    let mut relative = PathBuf::new();
    for above in folder.ancestors().skip(1).take_while(|above| above.starts_with(top)) {
        relative.push("..");
        let found = above.join(manifest);
        if !found.is_file() {
            continue;
        }
        // A stranger could put a manifest above a shared folder.
        let is_own = [above, &found].iter().all(|path| read_owner(path) == Some(owner));
        return is_own.then_some(relative);
    }
    None
}

/// Returns the last folder that is searched.
fn find_top<'a>(folder: &'a Path, home: Option<&'a Path>) -> Option<&'a Path> {
    let repository = folder.ancestors().find(|above| above.join(".git").exists());
    repository.or_else(|| home.filter(|home| folder.starts_with(home)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::fs;

    #[test]
    fn the_nearest_manifest_is_found_up_to_the_repository_or_the_home_folder() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().canonicalize().unwrap();
        let deep = root.join("a/b/c");
        fs::create_dir_all(&deep).unwrap();
        let manifest = Path::new("zenodo.toml");
        fs::write(root.join(manifest), "").unwrap();
        let find = |home: Option<&Path>| find_manifest_above(&deep, manifest, home);
        assert_eq!(find(None), None, "in no repository, and not at home");
        assert_eq!(find(Some(&root)), Some(PathBuf::from("../../..")));
        assert_eq!(find(Some(&root.join("elsewhere"))), None);
        fs::write(root.join("a").join(manifest), "").unwrap();
        assert_eq!(find(Some(&root)), Some(PathBuf::from("../..")), "the nearest");
        fs::create_dir_all(root.join("a/b/.git")).unwrap();
        assert_eq!(find(Some(&root)), None, "not above the repository");
        fs::write(root.join("a/b").join(manifest), "").unwrap();
        assert_eq!(find(None), Some(PathBuf::from("..")));
    }
}
