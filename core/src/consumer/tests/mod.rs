//! A consumer alone, with deliveries made by hand.

mod breaker;
mod mishap;
mod pause;

use alloc::{vec, vec::Vec};

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::*;
use crate::{
    engine::Settle,
    entropy::Entropy,
    id::{Address, LeaseId},
    limits::{CONCURRENCY_MAX, SPAN_MAX},
    machine::Outcome,
    message::{Delivery, Message, NewMessage},
    resilience::{BreakerConfig, BreakerWindow, Rate},
    time::Span,
};
use FailReason::Timeout;

const CONFIG: ConsumerConfig = ConsumerConfig {
    concurrency: 2,
    call_timeout: Span::from_secs(2),
    rate: None,
    breaker: None,
    ambiguous: Ambiguous::Resend,
};

const BREAKER: BreakerConfig = BreakerConfig {
    window: BreakerWindow::Calls(4),
    minimum_calls: 2,
    failure_percent: 100,
    slow_call: None,
    slow_percent: 100,
    open: Span::from_secs(10),
    probes: 1,
    half_open: None,
};

#[test]
fn it_asks_for_what_it_can_start_and_no_more() {
    let mut desk = Desk::new(CONFIG);
    assert_eq!(desk.tell(0, ConsumerCommand::Tick), [], "it waits to be woken");
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), [receive(2)]);
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), [], "one request at a time");
    let started = desk.tell(1, received(2));
    assert_eq!(started, [start(0, 2_001), start(1, 2_001)]);
    assert_eq!(desk.consumer.calls_under_way(), 2);
    assert_eq!(desk.tell(2, ConsumerCommand::Woken), [], "both workers are busy");
    assert_eq!(desk.finish(3, 0, Outcome::Delivered), [settle(0, Settle::Ack), receive(1)]);
}

#[test]
fn less_than_asked_for_means_that_the_queue_is_empty() {
    let mut desk = Desk::new(CONFIG);
    desk.tell(0, ConsumerCommand::Woken);
    assert_eq!(desk.tell(0, received(1)), [start(0, 2_000)]);
    assert_eq!(desk.finish(1, 0, Outcome::Delivered), [settle(0, Settle::Ack)]);
    assert_eq!(desk.consumer.next_deadline(), None);
    assert_eq!(desk.tell(2, ConsumerCommand::Woken), [receive(2)]);
}

#[test]
fn as_much_as_asked_for_means_that_there_may_be_more() {
    let mut desk = Desk::new(ConsumerConfig { concurrency: 1, ..CONFIG });
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, received(1));
    assert_eq!(desk.finish(1, 0, Outcome::Delivered), [settle(0, Settle::Ack), receive(1)]);
    assert_eq!(desk.tell(1, received(0)), [], "there was not");
}

#[test]
fn a_wake_up_during_a_request_is_not_forgotten() {
    let mut desk = Desk::new(CONFIG);
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, ConsumerCommand::Woken);
    assert_eq!(desk.tell(0, received(0)), [receive(2)]);
}

#[test]
fn the_largest_concurrency_is_filled_in_portions() {
    let mut desk = Desk::new(ConsumerConfig { concurrency: CONCURRENCY_MAX, ..CONFIG });
    let mut wanted = desk.tell(0, ConsumerCommand::Woken);
    let mut portions = 0;
    while let Some(Action::Receive { max }) = wanted.last() {
        portions += 1;
        assert!((1..=RECEIVE_MAX).contains(max));
        wanted = desk.tell(0, received(*max));
    }
    assert_eq!(desk.consumer.calls_under_way(), CONCURRENCY_MAX);
    assert_eq!(portions, 40, "39 portions of 256 and one of 16");
}

#[test]
fn a_call_is_given_up_at_its_deadline_and_not_before() {
    let mut desk = Desk::busy(CONFIG);
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(2_000)));
    desk.consumer.apply(at_micros(1_999_999), ConsumerCommand::Tick, &mut ()).unwrap();
    assert_eq!(desk.consumer.calls_under_way(), 2);
    let given_up = desk.tell(2_000, ConsumerCommand::Tick);
    assert_eq!(
        given_up[..4],
        [abandon(0), settle(0, retry(Timeout)), abandon(1), settle(1, retry(Timeout))]
    );
    assert_eq!(desk.count("CallFailed"), 2);
}

