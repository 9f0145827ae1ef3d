//! Use cases of admission: proposing ([`proposing`]), the steps up to the county's decision ([`reviewing`]), the review
//! chain and the province ([`approving`]), lapse ([`lapse`]).

pub mod approving;
pub mod lapse;
pub mod likeness;
pub mod proposing;
pub mod reviewing;

use crate::{
    duty_list::store::change::{self, Request},
    kernel::{
        deadline::Deadline,
        fault::{Fault, Outcome, refuse},
        ids::{AdmissionId, OrgUnitId},
        policy::{Act, Action, Permit},
        refusal::Refusal,
        runner::Tx,
    },
    proceeding::{
        rules::{Capacity, Case, Wait},
        service::{Move, Note, advance},
        store::NOT_NEEDED,
    },
};

use super::rules::{AdmissionProcedure, AdmissionState};

/// A visible request with its grounds, or `NOT_FOUND`.
async fn load(tx: &Tx, id: AdmissionId, path: &str) -> Outcome<(Case, Request)> {
    let case = crate::proceeding::service::load::<AdmissionProcedure>(tx, id, path).await?;
    let request = change::requests(tx.db(), &[case.head.id]).await?.remove(&case.head.id);
    Ok((case, request.ok_or_else(|| Fault::new("an admission without its request"))?))
}

fn only(case: &Case, capacity: Capacity) -> Outcome<OrgUnitId> {
    let found = case.in_capacity(capacity).into_iter().next();
    found.ok_or_else(|| Fault::new(format!("an admission without its {capacity} office")).into())
}

/// Waits for an organisation for so many working days from a moment on.
fn wait(org: OrgUnitId, task: Action, from: chrono::DateTime<chrono::Utc>, working_days: u32) -> Wait {
    Wait { org, task, deadline: Some(Deadline::working_days(from, working_days)) }
}

/// Sends a request back for correction, not more often than the province allows.
async fn send_back<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, note: Note) -> Outcome<()> {
    let most = tx.actor()?.settings.thresholds.max_returns;
    if u32::try_from(case.head.return_count).unwrap_or(0) >= most {
        return refuse(Refusal::conflict(
            "input.outcome",
            "退回次数已达上限，须作出通过或不予通过的结论。",
            "was returned as often as allowed; pass or refuse it.",
        ));
    }
    let again = Wait { org: case.head.proposer, task: Action::SubmitAdmission, deadline: None };
    let step = Move {
        wait: vec![again],
        returned: true,
        chain_index: Some(0),
        outcome: "RETURNED",
        ..Move::to(AdmissionState::Returned)
    };
    advance(tx, permit, &case.head, step, note).await
}

/// Refuses a request for good.
async fn reject<A: Act>(tx: &Tx, permit: &Permit<A>, case: &Case, note: Note) -> Outcome<()> {
    advance(
        tx,
        permit,
        &case.head,
        Move { ends: true, outcome: NOT_NEEDED, ..Move::to(AdmissionState::Rejected) },
        note,
    )
    .await
}
