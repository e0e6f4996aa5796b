//! `GET /v1/events`.

use http_body_util::{BodyExt as _, Empty};
use hyper::{Request, body::Bytes};
use postroom_core::{Batch, Event, Recorded};
use postroom_notification::Channel;

use crate::harness::{Opened, PATIENCE, Service, eventually, open};

#[tokio::test]
async fn events_come_as_they_happen() {
    let service = Service::start().await;
    let mut events = Events::open(&service, None).await;
    service.notify(1).await;
    let seen = events.until(|event| matches!(event, Event::Acked { .. })).await;
    let kinds: Vec<_> = seen.iter().map(|recorded| recorded.event).collect();
    assert!(matches!(kinds[0], Event::Published { .. }), "from now on, not from the start");
    let count = |kind: fn(&Event) -> bool| kinds.iter().filter(|event| kind(event)).count();
    assert_eq!(count(|event| matches!(event, Event::Enqueued { .. })), 3);
    let places: Vec<_> = seen.iter().map(|r| (r.command, r.index)).collect();
    assert!(places.is_sorted(), "{places:?}");
}

#[tokio::test]
async fn a_client_that_comes_back_misses_nothing() {
    let service = Service::start().await;
    let mut first = Events::open(&service, None).await;
    service.notify(1).await;
    first.until(|event| matches!(event, Event::CallSucceeded { .. })).await;
    let id = first.last_id.clone();
    drop(first);
    for number in 2..6 {
        service.notify(number).await;
    }
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 5).await;
    let mut all = Events::open(&service, Some("1.0")).await;
    let all = all.until(|event| is_published(event, 5)).await;
    let mut second = Events::open(&service, Some(&id)).await;
    let rest = second.until(|event| is_published(event, 5)).await;
    let from = all.iter().position(|recorded| *recorded == rest[0]).unwrap();
    assert_eq!(all[from..], rest, "everything after the id, once");
    assert!(id.starts_with(&format!("{}.{}.", all[from - 1].command, all[from - 1].index)));
}

#[tokio::test]
async fn a_client_that_lost_the_connection_before_anything_happened_misses_nothing() {
    let service = Service::start().await;
    let idle = Events::open(&service, None).await;
    let id = idle.last_id.clone();
    drop(idle);
    service.notify(1).await;
    let mut back = Events::open(&service, Some(&id)).await;
    let seen = back.until(|event| is_published(event, 1)).await;
    assert!(is_published(&seen[0].event, 1));
}

#[tokio::test]
async fn a_place_that_is_not_known_is_a_gap() {
    let service = Service::start_with(|settings| settings.events_max = 4).await;
    for number in 1..4 {
        service.notify(number).await;
    }
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 3).await;
    let fresh = Events::open(&service, None).await.last_id.clone();
    let of_another_run = fresh.rsplit_once('.').unwrap().0.to_owned() + ".0";
    for unknown in ["1.0", "999999.0", &of_another_run, "nonsense", ""] {
        let mut events = Events::open(&service, Some(unknown)).await;
        let message = events.next().await;
        assert_eq!(message.event, "gap", "after {unknown}");
        assert_eq!(message.id, fresh, "it goes on from now");
    }
    let mut events = Events::open(&service, Some(&fresh)).await;
    service.notify(4).await;
    events.until(|event| is_published(event, 4)).await;
}

#[tokio::test]
async fn a_client_that_reads_too_slowly_gets_a_gap_and_holds_nobody_up() {
    let service = Service::start_with(|settings| settings.events_max = 200).await;
    let mut slow = Events::open(&service, None).await;
    // More than all the buffers between the service and a client that does not read can hold.
    let count = 400;
    for number in 0..count {
        service.notify(number).await;
    }
    eventually("sent", async || service.inbox_count(Channel::Sms).await == count).await;
    let gap = async { while slow.next().await.event != "gap" {} };
    tokio::time::timeout(PATIENCE, gap).await.expect("a gap");
    service.notify(count).await;
    slow.until(|event| is_published(event, count + 1)).await;
}

