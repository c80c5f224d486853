//! Characters that stand for `&` and `<` while a text is parsed.

/// Stands for each `&` while a text is parsed, so that the parser leaves character references as
/// they are spelled. No text holds it: XML forbids it, and [`tidy_once`](crate::vocab::tidy_once) drops what XML forbids.
pub(super) const AMPERSAND: char = '\u{fffe}';

/// Stands for a `<` that opens no tag, though the parser would take it for one. No text holds it
/// either.
pub(super) const ANGLE: char = '\u{ffff}';
