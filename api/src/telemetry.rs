//! Logs, and traces for those who collect them: a span per request and per command, sent by OpenTelemetry's protocol to a
//! collector if the operator names one. Without one nothing is made of it.

use std::io::IsTerminal;

use std::{fmt, sync::Arc, time::Duration};

use actix_web::http::header::{HeaderMap, HeaderName};
use opentelemetry::{
    KeyValue,
    propagation::{Extractor, TextMapPropagator},
    trace::TracerProvider,
};
use opentelemetry_http::{Bytes, HttpClient, HttpError};
use opentelemetry_otlp::{ExporterBuildError, SpanExporter, WithExportConfig, WithHttpConfig};
use opentelemetry_sdk::{
    Resource,
    propagation::TraceContextPropagator,
    trace::{Sampler, SdkTracerProvider},
};
use tokio::runtime::Handle;
use tracing::{Span, level_filters::LevelFilter};
use tracing_opentelemetry::OpenTelemetrySpanExt;
use tracing_subscriber::{EnvFilter, Layer, Registry, filter::Targets, layer::SubscriberExt, registry::LookupSpan};
use url::Url;

use crate::{
    config::LogFormat,
    kernel::outbound::{Method, Outbound, Reach},
};

/// The target of spans, here and in the runner. They are at the lowest level, so that logs do not repeat them.
const SPANS: &str = "yidan::spans";

/// Where traces go.
#[derive(Clone, Debug)]
pub struct Traces {
    /// Address of the collector, such as `http://127.0.0.1:4318`.
    pub endpoint: Url,
    /// Of how many requests in a hundred, unless the caller says that it traces.
    pub percent: u32,
}

/// How to log and trace.
pub struct Telemetry {
    /// What is logged.
    pub filter: String,
    /// How it is logged.
    pub format: LogFormat,
    /// Where traces go, if anywhere.
    pub traces: Option<Traces>,
}

/// Sends what is left when the process ends.
#[must_use]
pub struct Guard(Option<SdkTracerProvider>);

impl Drop for Guard {
    fn drop(&mut self) {
        if let Some(provider) = &self.0
            && let Err(error) = provider.shutdown_with_timeout(Duration::from_secs(3))
        {
            tracing::warn!(%error, "the last traces were not sent");
        }
    }
}

impl Telemetry {
    /// Begins to log and to trace; once per process.
    pub fn start(self) -> Result<Guard, ExporterBuildError> {
        let filter = EnvFilter::try_new(&self.filter).unwrap_or_else(|_| EnvFilter::new("info"));
        let provider = self.traces.as_ref().map(provider).transpose()?;
        // Colours are for who looks on, not for files.
        let lines =
            tracing_subscriber::fmt::layer().with_ansi(std::io::stderr().is_terminal()).with_writer(std::io::stderr);
        let lines = match self.format {
            LogFormat::Json => lines.json().flatten_event(true).with_filter(filter).boxed(),
            LogFormat::Text => lines.with_target(false).with_filter(filter).boxed(),
        };
        let subscriber = Registry::default().with(lines).with(provider.as_ref().map(spans));
        // Whoever was first stays; a process starts once.
        let _ = tracing::subscriber::set_global_default(subscriber);
        Ok(Guard(provider))
    }
}

/// The layer that makes traces of spans.
fn spans<S>(provider: &SdkTracerProvider) -> impl Layer<S> + use<S>
where
    S: tracing::Subscriber + for<'a> LookupSpan<'a>,
{
    let layer = tracing_opentelemetry::layer().with_tracer(provider.tracer("yidan")).with_location(false);
    layer.with_filter(Targets::new().with_target(SPANS, LevelFilter::TRACE))
}

fn provider(traces: &Traces) -> Result<SdkTracerProvider, ExporterBuildError> {
    let endpoint = format!("{}/v1/traces", traces.endpoint.as_str().trim_end_matches('/'));
    let exporter =
        SpanExporter::builder().with_http().with_http_client(Collector::new()).with_endpoint(endpoint).build()?;
    let resource = Resource::builder()
        .with_service_name("yidan")
        .with_attribute(KeyValue::new("service.version", env!("CARGO_PKG_VERSION")))
        .with_attribute(KeyValue::new("service.instance.id", uuid::Uuid::now_v7().to_string()))
        .build();
    let ratio = Sampler::TraceIdRatioBased(f64::from(traces.percent) / 100.0);
    Ok(SdkTracerProvider::builder()
        .with_batch_exporter(exporter)
        .with_resource(resource)
        .with_sampler(Sampler::ParentBased(Box::new(ratio)))
        .build())
}

/// The way to the collector, which the operator has named and which may be anywhere.
#[derive(Clone)]
struct Collector {
    outbound: Arc<Outbound>,
    runtime: Handle,
}

impl Collector {
    fn new() -> Self {
        let outbound = Outbound::new(Reach::everywhere(), Duration::from_secs(5), Vec::new());
        Self { outbound: Arc::new(outbound), runtime: Handle::current() }
    }
}

impl fmt::Debug for Collector {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Collector")
    }
}

