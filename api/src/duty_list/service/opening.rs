//! Opening a version: its number, its parties, its procedure; and the first edition, with which a list begins.

use serde_json::json;

use crate::{
    duty_list::{
        rules::version::{Edition, VersionState},
        store::{self, lists::DutyList, versions::Version},
    },
    kernel::{
        clock::china_date,
        deadline::Deadline,
        fault::{Fault, Outcome, refuse, unique},
        ids::{DutyListId, OrgUnitId, VersionId},
        place::{DivisionLevel, OrgKind},
        policy::{Act, Action, Permit, Target, act, permit},
        refusal::{Named, Refusal},
        runner::{Tx, UseCase},
        scope::Scope,
        text,
        value::stored,
    },
    proceeding::{
        self,
        rules::{Capacity, Case, ProceedingKind},
        service::{open_head, record_opening},
    },
    territory::{
        self,
        rules::OrgUnit,
        service::authority::{full_chain, list_authority, office},
    },
};

crate::api_input! {
    /// Starts the first edition of my township's list (起草首版清单).
    command DraftFirstEdition {
        /// Notes for the reviewers (说明).
        notes: Option<String>,
    }
}

/// Parties of a version: those who review, decide and publish it.
pub(super) async fn parties_of(
    tx: &Tx,
    authority: &OrgUnit,
    township: OrgUnitId,
) -> Outcome<Vec<(OrgUnitId, Capacity, i32)>> {
    let mut parties = vec![
        (office(tx.db(), authority, OrgKind::EstablishmentOffice).await?.id, Capacity::Establishment, 0),
        (office(tx.db(), authority, OrgKind::GeneralOffice).await?.id, Capacity::Decision, 0),
        (township, Capacity::Township, 0),
    ];
    parties.extend(
        (0..)
            .zip(full_chain(tx.db(), authority).await?)
            .map(|(ordinal, office)| (office.id, Capacity::Reviewer, ordinal)),
    );
    Ok(parties)
}

/// The decision body for a township's list, which must be registered.
pub(super) async fn authority_for(tx: &Tx, list: &DutyList) -> Outcome<OrgUnit> {
    match list_authority(tx.db(), &Scope::Everything, list.township, china_date(tx.now())).await? {
        Some(authority) => Ok(authority),
        None => refuse(Refusal::OfficeMissing { kind: OrgKind::CommitteeGovernment, authority: list.named() }),
    }
}

/// Opens a version with its procedure, and leaves the evidence of it.
pub(super) async fn open_version<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    list: &DutyList,
    edition: Edition,
    base: Option<&Version>,
    notes: Option<String>,
) -> Outcome<(Case, Version)> {
    let (case, version) = open_unrecorded(tx, permit, list, edition, base, notes).await?;
    record_opening(tx, permit, &case.head, json!({ "edition": edition, "list": list.id }));
    Ok((case, version))
}

/// The same for an act whose evidence tells more.
pub(super) async fn open_unrecorded<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    list: &DutyList,
    edition: Edition,
    base: Option<&Version>,
    notes: Option<String>,
) -> Outcome<(Case, Version)> {
    if let Some(open) = store::versions::open(tx.db(), list.id).await? {
        let head = proceeding::store::heads(tx.db(), &Scope::Everything, &[open.into()]).await?.remove(&open.into());
        let head = head.ok_or_else(|| Fault::new("an open version without its procedure"))?;
        return refuse(Refusal::WrongState {
            state: stored::<VersionState>(&head.state)?.into(),
            needed: vec![VersionState::Published.into(), VersionState::Withdrawn.into()],
            subject: Some(Named::new(open, format!("{} {}", head.number, head.title))),
        });
    }
    let authority = authority_for(tx, list).await?;
    let parties = parties_of(tx, &authority, list.org).await?;
    let id = VersionId(permit.target());
    let no = store::versions::last_no(tx.db(), list.id).await? + 1;
    let title = format!("{}履职事项清单第{no}版", list.township_name);
    let head = open_head(
        tx,
        id.into(),
        ProceedingKind::ListVersion,
        list.province,
        title,
        VersionState::Draft,
        &authority,
        list.path.clone(),
        list.org,
    )
    .await?;
    let version = Version {
        id,
        province: list.province,
        list: list.id,
        no,
        edition,
        base: base.map(|base| base.id),
        period: crate::duty_list::rules::Period::default(),
        content_hash: None,
        counts: crate::duty_list::rules::findings::Counts::default(),
        notes: notes.unwrap_or_default(),
    };
    proceeding::store::insert(tx, permit, &head).await?;
    proceeding::store::add_parties(tx, permit, list.province, &parties).await?;
    // Two who start at the same moment take the same number; the second one is told.
    unique(store::versions::insert(tx, permit, &version).await, "input")?;
    if edition == Edition::Incorporation {
        // Its text is ready: all that is missing is the township's word.
        let due = Deadline::working_days(tx.now(), tx.actor()?.settings.deadlines.version_review);
        let deadline = Some((&due, due.due(&tx.ctx().calendar())));
        proceeding::store::open_entry(tx, permit, list.province, list.org, Action::ConfirmListVersion, deadline)
            .await?;
    }
    let parties = parties
        .into_iter()
        .map(|(org, capacity, ordinal)| proceeding::rules::Party { org, capacity, ordinal })
        .collect();
    Ok((Case { head, parties, open: Vec::new() }, version))
}

/// Opens the list of a township.
pub(super) async fn new_list(
    tx: &Tx,
    permit: &Permit<act::DraftFirstEdition>,
    township: &OrgUnit,
) -> Outcome<DutyList> {
    let place = territory::service::division(tx, township.division, "").await?;
    let list = DutyList {
        id: DutyListId::new(),
        province: township.province,
        township: township.division,
        org: township.id,
        path: township.path.clone(),
        township_name: place.name,
    };
    unique(store::lists::insert(tx, permit, &list).await, "input")?;
    Ok(list)
}

impl UseCase for DraftFirstEdition {
    const NAME: &'static str = "draftFirstEdition";
    type Output = VersionId;

    async fn execute(&self, tx: &Tx) -> Outcome<VersionId> {
        let actor = tx.actor()?;
        let notes = text::optional("input.notes", self.notes.as_deref(), text::BLOCK, text::block)?;
        let own = territory::service::org(tx, actor.org, "").await?;
        let id = VersionId::new();
        let permit = permit::<act::DraftFirstEdition>(actor, &Target::owned(id, own.province, own.id, &own.path))?;
        if own.kind != OrgKind::Township || own.level != DivisionLevel::Township {
            return refuse(Refusal::forbidden("只有乡镇（街道）可以起草清单。", "Only a township drafts a list."));
        }
        let known =
            store::lists::lists_of(tx.db(), &Scope::of_actor(actor), &[own.division]).await?.remove(&own.division);
        let list = match known {
            Some(list) => list,
            None => new_list(tx, &permit, &own).await?,
        };
        if store::versions::last_published(tx.db(), list.id).await?.is_some() {
            return refuse(Refusal::wrong_state(("PUBLISHED", "已有清单版本"), &[("NO_VERSION", "尚无清单版本")]));
        }
        open_version(tx, &permit, &list, Edition::First, None, notes).await?;
        Ok(id)
    }
}
