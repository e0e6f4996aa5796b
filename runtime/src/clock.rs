//! The one real clock.

use std::time::{Duration, SystemTime};

use postroom_core::Timestamp;
use tokio::time::Instant;

/// Microseconds since its epoch: a monotonic clock, set once and never adjusted.
///
/// It follows tokio's clock, so a test that pauses tokio's time decides what time it is here.
#[derive(Clone, Copy, Debug)]
pub struct Clock {
    started: Instant,
    started_at: Timestamp,
}

impl Clock {
    /// Microseconds since 1970. The wall clock is read once, now: a later change of it neither
    /// moves a lease nor a deadline.
    #[must_use]
    pub fn system() -> Self {
        #[expect(clippy::disallowed_methods, reason = "the host owns the one real clock")]
        let wall = SystemTime::now();
        let since_epoch = wall.duration_since(SystemTime::UNIX_EPOCH).unwrap_or(Duration::ZERO);
        Self::starting_at(Timestamp::from_micros(micros(since_epoch)))
    }

    /// It is `now` now.
    #[must_use]
    pub fn starting_at(now: Timestamp) -> Self {
        Self { started: Instant::now(), started_at: now }
    }

    /// What time it is.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        let elapsed = micros(self.started.elapsed());
        Timestamp::from_micros(self.started_at.as_micros().saturating_add(elapsed))
    }

    /// As `sleep_until`, and never where there is no time to wait for.
    pub(crate) async fn sleep_until_some(&self, at: Option<Timestamp>) {
        match at {
            Some(at) => self.sleep_until(at).await,
            None => std::future::pending().await,
        }
    }

    /// Returns at `at` or up to a millisecond later, at once if that is past.
    pub(crate) async fn sleep_until(&self, at: Timestamp) {
        let wait = Duration::from_micros(at.since(self.started_at).as_micros());
        // Timers do not reach arbitrarily far: whoever waits longer is woken and waits again.
        let far = Instant::now() + WAIT_MAX;
        let instant = self.started.checked_add(wait).map_or(far, |instant| instant.min(far));
        tokio::time::sleep_until(instant).await;
    }
}

/// The longest single wait.
const WAIT_MAX: Duration = Duration::from_secs(24 * 60 * 60);

fn micros(duration: Duration) -> u64 {
    u64::try_from(duration.as_micros()).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn paused_time_is_exact() {
        let clock = Clock::starting_at(Timestamp::from_millis(7));
        clock.sleep_until(Timestamp::from_millis(1_007)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(1_007));
        clock.sleep_until(Timestamp::ZERO).await;
        assert_eq!(clock.now(), Timestamp::from_millis(1_007), "the past is no reason to wait");
    }

    #[tokio::test(start_paused = true)]
    async fn a_far_deadline_wakes_after_a_day() {
        let clock = Clock::starting_at(Timestamp::ZERO);
        clock.sleep_until(Timestamp::from_micros(u64::MAX)).await;
        assert_eq!(clock.now(), Timestamp::from_millis(24 * 60 * 60 * 1_000));
    }

    #[tokio::test]
    async fn the_system_clock_counts_from_1970() {
        let in_2020 = Timestamp::from_millis(1_577_836_800_000);
        let in_2200 = Timestamp::from_millis(7_258_118_400_000);
        assert!((in_2020..in_2200).contains(&Clock::system().now()));
    }
}
