//! From confirmation to publication.

use chrono::{DateTime, Utc};
use serde_json::json;
use sha2::{Digest, Sha256};

use super::{load, reading};
use crate::{
    duty_list::{
        rules::{
            content::Content,
            diff::BurdenDirection,
            findings::{Counts, FindingKind},
            version::{Edition, VersionProcedure, VersionState, effective_from, goes_up, leaves},
        },
        store::{self, items::Revision, versions::Version},
    },
    kernel::{
        audit::Event,
        clock::to_millis,
        deadline::Deadline,
        fault::{Fault, Outcome, refuse},
        ids::{DutyItemId, OrgUnitId, VersionId},
        policy::{Action, act},
        refusal::{Refusal, Unresolved},
        runner::{Tx, UseCase},
        settings::ProvinceSettings,
        text,
    },
    proceeding::{
        rules::{Capacity, Case, DecisionOutcome, Wait},
        service::{DecisionRecordFacts, Move, Note, advance, decide, permit},
        store::Closing,
    },
};

crate::api_input! {
    /// Confirms a draft as the township; one of its two heads (乡镇确认清单).
    command ConfirmListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Passes a version on as the county's establishment office (县级审核清单).
    command ReviewListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// Opinion for the record (审核意见).
        opinion: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Passes a version on as an office above the county (上级联审清单).
    command ReviewListVersionAbove {
        /// The version (清单版本).
        id: VersionId,
        /// Opinion for the record (审核意见).
        opinion: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Records the county's decision on a version (审定清单).
    command ApproveListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// The decision with its document (决定记录).
        decision: DecisionRecordFacts,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Publishes an approved version (公布清单).
    command PublishListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// When it takes effect: now if left out, never before its publication, within a year (生效时间).
        effective_from: Option<DateTime<Utc>>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Returns a version to the township for correction, as whoever is to review, decide or publish it (退回清单).
    command ReturnListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// Why (退回原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Withdraws a version before it is approved; approved requests it would have incorporated wait again (撤回清单).
    command WithdrawListVersion {
        /// The version (清单版本).
        id: VersionId,
        /// Why (撤回原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Answers a warning that two items of a version look alike (答复相似提示).
    command AnswerSimilarity {
        /// The version (清单版本).
        id: VersionId,
        /// One of the two (事项之一).
        first_item_id: DutyItemId,
        /// The other (事项之二).
        second_item_id: DutyItemId,
        /// Why they are two matters (说明).
        answer: String,
    }
}

/// The settings of the actor's province.
pub(super) fn settings(tx: &Tx) -> Outcome<std::sync::Arc<ProvinceSettings>> {
    Ok(std::sync::Arc::clone(&tx.actor()?.settings))
}

fn only(case: &Case, capacity: Capacity) -> Outcome<OrgUnitId> {
    let found = case.in_capacity(capacity).into_iter().next();
    found.ok_or_else(|| Fault::new(format!("a version without its {capacity} office")).into())
}

fn wait(tx: &Tx, org: OrgUnitId, task: Action, working_days: u32) -> Wait {
    Wait { org, task, deadline: Some(Deadline::working_days(tx.now(), working_days)) }
}

/// Refuses if something is wrong with the version that forbids to go on.
async fn in_order(tx: &Tx, version: &Version) -> Outcome<Vec<(Revision, Content)>> {
    let settings = settings(tx)?;
    let found = reading::findings_of(tx.db(), version, &settings.thresholds, tx.now()).await?;
    let contents = reading::contents(tx.db(), version).await?;
    let blocking = reading::blocking(&found, &contents);
    if blocking.is_empty() { Ok(contents) } else { refuse(Refusal::UnresolvedFindings { findings: blocking }) }
}

impl UseCase for ConfirmListVersion {
    const NAME: &'static str = "confirmListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::ConfirmListVersion>(tx, &case, self.expected_revision).await?;
        let contents = reading::contents(tx.db(), &version).await?;
        // What the establishment office has to answer waits for its review; what nobody can answer does not go there.
        let found = reading::findings_of(tx.db(), &version, &settings(tx)?.thresholds, tx.now()).await?;
        let hopeless: Vec<_> = found.into_iter().filter(|finding| finding.kind != FindingKind::Similar).collect();
        if !hopeless.is_empty() {
            return refuse(Refusal::UnresolvedFindings { findings: reading::blocking(&hopeless, &contents) });
        }
        let days = settings(tx)?.deadlines.version_review;
        let step = Move {
            wait: vec![wait(tx, only(&case, Capacity::Establishment)?, Action::ReviewListVersion, days)],
            submitted: true,
            ..Move::to(VersionState::TownshipConfirmed)
        };
        advance(tx, &permit, &case.head, step, Note::default().facts(json!({ "items": contents.len() }))).await?;
        Ok(version.id)
    }
}

/// Where a version goes after a review.
fn after_review(tx: &Tx, case: &Case, next: Option<i32>, settings: &ProvinceSettings) -> Outcome<Move> {
    let last = case
        .parties
        .iter()
        .filter(|party| party.capacity == Capacity::Reviewer)
        .map(|party| party.ordinal)
        .max()
        .unwrap_or(-1);
    match next {
        Some(index) if index <= last => {
            let reviewer =
                case.parties.iter().find(|party| party.capacity == Capacity::Reviewer && party.ordinal == index);
            let reviewer = reviewer.ok_or_else(|| Fault::new("a gap in a review chain"))?.org;
            Ok(Move {
                wait: vec![wait(tx, reviewer, Action::ReviewListVersionAbove, settings.deadlines.version_upper_review)],
                chain_index: Some(index),
                ..Move::to(VersionState::CountyReviewed)
            })
        }
        reviewed => {
            let to = if reviewed.is_some() { VersionState::UpperReviewed } else { VersionState::CountyReviewed };
            let clerk = only(case, Capacity::Decision)?;
            Ok(Move {
                wait: vec![wait(tx, clerk, Action::ApproveListVersion, settings.deadlines.version_decision)],
                ..Move::to(to)
            })
        }
    }
}

impl UseCase for ReviewListVersion {
    const NAME: &'static str = "reviewListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let opinion = text::optional("input.opinion", self.opinion.as_deref(), text::BLOCK, text::block)?;
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::ReviewListVersion>(tx, &case, self.expected_revision).await?;
        in_order(tx, &version).await?;
        let settings = settings(tx)?;
        let up = goes_up(version.edition, settings.thresholds.review_every_version == 1);
        let step = after_review(tx, &case, up.then_some(0), &settings)?;
        advance(tx, &permit, &case.head, step, Note::because(opinion.as_deref())).await?;
        Ok(version.id)
    }
}

