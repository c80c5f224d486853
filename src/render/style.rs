//! The styles that zrel uses; each has a fixed meaning, and none is needed to understand the text.

use anstyle::{AnsiColor, Style};

/// What is new.
pub(super) const ADDED: Style = AnsiColor::Green.on_default();
/// What changes.
pub(super) const CHANGED: Style = AnsiColor::Yellow.on_default();
/// What is removed.
pub(super) const REMOVED: Style = AnsiColor::Red.on_default();
/// What can't be undone, or blocks.
pub(super) const DANGER: Style = AnsiColor::Red.on_default().bold();
/// A heading.
pub(super) const HEADING: Style = Style::new().bold();
/// What is less important.
pub(super) const DIM: Style = Style::new().dimmed();

/// Paints text.
pub(super) fn paint(style: Style, text: impl std::fmt::Display) -> String {
    format!("{style}{text}{style:#}")
}

/// Returns the style of a step's symbol.
pub(super) fn choose_symbol_style(symbol: char) -> Style {
    match symbol {
        '+' | '>' => ADDED,
        '~' => CHANGED,
        '-' => REMOVED,
        '!' => DANGER,
        _ => DIM,
    }
}
