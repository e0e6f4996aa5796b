//! The last minute of a queue, second by second, in small charts.

use postroom_core::{
    Address, QueueId, Recorded, Sink, Timestamp,
    observe::{Flow, Rates, RatesConfig},
};
use yew::prelude::*;

use super::{
    levels::{Level, Levels},
    plot::{Chart, Kind},
};

/// Seconds that a chart shows: one value each.
pub const CHART_SECONDS: u32 = 60;
/// Bytes that the last minute of a queue takes.
const CHARTED_BYTES: u64 = CHART_SECONDS as u64 * (size_of::<Flow>() + size_of::<Level>()) as u64;

/// What came into each queue, was in it, and left it in the last [`CHART_SECONDS`], folded from the
/// events.
#[derive(Clone, Debug, PartialEq)]
pub struct LastMinute {
    rates: Rates,
    levels: Levels,
}

impl Default for LastMinute {
    fn default() -> Self {
        let config = RatesConfig { buckets: CHART_SECONDS, ..RatesConfig::default() };
        let rates = Rates::new(config).expect("the window is in range");
        Self { rates, levels: Levels::default() }
    }
}

impl LastMinute {
    /// Takes in the next events.
    pub fn apply(&mut self, events: &[Recorded]) {
        for recorded in events {
            self.rates.record(recorded.at, recorded.event);
            self.levels.apply(recorded);
        }
    }

    /// About how many bytes it takes, of so many queues.
    #[must_use]
    pub fn bytes(&self, queues: u64) -> u64 {
        queues * CHARTED_BYTES + self.levels.bytes()
    }

    /// A value of every second until `now`, oldest first.
    fn values(&self, queue: QueueId, now: Timestamp, of: fn(&Flow) -> u64) -> Vec<u64> {
        self.rates.series(Address::Queue(queue), now).iter().map(of).collect()
    }
}

/// The charts of a queue: how full it is, and what comes and goes.
pub(super) fn charts(minute: &LastMinute, queue: QueueId, now: Timestamp) -> Html {
    let levels = minute.levels.series(queue, now);
    let level = |name, kind, of: fn(Timestamp, Level) -> u64| {
        let values = levels.iter().map(|(at, level)| of(*at, *level)).collect();
        Chart { name, kind, values }.draw()
    };
    let rate = |name, of: fn(&Flow) -> u64| {
        Chart { name, kind: Kind::Rate, values: minute.values(queue, now, of) }.draw()
    };
    html! {
        <section class="charts" aria-label="The last minute">
            { level("Depth", Kind::Level, |_, level| level.depth) }
            { level("In flight", Kind::Level, |_, level| level.in_flight) }
            { level("Oldest", Kind::Age, |at, level| {
                level.oldest_since.map_or(0, |since| at.since(since).as_micros())
            }) }
            { rate("In", |flow| flow.enqueued) }
            { rate("Done", |flow| flow.acked) }
            { rate("Failed", |flow| flow.failed + flow.dead_lettered + flow.discarded) }
        </section>
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{SMS, acked, queued};

    #[test]
    fn a_second_is_a_step_and_old_ones_leave() {
        let mut minute = LastMinute::default();
        minute.apply(&[queued(500, 1), queued(700, 2), acked(2_100, 1)]);
        let (now, long) = (Timestamp::from_millis(2_500), CHART_SECONDS as usize);
        let came = minute.values(SMS, now, |flow| flow.enqueued);
        assert_eq!((came.len(), &came[long - 3..]), (long, &[2, 0, 0][..]));
        let done = minute.values(SMS, now, |flow| flow.acked);
        assert_eq!(done[long - 3..], [0, 0, 1]);
        let later = Timestamp::from_millis(62_000);
        assert_eq!(minute.values(SMS, later, |flow| flow.enqueued).iter().sum::<u64>(), 0);
    }
}
