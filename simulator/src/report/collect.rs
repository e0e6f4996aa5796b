//! What a report is made from, folded while a world runs.

use postroom_core::{
    Address, Blueprint, Event, Hosted, QueueId, Sink, Span, Timestamp,
    observe::{Latency, Rates, RatesConfig},
};

use super::{CallerReport, ProducerReport, ProviderReport, QueueReport, Report, Times};
use crate::{caller::CallerState, goals::Reason, world::World};

/// Watches one run for its report.
///
/// Feed it every event as a [`Sink`], from the building of the system on, and let it
/// [`look`](Reporter::look) after every step.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reporter {
    latency: Latency,
    rates: Rates,
    /// By the number of the queue.
    queues: Vec<Tally>,
    /// Queues in which something happened since the last look.
    touched: Vec<QueueId>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Tally {
    /// Its reasons and calls.
    report: QueueReport,
    peak_at: Timestamp,
    drained_at: Option<Timestamp>,
}

impl Default for Reporter {
    fn default() -> Self {
        // Only the totals are wanted.
        let window = RatesConfig { bucket: Span::from_secs(60), buckets: 1 };
        let rates = Rates::new(window).expect("the window is in range");
        Self { latency: Latency::default(), rates, queues: Vec::new(), touched: Vec::new() }
    }
}

impl Reporter {
    /// Looks at the world after a step.
    pub fn look<S: Blueprint>(&mut self, world: &World<S>) {
        for queue in self.touched.drain(..) {
            let Some(stats) = world.machine().queue_stats(queue) else { continue };
            let tally = tally(&mut self.queues, queue);
            let depth = stats.depth();
            if depth > tally.report.peak {
                tally.report.peak = depth;
                (tally.peak_at, tally.drained_at) = (world.now(), None);
            } else if depth == 0 && tally.drained_at.is_none() {
                tally.drained_at = Some(world.now());
            }
        }
    }

    /// The report of the run as far as it has come.
    #[must_use]
    pub fn report<S: Blueprint>(&self, world: &World<S>) -> Report {
        let time_us = world.now().since(Timestamp::ZERO);
        let ids = (0..).map(QueueId::new);
        let named = ids.map_while(|id| Some((id, world.machine().queue_name(id)?)));
        Report {
            runs: 1,
            time_us,
            queues: named.map(|(id, name)| self.queue(world, id, name, time_us)).collect(),
            providers: world
                .providers()
                .iter()
                .map(|provider| ProviderReport {
                    name: provider.name().to_owned(),
                    calls: provider.calls(),
                    taken: provider.taken().total(),
                    duplicates: provider.taken().duplicates(),
                })
                .collect(),
            producers: world
                .producers()
                .iter()
                .map(|producer| ProducerReport {
                    name: producer.name().to_owned(),
                    sent: producer.sent(),
                    refused: producer.refused(),
                })
                .collect(),
            callers: world.callers().iter().map(caller).collect(),
            turned_away: world.turned_away(),
        }
    }

    fn queue<S: Blueprint>(
        &self,
        world: &World<S>,
        id: QueueId,
        name: &str,
        time: Span,
    ) -> QueueReport {
        let tally = self.queues.get(id.number() as usize).cloned().unwrap_or_default();
        let times = |histogram| Times { histogram, ..Times::default() };
        let latency = self.latency.of(id).cloned().unwrap_or_default();
        let drained = tally.drained_at.map(|at| at.since(tally.peak_at));
        let has_peak = tally.report.peak > 0;
        let mut report = QueueReport {
            name: name.to_owned(),
            flow: self.rates.total(Address::Queue(id)),
            left: world.machine().queue_stats(id).map_or(0, |stats| stats.depth()),
            drained_within_us: drained.filter(|_| has_peak),
            undrained_runs: u64::from(has_peak && drained.is_none()),
            waiting: times(latency.waiting),
            latency: times(latency.sojourn),
            ..tally.report
        };
        report.conclude(time);
        report
    }
}

impl Sink for Reporter {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.latency.record(at, event);
        self.rates.record(at, event);
        let Some(queue) = event.queue() else { return };
        if self.touched.last() != Some(&queue) {
            self.touched.push(queue);
        }
        let report = &mut tally(&mut self.queues, queue).report;
        match event {
            Event::DeadLettered { reason, .. } | Event::Discarded { reason, .. } => {
                report.count_dead(Reason::from(reason), 1);
            }
            Event::CallStarted { .. } => report.calls += 1,
            Event::CallFailed { .. } | Event::CallLost { .. } => report.calls_failed += 1,
            _ => {}
        }
    }
}

fn caller(caller: &CallerState) -> CallerReport {
    let mut latency = Times { histogram: caller.latency().clone(), ..Times::default() };
    latency.conclude();
    CallerReport {
        name: caller.name().to_owned(),
        requests: caller.sent(),
        answered: caller.succeeded(),
        failed: caller.failed(),
        timed_out: caller.timed_out(),
        refused: caller.refused(),
        latency,
    }
}

fn tally(queues: &mut Vec<Tally>, queue: QueueId) -> &mut Tally {
    let number = queue.number() as usize;
    if number >= queues.len() {
        queues.resize(number + 1, Tally::default());
    }
    &mut queues[number]
}
