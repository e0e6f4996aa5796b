//! What plays a case: the engine, or a real server.

use super::{
    case::{Options, Step, Time},
    need::Need,
};

/// Why something was refused, in the words of the cases: `stale`, `full`, `too_long` …
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refused(pub String);

impl Refused {
    /// For this reason.
    pub fn because(reason: impl Into<String>) -> Self {
        Self(reason.into())
    }
}

/// What came of a step.
pub type Answer<T = Vec<String>> = Result<T, Refused>;

/// One delivery.
#[derive(Clone, Debug)]
pub struct Got<R> {
    /// The message's body.
    pub body: String,
    /// Which delivery of it this is, from 1, if the backend says so.
    pub delivery: Option<u32>,
    /// The message's id, if the backend says so.
    pub id: Option<String>,
    /// What came with it: attributes, group, subject.
    pub carries: Vec<(String, String)>,
    /// What to settle it with.
    pub receipt: R,
}

/// How a delivery is settled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum How {
    /// Well.
    Ack,
    /// To be tried again, after a while if that is said.
    Retry(Option<Time>),
    /// Unused.
    Release,
    /// Never again.
    Reject,
    /// Not yet: the lease ends so long from now.
    Extend(Time),
}

/// Something that queues messages. One backend plays one case.
pub trait Backend {
    /// What a delivery is settled with.
    type Receipt: Clone;

    /// Its name in reports.
    fn name(&self) -> &'static str;

    /// Whether it can do that.
    fn offers(&self, need: Need) -> bool;

    /// Creates a queue; its keys are in [`language`](super::language).
    ///
    /// # Errors
    /// When the settings are refused.
    fn queue(&mut self, name: &str, options: &Options) -> Answer;

    /// Publishes one message to a queue or a topic. Answers `queued`, `duplicate`, or for a topic
    /// the queues that it reached (`work`, `work:diverted`).
    ///
    /// # Errors
    /// When it is not taken.
    fn send(&mut self, to: &str, body: &str, options: &Options) -> Answer;

    /// Takes what is there, without waiting.
    ///
    /// # Errors
    /// When nothing may be taken.
    fn receive(&mut self, queue: &str, options: &Options) -> Answer<Vec<Got<Self::Receipt>>>;

    /// Waits for one message, at most `patience`.
    ///
    /// # Errors
    /// When nothing may be taken.
    fn poll(&mut self, queue: &str, patience: Time) -> Answer<Vec<Got<Self::Receipt>>>;

    /// Settles one delivery.
    ///
    /// # Errors
    /// When the receipt no longer allows it.
    fn settle(&mut self, receipt: &Self::Receipt, how: How) -> Answer<()>;

    /// A receipt that nobody gave.
    fn made_up(&self) -> Self::Receipt;

    /// Lets time pass.
    fn wait(&mut self, time: Time);

    /// The consumer that holds deliveries of this queue is gone: returns when they are back.
    fn vanish(&mut self, queue: &str);

    /// Acknowledges several deliveries in one step: `ok` or the refusal of each.
    ///
    /// # Errors
    /// When the whole step is refused.
    fn ack_batch(&mut self, receipts: &[Self::Receipt]) -> Answer;

    /// Whatever else a case does.
    ///
    /// # Errors
    /// When it is refused.
    fn perform(&mut self, step: &Step) -> Answer;
}
