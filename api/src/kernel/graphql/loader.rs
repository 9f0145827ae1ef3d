//! Batching: one query for all parents of a field. Loaders live as long as their request, so what one caller may see
//! never reaches another; they are made when first needed.

use std::{
    any::{Any, TypeId},
    collections::HashMap,
    hash::Hash,
    marker::PhantomData,
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_graphql::{
    Context,
    dataloader::{DataLoader, Loader},
    futures_util::future::BoxFuture,
    runtime::{Timer, TokioSpawner},
};

use crate::kernel::{
    ctx::Ctx,
    fault::{Failure, Outcome},
};

/// A way to load many things of one kind at once.
pub trait Batch: Send + Sync + 'static {
    /// What they are loaded by.
    type Key: Send + Sync + Hash + Eq + Clone + 'static;
    /// What is loaded.
    type Value: Send + Sync + Clone + 'static;

    /// Loads what there is of `keys`.
    fn load(ctx: &Ctx, keys: &[Self::Key]) -> impl Future<Output = Outcome<HashMap<Self::Key, Self::Value>>> + Send;
}

/// Adapts a [`Batch`] to the framework's loader.
struct Adapter<B>(Ctx, PhantomData<B>);

impl<B: Batch> Loader<B::Key> for Adapter<B> {
    type Value = B::Value;
    type Error = Failure;

    async fn load(&self, keys: &[B::Key]) -> Outcome<HashMap<B::Key, B::Value>> {
        B::load(&self.0, keys).await
    }
}

/// Waits until everything that can run has run: all siblings of a field have asked by then, and no timer is involved.
struct AfterSiblings;

impl Timer for AfterSiblings {
    fn delay(&self, _: Duration) -> BoxFuture<'static, ()> {
        Box::pin(tokio::task::yield_now())
    }
}

/// The loaders of one request.
pub struct Loaders {
    ctx: Ctx,
    made: Mutex<HashMap<TypeId, Arc<dyn Any + Send + Sync>>>,
}

impl Loaders {
    /// No loaders yet.
    #[must_use]
    pub fn new(ctx: Ctx) -> Self {
        Self { ctx, made: Mutex::default() }
    }

    fn get<B: Batch>(&self) -> Arc<DataLoader<Adapter<B>>> {
        let mut made = self.made.lock().unwrap_or_else(PoisonError::into_inner);
        let any = made.entry(TypeId::of::<B>()).or_insert_with(|| {
            let adapter = Adapter::<B>(self.ctx.clone(), PhantomData);
            // More keys than this in one request would pass the limits on its size anyway.
            let loader = DataLoader::new(adapter, TokioSpawner::current(), AfterSiblings)
                .delay(Duration::ZERO)
                .max_batch_size(5_000);
            Arc::new(loader)
        });
        Arc::clone(any).downcast().unwrap_or_else(|_| unreachable_type())
    }
}

fn unreachable_type<T>() -> T {
    panic!("a loader is stored under the id of its own type")
}

/// Loads one thing together with all that its siblings ask for.
pub async fn one<B: Batch>(context: &Context<'_>, key: B::Key) -> Outcome<Option<B::Value>> {
    context.data_unchecked::<Loaders>().get::<B>().load_one(key).await
}

/// Loads several things together with all that their siblings ask for.
pub async fn many<B: Batch>(context: &Context<'_>, keys: Vec<B::Key>) -> Outcome<HashMap<B::Key, B::Value>> {
    context.data_unchecked::<Loaders>().get::<B>().load_many(keys).await
}
