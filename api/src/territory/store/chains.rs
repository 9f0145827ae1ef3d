//! Functional zones and configured review chains.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder,
    sea_query::{Expr, ExprTrait},
};
use uuid::Uuid;
use yidan_entity::{review_chain_step, zone_overlay};

use crate::kernel::{
    fault::Outcome,
    ids::{DivisionId, OrgUnitId, ProvinceId},
    policy::{Permit, act},
    runner::Tx,
};

/// The committees that administer townships on `day`, with the overlay that says so.
pub async fn zones_of(
    db: &impl ConnectionTrait,
    townships: &[DivisionId],
    day: NaiveDate,
) -> Outcome<HashMap<DivisionId, (Uuid, OrgUnitId)>> {
    let rows = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::DivisionId.is_in(townships.iter().map(|id| id.0)))
        .filter(zone_overlay::Column::ValidFrom.lte(day))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .order_by_asc(zone_overlay::Column::ValidFrom)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| (row.division_id.into(), (row.id, row.committee_id.into()))).collect())
}

/// Whether some committee administers the township on `day` or later.
pub async fn is_zoned_from(db: &impl ConnectionTrait, township: DivisionId, day: NaiveDate) -> Outcome<bool> {
    let found = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::DivisionId.eq(township.0))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .one(db)
        .await?;
    Ok(found.is_some())
}

/// Townships a committee administers on `day`.
pub async fn townships_of_committee(
    db: &impl ConnectionTrait,
    committee: OrgUnitId,
    day: NaiveDate,
) -> Outcome<Vec<DivisionId>> {
    let rows = zone_overlay::Entity::find()
        .filter(zone_overlay::Column::CommitteeId.eq(committee.0))
        .filter(zone_overlay::Column::ValidFrom.lte(day))
        .filter(zone_overlay::Column::ValidTo.is_null().or(zone_overlay::Column::ValidTo.gt(day)))
        .order_by_asc(zone_overlay::Column::DivisionId)
        .all(db)
        .await?;
    Ok(rows.into_iter().map(|row| row.division_id.into()).collect())
}

/// Puts a township under a committee.
pub async fn insert_zone(
    tx: &Tx,
    _: &Permit<act::AssignTownshipToZone>,
    province: ProvinceId,
    division: DivisionId,
    committee: OrgUnitId,
    from: NaiveDate,
) -> Outcome<()> {
    let row = zone_overlay::ActiveModel {
        id: Set(Uuid::now_v7()),
        province_id: Set(province.0),
        division_id: Set(division.0),
        committee_id: Set(committee.0),
        valid_from: Set(from),
        valid_to: Set(None),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Ends a committee's administration of a township.
pub async fn end_zone(tx: &Tx, _: &Permit<act::ReleaseTownshipFromZone>, overlay: Uuid, day: NaiveDate) -> Outcome<()> {
    zone_overlay::Entity::update_many()
        .col_expr(zone_overlay::Column::ValidTo, Expr::value(day))
        .filter(zone_overlay::Column::Id.eq(overlay))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// The configured chains above decision bodies; none where the divisions are followed.
pub async fn configured_chains(
    db: &impl ConnectionTrait,
    authorities: &[OrgUnitId],
) -> Outcome<HashMap<OrgUnitId, Vec<OrgUnitId>>> {
    let rows = review_chain_step::Entity::find()
        .filter(review_chain_step::Column::AuthorityId.is_in(authorities.iter().map(|id| id.0)))
        .order_by_asc(review_chain_step::Column::AuthorityId)
        .order_by_asc(review_chain_step::Column::Ordinal)
        .all(db)
        .await?;
    let mut map: HashMap<OrgUnitId, Vec<OrgUnitId>> = HashMap::new();
    for row in rows {
        map.entry(row.authority_id.into()).or_default().push(row.office_id.into());
    }
    Ok(map)
}

/// Replaces the configured chain above a decision body.
pub async fn set_chain(
    tx: &Tx,
    permit: &Permit<act::ConfigureReviewChain>,
    province: ProvinceId,
    offices: &[OrgUnitId],
) -> Outcome<()> {
    review_chain_step::Entity::delete_many()
        .filter(review_chain_step::Column::AuthorityId.eq(permit.target()))
        .exec(tx.db())
        .await?;
    for (ordinal, office) in (0..).zip(offices) {
        let row = review_chain_step::ActiveModel {
            authority_id: Set(permit.target()),
            ordinal: Set(ordinal),
            province_id: Set(province.0),
            office_id: Set(office.0),
        };
        row.insert(tx.db()).await?;
    }
    Ok(())
}
