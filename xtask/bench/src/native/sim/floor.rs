//! The least that can simulate M/M/1: a heap of events, a queue of arrivals, and the same draws.

use std::{
    cmp::Reverse,
    collections::{BinaryHeap, VecDeque},
};

use postroom_simulator::{Stream, exponential};

use super::{CUSTOMERS, Figures, PROVIDER, System};

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Event {
    Done,
    Arrival,
}

/// Runs until so many customers are served.
pub(super) fn run(system: System, seed: u64, customers: u64) -> Figures {
    let gaps = Stream::new(seed, CUSTOMERS, "arrival");
    let calls = Stream::new(seed, PROVIDER, "call");
    let draw = |value: u64, per_minute: u32| {
        exponential(value, per_minute).map_or(u64::MAX, |span| span.as_micros())
    };
    let mut floor = Floor::default();
    let (mut arrived, mut started, mut served, mut wait_us) = (0, 0, 0, 0);
    let (mut free, mut now) = (system.servers, 0);
    floor.schedule(draw(gaps.draw(arrived).value(), system.arrivals_per_minute()), Event::Arrival);
    while served < customers {
        let Some(event) = floor.next(&mut now) else { break };
        match event {
            Event::Arrival => {
                arrived += 1;
                floor.waiting.push_back(now);
                let gap = draw(gaps.draw(arrived).value(), system.arrivals_per_minute());
                floor.schedule(now + gap, Event::Arrival);
            }
            Event::Done => {
                served += 1;
                free += 1;
            }
        }
        while free > 0
            && let Some(since) = floor.waiting.pop_front()
        {
            free -= 1;
            wait_us += now - since;
            // The provider draws for the first of its concerns.
            let value = calls.draw(started).draw(&[0]);
            started += 1;
            floor.schedule(now + draw(value, system.services_per_minute()), Event::Done);
        }
    }
    Figures { started, wait_us }
}

#[derive(Default)]
struct Floor {
    events: BinaryHeap<Reverse<(u64, u64, Event)>>,
    scheduled: u64,
    waiting: VecDeque<u64>,
}

impl Floor {
    /// Of one time, what was scheduled first comes first.
    fn schedule(&mut self, at: u64, event: Event) {
        self.events.push(Reverse((at, self.scheduled, event)));
        self.scheduled += 1;
    }

    fn next(&mut self, now: &mut u64) -> Option<Event> {
        let Reverse((at, _, event)) = self.events.pop()?;
        *now = at;
        Some(event)
    }
}
