//! Receivers of webhooks, and the couriers that come to them.

use std::{
    collections::BTreeMap,
    sync::{Arc, Mutex},
    time::Duration,
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader},
    net::{TcpListener, TcpStream},
};
use yidan::{
    kernel::outbound::{Outbound, Reach},
    ticker,
    webhook::courier::{Courier, CourierPolicy},
};

use crate::{Client, World, places::Org};

/// How a receiver answers.
#[derive(Clone, Debug)]
pub enum Manner {
    /// With this status and these headers.
    Says(u16, &'static str),
    /// Not at all.
    Hangs,
    /// Well, and then for ever.
    Rambles,
    /// Somewhere else.
    Redirects(String),
}

/// A message as it came.
#[derive(Clone, Debug)]
pub struct Message {
    /// Headers, their names in lower case.
    pub headers: BTreeMap<String, String>,
    /// The body as it came.
    pub text: String,
    /// The body.
    pub body: Value,
}

impl Message {
    /// Its id.
    #[must_use]
    pub fn id(&self) -> &str {
        &self.headers["webhook-id"]
    }

    /// The act it tells of.
    #[must_use]
    pub fn act(&self) -> &str {
        self.body["data"]["act"].as_str().unwrap_or_default()
    }

    /// Whether one of its signatures is that of `secret`, as a receiver checks it.
    #[must_use]
    pub fn is_signed_by(&self, secret: &str) -> bool {
        let key = STANDARD.decode(secret.strip_prefix("whsec_").unwrap()).unwrap();
        let content = format!("{}.{}.{}", self.id(), self.headers["webhook-timestamp"], self.text);
        let expected = STANDARD.encode(hmac_sha256(&key, content.as_bytes()));
        self.headers["webhook-signature"].split(' ').any(|one| one == format!("v1,{expected}"))
    }
}

/// HMAC written out, so that the server's own is held against another.
fn hmac_sha256(key: &[u8], content: &[u8]) -> Vec<u8> {
    let hash = |parts: &[&[u8]]| {
        let mut context = ring::digest::Context::new(&ring::digest::SHA256);
        for part in parts {
            context.update(part);
        }
        context.finish().as_ref().to_vec()
    };
    let mut block = [0_u8; 64];
    block[..key.len()].copy_from_slice(key);
    let pad = |with: u8| block.map(|byte| byte ^ with);
    hash(&[&pad(0x5c), &hash(&[&pad(0x36), content])])
}

/// Somebody who is told. Clones are the same.
#[derive(Clone)]
pub struct Receiver {
    port: u16,
    got: Arc<Mutex<Vec<Message>>>,
    manner: Arc<Mutex<Manner>>,
}

impl Receiver {
    /// A receiver that takes everything.
    pub async fn open() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let receiver = Self {
            port: listener.local_addr().unwrap().port(),
            got: Arc::default(),
            manner: Arc::new(Mutex::new(Manner::Says(204, ""))),
        };
        let here = receiver.clone();
        tokio::spawn(async move {
            while let Ok((stream, _)) = listener.accept().await {
                tokio::spawn(here.clone().receive(stream));
            }
        });
        receiver
    }

