//! Tests of the room `outbound`.

use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

use super::*;

fn open() -> Reach {
    Reach { ranges: vec!["127.0.0.0/8".parse().unwrap()], http: true }
}

/// A server that answers every caller with these bytes and then holds the connection; and how many called.
async fn server(answer: &'static [u8]) -> (u16, Arc<AtomicUsize>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let calls = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&calls);
    tokio::spawn(async move {
        loop {
            let (mut stream, _) = listener.accept().await.unwrap();
            counted.fetch_add(1, Ordering::SeqCst);
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let _ = stream.read(&mut request).await;
                let _ = stream.write_all(answer).await;
                tokio::time::sleep(Duration::from_secs(60)).await;
            });
        }
    });
    (port, calls)
}

async fn post(outbound: &Outbound, url: &str) -> Result<Answered, NoAnswer> {
    outbound.post(&Url::parse(url).unwrap(), &[], "{}".to_owned()).await
}

#[tokio::test]
async fn what_is_answered_is_read_a_little() {
    let outbound = Outbound::new(open(), Duration::from_secs(5), Vec::new());
    let (port, _) = server(b"HTTP/1.1 503 Busy\r\nRetry-After: 7\r\ncontent-length: 8\r\n\r\nlater\0\x1b!").await;
    let answer = post(&outbound, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!(answer, Answered { status: 503, retry_after: Some(7), body: b"later\0\x1b!".to_vec() });
    // A redirection is an answer like any other.
    let (port, calls) = server(b"HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1/\r\ncontent-length: 0\r\n\r\n").await;
    assert_eq!(post(&outbound, &format!("http://127.0.0.1:{port}/")).await.unwrap().status, 302);
    assert_eq!(calls.load(Ordering::SeqCst), 1);
    let (port, _) = server(b"SSH-2.0-x\r\n").await;
    assert_eq!(post(&outbound, &format!("http://127.0.0.1:{port}/")).await, Err(NoAnswer::Garbled));
}

#[tokio::test]
async fn nothing_goes_on_for_ever() {
    let outbound = Outbound::new(open(), Duration::from_millis(300), Vec::new());
    let (port, _) = server(b"").await;
    assert_eq!(post(&outbound, &format!("http://127.0.0.1:{port}/")).await, Err(NoAnswer::TimedOut));
    assert_eq!(post(&outbound, &format!("https://127.0.0.1:{port}/")).await, Err(NoAnswer::TimedOut));
    // The status is there; the body that does not come changes nothing.
    let patient = Outbound::new(open(), Duration::from_secs(30), Vec::new());
    let (port, _) = server(b"HTTP/1.1 200 OK\r\ncontent-length: 100\r\n\r\nabc").await;
    let answer = post(&patient, &format!("http://127.0.0.1:{port}/")).await.unwrap();
    assert_eq!((answer.status, answer.text().as_str()), (200, "abc"));
}

#[tokio::test]
async fn the_address_that_was_judged_is_the_one_that_is_called() {
    let (port, calls) = server(b"HTTP/1.1 204 No\r\n\r\n").await;
    let asked = Arc::new(AtomicUsize::new(0));
    let counted = Arc::clone(&asked);
    // A name that means something else each time it is asked for.
    let rebinding: Resolve = Arc::new(move |_, port| {
        let turn = counted.fetch_add(1, Ordering::SeqCst);
        let ip = if turn == 0 { [127, 0, 0, 1] } else { [10, 0, 0, 1] };
        Box::pin(async move { Ok(vec![SocketAddr::from((ip, port))]) })
    });
    let outbound = Outbound { resolve: rebinding, ..Outbound::new(open(), Duration::from_secs(5), Vec::new()) };
    let url = format!("http://hook.example:{port}/");
    assert_eq!(post(&outbound, &url).await.unwrap().status, 204);
    assert_eq!((asked.load(Ordering::SeqCst), calls.load(Ordering::SeqCst)), (1, 1));
    assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Forbidden));
    // One good address among bad ones is no excuse.
    let mixed: Resolve = Arc::new(|_, port| {
        Box::pin(async move { Ok(vec![([127, 0, 0, 1], port).into(), ([10, 0, 0, 1], port).into()]) })
    });
    let outbound = Outbound { resolve: mixed, ..outbound };
    assert_eq!(post(&outbound, &url).await, Err(NoAnswer::Forbidden));
    assert_eq!(calls.load(Ordering::SeqCst), 1);
}

#[test]
fn a_moment_is_told_by_the_clock_of_who_says_it() {
    let date = "Sun, 22 Nov 2026 11:40:00 GMT";
    assert_eq!(super::seconds("7", None), Some(7));
    assert_eq!(super::seconds("Sun, 22 Nov 2026 11:41:30 GMT", Some(date)), Some(90));
    assert_eq!(super::seconds("Sun, 22 Nov 2026 11:00:00 GMT", Some(date)), Some(0));
    assert_eq!(super::seconds("Sun, 22 Nov 2026 11:41:30 GMT", None), None);
    assert_eq!(super::seconds("soon", Some(date)), None);
}
