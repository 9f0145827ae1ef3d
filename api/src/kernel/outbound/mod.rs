//! Calls that the server makes: to addresses that somebody else has named, so with care.
//!
//! A name is resolved here and the connection goes to the very address that was judged, so a name that means something
//! else a moment later does no harm. Nothing is followed, no proxy of the environment is asked, no connection is kept,
//! little is read of what comes back, and all of it has an end.

mod reach;

use std::{
    fmt, io,
    net::{IpAddr, SocketAddr},
    sync::{Arc, OnceLock},
    time::Duration,
};

use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
pub use hyper::{Method, body::Bytes};
use hyper::{Request, Response, body::Incoming, client::conn::http1};
use hyper_util::rt::TokioIo;
use tokio::{
    io::{AsyncRead, AsyncWrite},
    net::TcpStream,
    task::JoinSet,
    time::timeout,
};
use tokio_rustls::{
    TlsConnector,
    rustls::{ClientConfig, RootCertStore, crypto::ring, pki_types::CertificateDer, pki_types::ServerName},
};
use url::{Host, Url};

pub use self::reach::{FORBIDDEN, MAX_URL, Reach};

/// How much of the answer to a posted message is kept, in bytes.
const KEPT: usize = 1_024;
/// How long the body of an answer is waited for: what it says is a courtesy, its status is the answer.
const BODY_TIME: Duration = Duration::from_secs(2);
/// Most bytes of the head of an answer.
const HEAD: usize = 16 * 1_024;

/// What a name stands for.
pub type Resolve = Arc<dyn Fn(String, u16) -> BoxFuture<'static, io::Result<Vec<SocketAddr>>> + Send + Sync>;

/// How to call out.
#[derive(Clone)]
pub struct Outbound {
    /// Where to.
    pub reach: Reach,
    /// Longest time for a call.
    pub time: Duration,
    /// Certificates of authorities that are trusted beside those of the machine.
    pub authorities: Vec<CertificateDer<'static>>,
    /// How names are resolved.
    pub resolve: Resolve,
    tls: Arc<OnceLock<Arc<ClientConfig>>>,
}

impl Default for Outbound {
    fn default() -> Self {
        Self::new(Reach::default(), Duration::from_secs(10), Vec::new())
    }
}

impl fmt::Debug for Outbound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Outbound").field("reach", &self.reach).field("time", &self.time).finish_non_exhaustive()
    }
}

/// Why a call got no answer.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoAnswer {
    /// The name stands for nothing.
    Unresolved,
    /// The address is not to be called.
    Forbidden,
    /// Nobody is there.
    Unreachable,
    /// The other side cannot prove who it is.
    Untrusted,
    /// It took too long.
    TimedOut,
    /// What came back is no HTTP.
    Garbled,
}

/// What was answered.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answered {
    /// HTTP status.
    pub status: u16,
    /// The header `Retry-After`, in seconds, if that is how it is given.
    pub retry_after: Option<u32>,
    /// How the body begins.
    pub body: Vec<u8>,
}

impl Answered {
    /// The body as a text that can be kept and shown.
    #[must_use]
    pub fn text(&self) -> String {
        let text = String::from_utf8_lossy(&self.body);
        text.chars().map(|c| if c.is_control() && c != '\n' { ' ' } else { c }).collect::<String>().trim().to_owned()
    }
}

trait Stream: AsyncRead + AsyncWrite + Unpin + Send {}

impl<T: AsyncRead + AsyncWrite + Unpin + Send> Stream for T {}

impl Outbound {
    /// Calls within `reach` that end after `time`, trusting these authorities as well.
    #[must_use]
    pub fn new(reach: Reach, time: Duration, authorities: Vec<CertificateDer<'static>>) -> Self {
        let resolve: Resolve =
            Arc::new(|host, port| Box::pin(async move { Ok(tokio::net::lookup_host((host, port)).await?.collect()) }));
        Self { reach, time, authorities, resolve, tls: Arc::default() }
    }

    /// The addresses that `url` stands for now; none is called unless all of them may be.
    pub async fn addresses(&self, url: &Url) -> Result<Vec<SocketAddr>, NoAnswer> {
        let port = url.port_or_known_default().ok_or(NoAnswer::Unresolved)?;
        let found = match url.host().ok_or(NoAnswer::Unresolved)? {
            Host::Ipv4(ip) => vec![SocketAddr::new(IpAddr::V4(ip), port)],
            Host::Ipv6(ip) => vec![SocketAddr::new(IpAddr::V6(ip), port)],
            Host::Domain(name) => {
                let found = timeout(self.time / 2, (self.resolve)(name.to_owned(), port));
                found.await.map_err(|_| NoAnswer::TimedOut)?.map_err(|_| NoAnswer::Unresolved)?
            }
        };
        match found.iter().all(|address| self.reach.allows(address.ip())) {
            _ if found.is_empty() => Err(NoAnswer::Unresolved),
            true => Ok(found),
            false => Err(NoAnswer::Forbidden),
        }
    }

