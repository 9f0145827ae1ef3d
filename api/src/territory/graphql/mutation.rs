//! Acts on territory.

use std::sync::Arc;

use async_graphql::{Context, Object};

use super::{Division, InternalOffice, OrgUnit, Position, Province, loaders};
use crate::{
    kernel::{
        fault::{Fault, Outcome},
        graphql::{
            Reply, ctx,
            loader::{self, Batch},
        },
        ids::{DivisionId, ProvinceId},
        runner::command,
    },
    territory::{
        service::{
            divisions::RegisterDivisionChange,
            offices::{CloseInternalOffice, ClosePosition, CreateInternalOffice, CreatePosition, RenameInternalOffice},
            organisations::{AbolishOrgUnit, CreateOrgUnit, RenameOrgUnit},
            provinces::{UpdateProvinceAccess, UpdateProvinceRules},
            zones::{AssignTownshipToZone, ConfigureReviewChain, ReleaseTownshipFromZone},
        },
        store,
    },
};

crate::payload! {
    /// Result of an act on an organisation (机构操作结果).
    OrgUnitPayload {
        /// The organisation as it is now (机构).
        org_unit: OrgUnit
    }
    /// Result of an act on an internal office (内设机构操作结果).
    InternalOfficePayload {
        /// The office as it is now (内设机构).
        internal_office: InternalOffice
    }
    /// Result of an act on a position (岗位操作结果).
    PositionPayload {
        /// The position as it is now (岗位).
        position: Position
    }
    /// Result of an act on a division (区划操作结果).
    DivisionPayload {
        /// The division as it is now (区划).
        division: Division
    }
    /// Result of a change of divisions (区划变更结果).
    DivisionChangePayload {
        /// The divisions that begin (新设的区划).
        divisions: Vec<Division>
    }
    /// Result of a change of a province's settings (省级设置修改结果).
    ProvincePayload {
        /// The province with its settings as they are now (省份).
        province: Province
    }
}

/// Reads back what a command names.
pub async fn read_back<B: Batch>(context: &Context<'_>, outcome: Outcome<B::Key>) -> Outcome<B::Value> {
    let found = loader::one::<B>(context, outcome?).await?;
    found.ok_or_else(|| Fault::new("what was just written is gone").into())
}

async fn division(context: &Context<'_>, outcome: Outcome<DivisionId>) -> Outcome<Division> {
    Ok(Division::of(read_back::<loaders::DivisionById>(context, outcome).await?))
}

async fn province(context: &Context<'_>, outcome: Outcome<ProvinceId>) -> Outcome<Province> {
    let found = store::province(ctx(context).db().read(), outcome?).await?;
    found.map(Province).ok_or_else(|| Fault::new("the province is gone").into())
}

/// Acts on territory.
#[derive(Default)]
pub struct TerritoryMutation;

macro_rules! act {
    ($context:ident, $input:ident, $payload:ident, $loader:ident, $object:ident) => {{
        let outcome = command(ctx($context), &$input).await;
        let outcome = read_back::<loaders::$loader>($context, outcome).await.map($object::of);
        $payload::of(ctx($context), outcome)
    }};
}

