//! One message in one queue.

use alloc::{sync::Arc, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    limits::HISTORY_MAX,
    message::{CopyState, CopyView, Hop, Message},
    time::Timestamp,
};

/// One message in one queue. Its body is shared with its copies elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Copy {
    pub(crate) message: Arc<Message>,
    /// Its place in the queue's order of arrival; never reused.
    pub(crate) seq: u64,
    pub(crate) enqueued_at: Timestamp,
    /// Deliveries that count towards `max_deliveries`.
    pub(crate) deliveries: u32,
    pub(crate) state: CopyState,
    /// Dead from then on, unless a consumer holds it: then when it comes back.
    pub(crate) deadline: Option<Timestamp>,
    pub(crate) history: Vec<Hop>,
}

impl Copy {
    pub(crate) fn view(&self) -> CopyView {
        CopyView {
            message: self.message.clone(),
            enqueued_at: self.enqueued_at,
            deliveries: self.deliveries,
            state: self.state,
            history: self.history.clone(),
        }
    }
}

/// A copy on its way into a queue.
#[derive(Clone, Debug)]
pub(crate) struct Arrival {
    pub(crate) message: Arc<Message>,
    /// Not ready before then.
    pub(crate) due: Timestamp,
    pub(crate) history: Vec<Hop>,
}

impl Arrival {
    /// Adds a move; the oldest is forgotten when there are too many.
    pub(crate) fn add_hop(&mut self, hop: Hop) {
        if self.history.len() == HISTORY_MAX as usize {
            self.history.remove(0);
        }
        self.history.push(hop);
    }
}
