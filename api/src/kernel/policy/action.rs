//! Every act of the system, once: what policy decides on, what evidence records, what a queue waits for and what
//! `viewerActions` offers. An act that a caller can choose is named like its mutation.

/// Declares [`Action`] and, for each value, the type by which [`Permit`](super::Permit) speaks of it.
macro_rules! actions {
    ($($(#[doc = $doc:literal])+ $name:ident),+ $(,)?) => {
        crate::api_enum! {
            /// An act (操作). The same word names the mutation, the evidence it leaves and the task in a queue.
            pub enum Action { $($(#[doc = $doc])+ $name),+ }
        }

        /// The acts as types, so that a permit for one cannot pass for a permit for another.
        pub mod act {
            $($(#[doc = $doc])+ #[derive(Debug)] pub struct $name;)+
            $(impl super::Act for $name { const ACTION: super::Action = super::Action::$name; })+
        }
    };
}

/// An act as a type.
pub trait Act: Send + Sync {
    /// The act as a value.
    const ACTION: Action;
}

actions! {
    // ---- identity
    /// Log in (登录).
    Login,
    /// Log in with a token of the province's identity provider (统一身份认证登录).
    SignOn,
    /// Link a person of an identity provider to an account (关联统一身份).
    LinkIdentity,
    /// Unlink an account from an identity provider (解除统一身份关联).
    UnlinkIdentity,
    /// A log-in was refused; recorded, never offered (登录失败).
    RefuseLogin,
    /// Exchange a refresh token (刷新会话).
    RefreshSession,
    /// A used refresh token came back and its session was revoked; recorded, never offered (刷新令牌重放).
    DetectTokenReplay,
    /// End this session (退出登录).
    Logout,
    /// End all sessions of this account (全部退出).
    LogoutEverywhere,
    /// End one of my sessions (撤销会话).
    RevokeSession,
    /// Act for another of my posts (切换岗位).
    SwitchPost,
    /// Change my password (修改密码).
    ChangePassword,
    /// Create an account (创建账号).
    CreateAccount,
    /// Set a new first password (重置密码).
    ResetPassword,
    /// Disable an account (停用账号).
    DisableAccount,
    /// Enable an account again (启用账号).
    EnableAccount,
    /// Lift a lock after failed log-ins (解锁账号).
    UnlockAccount,
    /// Give a person a post (任职).
    CreatePost,
    /// End a post (免职).
    EndPost,
    // ---- territory
    /// Register an organisation (登记机构).
    CreateOrgUnit,
    /// Rename an organisation (机构更名).
    RenameOrgUnit,
    /// Abolish an organisation, naming who continues it (撤销机构).
    AbolishOrgUnit,
    /// Register an internal office (登记内设机构).
    CreateInternalOffice,
    /// Rename an internal office (内设机构更名).
    RenameInternalOffice,
    /// Close an internal office (撤销内设机构).
    CloseInternalOffice,
    /// Register a position (登记岗位).
    CreatePosition,
    /// Close a position (撤销岗位).
    ClosePosition,
    /// Put a township under a zone's management committee (划归功能区管理).
    AssignTownshipToZone,
    /// End a zone's administration of a township (解除功能区管理).
    ReleaseTownshipFromZone,
    /// Configure a review chain (配置审批链).
    ConfigureReviewChain,
    /// Register a change of divisions (登记区划变更).
    RegisterDivisionChange,
    /// Change a province's settings of access (修改接入设置).
    UpdateProvinceAccess,
    /// Change a province's deadlines, thresholds and dimensions (修改业务规则).
    UpdateProvinceRules,
    // ---- duty lists
    /// Add a domain class (新增领域类别).
    CreateDutyDomain,
    /// Retire a domain class (停用领域类别).
    RetireDutyDomain,
    /// Start the first edition of a township's list (起草首版清单).
    DraftFirstEdition,
    /// Add an item to a draft (新增草案事项).
    AddDraftItem,
    /// Change an item of a draft (修改草案事项).
    UpdateDraftItem,
    /// Take an item out of a draft (删除草案事项).
    RemoveDraftItem,
    /// Take over the county's model items (套用样板事项).
    AdoptTemplates,
    /// Import the items of a draft from a spreadsheet (从表格导入清单).
    ImportDutyList,
    /// Confirm a draft as the township (乡镇确认清单).
    ConfirmListVersion,
    /// Review a version at the county (县级审核清单).
    ReviewListVersion,
    /// Review a version above the county (上级联审清单).
    ReviewListVersionAbove,
    /// Record the decision on a version (审定清单).
    ApproveListVersion,
    /// Publish a version (公布清单).
    PublishListVersion,
    /// Return a version to its drafter (退回清单).
    ReturnListVersion,
    /// Withdraw a version (撤回清单).
    WithdrawListVersion,
    /// Draft a version that incorporates approved requests (起草修订版清单).
    DraftIncorporation,
    /// Answer a warning that two items look alike (答复相似提示).
    AnswerSimilarity,
    /// Create a model item (新增样板事项).
    CreateItemTemplate,
    /// Change a model item (修改样板事项).
    UpdateItemTemplate,
    /// Retire a model item (停用样板事项).
    RetireItemTemplate,
    /// Assign an item to internal offices (事项分解到内设机构).
    AllocateDutyItem,
    // ---- dynamic adjustment
    /// Draft an adjustment request (起草动态调整申请).
    CreateAdjustment,
    /// Change a draft or returned adjustment request (修改动态调整申请).
    UpdateAdjustment,
    /// Sign an adjustment request as one of the two heads (签署动态调整申请).
    SignAdjustment,
    /// Submit an adjustment request (提交动态调整申请).
    SubmitAdjustment,
    /// Withdraw an adjustment request (撤回动态调整申请).
    WithdrawAdjustment,
    /// Take an adjustment request in hand (受理动态调整申请).
    ReceiveAdjustment,
    /// Check an adjustment request (审核动态调整申请).
    CheckAdjustment,
    /// Give an opinion on an adjustment request (对动态调整提出意见).
    GiveAdjustmentOpinion,
    /// Answer an objection to an adjustment request (答复动态调整反对意见).
    AnswerAdjustmentObjection,
    /// Close the consultation on an adjustment request (结束动态调整会商).
    CloseAdjustmentConsultation,
    /// Review the legality of an adjustment request (动态调整合法性审查).
    ReviewAdjustmentLegality,
    /// Record the county's decision on an adjustment request (登记动态调整审定结果).
    DecideAdjustment,
    /// File an incorporated adjustment with the offices above (动态调整备案).
    FileAdjustment,
    /// Register a change of law (登记立改废释).
    RegisterLawChange,
    /// State that a change of law needs no change of the lists (说明无需调整).
    DismissLawWatch,
    /// Raise the adjustment that a change of law calls for; a task, fulfilled by an adjustment request (提出应调整申请).
    AnswerLawChange,
    /// Nobody acted on a change of law in time; recorded, never offered (动态调整不及时).
    MarkLateAdjustment,
    // ---- duty admission
    /// Draft an admission request (起草职责准入申请).
    CreateAdmission,
    /// Change a draft or returned admission request (修改职责准入申请).
    UpdateAdmission,
    /// Submit an admission request (提交职责准入申请).
    SubmitAdmission,
    /// Withdraw an admission request (撤回职责准入申请).
    WithdrawAdmission,
    /// Take an admission request in hand (受理职责准入申请).
    ReceiveAdmission,
    /// Check an admission request (审核职责准入申请).
    CheckAdmission,
    /// Give a township's opinion on an admission request (乡镇对职责准入提出意见).
    GiveAdmissionOpinion,
    /// Answer an objection to an admission request (答复职责准入反对意见).
    AnswerAdmissionObjection,
    /// Close the consultation of townships (结束乡镇征求意见).
    CloseAdmissionConsultation,
    /// Review the legality of an admission request (职责准入合法性审查).
    ReviewAdmissionLegality,
    /// Review the resources of an admission request (职责准入资源审查).
    ReviewAdmissionResources,
    /// Record the county's decision on an admission request (登记县级审议结果).
    DecideAdmissionAtCounty,
    /// Review an admission request between county and province (市级审核职责准入).
    ReviewAdmissionAtCity,
    /// Approve or refuse an admission request at the province (省级审定职责准入).
    DecideAdmissionAtProvince,
    /// An approved admission was not incorporated in time; recorded, never offered (准入逾期失效).
    LapseAdmission,
    // ---- two-way evaluation
    /// Plan an evaluation round (拟定评价轮次).
    PlanEvaluation,
    /// Open an evaluation round (启动评价).
    OpenEvaluation,
    /// Take my ballot papers (领取评价票).
    ClaimBallots,
    /// Cast a ballot (投票).
    CastBallot,
    /// Voting in a round ended with its time; recorded, never offered (投票截止).
    CloseEvaluation,
    /// Tally an evaluation round (计票).
    TallyEvaluation,
    /// Object to a result (对评价结果提出异议).
    RaiseEvaluationObjection,
    /// Answer an objection to a result (答复评价异议).
    AnswerEvaluationObjection,
    /// Publish the results of a round (公布评价结果).
    PublishEvaluation,
    // ---- webhooks
    /// Register an endpoint of webhooks (登记推送地址).
    CreateWebhookEndpoint,
    /// Change an endpoint of webhooks (修改推送地址).
    UpdateWebhookEndpoint,
    /// Give an endpoint a new secret (更换推送密钥).
    RotateWebhookSecret,
    /// Hold deliveries to an endpoint (暂停推送).
    PauseWebhookEndpoint,
    /// Go on with deliveries to an endpoint (恢复推送).
    ResumeWebhookEndpoint,
    /// Remove an endpoint with its log (删除推送地址).
    DeleteWebhookEndpoint,
    /// Send a test to an endpoint (发送测试推送).
    SendTestWebhook,
    /// Send a delivery again (重新推送).
    RedeliverWebhook,
    /// Send again what failed (重新推送失败消息).
    RedeliverFailedWebhooks,
    /// An endpoint was switched off because it is gone, fails, or its organisation ended; recorded, never offered (停用推送地址).
    DisableWebhookEndpoint,
    // ---- evidence and clocks
    /// Read the evidence (查阅留痕).
    ReadEvidence,
    /// A deadline passed unmet; recorded, never offered (超期).
    BreachDeadline,
    /// Load a published working-day calendar (载入工作日历).
    LoadCalendar,
    /// Prepare a province, its catalogue or the demonstration world; done at the machine, never offered (初始化).
    Bootstrap,
}
