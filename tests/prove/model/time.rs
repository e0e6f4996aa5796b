//! What happens by itself, one thing after the other.

use postroom_core::{CopyState, DeadReason, Event, LeaseId, Timestamp};

use super::{Broker, id, queue::Queue};

/// What has come up, in the order in which it happens: by time, then by queue; in a queue first
/// what befalls copies, by arrival, then the redrive, then the alarm.
type Due = (Timestamp, usize, What);

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum What {
    Copy(u64, Befalls),
    Redrives,
    Ages,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Befalls {
    Matures,
    LeaseEnds(LeaseId),
    Dies(DeadReason),
}

impl Broker {
    pub(super) fn pass_time(&mut self) {
        while let Some((at, index, what)) = self.next_due() {
            if at > self.now {
                return;
            }
            match what {
                What::Copy(seq, befalls) => self.befall(index, seq, befalls),
                What::Redrives => self.go_on_redriving(index),
                What::Ages => {}
            }
            self.move_on();
            self.change_alarms();
        }
    }

    /// When something happens next.
    pub(crate) fn next_deadline(&self) -> Option<Timestamp> {
        self.next_due().map(|(at, ..)| at)
    }

    fn next_due(&self) -> Option<Due> {
        let all = self.queues.iter().enumerate().flat_map(|(index, queue)| {
            self.dues(queue).into_iter().map(move |(at, what)| (at, index, what))
        });
        all.min()
    }

    fn dues(&self, queue: &Queue) -> Vec<(Timestamp, What)> {
        let mut dues = Vec::new();
        for copy in &queue.copies {
            let mut add = |at, befalls| dues.push((at, What::Copy(copy.seq, befalls)));
            match copy.state {
                CopyState::Delayed { until } => add(until, Befalls::Matures),
                CopyState::InFlight { lease, until, .. } => add(until, Befalls::LeaseEnds(lease)),
                CopyState::Ready | CopyState::Blocked { .. } => {}
            }
            if copy.waits()
                && let Some((at, reason)) = copy.end()
            {
                add(at, Befalls::Dies(reason));
            }
            // Retention beats leases there.
            if copy.is_held()
                && queue.is_sqs()
                && let Some((at, DeadReason::Expired)) = copy.end()
            {
                add(at, Befalls::Dies(DeadReason::Expired));
            }
        }
        if let Some(task) = &queue.task {
            dues.push((task.next_at(), What::Redrives));
        }
        if let Some(limit) = queue.config.alarm_age
            && !queue.alarms.contains(&postroom_core::Alarm::Age)
            && let Some(oldest) = queue.copies.first()
        {
            dues.push((oldest.enqueued_at + limit, What::Ages));
        }
        dues
    }

    fn befall(&mut self, index: usize, seq: u64, befalls: Befalls) {
        let (queue, message) = (id(index), self.queues[index].find(seq).expect("it is there").id);
        match befalls {
            Befalls::Matures => {
                self.queues[index].make_ready(seq);
                self.emit(Event::Matured { queue, message });
            }
            Befalls::LeaseEnds(lease) => {
                self.emit(Event::LeaseExpired { queue, message, lease });
                self.end_delivery(index, seq);
            }
            Befalls::Dies(reason) => self.die(index, seq, reason),
        }
    }
}
