//! Which events a reader looks for.

use postroom_core::Event;

use super::Kind;
use crate::panels::log::{LogFilter, Place};

/// What the table shows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Filter {
    /// Where; everywhere if absent.
    pub place: Option<Place>,
    /// What about; if absent, what is worth a line to whoever follows along.
    pub kind: Option<Kind>,
    /// The number of the message; of all if absent.
    pub message: Option<u64>,
}

impl Filter {
    /// Whether the table shows the event.
    #[must_use]
    pub fn passes(&self, event: &Event) -> bool {
        let Self { place, kind, message } = *self;
        let every_step = kind.is_some() || message.is_some();
        LogFilter { place, every_step }.passes(event)
            && (kind.is_none() || Kind::of(event) == kind)
            && (message.is_none() || event.message().map(|it| it.number) == message)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::samples::{
        acked, breaker_opened, call_started, dead_lettered, delivered, published, queued,
    };

    #[test]
    fn a_message_or_a_kind_brings_its_every_step() {
        let story = [
            published(0, 1),
            published(0, 2),
            queued(0, 1),
            delivered(1, 1, 1),
            call_started(1, 1),
            acked(2, 1),
            breaker_opened(3),
            dead_lettered(4, 2),
        ];
        let shown = |filter: Filter| story.iter().filter(|each| filter.passes(&each.event)).count();
        let message = |number| Filter { message: Some(number), ..Filter::default() };
        let kind = |kind| Filter { kind: Some(kind), ..Filter::default() };
        assert_eq!(shown(Filter::default()), 5, "the main steps");
        assert_eq!([1, 2, 3].map(|number| shown(message(number))), [5, 2, 0]);
        let kinds = [Kind::Published, Kind::HandedOut, Kind::Done, Kind::Dead, Kind::Workers];
        assert_eq!(kinds.map(|each| shown(kind(each))), [2, 2, 1, 1, 1]);
        let both = Filter { message: Some(1), ..kind(Kind::Done) };
        assert_eq!(shown(both), 1);
    }
}
