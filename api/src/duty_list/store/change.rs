//! What requests ask for: the grounds, the changes, the lists and items they apply to.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, JsonValue, QueryFilter, QueryOrder,
    sea_query::{Cond, Expr, ExprTrait, Query},
};
use uuid::Uuid;
use yidan_entity::{change_request, proceeding, request_change, request_target};

use crate::{
    duty_list::rules::{
        change::{ChangeDirection, ChangeOrigin, SimilarRequest},
        content::Content,
        diff::BurdenDirection,
    },
    kernel::{
        fault::{Fault, Outcome},
        ids::{
            ChangeId, DutyItemId, DutyListId, LawChangeId, OrgUnitId, ProceedingId, ProvinceId, RevisionId, VersionId,
        },
        policy::{Act, Permit},
        refusal::{Named, Route},
        runner::Tx,
        value::stored,
    },
    proceeding::rules::ProceedingKind,
};

/// The grounds of a request; what is special about its route stands in `grounds`.
#[derive(Clone, Debug)]
pub struct Request {
    /// Id, that of its procedure.
    pub id: ProceedingId,
    /// Province.
    pub province: ProvinceId,
    /// Route.
    pub route: Route,
    /// Who or what asks.
    pub origin: ChangeOrigin,
    /// Heavier or lighter.
    pub burden: BurdenDirection,
    /// Why.
    pub reason: String,
    /// What is special about the route.
    pub grounds: JsonValue,
    /// The change of law it answers.
    pub law_change: Option<LawChangeId>,
    /// The request on the other route that continues it.
    pub rerouted_to: Option<ProceedingId>,
    /// Requests found alike.
    pub similar: Vec<SimilarRequest>,
    /// The words compared for likeness.
    pub fingerprint: String,
}

impl TryFrom<change_request::Model> for Request {
    type Error = Fault;

    fn try_from(row: change_request::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            route: stored(&row.route)?,
            origin: stored(&row.origin)?,
            burden: stored(&row.burden)?,
            reason: row.reason,
            grounds: row.grounds,
            law_change: row.law_change_id.map(Into::into),
            rerouted_to: row.rerouted_to.map(Into::into),
            similar: serde_json::from_value(row.similar)?,
            fingerprint: row.fingerprint,
        })
    }
}

/// A change with the places it applies to.
#[derive(Clone, Debug)]
pub struct Change {
    /// Id.
    pub id: ChangeId,
    /// What is to happen.
    pub direction: ChangeDirection,
    /// Heavier or lighter.
    pub burden: BurdenDirection,
    /// What the item would say.
    pub content: Option<Content>,
    /// Where.
    pub targets: Vec<Target>,
}

/// A place a change applies to.
#[derive(Clone, Debug)]
pub struct Target {
    /// Id.
    pub id: Uuid,
    /// The list.
    pub list: DutyListId,
    /// The item, unless the change adds one.
    pub item: Option<DutyItemId>,
    /// How the item read when the change was written down.
    pub base: Option<RevisionId>,
    /// Items a new one comes from.
    pub derived_from: Vec<DutyItemId>,
    /// The version that is about to incorporate it.
    pub draft: Option<VersionId>,
    /// When it was incorporated.
    pub incorporated_at: Option<DateTime<Utc>>,
}

/// Writes a new request's grounds, or replaces those of a draft.
pub async fn write<A: Act>(tx: &Tx, permit: &Permit<A>, request: &Request, new: bool) -> Outcome<()> {
    let row = change_request::ActiveModel {
        id: Set(permit.target()),
        province_id: Set(request.province.0),
        route: Set(request.route.code().to_owned()),
        origin: Set(request.origin.code().to_owned()),
        burden: Set(request.burden.code().to_owned()),
        reason: Set(request.reason.clone()),
        grounds: Set(request.grounds.clone()),
        law_change_id: Set(request.law_change.map(|id| id.0)),
        rerouted_to: Set(request.rerouted_to.map(|id| id.0)),
        similar: Set(serde_json::to_value(&request.similar)?),
        fingerprint: Set(request.fingerprint.clone()),
    };
    if new {
        change_request::Entity::insert(row).exec_without_returning(tx.db()).await?;
    } else {
        row.update(tx.db()).await?;
    }
    Ok(())
}

