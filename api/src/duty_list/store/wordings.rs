//! Wordings: content-addressed, so that a thousand townships that read alike share one row, one search entry and one
//! entry in the watch on laws.

use sea_orm::{
    ActiveModelTrait, ActiveValue::Set, ColumnTrait, ConnectionTrait, DbBackend, EntityTrait, QueryFilter, Statement,
};
use yidan_entity::{wording, wording_instrument};

use crate::{
    duty_list::rules::content::{Wording, instrument_key},
    kernel::{
        fault::Outcome,
        ids::{ProvinceId, WordingId},
        policy::{Act, Permit},
        runner::Tx,
        similarity,
    },
};

/// The id of a wording; written if nobody in the province has used it yet.
pub async fn keep<A: Act>(tx: &Tx, _: &Permit<A>, province: ProvinceId, text: &Wording) -> Outcome<WordingId> {
    let hash = text.hash();
    let known = wording::Entity::find()
        .filter(wording::Column::ProvinceId.eq(province.0))
        .filter(wording::Column::Hash.eq(&hash))
        .one(tx.db())
        .await?;
    if let Some(known) = known {
        return Ok(known.id.into());
    }
    let id = WordingId::new();
    let row = wording::ActiveModel {
        id: Set(id.0),
        province_id: Set(province.0),
        hash: Set(hash),
        name: Set(text.name.clone()),
        superior_clauses: Set(serde_json::to_value(&text.superior)?),
        township_clauses: Set(serde_json::to_value(&text.township)?),
        method: Set(text.method.clone()),
        bases: Set(serde_json::to_value(&text.bases)?),
        tags: Set(serde_json::to_value(&text.tags)?),
    };
    row.insert(tx.db()).await?;
    let mut instruments: Vec<String> = text.bases.iter().map(|basis| instrument_key(&basis.instrument)).collect();
    instruments.sort_unstable();
    instruments.dedup();
    for instrument in instruments {
        let row = wording_instrument::ActiveModel { wording_id: Set(id.0), instrument: Set(instrument) };
        row.insert(tx.db()).await?;
    }
    index(tx.db(), id, &text.searchable()).await?;
    Ok(id)
}

/// Makes a wording findable by its words.
pub async fn index(db: &impl ConnectionTrait, id: WordingId, text: &str) -> Outcome<()> {
    let grams = similarity::terms(text).into_iter().collect::<Vec<_>>().join(" ");
    match db.get_database_backend() {
        DbBackend::Sqlite => {
            let row = Statement::from_sql_and_values(
                DbBackend::Sqlite,
                "INSERT INTO wording_search (wording_id) VALUES ($1)",
                [id.into()],
            );
            let rowid = db.execute_raw(row).await?.last_insert_id();
            let rowid = i64::try_from(rowid).unwrap_or(i64::MAX);
            let sql = "INSERT INTO wording_fts (rowid, grams) VALUES ($1, $2)";
            db.execute_raw(Statement::from_sql_and_values(DbBackend::Sqlite, sql, [rowid.into(), grams.into()]))
                .await?;
        }
        backend => {
            let sql = "INSERT INTO wording_search (wording_id, grams) VALUES ($1, array_to_tsvector(string_to_array($2, ' ')))";
            db.execute_raw(Statement::from_sql_and_values(backend, sql, [id.into(), grams.into()])).await?;
        }
    }
    Ok(())
}
