//! Couriers: one per node, beside what the node serves. A courier hands out what has happened, takes due deliveries in
//! hand, sends each as a task of its own and notes what came of it.
//!
//! One receiver that hangs never slows another: an endpoint has few deliveries under way at once, one while it fails, and
//! rests between failures, so it holds few of the courier's hands and those not for long. Nothing of the database is held
//! while a receiver is waited for.

mod figures;

use std::{
    collections::HashMap,
    sync::Arc,
    time::{Duration, Instant},
};

use chrono::TimeDelta;
use rand::{Rng, seq::SliceRandom};
use tokio::{
    sync::watch,
    task::{JoinHandle, JoinSet},
};
use url::Url;

pub use self::figures::Figures;

use super::{
    rules::{self, WebhookOutcome, outcome_of},
    service::{
        sending::{self, Parcel, Report},
        telling,
    },
    store,
};
use crate::kernel::{ctx::Ctx, fault::Outcome, ids::WebhookEndpointId, outbound::NoAnswer};

/// Deliveries under way at once, for all endpoints.
const HANDS: usize = 64;
/// Deliveries under way at once for one endpoint that does not fail.
const PER_ENDPOINT: usize = 4;
/// How often the courier looks by itself.
const BEAT: Duration = Duration::from_secs(1);
/// How seldom, while it fails.
const SLOWEST: Duration = Duration::from_secs(30);
/// Every how many beats the log is cleared and counted.
const SLOW: u64 = 60;

/// How patient couriers are.
#[derive(Clone, Copy, Debug)]
pub struct CourierPolicy {
    /// After how long an endpoint that only fails is switched off.
    pub patience: TimeDelta,
    /// For how long the log is kept.
    pub keep: TimeDelta,
}

impl Default for CourierPolicy {
    fn default() -> Self {
        Self { patience: TimeDelta::days(5), keep: TimeDelta::days(30) }
    }
}

/// A courier.
pub struct Courier {
    ctx: Ctx,
    policy: CourierPolicy,
    figures: Figures,
    under_way: JoinSet<WebhookEndpointId>,
    busy: HashMap<WebhookEndpointId, usize>,
}

/// A courier at work.
pub struct AtWork {
    stop: watch::Sender<bool>,
    task: JoinHandle<()>,
}

impl AtWork {
    /// Lets it finish what is under way, and nothing else.
    pub async fn stop(self) {
        let _ = self.stop.send(true);
        let _ = self.task.await;
    }

    /// Lets it drop everything: what was under way comes again when its lease is over.
    pub fn abandon(self) {
        self.task.abort();
    }
}

impl Courier {
    /// A courier who acts as the system.
    #[must_use]
    pub fn new(ctx: Ctx, policy: CourierPolicy, figures: Figures) -> Self {
        Self { ctx, policy, figures, under_way: JoinSet::new(), busy: HashMap::new() }
    }

    /// Goes to work until told to stop.
    #[must_use]
    pub fn start(mut self) -> AtWork {
        let (stop, mut stopped) = watch::channel(false);
        let task = tokio::spawn(async move {
            let (mut beats, mut failed) = (0_u64, 0_u32);
            loop {
                let done = match self.round().await {
                    Ok(_) if beats.is_multiple_of(SLOW) => self.tidy().await,
                    done => done.map(drop),
                };
                failed = match done {
                    Ok(()) => 0,
                    Err(failure) => {
                        tracing::error!(?failure, "courier");
                        failed + 1
                    }
                };
                // While the database is away, it is asked less and less often.
                let beat = (BEAT * 2_u32.pow(failed.min(5))).min(SLOWEST);
                tokio::select! {
                    // Who has come back may go again at once.
                    Some(back) = self.under_way.join_next() => self.is_back(back.ok()),
                    () = tokio::time::sleep(beat) => beats += 1,
                    _ = stopped.changed() => break,
                }
            }
            self.finish().await;
        });
        AtWork { stop, task }
    }

