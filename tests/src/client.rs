//! One caller: nobody in particular, or a person in a post with a real log-in.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use ureq::{Agent, Body, http};
use yidan::kernel::{ids::AccountId, role::Role};

use crate::{Act, Answer};

/// The facts every refusal may carry, so that tests can look at them without writing them out.
const USER_ERRORS: &str = "userErrors { __typename code message path \
    ... on StepSkippedError { requiredStep actor { name } } \
    ... on DuplicateMatterError { matches { subject { id name } percent } } \
    ... on ConsultationIncompleteError { unheard { name } unanswered { name } until } \
    ... on DecisionRecordMissingError { missing } \
    ... on StaleRevisionError { currentRevision } \
    ... on WrongStateError { state allowedStates subject { id name } } \
    ... on RouteMismatchError { correctRoute } \
    ... on SelfApprovalError { organisationId } \
    ... on SignatureMissingError { missingRoles } \
    ... on UnresolvedFindingsError { findings } \
    ... on DeadlineInvalidError { earliest latest } \
    ... on ItemReclaimedError { method takingOverDepartments { name } } \
    ... on WindowClosedError { closesAt } }";

/// Who a client logs in as.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// Code of the province.
    pub province: String,
    /// User name.
    pub username: String,
    /// Password.
    pub password: String,
    /// The account.
    pub account: AccountId,
    /// The role of its first post.
    pub role: Role,
}

/// A caller. Clones share the log-in.
#[derive(Clone)]
pub struct Client {
    agent: Agent,
    base: String,
    credentials: Option<Credentials>,
    token: Arc<Mutex<Option<String>>>,
    headers: Vec<(String, String)>,
}

/// An agent that answers with what came, whatever the status, and follows nothing.
pub(crate) fn agent() -> Agent {
    Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .user_agent("yidan-tests")
        .build()
        .into()
}

impl Client {
    /// Nobody in particular.
    #[must_use]
    pub fn anonymous(agent: Agent, base: String) -> Self {
        Self { agent, base, credentials: None, token: Arc::default(), headers: Vec::new() }
    }

    /// The same caller with a header more.
    #[must_use]
    pub fn with_header(&self, name: &str, value: &str) -> Self {
        let mut client = self.clone();
        client.headers.push((name.to_owned(), value.to_owned()));
        client
    }

    /// A caller with this access token and nothing to log in again with.
    #[must_use]
    pub fn with_token(&self, token: &str) -> Self {
        let token = Arc::new(Mutex::new(Some(token.to_owned())));
        Self { credentials: None, token, ..self.clone() }
    }

    /// The person with these credentials, logged in. Logs in again by itself when its session has ended.
    pub async fn logged_in(&self, credentials: Credentials) -> Self {
        let client = Self { credentials: Some(credentials), token: Arc::default(), ..self.clone() };
        client.log_in().await;
        client
    }

    /// Who it is.
    ///
    /// # Panics
    /// For nobody in particular.
    #[must_use]
    pub fn credentials(&self) -> &Credentials {
        self.credentials.as_ref().expect("a client with a log-in")
    }

    /// Where the server is.
    #[must_use]
    pub fn base(&self) -> &str {
        &self.base
    }

    /// The access token it uses now.
    #[must_use]
    pub fn token(&self) -> Option<String> {
        self.token.lock().unwrap().clone()
    }

    async fn log_in(&self) {
        let Credentials { province, username, password, .. } = self.credentials();
        let input = json!({ "provinceCode": province, "username": username, "password": password });
        let nobody = Self { credentials: None, token: Arc::default(), ..self.clone() };
        let body = json!({ "query": document("login", "tokens { accessToken }"), "variables": { "input": input } });
        let payload = Act { field: "login".to_owned(), answer: nobody.post(body.to_string()).await }.done();
        *self.token.lock().unwrap() = payload["tokens"]["accessToken"].as_str().map(str::to_owned);
    }

    /// Asks.
    pub async fn query(&self, document: &str, variables: Value) -> Answer {
        let body = json!({ "query": document, "variables": variables });
        let answer = self.post(body.to_string()).await;
        if answer.status == 401 && self.credentials.is_some() {
            self.log_in().await;
            return self.post(body.to_string()).await;
        }
        answer
    }

    /// Does: the mutation `field` with `input`, asking for `selection` of its payload and for the refusals.
    pub async fn act(&self, field: &str, input: Value, selection: &str) -> Act {
        let answer = self.query(&document(field, selection), json!({ "input": input })).await;
        Act { field: field.to_owned(), answer }
    }

