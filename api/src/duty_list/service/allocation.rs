//! Which internal office of the township handles an item.

use serde_json::json;

use crate::{
    duty_list::{rules::content::DutyCategory, store},
    kernel::{
        audit::Event,
        fault::{Outcome, refuse},
        ids::{DutyItemId, OfficeId},
        policy::{Action, Target, act, permit},
        refusal::{InputProblem, Named, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
    },
    proceeding::service::named,
    territory,
};

crate::api_input! {
    /// Assigns an item of my township's list to internal offices (事项分解到内设机构). A reclaimed item is nobody's here.
    command AllocateDutyItem {
        /// The item, in force (事项).
        item_id: DutyItemId,
        /// The one office that leads (牵头内设机构).
        lead_office_id: OfficeId,
        /// Offices that assist (协办内设机构).
        assisting_office_ids: Option<Vec<OfficeId>>,
    }
}

impl UseCase for AllocateDutyItem {
    const NAME: &'static str = "allocateDutyItem";
    type Output = DutyItemId;

    async fn execute(&self, tx: &Tx) -> Outcome<DutyItemId> {
        let actor = tx.actor()?;
        let scope = Scope::of_actor(actor);
        let found = store::items::items(tx.db(), &scope, &[self.item_id]).await?.remove(&self.item_id);
        let Some(item) = found else { return refuse(Refusal::not_found("input.itemId")) };
        let list = super::list(tx, item.list).await?;
        let permit =
            permit::<act::AllocateDutyItem>(actor, &Target::owned(item.id, list.province, list.org, &list.path))?;
        let current = store::items::current(tx.db(), &scope, &[item.id], super::now(tx.now())).await?.remove(&item.id);
        let Some(current) = current else {
            return refuse(Refusal::CitationStale { item: Named::new(item.id, item.code) });
        };
        if current.category == DutyCategory::Reclaimed {
            let departments =
                store::items::departments(tx.db(), &[current.id]).await?.remove(&current.id).unwrap_or_default();
            let orgs: Vec<_> = departments.into_iter().map(|(org, _)| org).collect();
            return refuse(Refusal::ItemReclaimed {
                item: Named::new(item.id, &current.wording.name),
                departments: named(tx, &orgs).await?,
                method: current.wording.method.unwrap_or_default(),
            });
        }
        let assisting = self.assisting_office_ids.as_deref().unwrap_or_default();
        let mut all = vec![self.lead_office_id];
        all.extend(assisting);
        let offices = territory::store::offices(tx.db(), &scope, &all).await?;
        for (index, id) in all.iter().enumerate() {
            let path = if index == 0 {
                "input.leadOfficeId".to_owned()
            } else {
                format!("input.assistingOfficeIds.{}", index - 1)
            };
            match offices.get(id) {
                Some(office) if office.org == list.org && office.closed_at.is_none() => {}
                _ => return refuse(Refusal::not_found(path)),
            }
            if all[..index].contains(id) {
                return refuse(Refusal::invalid(path, InputProblem::Duplicate));
            }
        }
        let before = store::items::allocations(tx.db(), &[item.id]).await?.remove(&item.id).unwrap_or_default();
        let after: Vec<(OfficeId, bool)> = all.iter().map(|id| (*id, *id == self.lead_office_id)).collect();
        store::items::allocate(tx, &permit, list.province, &after).await?;
        let shown = |offices: &[(OfficeId, bool)]| {
            json!(offices.iter().map(|(id, lead)| json!({ "office": id, "lead": lead })).collect::<Vec<_>>())
        };
        tx.record(
            Event::new(Action::AllocateDutyItem, list.province, "DutyItem", item.id, list.path)
                .concerning(list.org)
                .change(json!({ "offices": shown(&before) }), json!({ "offices": shown(&after) })),
        );
        Ok(item.id)
    }
}
