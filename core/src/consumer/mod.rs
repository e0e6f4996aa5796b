//! The consumer: how many calls at once, for how long, how fast, and when to stop.

mod breaker;
mod config;
mod limiter;

use alloc::{sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};

pub use self::{
    breaker::{Breaker, BreakerChange, BreakerConfig, BreakerState},
    config::{Ambiguous, ConsumerConfig},
    limiter::{Limiter, Rate},
};
use crate::{
    engine::Settle,
    id::{CallId, ConsumerId, QueueId},
    machine::{At, Machine, Outcome, Sink},
    message::{Delivery, Message, Receipt},
    time::Timestamp,
};

/// What a consumer can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsumerCommand {
    /// Time passed: deadlines, tokens, the breaker.
    Tick,
    /// The queue has something ready.
    Woken,
    /// What the queue handed out, at most as much as was asked for.
    Received(Vec<Delivery>),
    /// A call ended.
    CallFinished {
        /// Which.
        call: CallId,
        /// How.
        outcome: Outcome,
    },
}

/// What a consumer wants done.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Action {
    /// Receive at most so many messages, and report them.
    Receive {
        /// From 1 to 256.
        max: u32,
    },
    /// Begin a call.
    Start {
        /// Its name.
        call: CallId,
        /// What to deliver.
        message: Arc<Message>,
        /// Which delivery of the copy this is, from 1.
        delivery: u32,
        /// It is abandoned then.
        deadline: Timestamp,
    },
    /// Stop waiting for a call.
    Abandon {
        /// Which.
        call: CallId,
    },
    /// Settle a delivery.
    Settle {
        /// Which.
        receipt: Receipt,
        /// How.
        how: Settle,
    },
}

/// A consumer of one queue.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Consumer {
    id: ConsumerId,
    queue: QueueId,
    config: ConsumerConfig,
}

impl Machine for Consumer {
    type Command = ConsumerCommand;
    type Reply = Vec<Action>;
    type Error = core::convert::Infallible;

    fn apply(
        &mut self,
        _at: At,
        _command: ConsumerCommand,
        _sink: &mut impl Sink,
    ) -> Result<Vec<Action>, core::convert::Infallible> {
        todo!()
    }

    fn next_deadline(&self) -> Option<Timestamp> {
        todo!()
    }
}

impl Consumer {
    /// The queue it works.
    #[must_use]
    pub fn queue(&self) -> QueueId {
        self.queue
    }

    /// Its settings.
    #[must_use]
    pub fn config(&self) -> &ConsumerConfig {
        &self.config
    }

    /// Calls under way.
    #[must_use]
    pub fn calls_under_way(&self) -> u32 {
        todo!()
    }

    /// Its breaker, if it has one.
    #[must_use]
    pub fn breaker(&self) -> Option<BreakerState> {
        todo!()
    }
}
