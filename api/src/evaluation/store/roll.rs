//! Who deals with whom, and the roll.

use std::collections::HashMap;

use chrono::{DateTime, Utc};
use sea_orm::{
    ActiveValue::Set,
    ColumnTrait, ConnectionTrait, EntityTrait, QueryFilter, QueryOrder, QuerySelect, QueryTrait,
    sea_query::{Cond, Expr, ExprTrait, JoinType, Query, SelectStatement},
};
use yidan_entity::{ballot_roll, duty_list};

use crate::{
    evaluation::rules::{
        EvaluationDirection,
        roll::{Dealing, RollLine},
    },
    kernel::{
        fault::{Fault, Outcome},
        ids::{AccountId, DivisionId, OrgUnitId, ProvinceId, RoundId},
        policy::{Permit, act},
        runner::Tx,
        scope,
        value::stored,
    },
};

/// Townships with a list, by their divisions: those at or below `path`, or those of `divisions`.
pub async fn townships(
    db: &impl ConnectionTrait,
    province: ProvinceId,
    path: Option<&str>,
    divisions: &[DivisionId],
) -> Outcome<Vec<(DivisionId, OrgUnitId)>> {
    let mut select = duty_list::Entity::find().filter(duty_list::Column::ProvinceId.eq(province.0));
    select = match path {
        Some(path) => select.filter(scope::inside("duty_list", path)),
        None => select.filter(duty_list::Column::DivisionId.is_in(divisions.iter().map(|id| id.0))),
    };
    let rows = select.order_by_asc(duty_list::Column::Path).all(db).await?;
    Ok(rows.into_iter().map(|row| (row.division_id.into(), row.org_unit_id.into())).collect())
}

/// Items in force at `at` that a township shares with a department: cooperative ones it leads or guides, reclaimed ones
/// it took over.
fn shared_items(townships: &[OrgUnitId], departments: &[OrgUnitId], at: DateTime<Utc>) -> SelectStatement {
    let revision = |name: &'static str| Expr::col(("item_revision", name));
    Query::select()
        .distinct()
        .expr_as(Expr::col(("duty_list", "org_unit_id")), "township")
        .expr_as(Expr::col(("item_department", "org_unit_id")), "department")
        .expr_as(revision("category"), "category")
        .from("duty_list")
        .join(JoinType::InnerJoin, "item_revision", revision("list_id").equals(("duty_list", "id")))
        .join(
            JoinType::InnerJoin,
            "item_department",
            Expr::col(("item_department", "revision_id")).equals(("item_revision", "id")),
        )
        .and_where(Expr::col(("duty_list", "org_unit_id")).is_in(townships.iter().map(|id| id.0)))
        .and_where(Expr::col(("item_department", "org_unit_id")).is_in(departments.iter().map(|id| id.0)))
        .and_where(revision("category").is_in([COOPERATIVE, "RECLAIMED"]))
        .and_where(revision("effective_from").lte(at))
        .and_where(revision("recorded_from").lte(at))
        .cond_where(Cond::any().add(revision("effective_to").is_null()).add(revision("effective_to").gt(at)))
        .to_owned()
}

const COOPERATIVE: &str = "COOPERATIVE";

/// Departments heard since `since` in proceedings about a township, or proposed by it.
fn consultations(townships: &[OrgUnitId], departments: &[OrgUnitId], since: DateTime<Utc>) -> SelectStatement {
    let heard = |name: &'static str| Expr::col(("heard", name));
    Query::select()
        .distinct()
        .expr_as(Expr::col(("concerned", "org_unit_id")), "township")
        .expr_as(Expr::col(("proceeding", "proposer_org_id")), "proposer")
        .expr_as(heard("org_unit_id"), "department")
        .from_as("proceeding_party", "heard")
        .join(JoinType::InnerJoin, "proceeding", Expr::col(("proceeding", "id")).equals(("heard", "proceeding_id")))
        .join_as(
            JoinType::LeftJoin,
            "proceeding_party",
            "concerned",
            Cond::all()
                .add(Expr::col(("concerned", "proceeding_id")).equals(("heard", "proceeding_id")))
                .add(Expr::col(("concerned", "capacity")).eq("TOWNSHIP")),
        )
        .and_where(heard("capacity").eq("CONSULTED"))
        .and_where(heard("org_unit_id").is_in(departments.iter().map(|id| id.0)))
        .and_where(Expr::col(("proceeding", "submitted_at")).gte(since))
        .cond_where(
            Cond::any()
                .add(Expr::col(("concerned", "org_unit_id")).is_in(townships.iter().map(|id| id.0)))
                .add(Expr::col(("proceeding", "proposer_org_id")).is_in(townships.iter().map(|id| id.0))),
        )
        .to_owned()
}

