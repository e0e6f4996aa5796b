use std::collections::{BTreeMap, BTreeSet};

use postroom_core::{Address, Event, QueueId, Recorded, Span, Timestamp};

use super::*;
use crate::sandbox::{templates::template, text::open};
use crate::{
    player::Order,
    run::{Change, Fold, View},
    stage::Mode,
};

const BROKEN_AT: u64 = 10;
const SECONDS: u64 = 120;

#[test]
fn breaking_sms_is_seen_within_a_minute_and_felt_by_nobody_else() {
    let healthy = play(notifications().unwrap(), &[], SECONDS);
    for mode in [Mode::Fail, Mode::Hang] {
        let (scene, sms) = with_sms();
        let lanes = scene.layout.lanes.clone();
        let events = play(scene, &[(BROKEN_AT, sms_is(mode))], SECONDS);
        let of_sms: Vec<_> = events.iter().filter(|e| e.event.queue() == Some(sms)).collect();
        let first = |what: &str, is: &dyn Fn(&Event) -> bool| {
            let found = of_sms.iter().find(|recorded| is(&recorded.event));
            let found = found.unwrap_or_else(|| panic!("{mode:?}: no {what}"));
            found.at.since(seconds(BROKEN_AT))
        };
        let retry = first("retry", &|e| matches!(e, Event::RetryScheduled { .. }));
        let open = first("open breaker", &|e| matches!(e, Event::BreakerOpened { .. }));
        let dead = first("dead letter", &|e| matches!(e, Event::DeadLettered { .. }));
        assert!(retry < open && open < dead && dead < Span::from_secs(60), "{mode:?}");
        assert!(open < Span::from_secs(15), "{mode:?}: the breaker opened after {open:?}");
        for lane in lanes.iter().filter(|lane| lane.queue != sms) {
            let of_lane = |events: &[Recorded]| -> Vec<_> {
                let own = events.iter().filter(|e| e.event.queue() == Some(lane.queue));
                own.map(|e| (e.at, e.event)).collect()
            };
            assert_eq!(of_lane(&events), of_lane(&healthy), "{} felt it", lane.label);
        }
    }
}

#[test]
fn the_gaps_between_retries_grow() {
    let (scene, sms) = with_sms();
    let events = play(scene, &[(BROKEN_AT, sms_is(Mode::Fail))], SECONDS);
    let mut gaps: BTreeMap<u32, Vec<Span>> = BTreeMap::new();
    for recorded in events {
        if let Event::RetryScheduled { queue, deliveries, due, .. } = recorded.event
            && queue == sms
        {
            gaps.entry(deliveries).or_default().push(due.since(recorded.at));
        }
    }
    let longest: Vec<_> = gaps.values().map(|spans| spans.iter().max()).collect();
    assert!(longest.len() >= 2, "{gaps:?}");
    assert!(longest.is_sorted(), "{gaps:?}");
}

#[test]
fn healing_closes_the_breaker_and_a_redrive_empties_the_dead_letters() {
    let (scene, sms) = with_sms();
    let steps = scene.steps.clone();
    let mut view = View::new(scene.layout.clone(), steps);
    let changes = [
        (BROKEN_AT, sms_is(Mode::Hang)),
        (60, sms_is(Mode::Ok)),
        (75, Change::Redrive { queue: sms }),
    ];
    let events = play(scene, &changes, SECONDS);
    let closed = events.iter().find(|e| matches!(e.event, Event::BreakerClosed { .. }));
    assert!(closed.unwrap().at < seconds(70), "half-open within 5 s, then two probes");
    let died = |queue| {
        events.iter().filter(
            move |e| matches!(e.event, Event::DeadLettered { queue: of, .. } if of == queue),
        )
    };
    let redriven = events.iter().filter(|e| matches!(e.event, Event::Redriven { .. })).count();
    assert_eq!(died(sms).count(), redriven);
    assert!(redriven > 20, "{redriven}");
    view.apply(&events, true);
    assert_eq!(view.guide.current(), None, "the guide has ticked every step");
    assert_eq!(view.picture.0.borrow().counters(sms).dead, 0);
}

