//! Dead letters, what waits for room there, and parked groups.

use postroom_core::{CopyState, DeadReason, Event, Hop, HopReason, Overflow, Poison, QueueId};

use super::{Broker, id, queue::Copy};

impl Broker {
    /// A copy will not be delivered any more.
    pub(super) fn die(&mut self, index: usize, seq: u64, reason: DeadReason) {
        let queue = id(index);
        let copy = self.queues[index].find(seq).expect("it is there");
        let message = copy.id;
        let waits = !self.queues[index].blocked.is_empty();
        match self.dead_has_room(index, copy.bytes()).map(|room| room && !waits) {
            Some(false) => {
                let from = &mut self.queues[index];
                from.find_mut(seq).expect("it is there").state = CopyState::Blocked { reason };
                from.blocked.push(seq);
                self.emit(Event::Blocked { queue, message, reason });
            }
            Some(true) => {
                let copy = self.take(index, seq);
                self.bury(index, copy, reason);
            }
            None => {
                self.take(index, seq);
                self.emit(Event::Discarded { queue, message, reason });
            }
        }
    }

    /// Drops the oldest until one of so many bytes fits, or no policy helps.
    pub(super) fn make_room(&mut self, index: usize, bytes: u64) {
        while !self.queues[index].has_room_for(bytes) {
            let mut waiting = self.queues[index].copies.iter().filter(|copy| copy.waits());
            let Some(seq) = waiting.next().map(|copy| copy.seq) else { return };
            match self.queues[index].config.overflow {
                Overflow::Reject => return,
                Overflow::DropOldest => {
                    let copy = self.take(index, seq);
                    let (queue, message, reason) = (id(index), copy.id, DeadReason::Overflow);
                    self.emit(Event::Discarded { queue, message, reason });
                }
                Overflow::DeadLetterOldest => {
                    let size = self.queues[index].find(seq).expect("it waits").bytes();
                    if self.dead_has_room(index, size) != Some(true) {
                        return;
                    }
                    let copy = self.take(index, seq);
                    self.bury(index, copy, DeadReason::Overflow);
                }
            }
        }
    }

    /// Whether so many copies, of so many bytes together, fit into a queue or can be made to.
    pub(super) fn can_take(&self, index: usize, copies: u64, bytes: u64) -> bool {
        let queue = &self.queues[index];
        let config = queue.config;
        let (mut depth, mut held) = (queue.copies.len() as u64, queue.bytes());
        let (mut dropped, mut dropped_bytes) = (0, 0);
        let mut waiting = queue.copies.iter().filter(|copy| copy.waits());
        while depth + copies > config.capacity || held + bytes > config.capacity_bytes {
            let Some(oldest) = waiting.next() else { return false };
            depth -= 1;
            held -= oldest.bytes();
            dropped += 1;
            dropped_bytes += oldest.bytes();
        }
        match config.overflow {
            _ if dropped == 0 => true,
            Overflow::Reject => false,
            Overflow::DropOldest => true,
            Overflow::DeadLetterOldest => config
                .dead_letters
                .is_some_and(|dead| self.can_take(dead.number() as usize, dropped, dropped_bytes)),
        }
    }

    /// Moves a copy to the dead letters, which have room.
    pub(super) fn bury(&mut self, index: usize, copy: Copy, reason: DeadReason) {
        let queue = id(index);
        let to = self.queues[index].config.dead_letters.expect("it has dead letters");
        self.queues[index].dead += 1;
        let (message, group) = (copy.id, copy.message.group.clone());
        let why = HopReason::DeadLettered(reason);
        let hop = Hop { from: queue, at: self.now, why, deliveries: copy.deliveries };
        self.emit(Event::DeadLettered { queue, to, message, reason });
        let parks = self.queues[index].config.poison == Poison::ParkGroup && parks(reason);
        let group = group.filter(|group| parks && !self.queues[index].parked.contains(group));
        if let Some(group) = &group {
            self.queues[index].parked.push(group.clone());
            self.emit(Event::GroupParked { queue, message });
        }
        let copy = Copy { ttl: None, ..with_hop(copy, hop) };
        let to = to.number() as usize;
        self.moving.push((to, copy.clone()));
        self.make_room(to, copy.bytes());
        self.moving.pop();
        self.enqueue(to, copy, self.now, false);
        if let Some(group) = &group {
            let follows = |copy: &&Copy| copy.waits() && copy.group() == Some(group);
            while self.queues[index].parked.contains(group)
                && let Some(copy) = self.queues[index].copies.iter().find(follows)
            {
                self.die(index, copy.seq, DeadReason::GroupParked);
            }
        }
    }

