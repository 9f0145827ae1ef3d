//! Model items of a list authority.

use std::collections::HashMap;

use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
    sea_query::{Expr, SelectStatement},
};
use yidan_entity::item_template;

use crate::{
    duty_list::rules::content::Content,
    kernel::{
        fault::{Fault, Outcome, refuse},
        ids::{OrgUnitId, ProvinceId, TemplateId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Act, Permit, act},
        refusal::Refusal,
        runner::Tx,
        scope::Scope,
    },
};

/// A model item.
#[derive(Clone, Debug)]
pub struct Template {
    /// Id.
    pub id: TemplateId,
    /// Province.
    pub province: ProvinceId,
    /// The list authority whose townships may adopt it.
    pub authority: OrgUnitId,
    /// Code.
    pub code: String,
    /// What it says.
    pub content: Content,
    /// Whether it may still be adopted.
    pub active: bool,
    /// Revision.
    pub revision: i32,
}

impl TryFrom<item_template::Model> for Template {
    type Error = Fault;

    fn try_from(row: item_template::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            authority: row.authority_id.into(),
            code: row.code,
            content: serde_json::from_value(row.content)?,
            active: row.retired_at.is_none(),
            revision: row.revision,
        })
    }
}

/// Model items by id, within the scope's province.
pub async fn templates(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[TemplateId],
) -> Outcome<HashMap<TemplateId, Template>> {
    let rows = item_template::Entity::find()
        .filter(scope.province(item_template::Column::ProvinceId))
        .filter(item_template::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// The select of an authority's model items.
#[must_use]
pub fn select(scope: &Scope, authority: OrgUnitId) -> SelectStatement {
    item_template::Entity::find()
        .filter(scope.province(item_template::Column::ProvinceId))
        .filter(item_template::Column::AuthorityId.eq(authority.0))
        .filter(item_template::Column::RetiredAt.is_null())
        .into_query()
}

/// A page of model items by code.
pub async fn page(db: &impl ConnectionTrait, select: SelectStatement, page: &PageArgs) -> Outcome<Page<Template>> {
    let order = Keyset::new(
        "templates",
        vec![
            Key::asc(Expr::col(("item_template", "code")), KeyKind::Text),
            Key::asc(Expr::col(("item_template", "id")), KeyKind::Id),
        ],
    );
    let page = paging::fetch::<item_template::Model>(db, select, &order, page).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, Template::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// All model items of an authority that may be adopted.
pub async fn all(db: &impl ConnectionTrait, scope: &Scope, authority: OrgUnitId) -> Outcome<Vec<Template>> {
    let mut select = select(scope, authority);
    select.order_by(("item_template", "code"), sea_orm::sea_query::Order::Asc);
    let rows = db.query_all(&select).await?;
    rows.iter()
        .map(|row| {
            let row = <item_template::Model as sea_orm::FromQueryResult>::from_query_result(row, "")?;
            Ok(Template::try_from(row)?)
        })
        .collect()
}

/// Writes a new model item.
pub async fn insert(tx: &Tx, _: &Permit<act::CreateItemTemplate>, new: &Template) -> Outcome<()> {
    let row = item_template::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        authority_id: Set(new.authority.0),
        code: Set(new.code.clone()),
        content: Set(serde_json::to_value(&new.content)?),
        retired_at: Set(None),
        revision: Set(new.revision),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Changes or retires the model item a permit names.
pub async fn update<A: Act>(
    tx: &Tx,
    permit: &Permit<A>,
    revision: i32,
    content: Option<&Content>,
    retire: bool,
) -> Outcome<()> {
    let mut update = item_template::Entity::update_many()
        .col_expr(item_template::Column::Revision, Expr::value(revision + 1))
        .filter(item_template::Column::Id.eq(permit.target()))
        .filter(item_template::Column::Revision.eq(revision));
    if let Some(content) = content {
        update = update.col_expr(item_template::Column::Content, Expr::value(serde_json::to_value(content)?));
    }
    if retire {
        update = update.col_expr(item_template::Column::RetiredAt, Expr::value(tx.now()));
    }
    match update.exec(tx.db()).await?.rows_affected {
        1 => Ok(()),
        _ => refuse(Refusal::StaleRevision { current: revision + 1 }),
    }
}
