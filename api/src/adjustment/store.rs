//! The SQL of adjustment: signatures, changes of law, what they touch. Requests themselves are stored with the lists.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, NaiveDate, Utc};
use sea_orm::{
    ActiveModelTrait,
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, OnConflict, Query, SelectStatement},
};
use uuid::Uuid;
use yidan_entity::{head_signature, law_change, law_watch, wording};

use super::rules::{LawChangeKind, rests_on};
use crate::{
    duty_list::{
        rules::{AsOf, content::Basis},
        store::items,
    },
    kernel::{
        fault::{Fault, Outcome},
        ids::{AccountId, LawChangeId, LawWatchId, OrgUnitId, ProceedingId, ProvinceId},
        paging::{self, Key, KeyKind, Keyset, Page, PageArgs},
        policy::{Act, Permit, act},
        role::Role,
        runner::Tx,
        scope::{self, Scope},
        value::stored,
    },
};

/// Keeps a head's signature under a text; signing again replaces it.
pub async fn sign(
    tx: &Tx,
    permit: &Permit<act::SignAdjustment>,
    province: ProvinceId,
    role: Role,
    account: AccountId,
    digest: &str,
) -> Outcome<()> {
    use head_signature::Column as C;
    let row = head_signature::ActiveModel {
        request_id: Set(permit.target()),
        role: Set(role.code().to_owned()),
        province_id: Set(province.0),
        account_id: Set(account.0),
        content_digest: Set(digest.to_owned()),
        signed_at: Set(tx.now()),
    };
    let on_conflict = OnConflict::columns([C::RequestId, C::Role])
        .update_columns([C::AccountId, C::ContentDigest, C::SignedAt])
        .to_owned();
    head_signature::Entity::insert(row).on_conflict(on_conflict).exec_without_returning(tx.db()).await?;
    Ok(())
}

/// A signature.
#[derive(Clone, Debug)]
pub struct Signature {
    /// As which head.
    pub role: Role,
    /// The person.
    pub account: AccountId,
    /// The text signed.
    pub digest: String,
    /// When.
    pub at: DateTime<Utc>,
}

