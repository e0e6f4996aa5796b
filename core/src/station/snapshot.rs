//! A whole station as a document, and back.

use alloc::{collections::BTreeSet, vec::Vec};

use serde::{Deserialize, Serialize};

use super::{Attached, Station};
use crate::{
    engine::{Engine, OLDEST_READ, RestoreError, Snapshot},
    format::Versioned,
    limits::{CONSUMERS_MAX, NAME_BYTES_MAX},
};

/// A whole station as a serde document: its engine and the state of its consumers, with the calls
/// under way.
///
/// # Example: there and back
/// ```
/// use postroom_core::{Hosted, Station};
///
/// let station = Station::new();
/// let text = serde_json::to_string(&station.snapshot()).expect("a snapshot is plain data");
/// let restored = Station::restore(serde_json::from_str(&text).expect("it was just written"))?;
/// assert_eq!(restored.digest(), station.digest());
/// # Ok::<(), postroom_core::RestoreError>(())
/// ```
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(transparent)]
pub struct StationSnapshot(Versioned<State, OLDEST_READ>);

#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct State {
    engine: Snapshot,
    consumers: Vec<Attached>,
}

impl Station {
    /// The whole state, to be written down. Effects are no part of it: take them all first.
    #[must_use]
    pub fn snapshot(&self) -> StationSnapshot {
        let (engine, consumers) = (self.engine.snapshot(), self.consumers.clone());
        StationSnapshot(Versioned::new(State { engine, consumers }))
    }

    /// The state of a snapshot. Calls under way then still are: whoever makes them reports their
    /// outcome, else they are given up at their deadlines.
    ///
    /// # Errors
    /// As [`RestoreError`] says; a damaged snapshot is never half restored.
    pub fn restore(snapshot: StationSnapshot) -> Result<Self, RestoreError> {
        let State { engine, consumers } = snapshot.0.open()?;
        let mut station = Self { engine: Engine::restore(engine)?, consumers, ..Self::default() };
        match station.damage() {
            Some(what) => Err(RestoreError::Damaged { what }),
            None => {
                for (index, attached) in station.consumers.iter().enumerate() {
                    station.agenda.note(index, &attached.consumer);
                }
                Ok(station)
            }
        }
    }

    fn damage(&self) -> Option<&'static str> {
        if self.consumers.len() > CONSUMERS_MAX as usize {
            return Some("there are more consumers than a station holds");
        }
        let mut names = BTreeSet::new();
        for (id, name, consumer) in self.consumers() {
            if !(1..=NAME_BYTES_MAX as usize).contains(&name.len()) || !names.insert(name) {
                return Some("a consumer's name is another's too, or of no good length");
            }
            let has_queue = self.engine.queue_config(consumer.queue()).is_some();
            if !has_queue || consumer.id() != id || !consumer.is_sound(self.engine.now()) {
                return Some("a consumer does not fit together");
            }
        }
        None
    }
}
