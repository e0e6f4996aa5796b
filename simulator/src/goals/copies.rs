//! Which copies are gone without anybody having taken them.

use std::collections::{BTreeMap, BTreeSet};

use postroom_core::{Event, MessageId, QueueId};

use crate::limits::UNTAKEN_MAX;

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
    pub(super) fn look(
        &mut self,
        was_taken: impl Fn(CopyId) -> bool,
        mut lost: impl FnMut(CopyId),
    ) {
        for copy in self.touched.drain(..) {
            let Some(&Copy { calls: 0, is_gone }) = self.open.get(&copy) else { continue };
            self.open.remove(&copy);
            if is_gone && !was_taken(copy) {
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

#[cfg(test)]
mod tests {
    use postroom_core::{Address, LeaseId};
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    use super::*;

    #[test]
    fn a_hundred_thousand_lost_copies_may_come_back() {
        let queue = QueueId::new(0);
        let copy = |number| (queue, MessageId { address: Address::Queue(queue), number });
        let (mut copies, mut lost) = (Copies::default(), 0);
        for number in 0..=UNTAKEN_MAX as u64 {
            let lease = LeaseId::new(number);
            copies.note(&Event::Acked { queue, message: copy(number).1, lease });
        }
        copies.look(|_| false, |_| lost += 1);
        assert_eq!(lost, UNTAKEN_MAX + 1);
        assert!(copies.took(copy(0)) && !copies.took(copy(0)), "once");
        assert!(copies.took(copy(UNTAKEN_MAX as u64 - 1)));
        assert!(!copies.took(copy(UNTAKEN_MAX as u64)), "one beyond them stays lost");
    }
}
