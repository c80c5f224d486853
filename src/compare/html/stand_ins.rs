//! Characters that replace `&` and `<` while a text is parsed.

/// Replaces each `&` while a text is parsed, so that the parser keeps character references as they
/// are spelled. No text contains it: XML forbids it, and [`tidy_once`](crate::vocab::tidy_once)
/// drops such characters.
pub(super) const AMPERSAND: char = '\u{fffe}';

/// Replaces a `<` that opens no tag, though the parser would read it as one. No text contains it
/// either.
pub(super) const ANGLE: char = '\u{ffff}';
