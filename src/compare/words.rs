//! What differs between two texts, word by word, for showing.

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

/// Compares two texts word by word.
///
/// The runs come in the order of reading, no two neighbours of one kind. `Same` and `Removed`
/// joined give `before`, `Same` and `Added` joined give `after`.
pub fn words(before: &str, after: &str) -> Vec<WordChange> {
    let diff = TextDiff::from_unicode_words(before, after);
    let mut runs: Vec<(ChangeTag, String)> = Vec::new();
    for change in diff.iter_all_changes() {
        match runs.last_mut() {
            Some((tag, run)) if *tag == change.tag() => run.push_str(change.value()),
            _ => runs.push((change.tag(), change.value().to_owned())),
        }
    }
    runs.into_iter().map(|(tag, run)| word_change(tag, run)).collect()
}

fn word_change(tag: ChangeTag, run: String) -> WordChange {
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
        let runs = words("Tables of Hecke traces.", "Tables of Maass traces.");
        assert_eq!(
            runs,
            [
                WordChange::Same("Tables of ".to_owned()),
                WordChange::Removed("Hecke".to_owned()),
                WordChange::Added("Maass".to_owned()),
                WordChange::Same(" traces.".to_owned()),
            ]
        );
        assert_eq!(words("", ""), []);
        assert_eq!(words("", "x"), [WordChange::Added("x".to_owned())]);
        assert_eq!(words("x y", "x y"), [WordChange::Same("x y".to_owned())]);
    }

    proptest! {
        #[test]
        fn the_runs_give_both_texts_back(before in "[a-c é\n]{0,20}", after in "[a-c é\n]{0,20}") {
            let (mut old, mut new) = (String::new(), String::new());
            for run in words(&before, &after) {
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