#[test]
fn an_answer_at_the_deadline_is_late_and_changes_nothing() {
    let mut desk = Desk::busy(CONFIG);
    let wanted = desk.finish(2_000, 0, Outcome::Delivered);
    assert!(wanted.contains(&settle(0, retry(Timeout))) && wanted.contains(&abandon(0)));
    assert!(!wanted.contains(&settle(0, Settle::Ack)));
    let before = desk.consumer.digest();
    assert_eq!(desk.finish(2_000, 1, Outcome::Permanent), []);
    assert_eq!(desk.finish(2_000, 99, Outcome::Delivered), [], "no such call");
    assert_eq!(desk.consumer.digest(), before);
    assert_eq!(desk.count("CallAnsweredLate"), 3);
    assert_eq!(desk.count("CallSucceeded"), 0);
}

#[test]
fn an_answer_just_before_the_deadline_counts() {
    let mut desk = Desk::busy(CONFIG);
    let finished =
        ConsumerCommand::CallFinished { call: CallId::new(0), outcome: Outcome::Delivered };
    let wanted = desk.consumer.apply(at_micros(1_999_999), finished, &mut ()).unwrap();
    assert_eq!(wanted[0], settle(0, Settle::Ack));
}

#[test]
fn no_call_outlives_its_lease() {
    let mut desk = Desk::new(CONFIG);
    desk.tell(0, ConsumerCommand::Woken);
    let mut short = delivery(1);
    short.lease_until = Some(Timestamp::from_millis(700));
    let started = desk.tell(0, ConsumerCommand::Received(vec![delivery(0), short]));
    assert_eq!(started, [start(0, 2_000), start(1, 700)]);
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(700)));
    assert_eq!(desk.tell(700, ConsumerCommand::Tick)[0], abandon(1));
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(2_000)));
}

#[test]
fn whatever_leases_there_are_the_earliest_deadline_is_next() {
    for seed in 0..50 {
        let draw = |n: u64, what: u64, most: u64| Entropy::new(seed).draw_up_to(most, &[n, what]);
        let mut desk = Desk::new(ConsumerConfig { concurrency: 8, ..CONFIG });
        let mut under_way: Vec<(Timestamp, u64)> = Vec::new();
        desk.tell(0, ConsumerCommand::Woken);
        let (mut given, mut now_ms) = (0, 0);
        for n in 0..300 {
            now_ms += draw(n, 0, 120);
            let now = Timestamp::from_millis(now_ms);
            let over = under_way.extract_if(.., |(deadline, _)| *deadline <= now);
            let mut over: Vec<(Timestamp, u64)> = over.collect();
            over.sort_unstable();
            let wanted = desk.tell(now_ms, ConsumerCommand::Tick);
            let abandoned = wanted.iter().filter(|it| matches!(it, Action::Abandon { .. }));
            let expected: Vec<Action> = over.iter().map(|(_, call)| abandon(*call)).collect();
            assert!(abandoned.eq(&expected), "seed {seed}, at {now_ms} ms: {wanted:?}");

            if draw(n, 1, 2) == 0 && !under_way.is_empty() {
                let which = draw(n, 2, under_way.len() as u64 - 1) as usize;
                desk.finish(now_ms, under_way.swap_remove(which).1, Outcome::Delivered);
            } else if under_way.len() < 8 {
                let until_ms = now_ms + 1 + draw(n, 3, 1) * draw(n, 4, 3_000);
                desk.tell(now_ms, ConsumerCommand::Received(vec![leased(given, until_ms)]));
                under_way.push((Timestamp::from_millis(until_ms.min(now_ms + 2_000)), given));
                given += 1;
            }
            let next = under_way.iter().map(|(deadline, _)| *deadline).min();
            assert_eq!(desk.consumer.next_deadline(), next, "seed {seed}, at {now_ms} ms");
            assert!(desk.consumer.is_sound(now) || desk.consumer.asked > 0);
        }
    }
}

#[test]
fn what_comes_when_its_lease_is_over_is_not_called_for() {
    let mut desk = Desk::new(CONFIG);
    desk.tell(0, ConsumerCommand::Woken);
    let mut over = delivery(0);
    over.lease_until = Some(Timestamp::from_millis(5));
    let wanted = desk.tell(5, ConsumerCommand::Received(vec![over]));
    assert_eq!(wanted[0], settle(0, Settle::Release));
    assert_eq!(desk.consumer.calls_under_way(), 0);
}

