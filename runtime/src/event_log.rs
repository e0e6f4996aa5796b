//! Recent events, for those who watch.

use std::{
    collections::VecDeque,
    fmt,
    str::FromStr,
    sync::{Arc, Mutex, MutexGuard, PoisonError},
};

use postroom_core::{Batch, Recorded};
use tokio::sync::watch;

/// The place of an event in the stream: its command's number and its own among that command's
/// events. Reads and writes as text such as `17.3`; the default is before the first event.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position {
    /// The number of the command, from 1.
    pub command: u64,
    /// The number among the command's events, from 0.
    pub index: u32,
}

impl Position {
    /// After everything that a command caused.
    pub(crate) fn end_of(command: u64) -> Self {
        // Before the first command is one place only.
        Self { command, index: if command == 0 { 0 } else { u32::MAX } }
    }
}

impl From<&Recorded> for Position {
    fn from(event: &Recorded) -> Self {
        Self { command: event.command, index: event.index }
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.command, self.index)
    }
}

/// The text is not a position such as `17.3`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a position: expected text such as `17.3`")]
pub struct ParsePositionError;

impl FromStr for Position {
    type Err = ParsePositionError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (command, index) = text.split_once('.').ok_or(ParsePositionError)?;
        let command = command.parse().map_err(|_| ParsePositionError)?;
        let index = index.parse().map_err(|_| ParsePositionError)?;
        Ok(Self { command, index })
    }
}

/// What a subscriber gets.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Update {
    /// The next events, shared with every other subscriber.
    Batch(Arc<Batch>),
    /// Events are missing here, since the subscriber was too slow or asked for a place that is
    /// not known any more. Read the state anew; what follows happened after
    /// [`Subscription::position`].
    Gap,
}

/// Reads the events of a machine, in order and at its own pace. A slow reader holds nobody up: it
/// misses events and is told so.
#[derive(Debug)]
pub struct Subscription {
    log: Arc<EventLog>,
    changed: watch::Receiver<()>,
    cursor: Cursor,
    position: Position,
}

#[derive(Debug)]
enum Cursor {
    /// The first batch is read only from after this event.
    After(Position),
    /// The number of the next batch.
    At(u64),
}

impl Subscription {
    /// The next events, or a gap; none once the runtime has stopped and everything is read.
    /// Nothing is lost if the future is dropped before it is done.
    pub async fn next(&mut self) -> Option<Update> {
        loop {
            // Marked as seen before looking, so that a change in between wakes.
            self.changed.borrow_and_update();
            match self.log.look(&mut self.cursor, &mut self.position) {
                Look::Found(update) => return Some(update),
                Look::Closed => return None,
                Look::Nothing => self.changed.changed().await.ok()?,
            }
        }
    }

    /// The last event that was read or missed: a later subscription goes on after it.
    #[must_use]
    pub fn position(&self) -> Position {
        self.position
    }
}

/// The most recent batches. At least the newest is kept whole; older ones only while all have at
/// most `events_max` events together.
#[derive(Debug)]
pub(crate) struct EventLog {
    ring: Mutex<Ring>,
    changed: watch::Sender<()>,
    events_max: usize,
}

#[derive(Debug)]
struct Ring {
    batches: VecDeque<Arc<Batch>>,
    events: usize,
    /// The number of the oldest batch in `batches`.
    first: u64,
    /// The last event that is not in `batches` any more.
    forgotten: Position,
    newest: Position,
    closed: bool,
}

enum Look {
    Found(Update),
    Nothing,
    Closed,
}

impl EventLog {
    /// An empty log; what happened up to and with `newest` is not in it.
    pub(crate) fn new(events_max: usize, newest: Position) -> Self {
        let ring = Ring {
            batches: VecDeque::new(),
            events: 0,
            first: 0,
            forgotten: newest,
            newest,
            closed: false,
        };
        Self { ring: Mutex::new(ring), changed: watch::Sender::new(()), events_max }
    }

