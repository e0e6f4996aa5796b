//! Every kind of bad input, its answer, and that nothing of it is stored.

use std::time::Duration;

use http_body_util::StreamBody;
use hyper::{
    Method, Request,
    body::{Bytes, Frame},
};
use postroom_notification::{Channel, demo_notification};
use serde_json::{Value, json};

use crate::harness::{Answer, JSON, Service, body, exchange};

const PATH: &str = "/v1/notifications";

#[tokio::test]
async fn malformed_json_is_400() {
    let service = Service::start().await;
    let good = body(&demo_notification(1)).to_string();
    let deep = format!("{}1{}", "[".repeat(200), "]".repeat(200));
    for wrong in [
        "",
        "{",
        "not json",
        "{'to': 1}",
        &good[..good.len() - 1],
        &format!("{good}{good}"),
        &good.replace("\"normal\"", "normal"),
        &good.replace("\"title\":", "\"title\":1e999,\"x\":"),
        "{\"title\":\"\\ud800\"}",
        &deep,
    ] {
        post(&service, wrong).await.problem(400, "malformed-json");
    }
    stored_nothing(&service).await;
}

#[tokio::test]
async fn a_field_that_is_unknown_doubled_missing_or_invalid_is_422_and_named() {
    let service = Service::start().await;
    let good = body(&demo_notification(1));
    let with = |pointer: &str, value: Value| {
        let mut body = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap()[name] = value;
        body.to_string()
    };
    let without = |pointer: &str| {
        let mut body = good.clone();
        let (parent, name) = pointer.rsplit_once('/').unwrap();
        body.pointer_mut(parent).unwrap().as_object_mut().unwrap().remove(name);
        body.to_string()
    };
    let doubled = |name: &str| good.to_string().replacen('{', &format!("{{\"{name}\":\"x\","), 1);
    let cases = [
        (with("/tenant", json!("x")), "tenant"),
        (with("/to/attempts", json!(0)), "to.attempts"),
        (doubled("title"), "title"),
        (without("/to"), "to"),
        (without("/to/user"), "to.user"),
        (without("/event"), "event"),
        (without("/severity"), "severity"),
        (without("/title"), "title"),
        (without("/body"), "body"),
        (with("/title", Value::Null), "title"),
        (with("/title", json!(7)), "title"),
        (with("/title", json!("")), "title"),
        (with("/title", json!("Hi\r\nBcc: eve@example.org")), "title"),
        (with("/title", json!("t".repeat(201))), "title"),
        (with("/body", json!("b".repeat(4_001))), "body"),
        (with("/body", json!("nul \u{0}")), "body"),
        (with("/event", json!("e".repeat(101))), "event"),
        (with("/severity", json!("urgent")), "severity"),
        (with("/to", json!("ada")), "to"),
        (with("/to", json!({ "user": "ada" })), "to"),
        (with("/to/email", json!("ada")), "to.email"),
        (with("/to/email", json!("a@b\r\nBcc: eve@example.org")), "to.email"),
        (with("/to/sms", json!("07700 900017")), "to.sms"),
        (with("/to/sms", json!("+1234567890123456")), "to.sms"),
        (with("/to/push", json!("http://push.example.org")), "to.push"),
        (with("/to/user", json!("")), "to.user"),
        (with("/channels", json!("sms")), "channels"),
        (with("/channels", json!([])), "channels"),
        (with("/channels", json!(["sms", "sms"])), "channels"),
        (with("/channels", json!(["push", "fax"])), "channels[1]"),
        ("[]".to_owned(), "body"),
    ];
    for (text, field) in cases {
        let answer = post(&service, &text).await;
        assert_eq!(answer.problem(422, "invalid-fields"), [field], "{text}");
    }
    let mut without_address = good.clone();
    without_address["to"] = json!({ "user": "ada", "push": "token" });
    without_address["channels"] = json!(["sms"]);
    let answer = post(&service, &without_address.to_string()).await;
    assert_eq!(answer.problem(422, "invalid-fields"), ["to.sms"], "a channel without an address");
    stored_nothing(&service).await;
}

