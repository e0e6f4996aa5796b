//! Breaking, healing, and sending dead letters again.

use postroom_notification::Channel;
use serde_json::json;

use crate::harness::{Service, eventually};

#[tokio::test]
async fn a_fault_is_one_channels_own() {
    let service = Service::start().await;
    for mode in ["fail", "hang", "slow", "flaky", "ok"] {
        service.set_fault(Channel::Email, mode).await;
        assert_eq!(service.channel(Channel::Email).await["fault"], mode);
        assert_eq!(service.channel(Channel::Push).await["fault"], "ok");
        assert_eq!(service.channel(Channel::Sms).await["fault"], "ok");
    }
}

#[tokio::test]
async fn only_built_in_sinks_can_be_broken() {
    let relay = json!({ "smtp": { "host": "localhost", "from": "shop@example.org" } });
    let providers = serde_json::from_value(json!({ "email": [relay] })).unwrap();
    let service = Service::start_with(|settings| settings.providers = providers).await;
    let answer = service.put("/v1/channels/email/fault", &json!({ "mode": "fail" })).await;
    answer.problem(404, "not-found");
    service.set_fault(Channel::Sms, "fail").await;
}

#[tokio::test]
async fn a_slow_channel_is_slow_and_nothing_else() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "slow").await;
    service.notify(1).await;
    eventually("sent", async || service.inbox_count(Channel::Sms).await == 1).await;
    let message = service.inbox(Channel::Sms).await["messages"][0].clone();
    let micros = |name: &str| message[name].as_u64().unwrap();
    assert!(micros("received_at_us") - micros("accepted_at_us") >= 20_000);
    assert_eq!(message["copies"], 1);
}

#[tokio::test]
async fn a_breaker_opens_and_closes_when_it_is_healed() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "fail").await;
    for number in 0..10 {
        service.notify(number).await;
    }
    eventually("open", async || service.channel(Channel::Sms).await["breaker"] == "open").await;
    let sms = service.channel(Channel::Sms).await;
    assert!(sms["depth"].as_u64() > Some(0));
    assert!(sms["oldest_age_ms"].as_u64().is_some());
    assert_eq!(service.channel(Channel::Push).await["breaker"], "closed");
    service.set_fault(Channel::Sms, "ok").await;
    eventually("closed and empty", async || {
        let sms = service.channel(Channel::Sms).await;
        sms["breaker"] == "closed" && sms["depth"] == 0
    })
    .await;
    assert_eq!(service.channel(Channel::Sms).await["oldest_age_ms"], json!(null));
}

#[tokio::test]
async fn dead_letters_are_listed_oldest_first_and_in_pages() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "hang").await;
    let mut sent = Vec::new();
    for number in 0..5 {
        sent.push(service.notify(number).await);
    }
    dead(&service, 5).await;
    let ids = async |query: &str| {
        let page = service.get(&format!("/v1/channels/sms/dead-letters{query}")).await.ok();
        assert_eq!(page["count"], 5, "the count is of all");
        let letters = page["dead_letters"].as_array().unwrap().clone();
        letters.iter().map(|l| l["notification"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let all = ids("").await;
    assert_eq!(all.len(), 5);
    assert!(all.iter().all(|id| sent.contains(id)));
    assert_eq!(ids("?skip=1&limit=2").await, all[1..3]);
    assert_eq!(ids("?skip=5").await, Vec::<String>::new());
    let none = service.get("/v1/channels/push/dead-letters").await.ok();
    assert_eq!(none, json!({ "count": 0, "dead_letters": [] }));
}

#[tokio::test]
async fn a_redrive_moves_as_many_as_it_is_told_at_the_rate_it_is_told() {
    let service = Service::start().await;
    service.set_fault(Channel::Sms, "hang").await;
    for number in 0..6 {
        service.notify(number).await;
    }
    dead(&service, 6).await;
    service.set_fault(Channel::Sms, "ok").await;
    let redriven = service.redrive(Channel::Sms, json!({ "limit": 2 })).await;
    assert_eq!(redriven, json!({ "moved": 2, "stayed": 0, "scheduled": 0 }));
    eventually("two sent", async || service.inbox_count(Channel::Sms).await == 2).await;
    assert_eq!(service.channel(Channel::Sms).await["dead_letters"], 4);

    let slowly = json!({ "limit": null, "rate_per_second": 5 });
    let begun = service.redrive(Channel::Sms, slowly).await;
    assert_eq!(begun, json!({ "moved": 1, "stayed": 0, "scheduled": 3 }));
    eventually("all sent", async || service.inbox_count(Channel::Sms).await == 6).await;
    let inbox = service.inbox(Channel::Sms).await;
    let mut times: Vec<_> = inbox["messages"].as_array().unwrap()[..4]
        .iter()
        .map(|message| message["received_at_us"].as_u64().unwrap())
        .collect();
    times.sort_unstable();
    // Five a second: the last of four comes three fifths of a second after the first.
    assert!(times[3] - times[0] >= 550_000, "{times:?}");
    assert_eq!(inbox["duplicates"], 0);
}

#[tokio::test]
async fn a_redrive_of_nothing_moves_nothing() {
    let service = Service::start().await;
    let redriven = service.redrive(Channel::Push, json!({ "limit": 10 })).await;
    assert_eq!(redriven, json!({ "moved": 0, "stayed": 0, "scheduled": 0 }));
}

async fn dead(service: &Service, count: u64) {
    eventually("all are dead", async || {
        service.channel(Channel::Sms).await["dead_letters"] == count
    })
    .await;
}
