//! How much of long texts and lists is shown.

/// How much of a plan's texts and lists is shown. What is left out is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Detail {
    /// How many characters of a text that is new or removed.
    pub(super) chars: usize,
    /// How many characters of the changes of a text.
    pub(super) changed: usize,
    /// How many items of a list.
    pub(super) items: usize,
}

/// What is said where something is left out.
pub(super) const CUT_NOTE: &str = "Long texts and lists are cut: --full shows all of them.";

impl Detail {
    /// What fits on a screen.
    pub const FOLDED: Self = Self { chars: 400, changed: 1200, items: 10 };
    /// The same, for one version of many.
    pub const HISTORY: Self = Self { items: 5, ..Self::FOLDED };
    /// Everything.
    pub const FULL: Self = Self { chars: usize::MAX, changed: usize::MAX, items: usize::MAX };
    /// Every change: a comment has a budget of its own, in bytes.
    pub(super) const MARKDOWN: Self = Self { chars: Self::FOLDED.chars, ..Self::FULL };

    /// Returns the items to show, and how many are left out: never one alone, whose place the note
    /// would take.
    pub(super) fn fold<'a, T>(&self, items: &'a [T]) -> (&'a [T], usize) {
        if items.len() <= self.items.saturating_add(1) {
            return (items, 0);
        }
        (&items[..self.items], items.len() - self.items)
    }

    /// Returns a text cut to so many characters, with how many are left out.
    pub(super) fn cut(&self, text: &str) -> String {
        let length = text.chars().count();
        // A note that is longer than what it stands for would tell less.
        if length <= self.chars.saturating_add(NOTE) {
            return text.to_owned();
        }
        let head: String = text.chars().take(self.chars).collect();
        format!("{}… ({} more characters)", head.trim_end(), length - self.chars)
    }

    /// Returns an item of a list, cut like a text, to half of its length.
    pub(super) fn cut_item(&self, text: &str) -> String {
        Self { chars: self.chars / 2, ..*self }.cut(text)
    }
}

/// How many characters the note on a cut text has, about.
const NOTE: usize = 30;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_note_never_stands_for_less_than_itself() {
        let detail = Detail { chars: 40, changed: 0, items: 3 };
        assert_eq!(detail.fold(&[1, 2, 3, 4]), (&[1, 2, 3, 4][..], 0));
        assert_eq!(detail.fold(&[1, 2, 3, 4, 5]), (&[1, 2, 3][..], 2));
        assert_eq!(detail.cut(&"a".repeat(70)), "a".repeat(70));
        let cut = format!("{}… (31 more characters)", "a".repeat(40));
        assert_eq!(detail.cut(&"a".repeat(71)), cut);
        assert_eq!(Detail::FULL.fold(&[1; 500]).1, 0);
        assert_eq!(Detail::FULL.cut(&"a".repeat(100_000)).len(), 100_000);
    }
}