impl UseCase for ReviewListVersionAbove {
    const NAME: &'static str = "reviewListVersionAbove";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let opinion = text::optional("input.opinion", self.opinion.as_deref(), text::BLOCK, text::block)?;
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::ReviewListVersionAbove>(tx, &case, self.expected_revision).await?;
        let step = after_review(tx, &case, Some(case.head.chain_index + 1), &*settings(tx)?)?;
        advance(tx, &permit, &case.head, step, Note::because(opinion.as_deref())).await?;
        Ok(version.id)
    }
}

impl UseCase for ApproveListVersion {
    const NAME: &'static str = "approveListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::ApproveListVersion>(tx, &case, self.expected_revision).await?;
        in_order(tx, &version).await?;
        let record = decide(tx, &permit, &case, DecisionOutcome::Approved, &self.decision, None, true).await?;
        let actor = tx.actor()?;
        let days = settings(tx)?.deadlines.version_publication;
        let step = Move {
            wait: vec![wait(tx, only(&case, Capacity::Establishment)?, Action::PublishListVersion, days)],
            approver: Some(Some((actor.org, actor.level.number()))),
            ..Move::to(VersionState::Approved)
        };
        advance(tx, &permit, &case.head, step, Note::default().facts(record)).await?;
        Ok(version.id)
    }
}

/// Fingerprint of everything a version says.
fn content_hash(contents: &[(Revision, Content)]) -> Outcome<String> {
    let mut hasher = Sha256::new();
    for (revision, content) in contents {
        hasher.update(serde_json::to_vec(&(&revision.code, revision.ordinal, content))?);
        hasher.update([0]);
    }
    Ok(hex::encode(hasher.finalize()))
}

/// Refuses a heavier change that no approved request allows: the rule that keeps duties from entering by themselves.
async fn covered(tx: &Tx, version: &Version, base: &Version) -> Outcome<()> {
    let comparison = reading::compare_versions(tx.db(), Some(base), version).await?;
    let changes = store::incorporation::changes(tx.db(), &[version.id]).await?.remove(&version.id).unwrap_or_default();
    let requests: Vec<_> = changes.iter().map(|change| change.request).collect();
    let heads = crate::proceeding::store::heads(tx.db(), &crate::kernel::scope::Scope::Everything, &requests).await?;
    let approved = |item: DutyItemId| {
        changes.iter().any(|change| {
            change.item == item && heads.get(&change.request).is_some_and(|head| head.state == "APPROVED")
        })
    };
    let bare = comparison
        .rows
        .iter()
        .find(|row| row.burden == BurdenDirection::Heavier && !row.new.or(row.old).is_some_and(approved));
    match bare {
        None => Ok(()),
        Some(row) => refuse(Refusal::UnresolvedFindings {
            findings: vec![Unresolved {
                kind: row.kind.into(),
                about: row.to.as_deref().or(row.from.as_deref()).unwrap_or_default().to_owned(),
            }],
        }),
    }
}

