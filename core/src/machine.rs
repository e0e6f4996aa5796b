//! The shape of every state machine in Postroom, and of those that a host can run.
//!
//! A machine takes time and entropy as data, so a journal of its commands replays to the same
//! state. A host (the simulator, or the runtime) owns the clock, the randomness and the calls.

use alloc::{string::String, vec::Vec};

use serde::{Deserialize, Serialize};

use crate::{
    consumer::Consumer,
    entropy::Entropy,
    event::Event,
    id::{CallId, ConsumerId, MessageId, QueueId, TopicId},
    message::Message,
    queue::QueueStats,
    time::{Span, Timestamp},
};

/// When a command comes, and the randomness it may use.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct At {
    /// The host's time; an older one than the last counts as the last.
    pub now: Timestamp,
    /// From the stream of whoever sends the command.
    pub entropy: Entropy,
}

impl At {
    /// This time, with entropy 0: enough where no jitter is configured.
    #[must_use]
    pub const fn time(now: Timestamp) -> Self {
        Self { now, entropy: Entropy::new(0) }
    }
}

/// Takes the facts that a machine states. `()` listens to nothing, at no cost.
pub trait Sink<E = Event> {
    /// `event` happened at `at`.
    fn record(&mut self, at: Timestamp, event: E);
}

impl<E> Sink<E> for () {
    #[inline]
    fn record(&mut self, _: Timestamp, _: E) {}
}

impl<E> Sink<E> for Vec<(Timestamp, E)> {
    fn record(&mut self, at: Timestamp, event: E) {
        self.push((at, event));
    }
}

impl<E, S: Sink<E>> Sink<E> for &mut S {
    fn record(&mut self, at: Timestamp, event: E) {
        (**self).record(at, event);
    }
}

/// A pure state machine: `(time, entropy, command) -> reply + events`.
pub trait Machine {
    /// What it can be told.
    type Command;
    /// What it answers.
    type Reply;
    /// Why it refuses; nothing has changed then but the time.
    type Error;

    /// Lets time pass up to `at.now`, then carries out `command`.
    ///
    /// # Errors
    /// The machine's own; a refused command leaves no trace.
    fn apply(
        &mut self,
        at: At,
        command: Self::Command,
        sink: &mut impl Sink,
    ) -> Result<Self::Reply, Self::Error>;

    /// When something happens by itself next: apply a tick then, or anything else.
    fn next_deadline(&self) -> Option<Timestamp>;
}

/// A machine that makes calls to the outside, which a host carries out for it.
///
/// After every `apply` the host takes all effects with [`Hosted::poll_effect`]. It answers every
/// [`Effect::Start`] with one [`Hosted::call_finished`] command, except when an
/// [`Effect::Abandon`] comes first.
///
/// At its deadline a machine gets its tick before any other command of that time. What comes up
/// then draws from the tick's entropy in every world, whoever else has something to say just then.
pub trait Hosted: Machine + Clone {
    /// The command that only lets time pass.
    fn tick() -> Self::Command;

    /// The command that reports how a call ended.
    fn call_finished(call: CallRef, outcome: Outcome) -> Self::Command;

    /// The command that tells what befell a consumer.
    fn consumer_change(change: ConsumerChange) -> Self::Command;

    /// The command of a host that winds down. After it no [`Effect::Start`] comes any more, for as
    /// long as nothing else is attached; calls under way may end.
    fn drain() -> Self::Command;

    /// The next thing to do outside, oldest first.
    fn poll_effect(&mut self) -> Option<Effect>;

    /// The name of a consumer; a host finds the provider of its calls by it.
    fn consumer_name(&self, consumer: ConsumerId) -> Option<&str>;

    /// The name of a queue, for traces and pictures.
    fn queue_name(&self, queue: QueueId) -> Option<&str>;

    /// A consumer, to look at.
    fn consumer(&self, consumer: ConsumerId) -> Option<&Consumer>;

    /// The name of a topic; goals find it by its name.
    fn topic_name(&self, topic: TopicId) -> Option<&str>;

