//! The context of one request: who, when, for which province, against which database. Everything takes `&Ctx`; only
//! authentication ([`Ctx::of_request`]) and an explicit [`Ctx::system`] make one.

use std::{
    net::{IpAddr, Ipv6Addr},
    sync::{
        Arc,
        atomic::{AtomicI64, Ordering},
    },
};

use chrono::{DateTime, Utc};

use super::{
    calendar::Calendar,
    db::Db,
    fault::{Failure, Outcome},
    ids::{AccountId, OrgUnitId, PostId, ProvinceId, SessionId},
    place::{DivisionLevel, OrgKind},
    platform::Platform,
    role::Role,
    settings::ProvinceSettings,
};

/// Language of messages for people.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Lang {
    /// Chinese.
    #[default]
    Zh,
    /// English.
    En,
}

/// A person acting in a post. Read from the database on each request, never from a token.
#[derive(Clone, Debug)]
pub struct Actor {
    /// The person's account.
    pub account: AccountId,
    /// The session.
    pub session: SessionId,
    /// The post.
    pub post: PostId,
    /// The role of the post.
    pub role: Role,
    /// The organisation of the post.
    pub org: OrgUnitId,
    /// Its kind.
    pub org_kind: OrgKind,
    /// Its level.
    pub level: DivisionLevel,
    /// Its territory.
    pub path: Arc<str>,
    /// Its province.
    pub province: ProvinceId,
    /// The person's name, for evidence.
    pub name: Arc<str>,
    /// The organisation's name, for evidence.
    pub org_name: Arc<str>,
    /// Whether the password has to be changed before anything else.
    pub must_change_password: bool,
    /// The province's settings.
    pub settings: Arc<ProvinceSettings>,
}

/// Who makes the request.
#[derive(Clone, Debug)]
pub enum Who {
    /// Nobody known: the public.
    Anonymous,
    /// A person in a post.
    Member(Arc<Actor>),
    /// The system itself, for the reason given.
    System(&'static str),
}

/// The context of one request.
#[derive(Clone)]
pub struct Ctx(Arc<Inner>);

struct Inner {
    who: Who,
    lang: Lang,
    request_id: String,
    address: String,
    user_agent: String,
    last_event: Option<String>,
    moment: AtomicI64,
    platform: Arc<Platform>,
}

/// What the HTTP layer knows of a request.
#[derive(Clone, Debug, Default)]
pub struct RequestInfo {
    /// Id of the request, in logs and answers.
    pub request_id: String,
    /// Language asked for.
    pub lang: Option<Lang>,
    /// Address of the caller.
    pub address: String,
    /// What the caller says it is.
    pub user_agent: String,
    /// The last event that the caller has seen of what goes on, as a browser says when it comes back.
    pub last_event: Option<String>,
}

/// Who an address belongs to: of the sixth version each line has as many as it likes, and one network of 64 bits.
#[must_use]
pub fn network(address: &str) -> String {
    match address.parse() {
        Ok(IpAddr::V6(address)) => {
            let [a, b, c, d, ..] = address.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).to_string()
        }
        _ => address.to_owned(),
    }
}

impl Ctx {
    /// The context of a request by `who`; called by authentication only.
    #[must_use]
    pub fn of_request(platform: Arc<Platform>, who: Who, info: RequestInfo) -> Self {
        let lang = info.lang.unwrap_or_else(|| match &who {
            Who::Member(actor) => actor.settings.access.language,
            Who::Anonymous | Who::System(_) => Lang::Zh,
        });
        Self(Arc::new(Inner {
            who,
            lang,
            request_id: info.request_id,
            address: info.address,
            user_agent: info.user_agent,
            last_event: info.last_event,
            moment: AtomicI64::new(platform.clock.now().timestamp_millis()),
            platform,
        }))
    }

    /// A context in which the system acts by itself; `why` goes into the evidence.
    #[must_use]
    pub fn system(platform: Arc<Platform>, why: &'static str) -> Self {
        let request_id = format!("system-{}", uuid::Uuid::now_v7().simple());
        Self::of_request(platform, Who::System(why), RequestInfo { request_id, ..RequestInfo::default() })
    }

    /// Who makes the request.
    #[must_use]
    pub fn who(&self) -> &Who {
        &self.0.who
    }

    /// The person in a post, or `UNAUTHENTICATED`. A person who must change the password first is as good as nobody.
    pub fn actor(&self) -> Outcome<&Arc<Actor>> {
        match &self.0.who {
            Who::Member(actor) if !actor.must_change_password => Ok(actor),
            _ => Err(Failure::Unauthenticated),
        }
    }

    /// The person, even if the password has to be changed first.
    pub fn person(&self) -> Outcome<&Arc<Actor>> {
        match &self.0.who {
            Who::Member(actor) => Ok(actor),
            _ => Err(Failure::Unauthenticated),
        }
    }

    /// The person in a post, if there is one.
    #[must_use]
    pub fn member(&self) -> Option<&Arc<Actor>> {
        self.actor().ok()
    }

    /// Now.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        self.0.platform.clock.now()
    }

    /// The one moment that "now" means in all questions of a request: its beginning, or when its last command was done,
    /// so that what a mutation answers shows what it did.
    #[must_use]
    pub fn moment(&self) -> DateTime<Utc> {
        DateTime::from_timestamp_millis(self.0.moment.load(Ordering::Relaxed)).unwrap_or_default()
    }

    /// Something was done at `at`.
    pub(crate) fn reached(&self, at: DateTime<Utc>) {
        self.0.moment.fetch_max(at.timestamp_millis(), Ordering::Relaxed);
    }

    /// Language of messages.
    #[must_use]
    pub fn lang(&self) -> Lang {
        self.0.lang
    }

    /// Id of the request.
    #[must_use]
    pub fn request_id(&self) -> &str {
        &self.0.request_id
    }

    /// Address of the caller.
    #[must_use]
    pub fn address(&self) -> &str {
        &self.0.address
    }

    /// What the caller says it is.
    #[must_use]
    pub fn user_agent(&self) -> &str {
        &self.0.user_agent
    }

    /// The last event that the caller has seen of what goes on.
    #[must_use]
    pub fn last_event(&self) -> Option<&str> {
        self.0.last_event.as_deref()
    }

    /// The database.
    #[must_use]
    pub fn db(&self) -> &Db {
        &self.0.platform.db
    }

    /// The working-day calendar as loaded now.
    #[must_use]
    pub fn calendar(&self) -> Arc<Calendar> {
        self.0.platform.calendar()
    }

    /// What the process as a whole has.
    #[must_use]
    pub fn platform(&self) -> &Arc<Platform> {
        &self.0.platform
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_one_caller() {
        assert_eq!(network("2001:db8:5::1"), network("2001:db8:5::ffff"));
        assert_ne!(network("2001:db8:5::1"), network("2001:db8:5:1::1"));
        assert_eq!(network("1.2.3.4"), "1.2.3.4");
    }
}
