//! A redrive under way: which copies, at what pace, and how far it has come.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use super::{Copy, Queue};
use crate::{
    id::{MessageId, QueueId},
    limits::{CAPACITY_MAX, RATE_MAX, REDRIVE_MAX, SELECT_MAX},
    message::DeadReason,
    time::{Span, Timestamp},
};

/// Which dead letters a redrive moves: all that match each condition that is set.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Select {
    /// Dead for this reason.
    pub reason: Option<DeadReason>,
    /// Dead in this queue.
    pub source: Option<QueueId>,
    /// Copies of these messages; of any if empty. At most
    /// [`SELECT_MAX`](crate::limits::SELECT_MAX).
    pub messages: Vec<MessageId>,
}

impl Select {
    fn matches(&self, copy: &Copy) -> bool {
        let death = copy.history.death();
        self.reason.is_none_or(|wanted| death.is_some_and(|(_, reason)| reason == wanted))
            && self.source.is_none_or(|wanted| death.is_some_and(|(source, _)| source == wanted))
            && (self.messages.is_empty() || self.messages.contains(&copy.message.id))
    }
}

/// A redrive under way.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Task {
    pub(crate) select: Select,
    /// Where to; each to the queue it died in if absent.
    pub(crate) to: Option<QueueId>,
    /// So many a second; all at once if absent.
    pub(crate) per_second: Option<u32>,
    /// At most so many more.
    pub(crate) left: u32,
    /// Copies from this place in the order of arrival on have not been looked at.
    pub(crate) from_seq: u64,
    /// Copies from this place on came in after the redrive began.
    pub(crate) to_seq: u64,
    pub(crate) started_at: Timestamp,
    pub(crate) next_at: Timestamp,
    pub(crate) moved: u32,
    pub(crate) stayed: u32,
}

impl Task {
    /// False for a damaged document.
    pub(crate) fn is_sound(&self, next_seq: u64) -> bool {
        self.per_second.is_some_and(|rate| (1..=RATE_MAX).contains(&rate))
            && self.from_seq <= self.to_seq
            && self.to_seq <= next_seq
            && u64::from(self.left) + u64::from(self.moved) <= u64::from(REDRIVE_MAX)
    }

    /// Whether a redrive that has come so far goes on after `now`: false for a damaged document.
    pub(crate) fn goes_on(&self, now: Timestamp) -> bool {
        let mut scheduled = self.clone();
        scheduled.schedule_next();
        self.left > 0
            && self.moved > 0
            && u64::from(self.stayed) <= CAPACITY_MAX
            && self.select.messages.len() <= SELECT_MAX as usize
            && self.started_at <= now
            && scheduled.next_at == self.next_at
    }

    /// When the next copy moves: the nth, from 0, n/rate after the first.
    pub(crate) fn schedule_next(&mut self) {
        if let Some(rate) = self.per_second {
            let micros = u64::from(self.moved) * 1_000_000 / u64::from(rate);
            self.next_at = self.started_at + Span::from_micros(micros);
        }
    }
}

impl Queue {
    /// The copies that a redrive has still to look at, oldest arrival first.
    pub(crate) fn redrivable<'a>(
        &'a self,
        task: &'a Task,
    ) -> impl Iterator<Item = (u32, &'a Copy)> + 'a {
        let copies = self.copies.by_arrival_from(task.from_seq, self.next_seq);
        copies
            .take_while(|(_, copy)| copy.seq < task.to_seq)
            .filter(move |(_, copy)| copy.waits() && task.select.matches(copy))
    }
}
