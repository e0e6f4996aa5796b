//! The last minute of a queue, second by second, in two small charts.

use postroom_core::{
    Address, QueueId, Recorded, Sink, Timestamp,
    observe::{Flow, Rates, RatesConfig},
};
use yew::prelude::*;

use crate::stage;

/// Seconds that a chart shows: one value each.
pub const CHART_SECONDS: u32 = 60;
/// Bytes that the last minute of a queue takes.
pub const CHARTED_BYTES: u64 = CHART_SECONDS as u64 * size_of::<Flow>() as u64;
/// The height of a chart, in the units in which a second is one wide.
const HEIGHT: u64 = 16;

/// What came into each queue and left it in the last [`CHART_SECONDS`], folded from the events.
#[derive(Clone, Debug, PartialEq)]
pub struct LastMinute {
    rates: Rates,
}

impl Default for LastMinute {
    fn default() -> Self {
        let config = RatesConfig { buckets: CHART_SECONDS, ..RatesConfig::default() };
        Self { rates: Rates::new(config).expect("the window is in range") }
    }
}

impl LastMinute {
    /// Takes in the next events.
    pub fn apply(&mut self, events: &[Recorded]) {
        for Recorded { at, event, .. } in events {
            self.rates.record(*at, *event);
        }
    }

    /// A value of every second until `now`, oldest first.
    fn values(&self, queue: QueueId, now: Timestamp, of: fn(&Flow) -> u64) -> Vec<u64> {
        self.rates.series(Address::Queue(queue), now).iter().map(of).collect()
    }
}

/// The charts of a queue.
pub(super) fn charts(minute: &LastMinute, queue: QueueId, now: Timestamp) -> Html {
    let chart =
        |name: &'static str, of: fn(&Flow) -> u64| chart(name, &minute.values(queue, now, of));
    html! {
        <div class="charts">
            { chart("In", |flow| flow.enqueued) }
            { chart("Done", |flow| flow.acked) }
            { chart("Failed", |flow| flow.failed + flow.dead_lettered + flow.discarded) }
        </div>
    }
}

fn chart(name: &'static str, values: &[u64]) -> Html {
    let (sum, most) = (values.iter().sum(), values.iter().max().copied().unwrap_or_default());
    let label = format!(
        "{name}: {} in the last minute, at most {} in a second",
        stage::count(sum),
        stage::count(most)
    );
    html! {
        <figure class="chart">
            <figcaption>{ name }<span class="hint">{ stage::count(sum) }</span></figcaption>
            <svg viewBox={format!("0 0 {CHART_SECONDS} {HEIGHT}")} preserveAspectRatio="none"
                role="img" aria-label={label}>
                <path d={outline(values, most)} />
            </svg>
        </figure>
    }
}

/// A filled step for every second, as high as its value against the most.
fn outline(values: &[u64], most: u64) -> String {
    let mut path = format!("M0 {HEIGHT}");
    for (second, value) in values.iter().enumerate() {
        // Whatever is there at all is seen.
        let height = (value * HEIGHT).div_ceil(most.max(1));
        path.push_str(&format!("V{}H{}", HEIGHT - height.min(HEIGHT), second + 1));
    }
    path.push_str(&format!("V{HEIGHT}Z"));
    path
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

    #[test]
    fn whatever_is_there_is_seen_and_nothing_is_flat() {
        assert_eq!(outline(&[0, 1, 1_000], 1_000), "M0 16V16H1V15H2V0H3V16Z");
        assert_eq!(outline(&[0, 0], 0), "M0 16V16H1V16H2V16Z");
    }
}