    async fn receive(self, stream: TcpStream) -> Option<()> {
        let mut stream = BufReader::new(stream);
        let (mut headers, mut line) = (BTreeMap::new(), String::new());
        stream.read_line(&mut line).await.ok()?;
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await.ok()?;
            let Some((name, value)) = line.trim_end().split_once(": ") else { break };
            headers.insert(name.to_lowercase(), value.to_owned());
        }
        let mut text = vec![0; headers.get("content-length")?.parse().ok()?];
        stream.read_exact(&mut text).await.ok()?;
        let text = String::from_utf8(text).ok()?;
        let body = serde_json::from_str(&text).ok()?;
        self.got.lock().unwrap().push(Message { headers, text, body });
        let manner = self.manner.lock().unwrap().clone();
        let answer = match &manner {
            Manner::Says(status, more) => format!("HTTP/1.1 {status} x\r\n{more}content-length: 3\r\n\r\nwhy"),
            Manner::Hangs => return std::future::pending().await,
            Manner::Rambles => "HTTP/1.1 200 x\r\ncontent-length: 1000000000000\r\n\r\n".to_owned(),
            Manner::Redirects(to) => format!("HTTP/1.1 307 x\r\nlocation: {to}\r\ncontent-length: 0\r\n\r\n"),
        };
        stream.write_all(answer.as_bytes()).await.ok()?;
        if matches!(manner, Manner::Rambles) {
            loop {
                stream.write_all(&[b'x'; 10_000]).await.ok()?;
            }
        }
        Some(())
    }

    /// Where it is.
    #[must_use]
    pub fn url(&self) -> String {
        format!("http://127.0.0.1:{}/hook", self.port)
    }

    /// Answers differently from now on.
    pub fn from_now(&self, manner: Manner) {
        *self.manner.lock().unwrap() = manner;
    }

    /// What has come since this was asked last.
    #[must_use]
    pub fn taken(&self) -> Vec<Message> {
        std::mem::take(&mut *self.got.lock().unwrap())
    }

    /// The acts told of since this was asked last.
    #[must_use]
    pub fn acts(&self) -> Vec<String> {
        self.taken().iter().map(|message| message.act().to_owned()).collect()
    }

    /// Waits until something has come; what.
    pub async fn next(&self) -> Vec<Message> {
        for _ in 0..1_000 {
            let got = self.taken();
            if !got.is_empty() {
                return got;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        panic!("nothing came");
    }
}

/// An endpoint that was registered.
#[derive(Clone, Debug)]
pub struct Endpoint {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
}

impl World {
    /// Opens the machine's own addresses to webhooks, as an operator opens those of an intranet; patient for `time`.
    pub fn open_loopback(&self, time: Duration) {
        let reach = Reach { ranges: vec!["127.0.0.0/8".parse().unwrap()], http: true };
        let set = self.platform().outbound.set(Outbound::new(reach, time, Vec::new()));
        assert!(set.is_ok(), "opened once, before anything is sent");
    }

    /// A courier of this node.
    #[must_use]
    pub fn courier(&self) -> Courier {
        ticker::courier(self.state(), CourierPolicy::default())
    }

    /// Everything that is due now is sent, and what came of it noted.
    pub async fn deliver(&self) {
        let mut courier = self.courier();
        while courier.round().await.unwrap() > 0 {
            courier.finish().await;
        }
        courier.tidy().await.unwrap();
    }

    /// Tells `story` while a courier is at work.
    pub async fn deliver_in_the_background(&self, story: impl AsyncFnOnce()) {
        let at_work = self.courier().start();
        story().await;
        at_work.abandon();
    }
}

impl Client {
    /// Registers an endpoint for an organisation, or for the province; these acts only, if there are any.
    pub async fn endpoint(&self, org: Option<&Org>, receiver: &Receiver, acts: &[&str]) -> Endpoint {
        let input = json!({
            "orgUnitId": org.map(|org| org.id), "url": receiver.url(), "description": "政务平台", "acts": acts
        });
        let made = self.act("createWebhookEndpoint", input, "issued { secret endpoint { id state } }").await.done();
        let made = &made["issued"];
        assert_eq!(made["endpoint"]["state"], "ACTIVE");
        let text = |value: &Value| value.as_str().unwrap().to_owned();
        Endpoint { id: text(&made["endpoint"]["id"]), secret: text(&made["secret"]) }
    }

    /// What the API says of an endpoint, with its log.
    pub async fn log(&self, endpoint: &Endpoint) -> Value {
        let wanted = "state disabledBecause failingSince restsUntil oldSecretUntil pendingCount failedCount revision \
                      deliveries { totalCount nodes { id number kind act state attemptCount nextAttemptAt finishedAt \
                      givenUpBecause attempts { number outcome status answer } } }";
        self.see("WebhookEndpoint", &endpoint.id, wanted).await
    }
}