#[tokio::test]
async fn one_answer_names_every_mistake() {
    let service = Service::start().await;
    let answer = post(&service, r#"{"to": {"email": "x", "fax": 1}, "title": 7}"#).await;
    let fields = answer.problem(422, "invalid-fields");
    assert_eq!(fields, ["to.user", "to.email", "to.fax", "event", "severity", "title", "body"]);
}

#[tokio::test]
async fn a_body_over_64_kib_is_413_declared_or_chunked() {
    let service = Service::start().await;
    let mut new = body(&demo_notification(1));
    new["title"] = json!("t");
    let padded = |length: usize| {
        let text = new.to_string();
        format!("{text}{}", " ".repeat(length - text.len()))
    };
    assert_eq!(post(&service, &padded(64 << 10)).await.status, 202, "64 KiB are allowed");
    post(&service, &padded((64 << 10) + 1)).await.problem(413, "too-large");
    post(&service, &padded(900 << 10)).await.problem(413, "too-large");
    chunked(&service, &padded((64 << 10) + 1)).await.problem(413, "too-large");
    assert_eq!(chunked(&service, &padded(64 << 10)).await.status, 202, "64 KiB in chunks");
}

#[tokio::test]
async fn anything_but_plain_json_is_415() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    for kind in ["text/plain", "application/x-www-form-urlencoded", "text/json", ""] {
        let headers = [("content-type", kind)];
        let answer = service.send(Method::POST, PATH, &headers, &text).await;
        answer.problem(415, "unsupported-media-type");
    }
    let none = service.send(Method::POST, PATH, &[], &text).await;
    none.problem(415, "unsupported-media-type");
    let compressed = [JSON, ("content-encoding", "gzip")];
    let answer = service.send(Method::POST, PATH, &compressed, &text).await;
    answer.problem(415, "unsupported-media-type");
    stored_nothing(&service).await;
}

#[tokio::test]
async fn a_body_that_does_not_come_is_408() {
    let patience = Duration::from_millis(200);
    let service = Service::start_with(|settings| settings.body_timeout = patience).await;
    let head = format!(
        "POST {PATH} HTTP/1.1\r\nhost: {}\r\ncontent-type: application/json\r\n\
         content-length: 100\r\n\r\n{{\"to\":",
        service.address
    );
    let began = tokio::time::Instant::now();
    let answer = service.raw(head.as_bytes()).await;
    assert!(answer.starts_with("HTTP/1.1 408 "), "{answer}");
    assert!(answer.contains("application/problem+json"));
    assert!(began.elapsed() >= patience, "not before its time");
    stored_nothing(&service).await;
}

#[tokio::test]
async fn what_is_not_there_is_404_and_a_wrong_method_405() {
    let service = Service::start().await;
    for path in [
        "/v1/notifications/demo.t0.99",
        "/v1/notifications/17",
        "/v1/notifications/other.t0.0",
        "/v1/notifications/%ff",
        "/v1/notifications/",
        "/v1/channels/fax/dead-letters",
        "/v1/nothing",
        "/nothing.html",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
    ] {
        service.get(path).await.problem(404, "not-found");
    }
    service.put("/v1/channels/fax/fault", &json!({ "mode": "ok" })).await.problem(404, "not-found");
    service
        .post("/v1/channels/fax/dead-letters/redrive", &json!({}))
        .await
        .problem(404, "not-found");
    for (method, path, allowed) in [
        (Method::GET, PATH, "POST"),
        (Method::DELETE, "/v1/notifications/demo.t0.0", "GET,HEAD"),
        (Method::POST, "/v1/channels", "GET,HEAD"),
        (Method::POST, "/", "GET,HEAD"),
    ] {
        let answer = service.send(method, path, &[], "").await;
        answer.problem(405, "method-not-allowed");
        assert_eq!(answer.header("allow"), allowed, "{path}");
    }
}

