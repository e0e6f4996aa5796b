//! What could never have come about: a document that holds it was damaged, or made to harm.

use alloc::collections::BTreeSet;

use super::{Engine, OnFull, claims::Ledger, topic::Topic};
use crate::{
    id::Address,
    limits::{LEASE_MAX, NAME_BYTES_MAX, SPAN_MAX},
    message::CopyState,
    queue::{Copy, Dedup, Queue},
    time::Span,
};

/// What counts up one by one stays below this for longer than anything runs: to add is safe.
const COUNT_MAX: u64 = 1 << 62;

impl Engine {
    /// What of the whole could never have come about.
    pub(super) fn impossible(&self) -> Option<&'static str> {
        let queue = self.queues.iter().find_map(|queue| self.impossible_queue(queue));
        let topic = || self.topics.iter().find_map(|topic| self.impossible_topic(topic));
        queue.or_else(topic).or_else(|| self.impossible_ledgers())
    }

    fn impossible_queue(&self, queue: &Queue) -> Option<&'static str> {
        if !is_name(&queue.name) {
            return Some("a queue's name is too long, or empty");
        }
        let stats = queue.stats();
        if [stats.redeliveries, stats.dead_letters].into_iter().any(|count| count >= COUNT_MAX) {
            return Some("a queue's counters are too high to go on from");
        }
        if !self.is_possible_dedup(&queue.dedup, queue.next_message, queue.config.dedup_window) {
            return Some("a queue's dedup keys could not have come about");
        }
        let task = queue.task.as_ref();
        let goes_on = |to: crate::QueueId| to != queue.id && self.queue(to).is_some();
        if !task.is_none_or(|task| task.goes_on(self.now) && task.to.is_none_or(goes_on)) {
            return Some("a queue's redrive under way could not have come about");
        }
        let copies = || queue.copies.iter().map(|(_, copy)| copy);
        if !copies().all(|copy| self.is_possible_message(copy)) {
            return Some("a message could not have been published");
        }
        if !copies().all(|copy| self.is_possible_copy(queue, copy)) {
            return Some("a copy could not have come to where it is");
        }
        None
    }

    fn is_possible_message(&self, copy: &Copy) -> bool {
        let message = &copy.message;
        let next_message = match message.address() {
            Address::Queue(queue) => self.queue(queue).map(|queue| queue.next_message),
            Address::Topic(topic) => {
                self.topics.get(topic.number() as usize).map(|topic| topic.next_message)
            }
        };
        message.is_within_limits()
            && next_message.is_some_and(|next| message.id.number < next)
            && message.published_at <= copy.enqueued_at
            && copy.enqueued_at <= self.now
    }

    fn is_possible_copy(&self, queue: &Queue, copy: &Copy) -> bool {
        let in_state = match copy.state {
            CopyState::Ready => true,
            CopyState::Delayed { until } => until <= self.now + SPAN_MAX,
            CopyState::InFlight { since, until, .. } => {
                copy.deliveries > 0
                    && copy.enqueued_at <= since
                    && since <= self.now
                    && until <= since + LEASE_MAX
            }
            CopyState::Blocked { .. } => queue.config.dead_letters.is_some(),
        };
        let mut hops = copy.history.hops().iter();
        let buried_here = copy.history.death().is_none_or(|(source, _)| {
            self.queue_config(source).is_some_and(|config| config.dead_letters == Some(queue.id))
        });
        in_state && buried_here && hops.all(|hop| self.queue(hop.from).is_some())
    }

    fn impossible_topic(&self, topic: &Topic) -> Option<&'static str> {
        if !is_name(&topic.name) {
            return Some("a topic's name is too long, or empty");
        }
        if !self.is_possible_dedup(&topic.dedup, topic.next_message, topic.config.dedup_window) {
            return Some("a topic's dedup keys could not have come about");
        }
        let diverts_nowhere = topic.subscriptions.iter().any(|one| {
            one.on_full == OnFull::Divert
                && self.queue_config(one.queue).is_none_or(|config| config.dead_letters.is_none())
        });
        diverts_nowhere.then_some("a topic's subscriptions could not have come about")
    }

    fn impossible_ledgers(&self) -> Option<&'static str> {
        let names: BTreeSet<&str> =
            self.ledgers.iter().map(|ledger| ledger.name.as_str()).collect();
        let possible = |(index, ledger): (u32, &Ledger)| {
            is_name(&ledger.name) && ledger.is_possible(index, COUNT_MAX)
        };
        (names.len() != self.ledgers.len() || !(0..).zip(&self.ledgers).all(possible))
            .then_some("a ledger could not have come about")
    }

    fn is_possible_dedup(&self, dedup: &Dedup, next: u64, window: Span) -> bool {
        next < COUNT_MAX
            && super::configure::is_setting(window)
            && dedup.is_possible(next, self.now + window)
    }
}

fn is_name(name: &str) -> bool {
    (1..=NAME_BYTES_MAX as usize).contains(&name.len())
}
