//! How much happens at each address, over a sliding window.

use alloc::{
    collections::{BTreeMap, VecDeque},
    vec::Vec,
};

use serde::{Deserialize, Deserializer, Serialize, de::Error};

use super::pairs;
use crate::{
    consumer::OutOfRange,
    event::Event,
    id::{Address, QueueId},
    limits::{OBSERVED_MAX, RATE_BUCKETS_MAX, SPAN_MAX},
    machine::Sink,
    time::{Span, Timestamp, millis},
};

/// The window over which [`Rates`] counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct RatesConfig {
    /// Events of so long are counted together. Default 1 s; at least 1 ms.
    #[serde(rename = "bucket_ms", with = "millis")]
    pub bucket: Span,
    /// So many of them make the window. Default 60; at most [`RATE_BUCKETS_MAX`].
    pub buckets: u32,
}

impl Default for RatesConfig {
    fn default() -> Self {
        Self { bucket: Span::from_secs(1), buckets: 60 }
    }
}

impl RatesConfig {
    fn check(&self) -> Result<(), OutOfRange> {
        if !(Span::from_millis(1)..=SPAN_MAX).contains(&self.bucket) {
            return Err(OutOfRange { setting: "bucket_ms", range: "1 ms to 366 days" });
        }
        if !(1..=RATE_BUCKETS_MAX).contains(&self.buckets) {
            return Err(OutOfRange { setting: "buckets", range: "1 to 3,600" });
        }
        Ok(())
    }
}

/// Counts what happens at each queue and topic: lately, and in all.
///
/// The window moves in steps of one bucket, so it covers the last `buckets` of them, the one that
/// is not over yet included. Memory is fixed for each address: its buckets. Of more than
/// [`OBSERVED_MAX`] addresses, the later ones are not counted.
///
/// # Example: the last ten seconds of a queue
/// ```
/// use postroom_core::{
///     Address, At, Engine, QueueConfig, Span, Timestamp,
///     observe::{Rates, RatesConfig},
/// };
///
/// let mut rates = Rates::new(RatesConfig { bucket: Span::from_secs(1), buckets: 10 })?;
/// let at = |secs: u64| At::time(Timestamp::from_millis(secs * 1_000));
/// let mut engine = Engine::new();
/// let orders = engine.create_queue(at(0), "orders", QueueConfig::default(), &mut rates)?;
/// for secs in 0..20 {
///     engine.publish(at(secs), Address::Queue(orders), "order".into(), &mut rates)?;
/// }
/// let now = Timestamp::from_millis(19_999);
/// assert_eq!(rates.window(Address::Queue(orders), now).published, 10);
/// assert_eq!(rates.total(Address::Queue(orders)).published, 20);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rates {
    #[serde(deserialize_with = "in_range")]
    config: RatesConfig,
    #[serde(with = "pairs")]
    addresses: BTreeMap<Address, Ring>,
}

/// How often each thing happened at one address.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Flow {
    /// Messages published here.
    pub published: u64,
    /// Messages not stored here, since their dedup key was known.
    pub deduplicated: u64,
    /// Copies that came into the queue: published here or to a topic, dead letters, redriven.
    pub enqueued: u64,
    /// Copies that found room neither in the queue nor in its dead letters.
    pub refused: u64,
    /// Deliveries.
    pub delivered: u64,
    /// Deliveries after a copy's first one.
    pub redelivered: u64,
    /// Acknowledged copies.
    pub acked: u64,
    /// Deliveries that failed or whose lease ran out. A failure that was a copy's last counts as
    /// a death instead.
    pub failed: u64,
    /// Copies that left for the dead letters.
    pub dead_lettered: u64,
    /// Copies that ended without dead letters to go to.
    pub discarded: u64,
}

#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Ring {
    /// The number of the last bucket: its time in buckets since the epoch.
    newest: u64,
    /// Oldest first. Buckets older than the first are empty.
    flows: VecDeque<Flow>,
    total: Flow,
}

