//! Composes the actix application once, for `main` and for every test.

use std::{collections::HashSet, net::IpAddr, sync::Arc, time::Duration};

use actix_web::{
    App, HttpServer,
    dev::{Server, Service},
    guard,
    http::header::UPGRADE,
    middleware::Compress,
    web::{self, Data, PayloadConfig, ServiceConfig},
};
use tokio::sync::watch;

use crate::{
    http::{
        bucket::{BucketSize, Buckets},
        cors::Origins,
        cost::Costs,
        documents::Documents,
        endpoint, explorer,
        limits::Limits,
        metrics::Metrics,
        multipart,
        pages::{self, reading},
        positions::Positions,
        seats::Seats,
        socket,
        trusted::Trusted,
        variables::Inputs,
    },
    kernel::{
        fault::{Fault, Outcome},
        platform::Platform,
    },
    schema::{self, Checker, YidanSchema},
};

/// Limits of HTTP.
#[derive(Clone, Debug)]
pub struct HttpConfig {
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Bytes of a body that brings files.
    pub upload_bytes: usize,
    /// Longest time for a request.
    pub request_timeout: Duration,
    /// Proxies whose word about the caller's address is taken.
    pub trusted_proxies: HashSet<IpAddr>,
    /// Limits of documents.
    pub limits: Limits,
    /// Whether `/` serves the start page.
    pub explorer: bool,
    /// How much one caller may ask over time; none for as much as it likes.
    pub bucket: Option<BucketSize>,
    /// Documents known by an id.
    pub trusted: Arc<Trusted>,
    /// How often an answer that goes on gives a sign of life.
    pub heartbeat: Duration,
    /// How long a WebSocket may stay without its beginning.
    pub begin_timeout: Duration,
    /// Connections that go on which one caller may hold; 0 for as many as it likes.
    pub live_connections: u32,
    /// Whether callers without a log-in may ask about the schema.
    pub introspection: bool,
}

impl Default for HttpConfig {
    fn default() -> Self {
        Self {
            body_bytes: 1024 * 1024,
            upload_bytes: 8 * 1024 * 1024,
            request_timeout: Duration::from_secs(10),
            trusted_proxies: HashSet::new(),
            limits: Limits::default(),
            explorer: true,
            bucket: None,
            trusted: Arc::default(),
            heartbeat: Duration::from_secs(15),
            begin_timeout: Duration::from_secs(5),
            live_connections: 100,
            introspection: true,
        }
    }
}

/// What the handlers share.
pub struct AppState {
    /// The platform.
    pub platform: Arc<Platform>,
    /// The schema that runs operations.
    pub schema: YidanSchema,
    /// What judges documents that are seen for the first time.
    pub checker: Checker,
    /// The schema as text.
    pub sdl: String,
    /// Its input types.
    pub inputs: Inputs,
    /// Where its variables may stand.
    pub positions: Positions,
    /// What fields come to.
    pub costs: Costs,
    /// Documents seen lately.
    pub documents: Documents,
    /// Documents known by an id.
    pub trusted: Arc<Trusted>,
    /// How much each caller may still ask.
    pub buckets: Option<Buckets>,
    /// How often an answer that goes on gives a sign of life.
    pub heartbeat: Duration,
    /// How long a WebSocket may stay without its beginning.
    pub begin_timeout: Duration,
    /// The connections that go on.
    pub seats: Seats,
    /// Whether callers without a log-in may ask about the schema.
    pub introspection: bool,
    /// Becomes true when the server is told to stop: what goes on for ever has to end.
    pub stopping: watch::Sender<bool>,
    /// Web pages that may call.
    pub origins: Origins,
    /// Figures.
    pub metrics: Metrics,
    /// Longest time for a request.
    pub request_timeout: Duration,
    /// Proxies whose word about the caller's address is taken.
    pub trusted_proxies: HashSet<IpAddr>,
    /// Bytes of a body.
    pub body_bytes: usize,
    /// Whether `/` serves a page.
    pub explorer: bool,
    /// Bytes of a body with files.
    pub upload_bytes: usize,
}

