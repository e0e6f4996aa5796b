//! Messages in numbered slots: what both floors keep them in.

use crate::contender::BODY_BYTES;

/// One tenancy of one slot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    slot: u32,
    generation: u32,
}

/// A message, its body in place.
pub(super) struct Stored {
    pub(super) body: [u8; BODY_BYTES],
    /// The end of its lease; 0 while it waits.
    pub(super) until: u64,
}

struct Slot {
    generation: u32,
    stored: Option<Stored>,
}

/// Messages by slot. The last slot freed is taken first.
#[derive(Default)]
pub(super) struct Slots {
    slots: Vec<Slot>,
    free: Vec<u32>,
}

impl Slots {
    pub(super) fn insert(&mut self, body: &[u8; BODY_BYTES]) -> Key {
        let stored = Some(Stored { body: *body, until: 0 });
        if let Some(slot) = self.free.pop() {
            let at = &mut self.slots[slot as usize];
            at.generation = at.generation.wrapping_add(1);
            at.stored = stored;
            Key { slot, generation: at.generation }
        } else {
            self.slots.push(Slot { generation: 0, stored });
            Key { slot: (self.slots.len() - 1) as u32, generation: 0 }
        }
    }

    pub(super) fn get(&self, key: Key) -> Option<&Stored> {
        let slot = self.slots.get(key.slot as usize)?;
        slot.stored.as_ref().filter(|_| slot.generation == key.generation)
    }

    pub(super) fn get_mut(&mut self, key: Key) -> Option<&mut Stored> {
        let slot = self.slots.get_mut(key.slot as usize)?;
        slot.stored.as_mut().filter(|_| slot.generation == key.generation)
    }

    /// Removes the message if this lease of it lasts.
    pub(super) fn ack(&mut self, key: Key, until: u64) -> bool {
        let held = self.get(key).is_some_and(|stored| stored.until == until);
        if held {
            self.slots[key.slot as usize].stored = None;
            self.free.push(key.slot);
        }
        held
    }
}