/// The dealings of townships with departments: items they share at `at`, and consultations since `since`.
pub async fn dealings(
    db: &impl ConnectionTrait,
    townships: &[OrgUnitId],
    departments: &[OrgUnitId],
    at: DateTime<Utc>,
    since: DateTime<Utc>,
) -> Outcome<Vec<Dealing>> {
    let mut found = Vec::new();
    for row in db.query_all(&shared_items(townships, departments, at)).await? {
        let category: String = row.try_get("", "category")?;
        found.push(Dealing {
            township: OrgUnitId(row.try_get("", "township")?),
            department: OrgUnitId(row.try_get("", "department")?),
            cooperative: category == COOPERATIVE,
        });
    }
    for row in db.query_all(&consultations(townships, departments, since)).await? {
        let department = OrgUnitId(row.try_get("", "department")?);
        let concerned: Option<uuid::Uuid> = row.try_get("", "township")?;
        let proposer = OrgUnitId(row.try_get("", "proposer")?);
        let parties = [concerned.map(OrgUnitId), townships.contains(&proposer).then_some(proposer)];
        let parties = parties.into_iter().flatten().filter(|org| townships.contains(org));
        found.extend(parties.map(|township| Dealing { township, department, cooperative: false }));
    }
    Ok(found)
}

// ---- the roll

/// SQLite takes 32,766 values in one statement, a line has seven.
const BATCH: usize = 2_000;

/// Writes the roll of the round a permit names.
pub async fn insert_roll(
    tx: &Tx,
    permit: &Permit<act::OpenEvaluation>,
    province: ProvinceId,
    lines: &[RollLine],
) -> Outcome<()> {
    for batch in lines.chunks(BATCH) {
        let rows = batch.iter().map(|line| ballot_roll::ActiveModel {
            round_id: Set(permit.target()),
            account_id: Set(line.account.0),
            subject_org_id: Set(line.subject.0),
            province_id: Set(province.0),
            direction: Set(line.direction.code().to_owned()),
            rater_org_id: Set(line.rater.0),
            issued: Set(false),
        });
        ballot_roll::Entity::insert_many(rows).exec_without_returning(tx.db()).await?;
    }
    Ok(())
}

/// A line of the roll as its person sees it.
#[derive(Clone, Copy, Debug)]
pub struct MyLine {
    /// Who is rated.
    pub subject: OrgUnitId,
    /// In which direction.
    pub direction: EvaluationDirection,
    /// Whether the paper was handed out.
    pub issued: bool,
}

fn mine(rounds: &[RoundId], account: AccountId, rater: OrgUnitId) -> sea_orm::Select<ballot_roll::Entity> {
    ballot_roll::Entity::find()
        .filter(ballot_roll::Column::RoundId.is_in(rounds.iter().map(|id| id.0)))
        .filter(ballot_roll::Column::AccountId.eq(account.0))
        .filter(ballot_roll::Column::RaterOrgId.eq(rater.0))
        // Everybody who locks several boxes does so in this order.
        .order_by_asc(ballot_roll::Column::SubjectOrgId)
}

fn my_line(row: ballot_roll::Model) -> Result<(RoundId, MyLine), Fault> {
    let line = MyLine { subject: row.subject_org_id.into(), direction: stored(&row.direction)?, issued: row.issued };
    Ok((row.round_id.into(), line))
}

