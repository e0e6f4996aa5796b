//! Messages come when the arrivals say.

use postroom_core::{Event, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, run, secs};
use crate::{Arrivals, Intervention, Producer, Trace, World};

fn published(trace: &Trace) -> Vec<u64> {
    let publishes = |event: &Event| matches!(event, Event::Published { .. });
    let events = trace.events().iter().filter(|(_, event)| publishes(event));
    events.map(|(at, _)| at.as_micros()).collect()
}

fn times(arrivals: Arrivals, until: u64) -> Vec<u64> {
    let mut scenario = calm(9);
    scenario.producers[0].arrivals = arrivals;
    published(&run(scenario, until).1)
}

#[test]
fn even_distances_never_drift() {
    let times = times(Arrivals::Constant { per_minute: 7 }, 600);
    assert_eq!(times.len(), 70);
    assert_eq!(times[0], 60_000_000 / 7);
    assert_eq!(times[6], 60_000_000);
    assert_eq!(times[69], 600_000_000);
}

#[test]
fn bursts_come_at_once() {
    let times = times(Arrivals::Burst { count: 3, every_ms: 2_500 }, 6);
    assert_eq!(times, [2_500_000, 2_500_000, 2_500_000, 5_000_000, 5_000_000, 5_000_000]);
}

#[test]
fn recorded_ones_come_at_their_moments_and_once() {
    let arrivals = Arrivals::Recorded { at_ms: [0, 700, 700, 3_001].into() };
    assert_eq!(times(arrivals.clone(), 60), [0, 700_000, 700_000, 3_001_000]);
    assert!(times(Arrivals::Recorded { at_ms: [].into() }, 60).is_empty());

    let mut scenario = calm(9);
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 0 };
    let mut trace = Trace::new();
    let mut world = World::new(scenario, &mut trace).expect("it can be built");
    world.run_until(secs(10), &mut trace);
    let set = Intervention::SetRate { producer: "events".to_owned(), arrivals };
    world.intervene(set, &mut trace).expect("it can be set");
    world.run_until(secs(60), &mut trace);
    assert_eq!(published(&trace), [10_000_000, 10_700_000, 10_700_000, 13_001_000]);
}

#[test]
fn a_rate_of_nothing_sends_nothing() {
    assert!(times(Arrivals::Constant { per_minute: 0 }, 60).is_empty());
    assert!(times(Arrivals::Poisson { per_minute: 0 }, 60).is_empty());
}

#[test]
fn chance_keeps_its_mean() {
    // 12,000 messages: a standard deviation is 110.
    let times = times(Arrivals::Poisson { per_minute: 1_200 }, 600);
    assert!(times.len().abs_diff(12_000) < 440, "{}", times.len());
    let gaps = times.windows(2).map(|pair| pair[1] - pair[0]);
    let short = gaps.filter(|gap| *gap < 34_657).count();
    assert!(short.abs_diff(6_000) < 300, "half the gaps are below ln 2 of the mean, not {short}");
}

#[test]
fn a_limit_is_the_last_message() {
    let mut scenario = calm(9);
    scenario.producers[0].arrivals = Arrivals::Burst { count: 4, every_ms: 1_000 };
    scenario.producers[0].limit = Some(10);
    let (mut world, trace) = run(scenario, 60);
    assert_eq!(published(&trace).len(), 10);
    assert_eq!(world.producer("events").and_then(crate::ProducerState::next_at), None);
    let one_more = Intervention::Send { producer: "events".to_owned() };
    world.intervene(one_more, &mut ()).expect("a hand knows no limit");
    assert_eq!(world.producer("events").map(crate::ProducerState::sent), Some(11));
}

#[test]
fn a_changed_rate_starts_anew() {
    let mut scenario = calm(9);
    scenario.producers[0].arrivals = Arrivals::Constant { per_minute: 60 };
    let mut trace = Trace::new();
    let mut world = World::new(scenario, &mut trace).expect("it can be built");
    world.run_until(Timestamp::from_millis(2_500), &mut trace);
    let arrivals = Arrivals::Constant { per_minute: 30 };
    let set = Intervention::SetRate { producer: "events".to_owned(), arrivals };
    world.intervene(set, &mut trace).expect("it can be set");
    world.run_until(secs(7), &mut trace);
    assert_eq!(published(&trace), [1_000_000, 2_000_000, 4_500_000, 6_500_000]);
}

#[test]
fn producers_of_one_stream_send_at_the_same_moments() {
    let mut scenario = calm(9);
    let stream = Some("orders".to_owned());
    let arrivals = Arrivals::Poisson { per_minute: 60 };
    let orders =
        |name: &str| Producer { stream: stream.clone(), ..Producer::new(name, arrivals.clone()) };
    scenario.producers = vec![orders("events"), orders("direct"), orders("other")];
    scenario.producers[2].stream = None;
    for producer in ["direct", "other"] {
        let to = if producer == "direct" { "email" } else { "push" };
        let route = crate::Route { to: to.to_owned(), ..Default::default() };
        scenario.system.routes.insert(producer.to_owned(), route);
    }
    let (_, trace) = run(scenario, 60);
    let sent_to = |text: &str| -> Vec<_> {
        let lines = trace.to_text();
        let lines = lines.lines().filter(|line| line.contains(text));
        lines.filter_map(|line| line.split_once("s  ")).map(|(at, _)| at.to_owned()).collect()
    };
    assert!(sent_to("published to t0").len() > 30);
    assert_eq!(sent_to("published to t0"), sent_to("published to q3"));
    assert_ne!(sent_to("published to t0"), sent_to("published to q2"));
}
