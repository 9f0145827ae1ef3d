//! Papers, ballots and the box that holds them. Pure. Nothing in a box names a person, a time or a place in a sequence.

use std::collections::{BTreeMap, BTreeSet};

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::hmac;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use uuid::Uuid;

use crate::kernel::{
    fault::{Check, Fault},
    ids::{AccountId, OrgUnitId, RoundId},
    refusal::{InputProblem, Refusal},
    settings::Dimension,
};

/// Lowest and highest score a dimension can be given.
pub const SCORES: std::ops::RangeInclusive<i32> = 1..=5;
/// Longest comment, in characters.
pub const COMMENT: usize = 500;
/// A box is padded to a multiple of so many bytes, so that its size tells next to nothing.
const PADDING: usize = 4_096;

/// The text of a new paper: where it belongs, and 256 random bits that make it good.
#[must_use]
pub fn paper(round: RoundId, subject: OrgUnitId, random: [u8; 32]) -> String {
    URL_SAFE_NO_PAD.encode([round.0.as_bytes(), subject.0.as_bytes(), &random[..]].concat())
}

/// What makes the paper of one voter on one subject good, drawn from a secret that the voter alone knows: who has the
/// secret can draw it again, and nobody else can.
#[must_use]
pub fn drawn(secret: &str, round: RoundId, subject: OrgUnitId, voter: (AccountId, OrgUnitId)) -> [u8; 32] {
    let key = hmac::Key::new(hmac::HMAC_SHA256, secret.as_bytes());
    let (account, org) = voter;
    let of = [round.0, subject.0, account.0, org.0].map(|id| *id.as_bytes()).concat();
    let mut random = [0; 32];
    random.copy_from_slice(hmac::sign(&key, &of).as_ref());
    random
}

/// The box a paper belongs to; none if the text is no paper. Whether the paper is good, only the box knows.
#[must_use]
pub fn address(paper: &str) -> Option<(RoundId, OrgUnitId)> {
    let bytes = URL_SAFE_NO_PAD.decode(paper.get(..86).filter(|text| text.len() == paper.len())?).ok()?;
    let uuid = |from: usize| Uuid::from_slice(bytes.get(from..from + 16)?).ok();
    (bytes.len() == 64).then_some(())?;
    Some((RoundId(uuid(0)?), OrgUnitId(uuid(16)?)))
}

/// What the box keeps of a paper.
#[must_use]
pub fn hash(paper: &str) -> String {
    hex::encode(Sha256::digest(paper))
}

/// A paper that has been handed out and not come back.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Paper {
    /// SHA-256 of its text.
    pub hash: String,
    /// The organisation whose member it was handed to.
    pub org: OrgUnitId,
}

/// A ballot.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ballot {
    /// Scores by dimension; a dimension the voter could not judge is left out.
    pub scores: BTreeMap<String, u8>,
    /// What the voter wrote.
    pub comment: Option<String>,
}

/// All papers and ballots on one subject. Each set is kept in the order of its content, so a box looks the same in
/// whatever order its papers and ballots came.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct BallotBox {
    /// Papers that have not come back.
    pub papers: Vec<Paper>,
    /// Ballots.
    pub ballots: Vec<Ballot>,
    /// Organisations from which at least one ballot came.
    pub rater_orgs: BTreeSet<OrgUnitId>,
}

fn insert<T: Ord>(sorted: &mut Vec<T>, new: T) {
    let place = sorted.partition_point(|known| *known < new);
    sorted.insert(place, new);
}

impl BallotBox {
    /// Notes a paper that is handed out.
    pub fn issue(&mut self, hash: String, org: OrgUnitId) {
        insert(&mut self.papers, Paper { hash, org });
    }

    /// Whether a paper with this hash is good.
    #[must_use]
    pub fn knows(&self, hash: &str) -> bool {
        self.papers.iter().any(|paper| paper.hash == hash)
    }

    /// Takes the paper back and puts the ballot in; answers whether the paper was good.
    pub fn cast(&mut self, hash: &str, ballot: Ballot) -> bool {
        let Some(place) = self.papers.iter().position(|paper| paper.hash == hash) else { return false };
        let paper = self.papers.remove(place);
        self.rater_orgs.insert(paper.org);
        insert(&mut self.ballots, ballot);
        true
    }

    /// Throws away the papers that did not come back.
    pub fn close(&mut self) {
        self.papers = Vec::new();
    }

    /// The box as padded bytes, to be sealed.
    pub fn to_bytes(&self) -> Result<Vec<u8>, Fault> {
        let mut bytes = serde_json::to_vec(self)?;
        bytes.resize(bytes.len().next_multiple_of(PADDING), b' ');
        Ok(bytes)
    }

    /// The box in padded bytes.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self, Fault> {
        Ok(serde_json::from_slice(bytes)?)
    }
}

