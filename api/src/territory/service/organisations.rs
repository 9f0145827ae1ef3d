//! Organisations: register, rename, abolish.

use serde_json::json;

use super::{division, org, today};
use crate::{
    kernel::{
        audit::Event,
        fault::{Outcome, refuse, unique},
        graphql::Date,
        ids::{DivisionId, OrgUnitId},
        place::{DivisionLevel, OrgKind},
        policy::{Act, Action, Permit, Target, act, permit},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        text,
    },
    territory::{
        rules::{OrgUnit, one_per_body},
        store::{self, OrgChange},
    },
};

crate::api_input! {
    /// Registers an organisation (登记机构).
    command CreateOrgUnit {
        /// The division it serves (所在区划).
        division_id: DivisionId,
        /// Kind (机构类别). Of a decision body, a township and the offices around them, such as establishment office,
        /// justice and finance, there is one per division, level and committee above.
        kind: OrgKind,
        /// Full name, 1–200 characters, unique in its division (全称).
        name: String,
        /// Name in daily use; the full name if left out (简称).
        short_name: Option<String>,
        /// Level, if it is not that of the division, as for a county-level zone at a prefecture (层级).
        level: Option<DivisionLevel>,
        /// The management committee it belongs to, the line above a vertical department, or the body of another system, as
        /// the Corps and each of its divisions, registered as management committees, are to their offices (上级机构).
        parent_id: Option<OrgUnitId>,
        /// Whether it belongs to a line above rather than to the local government (是否垂直管理).
        vertical: Option<bool>,
    }

    /// Renames an organisation; published lists name it by its id, so they follow (机构更名).
    command RenameOrgUnit {
        /// The organisation (机构).
        id: OrgUnitId,
        /// New full name, 1–200 characters (新全称).
        name: String,
        /// New name in daily use; the full name if left out (新简称).
        short_name: Option<String>,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Abolishes an organisation (撤销机构). Items that name it count as orphans until they name its successor.
    command AbolishOrgUnit {
        /// The organisation (机构).
        id: OrgUnitId,
        /// First day on which it no longer exists, not in the future; today if left out (撤销日期).
        on: Option<Date>,
        /// Who continues it (承继机构).
        successor_id: Option<OrgUnitId>,
        /// Reason (原因).
        reason: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

pub(super) fn event(act: Action, org: &OrgUnit) -> Event {
    Event::new(act, org.province, "OrgUnit", org.id, org.path.clone())
}

impl UseCase for CreateOrgUnit {
    const NAME: &'static str = "createOrgUnit";
    type Output = OrgUnitId;

    async fn execute(&self, tx: &Tx) -> Outcome<OrgUnitId> {
        let actor = tx.actor()?;
        let name = text::line("input.name", &self.name, text::LINE)?;
        let short = text::optional("input.shortName", self.short_name.as_deref(), text::LINE, text::line)?;
        let place = division(tx, self.division_id, "input.divisionId").await?;
        let id = OrgUnitId::new();
        let target = Target::at(id.0, actor.province, &place.path);
        let permit = permit::<act::CreateOrgUnit>(actor, &target)?;
        if let Some(parent) = self.parent_id {
            org(tx, parent, "input.parentId").await?;
        }
        let level = self.level.unwrap_or(place.level);
        if level.number() < place.level.number() {
            return refuse(Refusal::conflict(
                "input.level",
                "不得高于所在区划的层级。",
                "must not be above the level of the division.",
            ));
        }
        let new = OrgUnit {
            id,
            province: actor.province,
            division: place.id,
            path: place.path,
            level,
            kind: self.kind,
            short_name: short.unwrap_or_else(|| name.clone()),
            name,
            parent: self.parent_id,
            vertical: self.vertical.unwrap_or(false),
            successor: None,
            valid_from: today(tx),
            valid_to: None,
            revision: 1,
        };
        only_one(tx, &new, "input.kind").await?;
        unique(store::insert_org(tx, &permit, &new).await, "input.name")?;
        if one_per_body(new.kind)
            && let Some(old) = store::predecessor(tx.db(), &new).await?
        {
            let old = org(tx, old, "input.kind").await?;
            handed_over(tx, &permit, &old, &new).await?;
        }
        tx.record(
            event(Action::CreateOrgUnit, &new).change(json!(null), json!({ "name": new.name, "kind": new.kind })),
        );
        Ok(id)
    }
}

/// Hands what is under way over to the organisation that continues another; each proceeding has it on its timeline.
async fn handed_over<A: Act>(tx: &Tx, permit: &Permit<A>, from: &OrgUnit, to: &OrgUnit) -> Outcome<()> {
    for proceeding in store::hand_over(tx, permit, from.id, to.id).await? {
        let facts = (json!({ "organisation": from.name }), json!({ "organisation": to.name }));
        tx.record(event(A::ACTION, to).of(proceeding).concerning(to.id).change(facts.0, facts.1));
    }
    Ok(())
}

/// Refuses a second organisation where a body has only one.
pub async fn only_one(tx: &Tx, new: &OrgUnit, path: &str) -> Outcome<()> {
    if !one_per_body(new.kind) {
        return Ok(());
    }
    store::hold_division(tx, new.division).await?;
    match store::in_the_place_of(tx.db(), new).await? {
        Some(known) => refuse(Refusal::invalid(path, InputProblem::Taken { by: known.named() })),
        None => Ok(()),
    }
}

/// Refuses if the caller has seen another revision than the present one.
pub fn fresh(expected: Option<i32>, current: i32) -> Outcome<()> {
    match expected {
        Some(expected) if expected != current => refuse(Refusal::StaleRevision { current }),
        _ => Ok(()),
    }
}

impl UseCase for RenameOrgUnit {
    const NAME: &'static str = "renameOrgUnit";
    type Output = OrgUnitId;

    async fn execute(&self, tx: &Tx) -> Outcome<OrgUnitId> {
        let actor = tx.actor()?;
        let name = text::line("input.name", &self.name, text::LINE)?;
        let short = text::optional("input.shortName", self.short_name.as_deref(), text::LINE, text::line)?;
        let short = short.unwrap_or_else(|| name.clone());
        let old = org(tx, self.id, "input.id").await?;
        let permit = permit::<act::RenameOrgUnit>(actor, &Target::owned(old.id, old.province, old.id, &old.path))?;
        fresh(self.expected_revision, old.revision)?;
        let change = OrgChange { names: Some((&name, &short)), end: None };
        unique(store::update_org(tx, &permit, old.revision, change).await, "input.name")?;
        tx.record(
            event(Action::RenameOrgUnit, &old)
                .concerning(old.id)
                .change(json!({ "name": old.name }), json!({ "name": name })),
        );
        Ok(old.id)
    }
}

impl UseCase for AbolishOrgUnit {
    const NAME: &'static str = "abolishOrgUnit";
    type Output = OrgUnitId;

    async fn execute(&self, tx: &Tx) -> Outcome<OrgUnitId> {
        let actor = tx.actor()?;
        let reason = text::block("input.reason", &self.reason, text::BLOCK)?;
        let old = org(tx, self.id, "input.id").await?;
        let permit = permit::<act::AbolishOrgUnit>(actor, &Target::owned(old.id, old.province, old.id, &old.path))?;
        fresh(self.expected_revision, old.revision)?;
        if old.valid_to.is_some() {
            return refuse(Refusal::wrong_state(("ABOLISHED", "已撤销"), &[("EXISTING", "现存")]));
        }
        let on = self.on.map_or_else(|| today(tx), |date| date.0);
        // Who is abolished cannot log in or be asked any more: that holds from the day on, never in advance.
        if on > today(tx) {
            return refuse(Refusal::conflict(
                "input.on",
                "不得晚于今日，请于生效之日起登记。",
                "must not be in the future: an abolition is registered from its day on.",
            ));
        }
        if on <= old.valid_from && on < today(tx) {
            return refuse(Refusal::conflict(
                "input.on",
                "不得早于机构设立之日。",
                "must not be before the organisation began.",
            ));
        }
        let successor = match self.successor_id {
            Some(id) => Some(org(tx, id, "input.successorId").await?),
            None => None,
        };
        if successor.as_ref().is_some_and(|successor| successor.id == old.id || !successor.exists_on(on)) {
            return refuse(Refusal::conflict(
                "input.successorId",
                "承继机构须为另一存续机构。",
                "must be another organisation that exists on that day.",
            ));
        }
        if store::administers(tx.db(), old.id).await? {
            return refuse(Refusal::conflict(
                "input.id",
                "该管委会仍管理乡镇（街道），请先解除管理关系。",
                "the committee still administers townships; release them first.",
            ));
        }
        let heir = successor.filter(|successor| successor.kind == old.kind);
        let change = OrgChange { names: None, end: Some((on, self.successor_id)) };
        store::update_org(tx, &permit, old.revision, change).await?;
        match heir {
            Some(heir) => handed_over(tx, &permit, &old, &heir).await?,
            // What has one place in a body is taken over by whoever is registered in that place next.
            None if one_per_body(old.kind) && self.successor_id.is_none() => {}
            None if store::under_way(tx.db(), old.id).await?.is_empty() => {}
            None => {
                return refuse(Refusal::conflict(
                    "input.successorId",
                    "该机构尚有未办结的程序，须指明同类承继机构，或先行办结。",
                    "the organisation has proceedings under way: name a successor of the same kind, or finish them first.",
                ));
            }
        }
        let after = json!({ "validTo": on, "successor": self.successor_id });
        tx.record(
            event(Action::AbolishOrgUnit, &old).concerning(old.id).because(Some(&reason)).change(json!(null), after),
        );
        Ok(old.id)
    }
}
