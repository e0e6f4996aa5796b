use std::time::Duration;

use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpListener,
    task::JoinHandle,
    time::timeout,
};

use super::*;

/// A service for one connection that answers with these bytes, holds the connection open, and at
/// its end tells what it heard: the head of the request, and its body. After an answer without an
/// end to its head, tokio's time is paused.
pub(in crate::providers) async fn service(answer: &str) -> (u16, JoinHandle<(String, String)>) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let answer = answer.to_owned();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        let (mut heard, mut answered) = (Vec::new(), false);
        let mut part = [0; 4_096];
        loop {
            let read = stream.read(&mut part).await.unwrap_or(0);
            heard.extend_from_slice(&part[..read]);
            let text = String::from_utf8_lossy(&heard).into_owned();
            let (head, body) = text.split_once("\r\n\r\n").unwrap_or((&text, ""));
            if read == 0 {
                return (head.to_owned(), body.to_owned());
            }
            if !answered
                && text.contains("\r\n\r\n")
                && heard.len() - head.len() - 4 >= length(head)
            {
                answered = true;
                // It may have been cut off: that is what some tests are about.
                let _ = stream.write_all(answer.as_bytes()).await;
                if !answer.contains("\r\n\r\n") {
                    // Nothing happens any more but the deadline: it comes at once.
                    tokio::time::pause();
                }
            }
        }
    });
    (port, heard)
}

fn length(head: &str) -> usize {
    let line = head.lines().find_map(|line| line.strip_prefix("content-length: "));
    line.map_or(0, |length| length.parse().unwrap())
}

#[tokio::test]
async fn an_answer_is_read_up_to_its_limit() {
    let head = |status: u32, length: usize| {
        format!("HTTP/1.1 {status} so\r\ncontent-length: {length}\r\n\r\n")
    };
    let most = "x".repeat(ANSWER_BYTES_MAX);
    for (answer, length) in [
        (head(400, 2) + "no", 2),
        (head(400, most.len()) + &most, most.len()),
        (head(400, most.len() + 1) + &most + "x", 0),
        (head(200, most.len() + 1) + &most, 0),
        (head(302, 0).replace("so", "so\r\nlocation: http://127.0.0.1/"), 0),
    ] {
        let (port, _heard) = service(&answer).await;
        let answer = post(Reach::Any, port).await.unwrap();
        assert_eq!(answer.body.len(), length);
    }
}

#[tokio::test]
async fn a_head_without_end_is_cut_off() {
    let endless = "HTTP/1.1 200 ok\r\n".to_owned() + &"x: y\r\n".repeat(100_000);
    let (port, heard) = service(&endless).await;
    assert_eq!(post(Reach::Any, port).await.unwrap_err(), Outcome::Ambiguous);
    heard.await.expect("the connection closes");
}

#[tokio::test]
async fn what_is_private_is_not_even_connected_to() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let client = Client::new(Reach::Public).unwrap();
    for host in
        ["127.0.0.1", "127.1", "2130706433", "localhost", "localhost.", "[::ffff:127.0.0.1]"]
    {
        let Ok(target) = Target::parse(&format!("http://{host}:{port}/")) else { continue };
        let handover = Handover::default();
        let answer = client.post(&target, [], Vec::new(), &handover).await;
        let error = answer.unwrap_err();
        // Not every system finds every spelling.
        assert!(matches!(error, Outcome::Permanent | Outcome::Transient), "{host}: {error:?}");
        assert!(!handover.has_begun());
    }
    let never = timeout(Duration::ZERO, listener.accept()).await;
    assert!(never.is_err(), "somebody connected");
}

#[tokio::test]
async fn who_speaks_no_tls_gets_no_request() {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let heard = tokio::spawn(async move {
        let (mut stream, _) = listener.accept().await.unwrap();
        stream.write_all(b"HTTP/1.1 200 ok\r\n\r\n").await.unwrap();
        let mut heard = Vec::new();
        // The client may break off rather than part in order.
        let _ = stream.read_to_end(&mut heard).await;
        String::from_utf8_lossy(&heard).into_owned()
    });
    let target = Target::parse(&format!("https://127.0.0.1:{port}/")).unwrap();
    let client = Client::new(Reach::Any).unwrap();
    let secret = [("authorization", "open sesame".to_owned())];
    let answer = client.post(&target, secret, Vec::new(), &Handover::default()).await;
    assert_eq!(answer.unwrap_err(), Outcome::Transient);
    assert!(!heard.await.unwrap().contains("sesame"));
}

async fn post(reach: Reach, port: u16) -> Result<Answer, Outcome> {
    let target = Target::parse(&format!("http://127.0.0.1:{port}/")).unwrap();
    let client = Client::new(reach).unwrap();
    client.post(&target, [], b"{}".to_vec(), &Handover::default()).await
}
