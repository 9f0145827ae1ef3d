//! Internal offices and positions.

use serde_json::json;

use super::{org, organisations::fresh};
use crate::{
    kernel::{
        audit::Event,
        fault::{Outcome, refuse, unique},
        ids::{OfficeId, OrgUnitId, PositionId},
        policy::{Act, Action, Permit, Target, act, permit},
        refusal::Refusal,
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    territory::{
        rules::{Office, OrgUnit, Position},
        store,
    },
};

crate::api_input! {
    /// Registers an internal office (登记内设机构).
    command CreateInternalOffice {
        /// Its organisation (所属机构).
        org_unit_id: OrgUnitId,
        /// Name, unique in the organisation (名称).
        name: String,
        /// Place in the order of offices; last if left out (排序).
        ordinal: Option<i32>,
    }

    /// Renames an internal office (内设机构更名).
    command RenameInternalOffice {
        /// The office (内设机构).
        id: OfficeId,
        /// New name (新名称).
        name: String,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Closes an internal office; items allocated to it become unallocated (撤销内设机构).
    command CloseInternalOffice {
        /// The office (内设机构).
        id: OfficeId,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Registers a position (登记岗位).
    command CreatePosition {
        /// Its office (所属内设机构).
        office_id: OfficeId,
        /// Name (名称).
        name: String,
    }

    /// Closes a position (撤销岗位).
    command ClosePosition {
        /// The position (岗位).
        id: PositionId,
    }
}

/// An open office with its organisation, and the permit to do `A` to what `id` names.
async fn open_office<A: Act>(
    tx: &Tx,
    office: OfficeId,
    id: impl Into<uuid::Uuid>,
    path: &str,
) -> Outcome<(Office, OrgUnit, Permit<A>)> {
    let found = store::offices(tx.db(), &Scope::of(tx.ctx()), &[office]).await?.remove(&office);
    let Some(found) = found else { return refuse(Refusal::not_found(path)) };
    let owner = org(tx, found.org, path).await?;
    let permit = permit::<A>(tx.actor()?, &Target::owned(id, owner.province, owner.id, &owner.path))?;
    if found.closed_at.is_some() {
        return refuse(Refusal::wrong_state(("CLOSED", "已撤销"), &[("OPEN", "在设")]));
    }
    Ok((found, owner, permit))
}

impl UseCase for CreateInternalOffice {
    const NAME: &'static str = "createInternalOffice";
    type Output = OfficeId;

    async fn execute(&self, tx: &Tx) -> Outcome<OfficeId> {
        let actor = tx.actor()?;
        let name = text::line("input.name", &self.name, text::LINE)?;
        let owner = org(tx, self.org_unit_id, "input.orgUnitId").await?;
        let id = OfficeId::new();
        let permit =
            permit::<act::CreateInternalOffice>(actor, &Target::owned(id, owner.province, owner.id, &owner.path))?;
        let last = store::offices_of(tx.db(), &[owner.id], true).await?.remove(&owner.id).unwrap_or_default();
        let ordinal = self
            .ordinal
            .unwrap_or_else(|| last.iter().map(|office| office.ordinal).max().unwrap_or(0).saturating_add(1));
        let new = Office { id, org: owner.id, name, ordinal, closed_at: None, revision: 1 };
        unique(store::insert_office(tx, &permit, owner.province, &new).await, "input.name")?;
        tx.record(
            Event::new(Action::CreateInternalOffice, owner.province, "InternalOffice", id, owner.path)
                .concerning(owner.id)
                .change(json!(null), json!({ "name": new.name })),
        );
        Ok(id)
    }
}

impl UseCase for RenameInternalOffice {
    const NAME: &'static str = "renameInternalOffice";
    type Output = OfficeId;

    async fn execute(&self, tx: &Tx) -> Outcome<OfficeId> {
        let name = text::line("input.name", &self.name, text::LINE)?;
        let (office, owner, permit) =
            open_office::<act::RenameInternalOffice>(tx, self.id, self.id, "input.id").await?;
        fresh(self.expected_revision, office.revision)?;
        unique(store::update_office(tx, &permit, office.revision, Some(&name), false).await, "input.name")?;
        tx.record(
            Event::new(Action::RenameInternalOffice, owner.province, "InternalOffice", office.id, owner.path)
                .concerning(owner.id)
                .change(json!({ "name": office.name }), json!({ "name": name })),
        );
        Ok(office.id)
    }
}

impl UseCase for CloseInternalOffice {
    const NAME: &'static str = "closeInternalOffice";
    type Output = OfficeId;

    async fn execute(&self, tx: &Tx) -> Outcome<OfficeId> {
        let (office, owner, permit) = open_office::<act::CloseInternalOffice>(tx, self.id, self.id, "input.id").await?;
        fresh(self.expected_revision, office.revision)?;
        store::update_office(tx, &permit, office.revision, None, true).await?;
        tx.record(
            Event::new(Action::CloseInternalOffice, owner.province, "InternalOffice", office.id, owner.path)
                .concerning(owner.id)
                .change(json!({ "name": office.name }), json!(null)),
        );
        Ok(office.id)
    }
}

impl UseCase for CreatePosition {
    const NAME: &'static str = "createPosition";
    type Output = PositionId;

    async fn execute(&self, tx: &Tx) -> Outcome<PositionId> {
        let name = text::line("input.name", &self.name, text::LINE)?;
        let id = PositionId::new();
        let (office, owner, permit) =
            open_office::<act::CreatePosition>(tx, self.office_id, id, "input.officeId").await?;
        let last = store::positions_of(tx.db(), &[office.id]).await?.remove(&office.id).unwrap_or_default();
        let ordinal = last.iter().map(|position| position.ordinal).max().unwrap_or(0).saturating_add(1);
        let new = Position { id, office: office.id, name, ordinal, closed_at: None, revision: 1 };
        store::insert_position(tx, &permit, owner.province, &new).await?;
        tx.record(
            Event::new(Action::CreatePosition, owner.province, "Position", id, owner.path)
                .concerning(owner.id)
                .change(json!(null), json!({ "name": new.name, "office": office.name })),
        );
        Ok(id)
    }
}

impl UseCase for ClosePosition {
    const NAME: &'static str = "closePosition";
    type Output = PositionId;

    async fn execute(&self, tx: &Tx) -> Outcome<PositionId> {
        let found = store::positions(tx.db(), &Scope::of(tx.ctx()), &[self.id]).await?.remove(&self.id);
        let Some(found) = found else { return refuse(Refusal::not_found("input.id")) };
        let (office, owner, permit) = open_office::<act::ClosePosition>(tx, found.office, self.id, "input.id").await?;
        if found.closed_at.is_some() {
            return refuse(Refusal::wrong_state(("CLOSED", "已撤销"), &[("OPEN", "在设")]));
        }
        store::close_position(tx, &permit, found.revision).await?;
        tx.record(
            Event::new(Action::ClosePosition, owner.province, "Position", found.id, owner.path)
                .concerning(owner.id)
                .change(json!({ "name": found.name, "office": office.name }), json!(null)),
        );
        Ok(found.id)
    }
}
