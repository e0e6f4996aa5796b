//! The language of the cases: its verbs, and the keys that each takes.
//!
//! A file is a list of cases; `#` begins a comment line:
//!
//! ```text
//! case a_lease_ends
//!   from LocalStack test_sqs.py, test_receive_after_visibility_timeout
//!   needs exact_time
//!   queue work max_deliveries=3
//!   send work m1
//!   receive work -> m1(1)
//!   wait 1.2L
//!   receive work -> m1(2)
//!   ack m1#1 -> stale
//! ```
//!
//! What creates something is given; the other lines are done in their order; what stands behind
//! `->` must come of them. A line without `->` must not be refused.
//!
//! - *Times* are told in leases (`1.2L`); a time on the clock (`12h`) is [`Need::ExactTime`].
//! - *Bodies* name messages: no two of one queue alike. `m1` is the last delivery of it, `m1#1` its
//!   first one in this case, `dead/m1` the last one from the queue `dead`, and `made_up` one that
//!   nobody gave.
//! - *Answers* are words. `m1(2)` is the second delivery of `m1`; `m1` alone says nothing of its
//!   number. `nothing` is the empty answer; `any` before the words leaves their order open. A
//!   refusal is one word: the error's name, as in `stale`.

use super::need::Need;

/// What may be said, with how many words, which keys, and what it needs of a backend.
pub(super) struct Rule {
    pub(super) verb: Verb,
    pub(super) name: &'static str,
    /// Words that are neither keys nor the answer: at least and at most.
    pub(super) words: (usize, usize),
    pub(super) keys: &'static [(&'static str, &'static [Need])],
    pub(super) needs: &'static [Need],
    pub(super) answers: Answers,
}

/// How a found answer is held against the expected one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answers {
    /// Word by word.
    Exactly,
    /// Every expected word must be there; others may be.
    AtLeast,
    /// Word by word, and what is expected must be said.
    Said,
}