#[test]
fn an_order_goes_to_one_packer_and_to_every_subscriber() {
    let scene = queue_and_topic();
    let lanes = scene.layout.lanes.clone();
    let (shared, subscribers) = lanes.split_first().unwrap();
    assert_eq!((shared.workers.len(), subscribers.len()), (3, 3));
    let steps = scene.steps.clone();
    let mut view = View::new(scene.layout.clone(), steps);
    let events = play(scene, &[], SECONDS);

    let acked_in = |queue| {
        let acked = events.iter().filter_map(move |e| match e.event {
            Event::Acked { queue: at, message, .. } if at == queue => Some(message.number),
            _ => None,
        });
        acked.collect::<Vec<_>>()
    };
    let packed = acked_in(shared.queue);
    let once: BTreeSet<_> = packed.iter().copied().collect();
    assert!(packed.len() > 100 && once.len() == packed.len(), "{} packed", packed.len());
    let packers: BTreeSet<_> = events
        .iter()
        .filter_map(|e| match e.event {
            Event::CallSucceeded { queue, consumer, .. } if queue == shared.queue => Some(consumer),
            _ => None,
        })
        .collect();
    assert_eq!(packers.len(), 3, "they share the work");
    for lane in subscribers {
        assert!(acked_in(lane.queue).len() >= packed.len(), "{} misses orders", lane.label);
    }

    let published = |to: Address| {
        let at = events.iter().filter(
            move |e| matches!(e.event, Event::Published { to: address, .. } if address == to),
        );
        at.map(|e| e.at).collect::<Vec<_>>()
    };
    let topic = view.picture.0.borrow().layout().topics[0].topic;
    assert_eq!(
        published(Address::Queue(shared.queue)),
        published(Address::Topic(topic)),
        "the same orders at the same moments"
    );
    view.apply(&events, true);
    assert_eq!(view.guide.current(), Some(1));
}

#[test]
fn a_scene_names_all_its_parts() {
    for scene in [notifications().unwrap(), queue_and_topic()] {
        assert!(!scene.steps.is_empty() && !scene.layout.sources.is_empty());
        for lane in &scene.layout.lanes {
            assert!(!lane.workers.is_empty() && lane.dead_letters.is_some(), "{}", lane.label);
            let known: Vec<_> = scene.session.modes().into_iter().map(|(name, _)| name).collect();
            assert!(lane.workers.iter().all(|worker| known.contains(&worker.provider)));
        }
        assert!(scene.layout.sources.iter().all(|source| !source.to.is_empty()));
    }
}

#[test]
fn homes_scene_is_its_document() {
    let document = include_str!("notifications.json");
    let read = Scenario::read(document, serde_json::from_str, serde_json::from_str);
    assert_eq!(read, Ok(super::notifications::scenario()));
}

fn queue_and_topic() -> Scene {
    let template = template("queue-and-topic").unwrap();
    let scene = open(template.document).unwrap().scene;
    Scene { steps: (template.steps)(&scene.layout), ..scene }
}

/// The scene's events over so many seconds, with these changes at these seconds.
fn play(mut scene: Scene, changes: &[(u64, Change)], until: u64) -> Vec<Recorded> {
    let stopped_clock = || 0.0;
    let mut events = Vec::new();
    let mut order = |order| {
        for update in scene.session.carry_out(order, &stopped_clock) {
            assert_eq!(update.refused, None);
            events.extend(update.batch.events);
        }
    };
    for (at, change) in changes {
        order(Order::Advance(seconds(*at)));
        order(Order::Change(change.clone()));
    }
    order(Order::Advance(seconds(until)));
    events
}

fn with_sms() -> (Scene, QueueId) {
    let scene = notifications().unwrap();
    let sms = scene.layout.lanes.iter().find(|lane| lane.label == "SMS").unwrap().queue;
    (scene, sms)
}

fn sms_is(mode: Mode) -> Change {
    Change::SetMode { provider: "sms".into(), mode }
}

fn seconds(seconds: u64) -> Timestamp {
    Timestamp::from_millis(seconds * 1_000)
}
