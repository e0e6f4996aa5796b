//! What moves on once a command has done its own part: copies that came to a parked group, and the
//! dead for which there is room now.

use alloc::{collections::VecDeque, vec::Vec};

use super::{Context, Engine};
use crate::{
    id::QueueId,
    machine::Sink,
    message::DeadReason,
    planted::Bug,
    queue::{Overflow, Queue},
};

/// What [`Engine::waits_in_vain`] finds.
pub(super) const WAITS_IN_VAIN: &str = "a dead copy waits for room that is there";

/// What has still to move on: nothing, between two commands.
#[derive(Clone, Debug, Default)]
pub(super) struct Moves {
    /// Copies that came to a parked group, in the order in which they came.
    followers: VecDeque<Follower>,
    /// Dead-letter queues for which it is to be seen who has room, the lowest last.
    changed: Vec<QueueId>,
}

#[derive(Clone, Copy, Debug)]
struct Follower {
    queue: QueueId,
    slot: u32,
    seq: u64,
}

impl Moves {
    #[inline]
    fn is_empty(&self) -> bool {
        self.followers.is_empty() && self.changed.is_empty()
    }

    /// A queue has changed: there may be room in it, or another of its dead be the next.
    #[inline(never)]
    pub(super) fn note(&mut self, queue: &Queue) {
        if !queue.feeders.is_empty() {
            self.look_at(queue.id);
        }
        if let Some(dead) = queue.config.dead_letters.filter(|_| queue.first_blocked().is_some()) {
            self.look_at(dead);
        }
    }

    fn look_at(&mut self, dead: QueueId) {
        if let Err(place) = self.changed.binary_search_by(|other| dead.cmp(other)) {
            self.changed.insert(place, dead);
        }
    }
}

impl Engine {
    /// Lets all move on that can, one by one: first what follows a parked group, then the dead that
    /// wait for room, those for the lowest queue first. To be called at the end of every command
    /// that changes a queue; what happens by itself counts as one.
    ///
    /// Not at once: in the middle of a command, the room that is made is somebody's already.
    #[inline]
    pub(super) fn move_on(&mut self, cx: &mut Context<impl Sink>) {
        if !self.moves.is_empty() {
            self.move_all_on(cx);
        }
    }

    #[inline(never)]
    fn move_all_on(&mut self, cx: &mut Context<impl Sink>) {
        loop {
            if let Some(follower) = self.moves.followers.pop_front() {
                self.follow(follower, cx);
            } else if let Some(dead) = self.moves.changed.last().copied() {
                match self.feeder_with_room(dead) {
                    Some(feeder) => {
                        self.bury_blocked(feeder, cx);
                        self.reschedule(feeder, cx);
                    }
                    None => self.pass_on(dead),
                }
            } else {
                return;
            }
        }
    }

    /// A copy came to a parked group.
    pub(super) fn follows(&mut self, queue: QueueId, slot: u32) {
        if let Some(copy) = self.queue(queue).and_then(|into| into.copy(slot)) {
            let follower = Follower { queue, slot, seq: copy.seq };
            self.moves.followers.push_back(follower);
        }
    }

    fn follow(&mut self, Follower { queue, slot, seq }: Follower, cx: &mut Context<impl Sink>) {
        // Since it came it may have been dropped for another, or its group released.
        let is_parked = |from: &Queue| {
            from.copy(slot).filter(|copy| copy.seq == seq && copy.waits()).is_some_and(|copy| {
                copy.message.group().is_some_and(|group| from.parked.contains(group))
            })
        };
        if self.queue(queue).is_some_and(is_parked) {
            self.die(queue, slot, DeadReason::GroupParked, cx);
        }
        self.reschedule(queue, cx);
    }

    /// The first queue whose dead wait for room in `dead`, and find it.
    fn feeder_with_room(&self, dead: QueueId) -> Option<QueueId> {
        let feeders = &self.queue(dead)?.feeders;
        feeders.iter().copied().find(|feeder| self.waits_in_vain(*feeder))
    }

    /// Whether the dead copy that has waited longest in a queue waits though its dead letters can take
    /// it: never so between two commands.
    pub(super) fn waits_in_vain(&self, queue: QueueId) -> bool {
        self.queue(queue)
            .and_then(Queue::first_blocked)
            .is_some_and(|(_, copy)| self.can_bury(queue, copy.message.bytes()))
    }

    /// Nothing waits for `dead` that it could take. What has changed there changes what those can
    /// take that make room by moving their oldest to it.
    fn pass_on(&mut self, dead: QueueId) {
        self.moves.changed.pop();
        let Some(into) = self.queues.get(dead.number() as usize) else { return };
        for feeder in &into.feeders {
            if let Some(from) = self.queues.get(feeder.number() as usize)
                && from.config.overflow == Overflow::DeadLetterOldest
                && !from.feeders.is_empty()
                && !from.planted.is(Bug::RoomNotPassedOn)
            {
                self.moves.look_at(*feeder);
            }
        }
    }
}
