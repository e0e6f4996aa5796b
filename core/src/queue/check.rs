//! What holds in a queue whatever is done to it: looked at where something changes, and in a sweep
//! over everything.

use alloc::{
    collections::{BTreeMap, BTreeSet},
    vec::Vec,
};

use super::{Copy, Place, Poison, Profile, Queue, QueueConfig, TimerKind};
use crate::{
    message::{CopyState, DeadReason},
    time::Timestamp,
};

impl CopyState {
    /// Whether a copy may go from this state to that one.
    pub(crate) fn may_become(self, next: Self) -> bool {
        match self {
            Self::Ready => matches!(next, Self::InFlight { .. } | Self::Blocked { .. }),
            Self::Delayed { .. } => matches!(next, Self::Ready | Self::Blocked { .. }),
            Self::InFlight { .. } => true,
            // Dead: it can only leave.
            Self::Blocked { .. } => false,
        }
    }
}

/// Looks at a copy that is about to be handed out, for the time `delivery`.
///
/// # Panics
/// When nobody may get it any more.
#[inline]
pub(super) fn check_delivery(config: &QueueConfig, copy: &Copy, delivery: u32, now: Timestamp) {
    let endless = config.poison == Poison::Block && copy.message.group().is_some();
    assert!(
        delivery <= config.max_deliveries || endless,
        "a copy is delivered after its last delivery"
    );
    assert!(copy.over(now).is_none(), "a copy is delivered after its end");
}

impl Queue {
    /// Looks at the counters after a change, at a cost that does not grow.
    ///
    /// # Panics
    /// When they cannot be right: to go on would spread a fault to what is written down.
    #[inline]
    pub(crate) fn check_touched(&self) {
        let (counts, copies) = (self.copies.counts(), self.copies.len());
        assert!(counts.depth() == copies, "a copy is in two states, or in none");
        assert!(copies <= self.config.capacity, "a queue holds more than its capacity");
        assert!(counts.bytes <= self.config.capacity_bytes, "a queue holds more bytes than it may");
        assert!(counts.in_flight <= self.config.in_flight_max, "too many copies are in flight");
    }

    /// What is wrong in this queue, by a sweep over all its copies.
    pub(crate) fn violation(&mut self, now: Timestamp) -> Option<&'static str> {
        let due = self.next_due();
        let deliverable = self.is_deliverable();
        self.damage()
            .or_else(|| self.miscount())
            .or_else(|| self.misgrouped())
            .or_else(|| self.unscheduled(now))
            .or_else(|| due.filter(|at| *at <= now).map(|_| "something is overdue"))
            .or((deliverable != self.awake)
                .then_some("a change of what can be received was missed"))
    }

    fn miscount(&self) -> Option<&'static str> {
        let counts = self.copies.counts();
        let count = |is: fn(&CopyState) -> bool| {
            self.copies.iter().filter(|(_, copy)| is(&copy.state)).count() as u64
        };
        let recount = [
            count(|state| matches!(state, CopyState::Ready)),
            count(|state| matches!(state, CopyState::Delayed { .. })),
            count(|state| matches!(state, CopyState::InFlight { .. })),
            count(|state| matches!(state, CopyState::Blocked { .. })),
            self.copies.iter().map(|(_, copy)| copy.message.bytes()).sum(),
        ];
        let noted = [counts.ready, counts.delayed, counts.in_flight, counts.blocked, counts.bytes];
        if noted != recount {
            return Some("the counters are not those of a recount");
        }
        let arrivals: Vec<u64> = self.copies.by_arrival().map(|(_, copy)| copy.seq).collect();
        let all = arrivals.len() as u64 == self.copies.len();
        (!all || !arrivals.is_sorted_by(|one, next| one < next))
            .then_some("a copy is missing in the order of arrival")
    }

    /// Ordered groups: who is in them, whose turn it is, and how many are out.
    fn misgrouped(&self) -> Option<&'static str> {
        let mut groups: BTreeMap<&str, Vec<(u64, u32)>> = BTreeMap::new();
        let mut in_flight: BTreeSet<&str> = BTreeSet::new();
        for (slot, copy) in self.copies.iter() {
            let Some(group) = copy.message.group() else { continue };
            groups.entry(group).or_default().push((copy.seq, slot));
            let is_out = matches!(copy.state, CopyState::InFlight { .. });
            if is_out && !in_flight.insert(group) && self.config.profile == Profile::Strict {
                return Some("two copies of an ordered group are in flight");
            }
        }
        for (group, mut members) in groups {
            members.sort_unstable();
            let slots = members.into_iter().map(|(_, slot)| slot);
            if !slots.eq(self.copies.groups().slots(group)) {
                return Some("a group is not made of its copies");
            }
        }
        let offered = self.ready.places();
        let has_turn = |(_, copy): &(u32, &Copy)| self.copies.has_turn(copy);
        let mut turns = self.copies.iter().filter(has_turn);
        turns
            .any(|(slot, copy)| !offered.contains(&Place::new(copy.seq, slot)))
            .then_some("a copy has its turn and is not on offer")
    }

    /// Every copy that waits for a time has an appointment for it, and none is dead already.
    fn unscheduled(&self, now: Timestamp) -> Option<&'static str> {
        let appointments = self.timers.appointments(&self.copies);
        let has = |copy: &Copy, at, kind| appointments.contains(&(copy.seq, at, kind));
        for (_, copy) in self.copies.iter() {
            let (time, end) = (copy.ends.at(), copy.over(now));
            let scheduled = match copy.state {
                CopyState::Ready | CopyState::Blocked { .. } => true,
                CopyState::Delayed { until } => has(copy, until, TimerKind::Matures),
                CopyState::InFlight { until, .. } => has(copy, until, TimerKind::LeaseOver),
            };
            if !scheduled {
                return Some("a copy waits for a time at which nothing is to happen");
            }
            let (waits, torn) = match copy.state {
                CopyState::Ready | CopyState::Delayed { .. } => (true, true),
                CopyState::InFlight { .. } => {
                    let sqs = self.config.profile == Profile::Sqs;
                    (end.is_none(), sqs && end == Some(DeadReason::Expired))
                }
                CopyState::Blocked { .. } => (false, false),
            };
            if torn && end.is_some() {
                return Some("a copy has outlived its end");
            }
            if waits && time.is_some_and(|at| !has(copy, at, TimerKind::Ends)) {
                return Some("a copy has an end at which nothing is to happen");
            }
        }
        None
    }
}
