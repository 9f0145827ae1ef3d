//! The watch on laws: registering a change opens a task wherever an item in force rests on it; nobody acting in time is
//! recorded as 动态调整不及时.

use std::collections::BTreeMap;

use serde_json::json;

use super::wait;
use crate::{
    adjustment::{
        rules::{LawChangeKind, LawWatchProcedure, LawWatchState},
        store::{self, LawChange, LawWatch},
    },
    duty_list::{rules::content::instrument_key, service::now, store::items},
    kernel::{
        audit::Event,
        calendar::end_of,
        clock::china_date,
        ctx::Ctx,
        fault::{Check, Fault, Outcome, refuse},
        graphql::Date,
        ids::{LawChangeId, LawWatchId, OrgUnitId, ProceedingId},
        place::OrgKind,
        policy::{Action, Target, act, by_system, permit as policy_permit},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase, run},
        scope::Scope,
        text,
    },
    proceeding::{
        self,
        rules::{Capacity, Case, Party, ProceedingKind},
        service::{Move, Note, advance, open_head, permit},
        store::Closing,
    },
    territory::{
        rules::OrgUnit,
        service::authority::{list_authorities, office},
    },
};

crate::api_input! {
    /// Registers a change of law, party rule or policy document (登记立改废释).
    command RegisterLawChange {
        /// Kind (变更类型).
        kind: LawChangeKind,
        /// Title of the instrument as the lists cite it (名称).
        instrument: String,
        /// Articles concerned; all if left out (条款).
        articles: Option<Vec<String>>,
        /// When it takes effect (施行日期).
        effective_on: Date,
        /// What changes (变更要点).
        summary: String,
    }

    /// States that a change of law needs no change of my county's lists (说明无需调整).
    command DismissLawWatch {
        /// The task (跟踪任务).
        id: LawWatchId,
        /// Why (理由).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

impl UseCase for RegisterLawChange {
    const NAME: &'static str = "registerLawChange";
    type Output = LawChangeId;

    async fn execute(&self, tx: &Tx) -> Outcome<LawChangeId> {
        let actor = tx.actor()?;
        let mut check = Check::new();
        let instrument = check.take(text::line("input.instrument", &self.instrument, text::LINE));
        let summary = check.take(text::block("input.summary", &self.summary, text::BLOCK));
        let given = self.articles.as_deref().unwrap_or_default();
        check.require(given.len() <= 100, || Refusal::invalid("input.articles", InputProblem::TooMany { max: 100 }));
        let articles: Vec<String> = given
            .iter()
            .enumerate()
            .filter_map(|(index, article)| check.take(text::line(format!("input.articles.{index}"), article, 60)))
            .collect();
        check.done()?;
        let id = LawChangeId::new();
        let permit =
            policy_permit::<act::RegisterLawChange>(actor, &Target::owned(id, actor.province, actor.org, &actor.path))?;
        let instrument = instrument.unwrap_or_default();
        let key = instrument_key(&instrument);
        if key.is_empty() {
            return refuse(Refusal::invalid("input.instrument", InputProblem::Malformed { expected: "a title" }));
        }
        let change = LawChange {
            id,
            province: actor.province,
            kind: self.kind,
            instrument,
            key,
            articles,
            effective_on: self.effective_on.0,
            summary: summary.unwrap_or_default(),
            org: actor.org,
            path: actor.path.to_string(),
            registered_at: tx.now(),
        };
        let same = store::same_changes(tx.db(), &change).await?;
        if same.iter().any(|known| known.org == change.org) {
            return refuse(Refusal::invalid("input.instrument", InputProblem::Duplicate));
        }
        store::insert_law_change(tx, &permit, &change, actor.account).await?;
        // Who registers it once more at another level sets nobody the same task twice.
        let watching = store::watching(tx.db(), &same).await?;
        let mut touched = touched(tx, &change).await?;
        touched.retain(|(authority, _)| !watching.contains(&authority.id));
        let facts = json!({
            "instrument": change.instrument, "effectiveOn": change.effective_on,
            "authorities": touched.len(), "items": touched.iter().map(|(_, count)| count).sum::<i32>(),
        });
        tx.record(
            Event::new(Action::RegisterLawChange, change.province, "LawChange", id, change.path.clone())
                .change(json!(null), facts),
        );
        for (authority, count) in touched {
            open_watch(tx, &change, &authority, count).await?;
        }
        Ok(id)
    }
}

/// The authorities whose lists rest on what changes, with the number of items.
async fn touched(tx: &Tx, change: &LawChange) -> Outcome<Vec<(OrgUnit, i32)>> {
    let select = store::affected(tx.db(), change, now(tx.now())).await?;
    let mut townships = BTreeMap::new();
    for revision in items::all(tx.db(), select).await? {
        *townships.entry(revision.township).or_insert(0) += 1;
    }
    let ids: Vec<_> = townships.keys().copied().collect();
    let authorities = list_authorities(tx.db(), &Scope::Everything, &ids, china_date(tx.now())).await?;
    let mut counts: BTreeMap<OrgUnitId, (OrgUnit, i32)> = BTreeMap::new();
    for (township, count) in townships {
        if let Some(authority) = authorities.get(&township) {
            counts.entry(authority.id).or_insert_with(|| (authority.clone(), 0)).1 += count;
        }
    }
    Ok(counts.into_values().collect())
}

async fn open_watch(tx: &Tx, change: &LawChange, authority: &OrgUnit, affected: i32) -> Outcome<()> {
    let id = LawWatchId::new();
    let permit =
        by_system::<act::RegisterLawChange>(id, "a registered change of law touches the lists of this authority");
    let establishment = office(tx.db(), authority, OrgKind::EstablishmentOffice).await?;
    let head = open_head(
        tx,
        id.into(),
        ProceedingKind::LawWatch,
        change.province,
        format!("《{}》变更后的清单调整", change.instrument),
        LawWatchState::Open,
        authority,
        authority.path.clone(),
        change.org,
    )
    .await?;
    proceeding::store::insert(tx, &permit, &head).await?;
    proceeding::store::add_parties(tx, &permit, head.province, &[(establishment.id, Capacity::Establishment, 0)])
        .await?;
    store::insert_watch(tx, &permit, head.province, &LawWatch { id, law_change: change.id, affected }).await?;
    // Counted from the day it takes effect; for one that has taken effect already, from its registration.
    let from = tx.now().max(end_of(change.effective_on) - chrono::TimeDelta::milliseconds(1));
    let due = wait(establishment.id, Action::AnswerLawChange, from, tx.actor()?.settings.deadlines.law_change);
    let deadline = due.deadline.as_ref().map(|deadline| (deadline, deadline.due(&tx.ctx().calendar())));
    proceeding::store::open_entry(tx, &permit, head.province, due.org, due.task, deadline).await?;
    tx.record(
        Event::new(Action::RegisterLawChange, head.province, head.kind.type_name(), head.id.0, head.path.clone())
            .of(head.id)
            .concerning(establishment.id)
            .change(json!(null), json!({ "state": head.state, "lawChange": change.id, "items": affected })),
    );
    Ok(())
}

/// Notes that a submitted request answers a change of law, where the authority had to act on it.
pub(super) async fn answered(tx: &Tx, law_change: LawChangeId, request: &Case) -> Outcome<()> {
    let change = store::law_changes(tx.db(), &Scope::Everything, &[law_change]).await?.remove(&law_change);
    let change = change.ok_or_else(|| Fault::new("a request about a change of law that is not"))?;
    // Whichever registration of the change the request names, it is the same change.
    let same: Vec<LawChangeId> = store::same_changes(tx.db(), &change).await?.iter().map(|same| same.id).collect();
    let watches = store::watches_of(tx.db(), &same).await?.into_values().flatten();
    let ids: Vec<ProceedingId> = watches.map(|watch| watch.id.into()).collect();
    let cases = proceeding::store::cases(tx.db(), &Scope::Everything, &ids).await?;
    let open = cases.into_values().find(|case| {
        case.head.authority == request.head.authority
            && matches!(case.state::<LawWatchProcedure>(), Some(LawWatchState::Open | LawWatchState::Late))
    });
    let Some(watch) = open else { return Ok(()) };
    let permit = by_system::<act::AnswerLawChange>(watch.head.id, "the request that answers it was submitted");
    let step = Move { ends: true, ..Move::to(LawWatchState::Answered) };
    advance(tx, &permit, &watch.head, step, Note::default().facts(json!({ "request": request.head.number }))).await
}

impl UseCase for DismissLawWatch {
    const NAME: &'static str = "dismissLawWatch";
    type Output = LawWatchId;

    async fn execute(&self, tx: &Tx) -> Outcome<LawWatchId> {
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let case = proceeding::service::load::<LawWatchProcedure>(tx, self.id, "input.id").await?;
        let permit = permit::<LawWatchProcedure, act::DismissLawWatch>(tx, &case, self.expected_revision).await?;
        let step = Move { ends: true, ..Move::to(LawWatchState::Dismissed) };
        advance(tx, &permit, &case.head, step, Note::because(Some(&reason))).await?;
        Ok(self.id)
    }
}

#[derive(serde::Serialize)]
struct MarkLate {
    watch: ProceedingId,
}

impl UseCase for MarkLate {
    const NAME: &'static str = "markLateAdjustment";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        proceeding::store::hold(tx, self.watch).await?;
        let case = proceeding::store::cases(tx.db(), &Scope::Everything, &[self.watch]).await?.remove(&self.watch);
        let case = case.ok_or_else(|| Fault::new("a watch is gone"))?;
        if case.state::<LawWatchProcedure>() != Some(LawWatchState::Open) {
            tx.unrecorded("answered or marked in the meantime");
            return Ok(());
        }
        let permit = by_system::<act::MarkLateAdjustment>(self.watch, "nobody acted in time");
        let establishment =
            case.parties.iter().find(|party| party.capacity == Capacity::Establishment).map(|party: &Party| party.org);
        let step = Move { close: Closing::None, ..Move::to(LawWatchState::Late) };
        let note = Note { concerns: establishment, ..Note::default() };
        advance(tx, &permit, &case.head, step, note.facts(json!({ "finding": "LATE_ADJUSTMENT" }))).await
    }
}

/// Marks watches whose time is over.
pub async fn tick(ctx: &Ctx) -> Outcome<()> {
    let (task, state) = (Action::AnswerLawChange, LawWatchState::Open.code());
    for watch in proceeding::store::overdue(ctx.db().read(), ProceedingKind::LawWatch, task, state, ctx.now()).await? {
        run(ctx, &MarkLate { watch }).await?;
    }
    Ok(())
}
