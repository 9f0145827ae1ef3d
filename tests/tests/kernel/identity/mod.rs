//! Accounts, log-in, sessions, tokens.

mod accounts;
mod keys;
mod login;
mod refresh;
mod sessions;
mod sign_on;

use yidan_tests::{client::Credentials, prelude::*};

/// What a log-in gives.
const TOKENS: &str =
    "tokens { accessToken accessTokenExpiresAt refreshToken sessionExpiresAt sessionId mustChangePassword }";

/// Tries to log in with a password.
async fn try_password(world: &World, who: &Credentials, password: &str) -> Act {
    let input = json!({ "provinceCode": who.province, "username": who.username, "password": password });
    world.visitor().act("login", input, TOKENS).await
}

/// Logs in and answers the tokens.
async fn log_in(world: &World, who: &Credentials) -> Value {
    try_password(world, who, &who.password).await.done()["tokens"].clone()
}

/// A caller with this access token and nothing else.
fn bearer(world: &World, tokens: &Value) -> Client {
    world.visitor().with_token(tokens["accessToken"].as_str().unwrap())
}

/// Exchanges a refresh token.
async fn refresh(world: &World, tokens: &Value) -> Answer {
    let document =
        format!("mutation($t: String!) {{ refreshSession(refreshToken: $t) {{ {TOKENS} userErrors {{ code }} }} }}");
    world.visitor().query(&document, json!({ "t": tokens["refreshToken"] })).await
}

/// The tokens of a refresh that succeeded.
async fn refreshed(world: &World, tokens: &Value) -> Value {
    refresh(world, tokens).await.good().data("/refreshSession/tokens").clone()
}

/// Whether this caller is known as somebody.
async fn is_known(client: &Client) -> bool {
    let answer = client.query("{ viewer { post { id } } }", json!({})).await;
    if answer.status == 401 {
        assert_eq!(answer.codes(), ["UNAUTHENTICATED"]);
        return false;
    }
    !answer.good().data("/viewer").is_null()
}

/// Codes of acts in the evidence of the province, newest first.
async fn evidence(inspector: &Client, act: &str) -> Vec<Value> {
    let document = "query($act: Action) { auditEvents(act: $act) { nodes { act actorName before after } } }";
    let answer = inspector.query(document, json!({ "act": act })).await.good();
    answer.data("/auditEvents/nodes").as_array().unwrap().clone()
}
