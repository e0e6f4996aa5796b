//! A station, with and without a world around it.

mod agenda;
mod isolation;
mod mishap;
mod operator;
mod world;

use alloc::{string::ToString, vec::Vec};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use self::world::{Provider, World, backoff};
use super::*;
use crate::{
    Address, Ambiguous, BreakerConfig, CallId, Command, CopyState, DeadReason, Entropy, Event,
    FailReason, HopReason, NewMessage, OutOfRange, QueueConfig, Rate, RestoreError, Span,
};

const QUEUE: QueueId = QueueId::new(1);
const DEAD: QueueId = QueueId::new(0);
const LONG: Timestamp = Timestamp::from_millis(3_600_000);

#[test]
fn a_healthy_provider_gets_every_message_once() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    world.produce(queue, 100, Span::from_millis(5));
    world.run(LONG);
    assert_eq!(world.depth(queue), 0);
    assert_eq!(world.count(|event| matches!(event, Event::CallSucceeded { .. })), 100);
    assert_eq!(world.count(|event| matches!(event, Event::Acked { .. })), 100);
    assert_eq!(world.count(|event| matches!(event, Event::CallStarted { .. })), 100);
}

#[test]
fn a_message_to_a_hung_provider_dies_of_its_deliveries() {
    let mut world = World::new(1);
    let config = QueueConfig {
        max_deliveries: 3,
        backoff: backoff(Span::from_secs(1)),
        ..QueueConfig::default()
    };
    let queue = mail(&mut world, config, consumer(), Provider::Hanging);
    world.produce(queue, 1, Span::ZERO);
    world.run(LONG);
    let said = world.trace_of(queue).into_iter().filter_map(|(at, event)| match event {
        Event::CallStarted { .. } => Some((at.as_micros() / 1_000_000, "call")),
        Event::CallFailed { reason: FailReason::Timeout, .. } => {
            Some((at.as_micros() / 1_000_000, "timeout"))
        }
        Event::DeadLettered { reason: DeadReason::Exhausted, .. } => {
            Some((at.as_micros() / 1_000_000, "dead"))
        }
        _ => None,
    });
    let said: Vec<_> = said.collect();
    assert_eq!(
        said,
        [
            (0, "call"),
            (2, "timeout"),
            (3, "call"),
            (5, "timeout"),
            (7, "call"),
            (9, "timeout"),
            (9, "dead")
        ]
    );
    let dead = world.station.engine().peek(DEAD, 0, 9);
    assert_eq!(dead.len(), 1);
    assert_eq!(dead[0].history[0].why, HopReason::DeadLettered(DeadReason::Exhausted));
    assert_eq!(dead[0].history[0].deliveries, 3);
}

#[test]
fn an_open_breaker_spends_no_deliveries() {
    let breaker = BreakerConfig { minimum_calls: 2, ..BreakerConfig::default() };
    let config = ConsumerConfig { concurrency: 1, breaker: Some(breaker), ..consumer() };
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), config, Provider::Failing);
    world.produce(queue, 50, Span::from_millis(1));
    world.run(Timestamp::from_millis(9_000));
    assert_eq!(world.count(|event| matches!(event, Event::BreakerOpened { .. })), 1);
    assert_eq!(world.count(|event| matches!(event, Event::Delivered { .. })), 2);
    assert_eq!(world.depth(queue), 50, "all are there");

    world.providers[0] = Provider::Healthy;
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::BreakerClosed { .. })), 1);
    assert_eq!(world.count(|event| matches!(event, Event::Acked { .. })), 50);
    assert_eq!(world.depth(queue) + world.depth(DEAD), 0);
}

#[test]
fn the_rate_limit_spreads_calls_over_time() {
    let config = ConsumerConfig { rate: Some(Rate { per_second: 10, burst: 3 }), ..consumer() };
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), config, Provider::Healthy);
    world.produce(queue, 20, Span::ZERO);
    world.run(LONG);
    let started = |(_, event): &&(Timestamp, Event)| matches!(event, Event::CallStarted { .. });
    let starts = world.trace.iter().filter(started).map(|(at, _)| at.as_micros() / 1_000);
    let due = (0..20_u64).map(|n| n.saturating_sub(2) * 100);
    assert!(starts.eq(due));
    assert_eq!(world.count(|event| matches!(event, Event::Throttled { .. })), 17);
}

