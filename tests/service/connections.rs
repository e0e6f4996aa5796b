//! What clients may do to connections, and what becomes of them at the end.

use std::time::Duration;

use http_body_util::Empty;
use hyper::{Request, body::Bytes};
use notification_demo::sinks::Inbox;
use postroom_notification::Channel;
use tokio::{
    io::{AsyncReadExt as _, AsyncWriteExt as _},
    net::TcpStream,
};

use crate::harness::{PATIENCE, Service, eventually, open};

#[tokio::test]
async fn a_connection_that_sends_no_headers_is_closed() {
    let patience = Duration::from_millis(200);
    let service = Service::start_with(|settings| settings.header_timeout = patience).await;
    for half in [&b""[..], b"GET /healthz HT", b"GET /healthz HTTP/1.1\r\nhost: loc"] {
        let began = tokio::time::Instant::now();
        let answer = service.raw(half).await;
        assert!(!answer.contains("200 OK"), "{answer}");
        assert!(began.elapsed() >= patience, "not before its time");
    }
}

#[tokio::test]
async fn an_idle_connection_is_closed() {
    let service =
        Service::start_with(|settings| settings.header_timeout = Duration::from_millis(200)).await;
    let request = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", service.address);
    let answer = service.raw(request.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 200 OK"), "{answer}");
}

#[tokio::test]
async fn a_head_has_its_limits() {
    let service = Service::start().await;
    let host = service.address;
    let many: String = (0..120).map(|n| format!("x-{n}: 1\r\n")).collect();
    let large = format!("x: {}\r\n", "y".repeat(100 << 10));
    for headers in [many, large] {
        let request = format!("GET /healthz HTTP/1.1\r\nhost: {host}\r\n{headers}\r\n");
        let answer = service.raw(request.as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 431 "), "{answer}");
    }
}

#[tokio::test]
async fn ambiguous_lengths_are_refused() {
    let service = Service::start().await;
    let head = format!(
        "POST /v1/notifications HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n",
        service.address
    );
    for rest in [
        "content-length: 5\r\ncontent-length: 6\r\n\r\nhello",
        "transfer-encoding: chunked\r\n\r\nzz\r\nhello\r\n0\r\n\r\n",
        "transfer-encoding: gzip\r\n\r\nhello",
    ] {
        let answer = service.raw(format!("{head}{rest}").as_bytes()).await;
        assert!(answer.starts_with("HTTP/1.1 400 "), "{rest}: {answer}");
    }
    let both = "content-length: 5\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n";
    let answer = service.raw(format!("{head}{both}").as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 400 "), "chunked wins, and an empty body is not JSON");
}

#[tokio::test]
async fn connections_have_a_limit_and_the_next_waits_for_a_place() {
    let service = Service::start_with(|settings| {
        settings.connections_max = 1;
        settings.header_timeout = PATIENCE;
    })
    .await;
    let mut first = TcpStream::connect(service.address).await.unwrap();
    let ask = format!("GET /healthz HTTP/1.1\r\nhost: {}\r\n\r\n", service.address);
    first.write_all(ask.as_bytes()).await.unwrap();
    let mut byte = [0];
    first.read_exact(&mut byte).await.unwrap();
    let request = Request::get("/healthz").header("host", service.address.to_string());
    let request = request.body(Empty::<Bytes>::new()).unwrap();
    let mut second = Box::pin(open(service.address, request));
    let waits = tokio::time::timeout(Duration::from_millis(100), &mut second).await.is_err();
    assert!(waits, "the place is taken");
    drop(first);
    let second = tokio::time::timeout(PATIENCE, second).await.expect("a place");
    assert_eq!(second.response.status(), 200);
}

#[tokio::test]
async fn stopping_ends_streams_and_finishes_what_is_under_way() {
    let service = Service::start().await;
    let stream = Request::get("/v1/events").header("host", service.address.to_string());
    let stream = open(service.address, stream.body(Empty::<Bytes>::new()).unwrap()).await;
    assert_eq!(stream.response.status(), 200);
    service.set_fault(Channel::Sms, "slow").await;
    service.notify(1).await;
    let state = service.state.clone();
    service.stop().await;
    let received = state.sinks().channel(Channel::Sms).inbox(Inbox::count);
    assert_eq!(received, 1, "the call under way was finished");
}

#[tokio::test]
async fn a_taken_port_is_an_error_that_says_what_to_do() {
    let service = Service::start().await;
    let error = notification_demo::bind(service.address.port()).unwrap_err().to_string();
    assert!(error.contains("in use") && error.contains("--port"), "{error}");
}

#[tokio::test]
async fn the_service_listens_on_this_machines_own_address_only() {
    let listener = notification_demo::bind(0).unwrap();
    assert!(listener.local_addr().unwrap().ip().is_loopback());
}

#[tokio::test]
async fn many_silent_connections_do_not_lock_others_out() {
    let service = Service::start_with(|settings| {
        settings.connections_max = 20;
        settings.header_timeout = Duration::from_millis(200);
    })
    .await;
    let mut silent = Vec::new();
    for _ in 0..40 {
        let mut stream = TcpStream::connect(service.address).await.unwrap();
        stream.write_all(b"GET / HT").await.unwrap();
        silent.push(stream);
    }
    eventually("an answer", async || service.get("/healthz").await.status == 200).await;
}
