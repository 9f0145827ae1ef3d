//! The pages beside the endpoint.

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use sea_orm::ConnectionTrait;
use serde_json::json;
use yidan_migration::STEPS;

use crate::{app::AppState, identity::token};

/// The start page, self-contained: log in, run an operation, read the answer.
const START: &str = include_str!("start.html");
const START_SCRIPT: &str = include_str!("start.js");
const START_STYLE: &str = include_str!("start.css");

/// Everything from here and nothing from elsewhere.
const CONTENT_SECURITY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";

fn page(content_type: &'static str, body: &'static str) -> HttpResponse {
    HttpResponse::Ok()
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, CONTENT_SECURITY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .body(body)
}

/// `/`
pub async fn start() -> HttpResponse {
    page("text/html; charset=utf-8", START)
}

/// `/start.js`
pub async fn start_script() -> HttpResponse {
    page("text/javascript; charset=utf-8", START_SCRIPT)
}

/// `/start.css`
pub async fn start_style() -> HttpResponse {
    page("text/css; charset=utf-8", START_STYLE)
}

/// `/healthz`: the process runs.
pub async fn healthz() -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body("ok\n")
}

/// `/readyz`: database, schema and keys are there; 503 names what is not.
pub async fn readyz(state: web::Data<AppState>) -> HttpResponse {
    let db = state.platform.db.read();
    let applied = db.query_one_raw(sea_orm::Statement::from_string(
        db.get_database_backend(),
        "SELECT COUNT(*) AS steps FROM seaql_migrations".to_owned(),
    ));
    let steps = match applied.await {
        Ok(row) => row.and_then(|row| row.try_get::<i64>("", "steps").ok()).unwrap_or(0),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            -1
        }
    };
    let checks = json!({
        "database": steps >= 0,
        "migrations": usize::try_from(steps).is_ok_and(|steps| steps >= STEPS.len()),
        "keys": state.platform.keyring.current().is_ok(),
    });
    let ready = checks.as_object().is_some_and(|checks| checks.values().all(|check| check == true));
    let mut response = if ready { HttpResponse::Ok() } else { HttpResponse::ServiceUnavailable() };
    response.json(json!({ "ready": ready, "checks": checks }))
}

/// `/metrics`
pub async fn metrics(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .content_type("text/plain; version=0.0.4; charset=utf-8")
        .body(state.metrics.text(&state.platform.db, &state.seats))
}

/// `/.well-known/jwks.json`: the public keys of the access tokens.
pub async fn jwks(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "public, max-age=300"))
        .json(token::jwks(&state.platform.keyring))
}

/// `/schema.graphql`: the contract.
pub async fn schema(state: web::Data<AppState>) -> HttpResponse {
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(state.sdl.clone())
}

/// OPTIONS on `/graphql`.
pub async fn preflight(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    state.origins.look_again(&request, &state.platform).await;
    state.origins.preflight(&request)
}