#[test]
fn what_is_settled_on_delivery_is_never_settled_again() {
    for outcome in OUTCOMES {
        let mut desk = Desk::new(ConsumerConfig { concurrency: 1, ..CONFIG });
        desk.tell(0, ConsumerCommand::Woken);
        let settled = |n| Delivery { lease_until: None, ..delivery(n) };
        // One more than asked for: handing it back is not possible, so it is called for too.
        let both = ConsumerCommand::Received(vec![settled(0), settled(1)]);
        assert_eq!(desk.tell(0, both), [start(0, 2_000), start(1, 2_000)]);
        assert_eq!(desk.finish(1, 0, outcome), []);
        assert_eq!(desk.tell(2_000, ConsumerCommand::Tick)[0], abandon(1));
    }
}

#[test]
fn each_outcome_settles_in_its_own_way() {
    let pause = Span::from_secs(7);
    let asked_for = Settle::Retry { delay: Some(pause), reason: FailReason::Throttled };
    let longest = Settle::Retry { delay: Some(SPAN_MAX), reason: FailReason::Throttled };
    let endless = Span::from_micros(u64::MAX);
    for (outcome, how) in [
        (Outcome::Delivered, Settle::Ack),
        (Outcome::Transient, retry(FailReason::Transient)),
        (Outcome::Throttled { retry_after: None }, retry(FailReason::Throttled)),
        (Outcome::Throttled { retry_after: Some(pause) }, asked_for),
        (Outcome::Throttled { retry_after: Some(endless) }, longest),
        (Outcome::Permanent, Settle::Reject { reason: FailReason::Permanent }),
        (Outcome::Ambiguous, retry(FailReason::Ambiguous)),
    ] {
        let mut desk = Desk::busy(CONFIG);
        assert_eq!(desk.finish(1, 0, outcome)[0], settle(0, how), "{outcome:?}");
    }
}

#[test]
fn what_is_unknown_is_dead_lettered_where_a_resend_is_not_safe() {
    let careful = ConsumerConfig { ambiguous: Ambiguous::DeadLetter, ..CONFIG };
    let mut desk = Desk::busy(careful);
    let reject = |reason| Settle::Reject { reason };
    let lost = desk.finish(1, 0, Outcome::Ambiguous);
    assert_eq!(lost[0], settle(0, reject(FailReason::Ambiguous)));
    let given_up = desk.tell(2_000, ConsumerCommand::Tick);
    assert_eq!(given_up[..2], [abandon(1), settle(1, reject(Timeout))]);

    let mut desk = Desk::busy(careful);
    let failed = desk.finish(1, 0, Outcome::Transient);
    assert_eq!(failed[0], settle(0, retry(FailReason::Transient)), "this one is known");
}

#[test]
fn it_says_once_that_it_waits_for_a_token() {
    let rate = Some(Rate { per_second: 2, burst: 2 });
    let mut desk = Desk::new(ConsumerConfig { concurrency: 4, rate, ..CONFIG });
    assert_eq!(desk.tell(0, ConsumerCommand::Woken), [receive(2)], "no more than tokens");
    desk.tell(0, received(2));
    assert_eq!(desk.count("Throttled"), 0, "nothing is known to wait");
    for ms in [0, 1, 2, 499] {
        assert_eq!(desk.tell(ms, ConsumerCommand::Woken), []);
        assert_eq!(desk.finish(ms, ms, Outcome::Delivered).len(), usize::from(ms < 2));
    }
    assert_eq!(desk.count("Throttled"), 1);
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(500)));
    assert_eq!(desk.tell(500, ConsumerCommand::Tick), [receive(1)]);
    desk.tell(500, received(1));
    desk.tell(500, ConsumerCommand::Woken);
    assert_eq!(desk.count("Throttled"), 2, "the next token is another wait");
}

#[test]
fn a_burst_of_one_spreads_calls_evenly() {
    let rate = Some(Rate { per_second: 3, burst: 1 });
    let mut desk = Desk::new(ConsumerConfig { concurrency: 100, rate, ..CONFIG });
    let mut wanted = desk.tell(0, ConsumerCommand::Woken);
    let mut starts = Vec::new();
    while starts.len() < 7 {
        let now = desk.consumer.now;
        if wanted.contains(&receive(1)) {
            starts.push(now.as_micros());
            wanted = desk.apply(now, received(1));
        } else {
            let next = desk.consumer.next_deadline().unwrap();
            wanted = desk.apply(next, ConsumerCommand::Woken);
        }
    }
    assert_eq!(starts, [0, 333_334, 666_667, 1_000_000, 1_333_334, 1_666_667, 2_000_000]);
}

