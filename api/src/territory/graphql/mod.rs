//! Territory in the schema.

pub mod division;
pub mod loaders;
pub mod mutation;
pub mod org_unit;
pub mod province;
pub mod query;

pub use division::{Division, DivisionConnection};
pub use loaders::{DivisionById, NamedOffice, NamedOrg, OfficeById, OrgById, PositionById};
pub use mutation::TerritoryMutation;
pub use org_unit::{InternalOffice, OrgUnit, OrgUnitConnection, Position};
pub use province::Province;
pub use query::TerritoryQuery;

use async_graphql::Context;

use crate::kernel::{
    fault::{Fault, Outcome},
    graphql::loader,
    ids::{OfficeId, OrgUnitId},
};

/// The organisation that something the caller sees names.
pub async fn named_org(context: &Context<'_>, id: OrgUnitId) -> Outcome<OrgUnit> {
    let found = loader::one::<NamedOrg>(context, id).await?;
    found.map(OrgUnit::of).ok_or_else(|| Fault::new(format!("organisation {id} is gone")).into())
}

/// The organisations that something the caller sees names, in their order.
pub async fn named_orgs(context: &Context<'_>, ids: Vec<OrgUnitId>) -> Outcome<Vec<OrgUnit>> {
    let found = loader::many::<NamedOrg>(context, ids.clone()).await?;
    Ok(ids.into_iter().filter_map(|id| found.get(&id).cloned().map(OrgUnit::of)).collect())
}

/// The internal office that something the caller sees names.
pub async fn named_office(context: &Context<'_>, id: OfficeId) -> Outcome<InternalOffice> {
    let found = loader::one::<NamedOffice>(context, id).await?;
    found.map(InternalOffice::of).ok_or_else(|| Fault::new(format!("internal office {id} is gone")).into())
}
