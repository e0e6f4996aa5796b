//! What each event does to the picture.

use postroom_core::{Address, ConsumerId, Event, FailReason, MessageId, QueueId};

use super::{
    Breaker, Picture, Presence, WorkerView,
    ghost::Ghost,
    journey::{Journey, Look, Spot},
    lane::{Place, Work, spans},
    mark::End,
};

impl Picture {
    pub(super) fn fold(&mut self, now: u64, event: &Event) {
        match *event {
            Event::Published { to, message, causation, .. } => {
                self.is_caused = causation.is_some();
                self.publish(now, to, message);
            }
            Event::Deduplicated { to, original } => self.deduplicate(now, to, original),
            Event::Refused { queue, message } => self.refuse(now, queue, message),
            Event::Enqueued { queue, message, due } => {
                self.enqueue(now, queue, message, due.map(|due| due.as_micros()));
            }
            Event::Matured { queue, message }
            | Event::Released { queue, message }
            | Event::LeaseExpired { queue, message, .. } => self.make_ready(now, queue, message),
            Event::Delivered { queue, message, delivery, .. } => {
                if let Some((lane, false)) = self.lane_of(queue) {
                    self.lanes[usize::from(lane)].hold(lane, now, message, delivery);
                }
            }
            Event::Acked { queue, message, .. } => self.ack(now, queue, message),
            Event::RetryScheduled { queue, message, due, .. } => {
                self.make_wait(now, queue, message, Some(due.as_micros()));
            }
            Event::DeadLettered { queue, message, .. } => self.bury(now, queue, message),
            Event::Blocked { queue, message, .. } => self.make_wait(now, queue, message, None),
            Event::Discarded { queue, message, .. } => {
                self.vanish(now, queue, message, End::Failed)
            }
            Event::Paused { queue } => self.pause(queue, true),
            Event::Resumed { queue } => self.pause(queue, false),
            Event::Redriven { queue, to, message } => self.redrive(now, queue, to, message),
            Event::QueueCreated { .. }
            | Event::TopicCreated { .. }
            | Event::LedgerCreated { .. }
            | Event::Subscribed { .. }
            | Event::Claimed { .. }
            | Event::ClaimCompleted { .. }
            | Event::ClaimFreed { .. } => {}
            ref about_a_call => self.fold_call(now, about_a_call),
        }
    }

    fn fold_call(&mut self, now: u64, event: &Event) {
        match *event {
            Event::CallStarted { consumer, queue, message, call, deadline } => {
                let deadline = deadline.as_micros();
                let Some(worker) = self.consumers.get(consumer).copied() else { return };
                let Some((lane, false)) = self.lane_of(queue) else { return };
                let state = &mut self.workers[usize::from(worker)];
                state.view.calls += 1;
                let desk = state.desks.iter().position(Option::is_none);
                if let Some(desk) = desk {
                    state.desks[desk] = Some(message);
                }
                let desk = desk.map(|desk| desk as u16);
                let work = Work { call, worker, desk, since: now, deadline };
                self.lanes[usize::from(lane)].work(now, message, work);
            }
            Event::CallSucceeded { queue, message, consumer, .. } => {
                self.count_call(consumer, true);
                if let Some((lane, work)) = self.end_work(now, queue, message) {
                    self.call_provider(now, lane, message, work);
                }
            }
            Event::CallFailed { queue, message, consumer, reason, .. } => {
                self.count_call(consumer, false);
                if let Some((lane, work)) = self.end_work(now, queue, message) {
                    self.fail(now, lane, message, work, reason);
                }
            }
            // It ends at the desk, as one does whose time is up.
            Event::CallLost { queue, message, consumer, .. } => {
                self.count_call(consumer, false);
                if let Some((lane, work)) = self.end_work(now, queue, message) {
                    self.fail(now, lane, message, work, FailReason::Timeout);
                }
            }
            Event::CallAnsweredLate { consumer, .. } => self.answer_late(now, consumer),
            ref about_a_worker => self.fold_worker(about_a_worker),
        }
    }

