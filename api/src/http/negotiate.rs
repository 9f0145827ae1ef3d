//! Which media type an answer has.

use actix_web::http::header::{ACCEPT, HeaderMap};

/// The media types an answer may have.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Media {
    /// `application/graphql-response+json`: the status tells whether the request was well-formed.
    GraphQlResponse,
    /// `application/json`: the older one, always 200 for a well-formed HTTP request.
    Json,
}

impl Media {
    /// The header value.
    #[must_use]
    pub fn content_type(self) -> &'static str {
        match self {
            Self::GraphQlResponse => "application/graphql-response+json; charset=utf-8",
            Self::Json => "application/json; charset=utf-8",
        }
    }
}

/// Whether the caller would rather have server-sent events than one answer. Of what it likes equally it names first what
/// it would rather have, as clients do that list all they can read.
#[must_use]
pub fn events(headers: &HeaderMap) -> bool {
    let mut best: Option<(String, u16)> = None;
    for (range, quality) in ranges(headers).filter(|(range, _)| is_events(range) || range.starts_with("application/")) {
        if quality > best.as_ref().map_or(0, |(_, quality)| *quality) {
            best = Some((range, quality));
        }
    }
    best.is_some_and(|(range, _)| is_events(&range))
}

/// Whether the caller takes server-sent events, if there is no other way.
#[must_use]
pub fn takes_events(headers: &HeaderMap) -> bool {
    ranges(headers).any(|(range, quality)| is_events(&range) && quality > 0)
}

fn is_events(range: &str) -> bool {
    range == "text/event-stream"
}

fn ranges(headers: &HeaderMap) -> impl Iterator<Item = (String, u16)> {
    let accepts = headers.get_all(ACCEPT).filter_map(|value| value.to_str().ok());
    accepts.flat_map(|value| value.split(',')).filter_map(range)
}

/// The media type the caller prefers; `None` if it accepts none of ours. Without a preference it is JSON.
#[must_use]
pub fn media(headers: &HeaderMap) -> Option<Media> {
    if headers.get_all(ACCEPT).all(|value| value.to_str().is_err()) {
        return Some(Media::Json);
    }
    let ranges: Vec<(String, u16)> = ranges(headers).collect();
    let quality = |types: &[&str]| {
        // The most specific range that matches decides.
        types.iter().find_map(|wanted| ranges.iter().find(|(range, _)| range == wanted).map(|(_, quality)| *quality))
    };
    let response = quality(&["application/graphql-response+json", "application/*", "*/*"]).unwrap_or(0);
    let json = quality(&["application/json", "application/*", "*/*"]).unwrap_or(0);
    let named = |wanted: &str| ranges.iter().any(|(range, quality)| range == wanted && *quality > 0);
    match (response, json) {
        (0, 0) => None,
        (response, json) if response > json => Some(Media::GraphQlResponse),
        (response, json) if response == json && named("application/graphql-response+json") => {
            Some(Media::GraphQlResponse)
        }
        _ => Some(Media::Json),
    }
}

/// A range with its quality in thousandths.
fn range(text: &str) -> Option<(String, u16)> {
    let mut parts = text.split(';').map(str::trim);
    let range = parts.next()?.to_ascii_lowercase();
    let mut quality = 1_000;
    for parameter in parts {
        if let Some(value) = parameter.strip_prefix("q=").or_else(|| parameter.strip_prefix("Q=")) {
            let value: f32 = value.trim().parse().ok()?;
            #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to 0–1000")]
            let thousandths = (value.clamp(0.0, 1.0) * 1_000.0) as u16;
            quality = thousandths;
        } else if let Some(charset) = parameter.to_ascii_lowercase().strip_prefix("charset=")
            && charset.trim_matches('"') != "utf-8"
        {
            return None;
        }
    }
    Some((range, quality))
}

#[cfg(test)]
mod tests {
    use actix_web::http::header::HeaderValue;

    use super::*;

    fn of(accept: Option<&str>) -> Option<Media> {
        let mut headers = HeaderMap::new();
        if let Some(accept) = accept {
            headers.insert(ACCEPT, HeaderValue::from_str(accept).unwrap());
        }
        media(&headers)
    }

    #[test]
    fn events_are_sent_to_who_would_rather_have_them() {
        let asked = |accept: &'static str| {
            let mut headers = HeaderMap::new();
            headers.insert(ACCEPT, HeaderValue::from_static(accept));
            (events(&headers), takes_events(&headers))
        };
        assert_eq!(asked("text/event-stream"), (true, true));
        assert_eq!(asked("text/event-stream, multipart/mixed"), (true, true));
        assert_eq!(asked("text/event-stream, application/json"), (true, true));
        assert_eq!(asked("*/*, text/event-stream"), (true, true));
        assert_eq!(asked("application/json;q=0.9, text/event-stream"), (true, true));
        // urql, for a query: all it can read.
        let all = "application/graphql-response+json, application/graphql+json, application/json, text/event-stream, multipart/mixed";
        assert_eq!(asked(all), (false, true));
        assert_eq!(asked("text/event-stream;q=0.5, application/json"), (false, true));
        assert_eq!(asked("text/event-stream;q=0"), (false, false));
        assert_eq!(asked("application/json, */*"), (false, false));
    }

    #[test]
    fn preferences_are_respected() {
        assert_eq!(of(None), Some(Media::Json));
        assert_eq!(of(Some("*/*")), Some(Media::Json));
        assert_eq!(of(Some("application/json")), Some(Media::Json));
        assert_eq!(of(Some("application/graphql-response+json")), Some(Media::GraphQlResponse));
        assert_eq!(of(Some("application/graphql-response+json, application/json;q=0.9")), Some(Media::GraphQlResponse));
        assert_eq!(of(Some("application/graphql-response+json;q=0.5, application/json")), Some(Media::Json));
        assert_eq!(
            of(Some("application/graphql-response+json;charset=utf-8, */*;q=0.1")),
            Some(Media::GraphQlResponse)
        );
        assert_eq!(of(Some("text/html")), None);
        assert_eq!(of(Some("application/json;q=0")), None);
    }
}
