//! How a fold stood at some places of its run, so that going there is not folding everything again.

use std::rc::Rc;

use postroom_core::{Recorded, Timestamp};
use postroom_simulator::{BranchId, RunUpdate, limits::BRANCHES_MAX, missed_least};

use super::Fold;
use crate::player::Order;

/// Bytes, as estimated, of all that is kept of the folds of one run.
pub const MEMORY_BYTES_MAX: u64 = 24 << 20;
/// Places of the present branch that are kept.
pub const PLACES_MAX: usize = 128;
/// Places of every other branch that are kept.
pub const PLACES_ASIDE_MAX: usize = 8;
/// Events from one place to the next, at least.
pub const PLACE_EVENTS: u64 = 4_096;

/// Up to about so many events before the last place, they are evenly far from each other.
const EVEN_EVENTS: u64 = 1 << 20;
/// Bytes that are kept as fast as one event is folded: what is heavy is kept less often.
const BYTES_PER_EVENT: u64 = 256;
/// Three quarters for the present branch; the others share the rest.
const PRESENT_BYTES_MAX: u64 = MEMORY_BYTES_MAX / 4 * 3;
const ASIDE_BYTES_MAX: u64 = MEMORY_BYTES_MAX / 4 / BRANCHES_MAX as u64;

/// What is kept of a fold, by branch: many places where the run is, ever fewer before.
pub struct Memory<K> {
    branch: BranchId,
    /// Events of the branch that the fold has seen, those that it missed included.
    events: u64,
    /// Events at the place that was kept last, or was to be and was too heavy.
    tried: u64,
    present: Places<K>,
    aside: Vec<(BranchId, Places<K>)>,
}

/// Places of one branch, in order. Branches share those that they have in common.
type Places<K> = Vec<Rc<Place<K>>>;

struct Place<K> {
    at: Timestamp,
    events: u64,
    bytes: u64,
    kept: K,
}

impl<K> Default for Memory<K> {
    fn default() -> Self {
        let branch = BranchId::new(0);
        Self { branch, events: 0, tried: 0, present: Vec::new(), aside: Vec::new() }
    }
}

impl<K> Memory<K> {
    /// About how many bytes all places take: a little more than they do, since branches share some.
    #[must_use]
    pub fn bytes(&self) -> u64 {
        let aside = self.aside.iter().map(|(_, places)| bytes(places));
        bytes(&self.present) + aside.sum::<u64>()
    }

    /// The order, for a run that is told what need not be told again.
    #[must_use]
    pub fn order(&self, order: Order) -> Order {
        match order {
            Order::Seek(to) => {
                let before = self.present.iter().rev().find(|place| place.at <= to);
                Order::SeekFrom { to, known: before.map_or(0, |place| place.events) }
            }
            Order::Switch(branch) => {
                let places = self.aside.iter().find(|(id, _)| *id == branch);
                let last = places.and_then(|(_, places)| places.last());
                Order::SwitchFrom { branch, known: last.map_or(0, |place| place.events) }
            }
            other => other,
        }
    }

    /// The fold takes in what the run says, from where it is told to.
    pub fn take<F: Fold<Kept = K>>(&mut self, update: &RunUpdate, fold: &mut F) {
        if update.branch != self.branch {
            self.turn_to(update);
        }
        if update.reset {
            self.events = update.missed;
            let place = self.present.iter().find(|place| place.events == update.missed);
            fold.go_to(place.map(|place| &place.kept));
        }
        self.take_in(&update.batch.events, !update.reset, fold);
    }

    /// The fold takes in the next events.
    pub fn take_in<F>(&mut self, events: &[Recorded], are_news: bool, fold: &mut F)
    where
        F: Fold<Kept = K>,
    {
        // In stretches, so that there are places within a long one.
        for stretch in events.chunks(PLACE_EVENTS as usize) {
            fold.apply(stretch, are_news);
            self.events += stretch.len() as u64;
            if let Some(last) = stretch.last() {
                self.offer(last.at, fold);
            }
        }
    }

