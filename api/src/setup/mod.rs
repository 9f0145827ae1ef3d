//! Preparing a deployment: schema, provinces, reference data, the demonstration world. Done at the machine, by the
//! system itself.

pub mod demo;
mod store;

use std::collections::BTreeMap;

use sea_orm::{ConnectionTrait, DbBackend, DbErr};
use serde_json::json;
use yidan_migration::{Migrator, sea_orm_migration::MigratorTrait};

use crate::{
    evaluation,
    kernel::{
        audit::Event,
        calendar::YearDays,
        clock::china_date,
        ctx::Ctx,
        db::Db,
        fault::{Outcome, refuse},
        ids::{OrgUnitId, ProceedingId, ProvinceId},
        place::{DivisionLevel, OrgKind},
        platform::Platform,
        policy::{Action, act, by_system},
        refusal::Refusal,
        runner::{Tx, UseCase, run},
        scope::Scope,
    },
    proceeding,
    territory::{self, rules::OrgUnit},
};

/// Any number that all nodes agree on.
const MIGRATION_LOCK: i64 = 0x0079_6964_616e;

/// Brings the schema up to date, all steps in one transaction: a step that fails leaves everything as it was. On
/// PostgreSQL several nodes may start at once; they wait for each other.
pub async fn migrate(db: &Db) -> Result<(), DbErr> {
    migrate_with::<Migrator>(db).await
}

/// The same with other steps than ours.
pub async fn migrate_with<M: MigratorTrait>(db: &Db) -> Result<(), DbErr> {
    let transaction = db.begin().await?;
    if db.backend() == DbBackend::Postgres {
        transaction.execute_unprepared("SET LOCAL lock_timeout = 0; SET LOCAL statement_timeout = 0;").await?;
        transaction.execute_unprepared(&format!("SELECT pg_advisory_xact_lock({MIGRATION_LOCK})")).await?;
    }
    M::up(&transaction, None).await?;
    transaction.commit().await
}

/// Registers an organisation at the machine.
#[derive(serde::Serialize)]
pub struct RegisterOrg {
    /// Its province.
    pub province: ProvinceId,
    /// Code of its division.
    pub division_code: String,
    /// Kind.
    pub kind: OrgKind,
    /// Full name.
    pub name: String,
    /// Name in daily use.
    pub short_name: String,
    /// Level, if not that of the division.
    pub level: Option<DivisionLevel>,
    /// Management committee or line above.
    pub parent: Option<OrgUnitId>,
    /// Whether it belongs to a line above.
    pub vertical: bool,
}

impl UseCase for RegisterOrg {
    const NAME: &'static str = "registerOrg";
    type Output = OrgUnitId;

    async fn execute(&self, tx: &Tx) -> Outcome<OrgUnitId> {
        let today = china_date(tx.now());
        let found = territory::store::division_by_code(tx.db(), &self.division_code, today).await?;
        let Some(place) = found else { return refuse(Refusal::not_found("divisionCode")) };
        let id = OrgUnitId::new();
        let permit = by_system::<act::CreateOrgUnit>(id, "an organisation is registered at the machine");
        let new = OrgUnit {
            id,
            province: self.province,
            division: place.id,
            level: self.level.unwrap_or(place.level),
            path: place.path,
            kind: self.kind,
            name: self.name.clone(),
            short_name: self.short_name.clone(),
            parent: self.parent,
            vertical: self.vertical,
            successor: None,
            valid_from: today,
            valid_to: None,
            revision: 1,
        };
        territory::service::organisations::only_one(tx, &new, "kind").await?;
        territory::store::insert_org(tx, &permit, &new).await?;
        tx.record(
            Event::new(Action::CreateOrgUnit, self.province, "OrgUnit", id, new.path.clone())
                .change(json!(null), json!({ "name": new.name, "kind": new.kind })),
        );
        Ok(id)
    }
}

