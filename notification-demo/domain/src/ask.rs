//! What a notification system answers without changing.

use postroom_core::{CopyView, HopReason, Station};

use crate::{
    accept::TENANT,
    channel::Channel,
    id::NotificationId,
    machine::Notifications,
    view::{ChannelView, DeadLetterView, NotificationView, Wiring},
};

impl Notifications {
    /// A notification and what became of it; none if it is unknown, or forgotten beyond
    /// [`BOOK_MAX`](crate::BOOK_MAX).
    #[must_use]
    pub fn notification(&self, id: &NotificationId) -> Option<NotificationView> {
        self.book.notification(id)
    }

    /// A channel at work.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> ChannelView {
        let ids = self.wiring.channel(channel);
        let engine = self.station.engine();
        let consumer = self.station.consumer(ids.consumer);
        ChannelView {
            ids,
            stats: engine.queue_stats(ids.queue).unwrap_or_default(),
            dead: engine.queue_stats(ids.dead_letters).unwrap_or_default(),
            breaker: consumer.and_then(|consumer| consumer.breaker()),
            calls_under_way: consumer.map_or(0, |consumer| consumer.calls_under_way()),
        }
    }

    /// A channel's dead letters, oldest first: at most `limit` after the first `skip`.
    #[must_use]
    pub fn dead_letters(&self, channel: Channel, skip: u32, limit: u32) -> Vec<DeadLetterView> {
        let queue = self.wiring.channel(channel).dead_letters;
        let copies = self.station.engine().peek(queue, skip, limit);
        copies.iter().filter_map(dead_letter).collect()
    }

    /// The ids of all the parts, for pictures and tests.
    #[must_use]
    pub fn wiring(&self) -> Wiring {
        self.wiring
    }

    /// Commands applied so far, the refused ones too: what [`Notifications::notification`] knows.
    #[must_use]
    pub fn position(&self) -> u64 {
        self.book.position()
    }

    /// The station underneath, to look at.
    #[must_use]
    pub fn station(&self) -> &Station {
        &self.station
    }
}

fn dead_letter(copy: &CopyView) -> Option<DeadLetterView> {
    let died = |hop: &&postroom_core::Hop| matches!(hop.why, HopReason::DeadLettered(_));
    let hop = copy.history.iter().rfind(died)?;
    let HopReason::DeadLettered(reason) = hop.why else { return None };
    let tenant = copy.message.attributes().get(TENANT)?.parse().ok()?;
    Some(DeadLetterView {
        notification: NotificationId { tenant, message: copy.message.id },
        reason,
        at: hop.at,
        deliveries: hop.deliveries,
        accepted_at: copy.message.published_at,
    })
}
