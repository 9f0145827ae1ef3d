//! Steps: all of them or none, and once.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use sea_orm::{ConnectionTrait, Statement};
use yidan::{
    kernel::db::{Db, DbConfig},
    setup,
};
use yidan_migration::{
    Migrator, STEPS, SqlStep,
    sea_orm_migration::{MigrationTrait, MigratorTrait},
};
use yidan_tests::{on_both_empty, prelude::*};

/// Our steps and one more that fails in its second statement.
struct Broken;

impl MigratorTrait for Broken {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        let text = "CREATE TABLE half_done (id UUID PRIMARY KEY);\nALTER TABLE nowhere ADD COLUMN x TEXT;\n";
        let mut steps = Migrator::migrations();
        steps.push(Box::new(SqlStep::new("m9999_broken", text)));
        steps
    }
}

async fn names(db: &Db, sql: &str) -> BTreeSet<String> {
    let statement = Statement::from_string(db.backend(), sql.to_owned());
    let rows = db.read().query_all_raw(statement).await.unwrap();
    rows.iter().map(|row| row.try_get::<String>("", "name").unwrap()).collect()
}

async fn tables(db: &Db) -> BTreeSet<String> {
    let sql = match db.backend() {
        sea_orm::DbBackend::Sqlite => "SELECT name FROM sqlite_master WHERE type IN ('table', 'index', 'trigger')",
        _ => {
            "SELECT CAST(relname AS text) AS name FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace \
             WHERE n.nspname = 'public'"
        }
    };
    names(db, sql).await
}

async fn applied(db: &Db) -> BTreeSet<String> {
    names(db, "SELECT CAST(version AS text) AS name FROM seaql_migrations").await
}

fn steps() -> BTreeSet<String> {
    STEPS.iter().map(|(name, _)| (*name).to_owned()).collect()
}

on_both_empty! {
    async fn a_new_database_gets_every_step_and_a_second_run_changes_nothing(database: &Fresh) {
        let db = Db::connect(&database.config()).await.unwrap();
        setup::migrate(&db).await.unwrap();
        let made = tables(&db).await;
        assert!(made.contains("audit_event") && made.contains("duty_list"));
        assert_eq!(applied(&db).await, steps());
        setup::migrate(&db).await.unwrap();
        assert_eq!(tables(&db).await, made);
    }

    async fn a_step_that_fails_leaves_nothing_of_itself_and_says_so(database: &Fresh) {
        let db = Db::connect(&database.config()).await.unwrap();
        let before = tables(&db).await;
        let error = setup::migrate_with::<Broken>(&db).await.unwrap_err().to_string();
        assert!(error.contains("nowhere"), "{error}");
        assert_eq!(tables(&db).await, before, "on a new database not even the steps before it stay");

        setup::migrate(&db).await.unwrap();
        let good = tables(&db).await;
        let row = "INSERT INTO work_calendar (year, version, days, source, loaded_at) \
                   VALUES (2026, 2, '{}', 'x', '2026-03-02 01:00:00.000 +00:00')";
        db.write_pool().execute_unprepared(row).await.unwrap();
        setup::migrate_with::<Broken>(&db).await.unwrap_err();
        assert_eq!(tables(&db).await, good, "an upgrade that fails leaves the schema that was");
        assert_eq!(applied(&db).await, steps());
        let kept = names(&db, "SELECT source AS name FROM work_calendar").await;
        assert_eq!(kept, BTreeSet::from(["x".to_owned()]), "and the data");
        // The next program, without the mistake, goes on from there.
        setup::migrate(&db).await.unwrap();
    }

    async fn nodes_that_start_at_once_bring_the_schema_up_once(database: &Fresh) {
        let nodes = join_all((0..4).map(async |_| {
            let db = Db::connect(&database.config()).await.unwrap();
            (setup::migrate(&db).await, db)
        }))
        .await;
        for (outcome, db) in nodes {
            outcome.unwrap();
            assert_eq!(applied(&db).await, steps());
        }
    }
}

on_both! {
    async fn a_node_whose_schema_is_behind_says_that_it_is_not_ready(world: World) {
        assert_eq!(world.visitor().get("/readyz").await.status, 200);
        let behind = "DELETE FROM seaql_migrations WHERE version = (SELECT MAX(version) FROM seaql_migrations)";
        world.platform().db.write_pool().execute_unprepared(behind).await.unwrap();
        let answer = world.visitor().get("/readyz").await;
        assert_eq!((answer.status, &answer.body["checks"]["migrations"]), (503, &json!(false)));
    }
}

#[tokio::test]
async fn programs_that_make_an_embedded_database_at_once_all_open_it() {
    for _ in 0..50 {
        let folder = tempfile::tempdir().unwrap();
        let config = DbConfig::new(format!("sqlite://{}/yidan.db", folder.path().display()));
        for opened in join_all((0..8).map(|_| Db::connect(&config))).await {
            opened.unwrap();
        }
    }
}

#[cfg(unix)]
#[tokio::test]
async fn the_file_of_an_embedded_database_is_its_owners_alone() {
    use std::os::unix::fs::PermissionsExt;

    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("yidan 库.db");
    let url = format!("sqlite://{}", file.display());
    let db = Db::connect(&DbConfig { create: false, ..DbConfig::new(&url) }).await;
    assert!(db.is_err() && !file.exists(), "not made where none is to be made");
    let db = Db::connect(&DbConfig::new(&url)).await.unwrap();
    yidan_migration::Migrator::up(db.write_pool(), None).await.unwrap();
    for entry in std::fs::read_dir(folder.path()).unwrap() {
        let entry = entry.unwrap();
        assert_eq!(entry.metadata().unwrap().permissions().mode() & 0o777, 0o600, "{:?}", entry.path());
    }
}
