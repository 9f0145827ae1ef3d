//! The page at `/`: the explorer that was built into the program, or the small start page if none was.
//!
//! Both are whole in themselves and ask nobody else for anything, so that they work where there is no internet, and the
//! browser is told to allow nothing else.

use std::{io::Read, sync::LazyLock};

use actix_web::{
    HttpRequest, HttpResponse, HttpResponseBuilder,
    http::header::{self, HeaderValue},
    web,
};
use base64::{Engine, prelude::BASE64_STANDARD};
use flate2::read::GzDecoder;

use super::{
    pages::{self, reading},
    reference::{self, Style},
};
use crate::app::AppState;

include!(concat!(env!("OUT_DIR"), "/explorer.rs"));

/// The start page: log in, run an operation, read the answer.
const START: &str = include_str!("start.html");
const START_SCRIPT: &str = include_str!("start.js");
const START_STYLE: &str = include_str!("start.css");
const ICON: &str = include_str!("favicon.svg");
/// The ten operations that both pages offer.
const EXAMPLES: &str = include_str!("../../explorer/examples.graphql");

/// Everything from here and nothing from elsewhere.
const POLICY: &str = "default-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'self'";
/// Where the number of a page stands until it is sent.
const NONCE: &str = "{{nonce}}";

static REFERENCE: LazyLock<String> = LazyLock::new(|| reference::page(&crate::schema::sdl(), Style::Linked));

/// Whether the explorer was built into the program.
#[must_use]
pub fn is_built() -> bool {
    PAGE.is_some()
}

fn answer(content_type: &str) -> HttpResponseBuilder {
    let mut answer = HttpResponse::Ok();
    answer
        .content_type(content_type)
        .insert_header((header::CONTENT_SECURITY_POLICY, POLICY))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        // What has no hash in its name is asked for anew.
        .insert_header((header::CACHE_CONTROL, "no-cache"));
    answer
}

/// `/`
pub async fn home() -> HttpResponse {
    let Some(page) = PAGE else { return answer("text/html; charset=utf-8").body(START) };
    let nonce = BASE64_STANDARD.encode(rand::random::<[u8; 16]>());
    // The editor (Monaco) adds style elements while it runs, known by the page's number, and draws its underlines with
    // pictures in the style sheet itself. Scripts, workers, fonts and whatever is fetched come from here only.
    let policy = format!("{POLICY}; style-src 'self' 'nonce-{nonce}'; img-src 'self' data:");
    answer("text/html; charset=utf-8")
        .insert_header((header::CONTENT_SECURITY_POLICY, policy))
        .body(page.replace(NONCE, &nonce))
}

/// `/explorer/…`: a file of the explorer. Its name has a hash of what it says, so it is asked for once.
pub async fn file(request: HttpRequest, name: web::Path<String>) -> HttpResponse {
    let Some((name, body)) = FILES.iter().find(|(known, _)| *known == name.as_str()) else {
        return HttpResponse::NotFound().finish();
    };
    let mut answer = answer(content_type(name));
    answer
        .insert_header((header::CACHE_CONTROL, "public, max-age=31536000, immutable"))
        .insert_header((header::VARY, "Accept-Encoding"));
    let accepted = request.headers().get_all(header::ACCEPT_ENCODING).filter_map(|value| value.to_str().ok());
    if accepted.flat_map(|value| value.split(',')).any(is_gzip) {
        return answer.insert_header((header::CONTENT_ENCODING, HeaderValue::from_static("gzip"))).body(*body);
    }
    let mut plain = Vec::new();
    match GzDecoder::new(*body).read_to_end(&mut plain) {
        Ok(_) => answer.body(plain),
        Err(error) => {
            tracing::error!(%error, name, "a file of the explorer");
            HttpResponse::InternalServerError().finish()
        }
    }
}

fn is_gzip(coding: &str) -> bool {
    let (name, quality) = coding.split_once(';').unwrap_or((coding, ""));
    let refused = quality.trim().strip_prefix("q=").is_some_and(|quality| quality.trim().parse() == Ok(0.0_f32));
    name.trim().eq_ignore_ascii_case("gzip") && !refused
}

fn content_type(name: &str) -> &'static str {
    match name.rsplit_once('.').map(|(_, extension)| extension) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("ttf") => "font/ttf",
        Some("woff2") => "font/woff2",
        _ => "application/octet-stream",
    }
}

/// `/start.js`
pub async fn start_script() -> HttpResponse {
    answer("text/javascript; charset=utf-8").body(START_SCRIPT)
}

/// `/start.css`
pub async fn start_style() -> HttpResponse {
    answer("text/css; charset=utf-8").body(START_STYLE)
}

/// `/favicon.svg`
pub async fn icon() -> HttpResponse {
    answer("image/svg+xml").body(ICON)
}

/// `/examples.graphql`
pub async fn examples() -> HttpResponse {
    answer("text/plain; charset=utf-8").body(EXAMPLES)
}

/// `/reference`: the schema to read, for those who may.
pub async fn reference_page(request: HttpRequest, state: web::Data<AppState>) -> HttpResponse {
    if !pages::shows_schema(&request, &state).await {
        return HttpResponse::NotFound().finish();
    }
    answer("text/html; charset=utf-8").body(REFERENCE.as_str())
}

/// `/reference.js`
pub async fn reference_script() -> HttpResponse {
    answer("text/javascript; charset=utf-8").body(reference::SCRIPT)
}

/// `/reference.css`
pub async fn reference_style() -> HttpResponse {
    answer("text/css; charset=utf-8").body(reference::STYLE)
}

/// The routes of the pages for people.
pub fn routes(config: &mut web::ServiceConfig, state: &web::Data<AppState>) {
    config
        .route("/favicon.svg", reading().to(icon))
        .route("/reference", reading().to(reference_page))
        .route("/reference.css", reading().to(reference_style))
        .route("/reference.js", reading().to(reference_script));
    if state.explorer {
        config
            .route("/", reading().to(home))
            .route("/start.js", reading().to(start_script))
            .route("/start.css", reading().to(start_style))
            .route("/examples.graphql", reading().to(examples))
            .route("/explorer/{file:.*}", reading().to(file));
    }
}