    /// Hands out what has happened and sends out what is due; answers how many deliveries went out.
    pub async fn round(&mut self) -> Outcome<usize> {
        let mut sent = 0;
        while let Some(back) = self.under_way.try_join_next() {
            self.is_back(back.ok());
        }
        telling::hand_out(&self.ctx).await?;
        let mut due = store::due_endpoints(self.ctx.db().read(), self.ctx.now()).await?;
        // Where there is more to do than there are hands, nobody is always the last.
        due.shuffle(&mut rand::rng());
        // Longer than any attempt takes: a lease that ends means that a courier is gone.
        let time = self.ctx.platform().outbound().time * 3 + Duration::from_secs(15);
        let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::minutes(1));
        for (endpoint, failures) in due {
            let free = HANDS.saturating_sub(self.under_way.len());
            let most = if failures > 0 { 1 } else { PER_ENDPOINT };
            let limit = most.saturating_sub(self.busy.get(&endpoint).copied().unwrap_or(0)).min(free);
            if limit == 0 {
                continue;
            }
            for parcel in sending::take(&self.ctx, endpoint, limit as u64, time).await? {
                *self.busy.entry(endpoint).or_default() += 1;
                sent += 1;
                let (ctx, figures, patience) = (self.ctx.clone(), self.figures.clone(), self.policy.patience);
                self.under_way.spawn(async move {
                    let report = send(&ctx, &parcel).await;
                    figures.attempted(report.outcome);
                    // Not noted, it comes again when the lease ends.
                    if let Err(failure) = sending::settle(&ctx, &parcel, &report, patience).await {
                        tracing::error!(?failure, delivery = %parcel.delivery.id, "what came of a webhook was not noted");
                    }
                    endpoint
                });
            }
        }
        self.figures.under_way(self.under_way.len());
        Ok(sent)
    }

    fn is_back(&mut self, endpoint: Option<WebhookEndpointId>) {
        match endpoint {
            Some(endpoint) => {
                if let Some(count) = self.busy.get_mut(&endpoint) {
                    *count = count.saturating_sub(1);
                }
                self.busy.retain(|_, count| *count > 0);
            }
            // A task that panicked does not say whose it was; when nothing is under way, nobody is busy.
            None if self.under_way.is_empty() => self.busy.clear(),
            None => {}
        }
        self.figures.under_way(self.under_way.len());
    }

    /// Forgets what is old, switches off what has lost its organisation, counts.
    pub async fn tidy(&self) -> Outcome<()> {
        telling::end_orphans(&self.ctx).await?;
        store::forget(self.ctx.db().write_pool(), self.ctx.now() - self.policy.keep).await?;
        self.figures.counted(&store::totals(self.ctx.db().read()).await?);
        Ok(())
    }

    /// Waits until nothing is under way.
    pub async fn finish(&mut self) {
        while let Some(back) = self.under_way.join_next().await {
            self.is_back(back.ok());
        }
    }
}

/// One attempt. Holds nothing but the parcel.
async fn send(ctx: &Ctx, parcel: &Parcel) -> Report {
    let began = Instant::now();
    let (id, at) = (parcel.delivery.id.to_string(), ctx.now().timestamp());
    let headers = [
        ("webhook-id", id.clone()),
        ("webhook-timestamp", at.to_string()),
        ("webhook-signature", rules::signatures(&parcel.secrets, &id, at, &parcel.delivery.body)),
    ];
    let outbound = Arc::clone(ctx.platform());
    let answer = match outbound.outbound().reach.url(&parcel.url).ok().and_then(|_| Url::parse(&parcel.url).ok()) {
        Some(url) => outbound.outbound().post(&url, &headers, parcel.delivery.body.clone()).await,
        // Good when it was registered; the operator has closed the range since.
        None => Err(NoAnswer::Forbidden),
    };
    let millis = began.elapsed().as_millis();
    let chance = rand::rng().random_range(0.0..=1.0);
    match answer {
        Ok(answer) => Report {
            outcome: outcome_of(answer.status),
            status: Some(answer.status),
            retry_after: answer.retry_after,
            answer: Some(answer.text()),
            millis,
            chance,
        },
        Err(why) => Report { outcome: outcome(why), status: None, retry_after: None, answer: None, millis, chance },
    }
}

fn outcome(why: NoAnswer) -> WebhookOutcome {
    match why {
        NoAnswer::Unresolved => WebhookOutcome::Unresolved,
        NoAnswer::Forbidden => WebhookOutcome::Forbidden,
        NoAnswer::Unreachable => WebhookOutcome::Unreachable,
        NoAnswer::Untrusted => WebhookOutcome::Untrusted,
        NoAnswer::TimedOut => WebhookOutcome::TimedOut,
        NoAnswer::Garbled => WebhookOutcome::Garbled,
    }
}