impl Rates {
    /// Counts over this window.
    ///
    /// # Errors
    /// [`OutOfRange`] names the setting that is out of range.
    pub fn new(config: RatesConfig) -> Result<Self, OutOfRange> {
        config.check()?;
        Ok(Self { config, addresses: BTreeMap::new() })
    }

    /// The window.
    #[must_use]
    pub fn config(&self) -> RatesConfig {
        self.config
    }

    /// What happened at an address within the window that ends `now`.
    #[must_use]
    pub fn window(&self, address: Address, now: Timestamp) -> Flow {
        let flows = self.series(address, now);
        flows.iter().fold(Flow::default(), |sum, flow| sum.plus(flow))
    }

    /// The same by bucket, oldest first: always [`RatesConfig::buckets`] of them.
    #[must_use]
    pub fn series(&self, address: Address, now: Timestamp) -> Vec<Flow> {
        let buckets = u64::from(self.config.buckets);
        let last = self.number(now);
        let ring = self.addresses.get(&address);
        let flow = |age| ring.and_then(|ring| ring.at(last.checked_sub(age)?)).unwrap_or_default();
        (0..buckets).rev().map(flow).collect()
    }

    /// What happened at an address in all.
    #[must_use]
    pub fn total(&self, address: Address) -> Flow {
        self.addresses.get(&address).map_or_else(Flow::default, |ring| ring.total)
    }

    fn number(&self, at: Timestamp) -> u64 {
        at.as_micros() / self.config.bucket.as_micros()
    }

    fn count(&mut self, address: Address, at: Timestamp, kind: fn(&mut Flow) -> &mut u64) {
        let number = self.number(at);
        let is_full = self.addresses.len() == OBSERVED_MAX as usize;
        if is_full && !self.addresses.contains_key(&address) {
            return;
        }
        let ring = self.addresses.entry(address).or_default();
        ring.advance(number, self.config.buckets as usize);
        for flow in ring.flows.back_mut().into_iter().chain([&mut ring.total]) {
            let count = kind(flow);
            *count = count.saturating_add(1);
        }
    }

    fn count_in(&mut self, queue: QueueId, at: Timestamp, kind: fn(&mut Flow) -> &mut u64) {
        self.count(Address::Queue(queue), at, kind);
    }
}

impl Sink for Rates {
    fn record(&mut self, at: Timestamp, event: Event) {
        match event {
            Event::Published { to, .. } => self.count(to, at, |flow| &mut flow.published),
            Event::Deduplicated { to, .. } => self.count(to, at, |flow| &mut flow.deduplicated),
            Event::Enqueued { queue, .. } => self.count_in(queue, at, |flow| &mut flow.enqueued),
            Event::Refused { queue, .. } => self.count_in(queue, at, |flow| &mut flow.refused),
            Event::Delivered { queue, delivery, .. } => {
                self.count_in(queue, at, |flow| &mut flow.delivered);
                if delivery > 1 {
                    self.count_in(queue, at, |flow| &mut flow.redelivered);
                }
            }
            Event::Acked { queue, .. } => self.count_in(queue, at, |flow| &mut flow.acked),
            Event::RetryScheduled { queue, .. } | Event::LeaseExpired { queue, .. } => {
                self.count_in(queue, at, |flow| &mut flow.failed);
            }
            Event::DeadLettered { queue, .. } => {
                self.count_in(queue, at, |flow| &mut flow.dead_lettered);
            }
            Event::Discarded { queue, .. } => self.count_in(queue, at, |flow| &mut flow.discarded),
            _ => {}
        }
    }
}

impl Ring {
    /// Makes `number` the last bucket, unless a later one is. Costs no more than the ring is long.
    fn advance(&mut self, number: u64, buckets: usize) {
        let ahead = number.saturating_sub(self.newest);
        if self.flows.is_empty() || ahead >= buckets as u64 {
            self.flows.clear();
            self.flows.push_back(Flow::default());
            self.newest = number.max(self.newest);
            return;
        }
        for _ in 0..ahead {
            if self.flows.len() == buckets {
                self.flows.pop_front();
            }
            self.flows.push_back(Flow::default());
        }
        self.newest += ahead;
    }

