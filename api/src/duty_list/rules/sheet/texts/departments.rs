//! Departments in a cell, with their parts in a matter.

use super::split;
use crate::duty_list::rules::content::DepartmentRole;

/// A department as it is written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mentioned {
    /// Its name.
    pub name: String,
    /// The part that is marked, if one is.
    pub role: Option<DepartmentRole>,
}

fn role_of(mark: &str) -> Option<DepartmentRole> {
    let has = |words: &[&str]| words.iter().any(|word| mark.contains(word));
    if has(&["牵头", "主责", "主办", "主管"]) || mark == "主" {
        Some(DepartmentRole::Lead)
    } else if has(&["配合", "协同", "协办", "协助", "参与"]) {
        Some(DepartmentRole::CoLead)
    } else {
        None
    }
}

/// Departments as they stand in a cell: 甲（牵头）、乙, or 牵头：甲；配合：乙、丙, or one a line.
#[must_use]
pub fn departments(text: &str) -> Vec<Mentioned> {
    let mut found = Vec::new();
    let mut labelled = None;
    for part in split(text, |c| matches!(c, '、' | '，' | ',' | '；' | ';' | '\n' | '/' | '｜')) {
        let mut name = part;
        if let Some((label, rest)) = part.split_once(['：', ':'])
            && let Some(role) = role_of(label)
        {
            (labelled, name) = (Some(role), rest.trim());
        }
        let name = name.trim_start_matches(|c: char| {
            c.is_ascii_digit() || matches!(c, '.' | '．' | ' ' | '\u{2460}'..='\u{2473}')
        });
        let (name, role) = marked(name);
        if !name.is_empty() {
            found.push(Mentioned { name: name.to_owned(), role: role.or(labelled) });
        }
    }
    found
}

/// Words behind a name that say its part without brackets.
const BARE: [&str; 5] = ["牵头", "主办", "配合", "协办", "协助"];

/// A name without the mark behind it, in brackets or bare.
fn marked(name: &str) -> (&str, Option<DepartmentRole>) {
    let name = name.trim();
    let inner = name.strip_suffix(['）', ')']).and_then(|rest| rest.rsplit_once(['（', '(']));
    match inner.and_then(|(name, mark)| Some((name, role_of(mark.trim())?))) {
        Some((name, role)) => (name.trim(), Some(role)),
        None => bare(name).unwrap_or((name, None)),
    }
}

/// A name with a bare mark behind it, as in 区住建局牵头, if enough is left of it.
fn bare(name: &str) -> Option<(&str, Option<DepartmentRole>)> {
    let (rest, word) = BARE.iter().find_map(|word| Some((name.strip_suffix(word)?.trim_end(), word)))?;
    rest.chars().nth(2).map(|_| (rest, role_of(word)))
}

/// Who takes a matter over and how it is done from then on, where both stand in one cell: 承接部门：…工作方式：…, or the
/// departments in the first of several lines.
#[must_use]
pub fn takeover(text: &str) -> (String, String) {
    let label = |words: &[&str]| {
        let hits = words.iter().flat_map(|word| text.match_indices(word));
        let labels = hits.filter_map(|(at, word)| {
            let rest = text.get(at + word.len()..)?;
            let behind = rest.trim_start().strip_prefix(['：', ':'])?;
            Some((at, text.len() - behind.len()))
        });
        labels.min()
    };
    let (who, how) = (label(&["承接部门", "承接单位"]), label(&["工作方式"]));
    let part = |from: usize, to: usize| text.get(from..to).unwrap_or_default().trim().to_owned();
    let end = text.len();
    match (who, how) {
        (Some((_, who)), Some((at, how))) if who <= at => (part(who, at), part(how, end)),
        (Some((at, who)), Some((_, how))) => (part(who, end), part(how, at)),
        (None, Some((at, how))) => (part(0, at), part(how, end)),
        (Some((_, who)), None) => first_line(&part(who, end), true),
        (None, None) => first_line(text.trim(), false),
    }
}

/// The first line apart from the others. Alone it says who takes over only where it is `known` to.
fn first_line(text: &str, known: bool) -> (String, String) {
    match text.split_once('\n') {
        Some((first, rest)) => (first.trim().to_owned(), rest.trim().to_owned()),
        None if known => (text.to_owned(), String::new()),
        None => (String::new(), text.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn departments_are_read_with_their_parts() {
        use DepartmentRole::{CoLead, Lead};
        let read = |text: &str| departments(text).into_iter().map(|one| (one.name, one.role)).collect::<Vec<_>>();
        let (a, b, c) = ("县公安局".to_owned(), "县农业农村局".to_owned(), "县民政局".to_owned());
        let marked = vec![(a.clone(), Some(Lead)), (b.clone(), Some(CoLead)), (c.clone(), Some(CoLead))];
        assert_eq!(read("牵头：县公安局；配合：县农业农村局、县民政局"), marked);
        assert_eq!(read("牵头单位:县公安局\n协办单位:县农业农村局，县民政局"), marked);
        assert_eq!(read("县公安局（牵头）、县农业农村局(配合)、县民政局（协同）"), marked);
        assert_eq!(read("县公安局牵头、县农业农村局配合、县民政局 协助"), marked);
        assert_eq!(read("牵头、乙局配合"), [("牵头".into(), None), ("乙局配合".into(), None)]);
        assert_eq!(read("县公安局（主）、县农业农村局"), [(a.clone(), Some(Lead)), (b.clone(), None)]);
        assert_eq!(read("1.县公安局\n2.县农业农村局"), [(a.clone(), None), (b, None)]);
        assert_eq!(read("1、县公安局"), [(a, None)]);
        assert_eq!(read("县城管局（县综合执法局）"), [("县城管局（县综合执法局）".into(), None)]);
    }

    #[test]
    fn who_takes_over_and_how_may_stand_in_one_cell() {
        for (text, who, how) in [
            ("承接部门：县民政局\n工作方式：由局受理", "县民政局", "由局受理"),
            ("承接部门:县民政局 工作方式 : 由局受理", "县民政局", "由局受理"),
            ("工作方式：由局受理\n承接单位：县民政局", "县民政局", "由局受理"),
            ("县民政局\n工作方式：由局受理", "县民政局", "由局受理"),
            ("承接部门：县民政局\n由局受理\n按月", "县民政局", "由局受理\n按月"),
            ("承接部门：县民政局", "县民政局", ""),
            ("县民政局\n由承接部门受理", "县民政局", "由承接部门受理"),
            ("由县民政局受理", "", "由县民政局受理"),
            ("", "", ""),
        ] {
            assert_eq!(takeover(text), (who.to_owned(), how.to_owned()), "{text:?}");
        }
    }
}
