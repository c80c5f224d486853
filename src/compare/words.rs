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

/// Compares two texts word by word; of very long ones first the lines, then the words of lines that
/// stand for each other, as far as time allows.
///
/// The runs come in reading order; neighbours have different kinds. `Same` and `Removed` joined
/// give `before`, `Same` and `Added` joined give `after`.
pub fn compare_words(before: &str, after: &str) -> Vec<WordChange> {
    // Most changes are small and in one place, also in a text that is too long to be compared.
    let (head, tail) = find_common_ends(before, after);
    let middle = |text: &str| text[head..text.len() - tail].to_owned();
    let mut runs = vec![(ChangeTag::Equal, before[..head].to_owned())];
    runs.extend(compare_middles(&middle(before), &middle(after)));
    runs.push((ChangeTag::Equal, before[before.len() - tail..].to_owned()));
    let runs = runs.into_iter().filter(|(_, text)| !text.is_empty());
    let runs = join_replaced_words(join_runs(runs));
    runs.into_iter().map(|(tag, run)| make_word_change(tag, run)).collect()
}

/// Joins neighbours of which each word was replaced: only the blanks between them are the same, and
/// a passage that was written anew reads better whole than word by word.
fn join_replaced_words(runs: Vec<Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    let mut runs = runs.into_iter().peekable();
    while let Some((tag, text)) = runs.next() {
        let is_blank = tag == ChangeTag::Equal && text.trim().is_empty();
        let is_before_word = runs.peek().is_some_and(|(next, _)| *next == ChangeTag::Delete);
        if is_blank
            && is_before_word
            && let [.., (ChangeTag::Delete, removed), (ChangeTag::Insert, added)] = &mut joined[..]
            && let Some((_, next)) = runs.next()
        {
            match runs.next_if(|(tag, _)| *tag == ChangeTag::Insert) {
                Some((_, instead)) => {
                    removed.push_str(&(text.clone() + &next));
                    added.push_str(&(text + &instead));
                }
                // The next word was only removed.
                None => joined.extend([(tag, text), (ChangeTag::Delete, next)]),
            }
        } else {
            joined.push((tag, text));
        }
    }
    joined
}

/// A stretch of one or both texts.
type Run = (ChangeTag, String);

/// Returns how many bytes both texts begin with, and end with, up to a blank; the two do not
/// overlap.
fn find_common_ends(before: &str, after: &str) -> (usize, usize) {
    let head = measure_common(before.chars().zip(after.chars()));
    let (before, after) = (&before[head..], &after[head..]);
    (head, measure_common(before.chars().rev().zip(after.chars().rev())))
}

/// Returns how many bytes the pairs have in common, up to the last blank among these.
fn measure_common(pairs: impl Iterator<Item = (char, char)>) -> usize {
    let (mut at, mut common) = (0, 0);
    for (c, _) in pairs.take_while(|(a, b)| a == b) {
        at += c.len_utf8();
        // A word that only begins alike is another word.
        if c.is_whitespace() {
            common = at;
        }
    }
    common
}

fn compare_middles(before: &str, after: &str) -> Vec<Run> {
    if count_words(before) + count_words(after) <= MAX_UNITS {
        return list_runs(&TextDiff::from_unicode_words(before, after));
    }
    // The time grows with the square of the units: a text of many words may have few lines.
    let (old, new) = (split_lines(before), split_lines(after));
    if old.len() + new.len() <= MAX_UNITS {
        refine_lines(join_runs(list_runs(&TextDiff::from_slices(&old, &new))))
    } else {
        vec![(ChangeTag::Delete, before.to_owned()), (ChangeTag::Insert, after.to_owned())]
    }
}

/// Splits a text behind line feeds and behind the tags of HTML, which often has no line feeds.
fn split_lines(text: &str) -> Vec<&str> {
    text.split_inclusive(['\n', '>']).collect()
}

/// Compares the words of removed lines with those of the lines in their place, for at most
/// [`MAX_UNITS`] words in all.
fn refine_lines(runs: Vec<Run>) -> Vec<Run> {
    let mut left = MAX_UNITS;
    let mut refined: Vec<Run> = Vec::new();
    for (tag, text) in runs {
        match refined.last() {
            Some((ChangeTag::Delete, removed)) if tag == ChangeTag::Insert => {
                let n_words = count_words(removed) + count_words(&text);
                if let Some(rest) = left.checked_sub(n_words) {
                    left = rest;
                    let words = list_runs(&TextDiff::from_unicode_words(removed, &text));
                    refined.pop();
                    refined.extend(words);
                } else {
                    refined.push((tag, text));
                }
            }
            _ => refined.push((tag, text)),
        }
    }
    refined
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

fn list_runs<'a>(diff: &TextDiff<'a, 'a, str>) -> Vec<Run> {
    diff.iter_all_changes().map(|change| (change.tag(), change.value().to_owned())).collect()
}

/// Joins neighbours of the same kind.
fn join_runs(runs: impl IntoIterator<Item = Run>) -> Vec<Run> {
    let mut joined: Vec<Run> = Vec::new();
    for (tag, text) in runs {
        match joined.last_mut() {
            Some((last, run)) if *last == tag => run.push_str(&text),
            _ => joined.push((tag, text)),
        }
    }
    joined
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
    fn a_passage_that_was_written_anew_is_one_change() {
        let (removed, added) = (WordChange::Removed, WordChange::Added);
        let same = |text: &str| WordChange::Same(text.to_owned());
        let changes =
            compare_words("We saw a house of water here.", "We saw two trees with nuts here.");
        let passage = [removed("a house of water".into()), added("two trees with nuts".into())];
        let [old, new] = passage;
        assert_eq!(changes, [same("We saw "), old, new, same(" here.")]);
        // Words that are only added or only removed stay apart.
        let changes = compare_words("one two three", "one and two and three");
        assert_eq!(changes.iter().filter(|it| matches!(it, WordChange::Added(_))).count(), 2);
    }

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
        let removed = WordChange::Removed(before.trim_end().to_owned());
        let added = WordChange::Added(after.trim_end().to_owned());
        let same = WordChange::Same("\n".to_owned());
        assert_eq!(compare_words(&before, &after), [removed, added, same]);
    }

    #[test]
    fn a_few_words_in_a_long_text_are_found() {
        let paragraph = |n: usize, word: &str| format!("<p>Paragraph {n} of the {word} text.</p>");
        let text = |changed: &[usize]| -> String {
            let word = |n: usize| if changed.contains(&n) { "other" } else { "long" };
            (0..3_000).fold(String::new(), |text, n| text + &paragraph(n, word(n)))
        };
        let before = text(&[]);
        for changed in [&[1_500][..], &[3, 700, 1_500, 2_998]] {
            let runs = compare_words(&before, &text(changed));
            let others = runs.iter().filter(|run| !matches!(run, WordChange::Same(_)));
            let others: Vec<&WordChange> = others.collect();
            let pair = [WordChange::Removed("long".into()), WordChange::Added("other".into())];
            let expected: Vec<&WordChange> = changed.iter().flat_map(|_| &pair).collect();
            assert_eq!(others, expected);
        }
        // What is appended replaces nothing.
        let runs = compare_words(&before, &format!("{before} And more."));
        assert!(matches!(&runs[..], [WordChange::Same(_), WordChange::Added(_)]), "{}", runs.len());
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