    pub(crate) fn publish(&self, batch: Arc<Batch>) {
        let Some(last) = batch.events.last() else { return };
        {
            let mut ring = self.ring();
            ring.newest = last.into();
            ring.events += batch.events.len();
            ring.batches.push_back(batch);
            while ring.events > self.events_max && ring.batches.len() > 1 {
                ring.forget_oldest();
            }
        }
        self.changed.send_replace(());
    }

    pub(crate) fn close(&self) {
        self.ring().closed = true;
        self.changed.send_replace(());
    }

    /// Reads what happens from now on.
    pub(crate) fn subscribe(self: &Arc<Self>) -> Subscription {
        let ring = self.ring();
        self.subscription(Cursor::At(ring.end()), ring.newest)
    }

    /// Reads what happened after `position`.
    pub(crate) fn subscribe_after(self: &Arc<Self>, position: Position) -> Subscription {
        self.subscription(Cursor::After(position), position)
    }

    fn subscription(self: &Arc<Self>, cursor: Cursor, position: Position) -> Subscription {
        Subscription { log: Arc::clone(self), changed: self.changed.subscribe(), cursor, position }
    }

    fn look(&self, cursor: &mut Cursor, position: &mut Position) -> Look {
        let ring = self.ring();
        let (number, rest) = match *cursor {
            Cursor::At(number) => (Some(number), None),
            Cursor::After(position) => match ring.resume(position) {
                Resume::Unknown => (None, None),
                Resume::Within(number, rest) => (Some(number), Some(rest)),
                Resume::At(number) => (Some(number), None),
            },
        };
        let place = number.and_then(|number| Some((number, number.checked_sub(ring.first)?)));
        let Some((number, place)) = place else {
            *cursor = Cursor::At(ring.end());
            *position = ring.newest;
            return Look::Found(Update::Gap);
        };
        match rest.or_else(|| ring.batches.get(place as usize).cloned()) {
            Some(batch) => {
                *cursor = Cursor::At(number + 1);
                if let Some(last) = batch.events.last() {
                    *position = last.into();
                }
                Look::Found(Update::Batch(batch))
            }
            None if ring.closed => Look::Closed,
            None => {
                *cursor = Cursor::At(number);
                Look::Nothing
            }
        }
    }

    fn ring(&self) -> MutexGuard<'_, Ring> {
        // Nothing that is done under the lock panics half-way.
        self.ring.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Resume {
    /// From this batch on.
    At(u64),
    /// From within batch `.0`: the rest of it is `.1`.
    Within(u64, Arc<Batch>),
    Unknown,
}

impl Ring {
    fn end(&self) -> u64 {
        self.first + self.batches.len() as u64
    }

    fn forget_oldest(&mut self) {
        let Some(oldest) = self.batches.pop_front() else { return };
        self.first += 1;
        self.events -= oldest.events.len();
        if let Some(last) = oldest.events.last() {
            self.forgotten = last.into();
        }
    }

