//! Drafting a first edition.

use serde_json::json;

use super::content::{Ground, ItemContent, content, held_against};
use crate::{
    duty_list::{
        rules::{
            content::{Content, DutyCategory},
            version::{Edition, VersionProcedure},
        },
        store::{
            self,
            items::{Item, NewRevision, Revision},
            lists::DutyList,
            versions::Version,
        },
    },
    kernel::{
        audit::Event,
        fault::{Outcome, refuse, unique},
        ids::{DutyItemId, DutyListId, TemplateId, VersionId},
        policy::{Act, Action, Permit, act},
        refusal::{InputProblem, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    proceeding::{self, rules::Case},
};

crate::api_input! {
    /// An item to add to a draft (新增事项).
    part NewDraftItem {
        /// What it says (内容).
        content: ItemContent,
        /// Code, such as `JB-001`; the next free one of its category if left out (事项编码).
        code: Option<String>,
        /// Earlier items it came from, when matters were merged or split (来源事项).
        derived_from: Option<Vec<DutyItemId>>,
    }
}

crate::api_input! {
    /// Adds items to a draft, all or none (新增草案事项).
    command AddDraftItem {
        /// The draft (草案).
        version_id: VersionId,
        /// The items, 1–500 (事项).
        items: Vec<NewDraftItem>,
        /// The revision of the version that the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Replaces what an item of a draft says (修改草案事项).
    command UpdateDraftItem {
        /// The draft (草案).
        version_id: VersionId,
        /// The item (事项).
        item_id: DutyItemId,
        /// What it says now (内容).
        content: ItemContent,
        /// Place in its category; unchanged if left out (序号).
        ordinal: Option<i32>,
        /// The revision of the version that the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Takes an item out of a draft (删除草案事项).
    command RemoveDraftItem {
        /// The draft (草案).
        version_id: VersionId,
        /// The item (事项).
        item_id: DutyItemId,
        /// The revision of the version that the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }

    /// Takes over the county's model items into a draft; those already taken over are left alone (套用样板事项).
    command AdoptTemplates {
        /// The draft (草案).
        version_id: VersionId,
        /// Only these; all that are active if left out (仅限这些样板).
        template_ids: Option<Vec<TemplateId>>,
        /// The revision of the version that the caller has seen (所见修订号).
        expected_revision: Option<i32>,
    }
}

/// A first edition that the caller may still write in.
async fn draft<A: Act>(tx: &Tx, id: VersionId, seen: Option<i32>) -> Outcome<(Permit<A>, Case, Version, DutyList)> {
    let (permit, case, version, list) = writable(tx, id, seen).await?;
    proceeding::store::touch(tx, &permit).await?;
    Ok((permit, case, version, list))
}

/// The same for who only looks whether it may be written in.
pub(super) async fn writable<A: Act>(
    tx: &Tx,
    id: VersionId,
    seen: Option<i32>,
) -> Outcome<(Permit<A>, Case, Version, DutyList)> {
    let (case, version, list) = super::load(tx, id, "input.versionId").await?;
    let permit = proceeding::service::permit::<VersionProcedure, A>(tx, &case, seen).await?;
    if version.edition != Edition::First {
        return refuse(Refusal::StepSkipped { step: "APPROVED_REQUEST".into(), actor: None });
    }
    Ok((permit, case, version, list))
}

pub(super) fn event(act: Action, case: &Case, facts: serde_json::Value) -> Event {
    Event::new(act, case.head.province, case.head.kind.type_name(), case.head.id.0, case.head.path.clone())
        .of(case.head.id)
        .change(json!(null), facts)
}

async fn draft_revision(tx: &Tx, version: &Version, item: DutyItemId) -> Outcome<Revision> {
    match store::items::drafted(tx.db(), version.id, item).await? {
        Some(revision) => Ok(revision),
        None => refuse(Refusal::not_found("input.itemId")),
    }
}

struct Addition<'a> {
    content: &'a Content,
    code: Option<&'a str>,
    template: Option<TemplateId>,
    derived_from: &'a [DutyItemId],
}

/// Numbers for many items at once, so that each is not looked up in turn.
struct Numbers {
    ordinals: std::collections::HashMap<DutyCategory, i32>,
    codes: std::collections::HashMap<DutyCategory, u32>,
}

impl Numbers {
    async fn of(tx: &Tx, list: DutyListId) -> Outcome<Self> {
        let mut numbers =
            Self { ordinals: std::collections::HashMap::default(), codes: std::collections::HashMap::default() };
        for category in DutyCategory::ALL {
            let ordinal = store::items::last_ordinal(tx.db(), list, *category).await?;
            let code = store::items::next_code(tx.db(), list, *category).await?;
            let next = code.rsplit('-').next().and_then(|digits| digits.parse().ok()).unwrap_or(1);
            numbers.ordinals.insert(*category, ordinal);
            numbers.codes.insert(*category, next);
        }
        Ok(numbers)
    }

    fn next(&mut self, category: DutyCategory) -> (i32, String) {
        let ordinal = self.ordinals.entry(category).or_default();
        *ordinal += 1;
        let code = self.codes.entry(category).or_insert(1);
        let text = format!("{}-{code:03}", category.code_prefix());
        *code += 1;
        (*ordinal, text)
    }
}

async fn add<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    version: &Version,
    list: &DutyList,
    numbers: &mut Numbers,
    new: Addition<'_>,
    path: &str,
) -> Outcome<DutyItemId> {
    let (ordinal, next_code) = numbers.next(new.content.category);
    let code = match new.code {
        Some(code) => text::line(format!("{path}.code"), code, 30)?,
        None => next_code,
    };
    let item = Item { id: DutyItemId::new(), province: list.province, list: list.id, code, template: new.template };
    unique(store::items::insert_item(tx, permit, &item, new.derived_from).await, &format!("{path}.code"))?;
    let revision = NewRevision {
        item: item.id,
        list: list.id,
        ordinal,
        content: new.content,
        version: version.id,
        version_no: version.no,
    };
    store::items::insert_revision(tx, permit, list.province, revision).await?;
    Ok(item.id)
}

impl UseCase for AddDraftItem {
    const NAME: &'static str = "addDraftItem";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (permit, case, version, list) =
            draft::<act::AddDraftItem>(tx, self.version_id, self.expected_revision).await?;
        if self.items.is_empty() {
            return refuse(Refusal::invalid("input.items", InputProblem::TooFew { min: 1 }));
        }
        if self.items.len() > 500 {
            return refuse(Refusal::invalid("input.items", InputProblem::TooMany { max: 500 }));
        }
        let mut numbers = Numbers::of(tx, list.id).await?;
        let ground = Ground::of(tx, self.items.iter().map(|new| &new.content)).await?;
        let mut names = Vec::new();
        for (index, new) in self.items.iter().enumerate() {
            let path = format!("input.items.{index}");
            let content = held_against(&ground, &new.content, &format!("{path}.content"))?;
            let derived_from = new.derived_from.as_deref().unwrap_or_default();
            let known = store::items::items(tx.db(), &Scope::of(tx.ctx()), derived_from).await?;
            if let Some(unknown) = derived_from.iter().position(|id| !known.contains_key(id)) {
                return refuse(Refusal::not_found(format!("{path}.derivedFrom.{unknown}")));
            }
            let addition = Addition { content: &content, code: new.code.as_deref(), template: None, derived_from };
            add(tx, &permit, &version, &list, &mut numbers, addition, &path).await?;
            names.push(content.wording.name);
        }
        tx.record(event(Action::AddDraftItem, &case, json!({ "added": names })));
        Ok(version.id)
    }
}

impl UseCase for UpdateDraftItem {
    const NAME: &'static str = "updateDraftItem";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (permit, case, version, list) =
            draft::<act::UpdateDraftItem>(tx, self.version_id, self.expected_revision).await?;
        let old = draft_revision(tx, &version, self.item_id).await?;
        let content = content(tx, &self.content, "input.content").await?;
        if self.ordinal.is_some_and(|ordinal| !(1..=9_999).contains(&ordinal)) {
            return refuse(Refusal::invalid("input.ordinal", InputProblem::OutOfRange { min: 1, max: 9_999 }));
        }
        let ordinal = match self.ordinal {
            Some(ordinal) => ordinal,
            None if content.category == old.category => old.ordinal,
            None => store::items::last_ordinal(tx.db(), list.id, content.category).await? + 1,
        };
        store::items::remove_draft(tx, &permit, old.id, None).await?;
        let revision = NewRevision {
            item: old.item,
            list: list.id,
            ordinal,
            content: &content,
            version: version.id,
            version_no: version.no,
        };
        store::items::insert_revision(tx, &permit, list.province, revision).await?;
        tx.record(event(
            Action::UpdateDraftItem,
            &case,
            json!({ "item": old.code, "from": old.wording.name, "to": content.wording.name }),
        ));
        Ok(version.id)
    }
}

impl UseCase for RemoveDraftItem {
    const NAME: &'static str = "removeDraftItem";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (permit, case, version, _) =
            draft::<act::RemoveDraftItem>(tx, self.version_id, self.expected_revision).await?;
        let old = draft_revision(tx, &version, self.item_id).await?;
        store::items::remove_draft(tx, &permit, old.id, Some(old.item)).await?;
        tx.record(event(Action::RemoveDraftItem, &case, json!({ "item": old.code, "name": old.wording.name })));
        Ok(version.id)
    }
}

