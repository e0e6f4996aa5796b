#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    consumer::OutOfRange,
    engine::{Command, Engine, PublishError},
    limits::{ATTRIBUTES_MAX, OUTBOX_MESSAGES_MAX, OUTGOING_MAX},
    queue::QueueConfig,
    resilience::{Backoff, Jitter},
};

type Reply = Result<OutboxReply<u32>, OutboxError<NoSuchOrder>>;

const DONE: Reply = Ok(OutboxReply::Done);

fn outbox(config: OutboxConfig, receipts_per_order: u32) -> Outbox<Shop> {
    Outbox::new("shop", config, Shop::new(receipts_per_order)).unwrap()
}

fn tell(outbox: &mut Outbox<Shop>, millis: u64, command: OutboxCommand<u32>) -> Reply {
    outbox.apply(at(millis), command, &mut ())
}

fn published(position: u64) -> OutboxCommand<u32> {
    OutboxCommand::Published { position }
}

fn failed(position: u64) -> OutboxCommand<u32> {
    OutboxCommand::Failed { position }
}

/// Position and body of what is due.
fn due(outbox: &Outbox<Shop>) -> Option<(u64, String)> {
    let Relay { position, publish: Command::Publish { message, .. } } = outbox.due()? else {
        panic!("a relay publishes");
    };
    Some((position, String::from_utf8_lossy(message.body.as_bytes()).into_owned()))
}

#[test]
fn messages_come_in_the_order_of_their_changes_and_positions_have_no_gap() {
    let mut outbox = outbox(OutboxConfig::default(), 2);
    for order in [7, 3] {
        assert_eq!(tell(&mut outbox, 0, OutboxCommand::Do(order)), Ok(OutboxReply::Did(order)));
    }
    for (position, body) in (0..).zip(["7.0", "7.1", "3.0", "3.1"]) {
        assert_eq!(due(&outbox), Some((position, body.into())));
        assert_eq!(due(&outbox), Some((position, body.into())), "looking changes nothing");
        assert_eq!(tell(&mut outbox, 0, published(position)), DONE);
    }
    assert_eq!((due(&outbox), outbox.waiting()), (None, 0));
    tell(&mut outbox, 0, OutboxCommand::Do(9)).unwrap();
    assert_eq!(due(&outbox), Some((4, "9.0".into())));
}

#[test]
fn what_is_refused_leaves_no_trace() {
    let config = OutboxConfig { capacity: 3, ..OutboxConfig::default() };
    let mut outbox = outbox(config, 2);
    tell(&mut outbox, 0, OutboxCommand::Do(1)).unwrap();
    let before = outbox.clone();
    let refused = tell(&mut outbox, 0, OutboxCommand::Do(0));
    assert_eq!(refused, Err(OutboxError::Application(NoSuchOrder)));
    let refused = tell(&mut outbox, 0, OutboxCommand::Do(2));
    assert_eq!(refused, Err(OutboxError::Full { capacity: 3 }));
    assert_eq!(outbox, before);
    tell(&mut outbox, 0, published(0)).unwrap();
    assert_eq!(tell(&mut outbox, 0, OutboxCommand::Do(2)), Ok(OutboxReply::Did(2)), "just room");
}

#[test]
fn one_command_sends_so_many_messages_with_so_many_attributes() {
    let config = OutboxConfig { capacity: OUTBOX_MESSAGES_MAX, ..OutboxConfig::default() };
    let mut most = outbox(config, OUTGOING_MAX);
    assert_eq!(tell(&mut most, 0, OutboxCommand::Do(1)), Ok(OutboxReply::Did(1)));
    let mut more = outbox(config, OUTGOING_MAX + 1);
    let count = u64::from(OUTGOING_MAX) + 1;
    let refused = tell(&mut more, 0, OutboxCommand::Do(1));
    assert_eq!(refused, Err(OutboxError::TooManyOutgoing { count }));
    assert_eq!(more.decider().charged(1), 0);

    /// Sends one message with so many attributes.
    struct Labels(u32);
    impl Decider for Labels {
        type Command = ();
        type Change = ();
        type Reply = ();
        type Error = NoSuchOrder;
        fn decide(&self, _: At, (): ()) -> Result<Decision<(), ()>, NoSuchOrder> {
            let attributes = (0..self.0).map(|n| (format!("{n}"), String::new())).collect();
            let message = NewMessage { attributes, ..NewMessage::new("m") };
            let outgoing = [Outgoing::new(Address::Queue(QueueId::new(0)), message)].into();
            Ok(Decision { change: (), reply: (), outgoing })
        }
        fn evolve(&mut self, (): ()) {}
    }
    for (attributes, fits) in [(ATTRIBUTES_MAX - 1, true), (ATTRIBUTES_MAX, false)] {
        let mut outbox = Outbox::new("o", config, Labels(attributes)).unwrap();
        let reply = outbox.apply(at(0), OutboxCommand::Do(()), &mut ());
        let refused = Err(OutboxError::Unpublishable(PublishError::AttributesTooLarge));
        assert_eq!(reply, if fits { Ok(OutboxReply::Did(())) } else { refused });
        let Some(relay) = outbox.due() else { continue };
        let mut engine = Engine::new();
        engine.create_queue(at(0), "q", QueueConfig::default(), &mut ()).unwrap();
        engine.apply(at(0), relay.publish, &mut ()).unwrap();
    }
}