impl UseCase for PublishListVersion {
    const NAME: &'static str = "publishListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (case, version, list) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::PublishListVersion>(tx, &case, self.expected_revision).await?;
        let contents = in_order(tx, &version).await?;
        let last = store::versions::last_published(tx.db(), list.id).await?;
        if let (Edition::Incorporation, Some(base)) = (version.edition, &last) {
            super::succession::goes_on(tx, &list, base)?;
            covered(tx, &version, base).await?;
        }
        let from = effective_from(
            self.effective_from.map(to_millis),
            tx.now(),
            last.and_then(|last| last.period.effective_from),
        )?;
        let hash = content_hash(&contents)?;
        let counts = Counts::of(contents.iter().map(|(_, content)| content.category));
        // In this order: the head first, so that of two who publish at once one is told before anything is written.
        let facts = json!({ "effectiveFrom": from, "contentHash": hash, "items": contents.len() });
        advance(
            tx,
            &permit,
            &case.head,
            Move { ends: true, ..Move::to(VersionState::Published) },
            Note::default().facts(facts),
        )
        .await?;
        store::versions::publish(tx, &permit, &version, from, &hash, counts).await?;
        super::incorporation::incorporated(tx, &permit, &version).await?;
        if version.edition == Edition::First {
            super::succession::end_predecessors(tx, &permit, &list, from).await?;
        }
        Ok(version.id)
    }
}

impl UseCase for ReturnListVersion {
    const NAME: &'static str = "returnListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::ReturnListVersion>(tx, &case, self.expected_revision).await?;
        let step = Move {
            wait: vec![Wait { org: case.head.proposer, task: Action::ConfirmListVersion, deadline: None }],
            returned: true,
            chain_index: Some(0),
            approver: Some(None),
            outcome: "RETURNED",
            ..Move::to(VersionState::Returned)
        };
        advance(tx, &permit, &case.head, step, Note::because(Some(&reason))).await?;
        Ok(version.id)
    }
}

impl UseCase for WithdrawListVersion {
    const NAME: &'static str = "withdrawListVersion";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let (case, version, _) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::WithdrawListVersion>(tx, &case, self.expected_revision).await?;
        if !leaves(version.edition, Action::WithdrawListVersion, case.head.proposer == tx.actor()?.org) {
            return refuse(Refusal::forbidden(
                "修订版由机构编制部门依据批准起草，乡镇（街道）如有不同意见，不予确认即可。",
                "The establishment office drafted this version from approved requests; a township that has something \
                 against it does not confirm it.",
            ));
        }
        let step = Move {
            ends: true,
            close: Closing::All,
            outcome: crate::proceeding::store::NOT_NEEDED,
            ..Move::to(VersionState::Withdrawn)
        };
        advance(tx, &permit, &case.head, step, Note::because(Some(&reason))).await?;
        store::incorporation::release(tx, &permit).await?;
        Ok(version.id)
    }
}

impl UseCase for AnswerSimilarity {
    const NAME: &'static str = "answerSimilarity";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let answer = text::block("input.answer", &self.answer, 1_000)?;
        let (case, version, list) = load(tx, self.id, "input.id").await?;
        let permit = permit::<VersionProcedure, act::AnswerSimilarity>(tx, &case, None).await?;
        let contents = reading::contents(tx.db(), &version).await?;
        for (path, item) in [("input.firstItemId", self.first_item_id), ("input.secondItemId", self.second_item_id)] {
            if !contents.iter().any(|(revision, _)| revision.item == item) {
                return refuse(Refusal::not_found(path));
            }
        }
        let pair = (self.first_item_id.min(self.second_item_id), self.first_item_id.max(self.second_item_id));
        store::answers::answer(tx, &permit, list.province, pair, &answer, tx.actor()?.account).await?;
        crate::proceeding::store::touch(tx, &permit).await?;
        tx.record(
            Event::new(
                Action::AnswerSimilarity,
                case.head.province,
                case.head.kind.type_name(),
                case.head.id.0,
                case.head.path.clone(),
            )
            .of(case.head.id)
            .because(Some(&answer))
            .change(json!(null), json!({ "items": [pair.0, pair.1] })),
        );
        Ok(version.id)
    }
}
