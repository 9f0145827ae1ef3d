//! The SQL of admission. Requests are stored with the lists; here is only what they are held against.

use sea_orm::{
    ConnectionTrait,
    sea_query::{Expr, ExprTrait, Order, Query},
};

use crate::{
    duty_list::{rules::AsOf, store::items},
    kernel::{
        fault::Outcome,
        ids::{ProvinceId, RevisionId},
        scope,
    },
};

/// Names of the wordings in force in a territory, each once, with one revision that bears it.
pub async fn names_in_force(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    path: &str,
    at: AsOf,
) -> Outcome<Vec<(String, RevisionId)>> {
    let mut select = Query::select();
    select
        .expr_as(Expr::col(("w", "name")), "name")
        .expr_as(Expr::col(("r", "id")), "id")
        .from_as("item_revision", "r")
        .join_as(sea_orm::JoinType::InnerJoin, "wording", "w", Expr::col(("w", "id")).equals(("r", "wording_id")))
        .join_as(sea_orm::JoinType::InnerJoin, "duty_list", "l", Expr::col(("l", "id")).equals(("r", "list_id")))
        .and_where(Expr::col(("r", "province_id")).eq(province.0))
        .cond_where(items::in_force(at))
        .cond_where(scope::inside("l", path))
        .order_by(("w", "name"), Order::Asc)
        .order_by(("r", "id"), Order::Asc);
    let mut names: Vec<(String, RevisionId)> = Vec::new();
    for row in db.query_all(&select).await? {
        let name: String = row.try_get("", "name")?;
        if names.last().is_none_or(|(last, _)| *last != name) {
            let id: uuid::Uuid = row.try_get("", "id")?;
            names.push((name, id.into()));
        }
    }
    Ok(names)
}
