//! Handing out: of each event that nobody has looked at for an endpoint, either a delivery is made or it is passed over. What
//! an endpoint may hear is decided now, not when the endpoint was set up; but what happened in a draft stays with those
//! whose draft it was, so that nobody is told more or less by when the courier comes.

use std::collections::{HashMap, HashSet, hash_map::Entry};

use chrono::{DateTime, SecondsFormat, Utc};
use serde::Serialize;
use serde_json::{Value, json};

use super::disable;
use crate::{
    kernel::{
        clock::china_date,
        ctx::Ctx,
        fault::Outcome,
        feed::Happening,
        ids::{AuditEventId, OrgUnitId, ProceedingId, ProvinceId, WebhookDeliveryId, WebhookEndpointId},
        policy::Action,
        runner::{Tx, UseCase, run},
        scope::Scope,
    },
    proceeding::{
        self,
        rules::{Proceeding, ProceedingKind, subject_id},
    },
    territory,
    webhook::{
        rules::{Endpoint, Heard, Reader, WebhookDisabledReason, in_drafts, kind_of, state_in},
        store::{self, NewDelivery},
    },
};

/// Events looked at in one go.
const BATCH: u64 = 200;
/// Endpoints handed out to in one transaction.
const TOGETHER: usize = 50;
/// Version of the form of messages: it changes only if what is there is taken away.
const VERSION: u32 = 1;
/// Type of a test.
pub const TEST: &str = "webhook.test";

/// Hands out what nobody has looked at; answers how many deliveries were made. Ends when there is nothing left, or after
/// some rounds, so that sending has its turn. Many endpoints share a transaction: most of what happens is told to few.
pub async fn hand_out(ctx: &Ctx) -> Outcome<usize> {
    let mut made = 0;
    for _ in 0..10 {
        let mut behind = store::behind(ctx.db().read()).await?;
        if behind.is_empty() {
            break;
        }
        // Always in the same order, so that two nodes never wait for each other.
        behind.sort_by_key(|endpoint| endpoint.id);
        let mut known = HashMap::new();
        for some in behind.chunks(TOGETHER) {
            let mut shares = Vec::with_capacity(some.len());
            for endpoint in some {
                let key = (endpoint.province, endpoint.seen);
                if let Entry::Vacant(place) = known.entry(key) {
                    place.insert(News::after(ctx, endpoint).await?);
                }
                shares.extend(share(ctx, endpoint, &known[&key]).await?);
            }
            made += run(ctx, &HandOut { shares }).await?;
        }
    }
    Ok(made)
}

/// Events of a province after a number, with the heads of the proceedings they belong to.
struct News {
    events: Vec<Happening>,
    ids: Vec<ProceedingId>,
    heads: HashMap<ProceedingId, Proceeding>,
    /// Those that happened in a draft.
    drafts: HashSet<i64>,
    province: Option<String>,
}

impl News {
    async fn after(ctx: &Ctx, endpoint: &Endpoint) -> Outcome<Self> {
        let db = ctx.db().read();
        let events = store::events(db, endpoint.province, endpoint.seen, BATCH).await?;
        let ids: HashSet<ProceedingId> =
            events.iter().filter_map(|event| event.proceeding_id.map(Into::into)).collect();
        let ids: Vec<ProceedingId> = ids.into_iter().collect();
        // Whoever is told of a list that is published may not see how it came about, but may know its number.
        let heads = proceeding::store::heads(db, &Scope::Everything, &ids).await?;
        let drafts = drafts(ctx, endpoint.province, &events).await?;
        let province = territory::store::province(db, endpoint.province).await?.map(|province| province.code);
        Ok(Self { events, ids, heads, drafts, province })
    }
}