    /// The run is in another branch: in a new one that shares the past, or in one that was left.
    fn turn_to(&mut self, update: &RunUpdate) {
        let mut left = std::mem::take(&mut self.present);
        let known = self.aside.iter().position(|(id, _)| *id == update.branch);
        self.present = match known {
            Some(known) => self.aside.remove(known).1,
            None if update.reset => Vec::new(),
            None => left.iter().filter(|place| place.events <= self.events).cloned().collect(),
        };
        thin(&mut left, PLACES_ASIDE_MAX, ASIDE_BYTES_MAX);
        self.aside.push((self.branch, left));
        self.aside.retain(|(id, _)| update.branches.iter().any(|branch| branch.id == *id));
        self.branch = update.branch;
        self.tried = self.present.last().map_or(0, |place| place.events);
    }

    /// Keeps how the fold stands, if it stands far enough beyond the last place; the first place is
    /// near the beginning, and stays.
    fn offer<F: Fold<Kept = K>>(&mut self, at: Timestamp, fold: &F) {
        let is_early = |gap| self.tried > 0 && self.events < self.tried + gap;
        if is_early(PLACE_EVENTS) {
            return;
        }
        let bytes = fold.bytes();
        if is_early(bytes / BYTES_PER_EVENT) {
            return;
        }
        self.tried = self.events;
        if bytes <= PRESENT_BYTES_MAX {
            let place = Place { at, events: self.events, bytes, kept: fold.keep() };
            self.present.push(Rc::new(place));
            thin(&mut self.present, PLACES_MAX, PRESENT_BYTES_MAX);
        }
    }
}

fn bytes<K>(places: &Places<K>) -> u64 {
    places.iter().map(|place| place.bytes).sum()
}

