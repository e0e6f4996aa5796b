//! Batches, purges, and redrives that are selected or cancelled.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    DeadReason, DedupScope, Select, SettleError,
    limits::{BATCH_MAX, SELECT_MAX, SUBJECT_BYTES_MAX},
};

fn apply(bench: &mut Bench, command: Command) -> Result<Reply, Error> {
    let at = bench.at();
    bench.engine.apply(at, command, &mut bench.events)
}

fn kill(bench: &mut Bench, queue: QueueId, how: Settle) {
    bench.put(queue, "a");
    let held = bench.get(queue).unwrap();
    bench.settle(&held, how).unwrap();
}

fn dead_pair(bench: &mut Bench) -> (QueueId, QueueId) {
    let dead = bench.queue("dead", brisk());
    let config = QueueConfig { dead_letters: Some(dead), max_deliveries: 1, ..brisk() };
    (bench.queue("orders", config), dead)
}

#[test]
fn each_message_of_a_batch_is_published_or_refused_as_if_alone() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", QueueConfig { capacity: 2, ..brisk() });
    let keyed = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("a") };
    let messages = std::vec![keyed.clone(), keyed, "b".into(), "c".into()];
    let reply = apply(&mut bench, Command::PublishBatch { to: Address::Queue(queue), messages });
    let Ok(Reply::PublishedEach(each)) = reply else { panic!("{reply:?}") };
    let duplicates: Vec<_> =
        each.iter().map(|one| one.as_ref().map(|published| published.duplicate).ok()).collect();
    assert_eq!(duplicates, [Some(false), Some(true), Some(false), None]);
    assert!(matches!(each[3], Err(PublishError::Full { .. })));
    assert_eq!(bench.bodies(queue), ["a", "b"]);
}

#[test]
fn each_settlement_of_a_batch_is_made_or_refused_as_if_alone() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "a");
    bench.put(queue, "b");
    let late = bench.get(queue).unwrap();
    bench.pass(1_000);
    let held = bench.get_all(queue, 2);
    let settlements = [&late, &held[0], &held[1]].map(|one| (one.receipt, Settle::Ack)).to_vec();
    let reply = apply(&mut bench, Command::SettleBatch { settlements });
    let each = std::vec![Err(SettleError::Stale), Ok(()), Ok(())];
    assert_eq!(reply, Ok(Reply::SettledEach(each)));
    assert_eq!(bench.stats(queue).depth(), 0);
}

#[test]
fn a_batch_has_1_to_256_entries() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let to = Address::Queue(queue);
    for (count, fits) in [(0, false), (1, true), (BATCH_MAX, true), (BATCH_MAX + 1, false)] {
        let messages = std::vec![NewMessage::new("a"); count as usize];
        let refused = apply(&mut bench, Command::PublishBatch { to, messages }).err();
        let error = Error::Batch(BatchError { count: u64::from(count) });
        assert_eq!(refused, (!fits).then_some(error));
    }
    let refused = apply(&mut bench, Command::SettleBatch { settlements: Vec::new() });
    assert_eq!(refused, Err(Error::Batch(BatchError { count: 0 })));
}

#[test]
fn a_purge_discards_what_is_ready_delayed_and_held() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    bench.put(queue, "held");
    let held = bench.get(queue).unwrap();
    let delayed = NewMessage { delay: Span::from_secs(1), ..NewMessage::new("delayed") };
    bench.publish(Address::Queue(queue), delayed).unwrap();
    bench.put(queue, "ready");
    let at = bench.at();
    assert_eq!(bench.engine.purge(at, queue, false, &mut bench.events), Ok(3));
    bench.pass(5_000);
    assert_eq!((bench.get(queue), bench.stats(queue).depth()), (None, 0));
    assert_eq!(bench.settle(&held, Settle::Ack), Err(SettleError::Stale));
    let purged =
        |event: &Event| matches!(event, Event::Discarded { reason: DeadReason::Purged, .. });
    assert_eq!(bench.events.iter().filter(|(_, event)| purged(event)).count(), 3);
}

#[test]
fn a_purge_keeps_the_dedup_keys_unless_told_otherwise() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let keyed = NewMessage { dedup_key: Some("k".into()), ..NewMessage::new("a") };
    for (forget, duplicate) in [(false, true), (true, false)] {
        bench.publish(Address::Queue(queue), keyed.clone()).unwrap();
        let at = bench.at();
        bench.engine.purge(at, queue, forget, &mut bench.events).unwrap();
        let again = bench.publish(Address::Queue(queue), keyed.clone()).unwrap();
        assert_eq!(again.duplicate, duplicate);
    }
}

#[test]
fn a_purge_makes_room_for_what_waits_for_it() {
    let mut bench = Bench::default();
    let dead = bench.queue("dead", QueueConfig { capacity: 1, ..brisk() });
    let config = QueueConfig { dead_letters: Some(dead), ..brisk() };
    let queue = bench.queue("orders", config);
    kill(&mut bench, queue, REJECT);
    kill(&mut bench, queue, REJECT);
    assert_eq!(bench.stats(queue).blocked, 1);
    let at = bench.at();
    assert_eq!(bench.engine.purge(at, dead, false, &mut bench.events), Ok(1));
    assert_eq!((bench.stats(queue).blocked, bench.stats(dead).ready), (0, 1));
}

