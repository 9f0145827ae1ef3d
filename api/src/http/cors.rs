//! Which web pages may call the API from a browser: the origins that provinces have set, each for its own province.

use std::{
    collections::{HashMap, HashSet},
    sync::{
        RwLock,
        atomic::{AtomicI64, Ordering},
    },
};

use actix_web::{
    HttpRequest, HttpResponse,
    http::header::{
        ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS, ACCESS_CONTROL_ALLOW_ORIGIN,
        ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, HeaderValue, ORIGIN, VARY,
    },
};

use crate::{
    kernel::{ctx::Who, fault::Outcome, ids::ProvinceId, platform::Platform},
    territory,
};

/// The origins and the provinces that allow them.
#[derive(Default)]
pub struct Origins {
    known: RwLock<HashMap<String, HashSet<ProvinceId>>>,
    /// The second of the last look for an unknown one.
    looked: AtomicI64,
}

impl Origins {
    /// Reads the origins again.
    pub async fn reload(&self, platform: &Platform) -> Outcome<()> {
        let mut origins: HashMap<String, HashSet<ProvinceId>> = HashMap::new();
        for province in territory::store::provinces(platform.db.read()).await? {
            for origin in province.settings.access.origins {
                origins.entry(origin).or_default().insert(province.id);
            }
        }
        if let Ok(mut guard) = self.known.write() {
            *guard = origins;
        }
        Ok(())
    }

    /// Reads the origins again if the page that calls is not among them: it may just have been allowed. At most once a
    /// second, so that strangers cost nothing.
    pub async fn look_again(&self, request: &HttpRequest, platform: &Platform) {
        let Some(origin) = request.headers().get(ORIGIN).and_then(|origin| origin.to_str().ok()) else { return };
        if self.known.read().is_ok_and(|known| known.contains_key(origin)) {
            return;
        }
        let now = platform.clock.now().timestamp();
        if self.looked.swap(now, Ordering::Relaxed) != now
            && let Err(failure) = self.reload(platform).await
        {
            tracing::error!(?failure, "origins");
        }
    }

    /// Whether `origin` may read what is answered to `who`. Nobody in particular may be called from any of them.
    #[must_use]
    pub fn allows(&self, origin: &str, who: Option<&Who>) -> bool {
        let Ok(origins) = self.known.read() else { return false };
        match (origins.get(origin), who) {
            (None, _) => false,
            (Some(provinces), Some(Who::Member(actor))) => provinces.contains(&actor.province),
            (Some(_), _) => true,
        }
    }

    /// Adds the headers that let the calling page read the answer.
    pub fn permit(&self, request: &HttpRequest, who: Option<&Who>, response: &mut HttpResponse) {
        let headers = response.headers_mut();
        headers.append(VARY, HeaderValue::from_static("Origin, Accept, Accept-Language, Authorization"));
        let Some(origin) = request.headers().get(ORIGIN) else { return };
        if origin.to_str().is_ok_and(|text| self.allows(text, who)) {
            headers.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
            headers.insert(ACCESS_CONTROL_EXPOSE_HEADERS, HeaderValue::from_static("x-request-id, retry-after"));
        }
    }

    /// Answers a browser's question before the request itself.
    pub fn preflight(&self, request: &HttpRequest) -> HttpResponse {
        let mut response = HttpResponse::NoContent().finish();
        self.permit(request, None, &mut response);
        let headers = response.headers_mut();
        if headers.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN) {
            headers.insert(ACCESS_CONTROL_ALLOW_METHODS, HeaderValue::from_static("GET, POST"));
            headers.insert(
                ACCESS_CONTROL_ALLOW_HEADERS,
                HeaderValue::from_static(
                    "authorization, content-type, accept-language, x-request-id, traceparent, \
                     graphql-require-preflight, apollo-require-preflight, last-event-id",
                ),
            );
            headers.insert(ACCESS_CONTROL_MAX_AGE, HeaderValue::from_static("600"));
        }
        response
    }
}
