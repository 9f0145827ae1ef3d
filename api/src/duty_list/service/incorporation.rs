//! Versions that incorporate approved requests, and what publishing them does to the requests.

use chrono::{DateTime, Utc};
use sea_orm::ConnectionTrait;
use serde_json::json;

use super::{known_list, opening::open_version};
use crate::{
    duty_list::{
        rules::{change::ChangeDirection, content::Content, version::Edition},
        store::{
            self,
            change::{Change, Target as ChangeTarget},
            incorporation::VersionChange,
            items::{Item, NewRevision},
            lists::DutyList,
            versions::Version,
        },
    },
    kernel::{
        audit::Event,
        deadline::Deadline,
        fault::{Fault, Outcome, refuse, unique},
        ids::{DutyItemId, DutyListId, ProceedingId, VersionId},
        place::OrgKind,
        policy::{Act, Action, Permit, Target, act, permit},
        refusal::{Named, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
    },
    proceeding::{
        rules::{Capacity, ProceedingKind, Wait},
        store::{Closing, HeadChange},
    },
    territory::service::authority::office,
};

crate::api_input! {
    /// Drafts the next version of a list with all approved requests that wait for it (起草修订版清单). It goes to the
    /// township for confirmation at once.
    command DraftIncorporation {
        /// The list (清单).
        list_id: DutyListId,
        /// Notes for the township (说明).
        notes: Option<String>,
    }
}

impl UseCase for DraftIncorporation {
    const NAME: &'static str = "draftIncorporation";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let actor = tx.actor()?;
        let notes = text::optional("input.notes", self.notes.as_deref(), text::BLOCK, text::block)?;
        let list = known_list(tx, self.list_id, "input.listId").await?;
        let authority = super::opening::authority_for(tx, &list).await?;
        let establishment = office(tx.db(), &authority, OrgKind::EstablishmentOffice).await?;
        let id = VersionId::new();
        let responsible = [establishment.id];
        let target = Target { responsible: &responsible, ..Target::owned(id, list.province, list.org, &list.path) };
        let permit = permit::<act::DraftIncorporation>(actor, &target)?;
        let Some(base) = store::versions::last_published(tx.db(), list.id).await? else {
            return refuse(Refusal::ListNotInForce { township: list.named(), as_of: tx.now(), nearest: Vec::new() });
        };
        super::succession::goes_on(tx, &list, &base)?;
        let requests = store::incorporation::waiting_for(tx.db(), list.id).await?;
        if requests.is_empty() {
            return refuse(Refusal::StepSkipped { step: "APPROVED_REQUEST".into(), actor: None });
        }
        let (_, version) = open_version(tx, &permit, &list, Edition::Incorporation, Some(&base), notes).await?;
        let mut changes = store::change::changes(tx.db(), &requests).await?;
        for request in &requests {
            for change in changes.remove(request).unwrap_or_default() {
                for target in change.targets.iter().filter(|target| target.list == list.id) {
                    apply(tx, &permit, &list, &version, *request, &change, target).await?;
                }
            }
        }
        Ok(id)
    }
}

/// Writes one change of an approved request into a version.
async fn apply<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    list: &DutyList,
    version: &Version,
    request: ProceedingId,
    change: &Change,
    target: &ChangeTarget,
) -> Outcome<()> {
    let (item, old) = match target.item {
        None => {
            let content = change.content.as_ref().ok_or_else(|| Fault::new("an addition without content"))?;
            let item = Item {
                id: DutyItemId::new(),
                province: list.province,
                list: list.id,
                code: store::items::next_code(tx.db(), list.id, content.category).await?,
                template: None,
            };
            store::items::insert_item(tx, permit, &item, &target.derived_from).await?;
            (item.id, None)
        }
        Some(item) => {
            let current =
                store::items::current(tx.db(), &Scope::Everything, &[item], super::now(tx.now())).await?.remove(&item);
            let stale = |name: &str| Refusal::CitationStale { item: Named::new(item, name) };
            match current {
                // The item reads otherwise than when the change was decided: nobody decided on that.
                Some(current) if target.base.is_some_and(|base| base != current.id) || current.retired_in.is_some() => {
                    return refuse(stale(&current.wording.name));
                }
                Some(current) => (item, Some(current)),
                None => return refuse(stale(&item.to_string())),
            }
        }
    };
    let new = match (change.direction, &change.content) {
        (ChangeDirection::Remove, _) => None,
        (_, Some(content)) => Some(write(tx, permit, list, version, item, old.as_ref(), content).await?),
        (_, None) => return Err(Fault::new("a change without content").into()),
    };
    let row = VersionChange { item, old: old.map(|old| old.id), new, request };
    // Two approved requests about the same item cannot stand side by side; no approval lets it come so far.
    unique(store::incorporation::insert_change(tx, permit, list.province, version.id, &row).await, "input.listId")?;
    store::incorporation::set_draft(tx, permit, &[target.id], Some(version.id)).await
}

