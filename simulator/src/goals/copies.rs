//! Which copies are gone without anybody having taken them.

use std::collections::{BTreeMap, BTreeSet};

use postroom_core::{Blueprint, Event, MessageId, QueueId};

use crate::{
    limits::{TAKEN_MAX, UNTAKEN_MAX},
    world::World,
};

/// A copy: its queue and its message.
pub(super) type CopyId = (QueueId, MessageId);

/// Follows each copy from its first call, or its end, to the moment when it is plain whether it is
/// lost. Of those that are it remembers [`UNTAKEN_MAX`], since a slow provider may yet take one.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Copies {
    open: BTreeMap<CopyId, Copy>,
    lost: BTreeSet<CopyId>,
    /// What the events since the last look were about.
    touched: Vec<CopyId>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Copy {
    /// Calls under way.
    calls: u32,
    is_gone: bool,
}

impl Copies {
    pub(super) fn note(&mut self, event: &Event) {
        let (Some(queue), Some(message)) = (event.queue(), event.message()) else { return };
        let copy = (queue, message);
        match event {
            Event::CallStarted { .. } => self.open.entry(copy).or_default().calls += 1,
            Event::CallSucceeded { .. } | Event::CallFailed { .. } => {
                let open = self.open.entry(copy).or_default();
                open.calls = open.calls.saturating_sub(1);
            }
            Event::Acked { .. } | Event::Discarded { .. } => {
                self.open.entry(copy).or_default().is_gone = true;
            }
            _ => return,
        }
        self.touched.push(copy);
    }

    /// Tells `lost` of each copy that is now lost.
    pub(super) fn look<S: Blueprint>(&mut self, world: &World<S>, mut lost: impl FnMut(CopyId)) {
        for copy in self.touched.drain(..) {
            let Some(&Copy { calls: 0, is_gone }) = self.open.get(&copy) else { continue };
            self.open.remove(&copy);
            if is_gone && !was_taken(world, copy) {
                if self.lost.len() < UNTAKEN_MAX {
                    self.lost.insert(copy);
                }
                lost(copy);
            }
        }
    }

    /// A provider took a copy: whether it was lost until now.
    pub(super) fn took(&mut self, copy: CopyId) -> bool {
        self.lost.remove(&copy)
    }
}

/// Beyond [`TAKEN_MAX`] different copies a provider cannot say; then nothing counts as lost.
fn was_taken<S: Blueprint>(world: &World<S>, (queue, message): CopyId) -> bool {
    world.providers().iter().any(|provider| {
        let taken = provider.taken();
        taken.count(queue, message) > 0 || taken.distinct() == TAKEN_MAX
    })
}
