//! Couplings between channels, planted on purpose: a check of isolation must fail under each.

use super::Station;
use crate::{
    engine::Settle,
    machine::At,
    message::{CopyState, CopyView, Receipt},
    resilience::Limiter,
    time::{Span, Timestamp},
};

/// What consumers of different queues share, and must not.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Coupling {
    /// All consumers together have no more calls under way than the first one alone may have.
    SharedWorkers,
    /// All retries wait in one line: none is due before the one queued ahead of it.
    SharedRetryQueue,
    /// All consumers draw their tokens from the first one's limiter.
    SharedLimiter,
}

/// The coupling in force, and when the last retry in the shared line is due.
#[derive(Clone, Debug, Default)]
pub(super) struct Planted {
    coupling: Option<Coupling>,
    last_retry: Timestamp,
}

impl Station {
    /// Couples the consumers, in place of an earlier coupling.
    pub fn plant(&mut self, coupling: Coupling) {
        self.planted = Planted { coupling: Some(coupling), last_retry: Timestamp::ZERO };
    }

    pub(super) fn is_coupled(&self) -> bool {
        self.planted.coupling.is_some()
    }

    /// How many calls more the coupling lets a consumer start now.
    pub(super) fn planted_allowance(&self, index: usize) -> u32 {
        let first = &self.consumers[0].consumer;
        match self.planted.coupling {
            Some(Coupling::SharedWorkers) => {
                let calls = self.consumers().map(|(.., c)| c.calls_under_way()).sum();
                first.config().concurrency.saturating_sub(calls)
            }
            Some(Coupling::SharedLimiter) if index > 0 => {
                let now = self.engine.now();
                first.limiter().map_or(u32::MAX, |limiter| limiter.clone().available(now))
            }
            _ => u32::MAX,
        }
    }

    /// Takes from the first consumer's limiter what another one received.
    pub(super) fn planted_received(&mut self, index: usize, received: usize) {
        if self.planted.coupling == Some(Coupling::SharedLimiter) && index > 0 {
            let now = self.engine.now();
            if let Some(limiter) = self.consumers[0].consumer.limiter_mut() {
                (0..received).for_each(|_| _ = limiter.take(now));
            }
        }
    }

    /// When the next token comes, if anybody waits for one of the first consumer's.
    pub(super) fn planted_deadline(&self) -> Option<Timestamp> {
        let waits = |index| self.has_ready(index) && self.planted_allowance(index) == 0;
        let anybody = self.planted.coupling == Some(Coupling::SharedLimiter)
            && (1..self.consumers.len()).any(waits);
        let limiter = self.consumers.first().filter(|_| anybody)?.consumer.limiter();
        limiter.map(Limiter::next_token_at)
    }

    /// Puts a retry at the end of the shared line.
    pub(super) fn planted_settle(&mut self, receipt: Receipt, how: Settle, at: At) -> Settle {
        let Settle::Retry { delay, reason } = how else { return how };
        if self.planted.coupling != Some(Coupling::SharedRetryQueue) {
            return how;
        }
        let due = at.now + delay.unwrap_or_else(|| self.own_backoff(receipt, at));
        let due = self.planted.last_retry.max(due);
        self.planted.last_retry = due;
        Settle::Retry { delay: Some(due.since(at.now)), reason }
    }

    /// What the queue's own backoff would be.
    fn own_backoff(&self, receipt: Receipt, at: At) -> Span {
        let queue = receipt.queue();
        let Some(config) = self.engine.queue_config(queue) else { return Span::ZERO };
        let copies = self.engine.peek(queue, 0, u32::MAX);
        let is_held = |copy: &&CopyView| match copy.state {
            CopyState::InFlight { lease, .. } => lease == receipt.lease(),
            _ => false,
        };
        copies.iter().find(is_held).map_or(Span::ZERO, |copy| {
            config.backoff.delay(copy.deliveries, at.entropy, receipt.lease().number())
        })
    }
}