/// Signatures under requests.
pub async fn signatures(
    db: &impl ConnectionTrait,
    ids: &[ProceedingId],
) -> Outcome<HashMap<ProceedingId, Vec<Signature>>> {
    let rows = head_signature::Entity::find()
        .filter(head_signature::Column::RequestId.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    let mut map: HashMap<ProceedingId, Vec<Signature>> = HashMap::new();
    for row in rows {
        let signature = Signature {
            role: stored(&row.role)?,
            account: row.account_id.into(),
            digest: row.content_digest,
            at: row.signed_at,
        };
        map.entry(row.request_id.into()).or_default().push(signature);
    }
    Ok(map)
}

/// A registered change of law.
#[derive(Clone, Debug)]
pub struct LawChange {
    /// Id.
    pub id: LawChangeId,
    /// Province.
    pub province: ProvinceId,
    /// Kind.
    pub kind: LawChangeKind,
    /// Title of the instrument.
    pub instrument: String,
    /// The title as it is compared.
    pub key: String,
    /// Articles concerned; all if none is named.
    pub articles: Vec<String>,
    /// When it takes effect.
    pub effective_on: NaiveDate,
    /// What changes.
    pub summary: String,
    /// Who registered it.
    pub org: OrgUnitId,
    /// The territory of who registered it.
    pub path: String,
    /// When it was registered.
    pub registered_at: DateTime<Utc>,
}

impl TryFrom<law_change::Model> for LawChange {
    type Error = Fault;

    fn try_from(row: law_change::Model) -> Result<Self, Fault> {
        Ok(Self {
            id: row.id.into(),
            province: row.province_id.into(),
            kind: stored(&row.kind)?,
            instrument: row.instrument,
            key: row.instrument_key,
            articles: serde_json::from_value(row.articles)?,
            effective_on: row.effective_on,
            summary: row.summary,
            org: row.org_unit_id.into(),
            path: row.path,
            registered_at: row.registered_at,
        })
    }
}

/// Writes a registered change of law.
pub async fn insert_law_change(
    tx: &Tx,
    _: &Permit<act::RegisterLawChange>,
    new: &LawChange,
    by: AccountId,
) -> Outcome<()> {
    let row = law_change::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(new.province.0),
        kind: Set(new.kind.code().to_owned()),
        instrument: Set(new.instrument.clone()),
        instrument_key: Set(new.key.clone()),
        articles: Set(serde_json::to_value(&new.articles)?),
        effective_on: Set(new.effective_on),
        summary: Set(new.summary.clone()),
        org_unit_id: Set(new.org.0),
        path: Set(new.path.clone()),
        registered_by: Set(by.0),
        registered_at: Set(new.registered_at),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// The very same change as it was registered before: of the same instrument and articles, from the same day on.
pub async fn same_changes(db: &impl ConnectionTrait, change: &LawChange) -> Outcome<Vec<LawChange>> {
    let rows = law_change::Entity::find()
        .filter(law_change::Column::ProvinceId.eq(change.province.0))
        .filter(law_change::Column::InstrumentKey.eq(&*change.key))
        .filter(law_change::Column::Kind.eq(change.kind.code()))
        .filter(law_change::Column::EffectiveOn.eq(change.effective_on))
        .all(db)
        .await?;
    let known: Vec<LawChange> = rows.into_iter().map(LawChange::try_from).collect::<Result<_, _>>()?;
    Ok(known.into_iter().filter(|known| known.articles == change.articles).collect())
}

/// The authorities that watch these changes.
pub async fn watching(db: &impl ConnectionTrait, changes: &[LawChange]) -> Outcome<HashSet<OrgUnitId>> {
    let ids: Vec<LawChangeId> = changes.iter().map(|change| change.id).collect();
    let watches = watches_of(db, &ids).await?.into_values().flatten();
    let watches: Vec<ProceedingId> = watches.map(|watch| watch.id.into()).collect();
    let heads = crate::proceeding::store::heads(db, &Scope::Everything, &watches).await?;
    Ok(heads.into_values().map(|head| head.authority).collect())
}

/// Changes of law that concern the caller: registered above, in or below the caller's territory, in the caller's
/// province.
fn concerns(scope: &Scope) -> Cond {
    match scope {
        Scope::Everything => Cond::all(),
        Scope::Public => Cond::all().add(Expr::val(1).eq(0)),
        Scope::Member { province, path, .. } => {
            let above: Vec<String> = path
                .char_indices()
                .filter(|(_, c)| *c == '.')
                .map(|(index, _)| path[..index].to_owned())
                .chain([path.clone()])
                .collect();
            Cond::all()
                .add(law_change::Column::ProvinceId.eq(province.0))
                .add(Cond::any().add(law_change::Column::Path.is_in(above)).add(scope::inside("law_change", path)))
        }
    }
}

/// Changes of law by id that concern the caller.
pub async fn law_changes(
    db: &impl ConnectionTrait,
    scope: &Scope,
    ids: &[LawChangeId],
) -> Outcome<HashMap<LawChangeId, LawChange>> {
    let rows = law_change::Entity::find()
        .filter(concerns(scope))
        .filter(law_change::Column::Id.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id.into(), row.try_into()?))).collect()
}

/// The select of changes of law that concern the caller.
#[must_use]
pub fn select_law_changes(scope: &Scope) -> SelectStatement {
    law_change::Entity::find().filter(concerns(scope)).into_query()
}

/// A page of changes of law, newest first.
pub async fn law_change_page(
    db: &impl ConnectionTrait,
    select: SelectStatement,
    page: &PageArgs,
) -> Outcome<Page<LawChange>> {
    let order = Keyset::new("law-changes", vec![Key::desc(Expr::col(("law_change", "id")), KeyKind::Id)]);
    let page = paging::fetch::<law_change::Model>(db, select, &order, page).await?;
    let mut rows = Vec::with_capacity(page.rows.len());
    for (cursor, row) in page.rows {
        rows.push((cursor, LawChange::try_from(row)?));
    }
    Ok(Page { rows, has_next: page.has_next, has_previous: page.has_previous })
}

