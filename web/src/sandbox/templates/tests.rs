//! Every template runs, and shows what it says.

use std::{
    collections::{BTreeMap, BTreeSet},
    rc::Rc,
};

use postroom_core::{Event, QueueId, Recorded, Timestamp};
use postroom_simulator::{Run, RunCommand, Topology};

use super::*;
use crate::{picture::Picture, player::Order, sandbox::text::open};

#[test]
fn every_template_is_a_scenario_of_its_own() {
    let mut ids = Vec::new();
    for template in &TEMPLATES {
        let opened = open(template.document);
        let opened = opened.unwrap_or_else(|mistake| panic!("{}: {mistake:?}", template.id));
        assert!(!ids.contains(&template.id), "{}", template.id);
        ids.push(template.id);
        let sentence = template.purpose;
        assert!(sentence.ends_with('.') && sentence.len() < 200, "{sentence}");
        assert!(!opened.scene.layout.lanes.is_empty() && !opened.scene.layout.sources.is_empty());
        let found = super::template(template.id).map(|found| found.document);
        assert_eq!(found, Some(template.document));
    }
}

#[test]
fn a_work_queue_dead_letters_what_fails_three_times() {
    let played = play("work-queue", 120);
    let dead = played.count("jobs", |event| matches!(event, Event::DeadLettered { .. }));
    let acked = played.count("jobs", |event| matches!(event, Event::Acked { .. }));
    assert!(dead >= 3 && acked > 150, "{dead} dead, {acked} done");
    assert!(played.depth("jobs") < 60, "the three keep up: {}", played.depth("jobs"));
}

#[test]
fn in_a_fan_out_the_slow_one_falls_behind_alone() {
    let played = play("fan-out", 180);
    let depths = ["billing", "shipping", "statistics"].map(|queue| played.depth(queue));
    assert!(depths[0] < 5 && depths[1] < 5 && depths[2] > 20, "{depths:?}");
}

#[test]
fn sqs_queues_get_what_their_filters_select() {
    let played = play("sns-to-sqs", 120);
    let got = |queue| played.count(queue, |event| matches!(event, Event::Enqueued { .. }));
    let [europe, america, audit] = ["europe", "america", "audit"].map(got);
    assert!(europe > 50 && america > 50, "{europe} and {america}");
    assert_eq!(europe + america, audit);
}

#[test]
fn a_retry_ladder_has_its_three_rungs() {
    let played = play("retry-ladder", 120);
    let mut rungs: BTreeMap<u32, Vec<u64>> = BTreeMap::new();
    for (at, event) in played.of("payments") {
        if let Event::RetryScheduled { deliveries, due, .. } = event {
            let waits = rungs.entry(*deliveries).or_default();
            waits.push(due.since(*at).as_millis());
        }
    }
    let expected = [(1, 1_000), (2, 4_000), (3, 16_000)];
    assert_eq!(rungs.keys().copied().collect::<Vec<_>>(), [1, 2, 3]);
    assert!(expected.iter().all(|(rung, wait)| rungs[rung].iter().all(|each| each == wait)));
    let died: Vec<_> = played.times("payments", |e| matches!(e, Event::DeadLettered { .. }));
    let (first, last) = (died.first().expect("some die"), died.last().expect("some die"));
    assert!(*first > second(10) && *last < second(51), "{first:?} to {last:?}");
    assert!(
        played
            .of("payments")
            .any(|(_, event)| matches!(event, Event::Delivered { delivery, .. } if *delivery > 1))
    );
    assert!(played.depth("payments") < 5, "the rest gets through");
}

#[test]
fn moves_of_one_player_are_done_one_after_the_other() {
    let played = play("in-order", 120);
    let sent = played.times("moves", |e| matches!(e, Event::Enqueued { .. })).len();
    let mut open = open(template("in-order").unwrap().document).unwrap().scene.session;
    let (mut players, mut at_work, mut most) = (BTreeMap::new(), BTreeMap::new(), 0);
    for (at, event) in played.of("moves") {
        let Some(message) = event.message() else { continue };
        open.carry_out(Order::Advance(*at), &|| 0.0);
        players.extend(open.groups());
        let player = players[&message].clone();
        match event {
            Event::Delivered { .. } => {
                let other = at_work.insert(player.clone(), message);
                assert_eq!(other, None, "two moves of {player} at once");
            }
            Event::Acked { .. } => assert_eq!(at_work.remove(&player), Some(message)),
            _ => {}
        }
        most = most.max(at_work.len());
    }
    assert_eq!((players.values().collect::<BTreeSet<_>>().len(), most), (4, 3), "of {sent} moves");
}

#[test]
fn a_notification_system_keeps_an_outage_to_one_channel() {
    let played = play("notifications", 150);
    let dead = |queue| played.count(queue, |event| matches!(event, Event::DeadLettered { .. }));
    let opened = |queue| played.count(queue, |event| matches!(event, Event::BreakerOpened { .. }));
    let closed = |queue| played.count(queue, |event| matches!(event, Event::BreakerClosed { .. }));
    assert!(dead("SMS") > 10 && opened("SMS") > 0 && closed("SMS") > 0);
    for queue in ["push", "e-mail"] {
        assert_eq!((dead(queue), opened(queue)), (0, 0), "{queue}");
        assert!(played.depth(queue) < 10, "{queue}");
    }
    assert!(played.depth("SMS") < 10, "SMS has caught up");
}

