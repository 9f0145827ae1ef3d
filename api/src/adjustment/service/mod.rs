//! Use cases of adjustment: raising a request ([`raising`]), the steps of the county ([`deciding`]), the consultation
//! ([`consulting`]), the watch on laws ([`law`]).

pub mod consulting;
pub mod deciding;
pub mod law;
pub mod raising;

use serde_json::json;
use sha2::{Digest, Sha256};

use crate::{
    adjustment::{
        rules::{AdjustmentGrounds, Signed, Signing},
        store::Signature,
    },
    duty_list::store::change::{self, Change, Request},
    kernel::{
        deadline::Deadline,
        fault::{Fault, Outcome},
        ids::{AdjustmentId, OrgUnitId},
        policy::Action,
        runner::Tx,
    },
    proceeding::rules::{Capacity, Case, Proceeding, Wait},
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

/// The text of a request and who signed which. What a head signs is title, grounds and every change.
#[must_use]
pub fn signing(head: &Proceeding, request: &Request, changes: &[Change], signed: &[Signature]) -> Signing {
    let changes: Vec<_> = changes
        .iter()
        .map(|change| {
            let targets: Vec<_> =
                change.targets.iter().map(|target| json!([target.list, target.item, target.derived_from])).collect();
            json!([change.direction, change.content, targets])
        })
        .collect();
    let text = json!([head.title, request.origin, request.reason, request.grounds, changes]);
    let signed = signed.iter().map(|signature| Signed {
        role: signature.role,
        account: signature.account,
        digest: signature.digest.clone(),
    });
    Signing {
        origin: request.origin,
        burden: request.burden,
        digest: hex::encode(Sha256::digest(crate::kernel::audit::canonical(&text).to_string())),
        signed: signed.collect(),
    }
}