/// Replaces the changes of a request; a new one has none yet.
pub async fn write_changes<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    province: ProvinceId,
    changes: &[Change],
    new: bool,
) -> Outcome<()> {
    let mine = permit.target();
    if !new {
        clear_changes(tx, mine).await?;
    }
    for (ordinal, change) in (0..).zip(changes) {
        let row = request_change::ActiveModel {
            id: Set(change.id.0),
            province_id: Set(province.0),
            request_id: Set(mine),
            ordinal: Set(ordinal),
            direction: Set(change.direction.code().to_owned()),
            burden: Set(change.burden.code().to_owned()),
            content: Set(change.content.as_ref().map(serde_json::to_value).transpose()?),
        };
        request_change::Entity::insert(row).exec_without_returning(tx.db()).await?;
        let targets = change.targets.iter().map(|target| target_row(province, mine, change, target));
        let targets = targets.collect::<Result<Vec<_>, _>>()?;
        request_target::Entity::insert_many(targets).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

async fn clear_changes(tx: &Tx, request: Uuid) -> Outcome<()> {
    request_target::Entity::delete_many().filter(request_target::Column::RequestId.eq(request)).exec(tx.db()).await?;
    request_change::Entity::delete_many().filter(request_change::Column::RequestId.eq(request)).exec(tx.db()).await?;
    Ok(())
}

fn target_row(
    province: ProvinceId,
    request: Uuid,
    change: &Change,
    target: &Target,
) -> Result<request_target::ActiveModel, Fault> {
    Ok(request_target::ActiveModel {
        id: Set(target.id),
        province_id: Set(province.0),
        request_id: Set(request),
        change_id: Set(change.id.0),
        list_id: Set(target.list.0),
        item_id: Set(target.item.map(|id| id.0)),
        base_revision_id: Set(target.base.map(|id| id.0)),
        derived_from: Set(serde_json::to_value(&target.derived_from)?),
        draft_version_id: Set(None),
        incorporated_at: Set(None),
    })
}

/// Requests by id; whether the caller may see them is settled by their procedures.
pub async fn requests(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Request>> {
    let rows = change_request::Entity::find()
        .filter(change_request::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// Changes of requests, in their order.
pub async fn changes(db: &impl ConnectionTrait, ids: &[ProceedingId]) -> Outcome<HashMap<ProceedingId, Vec<Change>>> {
    let wanted: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    let rows = request_change::Entity::find()
        .filter(request_change::Column::RequestId.is_in(wanted.iter().copied()))
        .order_by_asc(request_change::Column::RequestId)
        .order_by_asc(request_change::Column::Ordinal)
        .all(db)
        .await?;
    let targets = request_target::Entity::find()
        .filter(request_target::Column::RequestId.is_in(wanted))
        .order_by_asc(request_target::Column::ListId)
        .order_by_asc(request_target::Column::Id)
        .all(db)
        .await?;
    let mut by_change: HashMap<Uuid, Vec<Target>> = HashMap::new();
    for row in targets {
        by_change.entry(row.change_id).or_default().push(target(row)?);
    }
    let mut map: HashMap<ProceedingId, Vec<Change>> = HashMap::new();
    for row in rows {
        map.entry(row.request_id.into()).or_default().push(Change {
            id: row.id.into(),
            direction: stored(&row.direction)?,
            burden: stored(&row.burden)?,
            content: row.content.map(serde_json::from_value).transpose()?,
            targets: by_change.remove(&row.id).unwrap_or_default(),
        });
    }
    Ok(map)
}

fn target(row: request_target::Model) -> Result<Target, Fault> {
    Ok(Target {
        id: row.id,
        list: row.list_id.into(),
        item: row.item_id.map(Into::into),
        base: row.base_revision_id.map(Into::into),
        derived_from: serde_json::from_value(row.derived_from)?,
        draft: row.draft_version_id.map(Into::into),
        incorporated_at: row.incorporated_at,
    })
}

/// A request that has been submitted and is neither returned nor over, and what it would change.
pub struct Rival {
    /// How a refusal names it.
    pub named: Named,
    /// Whether it is approved, so that nothing but its incorporation is left.
    pub approved: bool,
    /// Its changes, with the targets that have not been incorporated.
    pub changes: Vec<Change>,
}

/// The requests under way about lists, but for one, oldest first.
pub async fn rivals(db: &impl ConnectionTrait, lists: &[DutyListId], but: ProceedingId) -> Outcome<Vec<Rival>> {
    let left = Query::select()
        .column(("t", "request_id"))
        .from_as("request_target", "t")
        .and_where(Expr::col(("t", "list_id")).is_in(lists.iter().map(|id| id.0)))
        .and_where(Expr::col(("t", "incorporated_at")).is_null())
        .to_owned();
    let rows = proceeding::Entity::find()
        .filter(proceeding::Column::Kind.is_in([ProceedingKind::Adjustment, ProceedingKind::Admission]))
        .filter(proceeding::Column::SubmittedAt.is_not_null())
        .filter(proceeding::Column::ClosedAt.is_null())
        .filter(proceeding::Column::State.ne("RETURNED"))
        .filter(proceeding::Column::Id.ne(but.0))
        .filter(proceeding::Column::Id.in_subquery(left))
        .order_by_asc(proceeding::Column::Id)
        .all(db)
        .await?;
    let ids: Vec<ProceedingId> = rows.iter().map(|row| row.id.into()).collect();
    let mut changes = changes(db, &ids).await?;
    let mut found = Vec::with_capacity(rows.len());
    for row in rows {
        let kind: ProceedingKind = stored(&row.kind)?;
        let mut changes = changes.remove(&row.id.into()).unwrap_or_default();
        for change in &mut changes {
            change.targets.retain(|target| target.incorporated_at.is_none());
        }
        found.push(Rival {
            named: Named::new(kind.public_id(row.id), format!("{} {}", row.number, row.title)),
            approved: row.state == "APPROVED",
            changes,
        });
    }
    Ok(found)
}

/// Requests refused since a moment under an authority, with the words they were judged by.
pub async fn refused_since(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    authority: OrgUnitId,
    since: DateTime<Utc>,
) -> Outcome<Vec<(SimilarRequest, String)>> {
    let heads = proceeding::Entity::find()
        .filter(proceeding::Column::ProvinceId.eq(province.0))
        .filter(proceeding::Column::AuthorityId.eq(authority.0))
        .filter(proceeding::Column::Kind.is_in([ProceedingKind::Admission, ProceedingKind::Adjustment]))
        .filter(proceeding::Column::State.eq("REJECTED"))
        .filter(proceeding::Column::ClosedAt.gte(since))
        .all(db)
        .await?;
    let ids: Vec<ProceedingId> = heads.iter().map(|head| head.id.into()).collect();
    let mut requests = requests(db, &ids).await?;
    let mut found = Vec::new();
    for head in heads {
        let kind: ProceedingKind = stored(&head.kind)?;
        if let Some(request) = requests.remove(&head.id.into()) {
            let similar =
                SimilarRequest { id: kind.public_id(head.id), number: head.number, title: head.title, percent: 0 };
            found.push((similar, request.fingerprint));
        }
    }
    Ok(found)
}

/// Keeps what the submission found alike.
pub async fn set_similar<A: Act>(tx: &Tx, permit: &Permit<A>, similar: &[SimilarRequest]) -> Outcome<()> {
    change_request::Entity::update_many()
        .col_expr(change_request::Column::Similar, Expr::value(serde_json::to_value(similar)?))
        .filter(change_request::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// Links a request with the one on the other route that continues it.
pub async fn set_rerouted<A: Act>(tx: &Tx, permit: &Permit<A>, to: ProceedingId) -> Outcome<()> {
    change_request::Entity::update_many()
        .col_expr(change_request::Column::ReroutedTo, Expr::value(to.0))
        .filter(change_request::Column::Id.eq(permit.target()))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The condition that a proceeding is a request that touches a list.
#[must_use]
pub fn touching(list: DutyListId) -> Cond {
    let targets = Query::select()
        .column(("t", "request_id"))
        .from_as("request_target", "t")
        .and_where(Expr::col(("t", "list_id")).eq(list.0))
        .to_owned();
    Cond::all().add(Expr::col(("proceeding", "id")).in_subquery(targets))
}
