//! An approval lapses wherever it is not incorporated in time. Where a list has taken it up, the duty holds and the
//! admission ends as incorporated; where none has, it ends as lapsed.

use crate::{
    admission::rules::{AdmissionProcedure, AdmissionState},
    duty_list,
    kernel::{
        ctx::Ctx,
        fault::{Fault, Outcome},
        ids::ProceedingId,
        policy::{Action, act, by_system},
        runner::{Tx, UseCase, run},
        scope::Scope,
    },
    proceeding::{
        self,
        rules::ProceedingKind,
        service::{Move, Note, advance},
    },
};

#[derive(serde::Serialize)]
struct Lapse {
    admission: ProceedingId,
}

impl UseCase for Lapse {
    const NAME: &'static str = "lapseAdmission";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        proceeding::store::hold(tx, self.admission).await?;
        let case =
            proceeding::store::cases(tx.db(), &Scope::Everything, &[self.admission]).await?.remove(&self.admission);
        let case = case.ok_or_else(|| Fault::new("an admission is gone"))?;
        if case.state::<AdmissionProcedure>() != Some(AdmissionState::Approved) {
            tx.unrecorded("incorporated or lapsed in the meantime");
            return Ok(());
        }
        let permit = by_system::<act::LapseAdmission>(self.admission, "it was not incorporated in time");
        let taken_up = duty_list::store::incorporation::is_incorporated_anywhere(tx.db(), self.admission).await?;
        let end = if taken_up { AdmissionState::Incorporated } else { AdmissionState::Lapsed };
        let step = Move { ends: true, outcome: "LAPSED", ..Move::to(end) };
        advance(tx, &permit, &case.head, step, Note::default()).await
    }
}

/// Lapses approvals whose time is over.
pub async fn tick(ctx: &Ctx) -> Outcome<()> {
    let (task, state) = (Action::DraftIncorporation, AdmissionState::Approved.code());
    for admission in
        proceeding::store::overdue(ctx.db().read(), ProceedingKind::Admission, task, state, ctx.now()).await?
    {
        run(ctx, &Lapse { admission }).await?;
    }
    Ok(())
}