    /// Posts JSON with these headers.
    pub async fn post(&self, url: &Url, headers: &[(&str, String)], body: String) -> Result<Answered, NoAnswer> {
        let kind = [("content-type", "application/json".to_owned())];
        self.send(Method::POST, url, &[&kind[..], headers].concat(), Bytes::from(body), KEPT).await
    }

    /// Calls with these headers, and keeps so many bytes of the answer's body.
    pub async fn send(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, String)],
        body: Bytes,
        keep: usize,
    ) -> Result<Answered, NoAnswer> {
        let call = self.call(method, url, headers, body, keep);
        timeout(self.time, call).await.map_err(|_| NoAnswer::TimedOut)?
    }

    async fn call(
        &self,
        method: Method,
        url: &Url,
        headers: &[(&str, String)],
        body: Bytes,
        keep: usize,
    ) -> Result<Answered, NoAnswer> {
        let addresses = self.addresses(url).await?;
        let stream = self.connect(url, &addresses).await?;
        let (mut sender, connection) = http1::Builder::new()
            .max_buf_size(HEAD)
            .handshake(TokioIo::new(stream))
            .await
            .map_err(|_| NoAnswer::Garbled)?;
        // Ends with this call, however it ends.
        let mut driver = JoinSet::new();
        driver.spawn(connection);
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let authority = &url[url::Position::BeforeHost..url::Position::AfterPort];
        let mut request = Request::builder()
            .method(method)
            .uri(target)
            .header("host", authority)
            .header("user-agent", concat!("yidan/", env!("CARGO_PKG_VERSION")))
            .header("connection", "close");
        for (name, value) in headers {
            request = request.header(*name, value);
        }
        let request = request.body(Full::new(body)).map_err(|_| NoAnswer::Garbled)?;
        let response = sender.send_request(request).await.map_err(|_| NoAnswer::Garbled)?;
        Ok(read(response, keep).await)
    }

    async fn connect(&self, url: &Url, addresses: &[SocketAddr]) -> Result<Box<dyn Stream>, NoAnswer> {
        // Half of the time is for all addresses together, so that the last one has its turn.
        let share = self.time / 2 / u32::try_from(addresses.len()).unwrap_or(u32::MAX).max(1);
        let mut failure = NoAnswer::Unreachable;
        for address in addresses {
            match timeout(share, TcpStream::connect(address)).await {
                Err(_) => failure = NoAnswer::TimedOut,
                Ok(Err(_)) => failure = NoAnswer::Unreachable,
                Ok(Ok(stream)) if url.scheme() == "http" => return Ok(Box::new(stream)),
                Ok(Ok(stream)) => {
                    let name = match url.host() {
                        Some(Host::Domain(name)) => ServerName::try_from(name.to_owned()).ok(),
                        _ => Some(ServerName::IpAddress(address.ip().into())),
                    };
                    let name = name.ok_or(NoAnswer::Untrusted)?;
                    let connector = TlsConnector::from(self.tls()?);
                    let stream = connector.connect(name, stream).await.map_err(|error| {
                        tracing::debug!(%error, %address, "no TLS");
                        NoAnswer::Untrusted
                    })?;
                    return Ok(Box::new(stream));
                }
            }
        }
        Err(failure)
    }

    /// Made at the first call that needs it: the authorities of the machine are many.
    fn tls(&self) -> Result<Arc<ClientConfig>, NoAnswer> {
        if let Some(known) = self.tls.get() {
            return Ok(Arc::clone(known));
        }
        let mut roots = RootCertStore::empty();
        let native = rustls_native_certs::load_native_certs();
        for error in &native.errors {
            tracing::warn!(%error, "authorities of the machine");
        }
        roots.add_parsable_certificates(native.certs);
        roots.add_parsable_certificates(self.authorities.iter().cloned());
        let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider()))
            .with_safe_default_protocol_versions()
            .map_err(|_| NoAnswer::Untrusted)?
            .with_root_certificates(roots)
            .with_no_client_auth();
        Ok(Arc::clone(self.tls.get_or_init(|| Arc::new(config))))
    }
}

async fn read(response: Response<Incoming>, keep: usize) -> Answered {
    let (head, mut body) = response.into_parts();
    let said = |name: &str| head.headers.get(name).and_then(|value| value.to_str().ok()).map(str::trim);
    let retry_after = said("retry-after").and_then(|after| seconds(after, said("date")));
    let mut kept = Vec::new();
    let reading = async {
        while kept.len() < keep
            && let Some(Ok(frame)) = body.frame().await
        {
            let data = frame.into_data().unwrap_or_default();
            kept.extend_from_slice(&data[..data.len().min(keep - kept.len())]);
        }
    };
    // What came until then is what there is.
    let _ = timeout(BODY_TIME, reading).await;
    Answered { status: head.status.as_u16(), retry_after, body: kept }
}

/// What `Retry-After` says: seconds, or the moment from which on, by the clock of who says it.
fn seconds(after: &str, now: Option<&str>) -> Option<u32> {
    after.parse().ok().or_else(|| {
        let moment = |text| chrono::DateTime::parse_from_rfc2822(text).ok();
        let wait = moment(after)? - moment(now?)?;
        u32::try_from(wait.num_seconds().max(0)).ok()
    })
}

#[cfg(test)]
mod tests;
