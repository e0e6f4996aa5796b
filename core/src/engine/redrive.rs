//! The way back from the dead letters: at once, or at a rate.

use super::{Context, Engine, Redrive, RedriveError, Redriven};
use crate::{
    event::Event,
    id::QueueId,
    limits::{RATE_MAX, REDRIVE_MAX, SELECT_MAX},
    machine::Sink,
    message::{Hop, HopReason},
    planted::Bug,
    queue::{Arrival, Copy, Queue, Task},
};

impl Engine {
    pub(super) fn do_redrive(
        &mut self,
        redrive: Redrive,
        cx: &mut Context<impl Sink>,
    ) -> Result<Redriven, RedriveError> {
        self.check_redrive(&redrive)?;
        let Redrive { from, to, max, per_second, select } = redrive;
        let Some(dead) = self.queue_mut(from) else {
            return Err(RedriveError::NoSuchQueue { queue: from });
        };
        let newcomers = dead.planted.is(Bug::RedriveTakesNewcomers);
        dead.task = Some(Task {
            select,
            to,
            per_second,
            left: max,
            from_seq: 0,
            to_seq: if newcomers { u64::MAX } else { dead.next_seq() },
            started_at: cx.now,
            next_at: cx.now,
            moved: 0,
            stayed: 0,
        });
        if per_second.is_some() {
            cx.emit(Event::RedriveStarted { queue: from });
        }
        let Redriven { moved, stayed, .. } = self.advance_redrive(from, cx);
        self.reschedule(from, cx);
        self.move_on(cx);
        Ok(Redriven { moved, stayed, scheduled: self.scheduled(from) })
    }

    pub(super) fn do_cancel_redrive(
        &mut self,
        queue: QueueId,
        cx: &mut Context<impl Sink>,
    ) -> Result<Redriven, RedriveError> {
        let dead = self.queue_mut(queue).ok_or(RedriveError::NoSuchQueue { queue })?;
        let task = dead.task.take().ok_or(RedriveError::NoneUnderWay { queue })?;
        let Task { moved, stayed, .. } = task;
        cx.emit(Event::RedriveEnded { queue, moved, stayed, cancelled: true });
        self.reschedule(queue, cx);
        self.move_on(cx);
        Ok(Redriven { moved, stayed, scheduled: 0 })
    }

    /// Moves the next copy, or all of them where no rate is set; ends the redrive when nothing is
    /// left.
    pub(super) fn advance_redrive(
        &mut self,
        queue: QueueId,
        cx: &mut Context<impl Sink>,
    ) -> Redriven {
        let mut task = match self.queue_mut(queue).and_then(|dead| dead.task.take()) {
            Some(task) => task,
            None => return Redriven::default(),
        };
        let mut over = !self.move_next(queue, &mut task, cx);
        while task.per_second.is_none() && !over && task.left > 0 {
            over = !self.move_next(queue, &mut task, cx);
        }
        task.schedule_next();
        let Task { moved, stayed, left, .. } = task;
        over |= left == 0;
        if let Some(dead) = self.queue_mut(queue)
            && !over
            && dead.redrivable(&task).next().is_some()
        {
            dead.task = Some(task);
        } else if task.per_second.is_some() {
            cx.emit(Event::RedriveEnded { queue, moved, stayed, cancelled: false });
        }
        Redriven { moved, stayed, scheduled: 0 }
    }

    /// How many copies the redrive under way has still to look at.
    fn scheduled(&self, queue: QueueId) -> u32 {
        let count = |dead: &Queue| {
            let task = dead.task.as_ref()?;
            Some(dead.redrivable(task).take(task.left as usize).count() as u32)
        };
        self.queue(queue).and_then(count).unwrap_or_default()
    }

    fn check_redrive(&self, redrive: &Redrive) -> Result<(), RedriveError> {
        let Redrive { from, to, max, per_second, ref select } = *redrive;
        let dead = self.queue(from).ok_or(RedriveError::NoSuchQueue { queue: from })?;
        if let Some(queue) = to.filter(|to| self.queue(*to).is_none()) {
            return Err(RedriveError::NoSuchQueue { queue });
        }
        if to == Some(from) {
            return Err(RedriveError::IntoItself { queue: from });
        }
        if !(1..=REDRIVE_MAX).contains(&max) {
            return Err(RedriveError::Max { max });
        }
        if per_second.is_some_and(|rate| !(1..=RATE_MAX).contains(&rate)) {
            return Err(RedriveError::PerSecond);
        }
        let count = select.messages.len() as u64;
        if count > u64::from(SELECT_MAX) {
            return Err(RedriveError::TooManySelected { count });
        }
        if dead.task.is_some() {
            return Err(RedriveError::UnderWay { queue: from });
        }
        Ok(())
    }

    /// Moves the next copy that can move; those before it stay. False if there is none.
    fn move_next(&mut self, from: QueueId, task: &mut Task, cx: &mut Context<impl Sink>) -> bool {
        let Some(dead) = self.queue(from) else { return false };
        let (mut found, mut stayed) = (None, 0);
        for (slot, copy) in dead.redrivable(task) {
            let to = task.to.or_else(|| copy.history.died_in());
            match to.filter(|to| self.can_take_back(from, *to, copy.message.bytes())) {
                Some(to) => {
                    found = Some((slot, copy.seq, to));
                    break;
                }
                None => stayed += 1,
            }
        }
        task.stayed += stayed;
        let Some((slot, seq, to)) = found else { return false };
        task.from_seq = seq + 1;
        task.left -= 1;
        task.moved += 1;
        self.move_back(from, slot, to, cx);
        true
    }

    fn move_back(&mut self, from: QueueId, slot: u32, to: QueueId, cx: &mut Context<impl Sink>) {
        let Some(Copy { message, deliveries, mut history, .. }) = self.take(from, slot, cx) else {
            return;
        };
        cx.emit(Event::Redriven { queue: from, to, message: message.id });
        if !self.queue(from).is_some_and(|from| from.planted.is(Bug::RedriveUntold)) {
            history.push(Hop { from, at: cx.now, why: HopReason::Redriven, deliveries });
        }
        if self.queue(to).is_some_and(|to| !to.fits(1, message.bytes())) {
            self.bury_blocked(to, cx);
        }
        self.enqueue(to, Arrival { message, due: cx.now, ttl: None, history }, cx);
    }

    /// Whether a copy of `from` finds room in `to`, or makes it by leaving: a dead copy that waits
    /// in `to` for room in `from` then changes places with it. Otherwise a queue full of such
    /// copies could never be worked again.
    fn can_take_back(&self, from: QueueId, to: QueueId, bytes: u64) -> bool {
        let (Some(dead), Some(into)) = (self.queue(from), self.queue(to)) else { return false };
        if into.fits(1, bytes) {
            return true;
        }
        into.config.dead_letters == Some(from)
            && into.first_blocked().is_some_and(|(_, blocked)| {
                let blocked = blocked.message.bytes();
                into.fits_in_place_of(blocked, bytes) && dead.fits_in_place_of(bytes, blocked)
            })
    }
}
