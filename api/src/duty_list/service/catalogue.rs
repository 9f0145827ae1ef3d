//! The province's domain classes and the county's model items.

use serde_json::json;

use super::content::{ItemContent, content};
use crate::{
    duty_list::store::{self, lists::Domain, templates::Template},
    kernel::{
        audit::Event,
        fault::{Fault, Outcome, refuse, unique},
        ids::{DomainId, TemplateId},
        policy::{Action, Target, act, permit},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    territory::{self, rules::OrgUnit, service::authority::authority_of},
};

crate::api_input! {
    /// Adds a domain class to the province's catalogue (新增领域类别).
    command CreateDutyDomain {
        /// Name, unique among the active ones (名称).
        name: String,
        /// Place in the order; last if left out (排序).
        ordinal: Option<i32>,
    }

    /// Retires a domain class; items keep it, new ones cannot get it (停用领域类别).
    command RetireDutyDomain {
        /// The class (领域类别).
        id: DomainId,
    }

    /// Creates a model item for the townships of my county (新增样板事项).
    command CreateItemTemplate {
        /// Code, such as `PH-001`, unique in the county (编码).
        code: String,
        /// What it says (内容).
        content: ItemContent,
    }

    /// Changes a model item; lists that adopted it stay as they are (修改样板事项).
    command UpdateItemTemplate {
        /// The model item (样板事项).
        id: TemplateId,
        /// What it says now (内容).
        content: ItemContent,
        /// The revision the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Retires a model item; lists that adopted it stay as they are (停用样板事项).
    command RetireItemTemplate {
        /// The model item (样板事项).
        id: TemplateId,
    }
}

impl UseCase for CreateDutyDomain {
    const NAME: &'static str = "createDutyDomain";
    type Output = DomainId;

    async fn execute(&self, tx: &Tx) -> Outcome<DomainId> {
        let actor = tx.actor()?;
        let name = text::line("input.name", &self.name, 60)?;
        if self.ordinal.is_some_and(|ordinal| !(0..=9_999).contains(&ordinal)) {
            return refuse(Refusal::invalid("input.ordinal", InputProblem::OutOfRange { min: 0, max: 9_999 }));
        }
        let id = DomainId::new();
        let province = territory::store::province(tx.db(), actor.province)
            .await?
            .ok_or_else(|| Fault::new("the province is gone"))?;
        let target = Target::at(id.0, actor.province, &province.code);
        let permit = permit::<act::CreateDutyDomain>(actor, &target)?;
        let known = store::lists::catalogue(tx.db(), actor.province, true).await?;
        let ordinal = self.ordinal.unwrap_or_else(|| known.iter().map(|domain| domain.ordinal).max().unwrap_or(0) + 1);
        let new = Domain { id, name, ordinal, active: true, revision: 1 };
        unique(store::lists::insert_domain(tx, &permit, actor.province, &new).await, "input.name")?;
        tx.record(
            Event::new(Action::CreateDutyDomain, actor.province, "DutyDomain", id, province.code)
                .change(json!(null), json!({ "name": new.name })),
        );
        Ok(id)
    }
}

impl UseCase for RetireDutyDomain {
    const NAME: &'static str = "retireDutyDomain";
    type Output = DomainId;

    async fn execute(&self, tx: &Tx) -> Outcome<DomainId> {
        let actor = tx.actor()?;
        let found = store::lists::domains(tx.db(), &Scope::of_actor(actor), &[self.id]).await?.remove(&self.id);
        let Some(domain) = found else { return refuse(Refusal::not_found("input.id")) };
        let province = territory::store::province(tx.db(), actor.province)
            .await?
            .ok_or_else(|| Fault::new("the province is gone"))?;
        let target = Target::at(domain.id.0, actor.province, &province.code);
        let permit = permit::<act::RetireDutyDomain>(actor, &target)?;
        if !domain.active {
            return refuse(Refusal::wrong_state(("RETIRED", "已停用"), &[("ACTIVE", "在用")]));
        }
        store::lists::retire_domain(tx, &permit, domain.revision).await?;
        tx.record(
            Event::new(Action::RetireDutyDomain, actor.province, "DutyDomain", domain.id, province.code)
                .change(json!({ "name": domain.name }), json!(null)),
        );
        Ok(domain.id)
    }
}

/// The decision body that the actor's office works for.
async fn my_authority(tx: &Tx) -> Outcome<OrgUnit> {
    let own = territory::service::org(tx, tx.actor()?.org, "").await?;
    match authority_of(tx.db(), &own).await? {
        Some(authority) => Ok(authority),
        None => refuse(Refusal::OfficeMissing {
            kind: crate::kernel::place::OrgKind::CommitteeGovernment,
            authority: own.named(),
        }),
    }
}

impl UseCase for CreateItemTemplate {
    const NAME: &'static str = "createItemTemplate";
    type Output = TemplateId;

    async fn execute(&self, tx: &Tx) -> Outcome<TemplateId> {
        let actor = tx.actor()?;
        let code = text::line("input.code", &self.code, 30)?;
        let authority = my_authority(tx).await?;
        let id = TemplateId::new();
        let named = [actor.org];
        let target = Target { named: &named, ..Target::owned(id, authority.province, authority.id, &authority.path) };
        let permit = permit::<act::CreateItemTemplate>(actor, &target)?;
        let content = content(tx, &self.content, "input.content").await?;
        let new = Template {
            id,
            province: authority.province,
            authority: authority.id,
            code,
            content,
            active: true,
            revision: 1,
        };
        unique(store::templates::insert(tx, &permit, &new).await, "input.code")?;
        tx.record(
            event(Action::CreateItemTemplate, &authority, &new)
                .change(json!(null), json!({ "code": new.code, "name": new.content.wording.name })),
        );
        Ok(id)
    }
}

fn event(act: Action, authority: &OrgUnit, template: &Template) -> Event {
    Event::new(act, template.province, "ItemTemplate", template.id, authority.path.clone()).concerning(authority.id)
}

async fn mine(tx: &Tx, id: TemplateId) -> Outcome<(Template, OrgUnit)> {
    let found = store::templates::templates(tx.db(), &Scope::of(tx.ctx()), &[id]).await?.remove(&id);
    let Some(template) = found else { return refuse(Refusal::not_found("input.id")) };
    let authority = territory::service::org(tx, template.authority, "input.id").await?;
    Ok((template, authority))
}

/// The office of an authority is named by what the authority owns.
async fn named(tx: &Tx, authority: &OrgUnit) -> Outcome<Vec<crate::kernel::ids::OrgUnitId>> {
    Ok(if my_authority(tx).await?.id == authority.id { vec![tx.actor()?.org] } else { Vec::new() })
}

impl UseCase for UpdateItemTemplate {
    const NAME: &'static str = "updateItemTemplate";
    type Output = TemplateId;

    async fn execute(&self, tx: &Tx) -> Outcome<TemplateId> {
        let (old, authority) = mine(tx, self.id).await?;
        let named = named(tx, &authority).await?;
        let target = Target { named: &named, ..Target::owned(old.id, old.province, authority.id, &authority.path) };
        let permit = permit::<act::UpdateItemTemplate>(tx.actor()?, &target)?;
        territory::service::organisations::fresh(self.expected_revision, old.revision)?;
        if !old.active {
            return refuse(Refusal::wrong_state(("RETIRED", "已停用"), &[("ACTIVE", "在用")]));
        }
        let content = content(tx, &self.content, "input.content").await?;
        store::templates::update(tx, &permit, old.revision, Some(&content), false).await?;
        let change = (json!({ "name": old.content.wording.name }), json!({ "name": content.wording.name }));
        tx.record(event(Action::UpdateItemTemplate, &authority, &old).change(change.0, change.1));
        Ok(old.id)
    }
}

impl UseCase for RetireItemTemplate {
    const NAME: &'static str = "retireItemTemplate";
    type Output = TemplateId;

    async fn execute(&self, tx: &Tx) -> Outcome<TemplateId> {
        let (old, authority) = mine(tx, self.id).await?;
        let named = named(tx, &authority).await?;
        let target = Target { named: &named, ..Target::owned(old.id, old.province, authority.id, &authority.path) };
        let permit = permit::<act::RetireItemTemplate>(tx.actor()?, &target)?;
        if !old.active {
            return refuse(Refusal::wrong_state(("RETIRED", "已停用"), &[("ACTIVE", "在用")]));
        }
        store::templates::update(tx, &permit, old.revision, None, true).await?;
        tx.record(
            event(Action::RetireItemTemplate, &authority, &old)
                .change(json!({ "name": old.content.wording.name }), json!(null)),
        );
        Ok(old.id)
    }
}
