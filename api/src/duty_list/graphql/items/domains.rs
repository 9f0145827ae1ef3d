//! The classes of a province's domain catalogue.

use std::sync::Arc;

use async_graphql::{Context, Object};

use crate::duty_list::graphql::loaders::NamedDomain;
use crate::{
    duty_list::store::lists::Domain,
    kernel::{
        fault::Fault,
        graphql::{Reply, loader},
        ids::DomainId,
    },
};

/// A domain class (领域类别).
#[derive(Clone)]
pub struct DutyDomain(pub Arc<Domain>);

/// A domain class of the province's catalogue (领域类别), such as 平安法治.
#[Object]
impl DutyDomain {
    /// Id (标识).
    pub async fn id(&self) -> DomainId {
        self.0.id
    }

    /// Name (名称).
    async fn name(&self) -> &str {
        &self.0.name
    }

    /// Place in the order (排序).
    async fn ordinal(&self) -> i32 {
        self.0.ordinal
    }

    /// Whether it may still be given to items (是否启用).
    async fn active(&self) -> bool {
        self.0.active
    }
}

pub(super) async fn domain(context: &Context<'_>, id: DomainId) -> Reply<DutyDomain> {
    let found = loader::one::<NamedDomain>(context, id).await?;
    found.map(DutyDomain).ok_or_else(|| Fault::new(format!("domain class {id} is gone")).into())
}