/// Those of the events that happened in a draft.
async fn drafts(ctx: &Ctx, province: ProvinceId, events: &[Happening]) -> Outcome<HashSet<i64>> {
    // Most say in which state they left their proceeding; for the others it is looked up what came before them.
    let silent = events.iter().filter(|event| state_in(event.after.as_ref()).is_none());
    let silent: HashSet<ProceedingId> = silent.filter_map(|event| event.proceeding_id.map(Into::into)).collect();
    let said = events.iter().map(|event| (event.proceeding_id, event.seq, event.after.clone()));
    let said: Vec<_> = said.filter(|(id, ..)| id.is_some_and(|id| !silent.contains(&ProceedingId(id)))).collect();
    let mut drafts = in_drafts(&said);
    if let (Some(last), false) = (events.last(), silent.is_empty()) {
        let silent: Vec<ProceedingId> = silent.into_iter().collect();
        drafts.extend(in_drafts(&store::history(ctx.db().read(), province, &silent, last.seq).await?));
    }
    Ok(drafts)
}

/// Switches off the endpoints of organisations that have ended.
pub async fn end_orphans(ctx: &Ctx) -> Outcome<()> {
    for endpoint in store::orphans(ctx.db().read(), china_date(ctx.now())).await? {
        run(ctx, &End { endpoint: endpoint.id }).await?;
    }
    Ok(())
}

#[derive(Serialize)]
struct End {
    endpoint: WebhookEndpointId,
}

impl UseCase for End {
    const NAME: &'static str = "endWebhookEndpoint";
    type Output = ();

    async fn execute(&self, tx: &Tx) -> Outcome<()> {
        let endpoint = store::hold_endpoint(tx, self.endpoint).await?;
        let Some(endpoint) = endpoint.filter(|endpoint| endpoint.disabled_because.is_none()) else {
            tx.unrecorded("another node was first");
            return Ok(());
        };
        disable(tx, &endpoint, WebhookDisabledReason::OrganisationEnded).await
    }
}

/// Whoever the endpoint belongs to; none if that is no longer there.
async fn reader(ctx: &Ctx, endpoint: &Endpoint) -> Outcome<Option<Reader>> {
    let Some(id) = endpoint.org else { return Ok(Some(Reader::Province { path: endpoint.path.clone() })) };
    let org = territory::store::org(ctx.db().read(), &Scope::Everything, id).await?;
    let today = china_date(ctx.now());
    let org = org.filter(|org| org.valid_to.is_none_or(|end| today < end));
    Ok(org.map(|org| Reader::Organisation { org: org.id, kind: org.kind, path: org.path }))
}

/// What an endpoint is told of the news.
async fn share(ctx: &Ctx, endpoint: &Endpoint, news: &News) -> Outcome<Option<Share>> {
    let Some(last) = news.events.last().map(|event| event.seq) else { return Ok(None) };
    let Some(reader) = reader(ctx, endpoint).await? else {
        run(ctx, &End { endpoint: endpoint.id }).await?;
        return Ok(None);
    };
    let scope = reader.scope(endpoint.province);
    let sees = match news.ids.as_slice() {
        [] => HashMap::new(),
        ids => proceeding::store::heads(ctx.db().read(), &scope, ids).await?,
    };
    let mut saw = HashMap::new();
    if !news.drafts.is_empty() {
        saw = proceeding::store::heads(ctx.db().read(), &reader.part(endpoint.province), &news.ids).await?;
        saw.retain(|_, head| reader.drafted(head.kind, head.proposer));
    }
    let told = news.events.iter().filter(|event| {
        let seen = if news.drafts.contains(&event.seq) { &saw } else { &sees };
        hears(endpoint, &reader, event, seen)
    });
    let told = told.map(|event| Told::of(endpoint, event, news)).collect();
    Ok(Some(Share { endpoint: endpoint.clone(), to: last, told }))
}