    /// A queue's counters, for goals and reports.
    fn queue_stats(&self, queue: QueueId) -> Option<QueueStats>;

    /// A number that is equal for equal states, on every platform.
    fn digest(&self) -> u64;
}

/// What befalls a consumer, apart from how its calls end: its process, its way to its queue, its
/// size. Whatever is so already changes nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ConsumerChange {
    /// Its process is gone: calls under way are forgotten and not settled, so that their leases run
    /// out. Its breaker and its rate limit begin anew; that it is paused, stays.
    Crash {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// A crashed consumer runs again.
    Restart {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// It no longer reaches its queue: it receives nothing, and what it settles is lost.
    CutOff {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// It reaches its queue again.
    Reconnect {
        /// The consumer.
        consumer: ConsumerId,
    },
    /// So many calls may be under way at once from now on; those that are go on.
    Scale {
        /// The consumer.
        consumer: ConsumerId,
        /// From 1 to 10,000.
        concurrency: u32,
    },
    /// A call ended, and its settlement does not reach the queue.
    SettlementLost {
        /// The call.
        call: CallRef,
        /// How it ended.
        outcome: Outcome,
    },
}

/// A serde document that describes a hosted system, and the inputs that reach it from outside.
///
/// The simulator and the tests build what they run from one; the runtime may.
pub trait Blueprint: Clone {
    /// The machine that it builds.
    type Machine: Hosted;

    /// Builds it, with its queues, topics and consumers in place.
    ///
    /// # Errors
    /// Text that names the field and the remedy.
    fn build(&self, at: At, sink: &mut impl Sink) -> Result<Self::Machine, String>;

    /// The command with which producer `producer` sends its message `number` (from 0). What chance
    /// decides of the message comes from `entropy`, which is the message's own.
    fn arrival(
        &self,
        machine: &Self::Machine,
        producer: &str,
        number: u64,
        entropy: Entropy,
    ) -> <Self::Machine as Machine>::Command;

    /// How many messages a service publishes for each that it has worked on: the worker of this
    /// consumer. Default none.
    fn emissions(&self, consumer: &str) -> usize {
        let _ = consumer;
        0
    }

    /// The command with which it publishes the `nth` of them (from 0) in answer to `cause`; none to
    /// leave it out. What chance decides of it comes from `entropy`, the same whenever the work is
    /// done again.
    fn emission(
        &self,
        machine: &Self::Machine,
        consumer: &str,
        cause: &Message,
        nth: usize,
        entropy: Entropy,
    ) -> Option<<Self::Machine as Machine>::Command> {
        let _ = (machine, consumer, cause, nth, entropy);
        None
    }
}

/// Something a host does for a machine.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Effect {
    /// Begin this call.
    Start(Call),
    /// Stop waiting for this call: its deadline passed. Its answer no longer matters.
    Abandon(CallRef),
}

/// Names one call of one consumer.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct CallRef {
    /// The consumer.
    pub consumer: ConsumerId,
    /// Its call.
    pub call: CallId,
}

/// A call to be made.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Call {
    /// Its name, to report the outcome under.
    pub id: CallRef,
    /// The queue it serves.
    pub queue: QueueId,
    /// What to deliver.
    pub message: Message,
    /// Which delivery of the copy this is, from 1.
    pub delivery: u32,
    /// The machine abandons it then.
    pub deadline: Timestamp,
}

impl Call {
    /// A key that stays the same over all attempts at one copy: give it to the provider, so that
    /// a resend can be recognised.
    #[must_use]
    pub fn idempotency_key(&self) -> (QueueId, MessageId) {
        (self.queue, self.message.id)
    }
}

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The other side took it.
    Delivered,
    /// The other side recognised it: it had taken it before, and did nothing this time.
    Repeated,
    /// It failed and may succeed later.
    Transient,
    /// The other side asks for a pause, of this length if it says so.
    Throttled {
        /// No retry before this long from now.
        retry_after: Option<Span>,
    },
    /// It was refused for good: a retry cannot help.
    Permanent,
    /// It is not known whether the other side took it.
    Ambiguous,
}
