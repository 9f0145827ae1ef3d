//! The pages beside the endpoint.

use actix_web::{HttpRequest, HttpResponse, Route, guard, http::header, web};
use sea_orm::ConnectionTrait;
use serde_json::json;
use yidan_migration::STEPS;

use super::endpoint::bearer;
use crate::{
    app::AppState,
    identity::{service::authenticate, token},
    kernel::ctx::Who,
};

/// A route of a page: `HEAD` asks for the same without the body, as watchdogs do.
#[must_use]
pub fn reading() -> Route {
    web::route().guard(guard::Any(guard::Get()).or(guard::Head()))
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

/// Whether the schema is shown to who asks: to everybody, or to those who have logged in.
pub async fn shows_schema(request: &HttpRequest, state: &web::Data<AppState>) -> bool {
    state.introspection
        || authenticate(&state.platform, bearer(request)).await.is_ok_and(|who| matches!(who, Who::Member(_)))
}

/// `/schema.graphql`: the contract, for those who may read it.
pub async fn schema(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    if !shows_schema(&request, &state).await {
        return HttpResponse::NotFound().finish();
    }
    HttpResponse::Ok().content_type("text/plain; charset=utf-8").body(state.sdl.clone())
}

/// OPTIONS on `/graphql`.
pub async fn preflight(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    state.origins.look_again(&request, &state.platform).await;
    state.origins.preflight(&request)
}