#[Object]
impl TerritoryMutation {
    /// Registers an organisation (登记机构). Technical administrator.
    async fn create_org_unit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to register (登记内容)")] input: CreateOrgUnit,
    ) -> Reply<OrgUnitPayload> {
        act!(context, input, OrgUnitPayload, OrgById, OrgUnit)
    }

    /// Renames an organisation (机构更名). Technical administrator.
    async fn rename_org_unit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to rename (更名内容)")] input: RenameOrgUnit,
    ) -> Reply<OrgUnitPayload> {
        act!(context, input, OrgUnitPayload, OrgById, OrgUnit)
    }

    /// Abolishes an organisation (撤销机构). Technical administrator.
    async fn abolish_org_unit(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to abolish (撤销内容)")] input: AbolishOrgUnit,
    ) -> Reply<OrgUnitPayload> {
        act!(context, input, OrgUnitPayload, OrgById, OrgUnit)
    }

    /// Puts a township under a zone's management committee (划归功能区管理). Technical administrator.
    async fn assign_township_to_zone(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Township and zone (乡镇与功能区)")] input: AssignTownshipToZone,
    ) -> Reply<DivisionPayload> {
        let outcome = command(ctx(context), &input).await;
        DivisionPayload::of(ctx(context), division(context, outcome).await)
    }

    /// Ends a zone's administration of a township (解除功能区管理). Technical administrator.
    async fn release_township_from_zone(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Township (乡镇)")] input: ReleaseTownshipFromZone,
    ) -> Reply<DivisionPayload> {
        let outcome = command(ctx(context), &input).await;
        DivisionPayload::of(ctx(context), division(context, outcome).await)
    }

    /// Configures the review chain above a decision body (配置审批链). Technical administrator.
    async fn configure_review_chain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Chain (审批链)")] input: ConfigureReviewChain,
    ) -> Reply<OrgUnitPayload> {
        act!(context, input, OrgUnitPayload, OrgById, OrgUnit)
    }

    /// Registers a change of divisions (登记区划变更). Technical administrator.
    async fn register_division_change(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The change (变更内容)")] input: RegisterDivisionChange,
    ) -> Reply<DivisionChangePayload> {
        let outcome = match command(ctx(context), &input).await {
            Ok(ids) => loader::many::<loaders::DivisionById>(context, ids.clone()).await.map(|found| {
                ids.iter().filter_map(|id| found.get(id)).map(|facts| Division::of(Arc::clone(facts))).collect()
            }),
            Err(failure) => Err(failure),
        };
        DivisionChangePayload::of(ctx(context), outcome)
    }

    /// Registers an internal office (登记内设机构). Technical administrator, or the township itself.
    async fn create_internal_office(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to register (登记内容)")] input: CreateInternalOffice,
    ) -> Reply<InternalOfficePayload> {
        act!(context, input, InternalOfficePayload, OfficeById, InternalOffice)
    }

    /// Renames an internal office (内设机构更名). Technical administrator, or the township itself.
    async fn rename_internal_office(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to rename (更名内容)")] input: RenameInternalOffice,
    ) -> Reply<InternalOfficePayload> {
        act!(context, input, InternalOfficePayload, OfficeById, InternalOffice)
    }

    /// Closes an internal office (撤销内设机构). Technical administrator, or the township itself.
    async fn close_internal_office(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close (撤销内容)")] input: CloseInternalOffice,
    ) -> Reply<InternalOfficePayload> {
        act!(context, input, InternalOfficePayload, OfficeById, InternalOffice)
    }

    /// Registers a position (登记岗位). Technical administrator, or the township itself.
    async fn create_position(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to register (登记内容)")] input: CreatePosition,
    ) -> Reply<PositionPayload> {
        act!(context, input, PositionPayload, PositionById, Position)
    }

    /// Closes a position (撤销岗位). Technical administrator, or the township itself.
    async fn close_position(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to close (撤销内容)")] input: ClosePosition,
    ) -> Reply<PositionPayload> {
        act!(context, input, PositionPayload, PositionById, Position)
    }

    /// Changes my province's deadlines, thresholds and dimensions (修改业务规则). Establishment office of the province.
    async fn update_province_rules(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change (修改内容)")] input: UpdateProvinceRules,
    ) -> Reply<ProvincePayload> {
        let outcome = command(ctx(context), &input).await;
        ProvincePayload::of(ctx(context), province(context, outcome).await)
    }

    /// Changes who may reach the API and in which language it answers (修改接入设置). Technical administrator.
    async fn update_province_access(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "What to change (修改内容)")] input: UpdateProvinceAccess,
    ) -> Reply<ProvincePayload> {
        let outcome = command(ctx(context), &input).await;
        ProvincePayload::of(ctx(context), province(context, outcome).await)
    }
}
