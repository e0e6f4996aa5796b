//! What is drawn of real runs.

use std::collections::BTreeMap;

use postroom_core::{MessageId, Timestamp};
use postroom_simulator::{Arrivals, Mode};

use super::world::{Run, run};
use crate::picture::{End, Mark, Point, Shape};

fn marks(run: &Run, millis: u64, is_still: bool) -> Vec<Mark> {
    let mut marks = Vec::new();
    run.picture.read(&run.plan(), Timestamp::from_millis(millis), is_still, &mut marks);
    marks
}

#[test]
fn a_whole_life_ends_with_nothing_left() {
    let mut run = run(Arrivals::Constant { per_minute: 60 }, Some(1), &[]);
    while run.step() {}
    let mut ends = 0;
    for millis in 1_000..8_000 {
        let delivered =
            |mark: &&Mark| matches!(mark.shape, Shape::Ending { end: End::Delivered, .. });
        ends = ends.max(marks(&run, millis, false).iter().filter(delivered).count());
    }
    assert_eq!(ends, 2, "each copy ends as a disc");
    assert_eq!(marks(&run, 8_000, false), []);
}

#[test]
fn one_letter_becomes_one_per_queue() {
    let mut run = run(Arrivals::Constant { per_minute: 60 }, Some(1), &[]);
    run.run_until(Timestamp::from_millis(1_000));
    let lanes = |millis| marks(&run, millis, false).iter().map(|m| m.lane).collect::<Vec<_>>();
    assert_eq!(lanes(1_100), [None], "on its way to the topic");
    assert_eq!(lanes(1_500), [Some(0), Some(1)], "sorted");
}

#[test]
fn many_become_a_bar_with_their_number() {
    let burst = Arrivals::Burst { count: 5_000, every_ms: 1_000 };
    let mut run = run(burst, Some(5_000), &[(0, Mode::Hanging)]);
    run.run_until(Timestamp::from_millis(1_000));
    let plan = run.plan();
    let marks = marks(&run, 2_900, false);
    let bars: Vec<u64> = marks
        .iter()
        .filter(|mark| mark.lane == Some(1))
        .filter_map(|mark| match mark.shape {
            Shape::Bar { count, .. } => Some(count),
            _ => None,
        })
        .collect();
    let one_by_one = marks
        .iter()
        .filter(|m| m.lane == Some(1) && matches!(m.shape, Shape::Letter { .. }))
        .count() as u64;
    let ready = run.picture.counters(run.queue("sms")).ready;
    assert_eq!(bars, [ready - one_by_one], "none is left out, none is counted twice");
    assert!(one_by_one < plan.lanes[1].slots as u64);
    assert!(marks.len() < 200, "{} marks for 10,000 letters", marks.len());
}

#[test]
fn many_on_their_way_become_a_stream() {
    let burst = Arrivals::Burst { count: 5_000, every_ms: 1_000 };
    let mut run = run(burst, Some(5_000), &[]);
    run.run_until(Timestamp::from_millis(1_000));
    let marks = marks(&run, 1_500, false);
    assert!(
        marks.iter().any(|mark| matches!(mark.shape, Shape::Stream { count } if count > 4_000))
    );
    assert!(marks.len() < 300, "{} marks for 10,000 letters", marks.len());
}

#[test]
fn nothing_travels_for_those_who_want_no_motion() {
    let mut run = run(Arrivals::Poisson { per_minute: 600 }, None, &[(4, Mode::Failing)]);
    for millis in (1_000..20_000).step_by(50) {
        run.run_until(Timestamp::from_millis(millis));
        let marks = marks(&run, millis, true);
        assert!(marks.iter().all(|mark| mark.heading.is_none()), "at {millis} ms");
    }
    assert!(!marks(&run, 19_950, true).is_empty());
}

#[test]
fn everything_stays_on_the_stage() {
    let mut run = run(Arrivals::Poisson { per_minute: 900 }, None, &[(4, Mode::Hanging)]);
    let plan = run.plan();
    for millis in (0..90_000).step_by(40) {
        run.run_until(Timestamp::from_millis(millis));
        for mark in marks(&run, millis, false) {
            let Point { x, y } = mark.at;
            let is_inside = (0.0..=plan.width).contains(&x) && (0.0..=plan.height).contains(&y);
            assert!(is_inside, "{mark:?} at {millis} ms");
        }
    }
}

#[test]
fn what_works_or_waits_says_for_how_long() {
    let mut run = run(Arrivals::Constant { per_minute: 60 }, Some(1), &[(0, Mode::Hanging)]);
    run.run_until(Timestamp::from_millis(2_000));
    let spans = |millis| {
        let ends: Vec<_> = marks(&run, millis, true).iter().filter_map(|m| m.ends_in).collect();
        ends.into_iter().map(|span| span.as_millis()).collect::<Vec<_>>()
    };
    let (before, after) = (spans(2_000), spans(2_200));
    assert_eq!(before.len(), 1, "only the copy for SMS is at work");
    assert_eq!(before[0] - after[0], 200, "its time runs down");
}

/// No letter ever jumps: from one frame to the next it is about where it was.
#[test]
fn letters_move_smoothly_through_all_their_lives() {
    const FRAME_MS: usize = 8;
    // A tray's length in a tube's time, at the fastest of its course, is some 20 pixels.
    const LEAP: f64 = 45.0;
    let faults = [(5, Mode::Failing), (20, Mode::Hanging), (45, Mode::Healthy)];
    let mut run = run(Arrivals::Poisson { per_minute: 90 }, Some(60), &faults);
    let mut before: BTreeMap<(Option<u16>, MessageId), Vec<Point>> = BTreeMap::new();
    for millis in (0..80_000).step_by(FRAME_MS) {
        run.run_until(Timestamp::from_millis(millis));
        if millis == 60_000 {
            run.redrive("sms", Some(5));
        }
        let mut now: BTreeMap<_, Vec<Point>> = BTreeMap::new();
        for mark in marks(&run, millis, false) {
            if let Some(message) = mark.message {
                now.entry((mark.lane, message)).or_default().push(mark.at);
            }
        }
        for (letter, places) in &now {
            let Some(old) = before.get(letter) else { continue };
            for place in places {
                let leap = old.iter().map(|old| old.distance(*place)).fold(f64::MAX, f64::min);
                assert!(leap < LEAP, "{letter:?} leapt {leap} px to {place:?} at {millis} ms");
            }
        }
        before = now;
    }
    assert!(run.picture.counters(run.queue("sms")).delivered > 20);
}
