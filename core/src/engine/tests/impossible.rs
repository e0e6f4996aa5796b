//! Snapshots that nothing could have led to: each is refused, and says what is wrong.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use serde_json::{Value, json};

use super::*;
use crate::id::LedgerId;

const COPIES: &str = "/queues/1/copies/slots";

/// Dead letters; a queue with a held copy, a redrive under way and a dedup key; a topic, a ledger.
fn sound() -> Value {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", brisk());
    let queue = bench.queue("orders", QueueConfig { dead_letters: Some(dead), ..brisk() });
    let topic = bench.topic("t");
    bench.subscribe(topic, queue, OnFull::Divert);
    bench.now_ms = 1_000;
    for body in ["dead", "dead too", "dead as well"] {
        bench.put(queue, body);
        let held = bench.get(queue).unwrap();
        bench.settle(&held, REJECT).unwrap();
    }
    bench.redrive(dead, Some(1));
    bench.put(queue, "ready");
    bench.get(queue).unwrap();
    let message = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("keyed") };
    bench.publish(Address::Queue(queue), message).unwrap();
    let config = LedgerConfig::default();
    let create = Command::CreateLedger { name: "l".into(), config };
    bench.engine.apply(bench.at(), create, &mut ()).unwrap();
    let claim = Command::Claim { ledger: LedgerId::new(0), key: "k".into(), fingerprint: [1; 32] };
    bench.engine.apply(bench.at(), claim, &mut ()).unwrap();
    serde_json::to_value(bench.engine.snapshot()).unwrap()
}

/// What restoring a document with these values in it leads to.
fn refusal(changes: &[(&str, Value)]) -> Option<RestoreError> {
    let mut document = sound();
    for (place, value) in changes {
        let place = std::format!("/content{place}");
        *document.pointer_mut(&place).unwrap_or_else(|| panic!("{place} is there")) = value.clone();
    }
    // The version comes first; a map of values is ordered by name.
    let fields = ["semantics_version", "content"].map(|field| document[field].take());
    let snapshot = serde_json::from_value::<Snapshot>(Value::from(fields.to_vec())).unwrap();
    Engine::restore(snapshot).err()
}

#[test]
fn the_sound_one_is_restored() {
    assert_eq!(refusal(&[]), None);
}

/// Whether each of these values, by itself, is refused in these words.
fn refused_as(what: &'static str, cases: &[(&str, Value)]) {
    for (place, value) in cases {
        let refused = refusal(&[(*place, value.clone())]);
        assert_eq!(refused, Some(RestoreError::Damaged { what }), "{place} = {value}");
    }
}

#[test]
fn names_that_nobody_could_give_are_refused() {
    let long = json!("x".repeat(81));
    refused_as(
        "a queue's name is too long, or empty",
        &[("/queues/1/name", long.clone()), ("/queues/1/name", json!(""))],
    );
    refused_as("two queues or two topics have one name", &[("/queues/1/name", json!("dead"))]);
    refused_as("a topic's name is too long, or empty", &[("/topics/0/name", long.clone())]);
    refused_as("a ledger could not have come about", &[("/ledgers/0/name", long)]);
}

#[test]
fn counters_near_their_end_are_refused() {
    let high = || json!(1_u64 << 62);
    refused_as(
        "a queue's counters are too high to go on from",
        &[("/queues/1/redeliveries", high()), ("/queues/1/buried", high())],
    );
    refused_as(
        "a queue's numbers are too high to go on from",
        &[
            ("/queues/1/next_seq", high()),
            ("/queues/1/next_lease", high()),
            ("/queues/1/next_message", high()),
        ],
    );
    refused_as(
        "a topic's dedup keys could not have come about",
        &[("/topics/0/next_message", high())],
    );
    refused_as("a ledger could not have come about", &[("/ledgers/0/next_number", high())]);
}

#[test]
fn impossible_ledgers_are_refused() {
    refused_as(
        "a ledger could not have come about",
        &[("/ledgers/0/id", json!(1)), ("/ledgers/0/config/keep_ms", json!(u64::MAX))],
    );
    refused_as(
        "keys do not match their times",
        &[
            ("/ledgers/0/config/capacity", json!(0)),
            ("/ledgers/0/next_number", json!(0)),
            ("/ledgers/0/free_at", json!([])),
        ],
    );
}

