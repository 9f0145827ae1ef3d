//! Somebody who is logged in: asks with the access token, and with the next one when it is no longer good.

use std::sync::Mutex;

use cynic::{GraphQlResponse, MutationBuilder, Operation};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use ureq::Agent;

use crate::questions::{
    Login, LoginInput, LoginVariables, Refresh, RefreshVariables, Refusal, SessionPayload, SessionTokens,
};

/// Whatever kept an answer from coming.
pub type Failure = Box<dyn std::error::Error + Send + Sync>;

/// What comes with an error of the protocol, the log-in, a limit or the server.
#[derive(Deserialize, Debug)]
pub struct Extensions {
    pub code: String,
}

/// Somebody who is not let in.
#[derive(Debug)]
pub struct NotLetIn(pub Refusal);

impl std::fmt::Display for NotLetIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match &self.0 {
            Refusal::RouteMismatch(refusal) => f.write_str(&refusal.message),
            Refusal::Other(refusal) => write!(f, "{:?} {}", refusal.code, refusal.message),
        }
    }
}

impl std::error::Error for NotLetIn {}

pub struct Session {
    agent: Agent,
    url: String,
    tokens: Mutex<SessionTokens>,
}

impl Session {
    pub fn login(url: &str, province: &str, username: &str, password: &str) -> Result<Self, Failure> {
        // What went wrong stands in the body, whatever the status.
        let agent: Agent = Agent::config_builder().http_status_as_error(false).build().into();
        let input =
            LoginInput { province_code: province.into(), username: username.into(), password: password.into() };
        let answer = send(&agent, url, None, &Login::build(LoginVariables { input }))?;
        let tokens = granted(data(answer)?.login)?;
        Ok(Self { agent, url: url.into(), tokens: Mutex::new(tokens) })
    }

    /// The address of the endpoint.
    pub fn url(&self) -> &str {
        &self.url
    }

    /// The value of the header `Authorization`.
    pub fn authorization(&self) -> String {
        format!("Bearer {}", self.tokens().access_token)
    }

    /// Asks; if the token is refused (401), once more with the next one.
    pub fn ask<T, V>(&self, operation: &Operation<T, V>) -> Result<T, Failure>
    where
        T: DeserializeOwned,
        V: Serialize,
    {
        let used = self.authorization();
        let answer = send(&self.agent, &self.url, Some(&used), operation)?;
        if !is_unauthenticated(&answer) {
            return data(answer);
        }
        self.refresh(&used)?;
        data(send(&self.agent, &self.url, Some(&self.authorization()), operation)?)
    }

    /// Exchanges the refresh token, unless somebody else has done so since `used` was sent: it is good for one use.
    pub fn refresh(&self, used: &str) -> Result<(), Failure> {
        let mut tokens = self.tokens();
        if format!("Bearer {}", tokens.access_token) != used {
            return Ok(());
        }
        let variables = RefreshVariables { refresh_token: tokens.refresh_token.clone() };
        let answer = send(&self.agent, &self.url, None, &Refresh::build(variables))?;
        *tokens = granted(data(answer)?.refresh_session)?;
        Ok(())
    }

    /// For trying out what happens when the token is no longer good.
    pub fn spoil(&self) {
        self.tokens().access_token = "no longer good".into();
    }

    fn tokens(&self) -> std::sync::MutexGuard<'_, SessionTokens> {
        self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner)
    }
}

fn granted(payload: SessionPayload) -> Result<SessionTokens, Failure> {
    match (payload.tokens, payload.user_errors.into_iter().next()) {
        (Some(tokens), _) => Ok(tokens),
        (None, Some(refusal)) => Err(NotLetIn(refusal).into()),
        (None, None) => Err("neither tokens nor a reason".into()),
    }
}

fn send<T, V>(
    agent: &Agent,
    url: &str,
    authorization: Option<&str>,
    operation: &Operation<T, V>,
) -> Result<GraphQlResponse<T, Extensions>, Failure>
where
    T: DeserializeOwned,
    V: Serialize,
{
    let mut request = agent.post(url).header("accept", "application/graphql-response+json");
    if let Some(authorization) = authorization {
        request = request.header("authorization", authorization);
    }
    Ok(request.send_json(operation)?.body_mut().read_json()?)
}

fn is_unauthenticated<T>(answer: &GraphQlResponse<T, Extensions>) -> bool {
    let mut errors = answer.errors.iter().flatten();
    errors.any(|error| error.extensions.as_ref().is_some_and(|extensions| extensions.code == "UNAUTHENTICATED"))
}

/// The data of an answer; its first error otherwise.
pub fn data<T>(answer: GraphQlResponse<T, Extensions>) -> Result<T, Failure> {
    if let Some(error) = answer.errors.iter().flatten().next() {
        let code = error.extensions.as_ref().map_or("", |extensions| extensions.code.as_str());
        return Err(format!("{code} {}", error.message).into());
    }
    answer.data.ok_or_else(|| "neither data nor errors".into())
}