#[test]
fn a_refused_message_holds_up_the_others_until_its_backoff_is_over() {
    let backoff = Backoff { jitter: Jitter::None, ..Backoff::default() };
    let mut outbox = outbox(OutboxConfig { backoff, ..OutboxConfig::default() }, 2);
    tell(&mut outbox, 0, OutboxCommand::Do(1)).unwrap();
    for (now, pause) in [(0, 1_000), (1_000, 2_000), (3_000, 4_000)] {
        tell(&mut outbox, now, OutboxCommand::Tick).unwrap();
        assert_eq!(due(&outbox), Some((0, "1.0".into())));
        assert_eq!(tell(&mut outbox, now, failed(0)), DONE);
        assert_eq!(due(&outbox), None);
        assert_eq!(outbox.next_deadline(), Some(at(now + pause).now));
    }
    assert_eq!(outbox.failures(), 3);
    tell(&mut outbox, 7_000, OutboxCommand::Tick).unwrap();
    assert_eq!(outbox.next_deadline(), None, "it is due, and nothing more comes by itself");
    tell(&mut outbox, 7_000, published(0)).unwrap();
    assert_eq!((due(&outbox), outbox.failures()), (Some((1, "1.1".into())), 0));
}

#[test]
fn what_is_said_twice_or_out_of_turn_drops_nothing() {
    let mut outbox = outbox(OutboxConfig::default(), 2);
    let not_next = |position, next| Err(OutboxError::NotNext { position, next });
    assert_eq!(tell(&mut outbox, 0, published(0)), not_next(0, 0), "nothing waits");
    tell(&mut outbox, 0, OutboxCommand::Do(1)).unwrap();
    assert_eq!(tell(&mut outbox, 0, published(1)), not_next(1, 0));
    assert_eq!(tell(&mut outbox, 0, failed(1)), not_next(1, 0));
    assert_eq!(tell(&mut outbox, 0, published(0)), DONE);
    assert_eq!(tell(&mut outbox, 0, published(0)), DONE, "said before");
    assert_eq!(tell(&mut outbox, 0, failed(0)), DONE, "late");
    assert_eq!(due(&outbox), Some((1, "1.1".into())));
    let discard = |position| OutboxCommand::Discard { position };
    assert_eq!(tell(&mut outbox, 0, discard(0)), not_next(0, 1), "it was published");
    assert_eq!(tell(&mut outbox, 0, discard(1)), DONE);
    assert_eq!(outbox.waiting(), 0);
}

#[test]
fn a_message_carries_its_identity_and_keeps_its_own_dedup_key() {
    struct Keyed;
    impl Decider for Keyed {
        type Command = Option<String>;
        type Change = ();
        type Reply = ();
        type Error = NoSuchOrder;
        fn decide(&self, _: At, key: Option<String>) -> Result<Decision<(), ()>, NoSuchOrder> {
            let message = NewMessage { dedup_key: key, ..NewMessage::new("m") };
            let outgoing = [Outgoing::new(Address::Queue(QueueId::new(0)), message)].into();
            Ok(Decision { change: (), reply: (), outgoing })
        }
        fn evolve(&mut self, (): ()) {}
    }
    // The longest name still leaves room for the greatest position.
    let name = "n".repeat(80);
    let mut outbox = Outbox::new(&name, OutboxConfig::default(), Keyed).unwrap();
    for (position, own) in [(0, None), (1, Some(String::from("order 17")))] {
        outbox.apply(at(0), OutboxCommand::Do(own.clone()), &mut ()).unwrap();
        let publish = outbox.due().unwrap().publish;
        let Command::Publish { message, .. } = publish else { panic!("a relay publishes") };
        let identity = format!("{name}/{position}");
        assert_eq!(message.attributes.get(OUTBOX_ATTRIBUTE), Some(&identity));
        assert_eq!(message.dedup_key, Some(own.unwrap_or(identity)));
        outbox.apply(at(0), OutboxCommand::Published { position }, &mut ()).unwrap();
    }
}

#[test]
fn settings_are_bounded_at_both_ends() {
    let made = |bytes: usize, capacity| {
        let config = OutboxConfig { capacity, ..OutboxConfig::default() };
        Outbox::new(&"n".repeat(bytes), config, Shop::new(1)).map(drop)
    };
    for (bytes, fits) in [(0, false), (1, true), (80, true), (81, false)] {
        let refused = Err(OutOfRange { setting: "name", range: "1 to 80 bytes" });
        assert_eq!(made(bytes, 1), if fits { Ok(()) } else { refused });
    }
    let most = OUTBOX_MESSAGES_MAX;
    for (capacity, fits) in [(0, false), (1, true), (most, true), (most + 1, false)] {
        let refused = Err(OutOfRange { setting: "capacity", range: "1 to 1,000,000" });
        assert_eq!(made(1, capacity), if fits { Ok(()) } else { refused });
    }
}
