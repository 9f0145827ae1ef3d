//! What people are told is said in both languages.

use std::{fs, path::Path};

use yidan::kernel::{
    ctx::Lang,
    policy::Action,
    refusal::{InputProblem, Refusal},
};

fn sources(directory: &Path, found: &mut Vec<String>) {
    for entry in fs::read_dir(directory).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, found);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
}

#[test]
fn what_is_expected_is_told_in_chinese_too() {
    let mut texts = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../api/src"), &mut texts);
    let mut seen = 0;
    for text in &texts {
        for part in text.split("Malformed { expected: \"").skip(1) {
            let expected: &'static str = part.split('"').next().unwrap().to_owned().leak();
            let told = Refusal::invalid("x", InputProblem::Malformed { expected }).message(Lang::Zh);
            assert!(!told.contains(expected), "{expected:?} has no words in Chinese");
            seen += 1;
        }
    }
    assert!(seen >= 12, "{seen}");
}

#[test]
fn every_act_has_a_chinese_term() {
    for act in Action::ALL {
        assert!(act.term().chars().any(|c| ('一'..='龥').contains(&c)), "{act}: {}", act.term());
    }
}