impl UseCase for AdoptTemplates {
    const NAME: &'static str = "adoptTemplates";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let (permit, case, version, list) =
            draft::<act::AdoptTemplates>(tx, self.version_id, self.expected_revision).await?;
        let offered = store::templates::all(tx.db(), &Scope::of(tx.ctx()), case.head.authority).await?;
        let wanted = match &self.template_ids {
            None => offered,
            Some(ids) => {
                if let Some(unknown) = ids.iter().position(|id| !offered.iter().any(|template| template.id == *id)) {
                    return refuse(Refusal::not_found(format!("input.templateIds.{unknown}")));
                }
                offered.into_iter().filter(|template| ids.contains(&template.id)).collect()
            }
        };
        let present: Vec<TemplateId> = super::reading::contents(tx.db(), &version)
            .await?
            .into_iter()
            .filter_map(|(revision, _)| revision.template)
            .collect();
        let mut numbers = Numbers::of(tx, list.id).await?;
        let mut names = Vec::new();
        for template in wanted.into_iter().filter(|template| !present.contains(&template.id)) {
            let addition = Addition {
                content: &template.content,
                code: Some(&template.code),
                template: Some(template.id),
                derived_from: &[],
            };
            add(tx, &permit, &version, &list, &mut numbers, addition, "input.templateIds").await?;
            names.push(template.content.wording.name.clone());
        }
        tx.record(event(Action::AdoptTemplates, &case, json!({ "adopted": names })));
        Ok(version.id)
    }
}