/// The operator organisation of a province, home of its technical administrators; made if it is not there, together
/// with the province itself.
pub async fn operator(ctx: &Ctx, province_code: &str) -> Outcome<OrgUnitId> {
    let province = territory::service::provinces::serve_province(ctx, province_code).await?;
    let today = china_date(ctx.now());
    let Some(place) = territory::store::division_by_code(ctx.db().read(), province_code, today).await? else {
        return refuse(Refusal::not_found("province"));
    };
    let known =
        territory::store::orgs_of_divisions(ctx.db().read(), &Scope::Everything, &[place.id], &[OrgKind::Operator])
            .await?;
    if let Some(known) = known.into_iter().find(|org| org.province == province) {
        return Ok(known.id);
    }
    let register = RegisterOrg {
        province,
        division_code: place.code,
        kind: OrgKind::Operator,
        name: format!("{}依单平台运维中心", place.name),
        short_name: "平台运维中心".into(),
        level: None,
        parent: None,
        vertical: false,
    };
    run(ctx, &register).await
}

/// What loading a calendar did.
pub struct Loaded {
    /// Years that changed.
    pub years: usize,
    /// Open deadlines that were computed again.
    pub deadlines: usize,
}

/// Loads published notices as new versions of their years and computes every open deadline again.
pub async fn load_calendar(
    platform: &std::sync::Arc<Platform>,
    years: BTreeMap<i32, YearDays>,
    source: &str,
) -> Outcome<Loaded> {
    let ctx = Ctx::system(std::sync::Arc::clone(platform), "载入工作日历");
    let known = platform.calendar();
    let mut changed = 0;
    for (year, days) in years {
        let current = known.years().find(|(known, ..)| *known == year);
        if current.as_ref().is_some_and(|(.., known)| **known == days) {
            continue;
        }
        let version = current.map_or(1, |(_, version, _)| version + 1);
        proceeding::store::insert_calendar(ctx.db().write_pool(), year, version, &days, source, ctx.now()).await?;
        changed += 1;
    }
    platform.reload_calendar().await?;
    let mut deadlines = 0;
    for entry in proceeding::store::clocks(ctx.db().read()).await? {
        let due = entry.deadline.as_ref().map(|deadline| deadline.due(&platform.calendar()));
        if let Some(due) = due
            && (due.at != entry.due_at || Some(&due.calendar_version) != entry.calendar_version.as_ref())
        {
            run(&ctx, &Recompute { entry: entry.id, proceeding: entry.proceeding }).await?;
            deadlines += 1;
        }
    }
    Ok(Loaded { years: changed, deadlines })
}

#[derive(serde::Serialize)]
struct Recompute {
    entry: crate::kernel::ids::QueueEntryId,
    proceeding: ProceedingId,
}

impl UseCase for Recompute {
    const NAME: &'static str = "recomputeDeadline";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let open = proceeding::store::open_entries(tx.db(), &[self.proceeding])
            .await?
            .remove(&self.proceeding)
            .unwrap_or_default();
        let head =
            proceeding::store::heads(tx.db(), &Scope::Everything, &[self.proceeding]).await?.remove(&self.proceeding);
        let entry = open.into_iter().find(|entry| entry.id == self.entry);
        let (Some(head), Some(entry)) = (head, entry) else {
            tx.unrecorded("done in the meantime");
            return Ok(());
        };
        let Some(due) = entry.deadline.as_ref().map(|deadline| deadline.due(&tx.ctx().calendar())) else {
            tx.unrecorded("it has no clock");
            return Ok(());
        };
        let permit = by_system::<act::LoadCalendar>(self.entry, "a calendar was loaded");
        proceeding::store::set_due(tx, &permit, self.entry, &due).await?;
        if let (Action::ClaimBallots, Some(end)) = (entry.task, due.at) {
            evaluation::store::put_off(tx, &permit, self.proceeding, end).await?;
        }
        tx.record(
            Event::new(Action::LoadCalendar, head.province, head.kind.type_name(), head.id.0, head.path)
                .of(head.id)
                .concerning(entry.org)
                .change(
                    json!({ "dueAt": entry.due_at, "calendar": entry.calendar_version }),
                    json!({ "dueAt": due.at, "calendar": due.calendar_version }),
                ),
        );
        Ok(())
    }
}
