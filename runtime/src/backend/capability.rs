//! What a backend can do, by name.

use std::fmt;

macro_rules! capabilities {
    ($($(#[doc = $doc:literal])* $variant:ident = $name:literal,)*) => {
        /// Something that a backend may or may not do.
        ///
        /// Most of what a program needs follows from its queues and topics. What it asks of single
        /// messages, and how safe they must be, it says with
        /// [`Builder::needs`](crate::PostroomBuilder::needs). Whatever the backend lacks is then an
        /// error when the program starts.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[non_exhaustive]
        pub enum Capability {
            $($(#[doc = $doc])* $variant,)*
        }

        impl Capability {
            /// All of them.
            pub const ALL: &'static [Self] = &[$(Self::$variant),*];

            /// Its name in errors and tables.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$variant => $name,)*
                }
            }
        }
    };
}

capabilities! {
    /// What was accepted survives a crash of the process, and of the machine it is kept on.
    Durable = "durable",
    /// Several processes may work the same queues.
    Shared = "shared",
    /// A receipt is void from the end of its lease on, whoever else got the message since.
    FencedReceipts = "fenced receipts",
    /// A released delivery does not count.
    UncountedRelease = "uncounted release",

    // Asked of single messages.
    /// A message says how urgent it is.
    Priorities = "priorities",
    /// Messages of one group go one after the other, in their order.
    Groups = "groups",
    /// A message says when it may be delivered first.
    MessageDelay = "message delay",
    /// A message says when it expires.
    MessageTtl = "message ttl",
    /// A message with the key of one before it is not stored.
    Dedup = "dedup",

    // Following from topics.
    /// A topic gives each subscribed queue a copy.
    Topics = "topics",
    /// … reaching every queue in one step, or none.
    AtomicFanOut = "atomic fan-out",
    /// Subscriptions select by subject.
    Subjects = "subjects",
    /// Subscriptions select by attributes.
    Filters = "filters",
    /// A subscription diverts what its full queue cannot take.
    Divert = "divert",

    // Following from queues.
    /// What is dead goes to another queue, where it can be looked at and from where it can be
    /// redriven.
    DeadLetters = "dead letters",
    /// A redrive moves so many a second, and can be cancelled.
    RedriveRate = "redrive rate",
    /// A redrive selects what it moves, and where to.
    RedriveSelect = "redrive select",
    /// Waits between the tries, as the queue's backoff says.
    Backoff = "backoff",
    /// The queue delays every message.
    QueueDelay = "queue delay",
    /// The queue's messages expire.
    QueueTtl = "queue ttl",
    /// A message not settled within a time is dead.
    Deadline = "deadline",
    /// A full queue drops its oldest.
    DropOldest = "drop oldest",
    /// A full queue makes dead letters of its oldest.
    DeadLetterOldest = "dead-letter oldest",
    /// A filling queue takes urgent messages alone.
    Shedding = "shedding",
    /// Receiving settles: at most once.
    AtMostOnce = "at most once",
    /// What waits long becomes more urgent.
    Aging = "aging",
    /// What a dead member does to its ordered group can be chosen.
    Poison = "poison",
    /// The queue warns when it is deep or slow.
    Alarms = "alarms",
    /// The queue behaves as SQS does where brokers disagree.
    SqsProfile = "sqs profile",
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A set of [`Capability`]s.
///
/// # Example: all but one
/// ```
/// use postroom_runtime::{Capabilities, Capability};
///
/// let can = Capabilities::ALL.without(Capability::Durable);
/// assert!(can.has(Capability::Groups) && !can.has(Capability::Durable));
/// assert_eq!(Capabilities::ALL.minus(can).iter().collect::<Vec<_>>(), [Capability::Durable]);
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Capabilities(u64);

impl Capabilities {
    /// Every one.
    pub const ALL: Self = Self((1 << Capability::ALL.len()) - 1);
    /// None.
    pub const NONE: Self = Self(0);

    /// With this one too.
    #[must_use]
    pub const fn with(self, capability: Capability) -> Self {
        Self(self.0 | 1 << capability as u32)
    }

    /// Without this one.
    #[must_use]
    pub const fn without(self, capability: Capability) -> Self {
        Self(self.0 & !(1 << capability as u32))
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn minus(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Those of both.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Whether this one is in it.
    #[must_use]
    pub const fn has(self, capability: Capability) -> bool {
        self.0 & (1 << capability as u32) != 0
    }

    /// Them, in the order of [`Capability::ALL`].
    pub fn iter(self) -> impl Iterator<Item = Capability> {
        Capability::ALL.iter().copied().filter(move |capability| self.has(*capability))
    }
}

impl FromIterator<Capability> for Capabilities {
    fn from_iter<I: IntoIterator<Item = Capability>>(all: I) -> Self {
        all.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Debug for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.iter()).finish()
    }
}

impl fmt::Display for Capabilities {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (place, capability) in self.iter().enumerate() {
            let comma = if place == 0 { "" } else { ", " };
            write!(f, "{comma}{capability}")?;
        }
        Ok(())
    }
}
