//! The way back from the dead letters.

use postroom_core::{
    Event, Hop, HopReason, NoSuchQueue, QueueId, Redrive, RedriveError, Redriven, Span, Timestamp,
    limits,
};

use super::{
    Broker,
    dead::with_hop,
    id,
    queue::{Copy, Queue},
};

/// A redrive under way.
#[derive(Clone, Debug)]
pub(super) struct Task {
    redrive: Redrive,
    started_at: Timestamp,
    /// What was there when it began, and has not been looked at.
    left: Vec<u64>,
    moved: u32,
    stayed: u32,
}

impl Task {
    /// The nth copy moves n/rate after the first.
    pub(super) fn next_at(&self) -> Timestamp {
        let rate = u64::from(self.redrive.per_second.unwrap_or(1));
        self.started_at + Span::from_micros(u64::from(self.moved) * 1_000_000 / rate)
    }
}

impl Broker {
    pub(super) fn redrive(&mut self, redrive: Redrive) -> Result<Redriven, RedriveError> {
        let index = self.check_redrive(&redrive)?;
        let dead = &self.queues[index];
        let left = dead.copies.iter().map(|copy| copy.seq).collect();
        let (at_once, started_at) = (redrive.per_second.is_none(), self.now);
        if !at_once {
            self.emit(Event::RedriveStarted { queue: redrive.from });
        }
        self.queues[index].task = Some(Task { redrive, started_at, left, moved: 0, stayed: 0 });
        let mut done = Redriven::default();
        while let Some(task) = self.queues[index].task.clone() {
            if !at_once && task.moved > 0 {
                break;
            }
            done = self.redrive_next(index, done);
        }
        self.move_on();
        if let Some(task) = &self.queues[index].task {
            done.scheduled = self.still_there(index, task);
        }
        Ok(done)
    }

    pub(super) fn cancel_redrive(&mut self, queue: QueueId) -> Result<Redriven, RedriveError> {
        let index = self.known(queue).ok_or(RedriveError::NoSuchQueue { queue })?;
        let task = self.queues[index].task.clone();
        let task = task.ok_or(RedriveError::NoneUnderWay { queue })?;
        self.end_task(index, true);
        Ok(Redriven { moved: task.moved, stayed: task.stayed, scheduled: 0 })
    }

    pub(super) fn go_on_redriving(&mut self, index: usize) {
        self.redrive_next(index, Redriven::default());
    }

    pub(super) fn end_task(&mut self, index: usize, cancelled: bool) {
        let task = self.queues[index].task.take();
        if let Some(Task { moved, stayed, .. }) = task.filter(|t| t.redrive.per_second.is_some()) {
            let queue = id(index);
            self.emit(Event::RedriveEnded { queue, moved, stayed, cancelled });
        }
    }

    /// Moves the next copy that can move; those that cannot stay. Ends the task after the last.
    fn redrive_next(&mut self, index: usize, mut done: Redriven) -> Redriven {
        loop {
            let task = self.queues[index].task.as_mut().expect("it is under way");
            if task.moved == task.redrive.max || task.left.is_empty() {
                self.end_task(index, false);
                return done;
            }
            let (seq, redrive) = (task.left.remove(0), task.redrive.clone());
            let there = self.queues[index].find(seq).filter(|copy| fits(copy, &redrive));
            let Some(copy) = there.cloned() else { continue };
            let to = redrive.to.or_else(|| copy.source()).map(|to| to.number() as usize);
            let Some(to) = to.filter(|to| self.can_take_back(index, *to, &copy)) else {
                done.stayed += 1;
                self.task(index).stayed += 1;
                continue;
            };
            done.moved += 1;
            self.task(index).moved += 1;
            self.move_back(index, seq, to);
            let task = self.task(index).clone();
            if self.still_there(index, &task) == 0 {
                self.end_task(index, false);
            }
            return done;
        }
    }

    fn task(&mut self, index: usize) -> &mut Task {
        self.queues[index].task.as_mut().expect("it is under way")
    }

    fn still_there(&self, index: usize, task: &Task) -> u32 {
        let queue = &self.queues[index];
        let there = task
            .left
            .iter()
            .filter(|seq| queue.find(**seq).is_some_and(|copy| fits(copy, &task.redrive)));
        (there.count() as u32).min(task.redrive.max - task.moved)
    }

    fn move_back(&mut self, index: usize, seq: u64, to: usize) {
        let copy = self.take(index, seq);
        let (queue, message) = (id(index), copy.id);
        self.emit(Event::Redriven { queue, to: id(to), message });
        let hop = Hop {
            from: queue,
            at: self.now,
            why: HopReason::Redriven,
            deliveries: copy.deliveries,
        };
        // A dead copy that waits there for the room that this one leaves changes places with it.
        if !self.queues[to].has_room_for(copy.bytes()) {
            self.bury_blocked(to);
        }
        let copy = Copy { ttl: None, ..with_hop(copy, hop) };
        self.enqueue(to, copy, self.now, true);
    }

    fn can_take_back(&self, from: usize, to: usize, copy: &Copy) -> bool {
        let (dead, queue) = (&self.queues[from], &self.queues[to]);
        queue.has_room_for(copy.bytes())
            || (queue.config.dead_letters == Some(id(from)) && makes_room(queue, dead, copy))
    }

    fn check_redrive(&self, redrive: &Redrive) -> Result<usize, RedriveError> {
        let Redrive { from, to, max, per_second, ref select } = *redrive;
        let missing = |NoSuchQueue(queue)| RedriveError::NoSuchQueue { queue };
        let index = self.known(from).ok_or(missing(NoSuchQueue(from)))?;
        if let Some(queue) = to.filter(|to| self.known(*to).is_none()) {
            return Err(missing(NoSuchQueue(queue)));
        }
        if to == Some(from) {
            return Err(RedriveError::IntoItself { queue: from });
        }
        if !(1..=limits::REDRIVE_MAX).contains(&max) {
            return Err(RedriveError::Max { max });
        }
        if per_second.is_some_and(|rate| !(1..=limits::RATE_MAX).contains(&rate)) {
            return Err(RedriveError::PerSecond);
        }
        let count = select.messages.len() as u64;
        if count > u64::from(limits::SELECT_MAX) {
            return Err(RedriveError::TooManySelected { count });
        }
        if self.queues[index].task.is_some() {
            return Err(RedriveError::UnderWay { queue: from });
        }
        Ok(index)
    }
}

/// Whether the copy that has waited longest in `queue` for room in `dead` fits there once `copy`
/// has left, and `copy` in `queue` once that one has.
fn makes_room(queue: &Queue, dead: &Queue, copy: &Copy) -> bool {
    let Some(longest) = queue.blocked.first().and_then(|seq| queue.find(*seq)) else {
        return false;
    };
    dead.bytes() - copy.bytes() + longest.bytes() <= dead.config.capacity_bytes
        && queue.bytes() - longest.bytes() + copy.bytes() <= queue.config.capacity_bytes
}

/// Whether a redrive is for this copy.
fn fits(copy: &Copy, redrive: &Redrive) -> bool {
    let select = &redrive.select;
    let (source, reason) = copy.death().unzip();
    copy.waits()
        && (select.reason.is_none() || select.reason == reason)
        && (select.source.is_none() || select.source == source)
        && (select.messages.is_empty() || select.messages.contains(&copy.id))
}
