//! The national table of divisions: reading the vendored file and loading it into the database.

use std::collections::HashMap;

use chrono::NaiveDate;
use sea_orm::{
    ActiveValue::Set, ColumnTrait, ConnectionTrait, EntityTrait, PaginatorTrait, QueryFilter, QuerySelect,
    SqliteTransactionMode, TransactionOptions, TransactionTrait, sea_query::OnConflict,
};
use serde::Deserialize;
use uuid::Uuid;
use yidan_entity::division;

use super::rules::{division_id, kind_of};
use crate::kernel::{fault::Fault, place::DivisionLevel};

/// The table that comes with the program; provenance in `api/data/README.md`.
pub const VENDORED: &str = include_str!("../../data/divisions.json");

#[derive(Deserialize)]
struct File {
    metadata: Metadata,
    divisions: Vec<(i16, String, String, String)>,
}

#[derive(Deserialize)]
struct Metadata {
    data_as_of: NaiveDate,
}

/// Rows of the table, ready to be written, parents before children.
pub fn rows(json: &str) -> Result<Vec<division::Model>, Fault> {
    let file: File = serde_json::from_str(json)?;
    let from = file.metadata.data_as_of;
    let mut paths: HashMap<String, String> = HashMap::with_capacity(file.divisions.len());
    file.divisions
        .into_iter()
        .map(|(number, code, parent, name)| {
            let level = DivisionLevel::from_number(number)
                .ok_or_else(|| Fault::new(format!("division {code} has level {number}")))?;
            let path = if parent.is_empty() {
                code.clone()
            } else {
                let above = paths
                    .get(&parent)
                    .ok_or_else(|| Fault::new(format!("division {code} before its parent {parent}")))?;
                format!("{above}.{code}")
            };
            paths.insert(code.clone(), path.clone());
            Ok(division::Model {
                id: division_id(&code, from).0,
                kind: kind_of(level, &name).code().to_owned(),
                parent_id: (!parent.is_empty()).then(|| division_id(&parent, from).0),
                code,
                name,
                level: number,
                path,
                valid_from: from,
                valid_to: None,
            })
        })
        .collect()
}

/// PostgreSQL takes at most 65,535 values in one statement, SQLite 32,766.
const BATCH: usize = 3_000;

/// Writes what is new in `rows` in one transaction; `progress` hears how many are done. A division whose code is borne
/// already stays as it is: what a newer table renames or leaves out is registered as a change of divisions, with its
/// document.
#[expect(clippy::disallowed_methods, reason = "bulk loading of national reference data is no command")]
pub async fn load(
    db: &(impl ConnectionTrait + TransactionTrait),
    rows: Vec<division::Model>,
    mut progress: impl FnMut(usize),
) -> Result<(), Fault> {
    // Immediate on SQLite: of two nodes that load at once the second waits and finds nothing left to do.
    let options = TransactionOptions {
        sqlite_transaction_mode: Some(SqliteTransactionMode::Immediate),
        ..TransactionOptions::default()
    };
    let transaction = db.begin_with_options(options).await?;
    let rows = unknown(&transaction, rows).await?;
    let mut done = 0;
    for batch in rows.chunks(BATCH) {
        let batch: Vec<division::ActiveModel> = batch.iter().cloned().map(active).collect();
        let count = batch.len();
        division::Entity::insert_many(batch)
            // Whatever it is that a row collides with: its id follows from its code and its first day.
            .on_conflict(OnConflict::new().do_nothing().to_owned())
            .exec_without_returning(&transaction)
            .await?;
        done += count;
        progress(done);
    }
    sea_orm::TransactionSession::commit(transaction).await?;
    Ok(())
}

/// The rows whose codes nobody bears, hung below the divisions that are there.
async fn unknown(db: &impl ConnectionTrait, rows: Vec<division::Model>) -> Result<Vec<division::Model>, Fault> {
    let known: HashMap<String, Uuid> = division::Entity::find()
        .select_only()
        .columns([division::Column::Code, division::Column::Id])
        .filter(division::Column::ValidTo.is_null())
        .into_tuple()
        .all(db)
        .await?
        .into_iter()
        .collect();
    let mut there: HashMap<Uuid, Uuid> = HashMap::new();
    let mut new = Vec::new();
    for mut row in rows {
        if let Some(id) = known.get(&row.code) {
            there.insert(row.id, *id);
        } else {
            row.parent_id = row.parent_id.map(|parent| there.get(&parent).copied().unwrap_or(parent));
            new.push(row);
        }
    }
    Ok(new)
}