    fn at(&self, number: u64) -> Option<Flow> {
        let age = self.newest.checked_sub(number)?;
        let index = (self.flows.len() as u64).checked_sub(age + 1)?;
        self.flows.get(index as usize).copied()
    }
}

fn in_range<'de, D: Deserializer<'de>>(deserializer: D) -> Result<RatesConfig, D::Error> {
    let config = RatesConfig::deserialize(deserializer)?;
    config.check().map(|()| config).map_err(D::Error::custom)
}

impl Flow {
    fn plus(self, other: &Self) -> Self {
        Self {
            published: self.published.saturating_add(other.published),
            deduplicated: self.deduplicated.saturating_add(other.deduplicated),
            enqueued: self.enqueued.saturating_add(other.enqueued),
            refused: self.refused.saturating_add(other.refused),
            delivered: self.delivered.saturating_add(other.delivered),
            redelivered: self.redelivered.saturating_add(other.redelivered),
            acked: self.acked.saturating_add(other.acked),
            failed: self.failed.saturating_add(other.failed),
            dead_lettered: self.dead_lettered.saturating_add(other.dead_lettered),
            discarded: self.discarded.saturating_add(other.discarded),
        }
    }
}

#[cfg(test)]
mod tests {
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;
    use crate::{
        entropy::mix,
        message::DeadReason,
        observe::tests::{acked, at, dead_lettered, delivered, enqueued, message, queue},
    };

    const ORDERS: Address = Address::Queue(QueueId::new(1));

    fn rates(bucket_ms: u64, buckets: u32) -> Rates {
        Rates::new(RatesConfig { bucket: Span::from_millis(bucket_ms), buckets }).unwrap()
    }

    #[test]
    fn each_kind_is_counted_where_it_happens() {
        let mut rates = rates(1_000, 60);
        let topic = Address::Topic(crate::TopicId::new(7));
        let id = crate::MessageId { address: topic, number: 1 };
        let published =
            Event::Published { to: topic, message: id, causation: None, correlation: id };
        let lease = crate::LeaseId::new(1);
        let (orders, number) = (queue(1), message(1));
        let due = at(9);
        let reason = crate::FailReason::Transient;
        for event in [
            published,
            Event::Deduplicated { to: topic, original: id },
            Event::Refused { queue: orders, message: number },
            enqueued(1, 1),
            delivered(1, 1, 1),
            Event::RetryScheduled { queue: orders, message: number, deliveries: 1, due, reason },
            delivered(1, 1, 2),
            Event::LeaseExpired { queue: orders, message: number, lease },
            delivered(1, 1, 3),
            acked(1, 1, 3),
            dead_lettered(1, 2, 2, DeadReason::Rejected),
            Event::Discarded { queue: orders, message: number, reason: DeadReason::Deadline },
        ] {
            rates.record(at(5), event);
        }
        let at_topic = Flow { published: 1, deduplicated: 1, ..Flow::default() };
        assert_eq!(rates.window(topic, at(5)), at_topic);
        let at_queue = Flow {
            enqueued: 1,
            refused: 1,
            delivered: 3,
            redelivered: 2,
            acked: 1,
            failed: 2,
            dead_lettered: 1,
            discarded: 1,
            ..Flow::default()
        };
        assert_eq!(rates.window(ORDERS, at(5)), at_queue);
        assert_eq!(rates.total(ORDERS), at_queue);
        assert_eq!(rates.window(Address::Queue(queue(2)), at(5)), Flow::default());
    }