macro_rules! verbs {
    ($($(#[doc = $doc:literal])* $verb:ident $name:literal ($least:literal..=$most:expr)
        [$($key:literal: [$($need:ident),*]),* $(,)?] needs [$($own:ident),*] $answers:ident;)*) => {
        /// What a line does.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Verb {
            $($(#[doc = $doc])* $verb,)*
        }

        pub(super) const RULES: &[Rule] = &[$(Rule {
            verb: Verb::$verb,
            name: $name,
            words: ($least, $most),
            keys: &[$(($key, &[$(Need::$need),*])),*],
            needs: &[$(Need::$own),*],
            answers: Answers::$answers,
        }),*];
    };
}

const MANY: usize = 300;

verbs! {
    // Given.

    /// `queue NAME`: unless a key says otherwise, with a lease of 1 L, without dead letters, and
    /// trying again at once what comes back.
    Queue "queue" (1..=1) [
        "lease": [],
        "max_deliveries": [MaxDeliveries],
        "backoff": [Backoff],
        "backoff_cap": [Backoff],
        "dead": [DeadLetters],
        "delay": [Delay],
        "ttl": [Ttl],
        "deadline": [Deadline],
        "capacity": [Capacity],
        "bytes": [CapacityBytes],
        "in_flight": [InFlightMax],
        "overflow": [],
        "shed": [Shed],
        "poison": [Poison],
        "aging": [Aging],
        "dedup_window": [Dedup],
        "dedup_scope": [Dedup],
        "settlement": [AtMostOnce],
        "alarm_depth": [Alarms],
        "alarm_age": [Alarms],
    ] needs [] Exactly;
    /// `topic NAME`
    Topic "topic" (1..=1) ["dedup_window": [Dedup]] needs [Topics] Exactly;
    /// `subscribe TOPIC QUEUE`: by subjects (patterns joined by commas) and attributes, or to all.
    Subscribe "subscribe" (2..=2) [
        "subject": [Wildcards],
        "filter": [Filters],
        "on_full": [Divert],
    ] needs [Topics] Exactly;
    /// `ledger NAME`
    Ledger "ledger" (1..=1) ["in_progress": [], "keep": [], "capacity": []] needs [Claims] Exactly;

    // Publishing and receiving.

    /// `send TO BODY`: answers `queued`, `duplicate`, or where the copies went.
    Send "send" (2..=2) [
        "priority": [Priority],
        "group": [Groups],
        "delay": [Delay],
        "not_before": [Delay, ExactTime],
        "ttl": [MessageTtl],
        "dedup": [Dedup],
        "subject": [Wildcards],
        "size": [],
        "with.": [],
    ] needs [] Exactly;
    /// `send_batch TO BODY…`: answers for each message.
    SendBatch "send_batch" (2..=MANY) [
        "priority": [Priority],
        "group": [Groups],
        "dedup": [Dedup],
    ] needs [SendBatch] Exactly;
    /// `receive QUEUE`: at most 10 unless `max` says so.
    Receive "receive" (1..=1) ["max": [], "lease": [ReceiveLease]] needs [] Said;
    /// `poll QUEUE for=TIME`: waits for one message.
    Poll "poll" (1..=1) ["for": []] needs [Poll] Said;

    // Settling.

    /// `ack DELIVERY`
    Ack "ack" (1..=1) [] needs [] Exactly;
    /// `retry DELIVERY`
    Retry "retry" (1..=1) ["delay": [RetryDelay]] needs [Retry] Exactly;
    /// `release DELIVERY`
    Release "release" (1..=1) [] needs [Release] Exactly;
    /// `reject DELIVERY`
    Reject "reject" (1..=1) [] needs [Reject] Exactly;
    /// `extend DELIVERY`: by a whole lease unless `by` says so.
    Extend "extend" (1..=1) ["by": [ExtendBy]] needs [Extend] Exactly;
    /// `ack_batch DELIVERY…`: answers for each.
    AckBatch "ack_batch" (1..=MANY) [] needs [SettleBatch] Exactly;

    // Time.

    /// `wait TIME`
    Wait "wait" (1..=1) [] needs [] Exactly;
    /// `vanish QUEUE`: who holds its deliveries is gone; goes on when they are back.
    Vanish "vanish" (1..=1) [] needs [] Exactly;
    /// `clock_back TIME`: from here on the host's clock says so much less.
    ClockBack "clock_back" (1..=1) [] needs [Clock] Exactly;

    // Looking.

    /// `depth QUEUE`: how many messages, in whatever state.
    Depth "depth" (1..=1) [] needs [Depth] Said;
    /// `stats QUEUE`: `ready=1 in_flight=0` and so on.
    Stats "stats" (1..=1) [] needs [Stats] AtLeast;
    /// `peek QUEUE`: the bodies by arrival, each with its state: `m1:ready`.
    Peek "peek" (1..=1) [] needs [Peek] Said;
    /// `history QUEUE BODY`: why it left where: `exhausted:work(5)`.
    History "history" (2..=2) [] needs [History] Said;
    /// `carries DELIVERY`: the attributes, the group and the subject of what was received.
    Carries "carries" (1..=1) [] needs [] AtLeast;
    /// `same DELIVERY DELIVERY`: both are of one message.
    Same "same" (2..=2) [] needs [KeepsId] Exactly;
    /// `happened QUEUE EVENT`: how often so far.
    Happened "happened" (2..=2) [] needs [Events] Said;

    // Running a queue.

    /// `redrive DEAD`: answers `moved=2 stayed=0 scheduled=0`.
    Redrive "redrive" (1..=1) [
        "to": [],
        "max": [],
        "rate": [ExactTime],
        "reason": [],
        "source": [],
        "only": [],
    ] needs [Redrive] AtLeast;
    /// `cancel_redrive DEAD`
    CancelRedrive "cancel_redrive" (1..=1) [] needs [Redrive] AtLeast;
    /// `purge QUEUE`: answers how many went.
    Purge "purge" (1..=1) ["forget_dedup": [PurgeForgetsDedup]] needs [Purge] Exactly;
    /// `pause QUEUE`, or `pause TOPIC QUEUE` for a subscription.
    Pause "pause" (1..=2) [] needs [Pause] Exactly;
    /// `resume QUEUE`, or `resume TOPIC QUEUE`.
    Resume "resume" (1..=2) [] needs [Pause] Exactly;
    /// `unsubscribe TOPIC QUEUE`
    Unsubscribe "unsubscribe" (2..=2) [] needs [Unsubscribe] Exactly;

    // Claims.

    /// `claim LEDGER KEY`: answers `started`, `in_progress`, `done:RESULT` or `mismatch`.
    Claim "claim" (2..=2) ["for": []] needs [] Said;
    /// `complete LEDGER KEY#N RESULT`: the claim that started as the nth of its key.
    Complete "complete" (3..=3) [] needs [] Exactly;
    /// `abandon LEDGER KEY#N`
    Abandon "abandon" (2..=2) [] needs [] Exactly;
}

impl Verb {
    pub(super) fn rule(self) -> &'static Rule {
        RULES.iter().find(|rule| rule.verb == self).expect("every verb has its rule")
    }
}