    fn resume(&self, after: Position) -> Resume {
        if after < self.forgotten || after > self.newest {
            return Resume::Unknown;
        }
        let is_before = |event: &Recorded| Position::from(event) <= after;
        let place =
            self.batches.partition_point(|batch| batch.events.last().is_some_and(is_before));
        let number = self.first + place as u64;
        let Some(batch) = self.batches.get(place) else { return Resume::At(number) };
        match batch.events.partition_point(is_before) {
            0 => Resume::At(number),
            seen => {
                let rest = Batch { events: batch.events[seen..].to_vec() };
                Resume::Within(number, Arc::new(rest))
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use postroom_core::{Event, QueueId, Timestamp};

    use super::*;

    #[tokio::test]
    async fn resumes_after_any_event() {
        let log = log(100);
        publish(&log, &[(1, 0), (1, 1)]);
        publish(&log, &[(2, 0), (3, 0), (3, 1)]);
        for (after, expected) in [
            ("0.0", vec!["1.0 1.1", "2.0 3.0 3.1"]),
            ("1.0", vec!["1.1", "2.0 3.0 3.1"]),
            ("1.1", vec!["2.0 3.0 3.1"]),
            ("3.0", vec!["3.1"]),
            ("3.1", vec![]),
        ] {
            assert_eq!(read_all(&log, after).await, expected, "after {after}");
        }
    }

    #[tokio::test]
    async fn a_place_in_the_future_is_a_gap() {
        let log = log(100);
        publish(&log, &[(1, 0)]);
        assert_eq!(read_all(&log, "7.0").await, ["gap at 1.0"]);
    }

    #[tokio::test]
    async fn a_forgotten_place_is_a_gap_and_the_last_forgotten_one_is_not() {
        let log = log(2);
        publish(&log, &[(1, 0)]);
        publish(&log, &[(2, 0)]);
        publish(&log, &[(3, 0)]);
        assert_eq!(read_all(&log, "0.0").await, ["gap at 3.0"]);
        assert_eq!(read_all(&log, "1.0").await, ["2.0", "3.0"], "2.0 is the oldest kept");
    }

    #[tokio::test]
    async fn a_slow_reader_gets_a_gap_and_goes_on_from_now() {
        let log = log(2);
        let mut slow = log.subscribe();
        for command in 1..=3 {
            publish(&log, &[(command, 0)]);
        }
        assert_eq!(text(slow.next().await, slow.position()), "gap at 3.0");
        publish(&log, &[(4, 0)]);
        assert_eq!(text(slow.next().await, slow.position()), "4.0");
        assert_eq!(slow.position(), Position { command: 4, index: 0 });
    }

    #[tokio::test]
    async fn a_batch_larger_than_the_log_is_kept_whole_until_the_next() {
        let log = log(2);
        publish(&log, &[(1, 0), (1, 1), (1, 2)]);
        assert_eq!(read_all(&log, "0.0").await, ["1.0 1.1 1.2"]);
    }

    #[tokio::test]
    async fn a_reader_waits_and_ends_when_the_log_closes() {
        let log = log(2);
        let mut reader = log.subscribe();
        let reading = tokio::spawn(async move { (reader.next().await, reader.next().await) });
        tokio::task::yield_now().await;
        publish(&log, &[(1, 0)]);
        log.close();
        let (first, second) = reading.await.unwrap();
        let first = text(first, Position::default());
        assert_eq!((first.as_str(), second), ("1.0", None));
    }

    #[test]
    fn positions_read_as_they_write() {
        let position = Position { command: 17, index: 3 };
        assert_eq!(position.to_string().parse(), Ok(position));
        for bad in ["", "17", "17.", ".3", "-1.0", "17.3.2", "99999999999999999999.0"] {
            assert_eq!(bad.parse::<Position>(), Err(ParsePositionError), "{bad}");
        }
    }

    fn log(events_max: usize) -> Arc<EventLog> {
        Arc::new(EventLog::new(events_max, Position::default()))
    }

    fn publish(log: &EventLog, places: &[(u64, u32)]) {
        let event = Event::QueueCreated { queue: QueueId::new(0), dead_letters: None };
        let record = |&(command, index)| Recorded { at: Timestamp::ZERO, command, index, event };
        log.publish(Arc::new(Batch { events: places.iter().map(record).collect() }));
    }

    /// Everything that is there after `after`, without waiting for more.
    async fn read_all(log: &Arc<EventLog>, after: &str) -> Vec<String> {
        let mut reader = log.subscribe_after(after.parse().unwrap());
        let mut all = Vec::new();
        while let Look::Found(update) = log.look(&mut reader.cursor, &mut reader.position) {
            all.push(text(Some(update), reader.position));
        }
        all
    }

    fn text(update: Option<Update>, position: Position) -> String {
        match update {
            Some(Update::Batch(batch)) => {
                let places: Vec<_> =
                    batch.events.iter().map(|event| Position::from(event).to_string()).collect();
                places.join(" ")
            }
            Some(Update::Gap) => format!("gap at {position}"),
            None => "end".to_owned(),
        }
    }
}
