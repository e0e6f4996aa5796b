//! Mistakes that somebody might make, planted on purpose: what proves the engine must find each.

/// A mistake, each in one line of the engine.
#[cfg_attr(
    not(feature = "planted"),
    expect(unreachable_pub, reason = "only what is built with the feature can name it")
)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bug {
    /// A copy is delivered once more than `max_deliveries`.
    OneDeliveryMore,
    /// An extension counts from the old end of the lease, not from now.
    ExtendFromOldEnd,
    /// A lease may be extended for ever.
    ExtendForEver,
    /// A receipt whose lease is over acts while somebody else holds the copy.
    StaleReceiptActs,
    /// Acknowledging twice is an error.
    SettledForgotten,
    /// A dedup key is held for ever.
    DedupForEver,
    /// A dedup key counts in all groups, whatever the scope.
    DedupIgnoresGroup,
    /// A delayed copy does not expire.
    DelayedNeverEnds,
    /// What comes back after its end is delivered again.
    EndedComesBack,
    /// Capacity counts only what waits.
    CapacityIgnoresLeased,
    /// Capacity counts no bytes.
    CapacityIgnoresBytes,
    /// A strict queue hands out several of a group at once.
    StrictHandsOutBatches,
    /// Aging raises nothing.
    AgingIgnored,
    /// What comes back stands behind what is fresh.
    ReturnedGoLast,
    /// A redrive leaves no trace in the history.
    RedriveUntold,
    /// A redrive at a rate moves what came in after it began, too.
    RedriveTakesNewcomers,
    /// Dead letters forget where they come from.
    HistoryLost,
    /// A purge leaves what is leased.
    PurgeForgetsLeased,
    /// A paused queue hands out.
    PauseIgnored,
    /// The cap of deliveries under way is not kept.
    InFlightUnbounded,
    /// A lease that ends wakes nobody.
    LeaseEndWakesNobody,
    /// A rejected copy is delivered again.
    RejectRetries,
    /// A released delivery counts.
    ReleaseCounts,
    /// A retry without a delay comes at once.
    BackoffIgnored,
    /// Blocked copies do not notice that there is room.
    RoomUnnoticed,
    /// Room further down a chain of dead letters is not passed on to those that drop into it.
    RoomNotPassedOn,
    /// What comes to a parked group goes on before the rest of its fan-out is in.
    FollowsAtOnce,
    /// A parked group is never released.
    ParkedForEver,
    /// What waits in a group does not follow its dead message.
    ParkedGroupStays,
    /// Load shedding keeps out one priority too many.
    ShedOneTooMany,
}

#[cfg(feature = "planted")]
impl Bug {
    /// Each of them.
    pub const ALL: [Self; 30] = [
        Self::OneDeliveryMore,
        Self::ExtendFromOldEnd,
        Self::ExtendForEver,
        Self::StaleReceiptActs,
        Self::SettledForgotten,
        Self::DedupForEver,
        Self::DedupIgnoresGroup,
        Self::DelayedNeverEnds,
        Self::EndedComesBack,
        Self::CapacityIgnoresLeased,
        Self::CapacityIgnoresBytes,
        Self::StrictHandsOutBatches,
        Self::AgingIgnored,
        Self::ReturnedGoLast,
        Self::RedriveUntold,
        Self::RedriveTakesNewcomers,
        Self::HistoryLost,
        Self::PurgeForgetsLeased,
        Self::PauseIgnored,
        Self::InFlightUnbounded,
        Self::LeaseEndWakesNobody,
        Self::RejectRetries,
        Self::ReleaseCounts,
        Self::BackoffIgnored,
        Self::RoomUnnoticed,
        Self::RoomNotPassedOn,
        Self::FollowsAtOnce,
        Self::ParkedForEver,
        Self::ParkedGroupStays,
        Self::ShedOneTooMany,
    ];
}

/// The mistake that an engine makes, if any: none is compiled in without the feature `planted`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Planted {
    #[cfg(feature = "planted")]
    pub(crate) bug: Option<Bug>,
}

impl Planted {
    /// Whether this mistake is to be made.
    #[cfg(feature = "planted")]
    #[inline]
    pub(crate) fn is(self, bug: Bug) -> bool {
        self.bug == Some(bug)
    }

    /// No mistake is to be made.
    #[cfg(not(feature = "planted"))]
    #[inline]
    pub(crate) const fn is(self, _: Bug) -> bool {
        false
    }
}

impl crate::Engine {
    /// The mistake that all its queues make.
    pub(crate) fn planted(&self) -> Planted {
        self.queues.first().map(|queue| queue.planted).unwrap_or_default()
    }
}

#[cfg(feature = "planted")]
impl crate::Engine {
    /// Makes a mistake from now on, in place of an earlier one. A snapshot does not keep it.
    pub fn plant(&mut self, bug: Option<Bug>) {
        for queue in &mut self.queues {
            queue.planted = Planted { bug };
        }
    }
}
