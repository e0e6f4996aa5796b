//! What a case needs of a backend.

use std::fmt;

macro_rules! needs {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// A capability. Most follow from what a case does; a case declares the rest, and those
        /// about which the real ones disagree, in its line `needs`.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Need {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Need {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// As cases write it.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

needs! {
    // Time.
    /// A delivery ends by itself when its lease does.
    Lease = "lease",
    /// A receive may ask for a lease of its own.
    ReceiveLease = "receive_lease",
    /// A receiver may say that it is still at it: its lease starts anew.
    Extend = "extend",
    /// An extension may be of any length, even none.
    ExtendBy = "extend_by",
    /// Times in seconds and hours, and what happens exactly at an instant.
    ExactTime = "exact_time",
    /// The host's clock can be set back.
    Clock = "clock",
    /// A receive waits until there is something.
    Poll = "poll",
    /// A publisher may say how long a message waits first.
    Delay = "delay",
    /// A message may expire: by the queue's setting.
    Ttl = "ttl",
    /// A message may expire: by its own setting.
    MessageTtl = "message_ttl",
    /// … wherever in the queue it is.
    ExpiresAnywhere = "expires_anywhere",
    /// … but not while it is delivered.
    LeaseBeatsTtl = "lease_beats_ttl",
    /// A copy dies unless it is settled in time.
    Deadline = "deadline",

    // Settling.
    /// A delivery may be handed back to be tried again.
    Retry = "retry",
    /// … after a while.
    RetryDelay = "retry_delay",
    /// A queue spaces the tries by itself.
    Backoff = "backoff",
    /// A delivery may be handed back unused.
    Release = "release",
    /// … and does not count then.
    ReleaseUncounted = "release_uncounted",
    /// … and counts all the same.
    ReleaseCounted = "release_counted",
    /// A delivery may be refused for good.
    Reject = "reject",
    /// A receipt is void from the end of its lease on.
    Fenced = "fenced",
    /// A receipt holds as long as the message is there.
    LateAck = "late_ack",
    /// A receipt that nobody gave is refused.
    Checked = "checked",
    /// Acknowledging twice does no harm.
    AckTwice = "ack_twice",
    /// Several settlements in one step.
    SettleBatch = "settle_batch",
    /// Receiving settles: at most once.
    AtMostOnce = "at_most_once",

    // Counting.
    /// A delivery says which of its message it is.
    Count = "count",
    /// A message that was delivered so often is not delivered again.
    MaxDeliveries = "max_deliveries",
    /// … and stays where it is.
    ExhaustedStays = "exhausted_stays",
    /// At most so many deliveries are unsettled at once.
    InFlightMax = "in_flight_max",
    /// How many messages there are, in whatever state.
    Depth = "depth",
    /// How many messages wait, delayed or not, are in flight, are blocked.
    Stats = "stats",
    /// Looking at what is there without taking it.
    Peek = "peek",
    /// What happened, as events.
    Events = "events",
    /// A warning when a queue is deep or slow.
    Alarms = "alarms",

    // Order.
    /// Deliveries follow the order of publishing.
    Order = "order",
    /// What comes back goes ahead of what is fresh.
    ReturnsFirst = "returns_first",
    /// What comes back takes the place of its arrival among what came back.
    ReturnsByArrival = "returns_by_arrival",
    /// Ten priorities.
    Priority = "priority",
    /// … of which the default is 4.
    PriorityDefault = "priority_default",
    /// Waiting raises a priority.
    Aging = "aging",
    /// Ordered groups: nothing of a group goes while something of it is in flight.
    Groups = "groups",
    /// … and one receive takes one member.
    OneOfGroup = "one_of_group",
    /// … or several in a row.
    GroupBatch = "group_batch",
    /// What a dead member does to its group can be chosen.
    Poison = "poison",

    // Bounds.
    /// A queue has a capacity in messages.
    Capacity = "capacity",
    /// … and refuses what is more, to the message.
    Refuses = "refuses",
    /// Leased messages fill the capacity too.
    LeasedCount = "leased_count",
    /// A capacity in bytes.
    CapacityBytes = "capacity_bytes",
    /// … and are never given up for others.
    LeasedStay = "leased_stay",
    /// A full queue gives up its oldest message.
    DropOldest = "drop_oldest",
    /// A full queue gives up its oldest message to the dead letters.
    DeadLetterOldest = "dead_letter_oldest",
    /// A filling queue takes in the important alone.
    Shed = "shed",
    /// A body may have 1 MiB and not a byte more.
    BodyLimit = "body_limit",
    /// Several messages in one step.
    SendBatch = "send_batch",

    // Dead letters.
    /// What is dead goes to another queue.
    DeadLetters = "dead_letters",
    /// What expired goes there too.
    ExpiredToDeadLetters = "expired_to_dead_letters",
    /// A move takes place at once, not at the next receive.
    EagerMove = "eager_move",
    /// A dead letter says where it was, why it left, and how often it was delivered there.
    History = "history",
    /// A message keeps its id when it moves.
    KeepsId = "keeps_id",
    /// In the dead letters deliveries are counted anew.
    CountsAnew = "counts_anew",
    /// A full dead-letter queue makes the dead wait.
    Blocked = "blocked",
    /// Settings that are out of range are refused.
    Configure = "configure",
    /// Dead letters go back to work.
    Redrive = "redrive",
    /// Emptying a queue.
    Purge = "purge",
    /// … takes leased and delayed messages too.
    PurgeAll = "purge_all",
    /// A queue stands still for a while.
    Pause = "pause",

    // Duplicates.
    /// A key published twice within the window is stored once.
    Dedup = "dedup",
    /// … per group.
    DedupGroup = "dedup_group",
    /// Emptying a queue does not forget the keys.
    PurgeKeepsDedup = "purge_keeps_dedup",
    /// … or does, on demand.
    PurgeForgetsDedup = "purge_forgets_dedup",
    /// Idempotency claims.
    Claims = "claims",

    // Topics.
    /// A topic gives each subscribed queue a copy.
    Topics = "topics",
    /// Subscriptions select by subject: `*` is one word.
    Wildcards = "wildcards",
    /// … and a last `>` is one word or more.
    WildcardRest = "wildcard_rest",
    /// … and `#` is any number of words, none as well.
    WildcardAny = "wildcard_any",
    /// Subscriptions select by attributes.
    Filters = "filters",
    /// A subscription may divert what its full queue cannot take.
    Divert = "divert",
    /// A fan-out reaches every queue or none.
    AllOrNothing = "all_or_nothing",
    /// A subscription can be taken back.
    Unsubscribe = "unsubscribe",
    /// … and the queue keeps what it got before.
    UnsubscribedKeeps = "unsubscribed_keeps",
    /// A subscription stands still for a while and misses what is published.
    PauseSubscription = "pause_subscription",

    // The SQS-compatible profile, beyond what has a name above.
    /// Retention is stronger than a lease.
    RetentionBeatsLease = "retention_beats_lease",
}

impl Need {
    /// The one with this name.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|need| need.name() == name)
    }

    /// The needs that no profile of the engine answers: it differs there on purpose.
    pub const ELSEWHERE: [Self; 1] = [Self::ExhaustedStays];

    /// The needs that only the strict profile of the engine answers.
    pub const STRICT: [Self; 4] =
        [Self::Fenced, Self::ReleaseUncounted, Self::OneOfGroup, Self::LeaseBeatsTtl];

    /// The needs that only the SQS-compatible profile of the engine answers.
    pub const SQS: [Self; 4] =
        [Self::LateAck, Self::ReleaseCounted, Self::GroupBatch, Self::RetentionBeatsLease];
}

impl fmt::Display for Need {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}
