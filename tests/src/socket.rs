//! The other end of a WebSocket, in the protocol graphql-transport-ws.

use std::{net::TcpStream, time::Duration};

use serde_json::{Value, json};
use tungstenite::{
    Message, WebSocket,
    client::IntoClientRequest,
    protocol::{CloseFrame, frame::coding::CloseCode},
};

/// A connection; whatever is said on it stands until it is heard.
pub struct Socket {
    socket: Option<WebSocket<TcpStream>>,
    /// The protocol the server has taken.
    pub protocol: Option<String>,
}

impl Socket {
    /// Opens a connection with these headers beside the usual ones; the status if the server does not want it.
    pub async fn open(base: &str, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let host = base.strip_prefix("http://").unwrap().to_owned();
        let mut request = format!("ws://{host}/graphql").into_client_request().unwrap();
        for (name, value) in headers {
            request.headers_mut().insert(*name, value.parse().unwrap());
        }
        tokio::task::spawn_blocking(move || {
            let stream = TcpStream::connect(host).unwrap();
            stream.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
            match tungstenite::client(request, stream) {
                Ok((socket, response)) => {
                    let protocol = response.headers().get("sec-websocket-protocol");
                    let protocol = protocol.map(|protocol| protocol.to_str().unwrap().to_owned());
                    Ok(Self { socket: Some(socket), protocol })
                }
                Err(tungstenite::HandshakeError::Failure(tungstenite::Error::Http(response))) => {
                    Err(response.status().as_u16())
                }
                Err(error) => panic!("{error}"),
            }
        })
        .await
        .unwrap()
    }

    async fn with<T: Send + 'static>(
        &mut self,
        act: impl FnOnce(&mut WebSocket<TcpStream>) -> T + Send + 'static,
    ) -> T {
        let mut socket = self.socket.take().unwrap();
        let (socket, done) = tokio::task::spawn_blocking(move || {
            let done = act(&mut socket);
            (socket, done)
        })
        .await
        .unwrap();
        self.socket = Some(socket);
        done
    }

    /// Says a text, whatever it is.
    pub async fn say_text(&mut self, text: String) {
        self.say_frame(Message::text(text)).await;
    }

    /// Says a message of the protocol.
    pub async fn say(&mut self, message: Value) {
        self.say_text(message.to_string()).await;
    }

    /// Sends a frame, whatever it is. A server that has closed does not hear it.
    pub async fn say_frame(&mut self, frame: Message) {
        self.with(|socket| drop(socket.send(frame))).await;
    }

    /// Begins with a token, and is acknowledged.
    pub async fn begin(&mut self, token: Option<&str>) {
        let payload = token.map(|token| json!({ "authorization": format!("Bearer {token}") }));
        self.say(json!({ "type": "connection_init", "payload": payload })).await;
        assert_eq!(self.hear().await, json!({ "type": "connection_ack" }));
    }

    /// Asks for something under an id.
    pub async fn subscribe(&mut self, id: &str, document: &str, variables: Value) {
        let payload = json!({ "query": document, "variables": variables });
        self.say(json!({ "type": "subscribe", "id": id, "payload": payload })).await;
    }

    /// The next message of the protocol.
    pub async fn hear(&mut self) -> Value {
        loop {
            match self.with(WebSocket::read).await {
                Ok(Message::Text(text)) => return serde_json::from_str(&text).unwrap(),
                Ok(Message::Ping(_) | Message::Pong(_)) => {}
                other => panic!("{other:?}"),
            }
        }
    }

    /// The next answer of an operation.
    pub async fn next(&mut self, id: &str) -> Value {
        let heard = self.hear().await;
        assert_eq!((&heard["type"], &heard["id"]), (&json!("next"), &json!(id)), "{heard}");
        heard["payload"].clone()
    }

    /// Hears what is still said, until the server closes: its code and reason.
    pub async fn closed(&mut self) -> (u16, String) {
        loop {
            match self.with(WebSocket::read).await {
                Ok(Message::Close(Some(CloseFrame { code, reason }))) => return (code.into(), reason.to_string()),
                Ok(Message::Close(None)) => return (0, String::new()),
                Ok(_) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }

    /// Closes, and hears with which code the server closes.
    pub async fn close(&mut self, code: u16) -> u16 {
        let frame = CloseFrame { code: CloseCode::from(code), reason: "".into() };
        self.with(move |socket| socket.close(Some(frame)).unwrap()).await;
        self.closed().await.0
    }
}