#[test]
fn an_unknown_outcome_is_dead_at_once_where_a_resend_is_not_safe() {
    let config = ConsumerConfig { ambiguous: Ambiguous::DeadLetter, ..consumer() };
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), config, Provider::Hanging);
    world.produce(queue, 1, Span::ZERO);
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::CallStarted { .. })), 1);
    let unknown = |e: &Event| matches!(e, Event::DeadLettered { reason: DeadReason::Unknown, .. });
    assert_eq!(world.count(unknown), 1);
}

#[test]
fn a_retry_without_delay_is_called_at_once_and_not_for_ever() {
    let mut world = World::new(1);
    let config = QueueConfig { backoff: backoff(Span::ZERO), ..QueueConfig::default() };
    let queue = mail(&mut world, config, consumer(), Provider::Failing);
    world.produce(queue, 10, Span::ZERO);
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::CallFailed { .. })), 50);
    assert_eq!(world.depth(DEAD), 10);
}

#[test]
fn consumers_of_one_queue_share_its_messages() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    let second = world.attach("second", queue, consumer(), Provider::Healthy);
    world.produce(queue, 100, Span::from_millis(1));
    world.run(LONG);
    let by_second =
        |e: &Event| matches!(e, Event::CallSucceeded { consumer, .. } if *consumer == second);
    assert_eq!(world.count(|event| matches!(event, Event::CallSucceeded { .. })), 100);
    assert!((20..=80).contains(&world.count(by_second)));
}

#[test]
fn all_that_is_due_happens_before_a_command_of_the_same_time() {
    // A call ends at 2 s and its message dies; the earlier consumer of the dead letters gets it.
    let mut world = World::new(1);
    let dead = world.queue("dead", QueueConfig::default());
    world.attach("morgue", dead, consumer(), Provider::Hanging);
    let config =
        QueueConfig { dead_letters: Some(dead), max_deliveries: 1, ..QueueConfig::default() };
    let queue = world.queue("mail", config);
    world.attach("mailer", queue, consumer(), Provider::Hanging);
    world.produce(queue, 1, Span::ZERO);
    world.run(Timestamp::ZERO);
    let before = world.trace.len();

    let now = Timestamp::from_millis(2_000);
    let mut ticked = world.clone();
    ticked.apply(now, Entropy::new(0), Station::tick());
    for world in [&mut world, &mut ticked] {
        let publish = Command::Publish { to: Address::Queue(queue), message: NewMessage::new("x") };
        world.apply(now, Entropy::new(0), StationCommand::Engine(publish));
    }
    assert_eq!(world.trace, ticked.trace);
    assert_eq!(world.station.digest(), ticked.station.digest());
    let names = world.trace[before..].iter().map(|(_, event)| alloc::format!("{event:?}"));
    let names: Vec<_> = names.map(|name| name.split(' ').next().unwrap().to_string()).collect();
    let due = ["CallFailed", "DeadLettered", "Enqueued", "Woken", "Delivered", "CallStarted"];
    let command = ["Published", "Enqueued", "Woken", "Delivered", "CallStarted"];
    assert_eq!(names, [&due[..], &command[..]].concat());
}

#[test]
fn time_never_runs_backwards() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Hanging);
    world.apply(Timestamp::from_millis(10_000), Entropy::new(0), Station::tick());
    world.produce(queue, 1, Span::ZERO);
    world.run(Timestamp::ZERO);
    let started = last(&world, |event| matches!(event, Event::CallStarted { .. }));
    assert_eq!(started, Some(Timestamp::from_millis(10_000)));
}