    fn fold_worker(&mut self, event: &Event) {
        match *event {
            Event::Throttled { consumer, until, .. } => {
                self.change(consumer, |view| view.throttled_until = Some(until));
            }
            Event::ConsumerPaused { consumer, .. } => {
                self.change(consumer, |view| view.is_paused = true);
            }
            Event::ConsumerResumed { consumer, .. } => {
                self.change(consumer, |view| view.is_paused = false);
            }
            Event::ConsumerScaled { consumer, concurrency, .. } => {
                self.change(consumer, |view| view.concurrency = concurrency);
            }
            Event::ConsumerCrashed { consumer, .. } => {
                self.change(consumer, |view| {
                    view.presence = Presence::Crashed;
                    // A process that starts again has forgotten them.
                    view.breaker = Breaker::Closed;
                    view.throttled_until = None;
                });
            }
            Event::ConsumerCutOff { consumer, .. } => {
                self.change(consumer, |view| view.presence = Presence::CutOff);
            }
            Event::ConsumerRestarted { consumer, .. }
            | Event::ConsumerReconnected { consumer, .. } => {
                self.change(consumer, |view| view.presence = Presence::Here);
            }
            Event::BreakerOpened { consumer, until, .. } => {
                self.set_breaker(consumer, Breaker::Open { until });
            }
            Event::BreakerHalfOpened { consumer, .. } => {
                self.set_breaker(consumer, Breaker::HalfOpen);
            }
            Event::BreakerClosed { consumer, .. } | Event::BreakerReset { consumer, .. } => {
                self.set_breaker(consumer, Breaker::Closed);
            }
            Event::BreakerForcedOpen { consumer, .. } => {
                self.set_breaker(consumer, Breaker::ForcedOpen);
            }
            Event::BreakerDisabled { consumer, .. } => {
                self.set_breaker(consumer, Breaker::Disabled);
            }
            _ => {}
        }
    }

    fn pause(&mut self, queue: QueueId, is_paused: bool) {
        if let Some((lane, false)) = self.lane_of(queue) {
            self.lanes[usize::from(lane)].is_paused = is_paused;
        }
    }

    fn lane_of(&self, queue: QueueId) -> Option<(u16, bool)> {
        self.queues.get(queue).copied()
    }

    /// Who publishes there: a worker if another message is the cause, else somebody of their own
    /// accord.
    fn source_of(&self, to: Address, is_caused: bool) -> Option<Spot> {
        let source = || {
            let index = self.layout.sources.iter().position(|source| source.to.contains(&to))?;
            Some(Spot::Source(index as u16))
        };
        let worker = || {
            let mut workers = self.layout.lanes.iter().flat_map(|lane| &lane.workers);
            let index = workers.position(|worker| worker.publishes.contains(&to))?;
            Some(Spot::Provider(index as u16))
        };
        if is_caused { worker().or_else(source) } else { source().or_else(worker) }
    }

    fn topic_of(&self, to: Address) -> Option<Spot> {
        let Address::Topic(topic) = to else { return None };
        let index = self.layout.topics.iter().position(|node| node.topic == topic)?;
        Some(Spot::Topic(index as u16))
    }

    fn publish(&mut self, now: u64, to: Address, message: MessageId) {
        let (Some(topic), source) = (self.topic_of(to), self.source_of(to, self.is_caused)) else {
            return;
        };
        let mut journey = Journey::at(source.unwrap_or(topic));
        if source.is_some() {
            journey.go(now, topic, spans::TO_TOPIC, Look::Plain);
        }
        self.published = Some((message, journey.end().max(now)));
        self.ghosts.add(Ghost {
            lane: None,
            message: Some(message),
            left: now,
            journey,
            end: None,
        });
    }

