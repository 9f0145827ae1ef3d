//! The database schema, one step per file, the same on SQLite and PostgreSQL.
//!
//! A step is a `.sql` file in `sql/`, written once in PostgreSQL's words; [`dialect`] turns the few type names that
//! SQLite spells differently. What only one of the two understands stands in a block that opens with
//! `-- only: postgres` or `-- only: sqlite` and closes with `-- end`. Every step runs inside one transaction on both
//! databases, so a step that fails leaves the schema as it was.
//!
//! To add a step: write `sql/NNNN_name.sql`, add its row to [`STEPS`], and its entities to the `entity` crate. A step
//! that has been released is never edited.

mod dialect;

pub use sea_orm_migration;

use sea_orm_migration::prelude::*;

/// The steps in the order in which they run: name and text.
pub const STEPS: &[(&str, &str)] = &[
    ("m0001_territory", include_str!("sql/0001_territory.sql")),
    ("m0002_identity", include_str!("sql/0002_identity.sql")),
    ("m0003_evidence", include_str!("sql/0003_evidence.sql")),
    ("m0004_proceeding", include_str!("sql/0004_proceeding.sql")),
    ("m0005_duty_list", include_str!("sql/0005_duty_list.sql")),
    ("m0006_list_change", include_str!("sql/0006_list_change.sql")),
    ("m0007_evaluation", include_str!("sql/0007_evaluation.sql")),
    ("m0008_one_office", include_str!("sql/0008_one_office.sql")),
    ("m0009_deployment", include_str!("sql/0009_deployment.sql")),
    ("m0010_webhook", include_str!("sql/0010_webhook.sql")),
    ("m0011_sign_on", include_str!("sql/0011_sign_on.sql")),
    ("m0012_webhook_waiting", include_str!("sql/0012_webhook_waiting.sql")),
];

/// Runs [`STEPS`]; the only thing that may change the schema.
pub struct Migrator;

#[async_trait::async_trait]
impl MigratorTrait for Migrator {
    fn migrations() -> Vec<Box<dyn MigrationTrait>> {
        STEPS.iter().map(|&(name, text)| Box::new(SqlStep::new(name, text)) as Box<dyn MigrationTrait>).collect()
    }
}

/// One step made of SQL text.
pub struct SqlStep {
    name: &'static str,
    text: &'static str,
}

impl SqlStep {
    /// A step called `name`; the name is what the database remembers.
    #[must_use]
    pub const fn new(name: &'static str, text: &'static str) -> Self {
        Self { name, text }
    }
}

impl MigrationName for SqlStep {
    fn name(&self) -> &str {
        self.name
    }
}

#[async_trait::async_trait]
impl MigrationTrait for SqlStep {
    async fn up(&self, manager: &SchemaManager) -> Result<(), DbErr> {
        let sql = dialect::translate(self.text, manager.get_database_backend());
        manager.get_connection().execute_unprepared(&sql).await?;
        Ok(())
    }

    // SQLite would otherwise run a step statement by statement and leave half of it behind.
    fn use_transaction(&self) -> Option<bool> {
        Some(true)
    }
}
