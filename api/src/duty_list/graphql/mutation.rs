//! Acts on duty lists.

use async_graphql::{Context, Object};

use super::{
    DutyDomain, DutyItem, ItemTemplate, ListVersion,
    loaders::{DomainById, ItemById, TemplateById, VersionById},
    sheets::{self, ImportDutyList, ImportDutyListPayload},
};
use crate::{
    duty_list::service::{
        allocation::AllocateDutyItem,
        catalogue::{CreateDutyDomain, CreateItemTemplate, RetireDutyDomain, RetireItemTemplate, UpdateItemTemplate},
        drafting::{AddDraftItem, AdoptTemplates, RemoveDraftItem, UpdateDraftItem},
        incorporation::DraftIncorporation,
        opening::DraftFirstEdition,
        review::{
            AnswerSimilarity, ApproveListVersion, ConfirmListVersion, PublishListVersion, ReturnListVersion,
            ReviewListVersion, ReviewListVersionAbove, WithdrawListVersion,
        },
    },
    kernel::{
        graphql::{Reply, ctx},
        runner::command,
    },
    territory::graphql::mutation::read_back,
};

crate::payload! {
    /// Result of an act on a version (清单版本操作结果).
    ListVersionPayload {
        /// The version as it is now (清单版本).
        list_version: ListVersion
    }
    /// Result of an act on a domain class (领域类别操作结果).
    DutyDomainPayload {
        /// The class as it is now (领域类别).
        duty_domain: DutyDomain
    }
    /// Result of an act on a model item (样板事项操作结果).
    ItemTemplatePayload {
        /// The model item as it is now (样板事项).
        item_template: ItemTemplate
    }
    /// Result of an act on an item (事项操作结果).
    DutyItemPayload {
        /// The item as it is now (事项).
        duty_item: DutyItem
    }
}

macro_rules! act {
    ($context:ident, $input:ident, $payload:ident, $loader:ident, $object:expr) => {{
        let outcome = command(ctx($context), &$input).await;
        let outcome = read_back::<$loader>($context, outcome).await.map($object);
        $payload::of(ctx($context), outcome)
    }};
}

/// Acts on duty lists.
#[derive(Default)]
pub struct DutyListMutation;

#[Object]
impl DutyListMutation {
    /// Starts the first edition of my township's list (起草首版清单). Township.
    async fn draft_first_edition(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Notes (说明)")] input: DraftFirstEdition,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Adds items to a draft, all or none (新增草案事项). Township.
    async fn add_draft_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Draft and items (草案与事项)")] input: AddDraftItem,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Replaces what an item of a draft says (修改草案事项). Township.
    async fn update_draft_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Item and content (事项与内容)")] input: UpdateDraftItem,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Takes an item out of a draft (删除草案事项). Township.
    async fn remove_draft_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Item (事项)")] input: RemoveDraftItem,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Takes over the county's model items into a draft (套用样板事项). Township.
    async fn adopt_templates(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Draft and model items (草案与样板)")] input: AdoptTemplates,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Imports the items of a draft from a spreadsheet, all or none (从表格导入清单). Township. The file comes as a part of a
    /// `multipart/form-data` request. A dry run changes nothing; the report names everything that is odd with its row and
    /// column, and with errors nothing is imported.
    async fn import_duty_list(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Draft and file (草案与文件)")] input: ImportDutyList,
    ) -> Reply<ImportDutyListPayload> {
        sheets::import(context, input).await
    }

    /// Drafts the next version of a list with all approved requests that wait for it (起草修订版清单). County's
    /// establishment office.
    async fn draft_incorporation(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The list (清单)")] input: DraftIncorporation,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Confirms a draft as the township (乡镇确认清单). One of its two heads.
    async fn confirm_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version (清单版本)")] input: ConfirmListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Passes a version on as the county's establishment office (县级审核清单).
    async fn review_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version (清单版本)")] input: ReviewListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Passes a version on as an office above the county (上级联审清单).
    async fn review_list_version_above(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The version (清单版本)")] input: ReviewListVersionAbove,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Records the county's decision on a version (审定清单). Clerk of the general offices.
    async fn approve_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Version and decision (清单版本与决定)")] input: ApproveListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Publishes an approved version (公布清单). County's establishment office.
    async fn publish_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Version and time (清单版本与时间)")] input: PublishListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Returns a version to the township for correction (退回清单). Whoever's turn it is.
    async fn return_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Version and reason (清单版本与原因)")] input: ReturnListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Withdraws a version before it is approved (撤回清单). The township's heads or the county's establishment office.
    async fn withdraw_list_version(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Version and reason (清单版本与原因)")] input: WithdrawListVersion,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Answers a warning that two items of a version look alike (答复相似提示). Township or county's establishment office.
    async fn answer_similarity(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Pair and answer (事项与答复)")] input: AnswerSimilarity,
    ) -> Reply<ListVersionPayload> {
        act!(context, input, ListVersionPayload, VersionById, ListVersion::of)
    }

    /// Adds a domain class to the province's catalogue (新增领域类别). Establishment office of the province.
    async fn create_duty_domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The class (领域类别)")] input: CreateDutyDomain,
    ) -> Reply<DutyDomainPayload> {
        act!(context, input, DutyDomainPayload, DomainById, DutyDomain)
    }

    /// Retires a domain class (停用领域类别). Establishment office of the province.
    async fn retire_duty_domain(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The class (领域类别)")] input: RetireDutyDomain,
    ) -> Reply<DutyDomainPayload> {
        act!(context, input, DutyDomainPayload, DomainById, DutyDomain)
    }

    /// Creates a model item for the townships of my county (新增样板事项). County's establishment office.
    async fn create_item_template(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The model item (样板事项)")] input: CreateItemTemplate,
    ) -> Reply<ItemTemplatePayload> {
        act!(context, input, ItemTemplatePayload, TemplateById, ItemTemplate)
    }

    /// Changes a model item (修改样板事项). County's establishment office.
    async fn update_item_template(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The model item (样板事项)")] input: UpdateItemTemplate,
    ) -> Reply<ItemTemplatePayload> {
        act!(context, input, ItemTemplatePayload, TemplateById, ItemTemplate)
    }

    /// Retires a model item (停用样板事项). County's establishment office.
    async fn retire_item_template(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "The model item (样板事项)")] input: RetireItemTemplate,
    ) -> Reply<ItemTemplatePayload> {
        act!(context, input, ItemTemplatePayload, TemplateById, ItemTemplate)
    }

    /// Assigns an item of my township's list to internal offices (事项分解到内设机构). Township.
    async fn allocate_duty_item(
        &self,
        context: &Context<'_>,
        #[graphql(desc = "Item and offices (事项与内设机构)")] input: AllocateDutyItem,
    ) -> Reply<DutyItemPayload> {
        act!(context, input, DutyItemPayload, ItemById, DutyItem)
    }
}
