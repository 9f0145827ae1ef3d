//! Migrations and entities say the same.

use std::collections::{BTreeMap, BTreeSet};

use yidan_migration::STEPS;
use yidan_tests::snapshot::repository;

/// Tables that only searching knows, each database in its own way; plain SQL reads them.
const WITHOUT_ENTITY: &[&str] = &["wording_search"];

/// A column: its Rust type, and whether it belongs to the primary key.
type Columns = BTreeMap<String, (String, bool)>;

fn rust_type(sql: &str, nullable: bool) -> String {
    let plain = match sql {
        "UUID" => "Uuid",
        "TEXT" => "String",
        "SMALLINT" => "i16",
        "INTEGER" => "i32",
        "BIGINT" => "i64",
        "BOOLEAN" => "bool",
        "TIMESTAMPTZ" => "DateTimeUtc",
        "DATE" => "Date",
        "JSONB" => "Json",
        "BYTEA" => "Vec<u8>",
        other => panic!("unknown type {other} in a migration"),
    };
    if nullable { format!("Option<{plain}>") } else { plain.to_owned() }
}

fn tables_of_migrations() -> BTreeMap<String, Columns> {
    let mut tables: BTreeMap<String, Columns> = BTreeMap::new();
    for (_, text) in STEPS {
        let mut open: Option<String> = None;
        for line in text.lines() {
            let line = line.split("--").next().unwrap_or_default().trim().trim_end_matches(',');
            if let Some(rest) = line.strip_prefix("CREATE TABLE ") {
                let name = rest.trim_end_matches('(').trim();
                open = (!WITHOUT_ENTITY.contains(&name)).then(|| name.to_owned());
                if let Some(name) = &open {
                    tables.insert(name.clone(), Columns::new());
                }
                continue;
            }
            if let Some((name, column)) = line.strip_prefix("ALTER TABLE ").and_then(|l| l.split_once(" ADD COLUMN ")) {
                let mut words = column.trim_end_matches(';').split_whitespace();
                let (Some(column), Some(sql)) = (words.next(), words.next()) else { panic!("{line}") };
                let columns = tables.get_mut(name).unwrap_or_else(|| panic!("{line}"));
                columns.insert(column.to_owned(), (rust_type(sql, !line.contains("NOT NULL")), false));
                continue;
            }
            if line.starts_with(");") {
                open = None;
            }
            let Some(columns) = open.as_ref().and_then(|name| tables.get_mut(name)) else { continue };
            if let Some(key) = line.strip_prefix("PRIMARY KEY (") {
                for column in key.trim_end_matches(')').split(", ") {
                    columns.get_mut(column).unwrap_or_else(|| panic!("{column} in {line}")).1 = true;
                }
                continue;
            }
            let mut words = line.split_whitespace();
            let (Some(name), Some(sql)) = (words.next(), words.next()) else { continue };
            if matches!(name, "UNIQUE" | "FOREIGN" | "CHECK") || name.starts_with("CHECK") {
                continue;
            }
            let key = line.contains("PRIMARY KEY");
            let nullable = !key && !line.contains("NOT NULL");
            columns.insert(name.trim_matches('"').to_owned(), (rust_type(sql, nullable), key));
        }
    }
    tables
}

fn tables_of_entities() -> BTreeMap<String, Columns> {
    let mut tables = BTreeMap::new();
    for entry in std::fs::read_dir(repository("entity/src")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let Some((_, rest)) = text.split_once("table_name = \"") else { continue };
        let name = rest.split('"').next().unwrap().to_owned();
        let mut columns = Columns::new();
        let mut key = false;
        for line in rest.lines().map(str::trim) {
            if line.starts_with("#[sea_orm(") {
                key = line.contains("primary_key");
            } else if let Some((column, ty)) = line.strip_prefix("pub ").and_then(|line| line.split_once(": ")) {
                columns.insert(column.to_owned(), (ty.trim_end_matches(',').to_owned(), key));
                key = false;
            }
        }
        tables.insert(name, columns);
    }
    tables
}

#[test]
fn every_table_has_its_entity_with_the_same_columns() {
    let (migrations, entities) = (tables_of_migrations(), tables_of_entities());
    assert!(migrations.len() > 20);
    let names = |tables: &BTreeMap<String, Columns>| tables.keys().cloned().collect::<BTreeSet<_>>();
    assert_eq!(names(&migrations), names(&entities));
    for (name, columns) in &migrations {
        assert_eq!(columns, &entities[name], "table {name}");
    }
}

#[test]
fn every_table_of_a_province_names_it() {
    // National or technical: no province's business.
    const SHARED: &[&str] = &[
        "province",
        "division",
        "division_successor",
        "login_throttle",
        "signing_key",
        "work_calendar",
        "refresh_token",
        "deployment",
    ];
    // Rows of a row that names the province.
    const PARTS: &[&str] = &["item_lineage", "wording_instrument"];
    for (name, columns) in tables_of_migrations() {
        let named = columns.contains_key("province_id");
        assert!(named || SHARED.contains(&name.as_str()) || PARTS.contains(&name.as_str()), "{name} names no province");
    }
}

#[test]
fn a_step_is_named_after_its_file_and_steps_keep_their_order() {
    let names: Vec<&str> = STEPS.iter().map(|(name, _)| *name).collect();
    assert!(names.is_sorted());
    let mut files: Vec<String> = std::fs::read_dir(repository("migration/src/sql"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    files.sort();
    let expected: Vec<String> = files.iter().map(|file| format!("m{}", file.trim_end_matches(".sql"))).collect();
    assert_eq!(names, expected, "every file in sql/ is a step");
}
