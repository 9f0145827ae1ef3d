//! Batches of evaluation.

use std::{collections::HashMap, sync::Arc};

use crate::{
    evaluation::{
        rules::{Facts, Objection, Round},
        service, store,
        store::{
            results::SubjectResult,
            roll::{MyLine, Participation},
        },
    },
    kernel::{
        ctx::Ctx,
        fault::Outcome,
        graphql::loader::Batch,
        ids::{OrgUnitId, RoundId},
        scope::Scope,
    },
};

/// Rounds by id, as far as the caller sees them.
pub struct RoundById;

impl Batch for RoundById {
    type Key = RoundId;
    type Value = Arc<Round>;

    async fn load(ctx: &Ctx, keys: &[RoundId]) -> Outcome<HashMap<RoundId, Self::Value>> {
        let found = store::rounds(ctx.db().read(), &Scope::of(ctx), keys).await?;
        Ok(found.into_iter().map(|(id, round)| (id, Arc::new(round))).collect())
    }
}

/// What decides on the caller's acts, by round and authority.
pub(super) struct FactsOf;

impl Batch for FactsOf {
    type Key = (RoundId, OrgUnitId);
    type Value = Facts;

    async fn load(ctx: &Ctx, keys: &[Self::Key]) -> Outcome<HashMap<Self::Key, Facts>> {
        let mut found = service::facts(ctx.db().read(), ctx.actor()?, keys).await?;
        Ok(keys.iter().filter_map(|key| Some((*key, found.remove(&key.0)?))).collect())
    }
}

/// The caller's lines of the roll.
pub(super) struct MyRoll;

impl Batch for MyRoll {
    type Key = RoundId;
    type Value = Vec<MyLine>;

    async fn load(ctx: &Ctx, keys: &[RoundId]) -> Outcome<HashMap<RoundId, Self::Value>> {
        let actor = ctx.actor()?;
        store::roll::my_lines(ctx.db().read(), keys, actor.account, actor.org).await
    }
}

/// Participation of all organisations, or of the caller's only.
pub(super) struct ParticipationIn<const ALL: bool>;

impl<const ALL: bool> Batch for ParticipationIn<ALL> {
    type Key = RoundId;
    type Value = Vec<Participation>;

    async fn load(ctx: &Ctx, keys: &[RoundId]) -> Outcome<HashMap<RoundId, Self::Value>> {
        let only = if ALL { None } else { Some(ctx.actor()?.org) };
        store::roll::participation(ctx.db().read(), keys, only).await
    }
}

/// Results of rounds.
pub(super) struct ResultsOf;

impl Batch for ResultsOf {
    type Key = RoundId;
    type Value = Vec<SubjectResult>;

    async fn load(ctx: &Ctx, keys: &[RoundId]) -> Outcome<HashMap<RoundId, Self::Value>> {
        store::results::of_rounds(ctx.db().read(), keys).await
    }
}

/// Objections in rounds.
pub(super) struct ObjectionsIn;

impl Batch for ObjectionsIn {
    type Key = RoundId;
    type Value = Vec<Objection>;

    async fn load(ctx: &Ctx, keys: &[RoundId]) -> Outcome<HashMap<RoundId, Self::Value>> {
        store::results::objections(ctx.db().read(), keys).await
    }
}
