//! What an organisation has under way, and its handing over: open proceedings name organisations by their ids, and one that
//! is abolished can do nothing any more. Evaluation is left alone: who was rated stays who was rated.

use sea_orm::{
    ActiveModelTrait, ColumnTrait, ConnectionTrait, EntityTrait, IntoActiveModel, ModelTrait, QueryFilter, QueryOrder,
    QueryTrait,
    sea_query::{Cond, Expr, ExprTrait},
};
use uuid::Uuid;
use yidan_entity::{org_unit, proceeding as open_case, proceeding_party, queue_entry, review_chain_step, zone_overlay};

use crate::{
    kernel::{
        fault::Outcome,
        ids::{OrgUnitId, ProceedingId},
        policy::{Act, Action, Permit},
        runner::Tx,
    },
    territory::rules::OrgUnit,
};

/// Parts in a proceeding that nobody takes over.
const OF_EVALUATION: [&str; 2] = ["RATED", "RATER"];

/// Open proceedings that cannot go on without an organisation: it proposed them, decides on them, takes part or is waited
/// for.
pub async fn under_way(db: &impl ConnectionTrait, org: OrgUnitId) -> Outcome<Vec<ProceedingId>> {
    let party = proceeding_party::Entity::find()
        .filter(proceeding_party::Column::OrgUnitId.eq(org.0))
        .filter(proceeding_party::Column::Capacity.is_not_in(OF_EVALUATION))
        .into_query()
        .clear_selects()
        .column(("proceeding_party", "proceeding_id"))
        .to_owned();
    let waited = queue_entry::Entity::find()
        .filter(queue_entry::Column::OrgUnitId.eq(org.0))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::Task.ne(Action::ClaimBallots))
        .into_query()
        .clear_selects()
        .column(("queue_entry", "proceeding_id"))
        .to_owned();
    let rows = open_case::Entity::find()
        .filter(open_case::Column::ClosedAt.is_null())
        .filter(
            Cond::any()
                .add(open_case::Column::ProposerOrgId.eq(org.0))
                .add(open_case::Column::AuthorityId.eq(org.0))
                .add(open_case::Column::Id.in_subquery(party))
                .add(open_case::Column::Id.in_subquery(waited)),
        )
        .order_by_asc(open_case::Column::Id)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.id.into()).collect())
}

/// Whether a committee administers a township, now or from a day to come.
pub async fn administers(db: &impl ConnectionTrait, committee: OrgUnitId) -> Outcome<bool> {
    let found = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::CommitteeId.eq(committee.0))
        .filter(zone_overlay::Column::ValidTo.is_null())
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// The latest organisation that held a new one's place and was abolished without a successor.
pub async fn predecessor(db: &impl ConnectionTrait, new: &OrgUnit) -> Outcome<Option<OrgUnitId>> {
    let place = org_unit::Entity::find()
        .filter(org_unit::Column::ProvinceId.eq(new.province.0))
        .filter(org_unit::Column::DivisionId.eq(new.division.0))
        .filter(org_unit::Column::Kind.eq(new.kind.code()))
        .filter(org_unit::Column::Level.eq(new.level.number()))
        .filter(org_unit::Column::ValidTo.is_not_null())
        .filter(org_unit::Column::SuccessorId.is_null());
    let place = match new.parent {
        Some(parent) => place.filter(org_unit::Column::ParentId.eq(parent.0)),
        None => place.filter(org_unit::Column::ParentId.is_null()),
    };
    let found = place.order_by_desc(org_unit::Column::ValidTo).order_by_desc(org_unit::Column::Id).one(db).await?;
    Ok(found.map(|row| row.id.into()))
}

/// Puts `to` in the place of `from` in everything that is under way, and in configured review chains; answers the
/// proceedings.
pub async fn hand_over<A: Act>(tx: &Tx, _: &Permit<A>, from: OrgUnitId, to: OrgUnitId) -> Outcome<Vec<ProceedingId>> {
    let ids = under_way(tx.db(), from).await?;
    let rows: Vec<Uuid> = ids.iter().map(|id| id.0).collect();
    review_chain_step::Entity::update_many()
        .col_expr(review_chain_step::Column::OfficeId, Expr::value(to.0))
        .filter(review_chain_step::Column::OfficeId.eq(from.0))
        .exec(tx.db())
        .await?;
    let entries = queue_entry::Entity::find()
        .filter(queue_entry::Column::ProceedingId.is_in(rows.clone()))
        .filter(queue_entry::Column::ClosedAt.is_null())
        .filter(queue_entry::Column::Task.ne(Action::ClaimBallots))
        .all(tx.db())
        .await?;
    for entry in entries.iter().filter(|entry| entry.org_unit_id == from.0) {
        let mine = queue_entry::Entity::update_many().filter(queue_entry::Column::Id.eq(entry.id));
        let doubled = entries.iter().any(|other| {
            other.org_unit_id == to.0 && other.proceeding_id == entry.proceeding_id && other.task == entry.task
        });
        // Who was asked itself already is not asked twice.
        let update = if doubled {
            mine.col_expr(queue_entry::Column::ClosedAt, Expr::value(tx.now()))
                .col_expr(queue_entry::Column::Outcome, Expr::value("NOT_NEEDED"))
        } else {
            mine.col_expr(queue_entry::Column::OrgUnitId, Expr::value(to.0))
        };
        update.exec(tx.db()).await?;
    }
    let parties = proceeding_party::Entity::find()
        .filter(proceeding_party::Column::ProceedingId.is_in(rows.clone()))
        .filter(proceeding_party::Column::OrgUnitId.is_in([from.0, to.0]))
        .filter(proceeding_party::Column::Capacity.is_not_in(OF_EVALUATION))
        .all(tx.db())
        .await?;
    for party in parties.iter().filter(|party| party.org_unit_id == from.0) {
        let taken = proceeding_party::Model { org_unit_id: to.0, ..party.clone() };
        if !parties.contains(&taken) {
            let row = taken.into_active_model().reset_all();
            proceeding_party::Entity::insert(row).exec_without_returning(tx.db()).await?;
        }
        party.clone().delete(tx.db()).await?;
    }
    for column in [open_case::Column::ProposerOrgId, open_case::Column::AuthorityId] {
        open_case::Entity::update_many()
            .col_expr(column, Expr::value(to.0))
            .filter(column.eq(from.0))
            .filter(open_case::Column::Id.is_in(rows.clone()))
            .exec(tx.db())
            .await?;
    }
    open_case::Entity::update_many()
        .col_expr(open_case::Column::Revision, Expr::col(open_case::Column::Revision).add(1))
        .filter(open_case::Column::Id.is_in(rows))
        .exec(tx.db())
        .await?;
    Ok(ids)
}
