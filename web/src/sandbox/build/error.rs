//! What cannot be built, in words for the reader.

use postroom_simulator::{ScenarioError, limits::NAME_BYTES_MAX};

/// Why an edit was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum EditError {
    /// It was deleted or renamed meanwhile: choose another part.
    #[error("there is no {kind} `{name}` any more: choose another part")]
    Gone {
        /// What it was.
        kind: &'static str,
        /// Its name.
        name: String,
    },
    /// Add a queue, then the worker.
    #[error("a worker takes from a queue: add a queue first")]
    NeedsQueue,
    /// Choose a queue that has none, or add one.
    #[error("dead letters belong to a queue: add a queue first, or choose one that has none yet")]
    NeedsQueueForDeadLetters,
    /// It has what was asked for.
    #[error("`{queue}` sends its dead letters to `{to}` already")]
    HasDeadLetters {
        /// The queue.
        queue: String,
        /// Its dead-letter queue.
        to: String,
    },
    /// Choose another queue.
    #[error("a dead-letter queue cannot be its own: choose another queue")]
    OwnDeadLetters,
    /// Choose a queue that is not behind this one.
    #[error("dead letters would go round in a circle: `{to}` sends its own to `{queue}`")]
    Circle {
        /// The queue.
        queue: String,
        /// The queue that was chosen for its dead letters.
        to: String,
    },
    /// Choose a queue that nothing else uses.
    #[error("`{queue}` is in use: dead letters go to a queue that nobody sends to or works on")]
    InUse {
        /// The queue that was chosen.
        queue: String,
    },
    /// Choose a queue that people work on.
    #[error("`{queue}` keeps the dead letters of `{of}`: choose another queue")]
    KeepsDeadLetters {
        /// The queue that was chosen.
        queue: String,
        /// Whose dead letters it keeps.
        of: String,
    },
    /// Choose a pair that can be connected.
    #[error(
        "a {from} does not lead to a {to}: a producer leads to a queue or topic, a topic to a \
         queue, a queue to a worker or to its dead letters, a worker to what it publishes to"
    )]
    NoWay {
        /// What was to lead.
        from: &'static str,
        /// Where to.
        to: &'static str,
    },
    /// Nothing is left to do.
    #[error("`{from}` and `{to}` are connected already")]
    ConnectedAlready {
        /// Its one end.
        from: String,
        /// Its other end.
        to: String,
    },
    /// Let it publish elsewhere.
    #[error(
        "`{worker}` would take from `{queue}` what it publishes there: it would come back for ever"
    )]
    Loop {
        /// The worker.
        worker: String,
        /// Its queue.
        queue: String,
    },
    /// Connect it elsewhere, or delete it.
    #[error("a worker has a queue: connect it to another one, or delete it")]
    WorkerNeedsQueue,
    /// Use the text for these.
    #[error("several producers send together as `{name}`: change where they send in the text")]
    SendTogether {
        /// The stream that they share.
        name: String,
    },
    /// Give it a name.
    #[error("a name has 1 to {NAME_BYTES_MAX} bytes")]
    NameLength,
    /// Choose another name.
    #[error("`{name}` is taken already: choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// Give a number in the range.
    #[error("{label}: give a whole number from {min} to {max}")]
    Range {
        /// What the setting is called.
        label: &'static str,
        /// At least.
        min: u64,
        /// At most.
        max: u64,
    },
    /// Change what the simulator names.
    #[error("{0}")]
    Refused(ScenarioError),
}