/// Reads the scores of a ballot: known dimensions, each at most once, 1–5, at least one.
pub fn scores(given: &[(String, i32)], dimensions: &[Dimension]) -> Result<BTreeMap<String, u8>, Vec<Refusal>> {
    let mut check = Check::new();
    let mut scores = BTreeMap::new();
    check.require(!given.is_empty(), || Refusal::invalid("input.scores", InputProblem::TooFew { min: 1 }));
    for (index, (code, score)) in given.iter().enumerate() {
        let path = |field: &str| format!("input.scores.{index}.{field}");
        check.require(dimensions.iter().any(|dimension| dimension.code == *code), || {
            Refusal::invalid(path("dimension"), InputProblem::Malformed { expected: "the code of a dimension" })
        });
        match u8::try_from(*score) {
            Ok(good) if SCORES.contains(score) => {
                check.require(scores.insert(code.clone(), good).is_none(), || {
                    Refusal::invalid(path("dimension"), InputProblem::Duplicate)
                });
            }
            _ => check.note(Refusal::invalid(path("score"), InputProblem::OutOfRange { min: 1, max: 5 })),
        }
    }
    check.done().map(|()| scores)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use serde_json::Value;

    use super::*;
    use crate::kernel::settings::EvaluationSettings;

    fn org(n: u8) -> OrgUnitId {
        OrgUnitId(Uuid::from_u128(n.into()))
    }

    #[test]
    fn a_paper_names_its_box_and_nothing_else_is_a_paper() {
        let (round, subject) = (RoundId::new(), OrgUnitId::new());
        let text = paper(round, subject, [7; 32]);
        assert_eq!(address(&text), Some((round, subject)));
        for wrong in ["", "x", &text[1..], &format!("{text}A"), &text.replace(&text[..4], "选票"), &"选".repeat(86)]
        {
            assert_eq!(address(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_paper_drawn_from_a_secret_is_one_voters_on_one_subject_in_one_round() {
        let (round, subject, account, organisation) = (RoundId::new(), OrgUnitId::new(), AccountId::new(), org(1));
        let one = drawn("secret", round, subject, (account, organisation));
        assert_eq!(one, drawn("secret", round, subject, (account, organisation)));
        for other in [
            drawn("Secret", round, subject, (account, organisation)),
            drawn("secret", RoundId::new(), subject, (account, organisation)),
            drawn("secret", round, OrgUnitId::new(), (account, organisation)),
            drawn("secret", round, subject, (AccountId::new(), organisation)),
            drawn("secret", round, subject, (account, org(2))),
        ] {
            assert_ne!(one, other);
        }
    }

    #[test]
    fn a_paper_is_good_once() {
        let mut all = BallotBox::default();
        let ballot = Ballot { scores: BTreeMap::from([("A".into(), 3)]), comment: None };
        all.issue(hash("p"), org(1));
        assert!(!all.cast(&hash("q"), ballot.clone()));
        assert!(all.cast(&hash("p"), ballot.clone()));
        assert!(!all.cast(&hash("p"), ballot));
        assert_eq!((all.papers.len(), all.ballots.len(), all.rater_orgs.len()), (0, 1, 1));
    }

    #[test]
    fn scores_are_checked_all_at_once() {
        let dimensions = EvaluationSettings::default().township_to_department;
        let code = |index: usize| dimensions[index].code.clone();
        assert!(scores(&[], &dimensions).is_err());
        let given = [(code(0), 6), ("?".into(), 3), (code(1), 2), (code(1), 2), (code(2), 0)];
        let paths: Vec<String> =
            scores(&given, &dimensions).unwrap_err().iter().map(|refusal| refusal.path().join(".")).collect();
        assert_eq!(
            paths,
            ["input.scores.0.score", "input.scores.1.dimension", "input.scores.3.dimension", "input.scores.4.score"]
        );
        assert_eq!(scores(&[(code(0), 5)], &dimensions), Ok(BTreeMap::from([(code(0), 5)])));
    }

    fn ballots() -> impl Strategy<Value = Vec<(u8, Ballot)>> {
        let ballot = (proptest::collection::btree_map("[A-C]", 1u8..=5, 1..4), proptest::option::of("[a-z]{0,20}"))
            .prop_map(|(scores, comment)| Ballot { scores, comment });
        proptest::collection::vec((0u8..6, ballot), 0..20)
    }

    proptest! {
        #[test]
        fn a_box_does_not_remember_the_order_in_which_it_was_filled(votes in ballots(), shift in 0usize..20) {
            let fill = |order: &[usize]| {
                let mut all = BallotBox::default();
                for index in order {
                    all.issue(hash(&index.to_string()), org(votes[*index].0));
                }
                for index in order.iter().filter(|index| **index % 3 != 0) {
                    prop_assert!(all.cast(&hash(&index.to_string()), votes[*index].1.clone()));
                }
                Ok(all)
            };
            let straight: Vec<usize> = (0..votes.len()).collect();
            let mut turned = straight.clone();
            turned.rotate_left(shift.checked_rem(votes.len()).unwrap_or(0));
            turned.reverse();
            let all = fill(&straight)?;
            prop_assert_eq!(&all, &fill(&turned)?);
            prop_assert!(all.papers.is_sorted() && all.ballots.is_sorted());
            let bytes = all.to_bytes().unwrap();
            prop_assert_eq!(bytes.len() % PADDING, 0);
            prop_assert_eq!(BallotBox::from_bytes(&bytes).unwrap(), all);
        }

        #[test]
        fn a_box_holds_nothing_but_what_it_may(votes in ballots()) {
            let mut all = BallotBox::default();
            for (index, (home, ballot)) in votes.iter().enumerate() {
                all.issue(hash(&index.to_string()), org(*home));
                if index % 2 == 0 {
                    all.cast(&hash(&index.to_string()), ballot.clone());
                }
            }
            let Value::Object(map) = serde_json::from_slice(&all.to_bytes().unwrap()).unwrap() else { panic!() };
            let keys = |value: &Value| value.as_object().unwrap().keys().cloned().collect::<Vec<_>>();
            prop_assert_eq!(map.keys().collect::<Vec<_>>(), ["papers", "ballots", "rater_orgs"]);
            for paper in map["papers"].as_array().unwrap() {
                prop_assert_eq!(keys(paper), ["hash", "org"]);
            }
            for ballot in map["ballots"].as_array().unwrap() {
                prop_assert_eq!(keys(ballot), ["scores", "comment"]);
                prop_assert!(keys(&ballot["scores"]).iter().all(|key| ["A", "B", "C"].contains(&key.as_str())));
            }
        }
    }
}