#[tokio::test]
async fn the_small_bodies_and_parameters_are_read_as_strictly() {
    let service = Service::start().await;
    let fault = "/v1/channels/sms/fault";
    for (text, field) in [
        ("{}", "mode"),
        (r#"{"mode": "broken"}"#, "mode"),
        (r#"{"mode": "ok", "mode": "ok"}"#, "mode"),
        (r#"{"mode": "ok", "for": 3}"#, "for"),
    ] {
        let answer = service.send(Method::PUT, fault, &[JSON], text).await;
        assert_eq!(answer.problem(422, "invalid-fields"), [field], "{text}");
    }
    let redrive = "/v1/channels/sms/dead-letters/redrive";
    for (text, field) in [
        (r#"{"limit": 0}"#, "limit"),
        (r#"{"limit": 10001}"#, "limit"),
        (r#"{"limit": "all"}"#, "limit"),
        (r#"{"rate_per_second": 0}"#, "rate_per_second"),
        (r#"{"rate_per_second": 1.5}"#, "rate_per_second"),
        (r#"{"rate_per_second": 1000001}"#, "rate_per_second"),
        (r#"{"max": 1}"#, "max"),
    ] {
        let answer = service.send(Method::POST, redrive, &[JSON], text).await;
        assert_eq!(answer.problem(422, "invalid-fields"), [field], "{text}");
    }
    for (path, field) in [
        ("/v1/inbox?channel=fax", "channel"),
        ("/v1/inbox?limit=0", "limit"),
        ("/v1/inbox?limit=1&limit=2", "limit"),
        ("/v1/inbox?chanel=sms", "chanel"),
        ("/v1/channels/sms/dead-letters?limit=1001", "limit"),
        ("/v1/channels/sms/dead-letters?skip=-1", "skip"),
    ] {
        let answer = service.get(path).await;
        assert_eq!(answer.problem(422, "invalid-fields"), [field], "{path}");
    }
    assert_eq!(service.channel(Channel::Sms).await["fault"], "ok");
}

#[tokio::test]
async fn only_this_machine_and_the_own_page_are_served() {
    let service = Service::start().await;
    for host in ["evil.example", "127.0.0.1.evil.example", "10.0.0.1:8080", "0.0.0.0:8080"] {
        for path in ["/v1/channels", "/", "/metrics", "/readyz"] {
            let answer = service.send(Method::GET, path, &[("host", host)], "").await;
            answer.problem(421, "misdirected");
        }
    }
    for host in ["localhost:1234", "[::1]:8080", "127.0.0.1"] {
        service.send(Method::GET, "/healthz", &[("host", host)], "").await.ok();
    }
    let text = body(&demo_notification(1)).to_string();
    for foreign in
        [("origin", "https://evil.example"), ("origin", "null"), ("sec-fetch-site", "cross-site")]
    {
        let answer = service.send(Method::POST, PATH, &[JSON, foreign], &text).await;
        answer.problem(403, "cross-site");
    }
    stored_nothing(&service).await;
    let own = format!("http://{}", service.address);
    let answer = service.send(Method::POST, PATH, &[JSON, ("origin", &own)], &text).await;
    assert_eq!(answer.status, 202);
    let evil = [("origin", "https://evil.example")];
    let answer = service.send(Method::GET, "/v1/channels", &evil, "").await;
    assert!(!answer.headers.contains_key("access-control-allow-origin"), "no grant");
}

async fn post(service: &Service, text: &str) -> Answer {
    service.send(Method::POST, PATH, &[JSON], text).await
}

/// Sends a body whose length is not declared.
async fn chunked(service: &Service, text: &str) -> Answer {
    let frames: Vec<_> = text
        .as_bytes()
        .chunks(10_000)
        .map(|chunk| Ok::<_, std::convert::Infallible>(Frame::data(Bytes::copy_from_slice(chunk))))
        .collect();
    let request = Request::post(PATH)
        .header("host", service.address.to_string())
        .header(JSON.0, JSON.1)
        .body(StreamBody::new(futures_util::stream::iter(frames)))
        .unwrap();
    exchange(service.address, request).await
}

async fn stored_nothing(service: &Service) {
    let metrics = service.get("/metrics").await;
    for channel in Channel::ALL {
        let none = format!("postroom_enqueued_total{{channel=\"{channel}\"}} 0\n");
        assert!(metrics.text().contains(&none), "{}", metrics.text());
    }
}