impl AppState {
    /// The state of an application on a platform.
    pub async fn new(platform: Arc<Platform>, config: HttpConfig) -> Outcome<Data<Self>> {
        for unfit in config.trusted.unfit() {
            tracing::warn!("{unfit}");
        }
        let sdl = schema::sdl();
        let origins = Origins::default();
        origins.reload(&platform).await?;
        Ok(Data::new(Self {
            platform,
            schema: schema::build(),
            checker: Checker::new(config.introspection),
            inputs: Inputs::of(&sdl),
            positions: Positions::of(&sdl),
            costs: Costs::of(&sdl),
            sdl,
            documents: Documents::new(config.limits),
            trusted: config.trusted,
            heartbeat: config.heartbeat,
            begin_timeout: config.begin_timeout,
            seats: Seats::new(config.live_connections),
            introspection: config.introspection,
            stopping: watch::Sender::new(false),
            buckets: config.bucket.map(Buckets::new),
            origins,
            metrics: Metrics::new().map_err(|error| Fault::new(format!("metrics: {error}")))?,
            request_timeout: config.request_timeout,
            trusted_proxies: config.trusted_proxies,
            explorer: config.explorer,
            body_bytes: config.body_bytes,
            upload_bytes: config.upload_bytes,
        }))
    }
}

/// Whether a request wants to become a WebSocket.
fn upgrades(context: &guard::GuardContext<'_>) -> bool {
    let upgrade = context.head().headers().get(UPGRADE).and_then(|value| value.to_str().ok());
    upgrade.is_some_and(|value| value.eq_ignore_ascii_case("websocket"))
}

/// The routes.
pub fn routes(config: &mut ServiceConfig, state: &Data<AppState>) {
    config
        .app_data(state.clone())
        .app_data(PayloadConfig::new(state.body_bytes))
        .service(
            web::resource("/graphql")
                .guard(guard::fn_guard(multipart::brings_files))
                .app_data(PayloadConfig::new(state.upload_bytes))
                .route(web::post().to(endpoint::graphql)),
        )
        .service(
            web::resource("/graphql")
                .route(web::get().guard(guard::fn_guard(upgrades)).to(socket::graphql))
                .route(web::get().to(endpoint::graphql))
                .route(web::post().to(endpoint::graphql))
                .route(web::method(actix_web::http::Method::OPTIONS).to(pages::preflight))
                .default_service(web::to(endpoint::not_allowed)),
        )
        .route("/healthz", reading().to(pages::healthz))
        .route("/readyz", reading().to(pages::readyz))
        .route("/metrics", reading().to(pages::metrics))
        .route("/.well-known/jwks.json", reading().to(pages::jwks))
        .route("/schema.graphql", reading().to(pages::schema));
    explorer::routes(config, state);
}

/// How the process serves.
#[derive(Clone, Copy, Debug)]
pub struct Serving {
    /// Worker threads.
    pub workers: usize,
    /// How long it may take to finish what was accepted, in seconds.
    pub shutdown_seconds: u64,
    /// Whether the signals that end a process stop the server; a test's server leaves them to the test process.
    pub signals: bool,
}

/// A server on `listener`; it finishes what it has accepted before it stops.
pub fn serve(state: Data<AppState>, listener: std::net::TcpListener, serving: Serving) -> std::io::Result<Server> {
    if serving.signals {
        let state = state.clone();
        tokio::spawn(async move {
            told_to_stop().await;
            state.stopping.send_replace(true);
        });
    }
    let server = HttpServer::new(move || {
        let said = state.clone();
        App::new()
            .wrap(Compress::default())
            .wrap_fn(move |request, service| {
                let (state, answered) = (said.clone(), service.call(request));
                async move { Ok(endpoint::named(endpoint::sendable(answered.await?, &state).await)) }
            })
            .configure(|config| routes(config, &state))
    })
    .workers(serving.workers)
    .shutdown_timeout(serving.shutdown_seconds);
    let server = if serving.signals { server } else { server.disable_signals() };
    Ok(server.listen(listener)?.run())
}

/// Waits for one of the signals that end a process.
async fn told_to_stop() {
    #[cfg(unix)]
    {
        use tokio::signal::unix::{SignalKind, signal};
        let listened = (signal(SignalKind::interrupt()), signal(SignalKind::terminate()), signal(SignalKind::quit()));
        if let (Ok(mut interrupt), Ok(mut terminate), Ok(mut quit)) = listened {
            tokio::select! {
                _ = interrupt.recv() => {}
                _ = terminate.recv() => {}
                _ = quit.recv() => {}
            }
            return;
        }
    }
    if tokio::signal::ctrl_c().await.is_err() {
        std::future::pending::<()>().await;
    }
}