    fn deduplicate(&mut self, now: u64, to: Address, message: MessageId) {
        let Some(source) = self.source_of(to, false) else { return };
        let goal = self.topic_of(to).or_else(|| {
            let Address::Queue(queue) = to else { return None };
            self.lane_of(queue).map(|(lane, _)| Spot::Slot { lane, index: 0.0 })
        });
        let mut journey = Journey::at(source);
        if let Some(goal) = goal {
            journey.go(now, goal, spans::TO_TOPIC, Look::Plain);
        }
        let end = Some(End::Duplicate);
        self.ghosts.add(Ghost { lane: None, message: Some(message), left: now, journey, end });
    }

    /// A journey that begins where a new copy of `message` comes from.
    fn birth(&self, now: u64, message: MessageId) -> Journey {
        match (self.topic_of(message.address), self.published) {
            (Some(topic), Some((published, arrives))) if published == message => {
                let mut journey = Journey::at(topic);
                journey.wait_until(arrives.max(now));
                journey
            }
            (Some(topic), _) => Journey::at(topic),
            (None, _) => Journey::at(
                self.source_of(message.address, self.is_caused).unwrap_or(Spot::Topic(0)),
            ),
        }
    }

    fn refuse(&mut self, now: u64, queue: QueueId, message: MessageId) {
        let Some((lane, _)) = self.lane_of(queue) else { return };
        let mut journey = self.birth(now, message);
        journey.go(now, Spot::Slot { lane, index: 0.0 }, spans::TO_QUEUE, Look::Plain);
        let end = Some(End::Failed);
        self.ghosts.add(Ghost {
            lane: Some(lane),
            message: Some(message),
            left: now,
            journey,
            end,
        });
    }

    fn enqueue(&mut self, now: u64, queue: QueueId, message: MessageId, due: Option<u64>) {
        let Some((lane, is_dead)) = self.lane_of(queue) else { return };
        if is_dead {
            // What was just buried is there already; anything else was published there.
            let state = &self.lanes[usize::from(lane)];
            let place = state.letters.get(message).map(|letter| letter.place);
            if !matches!(place, Some(Place::Dead(_))) {
                self.bury_in(now, lane, message);
            }
            return;
        }
        let birth = self.birth(now, message);
        let state = &mut self.lanes[usize::from(lane)];
        let comes_back = state.letters.get(message).is_some();
        state.enter(lane, now, message, birth);
        match due {
            Some(due) => state.make_wait(lane, now, message, Some(due), Look::Plain),
            None => {
                let span = if comes_back { spans::BACK_TO_QUEUE } else { spans::TO_QUEUE };
                state.make_ready(lane, now, message, span);
            }
        }
    }

    fn make_ready(&mut self, now: u64, queue: QueueId, message: MessageId) {
        self.end_work(now, queue, message);
        if let Some((lane, false)) = self.lane_of(queue) {
            let state = &mut self.lanes[usize::from(lane)];
            state.make_ready(lane, now, message, spans::BACK_TO_QUEUE);
        }
    }

    /// A copy failed: it waits until `due`, or for room among the dead letters.
    fn make_wait(&mut self, now: u64, queue: QueueId, message: MessageId, due: Option<u64>) {
        self.end_work(now, queue, message);
        if let Some((lane, false)) = self.lane_of(queue) {
            self.lanes[usize::from(lane)].make_wait(lane, now, message, due, Look::Failed);
        }
    }

    fn ack(&mut self, now: u64, queue: QueueId, message: MessageId) {
        if let Some((lane, false)) = self.lane_of(queue) {
            self.lanes[usize::from(lane)].count_delivered();
            self.vanish(now, queue, message, End::Delivered);
        }
    }

    /// A copy leaves the system; it is seen going the rest of its way and ending there.
    fn vanish(&mut self, now: u64, queue: QueueId, message: MessageId, end: End) {
        let Some((lane, false)) = self.lane_of(queue) else { return };
        self.end_work(now, queue, message);
        let Some(mut letter) = self.lanes[usize::from(lane)].take(lane, now, message) else {
            return;
        };
        if matches!(letter.journey.goal(), Spot::Slot { .. }) {
            letter.journey.go(now, Spot::Exit(lane), spans::TO_DESK, Look::Plain);
        }
        let (lane, message, end) = (Some(lane), Some(message), Some(end));
        self.ghosts.add(Ghost { lane, message, left: now, journey: letter.journey, end });
    }