/// Drops those that are missed least until few enough and small enough ones are left.
fn thin<K>(places: &mut Places<K>, max: usize, bytes_max: u64) {
    let mut bytes = bytes(places);
    while places.len() > max || bytes > bytes_max {
        let events: Vec<_> = places.iter().map(|place| place.events).collect();
        bytes -= places.remove(missed_least(&events, EVEN_EVENTS)).bytes;
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::Batch;
    use postroom_simulator::BranchView;

    use super::*;
    use crate::panels::samples::queued;

    #[test]
    fn places_are_dense_at_the_end_and_there_is_an_end_to_them() {
        let (mut memory, mut count) = (Memory::default(), Count { events: 0, bytes: 100 });
        let all = PLACES_MAX as u64 * PLACE_EVENTS;
        memory.take(&run_to(0, 0, all), &mut count);
        assert_eq!(memory.present.len(), PLACES_MAX, "all are kept");
        memory.take(&run_to(0, all, 4 * all), &mut count);
        assert_eq!((count.events, memory.present.len()), (4 * all, PLACES_MAX));
        assert_eq!(memory.present[0].events, PLACE_EVENTS, "the first one stays");
        for pair in memory.present.windows(2) {
            let (from, to) = (pair[0].events, pair[1].events);
            assert!((to - from) * 16 <= 4 * all - from + EVEN_EVENTS, "{from} to {to}");
        }
    }

    #[test]
    fn the_heavier_the_fewer() {
        let (mut memory, mut count) = (Memory::default(), Count { events: 0, bytes: 1 << 20 });
        memory.take(&run_to(0, 0, 200_000), &mut count);
        assert_eq!(bytes(&memory.present), PRESENT_BYTES_MAX, "as many as there is room for");
        count.bytes = PRESENT_BYTES_MAX + 1;
        memory.take(&run_to(0, 200_000, 300_000), &mut count);
        assert_eq!(bytes(&memory.present), PRESENT_BYTES_MAX, "too heavy to be kept at all");
        memory.take(&run_to(1, 300_000, 300_000), &mut count);
        assert!(bytes(&memory.aside[0].1) <= ASIDE_BYTES_MAX);
    }

    #[test]
    fn a_seek_begins_at_the_last_place_before() {
        let (mut memory, mut count) = (Memory::default(), Count { events: 0, bytes: 100 });
        memory.take(&run_to(0, 0, 20_000), &mut count);
        let seek = |memory: &Memory<u64>, ms| match memory.order(Order::Seek(at(ms))) {
            Order::SeekFrom { known, .. } => known,
            other => panic!("{other:?}"),
        };
        assert_eq!(seek(&memory, 4_094), 0, "a place is behind its last event");
        assert_eq!(seek(&memory, 4_095), PLACE_EVENTS);
        assert_eq!(seek(&memory, 19_999), 4 * PLACE_EVENTS);
        let back =
            RunUpdate { reset: true, missed: PLACE_EVENTS, ..run_to(0, PLACE_EVENTS, 5_000) };
        memory.take(&back, &mut count);
        assert_eq!((count.events, memory.events), (5_000, 5_000));
        let all = RunUpdate { reset: true, ..run_to(0, 0, 3) };
        memory.take(&all, &mut count);
        assert_eq!(count.events, 3, "from the beginning");
        assert_eq!(memory.order(Order::Step), Order::Step);
    }

    #[test]
    fn branches_share_their_past_and_come_back() {
        let (mut memory, mut count) = (Memory::default(), Count { events: 0, bytes: 100 });
        memory.take(&run_to(0, 0, 40_000), &mut count);
        let kept = memory.present.len();
        let back = RunUpdate { reset: true, ..run_to(0, 0, 10_000) };
        memory.take(&back, &mut count);
        memory.take(&run_to(1, 10_000, 10_001), &mut count);
        assert_eq!(memory.present.len(), 2, "those before the fork");
        memory.take(&run_to(1, 10_001, 20_000), &mut count);
        assert_eq!(memory.present.len(), 4);

        let switch = memory.order(Order::Switch(BranchId::new(0)));
        let known = kept as u64 * PLACE_EVENTS;
        assert_eq!(switch, Order::SwitchFrom { branch: BranchId::new(0), known });
        let switched = RunUpdate { reset: true, missed: known, ..run_to(0, known, 40_000) };
        memory.take(&switched, &mut count);
        assert_eq!((count.events, memory.present.len()), (40_000, PLACES_ASIDE_MAX));
        let gone = RunUpdate { branches: vec![view(2)], ..run_to(2, 40_000, 40_000) };
        memory.take(&gone, &mut count);
        assert!(memory.aside.is_empty(), "the run has dropped them");
    }

    /// Counts the events; weighs what it is told to.
    struct Count {
        events: u64,
        bytes: u64,
    }

    impl Fold for Count {
        type Kept = u64;

        fn apply(&mut self, events: &[Recorded], _: bool) {
            self.events += events.len() as u64;
        }

        fn go_to(&mut self, kept: Option<&u64>) {
            self.events = kept.copied().unwrap_or_default();
        }

        fn keep(&self) -> u64 {
            self.events
        }

        fn bytes(&self) -> u64 {
            self.bytes
        }
    }

    fn at(ms: u64) -> Timestamp {
        Timestamp::from_millis(ms)
    }

    fn view(branch: u32) -> BranchView {
        let id = BranchId::new(branch);
        let (forked_us, end_us) = (Timestamp::ZERO, Timestamp::ZERO);
        BranchView { id, parent: None, forked_us, end_us, interventions: 0, current: false }
    }

    /// An event every millisecond.
    fn run_to(branch: u32, from: u64, to: u64) -> RunUpdate {
        RunUpdate {
            reset: false,
            batch: Batch { events: (from..to).map(|ms| queued(ms, ms)).collect() },
            missed: 0,
            now_us: at(to),
            end_us: at(to),
            next_us: None,
            arrived: true,
            branch: BranchId::new(branch),
            branches: vec![view(0), view(1)],
            refused: None,
        }
    }
}