/// Wordings of a province that rest on an instrument, with all they rest on.
async fn resting_on(db: &impl ConnectionTrait, change: &LawChange) -> Outcome<Vec<(Uuid, Vec<Basis>)>> {
    let rows = wording::Entity::find()
        .filter(wording::Column::ProvinceId.eq(change.province.0))
        .filter(wording::Column::Id.in_subquery(named_by(&change.key)))
        .all(db)
        .await?;
    rows.into_iter().map(|row| Ok((row.id, serde_json::from_value(row.bases)?))).collect()
}

/// The select of wordings that name an instrument.
fn named_by(key: &str) -> SelectStatement {
    Query::select()
        .column(("wi", "wording_id"))
        .from_as("wording_instrument", "wi")
        .and_where(Expr::col(("wi", "instrument")).eq(key))
        .to_owned()
}

/// The select of items in force that rest on what changes, in the territory of who registered it.
pub async fn affected(db: &impl ConnectionTrait, change: &LawChange, at: AsOf) -> Outcome<SelectStatement> {
    let mut select = items::select();
    select
        .cond_where(Expr::col(("r", "province_id")).eq(change.province.0))
        .cond_where(items::in_force(at))
        .cond_where(scope::inside("l", &change.path));
    let wording = Expr::col(("r", "wording_id"));
    if change.articles.is_empty() {
        select.cond_where(wording.in_subquery(named_by(&change.key)));
    } else {
        let resting = resting_on(db, change).await?;
        let touched = resting.into_iter().filter(|(_, bases)| rests_on(&change.key, &change.articles, bases));
        select.cond_where(wording.is_in(touched.map(|(id, _)| id)));
    }
    Ok(select)
}

/// What one authority has to do about a change of law.
#[derive(Clone, Debug)]
pub struct LawWatch {
    /// Id, that of its procedure.
    pub id: LawWatchId,
    /// The change of law.
    pub law_change: LawChangeId,
    /// How many items it touches.
    pub affected: i32,
}

impl From<law_watch::Model> for LawWatch {
    fn from(row: law_watch::Model) -> Self {
        Self { id: row.id.into(), law_change: row.law_change_id.into(), affected: row.affected_count }
    }
}

/// Writes a watch.
pub async fn insert_watch<A: Act>(tx: &Tx, _: &Permit<A>, province: ProvinceId, new: &LawWatch) -> Outcome<()> {
    let row = law_watch::ActiveModel {
        id: Set(new.id.0),
        province_id: Set(province.0),
        law_change_id: Set(new.law_change.0),
        affected_count: Set(new.affected),
    };
    row.insert(tx.db()).await?;
    Ok(())
}

/// Watches by id; whether the caller may see them is settled by their procedures.
pub async fn watches(db: &impl ConnectionTrait, ids: &[LawWatchId]) -> Outcome<HashMap<LawWatchId, LawWatch>> {
    let rows = law_watch::Entity::find().filter(law_watch::Column::Id.is_in(ids.iter().map(|id| id.0))).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.id.into(), row.into())).collect())
}

/// Watches over changes of law.
pub async fn watches_of(
    db: &impl ConnectionTrait,
    ids: &[LawChangeId],
) -> Outcome<HashMap<LawChangeId, Vec<LawWatch>>> {
    let rows = law_watch::Entity::find()
        .filter(law_watch::Column::LawChangeId.is_in(ids.iter().map(|id| id.0)))
        .all(db)
        .await?;
    let mut map: HashMap<LawChangeId, Vec<LawWatch>> = HashMap::new();
    for row in rows {
        map.entry(row.law_change_id.into()).or_default().push(row.into());
    }
    Ok(map)
}