/// Whether the table has been loaded.
pub async fn is_loaded(db: &impl ConnectionTrait) -> Result<bool, Fault> {
    Ok(division::Entity::find().count(db).await? > 0)
}

fn active(row: division::Model) -> division::ActiveModel {
    division::ActiveModel {
        id: Set(row.id),
        code: Set(row.code),
        name: Set(row.name),
        level: Set(row.level),
        kind: Set(row.kind),
        parent_id: Set(row.parent_id),
        path: Set(row.path),
        valid_from: Set(row.valid_from),
        valid_to: Set(row.valid_to),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;
    use crate::territory::rules::{DivisionKind, code_fits, kind_fits};

    fn table() -> Vec<division::Model> {
        rows(VENDORED).unwrap()
    }

    fn by_code<'a>(table: &'a [division::Model], code: &str) -> &'a division::Model {
        table.iter().find(|row| row.code == code).unwrap()
    }

    #[test]
    fn the_whole_table_is_there_with_its_kinds() {
        let table = table();
        assert_eq!(table.len(), 41_934);
        let mut kinds = BTreeMap::<&str, usize>::new();
        for row in &table {
            *kinds.entry(&row.kind).or_default() += 1;
        }
        let sum = |names: &[&str]| names.iter().map(|name| kinds.get(name).copied().unwrap_or(0)).sum::<usize>();
        assert_eq!(sum(&["DISTRICT"]), 978);
        assert_eq!(kinds.get("COUNTY_CITY"), Some(&397));
        assert_eq!(sum(&["BANNER", "AUTONOMOUS_BANNER"]), 52);
        assert_eq!(kinds.get("SUBDISTRICT"), Some(&9_148));
        assert_eq!(kinds.get("SUMU"), Some(&154));
        assert_eq!(kinds.get("DISTRICT_OFFICE"), Some(&2));
        assert_eq!(kinds.get("TOWN"), Some(&21_554));
        assert_eq!(table.iter().filter(|row| row.level == 4).count(), 38_723);
    }

    #[test]
    fn the_records_begin_with_the_table() {
        assert!(table().iter().all(|row| row.valid_from == crate::territory::rules::records_begin()));
    }

    #[test]
    fn every_row_has_a_kind_and_a_code_that_fit_its_place() {
        let table = table();
        for row in &table {
            let level = DivisionLevel::from_number(row.level).unwrap();
            let kind = *DivisionKind::ALL.iter().find(|kind| kind.code() == row.kind).unwrap();
            assert!(kind_fits(kind, level), "{} {}", row.code, row.name);
            if let Some((above, _)) = row.path.rsplit_once('.') {
                let parent = above.rsplit('.').next().unwrap();
                assert!(code_fits(level, &row.code, parent), "{} {} below {parent}", row.code, row.name);
            }
        }
    }

    #[test]
    fn jiangsu_has_95_counties_and_1237_townships() {
        let table = table();
        let below = |level| table.iter().filter(|row| row.level == level && row.path.starts_with("320000.")).count();
        assert_eq!((below(2), below(3), below(4)), (13, 95, 1_237));
    }

    #[test]
    fn special_cases_hang_where_they_should() {
        let table = table();
        // A district of a municipality and a directly administered county: below the province.
        assert_eq!(by_code(&table, "310101").path, "310000.310101");
        assert_eq!(by_code(&table, "419001").path, "410000.419001");
        // A township of a prefecture without counties: below the prefecture.
        let dongguan = table.iter().filter(|row| row.path.starts_with("440000.441900.")).collect::<Vec<_>>();
        assert!(
            !dongguan.is_empty() && dongguan.iter().all(|row| row.level == 4 && row.path.matches('.').count() == 2)
        );
        // Cities of the Xinjiang corps: below the region.
        assert!(table.iter().any(|row| row.path.starts_with("650000.6590") && row.level == 3));
    }
}
