//! A request that is repeated under one key.

use http_body_util::StreamBody;
use hyper::{
    Method, Request,
    body::{Bytes, Frame},
};
use postroom_notification::{Channel, demo_notification};
use tokio::sync::mpsc;

use crate::harness::{Answer, JSON, Service, body, eventually, exchange};

const PATH: &str = "/v1/notifications";

#[tokio::test]
async fn the_same_request_is_answered_as_before_and_sent_once() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    let first = post(&service, "order-17", &text).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (202, ""));
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 1).await;
    let second = post(&service, "order-17", &text).await;
    assert_eq!((second.status, second.header("idempotent-replayed")), (202, "true"));
    assert_eq!(first.body, second.body, "the same answer, though the states have moved on");
    assert_eq!(first.header("location"), second.header("location"));
    let other = post(&service, "order-18", &text).await;
    assert_ne!(other.json()["id"], first.json()["id"], "another key is another request");
    eventually("both sent", async || service.inbox_count(Channel::Sms).await == 2).await;
    assert_eq!(service.inbox(Channel::Sms).await["duplicates"], 0);
}

#[tokio::test]
async fn another_body_under_the_same_key_is_422() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    assert_eq!(post(&service, "order-17", &text).await.status, 202);
    for other in [body(&demo_notification(2)).to_string(), format!("{text} ")] {
        post(&service, "order-17", &other).await.problem(422, "idempotency-key-reused");
    }
}

#[tokio::test]
async fn a_bad_request_does_not_spend_its_key() {
    let service = Service::start().await;
    post(&service, "order-17", "{}").await.problem(422, "invalid-fields");
    let text = body(&demo_notification(1)).to_string();
    let answer = post(&service, "order-17", &text).await;
    assert_eq!((answer.status, answer.header("idempotent-replayed")), (202, ""));
}

#[tokio::test]
async fn a_key_is_1_to_200_visible_characters_given_once() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    for wrong in ["", "two words", "tür", &"k".repeat(201)] {
        let answer = post(&service, wrong, &text).await;
        assert_eq!(answer.problem(422, "invalid-fields"), ["Idempotency-Key"], "{wrong}");
    }
    let twice = [JSON, ("idempotency-key", "a"), ("idempotency-key", "b")];
    let answer = service.send(Method::POST, PATH, &twice, &text).await;
    assert_eq!(answer.problem(422, "invalid-fields"), ["Idempotency-Key"]);
    assert_eq!(post(&service, &"k".repeat(200), &text).await.status, 202);
}

#[tokio::test]
async fn a_key_in_flight_is_409_until_its_request_is_answered() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    let slow = SlowRequest::begin(&service, "order-17");
    taken(&service, "order-17").await;
    let conflict = post(&service, "order-17", &text).await;
    conflict.problem(409, "idempotency-key-in-flight");
    assert_eq!(post(&service, "order-18", &text).await.status, 202, "other keys are free");
    let first = slow.finish(&text).await;
    assert_eq!((first.status, first.header("idempotent-replayed")), (202, ""));
    let again = post(&service, "order-17", &text).await;
    assert_eq!((again.status, again.header("idempotent-replayed")), (202, "true"));
    assert_eq!(again.body, first.body);
}

#[tokio::test]
async fn a_request_that_is_given_up_gives_its_key_back() {
    let service = Service::start().await;
    let text = body(&demo_notification(1)).to_string();
    let slow = SlowRequest::begin(&service, "order-17");
    taken(&service, "order-17").await;
    drop(slow);
    eventually("the key is free", async || post(&service, "order-17", &text).await.status == 202)
        .await;
}

/// Waits until a request holds the key. What asks for it cannot succeed itself.
async fn taken(service: &Service, key: &str) {
    eventually("the key is taken", async || post(service, key, "{").await.status == 409).await;
}

async fn post(service: &Service, key: &str, text: &str) -> Answer {
    service.send(Method::POST, PATH, &[JSON, ("idempotency-key", key)], text).await
}

/// A request whose headers are sent and whose body is not.
struct SlowRequest {
    body: mpsc::UnboundedSender<Bytes>,
    answer: tokio::task::JoinHandle<Answer>,
}

impl SlowRequest {
    fn begin(service: &Service, key: &str) -> Self {
        let (body, chunks) = mpsc::unbounded_channel::<Bytes>();
        let chunks = futures_util::stream::unfold(chunks, |mut chunks| async {
            let chunk = chunks.recv().await?;
            Some((Ok::<_, std::convert::Infallible>(Frame::data(chunk)), chunks))
        });
        let request = Request::post(PATH)
            .header("host", service.address.to_string())
            .header(JSON.0, JSON.1)
            .header("idempotency-key", key)
            .body(StreamBody::new(Box::pin(chunks)))
            .unwrap();
        let answer = tokio::spawn(exchange(service.address, request));
        Self { body, answer }
    }

    async fn finish(mut self, text: &str) -> Answer {
        self.body.send(Bytes::copy_from_slice(text.as_bytes())).unwrap();
        // The body ends when nobody can send more of it.
        self.body = mpsc::unbounded_channel().0;
        (&mut self.answer).await.unwrap()
    }
}

impl Drop for SlowRequest {
    fn drop(&mut self) {
        self.answer.abort();
    }
}
