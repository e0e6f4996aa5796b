#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::string::ToString;

use super::*;

/// An engine with something in every corner.
fn full() -> Engine {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", QueueConfig { capacity: 1, ..brisk() });
    let queue = bench.queue("orders", QueueConfig { dead_letters: Some(dead), ..brisk() });
    let topic = bench.topic("t");
    bench.subscribe(topic, queue, OnFull::Divert);
    for name in ["acked", "dead", "blocked", "held", "returned", "ready"] {
        bench.put(queue, name);
    }
    let held = bench.get_all(queue, 5);
    let ways = [Settle::Ack, REJECT, REJECT, RETRY, Settle::Release];
    for (delivery, how) in held.iter().zip(ways) {
        if body_of(delivery) != "held" {
            bench.settle(delivery, how).unwrap();
        }
    }
    let message = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("keyed") };
    bench.publish(Address::Topic(topic), message).unwrap();
    let config = LedgerConfig::default();
    let ledger = Command::CreateLedger { name: "l".into(), config };
    let Ok(Reply::Ledger(ledger)) = bench.engine.apply(bench.at(), ledger, &mut ()) else {
        panic!()
    };
    let claim = Command::Claim { ledger, key: "k".into(), fingerprint: [1; 32] };
    bench.engine.apply(bench.at(), claim, &mut ()).unwrap();
    bench.engine
}

fn restore(text: &str) -> Result<Engine, std::string::String> {
    let snapshot: Snapshot = serde_json::from_str(text).map_err(|error| error.to_string())?;
    Engine::restore(snapshot).map_err(|error| error.to_string())
}

#[test]
fn a_snapshot_holds_the_whole_state() {
    let engine = full();
    let text = serde_json::to_string(&engine.snapshot()).unwrap();
    let restored = restore(&text).unwrap();
    assert_eq!(restored.digest(), engine.digest());
    assert_eq!(restored.next_deadline(), engine.next_deadline());
    assert_eq!(serde_json::to_string(&restored.snapshot()).unwrap(), text);
}

#[test]
fn another_version_is_refused_with_the_remedy() {
    let text = serde_json::to_string(&full().snapshot()).unwrap();
    let newer = text.replacen("\"semantics_version\":2", "\"semantics_version\":3", 1);
    let refused = restore(&newer).map(|_| ()).unwrap_err();
    assert_eq!(
        refused,
        "the snapshot is of semantics version 3, newer than 2: restore it with the release that wrote it"
    );
}

#[test]
fn damage_is_refused_and_never_half_restored() {
    let text = serde_json::to_string(&full().snapshot()).unwrap();
    let damages = [
        ("\"next_lease\":6", "\"next_lease\":2"),
        ("\"next_seq\":7", "\"next_seq\":3"),
        ("\"capacity\":1,", "\"capacity\":0,"),
        ("\"feeders\":[1]", "\"feeders\":[]"),
        ("\"dead_letters\":0", "\"dead_letters\":1"),
        ("\"free\":[]", "\"free\":[0]"),
        ("\"next_number\":1", "\"next_number\":0"),
    ];
    for (sound, damaged) in damages {
        assert!(text.contains(sound), "{sound} is not in {text}");
        let refused = restore(&text.replacen(sound, damaged, 1));
        assert!(refused.is_err(), "{damaged} was restored");
    }
}

#[test]
fn every_cut_of_the_text_is_refused() {
    let text = serde_json::to_string(&full().snapshot()).unwrap();
    for end in 0..text.len() {
        assert!(restore(&text[..end]).is_err(), "cut at {end}");
    }
}
