//! A notification's way, from its acceptance to the inboxes.

use postroom_notification::{Channel, demo_notification};
use serde_json::json;

use crate::harness::{Service, body, eventually};

#[tokio::test]
async fn an_accepted_notification_reaches_every_inbox() {
    let service = Service::start().await;
    let answer = service.post("/v1/notifications", &body(&demo_notification(17))).await;
    assert_eq!(answer.status, 202);
    let accepted = answer.json();
    let location = format!("/v1/notifications/{}", accepted["id"].as_str().unwrap());
    assert_eq!(answer.header("location"), location);
    let states: Vec<_> = accepted["deliveries"].as_array().unwrap().clone();
    let queued = |channel| json!({ "channel": channel, "state": "queued" });
    assert_eq!(states, ["push", "email", "sms"].map(queued));

    eventually("completed", async || service.get(&location).await.ok()["status"] == "completed")
        .await;
    let view = service.get(&location).await.ok();
    for delivery in view["deliveries"].as_array().unwrap() {
        assert_eq!(delivery["state"], "sent");
        assert_eq!(delivery["attempts"].as_array().unwrap().len(), 1);
        assert_eq!(delivery["attempts"][0]["outcome"], "accepted");
    }
    let expected = demo_notification(17);
    for channel in Channel::ALL {
        let inbox = service.inbox(channel).await;
        assert_eq!(inbox["count"], 1);
        let message = &inbox["messages"][0];
        assert_eq!(message["notification"], accepted["id"]);
        assert_eq!(message["channel"], channel.name());
        assert_eq!(message["title"], expected.title);
        assert_eq!(message["body"], expected.body);
        assert_eq!(message["to"], body(&expected)["to"][channel.name()]);
        assert!(message["received_at_us"].as_u64() >= message["accepted_at_us"].as_u64());
    }
}

#[tokio::test]
async fn it_goes_only_where_it_is_sent() {
    let service = Service::start().await;
    let mut by_choice = body(&demo_notification(1));
    by_choice["channels"] = json!(["sms"]);
    let mut by_address = body(&demo_notification(2));
    by_address["to"] = json!({ "user": "ada", "sms": "+447700900002", "push": null });
    for new in [by_choice, by_address] {
        let answer = service.post("/v1/notifications", &new).await;
        assert_eq!(answer.status, 202, "{}", answer.text());
        let deliveries = answer.json()["deliveries"].clone();
        assert_eq!(deliveries, json!([{ "channel": "sms", "state": "queued" }]));
    }
    eventually("both by SMS", async || service.inbox_count(Channel::Sms).await == 2).await;
    assert_eq!(service.inbox_count(Channel::Push).await, 0);
    assert_eq!(service.inbox_count(Channel::Email).await, 0);
    let all = service.get("/v1/inbox").await.ok();
    assert_eq!((&all["count"], all["messages"].as_array().unwrap().len()), (&json!(2), 2));
}

#[tokio::test]
async fn a_full_channel_diverts_then_rejects_and_the_others_do_not_notice() {
    let service = Service::start_with(|settings| {
        settings.system.sms.capacity = 1;
        settings.system.sms.dead_letter_capacity = 1;
        settings.system.sms.deliver_within = None;
    })
    .await;
    service.set_fault(Channel::Sms, "fail").await;
    let mut states = Vec::new();
    for number in 0..3 {
        let answer = service.post("/v1/notifications", &body(&demo_notification(number))).await;
        assert_eq!(answer.status, 202);
        let answer = answer.json();
        assert_eq!(answer["deliveries"][0]["state"], "queued");
        states.push(answer["deliveries"][2]["state"].as_str().unwrap().to_owned());
    }
    assert_eq!(states, ["queued", "dead_lettered", "rejected"]);
    eventually("push has all", async || service.inbox_count(Channel::Push).await == 3).await;
    let dead = service.get("/v1/channels/sms/dead-letters").await.ok();
    assert_eq!(dead["dead_letters"][0]["reason"], "overflow");
}

#[tokio::test]
async fn when_every_channel_rejects_nothing_is_stored_and_the_key_is_free() {
    let service = Service::start_with(|settings| {
        settings.system.sms.capacity = 1;
        settings.system.sms.dead_letter_capacity = 1;
        settings.system.sms.deliver_within = None;
    })
    .await;
    service.set_fault(Channel::Sms, "fail").await;
    let mut only_sms = body(&demo_notification(1));
    only_sms["channels"] = json!(["sms"]);
    let send = async || {
        let headers = [crate::harness::JSON, ("idempotency-key", "the-last")];
        let text = only_sms.to_string();
        service.send(hyper::Method::POST, "/v1/notifications", &headers, &text).await
    };
    for _ in 0..2 {
        assert_eq!(service.post("/v1/notifications", &only_sms).await.status, 202);
    }
    let refused = send().await;
    refused.problem(503, "unavailable");
    let wait: u64 = refused.header("retry-after").parse().unwrap();
    assert!((1..=60).contains(&wait), "{wait}");
    service.set_fault(Channel::Sms, "ok").await;
    eventually("room again", async || service.channel(Channel::Sms).await["depth"] == 0).await;
    let accepted = send().await;
    assert_eq!(accepted.status, 202);
    assert_eq!(accepted.header("idempotent-replayed"), "", "the key was not spent");
}