async fn write<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    list: &DutyList,
    version: &Version,
    item: DutyItemId,
    old: Option<&store::items::Revision>,
    content: &Content,
) -> Outcome<crate::kernel::ids::RevisionId> {
    let ordinal = match old {
        Some(old) if old.category == content.category => old.ordinal,
        _ => store::items::last_ordinal(tx.db(), list.id, content.category).await? + 1,
    };
    let revision = NewRevision { item, list: list.id, ordinal, content, version: version.id, version_no: version.no };
    store::items::insert_revision(tx, permit, list.province, revision).await
}

/// The items that a version would change by an approval that has lapsed.
pub(super) async fn lapsed(
    db: &impl ConnectionTrait,
    version: &Version,
    now: DateTime<Utc>,
) -> Outcome<Vec<DutyItemId>> {
    if version.is_published() || version.edition == Edition::First {
        return Ok(Vec::new());
    }
    let changes = store::incorporation::changes(db, &[version.id]).await?.remove(&version.id).unwrap_or_default();
    let requests: Vec<ProceedingId> = changes.iter().map(|change| change.request).collect();
    let heads = crate::proceeding::store::heads(db, &Scope::Everything, &requests).await?;
    let open = crate::proceeding::store::open_entries(db, &requests).await?;
    let is_over = |request: &ProceedingId| {
        let entries = open.get(request).into_iter().flatten();
        let due = entries.filter(|entry| entry.task == Action::DraftIncorporation).find_map(|entry| entry.due_at);
        // What has not been taken up when an admission ends has lapsed, even if other lists took it up in time.
        heads.get(request).is_some_and(|head| {
            head.kind == ProceedingKind::Admission
                && (matches!(&*head.state, "LAPSED" | "INCORPORATED") || due.is_some_and(|due| due <= now))
        })
    };
    Ok(changes.into_iter().filter(|change| is_over(&change.request)).map(|change| change.item).collect())
}

/// Moves requests that have nothing left to incorporate on to `INCORPORATED`, in the same transaction as the version.
pub(super) async fn incorporated(tx: &Tx, permit: &Permit<act::PublishListVersion>, version: &Version) -> Outcome<()> {
    for request in store::incorporation::incorporate(tx, permit).await? {
        let head = crate::proceeding::store::heads(tx.db(), &Scope::Everything, &[request]).await?.remove(&request);
        let head = head.ok_or_else(|| Fault::new("an incorporated request without its procedure"))?;
        let parties =
            crate::proceeding::store::parties(tx.db(), &[request]).await?.remove(&request).unwrap_or_default();
        let mine = crate::kernel::policy::by_system::<act::PublishListVersion>(
            request,
            "the version that incorporates it is published",
        );
        // An adjustment is still to be filed above; an admission was approved there and ends.
        let files = head.kind == ProceedingKind::Adjustment;
        let change = HeadChange {
            state: "INCORPORATED",
            title: None,
            submitted_by: None,
            closed: !files,
            chain_index: None,
            returned: false,
            approver: None,
            path: None,
        };
        crate::proceeding::store::update_head(tx, &mine, head.revision, change).await?;
        crate::proceeding::store::close_entries(tx, &mine, Closing::All, "DONE").await?;
        if files {
            let establishment = parties.iter().find(|party| party.capacity == Capacity::Establishment);
            let establishment =
                establishment.ok_or_else(|| Fault::new("an adjustment without its establishment office"))?.org;
            let days = super::review::settings(tx)?.deadlines.adjustment_filing;
            let wait = Wait {
                org: establishment,
                task: Action::FileAdjustment,
                deadline: Some(Deadline::working_days(tx.now(), days)),
            };
            let due = wait.deadline.as_ref().map(|deadline| (deadline, deadline.due(&tx.ctx().calendar())));
            crate::proceeding::store::open_entry(tx, &mine, head.province, wait.org, wait.task, due).await?;
        }
        tx.record(
            Event::new(Action::PublishListVersion, head.province, head.kind.type_name(), head.id.0, head.path.clone())
                .of(head.id)
                .change(json!({ "state": head.state }), json!({ "state": "INCORPORATED", "version": version.id })),
        );
    }
    Ok(())
}
