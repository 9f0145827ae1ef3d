//! Use cases of adjustment: raising a request ([`raising`]), the steps of the county ([`deciding`]), the consultation
//! ([`consulting`]), the watch on laws ([`law`]).

pub mod consulting;
pub mod deciding;
pub mod law;
pub mod raising;

use crate::{
    adjustment::rules::AdjustmentGrounds,
    duty_list::store::change::{self, Request},
    kernel::{
        deadline::Deadline,
        fault::{Fault, Outcome},
        ids::{AdjustmentId, OrgUnitId},
        policy::Action,
        runner::Tx,
    },
    proceeding::rules::{Capacity, Case, Wait},
};

use super::rules::AdjustmentProcedure;

/// A visible request with its grounds, or `NOT_FOUND`.
async fn load(tx: &Tx, id: AdjustmentId, path: &str) -> Outcome<(Case, Request)> {
    let case = crate::proceeding::service::load::<AdjustmentProcedure>(tx, id, path).await?;
    let request = change::requests(tx.db(), &[case.head.id]).await?.remove(&case.head.id);
    Ok((case, request.ok_or_else(|| Fault::new("an adjustment without its request"))?))
}

fn grounds(request: &Request) -> Outcome<AdjustmentGrounds> {
    Ok(serde_json::from_value(request.grounds.clone())?)
}

fn only(case: &Case, capacity: Capacity) -> Outcome<OrgUnitId> {
    let found = case.in_capacity(capacity).into_iter().next();
    found.ok_or_else(|| Fault::new(format!("an adjustment without its {capacity} office")).into())
}

/// Waits for an organisation for so many working days from a moment on.
fn wait(org: OrgUnitId, task: Action, from: chrono::DateTime<chrono::Utc>, working_days: u32) -> Wait {
    Wait { org, task, deadline: Some(Deadline::working_days(from, working_days)) }
}