#[test]
fn a_host_that_comes_too_late_loses_the_lease_and_nothing_else() {
    let mut world = World::new(1);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Hanging);
    world.produce(queue, 1, Span::ZERO);
    world.run(Timestamp::ZERO);
    // The call ended at 2 s, the lease at 30 s; the host slept through both.
    world.apply(Timestamp::from_millis(60_000), Entropy::new(0), Station::tick());
    assert_eq!(world.count(|event| matches!(event, Event::LeaseExpired { .. })), 1);
    assert_eq!(world.count(|event| matches!(event, Event::CallFailed { .. })), 1);
    assert_eq!(
        world.count(|event| matches!(event, Event::RetryScheduled { .. })),
        0,
        "it is stale"
    );
    let copies = world.station.engine().peek(queue, 0, 9);
    assert_eq!(copies[0].deliveries, 2, "it is called again");
    assert!(matches!(copies[0].state, CopyState::InFlight { .. }));
}

#[test]
fn the_next_deadline_is_the_earliest_of_queues_and_consumers() {
    let mut world = World::new(1);
    assert_eq!(world.station.next_deadline(), None);
    let queue = mail(&mut world, QueueConfig::default(), consumer(), Provider::Hanging);
    assert_eq!(world.station.next_deadline(), None);
    let delay = Span::from_millis(700);
    let message = NewMessage { delay, ..NewMessage::new("later") };
    let publish = Command::Publish { to: Address::Queue(queue), message };
    world.apply(Timestamp::ZERO, Entropy::new(0), StationCommand::Engine(publish));
    assert_eq!(world.station.next_deadline(), Some(Timestamp::from_millis(700)), "it matures");
    world.run(Timestamp::from_millis(700));
    assert_eq!(world.station.next_deadline(), Some(Timestamp::from_millis(2_700)), "call timeout");
}

#[test]
fn a_refused_command_changes_nothing_but_the_time() {
    let mut world = World::new(1);
    mail(&mut world, QueueConfig::default(), consumer(), Provider::Healthy);
    let nowhere = QueueId::new(99);
    let call = |consumer| CallRef { consumer, call: CallId::new(0) };
    let publish = Command::Publish { to: Address::Queue(nowhere), message: NewMessage::new("x") };
    let stranger = ConsumerId::new(1);
    for (command, why) in [
        (StationCommand::Engine(publish), "nothing at Queue(QueueId(99))"),
        (attach("mail", QUEUE, consumer()), "consumer `mail` exists already"),
        (
            Station::call_finished(call(stranger), Outcome::Delivered),
            "ConsumerId(1) does not exist",
        ),
    ] {
        let (before, events) = (world.station.digest(), world.trace.len());
        let at = At::time(Timestamp::ZERO);
        let error = world.station.apply(at, command, &mut world.trace).unwrap_err();
        assert!(error.to_string().contains(why), "{error}");
        assert_eq!((world.station.digest(), world.trace.len()), (before, events));
    }
    let unknown_call = Station::call_finished(call(ConsumerId::new(0)), Outcome::Delivered);
    world.apply(Timestamp::ZERO, Entropy::new(0), unknown_call);
    assert_eq!(world.count(|event| matches!(event, Event::CallAnsweredLate { .. })), 1);
}

#[test]
fn names_leases_and_settings_are_bounded() {
    let lease = Span::from_secs(30);
    let timeout = |call_timeout| ConsumerConfig { call_timeout, ..consumer() };
    let long = Err(AttachError::LeaseTooShort { lease_ms: 30_000, call_timeout_ms: 30_000 });
    let named = |bytes: usize| Err(AttachError::NameLength { bytes: bytes as u64 });
    let range = OutOfRange { setting: "concurrency", range: "1 to 10,000" };
    let busy = ConsumerConfig { concurrency: 0, ..consumer() };
    let ok = Ok(ConsumerId::new(0));
    for (name, queue, config, answer) in [
        ("", QUEUE, consumer(), named(0)),
        (&"n".repeat(81), QUEUE, consumer(), named(81)),
        (&"n".repeat(80), QUEUE, consumer(), ok.clone()),
        (
            "a",
            QueueId::new(2),
            consumer(),
            Err(AttachError::NoSuchQueue { queue: QueueId::new(2) }),
        ),
        ("a", QUEUE, timeout(lease), long),
        ("a", QUEUE, timeout(Span::from_millis(29_999)), ok),
        ("a", QUEUE, busy, Err(AttachError::OutOfRange(range))),
    ] {
        let mut station = Station::new();
        for name in ["dead", "mail"] {
            let create = Command::CreateQueue { name: name.into(), config: QueueConfig::default() };
            station.apply(At::default(), StationCommand::Engine(create), &mut ()).unwrap();
        }
        let reply = station.apply(At::default(), attach(name, queue, config), &mut ());
        assert_eq!(reply, answer.map(StationReply::Attached).map_err(StationError::Attach));
    }
}