#[test]
fn an_hour_of_backlog_drains_without_a_loss() {
    let down = play("down-for-an-hour", 3_660);
    assert!(down.depth("invoices") > 6_500, "{}", down.depth("invoices"));
    let alarms = down.count("invoices", |event| matches!(event, Event::AlarmRaised { .. }));
    assert_eq!(alarms, 1);
    let played = play("down-for-an-hour", 3_660 + 1_800);
    assert!(played.depth("invoices") < 20, "{}", played.depth("invoices"));
    assert_eq!(played.count("invoices", |e| matches!(e, Event::DeadLettered { .. })), 0);
    let lost = played.count("invoices", |e| matches!(e, Event::Discarded { .. }));
    assert_eq!(lost, 0);
}

#[test]
fn autoscaled_transcoders_come_with_the_work_and_go_with_it() {
    let played = play("video", 400);
    let room = |event: &Event| match event {
        Event::ConsumerScaled { concurrency, .. } => Some(*concurrency),
        _ => None,
    };
    let rooms: Vec<_> = played.of("videos").filter_map(|(_, event)| room(event)).collect();
    assert_eq!((rooms.iter().max(), rooms.last()), (Some(&8), Some(&1)), "{rooms:?}");
    assert!(played.depth("videos") < 5, "{}", played.depth("videos"));

    let scene = open(template("video").unwrap().document).unwrap().scene;
    let worker = scene.layout.lanes[0].workers[0].clone();
    assert_eq!((worker.concurrency, worker.concurrency_max), (1, 8));
    let mut picture = Picture::new(Rc::new(scene.layout));
    for recorded in &played.events {
        picture.apply(recorded);
        if let Some(concurrency) = room(&recorded.event) {
            assert_eq!(picture.worker(worker.consumer).concurrency, concurrency);
        }
    }
}

#[test]
fn ten_thousand_uploads_are_taken_in_a_second_and_worked_off_in_minutes() {
    let played = play("uploads", 2);
    let taken = |e: &Event| matches!(e, Event::Enqueued { .. });
    assert_eq!(
        played.times("uploads", taken).iter().filter(|at| **at <= second(1)).count(),
        10_000
    );
    assert!(played.depth("uploads") > 9_500);
    let played = play("uploads", 300);
    assert_eq!(played.count("uploads", |e| matches!(e, Event::Acked { .. })), 10_000);
    assert_eq!(played.depth("uploads"), 0);
}

#[test]
fn an_outbox_loses_nothing_and_its_repetitions_are_recognised() {
    let played = play("outbox", 90);
    let world = played.run.world();
    let [plain, careful] = ["shop", "shop with outbox"].map(|name| world.producer(name).unwrap());
    assert_eq!((plain.given_up(), careful.given_up()), (15, 0));
    assert!(careful.retried() > 15, "{}", careful.retried());
    let taken = |name| world.provider(name).unwrap().taken();
    let [lossy, whole] = [taken("warehouse"), taken("careful warehouse")];
    assert_eq!(whole.distinct(), whole.total(), "none is packed twice");
    assert!(whole.total() > lossy.total() + 10, "{} and {}", whole.total(), lossy.total());
    let stored = played.count("orders by outbox", |e| matches!(e, Event::Enqueued { .. }));
    assert!(stored as u64 > whole.total() + 5, "some came twice: {stored}");
}

#[test]
fn a_checkout_that_waits_fails_with_its_mail_and_one_with_a_queue_does_not() {
    let played = play("checkout", 100);
    let world = played.run.world();
    let waits = world.caller("checkout that waits").unwrap();
    assert!((39..=40).contains(&waits.timed_out()), "{}", waits.timed_out());
    assert_eq!(world.producer("checkout by queue").unwrap().refused(), 0);
    assert!(played.depth("mails") < 5, "{}", played.depth("mails"));
    let mailed = world.provider("mailer").unwrap().taken();
    assert_eq!(mailed.distinct(), mailed.total());
    let scene = open(template("checkout").unwrap().document).unwrap().scene;
    assert_eq!((scene.layout.callers.len(), scene.layout.services.len()), (1, 2));
    assert_eq!(scene.layout.callers[0].calls, ["bank", "mail"]);
}

/// What happened in a template, by its queues.
struct Played {
    run: Run<Topology>,
    events: Vec<Recorded>,
}

fn play(id: &str, seconds: u64) -> Played {
    let document = template(id).expect("the template is there").document;
    let scenario = open(document).expect("it is a scenario").scenario;
    let mut run = Run::new(scenario).expect("it can be built");
    let to_us = second(seconds);
    let update = run.handle(RunCommand::Advance { to_us, max_steps: u64::MAX });
    assert!(update.arrived);
    Played { run, events: update.batch.events }
}

impl Played {
    fn queue(&self, name: &str) -> QueueId {
        self.run.world().machine().engine().find_queue(name).expect("the queue is there")
    }

    fn of(&self, queue: &str) -> impl Iterator<Item = (&Timestamp, &Event)> {
        let queue = self.queue(queue);
        let own = self.events.iter().filter(move |each| each.event.queue() == Some(queue));
        own.map(|each| (&each.at, &each.event))
    }

    fn times(&self, queue: &str, is: impl Fn(&Event) -> bool) -> Vec<Timestamp> {
        self.of(queue).filter(|(_, event)| is(event)).map(|(at, _)| *at).collect()
    }

    fn count(&self, queue: &str, is: impl Fn(&Event) -> bool) -> usize {
        self.times(queue, is).len()
    }

    /// Copies in a queue, by the engine's own count.
    fn depth(&self, queue: &str) -> u64 {
        let engine = self.run.world().machine().engine();
        engine.queue_stats(self.queue(queue)).expect("the queue is there").depth()
    }
}

fn second(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}