#[test]
fn busy_workers_are_not_called_throttled() {
    let rate = Some(Rate { per_second: 1, burst: 2 });
    let mut desk = Desk::busy(ConsumerConfig { rate, ..CONFIG });
    desk.tell(0, ConsumerCommand::Woken);
    assert_eq!(desk.count("Throttled"), 0);
    assert_eq!(desk.consumer.next_deadline(), Some(Timestamp::from_millis(2_000)));
}

#[test]
fn what_is_known_to_wait_is_throttled_although_more_came() {
    let rate = Some(Rate { per_second: 1, burst: 1 });
    let mut desk = Desk::new(ConsumerConfig { rate, ..CONFIG });
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, ConsumerCommand::Woken);
    desk.tell(0, received(1));
    assert_eq!(desk.count("Throttled"), 1);
}

#[test]
fn time_never_runs_backwards() {
    let mut desk = Desk::new(CONFIG);
    desk.tell(1_000, ConsumerCommand::Tick);
    desk.tell(0, ConsumerCommand::Woken);
    let started = desk.apply(Timestamp::ZERO, ConsumerCommand::Received(vec![leased(0, 31_000)]));
    assert_eq!(started, [start(0, 3_000)]);
}

#[test]
fn a_document_of_it_is_the_same_consumer() {
    let rate = Some(Rate { per_second: 3, burst: 5 });
    let mut desk = Desk::busy(ConsumerConfig { rate, breaker: Some(BREAKER), ..CONFIG });
    desk.finish(1, 0, Outcome::Transient);
    let text = serde_json::to_string(&desk.consumer).unwrap();
    let read: Consumer = serde_json::from_str(&text).unwrap();
    assert_eq!((&read, read.digest()), (&desk.consumer, desk.consumer.digest()));
}

#[test]
fn ticks_at_any_time_change_nothing() {
    for seed in 0..200 {
        let (plain, ticked) = (random_run(seed, false), random_run(seed, true));
        assert_eq!(plain, ticked, "seed {seed}");
        assert!(plain.len() > 20, "seed {seed}: something happens");
    }
}

/// A random life before a queue that never runs dry. Every deadline is kept; `with_ticks` comes by
/// at other times too.
fn random_run(seed: u64, with_ticks: bool) -> Vec<(Timestamp, Event)> {
    let draw = |n: u64, what: u64, most: u64| Entropy::new(seed).draw_up_to(most, &[n, what]);
    let config = ConsumerConfig {
        concurrency: 1 + draw(0, 1, 5) as u32,
        call_timeout: Span::from_millis(1 + draw(0, 2, 300)),
        rate: Some(Rate { per_second: 1 + draw(0, 3, 50) as u32, burst: 1 + draw(0, 4, 3) as u32 }),
        breaker: Some(BreakerConfig { open: Span::from_millis(500), ..BREAKER }),
        ..CONFIG
    };
    let mut desk = Desk::new(config);
    let mut answers = BTreeMap::new();
    let mut wanted = desk.tell(0, ConsumerCommand::Woken);
    for n in 1..120 {
        while !wanted.is_empty() {
            let mut more = Vec::new();
            for action in wanted {
                let now = desk.consumer.now;
                match action {
                    Action::Receive { max } => {
                        more.extend(desk.apply(now, received(max)));
                        more.extend(desk.apply(now, ConsumerCommand::Woken));
                    }
                    Action::Start { call, .. } => {
                        let takes = Span::from_millis(draw(call.number(), 5, 400));
                        answers.insert((now + takes, call), draw(call.number(), 6, 2));
                    }
                    Action::Abandon { .. } | Action::Settle { .. } => {}
                }
            }
            wanted = more;
        }
        let deadline = desk.consumer.next_deadline();
        let answer = answers.first_key_value().map(|((at, _), _)| *at);
        let Some(next) = deadline.into_iter().chain(answer).min() else { break };
        if with_ticks {
            let early = next.since(desk.consumer.now).as_micros() * draw(n, 7, 99) / 100;
            let early = desk.consumer.now + Span::from_micros(early);
            assert_eq!(desk.apply(early, ConsumerCommand::Tick), []);
        }
        wanted = match answers.first_key_value() {
            Some(((at, call), how)) if *at == next && deadline != Some(next) => {
                let outcome = OUTCOMES[*how as usize];
                let finished = ConsumerCommand::CallFinished { call: *call, outcome };
                answers.pop_first();
                desk.apply(next, finished)
            }
            _ => desk.apply(next, ConsumerCommand::Tick),
        };
        let later = desk.consumer.next_deadline().is_none_or(|deadline| deadline > next);
        assert!(later, "seed {seed}: no deadline is left due");
    }
    desk.events
}