#[test]
fn without_leases_a_call_may_take_any_time() {
    let mut world = World::new(1);
    let settlement = Settlement::OnDelivery;
    let config = ConsumerConfig { call_timeout: Span::from_secs(3_000), ..consumer() };
    let queue = mail(
        &mut world,
        QueueConfig { settlement, ..QueueConfig::default() },
        config,
        Provider::Failing,
    );
    world.produce(queue, 5, Span::ZERO);
    world.run(LONG);
    assert_eq!(world.count(|event| matches!(event, Event::CallFailed { .. })), 5, "once each");
    assert_eq!(world.depth(queue) + world.depth(DEAD), 0);
}

#[test]
fn a_station_holds_a_thousand_consumers() {
    let mut world = World::new(1);
    let queue = world.queue("mail", QueueConfig::default());
    for number in 0..CONSUMERS_MAX {
        world.attach(&number.to_string(), queue, consumer(), Provider::Healthy);
    }
    let one_more = attach("one more", queue, consumer());
    let error = world.station.apply(At::default(), one_more, &mut ()).unwrap_err();
    assert_eq!(error, StationError::Attach(AttachError::TooMany));
    assert_eq!(world.station.find_consumer("999"), Some(ConsumerId::new(999)));
    assert_eq!(world.station.consumer_name(ConsumerId::new(999)), Some("999"));
    assert_eq!(world.station.find_consumer("one more"), None);
    assert_eq!(world.station.consumer_name(ConsumerId::new(1_000)), None);
    world.produce(queue, 10, Span::ZERO);
    world.run(LONG);
    assert_eq!(world.depth(queue), 0);
}

#[test]
fn the_digest_covers_consumers() {
    let with = |config| {
        let mut world = World::new(1);
        mail(&mut world, QueueConfig::default(), config, Provider::Healthy);
        world.station.digest()
    };
    assert_eq!(with(consumer()), with(consumer()));
    assert_ne!(with(consumer()), with(ConsumerConfig { concurrency: 5, ..consumer() }));
}

#[test]
fn a_restored_station_goes_on_as_if_nothing_had_happened() {
    for seed in 0..20 {
        let mut world = busy_world(seed);
        world.run(Timestamp::from_millis(500 + 97 * seed));
        let text = serde_json::to_string(&world.station.snapshot()).unwrap();
        let mut copy = world.clone();
        copy.station = Station::restore(serde_json::from_str(&text).unwrap()).unwrap();
        assert_eq!(copy.station.digest(), world.station.digest(), "seed {seed}");
        world.run(LONG);
        copy.run(LONG);
        assert_eq!(copy.station.digest(), world.station.digest(), "seed {seed}");
        assert_eq!(copy.trace, world.trace, "seed {seed}");
    }
}