#[test]
fn a_redrive_takes_only_what_is_selected() {
    let mut bench = Bench::default();
    let (queue, dead) = dead_pair(&mut bench);
    kill(&mut bench, queue, REJECT);
    kill(&mut bench, queue, RETRY);
    let at = bench.at();
    let exhausted = Select { reason: Some(DeadReason::Exhausted), ..Select::default() };
    let redrive = Redrive { select: exhausted, ..Redrive::all(dead) };
    assert_eq!(bench.engine.redrive(at, redrive, &mut ()).map(|done| done.moved), Ok(1));
    let left = bench.engine.peek(dead, 0, 9);
    assert_eq!(left.len(), 1);
    let elsewhere = Select { source: Some(dead), ..Select::default() };
    let this = Select { messages: std::vec![left[0].message.id], ..Select::default() };
    for (select, moved) in [(elsewhere, 0), (this, 1)] {
        let redrive = Redrive { select, ..Redrive::all(dead) };
        assert_eq!(bench.engine.redrive(at, redrive, &mut ()).map(|done| done.moved), Ok(moved));
    }
}

#[test]
fn a_redrive_selects_at_most_256_messages() {
    let mut bench = Bench::default();
    let (queue, dead) = dead_pair(&mut bench);
    let id = bench.put(queue, "a").message;
    for (count, fits) in [(SELECT_MAX, true), (SELECT_MAX + 1, false)] {
        let select = Select { messages: std::vec![id; count as usize], ..Select::default() };
        let redrive = Redrive { select, ..Redrive::all(dead) };
        let at = bench.at();
        let refused = bench.engine.redrive(at, redrive, &mut ()).err();
        let error = RedriveError::TooManySelected { count: u64::from(count) };
        assert_eq!(refused, (!fits).then_some(error));
    }
}

#[test]
fn a_redrive_at_a_rate_is_one_at_a_time_and_can_be_cancelled() {
    let mut bench = Bench::default();
    let (queue, dead) = dead_pair(&mut bench);
    for _ in 0..4 {
        kill(&mut bench, queue, REJECT);
    }
    assert_eq!(bench.redrive(dead, Some(1)).scheduled, 3);
    let at = bench.at();
    let second = bench.engine.redrive(at, Redrive::all(dead), &mut ());
    assert_eq!(second, Err(RedriveError::UnderWay { queue: dead }));
    bench.pass(1_000);
    let at = bench.at();
    let done = bench.engine.cancel_redrive(at, dead, &mut bench.events);
    assert_eq!(done, Ok(Redriven { moved: 2, stayed: 0, scheduled: 0 }));
    bench.pass(9_000);
    assert_eq!((bench.stats(queue).depth(), bench.stats(dead).depth()), (2, 2));
    let at = bench.at();
    let again = bench.engine.cancel_redrive(at, dead, &mut ());
    assert_eq!(again, Err(RedriveError::NoneUnderWay { queue: dead }));
}

#[test]
fn a_redrive_does_not_send_round_what_dies_again_meanwhile() {
    let mut bench = Bench::default();
    let (queue, dead) = dead_pair(&mut bench);
    kill(&mut bench, queue, REJECT);
    kill(&mut bench, queue, REJECT);
    bench.redrive(dead, Some(1));
    let held = bench.get(queue).unwrap();
    bench.settle(&held, REJECT).unwrap();
    bench.pass(9_000);
    let ended = Event::RedriveEnded { queue: dead, moved: 2, stayed: 0, cancelled: false };
    assert!(bench.events.iter().any(|(_, event)| *event == ended));
    assert_eq!((bench.stats(queue).depth(), bench.stats(dead).depth()), (1, 1));
}

#[test]
fn a_dedup_key_counts_in_its_group_where_that_is_the_scope() {
    for (dedup_scope, duplicate) in [(DedupScope::Address, true), (DedupScope::Group, false)] {
        let mut bench = Bench::default();
        let queue = bench.queue("orders", QueueConfig { dedup_scope, ..brisk() });
        let keyed = |group: &str, key: &str| NewMessage {
            dedup_key: Some(key.into()),
            group: Some(group.into()),
            ..NewMessage::new("a")
        };
        let mut publish = |message| bench.publish(Address::Queue(queue), message).unwrap();
        assert!(!publish(keyed("g1", "k")).duplicate);
        assert_eq!(publish(keyed("g2", "k")).duplicate, duplicate);
        assert!(publish(keyed("g1", "k")).duplicate);
        assert!(!publish(keyed("g", "1k")).duplicate, "where a group ends is clear");
    }
}

#[test]
fn a_subject_is_words_joined_by_dots() {
    let mut bench = Bench::default();
    let queue = bench.queue("orders", brisk());
    let longest = "s".repeat(SUBJECT_BYTES_MAX as usize);
    let longer = std::format!("{longest}s");
    let sound = ["orders", "orders.eu.created", "Übersee.§1", &longest];
    let unsound = ["", ".", "a.", ".a", "a..b", "a.*", "a.>", "a b", "a.\u{a0}b", &longer];
    for (subjects, fits) in [(&sound[..], true), (&unsound[..], false)] {
        for subject in subjects {
            let subject = Some(String::from(*subject));
            let message = NewMessage { subject: subject.clone(), ..NewMessage::new("a") };
            let refused = bench.publish(Address::Queue(queue), message).err();
            assert!(matches!(refused, None | Some(PublishError::Subject(_))), "{refused:?}");
            assert_eq!(refused.is_none(), fits, "{subject:?}");
        }
    }
}