    fn bury(&mut self, now: u64, queue: QueueId, message: MessageId) {
        self.end_work(now, queue, message);
        if let Some((lane, false)) = self.lane_of(queue) {
            self.bury_in(now, lane, message);
        }
    }

    fn bury_in(&mut self, now: u64, lane: u16, message: MessageId) {
        let birth = self.birth(now, message);
        let state = &mut self.lanes[usize::from(lane)];
        if state.letters.get(message).is_none() {
            state.enter(lane, now, message, birth);
        }
        state.bury(lane, now, message);
    }

    fn redrive(&mut self, now: u64, dead: QueueId, to: QueueId, message: MessageId) {
        let (Some((from, _)), Some((to, _))) = (self.lane_of(dead), self.lane_of(to)) else {
            return;
        };
        let Some(letter) = self.lanes[usize::from(from)].take(from, now, message) else { return };
        self.lanes[usize::from(to)].letters.insert(message, letter);
    }

    /// Frees the desk of a call that is over.
    fn end_work(&mut self, now: u64, queue: QueueId, message: MessageId) -> Option<(u16, Work)> {
        let (lane, _) = self.lane_of(queue)?;
        let work = self.lanes[usize::from(lane)].end_work(now, message)?;
        let worker = &mut self.workers[usize::from(work.worker)];
        worker.view.calls = worker.view.calls.saturating_sub(1);
        if let Some(desk) = work.desk {
            worker.desks[usize::from(desk)] = None;
        }
        Some((lane, work))
    }

    fn count_call(&mut self, consumer: ConsumerId, succeeded: bool) {
        self.change(consumer, |view| {
            if succeeded {
                view.succeeded += 1;
            } else {
                view.failed += 1;
            }
        });
    }

    fn call_provider(&mut self, now: u64, lane: u16, message: MessageId, work: Work) {
        let letters = &mut self.lanes[usize::from(lane)].letters;
        if let Some(letter) = letters.get_mut(message) {
            let to = Spot::Provider(work.worker);
            letter.journey.go(now, to, spans::TO_PROVIDER, Look::Plain);
        }
    }

    /// A call that failed ends in a star: at the provider, or at the desk when nobody answered.
    fn fail(&mut self, now: u64, lane: u16, message: MessageId, work: Work, why: FailReason) {
        if why != FailReason::Timeout {
            self.call_provider(now, lane, message, work);
        }
        let letters = &self.lanes[usize::from(lane)].letters;
        let Some(letter) = letters.get(message) else { return };
        let mut journey = Journey::at(letter.journey.goal());
        journey.wait_until(letter.journey.end());
        let (lane, message, end) = (Some(lane), Some(message), Some(End::Failed));
        self.ghosts.add(Ghost { lane, message, left: now, journey, end });
    }

    fn answer_late(&mut self, now: u64, consumer: ConsumerId) {
        let Some(worker) = self.consumers.get(consumer).copied() else { return };
        let lane = self.workers[usize::from(worker)].lane;
        let journey = Journey::at(Spot::Provider(worker));
        let end = Some(End::Late);
        self.ghosts.add(Ghost { lane: Some(lane), message: None, left: now, journey, end });
    }

    fn set_breaker(&mut self, consumer: ConsumerId, breaker: Breaker) {
        self.change(consumer, |view| view.breaker = breaker);
    }

    fn change(&mut self, consumer: ConsumerId, change: impl FnOnce(&mut WorkerView)) {
        if let Some(worker) = self.consumers.get(consumer) {
            change(&mut self.workers[usize::from(*worker)].view);
        }
    }
}