const OUTCOMES: [Outcome; 4] =
    [Outcome::Delivered, Outcome::Transient, Outcome::Permanent, Outcome::Ambiguous];

/// A consumer and what it said.
struct Desk {
    consumer: Consumer,
    events: Vec<(Timestamp, Event)>,
}

impl Desk {
    fn new(config: ConsumerConfig) -> Self {
        let (id, queue) = (ConsumerId::new(0), QueueId::new(0));
        let consumer = Consumer::new(id, queue, config, Timestamp::ZERO).unwrap();
        Self { consumer, events: Vec::new() }
    }

    /// Two calls are under way since the start.
    fn busy(config: ConsumerConfig) -> Self {
        let mut desk = Self::new(config);
        desk.tell(0, ConsumerCommand::Woken);
        assert_eq!(desk.tell(0, received(2)).len(), 2);
        desk
    }

    /// The breaker opened at once; its one probe is call 2, since 10 s.
    fn probing() -> Self {
        let mut desk = Self::busy(ConsumerConfig { breaker: Some(BREAKER), ..CONFIG });
        desk.finish(0, 0, Outcome::Transient);
        desk.tell(0, received(0));
        desk.finish(0, 1, Outcome::Transient);
        assert_eq!(desk.tell(10_000, ConsumerCommand::Woken), [receive(1)]);
        assert_eq!(desk.tell(10_000, received(1)), [start(2, 12_000)]);
        desk
    }

    fn tell(&mut self, at_ms: u64, command: ConsumerCommand) -> Vec<Action> {
        self.apply(Timestamp::from_millis(at_ms), command)
    }

    fn finish(&mut self, at_ms: u64, call: u64, outcome: Outcome) -> Vec<Action> {
        self.tell(at_ms, ConsumerCommand::CallFinished { call: CallId::new(call), outcome })
    }

    fn apply(&mut self, now: Timestamp, command: ConsumerCommand) -> Vec<Action> {
        let Ok(mut actions) = self.consumer.apply(At::time(now), command, &mut self.events);
        // Which message a call is for is told by its events: here all look alike.
        for action in &mut actions {
            if let Action::Start { message, .. } = action {
                *message = delivery(0).message;
            }
        }
        actions
    }

    fn count(&self, name: &str) -> usize {
        let named = |event: &Event| alloc::format!("{event:?}").starts_with(name);
        self.events.iter().filter(|(_, event)| named(event)).count()
    }
}

fn receive(max: u32) -> Action {
    Action::Receive { max }
}

fn start(call: u64, deadline_ms: u64) -> Action {
    let (call, deadline) = (CallId::new(call), Timestamp::from_millis(deadline_ms));
    Action::Start { call, message: delivery(0).message, delivery: 1, deadline }
}

fn abandon(call: u64) -> Action {
    Action::Abandon { call: CallId::new(call) }
}

fn settle(number: u64, how: Settle) -> Action {
    Action::Settle { receipt: receipt(number), how }
}

fn retry(reason: FailReason) -> Settle {
    Settle::Retry { delay: None, reason }
}

fn at_micros(micros: u64) -> At {
    At::time(Timestamp::from_micros(micros))
}

fn received(count: u32) -> ConsumerCommand {
    ConsumerCommand::Received((0..u64::from(count)).map(delivery).collect())
}

fn delivery(number: u64) -> Delivery {
    leased(number, u64::MAX)
}

fn leased(number: u64, until_ms: u64) -> Delivery {
    let id = MessageId { address: Address::Queue(QueueId::new(0)), number };
    let message = Message::new(id, Timestamp::ZERO, NewMessage::default());
    Delivery {
        receipt: receipt(number),
        message,
        delivery: 1,
        lease_until: Some(Timestamp::from_millis(until_ms)),
        deadline: None,
    }
}

fn receipt(number: u64) -> Receipt {
    Receipt {
        queue: QueueId::new(0),
        slot: number as u32,
        seq: number,
        lease: LeaseId::new(number),
    }
}
