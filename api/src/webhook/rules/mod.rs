//! What webhooks are, who hears of what, when it is tried again. Pure.

mod health;
mod schedule;
mod signature;
mod told;

pub use self::health::*;
pub use self::schedule::*;
pub use self::signature::*;
pub use self::told::*;

use chrono::{DateTime, Utc};

use crate::kernel::{
    ids::{OrgUnitId, ProvinceId, WebhookDeliveryId, WebhookEndpointId},
    policy::{Action, Target},
};

/// Endpoints that an organisation, or a province as a whole, may have; the refusal of one more says so in words.
pub const MAX_ENDPOINTS: usize = 10;
/// Longest description, in characters.
pub const DESCRIPTION: usize = 200;

crate::api_enum! {
    /// Whether deliveries go to an endpoint (推送地址状态).
    pub enum WebhookEndpointState {
        /// They do (推送中).
        Active,
        /// Somebody holds them; what happens meanwhile is told when it goes on (已暂停).
        Paused,
        /// The server has switched it off, for the reason given; what happens meanwhile is told if it goes on (已停用).
        Disabled,
    }
}

crate::api_enum! {
    /// Why the server switched an endpoint off (停用原因).
    pub enum WebhookDisabledReason {
        /// It answered 410: it is gone for good (对方已注销).
        Gone,
        /// It has only failed for days (持续失败).
        Failing,
        /// Its organisation was abolished (单位已撤销).
        OrganisationEnded,
    }
}

crate::api_enum! {
    /// What has become of a delivery (推送状态).
    pub enum WebhookDeliveryState {
        /// It waits for its first or next attempt (待推送).
        Pending,
        /// The receiver has it (已送达).
        Delivered,
        /// It was given up, and is tried again only when somebody says so (推送失败).
        Failed,
    }
}

crate::api_enum! {
    /// Why a delivery was given up (放弃推送原因).
    pub enum WebhookGivenUpReason {
        /// Ten attempts failed (多次推送失败).
        Exhausted,
        /// Its endpoint has only failed for four days; others were tried in its place (逾期未能送达).
        Overdue,
        /// It was answered with 410: never again (对方已注销).
        Gone,
    }
}

crate::api_enum! {
    /// What came of an attempt (推送结果).
    pub enum WebhookOutcome {
        /// Answered with 2xx (已送达).
        Delivered,
        /// Answered with another status; a redirection is not followed (对方拒绝).
        Rejected,
        /// Answered with 429 or 503: later (对方繁忙).
        Busy,
        /// Answered with 410: never again (对方已注销).
        Gone,
        /// No answer in time (超时).
        TimedOut,
        /// Nobody is there (无法连接).
        Unreachable,
        /// The name stands for nothing (域名无法解析).
        Unresolved,
        /// The name stands for an address that may not be called (地址不允许).
        Forbidden,
        /// The other side could not prove who it is (证书无效).
        Untrusted,
        /// What came back is no HTTP (应答无法识别).
        Garbled,
    }
}

/// An endpoint, without its secrets.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Id.
    pub id: WebhookEndpointId,
    /// Province.
    pub province: ProvinceId,
    /// Whose it is; none for the whole province.
    pub org: Option<OrgUnitId>,
    /// Territory of the organisation or the province.
    pub path: String,
    /// Where deliveries go.
    pub url: String,
    /// What it is for.
    pub description: String,
    /// The acts it wants to hear of; none for all there are.
    pub acts: Option<Vec<Action>>,
    /// State.
    pub state: WebhookEndpointState,
    /// Why it is disabled.
    pub disabled_because: Option<WebhookDisabledReason>,
    /// Until when the secret before the present one signs, too.
    pub old_secret_until: Option<DateTime<Utc>>,
    /// The last event that was looked at.
    pub seen: i64,
    /// The number of its last delivery.
    pub last_number: i64,
    /// How it is doing.
    pub health: Health,
    /// When it was registered.
    pub created_at: DateTime<Utc>,
    /// Revision.
    pub revision: i32,
}

impl Endpoint {
    /// The endpoint as a target of acts.
    #[must_use]
    pub fn target(&self) -> Target<'_> {
        Target { owner: self.org, ..Target::at(self.id, self.province, &self.path) }
    }
}

/// A message for an endpoint.
#[derive(Clone, Debug)]
pub struct Delivery {
    /// Id; receivers know it as the id of the message.
    pub id: WebhookDeliveryId,
    /// Province.
    pub province: ProvinceId,
    /// The endpoint.
    pub endpoint: WebhookEndpointId,
    /// Number within the endpoint.
    pub number: i64,
    /// The act; none for a test.
    pub act: Option<Action>,
    /// Type of the message.
    pub kind: String,
    /// What is sent, byte for byte.
    pub body: String,
    /// State.
    pub state: WebhookDeliveryState,
    /// Attempts in all.
    pub attempts: i32,
    /// Attempts since it was made or sent again by hand.
    pub tries: i32,
    /// Before when it is not tried next.
    pub next_at: Option<DateTime<Utc>>,
    /// When it is given up at an endpoint that only fails, however often it was tried.
    pub give_up_at: Option<DateTime<Utc>>,
    /// When it was made.
    pub created_at: DateTime<Utc>,
    /// When it was delivered or given up.
    pub finished_at: Option<DateTime<Utc>>,
}

/// What came of an attempt, as the log keeps it.
#[derive(Clone, Debug)]
pub struct Attempt {
    /// 1 for the first.
    pub number: i32,
    /// When it ended.
    pub at: DateTime<Utc>,
    /// What came of it.
    pub outcome: WebhookOutcome,
    /// HTTP status, if there was an answer.
    pub status: Option<i32>,
    /// How long it took.
    pub millis: i32,
    /// How the answer begins.
    pub answer: Option<String>,
}