#[test]
fn a_consumer_ahead_of_its_time_is_refused() {
    let mut world = busy_world(3);
    world.run(Timestamp::from_millis(400));
    let text = serde_json::to_string(&world.station.snapshot()).unwrap();
    let at = text.rfind(r#""now":"#).unwrap() + 6;
    let rest = text[at..].trim_start_matches(|c: char| c.is_ascii_digit());
    let ahead = [&text[..at], "99999999999", rest].concat();
    let refused = serde_json::from_str(&ahead).map(Station::restore);
    assert!(matches!(refused, Ok(Err(RestoreError::Damaged { .. }))));
}

#[test]
fn a_consumer_that_would_wait_for_ever_is_refused() {
    let mut world = busy_world(3);
    world.run(Timestamp::from_millis(400));
    let text = serde_json::to_string(&world.station.snapshot()).unwrap();
    for time in [r#""as_of":"#, r#""state":{"open":{"until":"#, r#""deadline":"#] {
        let at = text.rfind(time).expect(time) + time.len();
        let rest = text[at..].trim_start_matches(|c: char| c.is_ascii_digit());
        let never = [&text[..at], "99999999999999999", rest].concat();
        let refused = serde_json::from_str(&never).map(Station::restore);
        assert!(matches!(refused, Ok(Err(RestoreError::Damaged { .. }))), "{time}");
    }
}

#[test]
fn a_damaged_snapshot_is_refused() {
    let mut world = busy_world(3);
    world.run(Timestamp::from_millis(400));
    let text = serde_json::to_string(&world.station.snapshot()).unwrap();
    for (sound, damaged) in [
        (r#""name":"mail","consumer""#, r#""name":"","consumer""#),
        (r#""name":"mail","consumer""#, r#""name":"post","consumer""#),
        (r#""consumer":{"id":0,"queue":1"#, r#""consumer":{"id":1,"queue":1"#),
        (r#""consumer":{"id":0,"queue":1"#, r#""consumer":{"id":0,"queue":9"#),
        (r#""asked":0"#, r#""asked":1"#),
        (r#""next_call":4"#, r#""next_call":4611686018427387904"#),
        (r#""concurrency":4"#, r#""concurrency":0"#),
        (r#""deadlines":["#, r#""deadlines":[[1,0]"#),
        (r#""next_call":4"#, r#""next_call":3"#),
        (r#""limiter":{"rate":{"per_second":40"#, r#""limiter":{"rate":{"per_second":0"#),
        (r#""breaker":{"config":{"window":20"#, r#""breaker":{"config":{"window":21"#),
        (r#""probes_left":0"#, r#""probes_left":3"#),
    ] {
        let at = text.rfind(sound).expect(sound);
        let text = [&text[..at], damaged, &text[at + sound.len()..]].concat();
        match serde_json::from_str(&text).map(Station::restore) {
            Err(_) | Ok(Err(RestoreError::Damaged { .. })) => {}
            Ok(other) => panic!("{damaged} was taken for sound: {:?}", other.err()),
        }
    }
}

/// Two channels in all sorts of trouble.
fn busy_world(seed: u64) -> World {
    let rate = Some(Rate { per_second: 40, burst: 2 });
    let config = ConsumerConfig { rate, breaker: Some(BreakerConfig::default()), ..consumer() };
    let mut world = World::new(seed);
    let queue = mail(&mut world, QueueConfig::default(), config, Provider::Flaky);
    world.produce(queue, 50, Span::from_millis(10));
    let post = world.channel("post", QueueConfig::default(), config, Provider::Hanging);
    world.produce(post, 50, Span::from_millis(10));
    world
}

fn consumer() -> ConsumerConfig {
    ConsumerConfig { call_timeout: Span::from_secs(2), ..ConsumerConfig::default() }
}

/// `DEAD` and `QUEUE`, with consumer 0.
fn mail(
    world: &mut World,
    queue: QueueConfig,
    config: ConsumerConfig,
    provider: Provider,
) -> QueueId {
    let queue = world.channel("mail", queue, config, provider);
    assert_eq!(queue, QUEUE);
    queue
}

fn attach(name: &str, queue: QueueId, config: ConsumerConfig) -> StationCommand {
    StationCommand::Attach { name: name.into(), queue, config }
}

fn last(world: &World, is: impl Fn(&Event) -> bool) -> Option<Timestamp> {
    world.trace.iter().rev().find(|(_, event)| is(event)).map(|(at, _)| *at)
}

fn apply(world: &mut World, command: StationCommand) -> Result<StationReply, StationError> {
    let at = At::time(world.station.engine().now());
    world.station.apply(at, command, &mut world.trace).inspect(|_| world.take_effects(at.now))
}