    #[test]
    fn the_window_slides_as_a_recount_says() {
        for seed in 0..50 {
            let mut state = mix(seed);
            let mut draw = |below| {
                state = mix(state);
                state % below
            };
            let (bucket, buckets) = (1 + draw(20), 1 + draw(9));
            let mut rates = rates(bucket, buckets as u32);
            let (mut now, mut times) = (draw(1_000), Vec::new());
            for _ in 0..200 {
                now += if draw(20) == 0 { draw(400) } else { draw(2 * bucket) };
                rates.record(at(now), acked(1, 1, 1));
                times.push(now / bucket);
                let later = now + draw(bucket * (buckets + 2));
                let last = later / bucket;
                let recount: Vec<u64> = (0..buckets)
                    .rev()
                    .map(|age| times.iter().filter(|time| **time + age == last).count() as u64)
                    .collect();
                let told: Vec<_> =
                    rates.series(ORDERS, at(later)).iter().map(|f| f.acked).collect();
                assert_eq!(told, recount, "seed {seed} at {later}");
                assert_eq!(rates.window(ORDERS, at(later)).acked, recount.iter().sum::<u64>());
            }
            assert_eq!(rates.total(ORDERS).acked, 200);
        }
    }

    #[test]
    fn an_earlier_time_counts_as_the_last_one() {
        let mut rates = rates(1_000, 2);
        rates.record(at(5_000), acked(1, 1, 1));
        rates.record(at(0), acked(1, 2, 2));
        let acked: Vec<_> = rates.series(ORDERS, at(5_000)).iter().map(|f| f.acked).collect();
        assert_eq!(acked, [0, 2]);
    }

    #[test]
    fn the_window_and_the_addresses_are_bounded() {
        for (bucket, buckets, wrong) in [
            (0, 1, Some("bucket_ms")),
            (1, 1, None),
            (SPAN_MAX.as_millis(), 1, None),
            (SPAN_MAX.as_millis() + 1, 1, Some("bucket_ms")),
            (1, 0, Some("buckets")),
            (1, RATE_BUCKETS_MAX, None),
            (1, RATE_BUCKETS_MAX + 1, Some("buckets")),
        ] {
            let config = RatesConfig { bucket: Span::from_millis(bucket), buckets };
            assert_eq!(Rates::new(config).err().map(|refused| refused.setting), wrong);
        }
        let mut rates = rates(1_000, 1);
        for id in 0..=OBSERVED_MAX {
            rates.record(at(0), enqueued(id, 1));
        }
        let last = |id| rates.total(Address::Queue(queue(id))).enqueued;
        assert_eq!((last(OBSERVED_MAX - 1), last(OBSERVED_MAX)), (1, 0));
    }

    #[test]
    fn a_ring_is_never_longer_than_its_window() {
        let mut rates = rates(1, RATE_BUCKETS_MAX);
        for now in 0..2 * u64::from(RATE_BUCKETS_MAX) {
            rates.record(at(now), acked(1, 1, 1));
        }
        assert_eq!(rates.addresses[&ORDERS].flows.len(), RATE_BUCKETS_MAX as usize);
        rates.record(Timestamp::from_micros(u64::MAX), acked(1, 1, 1));
        assert_eq!(rates.addresses[&ORDERS].flows.len(), 1, "nothing of before is in the window");
    }

    #[test]
    fn a_copy_of_it_written_down_goes_on_alike() {
        let mut rates = rates(1_000, 3);
        rates.record(at(1_500), acked(1, 1, 1));
        let text = serde_json::to_string(&rates).unwrap();
        let mut twin: Rates = serde_json::from_str(&text).unwrap();
        for counting in [&mut rates, &mut twin] {
            counting.record(at(2_500), acked(1, 2, 2));
        }
        assert_eq!(rates, twin);
        assert_eq!(twin.window(ORDERS, at(2_500)).acked, 2);
        let damaged = text.replace("\"buckets\":3", "\"buckets\":0");
        assert!(damaged != text && serde_json::from_str::<Rates>(&damaged).is_err());
    }
}
