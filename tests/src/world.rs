//! The server under test with its database, its clock and its people.

use std::{
    collections::HashMap,
    net::TcpListener,
    sync::{Arc, Mutex},
};

use actix_web::{dev::ServerHandle, web::Data};
use chrono::{DateTime, TimeDelta, Utc};
use yidan::{
    app::{self, AppState, HttpConfig, Serving},
    kernel::{
        clock::ManualClock,
        ctx::Ctx,
        db::{Db, DbConfig},
        ids::OrgUnitId,
        keyring::{Keyring, Secret},
        platform::{PasswordCost, Platform, SessionPolicy},
        role::Role,
    },
};

use crate::{Backend, Client, client, database::Fresh};

/// Where every world's clock starts: Monday, 2 March 2026, nine o'clock in China.
#[must_use]
pub fn start_of_story() -> DateTime<Utc> {
    "2026-03-02T09:00:00+08:00".parse().unwrap()
}

/// The cheapest password hash there is: tests log in thousands of times.
pub const CHEAP: PasswordCost = PasswordCost { memory_kib: 64, passes: 1, lanes: 1 };

/// A world. Clones are the same world.
#[derive(Clone)]
pub struct World(Arc<Inner>);

struct Inner {
    backend: Backend,
    database: DbConfig,
    clock: ManualClock,
    state: Data<AppState>,
    server: ServerHandle,
    visitor: Client,
    people: Mutex<HashMap<(OrgUnitId, Role), Client>>,
    nodes: Mutex<Vec<World>>,
}

/// How a node differs from the usual.
#[derive(Clone, Default)]
pub struct Settings {
    /// Limits of HTTP.
    pub http: HttpConfig,
    /// Cost of a password hash, if not [`CHEAP`].
    pub cost: Option<PasswordCost>,
}

/// A platform as every test deployment has it.
pub(crate) async fn platform(db: Db, clock: ManualClock, cost: PasswordCost) -> Arc<Platform> {
    let secret = Secret::new(b"the secret of every test deployment").unwrap();
    Platform::start(db, Arc::new(clock), Keyring::new(secret), SessionPolicy::default(), cost).await.unwrap()
}

impl World {
    /// The server on a fresh database.
    pub async fn start(database: &Fresh) -> Self {
        let clock = ManualClock::at(start_of_story());
        Self::launch(database.backend, database.config(), clock, Settings::default()).await
    }

    /// Another node of the same deployment: the same database, secret and clock, a process state of its own.
    pub async fn node(&self, settings: Settings) -> Self {
        let inner = &self.0;
        let node = Self::launch(inner.backend, inner.database.clone(), inner.clock.clone(), settings).await;
        inner.nodes.lock().unwrap().push(node.clone());
        node
    }

    async fn launch(backend: Backend, database: DbConfig, clock: ManualClock, settings: Settings) -> Self {
        let db = Db::connect(&database).await.unwrap();
        let platform = platform(db, clock.clone(), settings.cost.unwrap_or(CHEAP)).await;
        let state = AppState::new(platform, settings.http).await.unwrap();
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let base = format!("http://{}", listener.local_addr().unwrap());
        let serving = Serving { workers: 2, shutdown_seconds: 1, signals: false };
        let server = app::serve(state.clone(), listener, serving).unwrap();
        let handle = server.handle();
        tokio::spawn(server);
        Self(Arc::new(Inner {
            backend,
            database,
            clock,
            state,
            server: handle,
            visitor: Client::anonymous(client::agent(), base),
            people: Mutex::default(),
            nodes: Mutex::default(),
        }))
    }

    /// Stops the server with all its nodes and closes its connections.
    pub async fn stop(&self) {
        let nodes = std::mem::take(&mut *self.0.nodes.lock().unwrap());
        for node in nodes.iter().chain([self]) {
            node.0.server.stop(false).await;
            let db = &node.platform().db;
            let _ = db.write_pool().clone().close().await;
            let _ = db.read().clone().close().await;
        }
    }

    /// Which database it stands on.
    #[must_use]
    pub fn backend(&self) -> Backend {
        self.0.backend
    }

    /// How to reach its database.
    #[must_use]
    pub fn database_url(&self) -> &str {
        &self.0.database.url
    }

    /// The platform of the server, for what is done at the machine.
    #[must_use]
    pub fn platform(&self) -> &Arc<Platform> {
        &self.0.state.platform
    }

    /// The state the handlers share.
    #[must_use]
    pub fn state(&self) -> &Data<AppState> {
        &self.0.state
    }

    /// The system itself, as at the machine.
    #[must_use]
    pub fn system(&self) -> Ctx {
        Ctx::system(Arc::clone(self.platform()), "测试")
    }

    /// Nobody in particular.
    #[must_use]
    pub fn visitor(&self) -> Client {
        self.0.visitor.clone()
    }

    /// The clock.
    #[must_use]
    pub fn clock(&self) -> &ManualClock {
        &self.0.clock
    }

    /// Now, without moving the clock.
    #[must_use]
    pub fn now(&self) -> DateTime<Utc> {
        use yidan::kernel::clock::Clock;
        self.0.clock.now()
    }

    /// Lets time pass.
    pub fn wait(&self, time: TimeDelta) {
        self.0.clock.advance(time);
    }

    /// Lets time pass and does what it has made due.
    pub async fn wait_and_tick(&self, time: TimeDelta) {
        self.wait(time);
        self.tick().await;
    }

    /// Does what time has made due.
    pub async fn tick(&self) {
        yidan::ticker::tick(self.platform()).await.unwrap();
    }

    /// Number and hash of the last event of every province's chain, as the chain itself says.
    pub async fn heads(&self) -> Vec<(i64, String)> {
        use sea_orm::{EntityTrait, QueryOrder};
        use yidan_entity::audit_chain::{Column, Entity};
        let chains = Entity::find().order_by_asc(Column::ProvinceId).all(self.platform().db.read()).await.unwrap();
        chains.into_iter().map(|chain| (chain.seq, chain.hash)).collect()
    }

    pub(crate) fn people(&self) -> &Mutex<HashMap<(OrgUnitId, Role), Client>> {
        &self.0.people
    }
}
