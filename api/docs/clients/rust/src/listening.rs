//! Subscriptions, over server-sent events and over a WebSocket: one is enough. Server-sent events pass proxies that let no
//! WebSocket through. Keep the cursor of the last change: with it as `after` you are told first what happened meanwhile.

use std::io::{BufRead, BufReader};

use cynic::{GraphQlResponse, SubscriptionBuilder};
use serde_json::{Value, json};
use tungstenite::{ClientRequestBuilder, Message};

use crate::{
    questions::{QueueChange, QueueChanges, QueueVariables},
    session::{Extensions, Failure, Session, data},
};

fn change(answer: GraphQlResponse<QueueChanges, Extensions>) -> Result<QueueChange, Failure> {
    Ok(data(answer)?.queue_changes)
}

/// The changes of the queue over server-sent events, until the connection ends.
pub fn over_events(
    session: &Session,
    after: Option<String>,
) -> Result<impl Iterator<Item = Result<QueueChange, Failure>> + use<>, Failure> {
    let answer = ureq::post(session.url())
        .header("accept", "text/event-stream")
        .header("authorization", session.authorization())
        .send_json(QueueChanges::build(QueueVariables { after }))?;
    let lines = BufReader::new(answer.into_body().into_reader()).lines();
    // A line that begins with a colon is a sign of life; of `next` and `complete` only the first has data.
    Ok(lines.filter_map(|line| match line {
        Ok(line) => {
            let answer = line.strip_prefix("data: ")?;
            Some(serde_json::from_str(answer).map_err(Failure::from).and_then(change))
        }
        Err(error) => Some(Err(error.into())),
    }))
}

/// The next change of the queue over a WebSocket in the protocol `graphql-transport-ws`.
pub fn over_socket(session: &Session, after: Option<String>) -> Result<QueueChange, Failure> {
    let url = session.url().replacen("http", "ws", 1).parse()?;
    let request = ClientRequestBuilder::new(url).with_sub_protocol("graphql-transport-ws");
    let (mut socket, _) = tungstenite::connect(request)?;
    let mut tell = |message: Value| socket.send(Message::text(message.to_string()));
    tell(json!({ "type": "connection_init", "payload": { "authorization": session.authorization() } }))?;
    let operation = QueueChanges::build(QueueVariables { after });
    let mut subscribed = false;
    loop {
        let Message::Text(text) = socket.read()? else { continue };
        let message: Value = serde_json::from_str(&text)?;
        match message["type"].as_str() {
            Some("connection_ack") if !subscribed => {
                subscribed = true;
                let message = json!({ "id": "1", "type": "subscribe", "payload": operation });
                socket.send(Message::text(message.to_string()))?;
            }
            Some("ping") => socket.send(Message::text(json!({ "type": "pong" }).to_string()))?,
            Some("next") => {
                socket.close(None)?;
                return change(serde_json::from_value(message["payload"].clone())?);
            }
            Some("error") => return Err(message["payload"].to_string().into()),
            Some("complete") => return Err("the subscription ended".into()),
            _ => {}
        }
    }
}