    /// Takes a copy out for good.
    pub(super) fn take(&mut self, index: usize, seq: u64) -> Copy {
        let copy = self.queues[index].take(seq);
        self.left_dead_letters(index, &copy);
        copy
    }

    /// Once all else is done: what came to a parked group follows it, then the dead that wait for
    /// room move where there is some.
    pub(super) fn move_on(&mut self) {
        // What only passes through raises no alarm.
        for index in 0..self.queues.len() {
            if !self.followers.iter().any(|(queue, _)| *queue == index) {
                self.change_alarms_of(index);
            }
        }
        loop {
            if !self.followers.is_empty() {
                let (index, seq) = self.followers.remove(0);
                self.follow(index, seq);
            } else if let Some(feeder) = self.first_with_room() {
                self.bury_blocked(feeder);
                self.change_alarms_of(feeder);
            } else {
                return;
            }
        }
    }

    fn follow(&mut self, index: usize, seq: u64) {
        let queue = &self.queues[index];
        let is_parked = |copy: &Copy| {
            copy.waits() && queue.parked.iter().any(|parked| copy.group() == Some(parked))
        };
        if queue.find(seq).is_some_and(is_parked) {
            self.die(index, seq, DeadReason::GroupParked);
        }
        self.change_alarms_of(index);
    }

    /// The queue whose dead can move, those for the lowest dead letters first.
    fn first_with_room(&self) -> Option<usize> {
        let all = 0..self.queues.len();
        let pairs = all.clone().flat_map(|dead| all.clone().map(move |feeder| (dead, feeder)));
        let mut pairs = pairs
            .filter(|(dead, feeder)| self.queues[*feeder].config.dead_letters == Some(id(*dead)));
        let can_move = |(dead, feeder): &(usize, usize)| {
            let queue = &self.queues[*feeder];
            let longest = queue.blocked.first().and_then(|seq| queue.find(*seq));
            longest.is_some_and(|copy| self.can_take(*dead, 1, copy.bytes()))
        };
        pairs.find(can_move).map(|(_, feeder)| feeder)
    }

    /// The copy that has waited longest for room moves to the dead letters.
    pub(super) fn bury_blocked(&mut self, index: usize) {
        let seq = self.queues[index].blocked[0];
        let copy = self.take(index, seq);
        let CopyState::Blocked { reason } = copy.state else { unreachable!("it is blocked") };
        self.bury(index, copy, reason);
    }

    /// If `copy`, which left `dead`, was the last of its group from the queue in which it died,
    /// that group is parked no longer.
    pub(super) fn left_dead_letters(&mut self, dead: usize, copy: &Copy) {
        let (Some(group), Some((source, _))) = (copy.group(), copy.death()) else { return };
        let feeder = source.number() as usize;
        let counts = |copy: &Copy| {
            copy.group() == Some(group)
                && copy.death().is_some_and(|(from, reason)| from == source && parks(reason))
        };
        let on_its_way = self.moving.iter().any(|(to, copy)| *to == dead && counts(copy));
        let is_left = on_its_way || self.queues[dead].copies.iter().any(counts);
        if self.queues[feeder].config.dead_letters == Some(id(dead))
            && self.queues[feeder].parked.iter().any(|parked| parked == group)
            && !is_left
        {
            self.queues[feeder].parked.retain(|parked| parked != group);
            self.emit(Event::GroupReleased { queue: source });
        }
    }

    /// Whether the dead letters of a queue have room for so many bytes; none if there are none.
    pub(super) fn dead_has_room(&self, index: usize, bytes: u64) -> Option<bool> {
        let dead: QueueId = self.queues[index].config.dead_letters?;
        Some(self.can_take(dead.number() as usize, 1, bytes))
    }
}

/// A copy that has moved once more; what was before the last 16 moves is forgotten.
pub(super) fn with_hop(mut copy: Copy, hop: Hop) -> Copy {
    copy.history.push(hop);
    let forgotten = copy.history.len().saturating_sub(16);
    copy.history.drain(..forgotten);
    copy
}

/// Whether a dead copy holds up those of its group that came after it.
fn parks(reason: DeadReason) -> bool {
    !matches!(reason, DeadReason::Overflow | DeadReason::Shed)
}
