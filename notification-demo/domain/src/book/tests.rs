use postroom_core::{ConsumerId, LedgerId, Outcome, Span, TopicId};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    demo_notification,
    tests::world::{HANGS, World},
    view::ChannelIds,
};

const AT: Timestamp = Timestamp::from_millis(1);
const TOPIC: TopicId = TopicId::new(0);
const SMS: QueueId = QueueId::new(5);
const WORKER: ConsumerId = ConsumerId::new(2);

fn empty(max: usize) -> Book {
    let ids = |channel: Channel| {
        let index = channel as u32;
        ChannelIds {
            channel,
            queue: QueueId::new(2 * index + 1),
            dead_letters: QueueId::new(2 * index),
            consumer: ConsumerId::new(index),
        }
    };
    let wiring = Wiring { topic: TOPIC, ledger: LedgerId::new(0), channels: Channel::ALL.map(ids) };
    Book::bounded(wiring, max)
}

fn message(number: u64) -> MessageId {
    MessageId { address: Address::Topic(TOPIC), number }
}

/// Message `number` is accepted, for SMS only.
fn accept(book: &mut Book, number: u64) {
    let message = message(number);
    let published =
        Event::Published { to: message.address, message, causation: None, correlation: message };
    book.record(AT, published);
    book.record(AT, Event::Enqueued { queue: SMS, message, due: None });
}

fn die(book: &mut Book, number: u64) {
    let (to, reason) = (QueueId::new(4), DeadReason::Exhausted);
    book.record(AT, Event::DeadLettered { queue: SMS, to, message: message(number), reason });
}

fn look_up(book: &Book, number: u64) -> Option<NotificationView> {
    book.notification(&NotificationId { tenant: TenantId::DEFAULT, message: message(number) })
}

fn known(book: &Book, numbers: std::ops::Range<u64>) -> Vec<u64> {
    numbers.filter(|number| look_up(book, *number).is_some()).collect()
}

#[test]
fn the_book_can_be_folded_anew_from_the_events() {
    let mut world = World::demo();
    world.set(Channel::Sms, HANGS);
    world.set(Channel::Email, |call| {
        Some(if call % 3 == 0 { Outcome::Delivered } else { Outcome::Transient })
    });
    for number in 0..100 {
        world.accept(number);
        world.run(Span::from_millis(300));
    }
    world.run(Span::from_secs(60));
    let mut book = Book::new(world.notifications.wiring());
    let mut accepted = 0;
    for (at, event) in &world.events {
        book.record(*at, *event);
        if let Event::Published { message, .. } = event {
            let new = demo_notification(accepted);
            let id = NotificationId { tenant: new.tenant, message: *message };
            book.describe(&id, new.event, new.severity);
            accepted += 1;
        }
    }
    book.position = world.notifications.position();
    assert!(book == world.notifications.book);
    assert_eq!(accepted, 100);
}

#[test]
fn the_oldest_that_has_ended_is_forgotten_first() {
    let mut book = empty(200);
    for number in 0..200 {
        accept(&mut book, number);
    }
    for number in [70, 71, 3, 150] {
        die(&mut book, number);
    }
    for number in 200..203 {
        accept(&mut book, number);
    }
    let gone: Vec<_> = (0..203).filter(|n| !known(&book, 0..203).contains(n)).collect();
    assert_eq!(gone, [3, 70, 71]);
    accept(&mut book, 203);
    accept(&mut book, 204);
    assert_eq!(known(&book, 0..4), [1, 2], "150, then the oldest, though it has not ended");
    assert!(known(&book, 150..151).is_empty());
    assert_eq!(book.len, 200);
}

#[test]
fn what_is_forgotten_stays_forgotten_and_leaves_nothing_behind() {
    let mut book = empty(64);
    for number in 0..10_000 {
        accept(&mut book, number);
        die(&mut book, number);
    }
    assert_eq!(known(&book, 0..10_000), (9_936..10_000).collect::<Vec<_>>());
    assert!(book.chunks.len() <= 2, "{} chunks", book.chunks.len());
    book.record(AT, Event::Enqueued { queue: SMS, message: message(7), due: None });
    assert!(known(&book, 0..100).is_empty());
}

#[test]
fn the_whole_book_has_its_limit() {
    let mut book = Book::new(empty(0).wiring);
    for number in 0..=BOOK_MAX as u64 {
        accept(&mut book, number);
    }
    assert_eq!(book.len, BOOK_MAX);
    assert!(known(&book, 0..2) == [1]);
}

#[test]
fn a_delivery_keeps_its_last_attempts() {
    let mut book = empty(1);
    accept(&mut book, 0);
    for call in 0..=ATTEMPTS_MAX as u64 {
        let (call, message) = (CallId::new(call), message(0));
        let started =
            Event::CallStarted { consumer: WORKER, queue: SMS, message, call, deadline: AT };
        book.record(AT, started);
        let reason = FailReason::Ambiguous;
        book.record(AT, Event::CallFailed { consumer: WORKER, queue: SMS, message, call, reason });
    }
    let view = look_up(&book, 0).unwrap();
    let attempts = &view.deliveries[0].attempts;
    assert_eq!(attempts.len(), ATTEMPTS_MAX);
    assert_eq!((attempts[0].number, attempts[15].number), (2, 17));
    assert_eq!(attempts[15].outcome, Some(AttemptOutcome::Unknown));
}

#[test]
fn a_dead_copy_without_room_among_the_dead_is_dead_all_the_same() {
    let mut book = empty(1);
    accept(&mut book, 0);
    let reason = DeadReason::Deadline;
    book.record(AT, Event::Blocked { queue: SMS, message: message(0), reason });
    let view = look_up(&book, 0).unwrap();
    assert_eq!(view.status, NotificationStatus::Failed);
    assert_eq!(view.deliveries[0].dead, Some(reason));
}

#[test]
fn a_copy_of_the_book_is_cheap_and_does_not_follow() {
    let mut book = empty(1_000);
    for number in 0..1_000 {
        accept(&mut book, number);
    }
    let copy = book.clone();
    die(&mut book, 999);
    let entries = |book: &Book, n: usize| Arc::clone(&book.chunks[n].1.entries);
    let shared = |n| Arc::ptr_eq(&entries(&book, n), &entries(&copy, n));
    assert!((0..15).all(shared) && !shared(15), "only the last chunk was copied");
    let state = |book: &Book| look_up(book, 999).unwrap().status;
    assert_eq!(state(&book), NotificationStatus::Failed);
    assert_eq!(state(&copy), NotificationStatus::Accepted);
}