/// A person's lines in rounds, for the organisation acted for.
pub async fn my_lines(
    db: &impl ConnectionTrait,
    rounds: &[RoundId],
    account: AccountId,
    rater: OrgUnitId,
) -> Outcome<HashMap<RoundId, Vec<MyLine>>> {
    let mut map: HashMap<RoundId, Vec<MyLine>> = HashMap::new();
    for row in mine(rounds, account, rater).all(db).await? {
        let (round, line) = my_line(row)?;
        map.entry(round).or_default().push(line);
    }
    Ok(map)
}

/// A person's lines in one round, locked: two claims at once cannot both find them open.
pub async fn my_lines_for_update(
    tx: &Tx,
    round: RoundId,
    account: AccountId,
    rater: OrgUnitId,
) -> Outcome<Vec<MyLine>> {
    let rows = mine(&[round], account, rater).lock_exclusive().all(tx.db()).await?;
    Ok(rows.into_iter().map(|row| my_line(row).map(|(_, line)| line)).collect::<Result<_, _>>()?)
}

/// Marks a person's lines for one organisation as issued, in the round a permit names.
pub async fn issue(tx: &Tx, permit: &Permit<act::ClaimBallots>, account: AccountId, rater: OrgUnitId) -> Outcome<()> {
    ballot_roll::Entity::update_many()
        .col_expr(ballot_roll::Column::Issued, Expr::value(true))
        .filter(ballot_roll::Column::RoundId.eq(permit.target()))
        .filter(ballot_roll::Column::AccountId.eq(account.0))
        .filter(ballot_roll::Column::RaterOrgId.eq(rater.0))
        .exec(tx.db())
        .await?;
    Ok(())
}

/// How many persons of an organisation may vote and how many took their papers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Participation {
    /// The organisation.
    pub rater: OrgUnitId,
    /// In which direction it rates.
    pub direction: EvaluationDirection,
    /// Persons on the roll.
    pub voters: i64,
    /// Those who took their papers.
    pub issued: i64,
}

/// Participation in rounds, by organisation; of one organisation only if given.
pub async fn participation(
    db: &impl ConnectionTrait,
    rounds: &[RoundId],
    only: Option<OrgUnitId>,
) -> Outcome<HashMap<RoundId, Vec<Participation>>> {
    use ballot_roll::Column as C;
    let mut counted: HashMap<(RoundId, OrgUnitId), Participation> = HashMap::new();
    for issued_only in [false, true] {
        let mut select = ballot_roll::Entity::find()
            .select_only()
            .columns([C::RoundId, C::RaterOrgId, C::Direction])
            .column_as(Expr::col(C::AccountId).count_distinct(), "persons")
            .filter(C::RoundId.is_in(rounds.iter().map(|id| id.0)))
            .group_by(C::RoundId)
            .group_by(C::RaterOrgId)
            .group_by(C::Direction);
        if issued_only {
            select = select.filter(C::Issued.eq(true));
        }
        if let Some(only) = only {
            select = select.filter(C::RaterOrgId.eq(only.0));
        }
        for row in db.query_all(&select.into_query()).await? {
            let round = RoundId(row.try_get("", "round_id")?);
            let rater = OrgUnitId(row.try_get("", "rater_org_id")?);
            let direction = stored(&row.try_get::<String>("", "direction")?)?;
            let persons = row.try_get("", "persons")?;
            let entry =
                counted.entry((round, rater)).or_insert(Participation { rater, direction, voters: 0, issued: 0 });
            if issued_only { entry.issued = persons } else { entry.voters = persons }
        }
    }
    let mut map: HashMap<RoundId, Vec<Participation>> = HashMap::new();
    for ((round, _), entry) in counted {
        map.entry(round).or_default().push(entry);
    }
    for entries in map.values_mut() {
        entries.sort_by_key(|entry| (entry.direction, entry.rater));
    }
    Ok(map)
}