fn hears(endpoint: &Endpoint, reader: &Reader, event: &Happening, sees: &HashMap<ProceedingId, Proceeding>) -> bool {
    let Ok(act) = event.act.parse::<Action>() else { return false };
    let wanted = endpoint.acts.as_ref().is_none_or(|acts| acts.contains(&act));
    let timeline = event.proceeding_id.map(|id| sees.contains_key(&id.into()));
    let about = ProceedingKind::ALL.iter().any(|kind| kind.type_name() == event.target_kind);
    let heard = Heard {
        act,
        path: &event.path,
        timeline,
        beside: about && timeline.is_none(),
        by: event.org_unit_id.map(Into::into),
        concerns: event.scope_org_id.map(Into::into),
    };
    wanted && reader.hears(heard)
}

/// What is told of an event, but for its number, which the transaction gives.
struct Told {
    event: i64,
    act: Option<Action>,
    kind: String,
    at: DateTime<Utc>,
    data: Value,
}

impl Told {
    fn of(endpoint: &Endpoint, event: &Happening, news: &News) -> Self {
        let head = event.proceeding_id.and_then(|id| news.heads.get(&id.into()));
        let proceeding = head.map(|head| {
            json!({
                "type": head.kind.type_name(),
                "id": head.kind.public_id(head.id.0),
                "number": head.number,
                "from": state_in(event.before.as_ref()),
                "to": state_in(event.after.as_ref()),
            })
        });
        let act = event.act.parse().ok();
        let org = |id: Option<uuid::Uuid>| id.map(OrgUnitId);
        let data = json!({
            "province": { "id": endpoint.province, "code": news.province },
            "event": AuditEventId(event.id),
            "act": event.act,
            "subject": { "type": event.target_kind, "id": subject_id(&event.target_kind, event.target_id) },
            "proceeding": proceeding,
            "by": org(event.org_unit_id),
            "concerns": org(event.scope_org_id),
        });
        let kind = act.map_or_else(|| event.act.clone(), |act| kind_of(&event.target_kind, act));
        Self { event: event.seq, act, kind, at: event.at, data }
    }
}

/// A message. Its number is first among its facts: who misses one sees the gap.
fn body(kind: &str, at: DateTime<Utc>, number: i64, data: &Value) -> String {
    let mut facts = json!({ "number": number });
    if let (Value::Object(facts), Value::Object(data)) = (&mut facts, data) {
        facts.extend(data.clone());
    }
    let at = at.to_rfc3339_opts(SecondsFormat::Millis, true);
    json!({ "type": kind, "version": VERSION, "timestamp": at, "data": facts }).to_string()
}

/// What a test says.
#[must_use]
pub fn test_body(endpoint: &Endpoint, number: i64, at: DateTime<Utc>) -> String {
    let province: ProvinceId = endpoint.province;
    body(TEST, at, number, &json!({ "endpoint": endpoint.id, "province": { "id": province } }))
}

/// What an endpoint is told, up to which event.
struct Share {
    endpoint: Endpoint,
    to: i64,
    told: Vec<Told>,
}

/// Moves the marks of endpoints and writes the deliveries of what they pass.
#[derive(Serialize)]
struct HandOut {
    #[serde(skip)]
    shares: Vec<Share>,
}

impl UseCase for HandOut {
    const NAME: &'static str = "handOutWebhooks";
    type Output = usize;

    async fn execute(&self, tx: &Tx) -> Outcome<usize> {
        tx.unrecorded("it hands out what is evidence already");
        let mut made = 0;
        for Share { endpoint, to, told } in &self.shares {
            let count = i64::try_from(told.len()).unwrap_or(i64::MAX);
            let Some(before) = store::move_mark(tx, endpoint, *to, count).await? else { continue };
            let new = std::iter::zip(before + 1.., told).map(|(number, told)| NewDelivery {
                id: WebhookDeliveryId::new(),
                number,
                event: Some(told.event),
                act: told.act,
                kind: told.kind.clone(),
                body: body(&told.kind, told.at, number, &told.data),
                asked: false,
            });
            store::insert_deliveries(tx, endpoint.province, endpoint.id, new.collect()).await?;
            made += told.len();
        }
        Ok(made)
    }
}
