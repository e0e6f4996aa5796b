//! Alarms on a queue's depth and age.

use serde::{Deserialize, Serialize};

use super::Queue;
use crate::time::Timestamp;

/// What an alarm is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// The queue holds `alarm_depth` copies or more. Cleared at half of it, so that it does not
    /// flap.
    Depth,
    /// The oldest copy has been in the queue for `alarm_age_ms`.
    Age,
}

/// The alarms that are raised.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub(crate) struct Alarms {
    depth: bool,
    age: bool,
}

impl Queue {
    /// Whether there is anything to watch.
    pub(crate) fn has_alarms(&self) -> bool {
        self.config.alarm_depth.is_some() || self.config.alarm_age.is_some()
    }

    /// Raises and clears alarms; returns those that changed, and whether they are raised now.
    pub(crate) fn change_alarms(&mut self, now: Timestamp) -> [Option<(Alarm, bool)>; 2] {
        let depth = self.config.alarm_depth.map(|limit| {
            let least = if self.alarms.depth { limit / 2 + 1 } else { limit };
            self.copies.len() >= least
        });
        let oldest = self.config.alarm_age.and_then(|_| self.oldest_enqueued_at());
        let age =
            self.config.alarm_age.map(|limit| oldest.is_some_and(|oldest| oldest + limit <= now));
        let changed = |raised: &mut bool, now: Option<bool>, alarm| {
            let now = now.unwrap_or_default();
            (core::mem::replace(raised, now) != now).then_some((alarm, now))
        };
        [
            changed(&mut self.alarms.depth, depth, Alarm::Depth),
            changed(&mut self.alarms.age, age, Alarm::Age),
        ]
    }

    /// When the alarm for age is raised next, if nothing changes until then.
    pub(crate) fn age_alarm_at(&self) -> Option<Timestamp> {
        let limit = self.config.alarm_age.filter(|_| !self.alarms.age)?;
        Some(self.oldest_enqueued_at()? + limit)
    }
}
