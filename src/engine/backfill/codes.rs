//! The codes of findings about past releases; `docs/codes.md` explains them.

/// The tags can't be told apart, or there are none.
pub(super) const TAGS: &str = "ZR0601";
/// A version that may be the release.
pub(super) const AMBIGUOUS: &str = "ZR0602";
/// A version that is newer than the release.
pub(super) const NEWER: &str = "ZR0603";
/// What was built for a tag, and is no longer that.
pub(super) const BUILT: &str = "ZR0604";
/// The manifest of a tag.
pub(super) const MANIFEST: &str = "ZR0605";
/// The folder of assets.
pub(super) const ASSETS: &str = "ZR0606";

/// All codes, with their meanings.
pub const CODES: &[(&str, &str)] = &[
    (TAGS, "tags that can't be published as they are named"),
    (AMBIGUOUS, "a version that may be the release of a tag"),
    (NEWER, "a past release would become the latest version"),
    (BUILT, "what was built for tags can't be used, or is missing"),
    (MANIFEST, "a tag has no manifest of its own"),
    (ASSETS, "a folder of assets that does not fit the tags"),
];