#[test]
fn impossible_keys_and_subscriptions_are_refused() {
    refused_as(
        "a queue's dedup keys could not have come about",
        &[
            ("/queues/1/dedup/keys", json!({ "k": 99 })),
            ("/queues/1/dedup/forgotten_at", json!([[u64::MAX, "k"]])),
        ],
    );
    refused_as(
        "a queue's dedup keys do not match their times",
        &[("/queues/1/dedup/forgotten_at", json!([]))],
    );
    refused_as(
        "a topic's dedup keys could not have come about",
        &[("/topics/0/config/dedup_window_ms", json!(u64::MAX))],
    );
    refused_as(
        "a topic's subscriptions could not have come about",
        &[("/topics/0/subscriptions/0/queue", json!(0))],
    );
    refused_as(
        "a topic's subscriptions are not those of its queues",
        &[("/topics/0/subscriptions/0/queue", json!(7))],
    );
}

#[test]
fn impossible_redrives_are_refused() {
    refused_as(
        "a queue's redrive under way could not have come about",
        &[
            ("/queues/0/task/left", json!(0)),
            ("/queues/0/task/moved", json!(0)),
            ("/queues/0/task/to", json!(0)),
            ("/queues/0/task/to", json!(9)),
            ("/queues/0/task/stayed", json!(u32::MAX)),
            ("/queues/0/task/next_at", json!(u64::MAX)),
            ("/queues/0/task/started_at", json!(2_000_000)),
        ],
    );
    refused_as(
        "a queue's redrive under way is impossible",
        &[("/queues/0/task/per_second", json!(null))],
    );
}

#[test]
fn impossible_copies_are_refused() {
    refused_as(
        "a queue sleeps, or wakes for nothing",
        &[("/queues/1/awake", json!(false)), ("/queues/1/paused", json!(true))],
    );
    refused_as(
        "a message could not have been published",
        &[
            ("/queues/1/copies/slots/0/enqueued_at", json!(2_000_000)),
            ("/queues/1/copies/slots/0/message/id", json!("q1.99")),
            ("/queues/1/copies/slots/0/message/id", json!("t7.0")),
            ("/queues/1/copies/slots/0/message/group", json!("")),
        ],
    );
    refused_as(
        "a copy could not have come to where it is",
        &[("/queues/0/copies/slots/1/history/0/from", json!(0))],
    );
    let blocked = json!({ "blocked": { "reason": "rejected" } });
    refused_as(
        "a queue's blocked copies are not those listed",
        &[("/queues/0/copies/slots/1/state", blocked)],
    );
    refused_as("two copies of a queue have one place", &[("/queues/1/next_seq", json!(1))]);
}

#[test]
fn states_that_contradict_a_copys_life_are_refused() {
    let what = "a copy could not have come to where it is";
    let held = sound()["content"]["queues"][1]["copies"]["slots"]
        .as_array()
        .and_then(|slots| slots.iter().position(|slot| slot["state"]["in_flight"].is_object()))
        .unwrap();
    let deliveries = std::format!("{COPIES}/{held}/deliveries");
    let since = std::format!("{COPIES}/{held}/state/in_flight/since");
    for (place, value) in [(&deliveries, json!(0)), (&since, json!(0)), (&since, json!(9_000_000))]
    {
        let refused = refusal(&[(place, value)]);
        assert_eq!(refused, Some(RestoreError::Damaged { what }), "{place}");
    }
    // Blocked, and listed as such, where there are no dead letters to wait for.
    let slots = sound()["content"]["queues"][0]["copies"]["slots"].clone();
    let seq = slots[1]["seq"].clone();
    let refused = refusal(&[
        ("/queues/0/copies/slots/1/state", json!({ "blocked": { "reason": "rejected" } })),
        ("/queues/0/blocked", json!([{ "seq": seq, "slot": 1 }])),
    ]);
    assert_eq!(refused, Some(RestoreError::Damaged { what }));
}
