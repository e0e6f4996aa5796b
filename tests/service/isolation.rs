//! What one channel does is not felt on another, and nothing is lost: with smaller numbers and
//! shorter times what `notification-demo/examples/acceptance.rs` shows in full.

use std::collections::BTreeSet;

use postroom_notification::Channel;
use serde_json::{Value, json};

use crate::harness::{Service, eventually};

/// Notifications in each round.
const ROUND: u64 = 100;

#[tokio::test]
async fn all_inboxes_hold_each_exactly_once() {
    let service = Service::start().await;
    let sent = send(&service, 0).await;
    for channel in Channel::ALL {
        holds_all(&service, channel, ROUND).await;
        assert_eq!(once(&service.inbox(channel).await), sent);
    }
}

#[tokio::test]
async fn a_hanging_channel_holds_nobody_up_and_loses_nothing() {
    breaks_and_heals("hang", "timeout").await;
}

#[tokio::test]
async fn a_failing_channel_holds_nobody_up_and_loses_nothing() {
    breaks_and_heals("fail", "transient").await;
}

async fn breaks_and_heals(mode: &str, outcome: &str) {
    let service = Service::start().await;
    let before = send(&service, 0).await;
    for channel in Channel::ALL {
        holds_all(&service, channel, ROUND).await;
    }
    service.set_fault(Channel::Sms, mode).await;
    let broken = send(&service, ROUND).await;
    for channel in [Channel::Push, Channel::Email] {
        holds_all(&service, channel, 2 * ROUND).await;
    }
    assert_eq!(once(&service.inbox(Channel::Sms).await), before, "SMS took none of them");
    eventually("all SMS are dead", async || {
        service.channel(Channel::Sms).await["dead_letters"] == ROUND
    })
    .await;
    let sms = service.channel(Channel::Sms).await;
    assert_eq!((&sms["depth"], &sms["fault"]), (&json!(0), &json!(mode)));
    each_was_tried(&service, &broken, outcome).await;

    service.set_fault(Channel::Sms, "ok").await;
    let redriven = service.redrive(Channel::Sms, json!({})).await;
    assert_eq!(redriven, json!({ "moved": ROUND, "stayed": 0, "scheduled": 0 }));
    holds_all(&service, Channel::Sms, 2 * ROUND).await;
    let all: BTreeSet<_> = before.union(&broken).cloned().collect();
    for channel in Channel::ALL {
        assert_eq!(once(&service.inbox(channel).await), all);
    }
    let redelivered = service.get(&format!("/v1/notifications/{}", broken.first().unwrap())).await;
    assert_eq!(redelivered.ok()["status"], "completed");
}

/// Those of the broken ones that were called at all failed so; the breaker spared the rest.
async fn each_was_tried(service: &Service, broken: &BTreeSet<String>, outcome: &str) {
    let dead = service.get("/v1/channels/sms/dead-letters?limit=1000").await.ok();
    assert_eq!(dead["count"], ROUND);
    let mut called = 0;
    for letter in dead["dead_letters"].as_array().unwrap() {
        let id = letter["notification"].as_str().unwrap();
        assert!(broken.contains(id));
        assert!(["exhausted", "deadline"].contains(&letter["reason"].as_str().unwrap()));
        let view = service.get(&format!("/v1/notifications/{id}")).await.ok();
        assert_eq!(view["status"], "partially_failed");
        let sms = &view["deliveries"][2];
        assert_eq!((&sms["state"], &sms["dead"]), (&json!("dead_lettered"), &letter["reason"]));
        for attempt in sms["attempts"].as_array().unwrap() {
            assert_eq!(attempt["outcome"], outcome);
            called += 1;
        }
    }
    assert!(called >= 5, "the breaker opened after {called} calls");
}

#[tokio::test]
async fn a_flaky_channel_loses_nothing_and_every_duplicate_is_accounted_for() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "flaky").await;
    let sent = send(&service, 0).await;
    for channel in [Channel::Push, Channel::Email] {
        holds_all(&service, channel, ROUND).await;
    }
    eventually("nothing is under way", async || service.channel(Channel::Sms).await["depth"] == 0)
        .await;
    service.set_fault(Channel::Sms, "ok").await;
    service.redrive(Channel::Sms, json!({})).await;
    eventually("nothing is under way or dead", async || {
        let sms = service.channel(Channel::Sms).await;
        sms["depth"] == 0 && sms["dead_letters"] == 0
    })
    .await;
    let inbox = service.inbox(Channel::Sms).await;
    assert_eq!(ids(&inbox), sent, "nothing is lost");
    let mut duplicates = 0;
    for message in inbox["messages"].as_array().unwrap() {
        let (copies, lost) = (number(message, "copies"), number(message, "answers_lost"));
        assert_eq!(copies, lost + 1, "{message}");
        duplicates += copies - 1;
    }
    assert_eq!(number(&inbox, "duplicates"), duplicates);
    assert!(duplicates > 0, "the fault did something");
    assert_eq!(number(&service.inbox(Channel::Push).await, "duplicates"), 0);
}

/// Sends a round of notifications; their ids.
async fn send(service: &Service, first: u64) -> BTreeSet<String> {
    let mut sent = BTreeSet::new();
    for number in first..first + ROUND {
        sent.insert(service.notify(number).await);
    }
    assert_eq!(sent.len() as u64, ROUND);
    sent
}

async fn holds_all(service: &Service, channel: Channel, count: u64) {
    let what = format!("{channel} holds {count}");
    eventually(&what, async || service.inbox_count(channel).await == count).await;
}

/// The notifications in an inbox, each of which it took once.
fn once(inbox: &Value) -> BTreeSet<String> {
    assert_eq!(inbox["duplicates"], 0);
    for message in inbox["messages"].as_array().unwrap() {
        assert_eq!(message["copies"], 1);
    }
    ids(inbox)
}

fn ids(inbox: &Value) -> BTreeSet<String> {
    let messages = inbox["messages"].as_array().unwrap();
    let ids: BTreeSet<_> =
        messages.iter().map(|m| m["notification"].as_str().unwrap().to_owned()).collect();
    assert_eq!(ids.len(), messages.len(), "each is listed once");
    assert_eq!(inbox["count"], ids.len());
    ids
}

fn number(value: &Value, name: &str) -> u64 {
    value[name].as_u64().unwrap()
}
