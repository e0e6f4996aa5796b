//! What a consumer can be told, and what it wants done.

use alloc::vec::Vec;

use serde::{Deserialize, Serialize};

use crate::{
    engine::Settle,
    id::CallId,
    machine::Outcome,
    message::{Delivery, Message, Receipt},
    resilience::BreakerOverride,
    time::Timestamp,
};

/// What a consumer can be told.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum ConsumerCommand {
    /// Time passed: deadlines, tokens, the breaker.
    Tick,
    /// The queue has something ready. Not needed again while [`is_woken`](crate::Consumer::is_woken).
    Woken,
    /// What the queue handed out, at most as much as was asked for. Less than that means that the
    /// queue is empty until the next `Woken`.
    Received(Vec<Delivery>),
    /// A call ended.
    CallFinished {
        /// Which.
        call: CallId,
        /// How.
        outcome: Outcome,
    },
    /// A call ended, and its settlement will not reach the queue.
    SettlementLost {
        /// Which.
        call: CallId,
        /// How.
        outcome: Outcome,
    },
    /// Its process is gone, and all that it knew with it. What is handed out to it is lost.
    Crash,
    /// Its process runs again.
    Restart,
    /// It no longer reaches its queue: it asks for nothing, and its settlements are lost.
    CutOff,
    /// It reaches its queue again.
    Reconnect,
    /// Have so many calls under way at once; out of range, it changes nothing.
    Scale(u32),
    /// Receive no more. Calls under way go on and are settled.
    Pause,
    /// Receive again.
    Resume,
    /// An operator steps in at the breaker; nothing happens where there is none.
    OverrideBreaker(BreakerOverride),
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
        message: Message,
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
