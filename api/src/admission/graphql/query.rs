//! Questions about admission.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{Admission, objects::AdmissionConnection};
use crate::{
    admission::rules::AdmissionState,
    kernel::{
        graphql::{Reply, connection::Total, ctx},
        ids::{DutyListId, OrgUnitId},
        paging::PageArgs,
        scope, text,
    },
    proceeding::{
        rules::ProceedingKind,
        store::{CaseFilter, case_page, select_cases},
    },
};

/// Questions about admission.
#[derive(Default)]
pub struct AdmissionQuery;

#[Object]
impl AdmissionQuery {
    /// Admission requests that I may see, newest first (职责准入申请列表).
    async fn admissions(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "In these states (状态)")] states: Option<Vec<AdmissionState>>,
        #[graphql(desc = "Raised by this organisation (提出单位)")] proposer_id: Option<OrgUnitId>,
        #[graphql(desc = "Touching this list (所涉清单)")] list_id: Option<DutyListId>,
        #[graphql(desc = "With this in title or number (标题或编号包含)")] text: Option<String>,
        #[graphql(desc = "The first so many, at most 100; 20 if neither `first` nor `last` is given (前若干条)")] first: Option<i32>,
        #[graphql(desc = "After this cursor (起始游标)")] after: Option<String>,
        #[graphql(desc = "The last so many, at most 100 (后若干条)")] last: Option<i32>,
        #[graphql(desc = "Before this cursor (截止游标)")] before: Option<String>,
    ) -> Reply<AdmissionConnection> {
        let ctx = ctx(context);
        let scope = scope::of_actor(ctx)?;
        let filter = CaseFilter {
            states: states.unwrap_or_default().into_iter().map(AdmissionState::code).collect(),
            proposer: proposer_id,
            also: list_id.map(crate::duty_list::store::change::touching),
            text: text::optional("text", text.as_deref(), 100, text::line)?,
        };
        let select = select_cases(&scope, ProceedingKind::Admission, filter);
        let page = case_page(ctx.db().read(), select.clone(), &PageArgs { first, after, last, before }).await?;
        Ok(AdmissionConnection::new(page.map(|case| Admission::of(Arc::new(case))), Total::count(select)))
    }
}
