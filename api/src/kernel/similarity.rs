//! How alike two Chinese texts are, and the terms by which texts are found. Works offline and on two-character words.
//!
//! Texts are compared by the pairs of neighbouring characters they share (Sørensen–Dice over the multiset of bigrams),
//! after taking out punctuation and the words that carry no meaning in duty lists. Search uses the same pairs: every
//! two-character word is a term, so "燃气" is found without a dictionary.

use std::collections::{BTreeMap, BTreeSet};

/// What is left of a text for comparison.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Profile {
    grams: BTreeMap<(char, char), u32>,
    total: u32,
}

/// Words that say nothing about the matter.
const FILLERS: &[&str] = &[
    "做好",
    "负责",
    "开展",
    "组织",
    "工作",
    "相关",
    "有关",
    "本镇",
    "本乡",
    "辖区内",
    "辖区",
    "的",
    "和",
    "与",
    "及",
    "等",
    "对",
];

impl Profile {
    /// The profile of `text`.
    #[must_use]
    pub fn of(text: &str) -> Self {
        let mut text = text.to_lowercase();
        for filler in FILLERS {
            text = text.replace(filler, " ");
        }
        let mut chars: Vec<char> = text.chars().filter(|c| c.is_alphanumeric()).collect();
        if chars.len() == 1 {
            chars.push(' ');
        }
        let mut profile = Self::default();
        for pair in chars.windows(2) {
            *profile.grams.entry((pair[0], pair[1])).or_default() += 1;
            profile.total += 1;
        }
        profile
    }

    /// How many pairs of characters it has.
    #[must_use]
    pub fn size(&self) -> u32 {
        self.total
    }

    /// Likeness in per cent: 100 for equal profiles, 0 for nothing in common.
    #[must_use]
    pub fn percent(&self, other: &Self) -> u8 {
        if self.total + other.total == 0 {
            return 0;
        }
        let shared: u32 = self
            .grams
            .iter()
            .filter_map(|(gram, count)| other.grams.get(gram).map(|theirs| (*count).min(*theirs)))
            .sum();
        u8::try_from(200 * shared / (self.total + other.total)).unwrap_or(100)
    }
}

/// Likeness of two texts in per cent.
#[must_use]
pub fn percent(left: &str, right: &str) -> u8 {
    Profile::of(left).percent(&Profile::of(right))
}

/// Whether a character belongs to a script written without spaces between words.
fn is_han(c: char) -> bool {
    matches!(u32::from(c), 0x3400..=0x4DBF | 0x4E00..=0x9FFF | 0xF900..=0xFAFF | 0x20000..=0x3FFFF)
}

enum Run {
    Han(Vec<char>),
    Word(String),
}

fn runs(text: &str) -> Vec<Run> {
    let mut runs = Vec::new();
    for c in text.chars().flat_map(char::to_lowercase) {
        match (runs.last_mut(), is_han(c), c.is_alphanumeric()) {
            (Some(Run::Han(run)), true, _) => run.push(c),
            (_, true, _) => runs.push(Run::Han(vec![c])),
            (Some(Run::Word(word)), false, true) if !word.is_empty() => word.push(c),
            (_, false, true) => runs.push(Run::Word(c.to_string())),
            // Ends the run before it.
            (_, false, false) => runs.push(Run::Word(String::new())),
        }
    }
    runs
}

/// The terms under which `text` is found.
#[must_use]
pub fn terms(text: &str) -> BTreeSet<String> {
    let mut terms = BTreeSet::new();
    for run in runs(text) {
        match run {
            Run::Han(run) if run.len() == 1 => {
                terms.insert(run[0].to_string());
            }
            Run::Han(run) => {
                terms.extend(run.windows(2).map(|pair| pair.iter().collect::<String>()));
                // So that the last character is found by itself, too.
                terms.extend(run.last().map(char::to_string));
            }
            Run::Word(word) if !word.is_empty() => {
                terms.insert(word);
            }
            Run::Word(_) => {}
        }
    }
    terms
}

/// The words of a question as they were typed, without the marks around and between them.
pub fn words(text: &str) -> impl Iterator<Item = &str> {
    text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_empty())
}

/// A term of a question: found as it is, or as the beginning of a term.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Term {
    /// Exactly this term.
    Whole(String),
    /// Every term that begins so.
    Prefix(String),
}

/// The terms of a question; all of them have to be found.
#[must_use]
pub fn question(text: &str) -> BTreeSet<Term> {
    let mut terms = BTreeSet::new();
    for run in runs(text) {
        match run {
            Run::Han(run) if run.len() == 1 => {
                terms.insert(Term::Prefix(run[0].to_string()));
            }
            Run::Han(run) => terms.extend(run.windows(2).map(|pair| Term::Whole(pair.iter().collect()))),
            Run::Word(word) if !word.is_empty() => {
                terms.insert(Term::Prefix(word));
            }
            Run::Word(_) => {}
        }
    }
    terms
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn the_same_matter_in_other_words_is_alike_and_another_is_not() {
        assert!(percent("对托育机构的监督管理", "托育机构监督管理工作") >= 90);
        assert!(percent("农村自建房安全隐患整治", "农村自建房安全隐患排查整治") >= 75);
        assert!(percent("瓶装液化气安全管理", "农村公路隐患治理") < 30);
    }

    #[test]
    fn a_two_character_word_is_a_term() {
        assert!(terms("瓶装液化燃气安全").contains("燃气"));
        assert_eq!(question("燃气"), BTreeSet::from([Term::Whole("燃气".into())]));
        assert_eq!(question("气"), BTreeSet::from([Term::Prefix("气".into())]));
        assert_eq!(question("政务APP"), BTreeSet::from([Term::Whole("政务".into()), Term::Prefix("app".into())]));
    }

    proptest! {
        #[test]
        fn likeness_is_symmetric_and_full_for_equals(left in "[一-龥]{2,30}", right in "[一-龥]{2,30}") {
            prop_assert_eq!(percent(&left, &right), percent(&right, &left));
            prop_assert!(percent(&left, &left) == 100 || Profile::of(&left).total == 0);
        }

        #[test]
        fn every_part_of_a_text_finds_it(before in "[一-龥a-z ,]{0,12}", part in "[一-龥]{1,6}", after in "[一-龥a-z ,]{0,12}") {
            let text = format!("{before}{part}{after}");
            let known = terms(&text);
            for term in question(&part) {
                let found = match &term {
                    Term::Whole(term) => known.contains(term),
                    Term::Prefix(prefix) => known.iter().any(|term| term.starts_with(prefix)),
                };
                prop_assert!(found);
            }
        }
    }
}