    /// Posts a body as it is to the endpoint.
    pub async fn post(&self, body: impl Into<Vec<u8>>) -> Answer {
        let request = http::Request::post("/graphql").header("content-type", "application/json").body(body.into());
        self.send(request.unwrap()).await
    }

    /// Subscribes over server-sent events; the answers as they come.
    pub async fn listen(&self, document: &str, variables: Value) -> Listening {
        let body = json!({ "query": document, "variables": variables }).to_string();
        let mut request = http::Request::post(format!("{}/graphql", self.base))
            .header("content-type", "application/json")
            .header("accept", "text/event-stream");
        if let Some(token) = self.token() {
            request = request.header("authorization", format!("Bearer {token}"));
        }
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        let (agent, request) = (self.agent.clone(), request.body(body.into_bytes()).unwrap());
        let (sender, events) = tokio::sync::mpsc::unbounded_channel();
        let answer = tokio::task::spawn_blocking(move || agent.run(request).unwrap()).await.unwrap();
        assert_eq!(answer.headers()["content-type"], "text/event-stream; charset=utf-8", "{}", answer.status());
        std::thread::spawn(move || {
            use std::io::BufRead;
            let (mut name, mut id) = (String::new(), None);
            for line in std::io::BufReader::new(answer.into_body().into_reader()).lines() {
                let Ok(line) = line else { return };
                if let Some(event) = line.strip_prefix("event: ") {
                    event.clone_into(&mut name);
                } else if let Some(said) = line.strip_prefix("id: ") {
                    id = Some(said.to_owned());
                } else if let Some(data) = line.strip_prefix("data:") {
                    let data = serde_json::from_str(data.trim()).unwrap_or(Value::Null);
                    if sender.send((name.clone(), data, id.take())).is_err() {
                        return;
                    }
                }
            }
        });
        Listening { events, last_event_id: None }
    }

    /// Gets a page.
    pub async fn get(&self, path: &str) -> Answer {
        self.send(http::Request::get(path).body(Vec::new()).unwrap()).await
    }

    /// Sends a request as it is, its path below this server, with this client's token and headers.
    pub async fn send(&self, mut request: http::Request<Vec<u8>>) -> Answer {
        *request.uri_mut() = format!("{}{}", self.base, request.uri()).parse().unwrap();
        if let Some(token) = self.token() {
            request.headers_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        for (name, value) in &self.headers {
            request.headers_mut().append(http::HeaderName::try_from(name).unwrap(), value.parse().unwrap());
        }
        let agent = self.agent.clone();
        tokio::task::spawn_blocking(move || read(agent.run(request).unwrap())).await.unwrap()
    }
}

/// A subscription that goes on.
pub struct Listening {
    events: tokio::sync::mpsc::UnboundedReceiver<(String, Value, Option<String>)>,
    /// The id of the last event that had one.
    pub last_event_id: Option<String>,
}

impl Listening {
    /// The next event: its name and what came with it.
    pub async fn event(&mut self) -> (String, Value) {
        let waited = tokio::time::timeout(std::time::Duration::from_secs(20), self.events.recv()).await;
        let (name, told, id) =
            waited.expect("nothing came for twenty seconds").expect("the connection ended without saying so");
        self.last_event_id = id.or(self.last_event_id.take());
        (name, told)
    }

    /// Whether nothing comes any more, be it that the connection goes on or that it broke off without an end.
    pub async fn is_silent(&mut self) -> bool {
        let waited = tokio::time::timeout(std::time::Duration::from_millis(300), self.events.recv()).await;
        waited.map_or(true, |told| told.is_none())
    }

    /// The data of the next answer.
    pub async fn answer(&mut self) -> Value {
        let (name, told) = self.event().await;
        assert!(name == "next" && told["errors"].is_null(), "{name} {told}");
        told["data"].clone()
    }
}

/// The document that does `field` with one input.
fn document(field: &str, selection: &str) -> String {
    let (first, rest) = field.split_at(1);
    let input = format!("{}{rest}Input", first.to_uppercase());
    format!("mutation($input: {input}!) {{ {field}(input: $input) {{ {selection} {USER_ERRORS} }} }}")
}

fn read(response: http::Response<Body>) -> Answer {
    let (parts, mut body) = response.into_parts();
    let text = body.with_config().limit(64 * 1024 * 1024).read_to_string().unwrap();
    let header = |(name, value): (&http::HeaderName, &http::HeaderValue)| {
        (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
    };
    Answer {
        status: parts.status.as_u16(),
        headers: parts.headers.iter().map(header).collect(),
        body: serde_json::from_str(&text).unwrap_or(Value::Null),
        text,
    }
}