#[async_trait::async_trait]
impl HttpClient for Collector {
    async fn send_bytes(
        &self,
        request: opentelemetry_http::Request<Bytes>,
    ) -> Result<opentelemetry_http::Response<Bytes>, HttpError> {
        let (head, body) = request.into_parts();
        let url: Url = head.uri.to_string().parse()?;
        let told =
            head.headers.iter().filter_map(|(name, value)| Some((name.to_string(), value.to_str().ok()?.to_owned())));
        let headers: Vec<_> = told.collect();
        let outbound = Arc::clone(&self.outbound);
        // The exporter has a thread of its own, without a reactor.
        let sending = self.runtime.spawn(async move {
            let headers: Vec<_> = headers.iter().map(|(name, value)| (name.as_str(), value.clone())).collect();
            outbound.send(Method::POST, &url, &headers, body, 4_096).await
        });
        let answered = sending.await?.map_err(|problem| format!("the collector: {problem:?}"))?;
        Ok(opentelemetry_http::Response::builder().status(answered.status).body(Bytes::from(answered.body))?)
    }
}

/// The headers of a request, for whoever continues a trace.
struct Carried<'a>(&'a HeaderMap);

impl Extractor for Carried<'_> {
    fn get(&self, key: &str) -> Option<&str> {
        self.0.get(key)?.to_str().ok()
    }

    fn keys(&self) -> Vec<&str> {
        self.0.keys().map(HeaderName::as_str).collect()
    }
}

/// The span of an operation, part of the caller's trace if the headers name one.
#[must_use]
pub fn operation(headers: Option<&HeaderMap>, request_id: &str, way: &'static str) -> Span {
    let span = tracing::trace_span!(
        target: SPANS,
        "graphql",
        otel.kind = "server",
        otel.name = tracing::field::Empty,
        otel.status_code = tracing::field::Empty,
        graphql.operation.type = tracing::field::Empty,
        graphql.operation.name = tracing::field::Empty,
        yidan.outcome = tracing::field::Empty,
        yidan.cost = tracing::field::Empty,
        yidan.request_id = request_id,
        yidan.way = way,
    );
    if let Some(headers) = headers.filter(|_| !span.is_disabled()) {
        let _ = span.set_parent(TraceContextPropagator::new().extract(&Carried(headers)));
    }
    span
}

#[cfg(test)]
mod tests {
    use tokio::{
        io::{AsyncReadExt, AsyncWriteExt},
        net::TcpListener,
        sync::mpsc,
    };

    use super::*;

    /// A collector that hands on what it gets.
    async fn collector() -> (Url, mpsc::UnboundedReceiver<Vec<u8>>) {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let endpoint = format!("http://{}", listener.local_addr().unwrap()).parse().unwrap();
        let (sender, received) = mpsc::unbounded_channel();
        tokio::spawn(async move {
            loop {
                let (mut stream, _) = listener.accept().await.unwrap();
                let mut bytes = vec![0; 64 * 1_024];
                let mut filled = 0;
                // The whole request fits, and its end is where nothing more comes for a while.
                while let Ok(Ok(more @ 1..)) =
                    tokio::time::timeout(Duration::from_millis(300), stream.read(&mut bytes[filled..])).await
                {
                    filled += more;
                }
                bytes.truncate(filled);
                let _ = sender.send(bytes);
                let _ = stream.write_all(b"HTTP/1.1 200 OK\r\ncontent-length: 0\r\n\r\n").await;
            }
        });
        (endpoint, received)
    }

    fn holds(bytes: &[u8], part: &[u8]) -> bool {
        bytes.windows(part.len()).any(|window| window == part)
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_callers_trace_goes_on_to_the_collector() {
        let (endpoint, mut received) = collector().await;
        let provider = provider(&Traces { endpoint, percent: 0 }).unwrap();
        let (trace, parent) = ([0xabu8; 16], [0xcdu8; 8]);
        let mut headers = HeaderMap::new();
        let value = format!("00-{}-{}-01", hex::encode(trace), hex::encode(parent));
        headers.insert(HeaderName::from_static("traceparent"), value.parse().unwrap());
        let subscriber = Registry::default().with(spans(&provider));
        tracing::subscriber::with_default(subscriber, || {
            let span = operation(Some(&headers), "request-1", "http");
            span.record("otel.name", "query Gas");
            span.in_scope(|| {
                tracing::trace_span!(target: SPANS, "command", otel.name = "createAdjustment").in_scope(|| ());
            });
            // Nobody traces this one, and of those none is drawn.
            operation(None, "request-2", "http").in_scope(|| ());
        });
        tokio::task::spawn_blocking(move || drop(Guard(Some(provider)))).await.unwrap();
        let sent = received.recv().await.unwrap();
        assert!(sent.starts_with(b"POST /v1/traces HTTP/1.1"));
        for part in [&trace[..], &parent[..], b"query Gas", b"createAdjustment", b"request-1", b"yidan"] {
            assert!(holds(&sent, part), "{}", String::from_utf8_lossy(part));
        }
        assert!(!holds(&sent, b"request-2"));
    }

    #[tokio::test]
    async fn without_a_collector_a_span_is_nothing() {
        tracing::subscriber::with_default(Registry::default().with(EnvFilter::new("info")), || {
            assert!(operation(None, "request", "http").is_disabled());
        });
    }
}
