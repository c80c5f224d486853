//! The differences between two texts, word by word, for display.

use similar::{ChangeTag, TextDiff};

/// A run of words, blanks included, of one or both texts.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum WordChange {
    /// In both.
    Same(String),
    /// Only in the text before.
    Removed(String),
    /// Only in the text after.
    Added(String),
}

/// How many words or lines of both texts together are compared: the time grows with their square.
const MAX_UNITS: usize = 20_000;

/// Compares two texts word by word; very long ones line by line, and beyond that as a whole.
///
/// The runs come in reading order; neighbours have different kinds. `Same` and `Removed` joined
/// give `before`, `Same` and `Added` joined give `after`.
pub fn compare_words(before: &str, after: &str) -> Vec<WordChange> {
    let n_lines = before.lines().count() + after.lines().count();
    if count_words(before) + count_words(after) <= MAX_UNITS {
        join_runs(&TextDiff::from_unicode_words(before, after))
    // The time grows with the square of the units: a text of many words may have few lines.
    } else if n_lines <= MAX_UNITS {
        join_runs(&TextDiff::from_lines(before, after))
    } else {
        vec![WordChange::Removed(before.to_owned()), WordChange::Added(after.to_owned())]
    }
}

/// Counts words, and each character between them.
fn count_words(text: &str) -> usize {
    let mut in_word = false;
    let starts = text.chars().filter(|c| {
        let goes_on = in_word && c.is_alphanumeric();
        in_word = c.is_alphanumeric();
        !goes_on
    });
    starts.count()
}

/// Joins neighbours of the same kind.
fn join_runs<'a>(diff: &TextDiff<'a, 'a, str>) -> Vec<WordChange> {
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs.into_iter().map(|(tag, run)| make_word_change(tag, run)).collect()
}

fn make_word_change(tag: ChangeTag, run: String) -> WordChange {
    match tag {
        ChangeTag::Equal => WordChange::Same(run),
        ChangeTag::Delete => WordChange::Removed(run),
        ChangeTag::Insert => WordChange::Added(run),
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn one_changed_word_is_one_removed_and_one_added() {
        let runs = compare_words("Tables of Hecke traces.", "Tables of Maass traces.");
        assert_eq!(
            runs,
            [
                WordChange::Same("Tables of ".to_owned()),
                WordChange::Removed("Hecke".to_owned()),
                WordChange::Added("Maass".to_owned()),
                WordChange::Same(" traces.".to_owned()),
            ]
        );
        assert_eq!(compare_words("", ""), []);
        assert_eq!(compare_words("", "x"), [WordChange::Added("x".to_owned())]);
        assert_eq!(compare_words("x y", "x y"), [WordChange::Same("x y".to_owned())]);
    }

    #[test]
    fn long_texts_are_compared_by_lines_and_longer_ones_as_a_whole() {
        let text =
            |word: &str, end: &str| format!("first{end}{}", format!("{word} ").repeat(9_000));
        let (before, after) = (text("a", "\n"), text("b", "\n"));
        assert!(
            matches!(&compare_words(&before, &after)[0], WordChange::Same(line) if line == "first\n")
        );
        let (before, after) = ("a\n".repeat(200_000), "b\n".repeat(200_000));
        assert_eq!(
            compare_words(&before, &after),
            [WordChange::Removed(before), WordChange::Added(after)]
        );
    }

    proptest! {
        #[test]
        fn the_runs_give_both_texts_back(before in "[a-c é\n]{0,20}", after in "[a-c é\n]{0,20}") {
            let (mut old, mut new) = (String::new(), String::new());
            for run in compare_words(&before, &after) {
                match run {
                    WordChange::Same(text) => { old.push_str(&text); new.push_str(&text); }
                    WordChange::Removed(text) => old.push_str(&text),
                    WordChange::Added(text) => new.push_str(&text),
                }
            }
            prop_assert_eq!(old, before);
            prop_assert_eq!(new, after);
        }
    }
}
