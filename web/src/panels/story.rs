//! A message's path as a story: each of its copies by itself, with the time between the hops.

use postroom_core::{Event, Recorded, Span, Timestamp};

use super::{names::Names, path::Path, words};

/// What befell one copy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Track<'p> {
    /// Where it was.
    pub(super) place: String,
    /// Oldest first.
    pub(super) hops: Vec<Hop<'p>>,
    /// What it does now, and for how long; none if it is done.
    pub(super) now: Option<Gap>,
}

/// One step of a copy.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Hop<'p> {
    /// The time before it, if there was any.
    pub(super) after: Option<Gap>,
    /// What happened.
    pub(super) step: &'p Recorded,
}

/// The time between two steps.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Gap {
    /// What the copy did.
    pub(super) doing: &'static str,
    /// How long.
    pub(super) span: Span,
}

/// The copies of a message, in the order in which they came about. What befalls a dead letter
/// belongs to the copy that died.
pub(super) fn tracks<'p>(path: &'p Path, names: &Names, now: Timestamp) -> Vec<Track<'p>> {
    let mut tracks: Vec<Track<'p>> = Vec::new();
    for step in &path.steps {
        if tracks.iter().any(|track| is_its_burial(track, &step.event)) {
            continue;
        }
        let place = words::home(&step.event, names);
        match tracks.iter_mut().find(|track| track.place == place) {
            Some(track) => {
                let after = track.hops.last().and_then(|hop| gap(hop.step, step.at));
                track.hops.push(Hop { after, step });
            }
            None => {
                tracks.push(Track { place, hops: vec![Hop { after: None, step }], now: None });
            }
        }
    }
    for track in &mut tracks {
        let last = track.hops.last().filter(|hop| !is_an_end(&hop.step.event));
        track.now = last.and_then(|hop| gap(hop.step, now));
    }
    tracks
}

fn gap(before: &Recorded, until: Timestamp) -> Option<Gap> {
    let span = until.since(before.at);
    let doing = doing(&before.event)?;
    (span.as_millis() > 0).then_some(Gap { doing, span })
}

/// Whether a copy that died comes among the dead letters: its death has said so.
fn is_its_burial(track: &Track<'_>, event: &Event) -> bool {
    let last = track.hops.last().map(|hop| hop.step.event);
    match (last, event) {
        (Some(Event::DeadLettered { to, .. }), Event::Enqueued { queue, .. }) => to == *queue,
        _ => false,
    }
}

/// Whether nothing more follows by itself.
fn is_an_end(event: &Event) -> bool {
    matches!(
        event,
        Event::Acked { .. }
            | Event::Discarded { .. }
            | Event::Refused { .. }
            | Event::Published { .. }
            | Event::Deduplicated { .. }
    )
}

/// What a copy does after a step; none where time between it and the next says nothing.
fn doing(event: &Event) -> Option<&'static str> {
    Some(match event {
        Event::Enqueued { due: Some(_), .. } | Event::RetryScheduled { .. } => {
            "waiting for its time"
        }
        Event::Enqueued { .. }
        | Event::Matured { .. }
        | Event::LeaseExpired { .. }
        | Event::Released { .. }
        | Event::Redriven { .. } => "waiting for a worker",
        Event::Delivered { .. } => "with the worker",
        Event::CallStarted { .. } | Event::LeaseExtended { .. } => "at work",
        Event::SettlementLost { .. } | Event::CallLost { .. } => "waiting for its lease to end",
        Event::Blocked { .. } => "waiting for room among the dead letters",
        Event::DeadLettered { .. } => "dead",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use postroom_core::FailReason;

    use super::*;
    use crate::panels::samples::{
        acked, buried, call_failed, call_started, dead_lettered, delivered, layout, message,
        published, queued, redriven, retry,
    };

    fn told(story: &[Recorded], now: u64) -> Vec<(String, Vec<String>, Option<String>)> {
        let path = Path::of(message(1), story);
        let say = |gap: Gap| format!("{} {}", gap.doing, words::span(gap.span));
        let tracks = tracks(&path, &Names::of(&layout()), Timestamp::from_millis(now));
        let tracks = tracks.into_iter().map(|track| {
            let gaps = track.hops.iter().filter_map(|hop| hop.after).map(say);
            (track.place, gaps.collect(), track.now.map(say))
        });
        tracks.collect()
    }

    #[test]
    fn the_time_between_hops_says_what_the_copy_did() {
        let story = [
            published(0, 1),
            queued(0, 1),
            delivered(800, 1, 1),
            call_started(800, 1),
            call_failed(2_800, 1, FailReason::Timeout),
            retry(2_800, 1, 1, 4_000),
            delivered(4_000, 1, 2),
            call_started(4_000, 1),
            acked(4_250, 1),
        ];
        let gaps = [
            "waiting for a worker 800 ms",
            "at work 2 s",
            "waiting for its time 1.2 s",
            "at work 250 ms",
        ];
        let [topic, sms] = &told(&story, 9_000)[..] else { panic!("two places") };
        assert_eq!(*topic, ("notifications".to_owned(), vec![], None));
        assert_eq!(*sms, ("SMS".to_owned(), gaps.map(str::to_owned).to_vec(), None));
    }

    #[test]
    fn what_a_copy_does_now_is_told_to_its_end() {
        let story = [published(0, 1), queued(0, 1), delivered(1_000, 1, 1)];
        assert_eq!(told(&story, 3_500)[1].2.as_deref(), Some("with the worker 2.5 s"));
        assert_eq!(told(&story[..2], 700)[1].2.as_deref(), Some("waiting for a worker 700 ms"));
    }

    #[test]
    fn a_dead_letter_stays_with_its_copy() {
        let story = [
            published(0, 1),
            queued(0, 1),
            dead_lettered(9, 1),
            buried(9, 1),
            redriven(12_009, 1),
            queued(12_009, 1),
        ];
        let told = told(&story, 12_009);
        let places: Vec<_> = told.iter().map(|(place, _, _)| place.as_str()).collect();
        assert_eq!(places, ["notifications", "SMS"]);
        assert_eq!(told[1].1, ["waiting for a worker 9 ms", "dead 12 s"]);
    }
}