#[tokio::test]
async fn subscribers_have_a_limit_and_give_their_place_back() {
    let service = Service::start_with(|settings| settings.subscribers_max = 1).await;
    let first = Events::open(&service, None).await;
    let refused = service.get("/v1/events").await;
    refused.problem(503, "unavailable");
    assert_eq!(refused.header("retry-after"), "5");
    drop(first);
    eventually("a place", async || {
        let opened = open(service.address, request(&service, None)).await;
        opened.response.status() == 200
    })
    .await;
}

#[tokio::test]
async fn a_silent_stream_says_that_it_is_alive() {
    let keep_alive = std::time::Duration::from_millis(50);
    let service = Service::start_with(|settings| settings.keep_alive = keep_alive).await;
    let mut events = Events::open(&service, None).await;
    let line = tokio::time::timeout(PATIENCE, events.line()).await.unwrap();
    assert_eq!(line, ":");
}

/// The fan-out of the nth notification since the service started. The machine numbers from 0.
fn is_published(event: &Event, nth: u64) -> bool {
    matches!(event, Event::Published { message, .. } if message.number == nth - 1)
}

fn request(service: &Service, last_event: Option<&str>) -> Request<Empty<Bytes>> {
    let mut request = Request::get("/v1/events").header("host", service.address.to_string());
    if let Some(id) = last_event {
        request = request.header("last-event-id", id);
    }
    request.body(Empty::new()).unwrap()
}

/// A reader of server-sent events.
struct Events {
    opened: Opened,
    bytes: Vec<u8>,
    last_id: String,
}

#[derive(Debug, Default)]
struct Message {
    id: String,
    event: String,
    data: String,
}

impl Events {
    /// Opens a stream and waits until it has begun.
    async fn open(service: &Service, last_event: Option<&str>) -> Self {
        let opened = open(service.address, request(service, last_event)).await;
        assert_eq!(opened.response.status(), 200);
        assert_eq!(opened.response.headers()["content-type"], "text/event-stream");
        let mut events = Self { opened, bytes: Vec::new(), last_id: String::new() };
        let first = events.next_block().await;
        assert_eq!((first.event.as_str(), first.data.as_str()), ("", ""), "only an id");
        events
    }

    /// Everything up to the end of the first batch with such an event in it.
    async fn until(&mut self, is_it: impl Fn(&Event) -> bool) -> Vec<Recorded> {
        let mut seen = Vec::new();
        loop {
            let message = self.next().await;
            assert_eq!(message.event, "", "{message:?}");
            let batch: Batch = serde_json::from_str(&message.data).unwrap();
            let last = batch.events.last().unwrap();
            assert!(message.id.starts_with(&format!("{}.{}.", last.command, last.index)));
            seen.extend_from_slice(&batch.events);
            if batch.events.iter().any(|recorded| is_it(&recorded.event)) {
                return seen;
            }
        }
    }

    async fn next(&mut self) -> Message {
        tokio::time::timeout(PATIENCE, self.next_block()).await.expect("an event in time")
    }

    async fn next_block(&mut self) -> Message {
        let mut message = Message::default();
        loop {
            let line = self.line().await;
            match line.split_once(": ") {
                Some(("id", id)) => id.clone_into(&mut message.id),
                Some(("event", event)) => event.clone_into(&mut message.event),
                Some(("data", data)) => message.data.push_str(data),
                _ if line.is_empty() && !message.id.is_empty() => {
                    self.last_id.clone_from(&message.id);
                    return message;
                }
                // A comment, the time to wait before coming back, or the end of a comment.
                _ => {}
            }
        }
    }

    async fn line(&mut self) -> String {
        loop {
            if let Some(end) = self.bytes.iter().position(|byte| *byte == b'\n') {
                let line: Vec<_> = self.bytes.drain(..=end).collect();
                return String::from_utf8(line).unwrap().trim_end_matches('\n').to_owned();
            }
            let frame = self.opened.response.body_mut().frame().await;
            let frame = frame.expect("the stream goes on").unwrap();
            self.bytes.extend_from_slice(frame.data_ref().map_or(&[][..], |data| data));
        }
    }
}
