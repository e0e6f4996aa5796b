//! Creating queues, topics and ledgers.

use alloc::{string::String, vec::Vec};

use super::{
    ConfigureError, Context, Engine, LedgerConfig, TopicConfig, claims::Ledger, topic::Topic,
};
use crate::{
    event::Event,
    id::{LedgerId, QueueId, TopicId},
    limits::{
        CLAIMS_MAX, DEAD_LETTER_CHAIN_MAX, LEDGERS_MAX, NAME_BYTES_MAX, QUEUES_MAX, SPAN_MAX,
        TOPICS_MAX,
    },
    machine::Sink,
    queue::{Dedup, Overflow, Queue, QueueConfig},
    time::Span,
};

impl Engine {
    pub(super) fn do_create_queue(
        &mut self,
        name: String,
        config: QueueConfig,
        cx: &mut Context<impl Sink>,
    ) -> Result<QueueId, ConfigureError> {
        let taken = self.queue_names.contains_key(&name);
        check_name(&name, taken)?;
        check_count("queues", self.queues.len(), QUEUES_MAX)?;
        if let Some((setting, range)) = config.out_of_range() {
            return Err(ConfigureError::OutOfRange { setting, range });
        }
        if config.overflow == Overflow::DeadLetterOldest && config.dead_letters.is_none() {
            return Err(ConfigureError::NowhereForOldest);
        }
        if let Some(queue) = config.dead_letters {
            let dead = self.queue(queue).ok_or(ConfigureError::NoSuchDeadLetters { queue })?;
            if self.chain_length(queue) > DEAD_LETTER_CHAIN_MAX {
                return Err(ConfigureError::DeadLetterChain);
            }
            let (capacity_bytes, largest) = (dead.config.capacity_bytes, config.largest());
            if capacity_bytes < largest {
                return Err(ConfigureError::DeadLettersTooSmall { queue, capacity_bytes, largest });
            }
        }

        let queue = QueueId::new(self.queues.len() as u32);
        self.queues.push(Queue::new(queue, name.clone(), config));
        self.queue_names.insert(name, u64::from(queue.number()));
        self.scheduled.push(None);
        if let Some(dead) = config.dead_letters.and_then(|dead| self.queue_mut(dead)) {
            dead.feeders.push(queue);
        }
        cx.emit(Event::QueueCreated { queue, dead_letters: config.dead_letters });
        Ok(queue)
    }

    pub(super) fn do_create_topic(
        &mut self,
        name: String,
        config: TopicConfig,
        cx: &mut Context<impl Sink>,
    ) -> Result<TopicId, ConfigureError> {
        let taken = self.topic_names.contains_key(&name);
        check_name(&name, taken)?;
        check_count("topics", self.topics.len(), TOPICS_MAX)?;
        check_span("dedup_window_ms", config.dedup_window)?;

        let topic = TopicId::new(self.topics.len() as u32);
        self.topic_names.insert(name.clone(), u64::from(topic.number()));
        let (subscriptions, dedup) = (Vec::new(), Dedup::default());
        self.topics.push(Topic { name, config, subscriptions, dedup, next_message: 0 });
        cx.emit(Event::TopicCreated { topic });
        Ok(topic)
    }

    pub(super) fn do_create_ledger(
        &mut self,
        name: String,
        config: LedgerConfig,
        cx: &mut Context<impl Sink>,
    ) -> Result<LedgerId, ConfigureError> {
        let taken = self.ledgers.iter().any(|ledger| ledger.name == name);
        check_name(&name, taken)?;
        check_count("ledgers", self.ledgers.len(), LEDGERS_MAX)?;
        // A claim that runs out at once would let two do its work.
        if config.in_progress == Span::ZERO || !is_setting(config.in_progress) {
            let range = "whole milliseconds, from 1 ms to 366 days";
            return Err(ConfigureError::OutOfRange { setting: "in_progress_ms", range });
        }
        check_span("keep_ms", config.keep)?;
        if !(1..=CLAIMS_MAX).contains(&config.capacity) {
            let range = "1 to 1,000,000";
            return Err(ConfigureError::OutOfRange { setting: "capacity", range });
        }

        let ledger = LedgerId::new(self.ledgers.len() as u32);
        self.ledgers.push(Ledger::new(ledger, name, config));
        cx.emit(Event::LedgerCreated { ledger });
        Ok(ledger)
    }

    /// How many queues a dead copy passes from `queue` on.
    pub(super) fn chain_length(&self, queue: QueueId) -> u32 {
        let next = |queue: &QueueId| self.queue(*queue)?.config.dead_letters;
        let chain = core::iter::successors(Some(queue), next);
        chain.take(DEAD_LETTER_CHAIN_MAX as usize + 1).count() as u32
    }
}

fn check_name(name: &str, taken: bool) -> Result<(), ConfigureError> {
    let bytes = name.len() as u64;
    if !(1..=u64::from(NAME_BYTES_MAX)).contains(&bytes) {
        return Err(ConfigureError::NameLength { bytes });
    }
    if taken {
        return Err(ConfigureError::NameTaken { name: name.into() });
    }
    Ok(())
}

pub(super) fn check_count(
    what: &'static str,
    count: usize,
    max: u32,
) -> Result<(), ConfigureError> {
    if count as u64 >= u64::from(max) {
        return Err(ConfigureError::TooMany { what, max });
    }
    Ok(())
}

/// Whether a topic's or ledger's span may be set so.
pub(super) fn is_setting(span: Span) -> bool {
    span <= SPAN_MAX && span.is_whole_millis()
}

fn check_span(setting: &'static str, span: Span) -> Result<(), ConfigureError> {
    if !is_setting(span) {
        let range = "whole milliseconds, at most 366 days";
        return Err(ConfigureError::OutOfRange { setting, range });
    }
    Ok(())
}
