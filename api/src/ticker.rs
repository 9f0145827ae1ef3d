//! What time does by itself: deadlines run out, approvals lapse, rounds close, chains are sealed. Every node runs it;
//! each act is a command that finds nothing to do if another node was first.

use std::{sync::Arc, time::Duration};

use actix_web::web::Data;
use chrono::TimeDelta;
use tokio::task::JoinHandle;

use crate::{
    adjustment, admission,
    app::AppState,
    evaluation,
    kernel::{audit, ctx::Ctx, fault::Outcome, platform::Platform},
    proceeding,
    webhook::courier::{AtWork, Courier, CourierPolicy},
};

/// Starts ticking every so many seconds.
#[must_use]
pub fn start(state: Data<AppState>, seconds: u64) -> JoinHandle<()> {
    tokio::spawn(async move {
        let mut interval = tokio::time::interval(Duration::from_secs(seconds));
        interval.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        let mut count = 0u64;
        loop {
            interval.tick().await;
            beat(&state).await;
            // Slower things at every twentieth tick, ten minutes by default.
            if count.is_multiple_of(20)
                && let Err(failure) = slow(&state).await
            {
                tracing::error!(?failure, "slow tick");
            }
            count += 1;
        }
    })
}

/// What every tick does.
pub async fn beat(state: &Data<AppState>) {
    match tick(&state.platform).await {
        Ok(breaches) => state.metrics.breaches.inc_by(breaches),
        Err(failure) => tracing::error!(?failure, "tick"),
    }
    if let Err(failure) = learn(state).await {
        tracing::error!(?failure, "what others changed");
    }
}

/// Starts a courier, which tells others what happens.
#[must_use]
pub fn start_courier(state: &Data<AppState>, policy: CourierPolicy) -> AtWork {
    courier(state, policy).start()
}

/// A courier of this node.
#[must_use]
pub fn courier(state: &Data<AppState>, policy: CourierPolicy) -> Courier {
    Courier::new(Ctx::system(Arc::clone(&state.platform), "推送"), policy, state.metrics.webhooks.clone())
}

/// Does once what time has made due: how many deadlines had run out.
pub async fn tick(platform: &Arc<Platform>) -> Outcome<u64> {
    let ctx = Ctx::system(Arc::clone(platform), "时限");
    // Before deadlines are marked: who did not vote has missed none.
    evaluation::service::tick(&ctx).await?;
    let mut breaches = 0;
    loop {
        let marked = proceeding::service::mark_breaches(&ctx).await?;
        breaches += marked as u64;
        if marked < 500 {
            break;
        }
    }
    adjustment::service::law::tick(&ctx).await?;
    admission::service::lapse::tick(&ctx).await?;
    Ok(breaches)
}

/// Learns what another node, or somebody at the machine, has changed: which origins may call, which key signs.
pub async fn learn(state: &Data<AppState>) -> Outcome<()> {
    let platform = &state.platform;
    let now = platform.clock.now();
    platform.keyring.load(platform.db.write_pool(), now).await?;
    state.metrics.queues(&proceeding::store::queue_figures(platform.db.read(), now).await?, now);
    state.origins.reload(platform).await
}

async fn slow(state: &Data<AppState>) -> Outcome<()> {
    let platform = &state.platform;
    platform.reload_calendar().await?;
    audit::seal_all(platform).await?;
    let month_ago = platform.clock.now() - TimeDelta::days(30);
    proceeding::store::forget_keys(platform.db.write_pool(), month_ago).await?;
    Ok(())
}
