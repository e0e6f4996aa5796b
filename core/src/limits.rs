//! Every bound of the engine, in one place. What is over a bound is refused with an error that names
//! it; where something is forgotten or clamped instead, its bound says so.

use crate::time::Span;

/// Queues in one engine.
pub const QUEUES_MAX: u32 = 10_000;
/// Topics in one engine.
pub const TOPICS_MAX: u32 = 10_000;
/// Ledgers in one engine.
pub const LEDGERS_MAX: u32 = 1_000;
/// Subscriptions of one topic.
pub const SUBSCRIPTIONS_MAX: u32 = 1_000;
/// Bytes in the name of a queue, topic, ledger or consumer.
pub const NAME_BYTES_MAX: u32 = 80;
/// Bytes in a message body.
pub const BODY_BYTES_MAX: u32 = 1 << 20;
/// Attributes of one message.
pub const ATTRIBUTES_MAX: u32 = 32;
/// Bytes in all the keys and values of one message's attributes.
pub const ATTRIBUTE_BYTES_MAX: u32 = 8 << 10;
/// Bytes in a dedup key or an idempotency key.
pub const KEY_BYTES_MAX: u32 = 255;
/// Bytes in a message's subject, or in a pattern of subjects.
pub const SUBJECT_BYTES_MAX: u32 = 255;
/// What one message counts in a queue's bytes, at most: its body, attributes, subject and group.
pub const MESSAGE_BYTES_MAX: u64 =
    (BODY_BYTES_MAX + ATTRIBUTE_BYTES_MAX + SUBJECT_BYTES_MAX + KEY_BYTES_MAX) as u64;
/// Bytes in the stored result of an idempotent operation.
pub const RESULT_BYTES_MAX: u32 = 64 << 10;
/// Messages that one receive hands out.
pub const RECEIVE_MAX: u32 = 256;
/// Messages published, or deliveries settled, by one batch command.
pub const BATCH_MAX: u32 = 256;
/// Messages that a redrive may select by id.
pub const SELECT_MAX: u32 = 256;
/// Messages that one redrive moves.
pub const REDRIVE_MAX: u32 = 10_000;
/// Moves that a message's history keeps; older ones are forgotten first.
pub const HISTORY_MAX: u32 = 16;
/// Queues in a chain of dead-letter queues.
pub const DEAD_LETTER_CHAIN_MAX: u32 = 4;
/// Messages in one queue, at most; the default capacity is [`CAPACITY_DEFAULT`].
pub const CAPACITY_MAX: u64 = 10_000_000;
/// Messages in one queue unless configured otherwise.
pub const CAPACITY_DEFAULT: u64 = 100_000;
/// Bytes in one queue, at most: 1 TiB.
pub const CAPACITY_BYTES_MAX: u64 = 1 << 40;
/// Bytes in one queue unless configured otherwise: 1 GiB.
pub const CAPACITY_BYTES_DEFAULT: u64 = 1 << 30;
/// Deliveries of one queue under way at once unless configured otherwise.
pub const IN_FLIGHT_DEFAULT: u64 = 100_000;
/// Dedup keys remembered by one queue or topic.
pub const DEDUP_KEYS_MAX: u64 = 1_000_000;
/// Claims remembered by one ledger.
pub const CLAIMS_MAX: u64 = 1_000_000;
/// Deliveries of one message before it counts as poison, at most.
pub const DELIVERIES_MAX: u32 = 1_000;
/// The shortest lease.
pub const LEASE_MIN: Span = Span::from_millis(1);
/// The longest lease.
pub const LEASE_MAX: Span = Span::from_secs(12 * 60 * 60);
/// The longest configured span of any other kind (delay, backoff, window, deadline): a year.
pub const SPAN_MAX: Span = Span::from_secs(366 * 24 * 60 * 60);
/// Waits that a backoff lists one by one.
pub const BACKOFF_STEPS_MAX: u32 = 8;
/// Consumers attached to one station.
pub const CONSUMERS_MAX: u32 = 1_000;
/// Calls that one consumer has under way at once.
pub const CONCURRENCY_MAX: u32 = 10_000;
/// Calls that wait before a bulkhead.
pub const BULKHEAD_WAITING_MAX: u32 = 10_000;
/// Calls in a breaker's window, and probes of a half-open one.
pub const BREAKER_WINDOW_MAX: u32 = 1_000;
/// The shortest time that a breaker looks back.
pub const BREAKER_WINDOW_TIME_MIN: Span = Span::from_millis(10);
/// The longest time that a breaker looks back.
pub const BREAKER_WINDOW_TIME_MAX: Span = Span::from_secs(60 * 60);
/// Calls per second, or in one burst, that a rate limit may allow.
pub const RATE_MAX: u32 = 1_000_000;
/// Buckets of one [`Histogram`](crate::observe::Histogram), however great the spans that it counts.
pub const HISTOGRAM_BUCKETS_MAX: u32 = 3_776;
/// Queues whose latencies are measured, and addresses whose rates are counted, by one listener.
pub const OBSERVED_MAX: u32 = 1_000;
/// Copies of one queue that are measured at once.
pub const LATENCY_COPIES_MAX: u32 = 100_000;
/// Buckets in the window over which rates are counted.
pub const RATE_BUCKETS_MAX: u32 = 3_600;
/// Messages whose paths are kept, at most.
pub const LINEAGE_MESSAGES_MAX: u32 = 1_000_000;
/// Messages whose paths are kept unless said otherwise.
pub const LINEAGE_MESSAGES_DEFAULT: u32 = 4_000;
/// Copies of one message whose paths are kept: as many as one fan-out makes.
pub const LINEAGE_COPIES_MAX: u32 = SUBSCRIPTIONS_MAX;
/// Steps kept of one copy's path: the first and the latest.
pub const LINEAGE_STEPS_MAX: u32 = 64;
/// Messages that one command of an application may send through its outbox.
pub const OUTGOING_MAX: u32 = 256;
/// Messages that wait in one outbox, at most.
pub const OUTBOX_MESSAGES_MAX: u32 = 1_000_000;
/// Handled messages that one inbox remembers, at most.
pub const INBOX_MARKS_MAX: u64 = 1_000_000;
/// Patterns of subjects that one subscription names.
pub const SUBJECTS_MAX: u32 = 16;
/// Conditions in one filter, counting each value of a list.
pub const FILTER_CONDITIONS_MAX: u32 = 256;
/// Bytes in all the attribute names and texts of one filter.
pub const FILTER_BYTES_MAX: u32 = 4 << 10;
/// Levels of alternatives (`$or`) inside each other in one filter.
pub const FILTER_DEPTH_MAX: u32 = 4;
/// Decimals of a number that a filter compares.
pub const NUMBER_DECIMALS_MAX: u32 = 18;
/// The largest number that a filter compares, and the smallest with a minus.
pub const NUMBER_MAX: u128 = 10_u128.pow(20);
