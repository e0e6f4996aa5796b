//! A world: a hosted machine, those around it, and one clock that jumps from event to event.

mod direct;
mod trail;
mod trouble;
mod work;

use std::{
    hash::{Hash, Hasher},
    sync::Arc,
};

use postroom_core::{
    At, Blueprint, ConsumerId, DeadReason, Digest, Effect, Entropy, Event, Hosted, Machine,
    QueueId, Sink, Timestamp, TopicId,
};

use self::trail::Trail;
use crate::{
    autoscale::ScalerState,
    caller::CallerState,
    fault::{Turn, timeline},
    intervention::{CommandOf, ErrorOf, Intervention, InterventionError, ReplyOf},
    limits::{LIVE_MESSAGES_MAX, NODES_MAX, TICKS_IN_A_ROW_MAX},
    producer::ProducerState,
    provider::ProviderState,
    scenario::{Scenario, ScenarioError, clip},
    service::ServiceState,
    stream::Stream,
};

/// A simulated world. One scenario always gives the same one; a clone is a snapshot.
///
/// What is due at the same time happens in this order: faults, the machine's own deadlines,
/// scalers, the answers of providers, those of services, messages of producers, requests of callers;
/// those of one kind in the order of the scenario, and the things of one in the order in which it
/// began them.
///
/// # Example: a minute of a system, in an instant
/// ```
/// use postroom_core::Timestamp;
/// use postroom_simulator::{Scenario, Topology, Trace, World};
///
/// let text = include_str!("../../examples/outage.json");
/// let scenario: Scenario<Topology> =
///     Scenario::read(text, serde_json::from_str, serde_json::from_str)?;
/// let mut trace = Trace::new();
/// let mut world = World::new(scenario, &mut trace)?;
/// world.run_until(Timestamp::from_millis(60_000), &mut trace);
///
/// let sent = world.producer("events").map(|producer| producer.sent());
/// assert_eq!(world.provider("push").map(|push| push.taken().distinct()), sent);
/// assert!(trace.named(world.machine()).to_text().contains("sms dead letters"));
/// # Ok::<(), postroom_simulator::ScenarioError>(())
/// ```
#[derive(Clone)]
pub struct World<S: Blueprint> {
    scenario: Arc<Scenario<S>>,
    /// The beginnings and ends of the scenario's faults, in order.
    faults: Arc<[Turn]>,
    troubles: Stream,
    machine: S::Machine,
    now: Timestamp,
    producers: Vec<ProducerState>,
    providers: Vec<ProviderState>,
    scalers: Vec<ScalerState>,
    callers: Vec<CallerState>,
    services: Vec<ServiceState>,
    /// The place of each consumer's provider, by the consumer's number.
    providers_of: Arc<[usize]>,
    /// What chance decides of the messages of each producer.
    messages: Arc<[Stream]>,
    faults_done: usize,
    ticks: Stream,
    ticks_in_a_row: u32,
    steps: u64,
    commands: u64,
    interventions: u64,
    turned_away: u64,
    record: Record,
}

/// What a world remembers of its events.
#[derive(Clone, Default)]
struct Record {
    trail: Trail,
    events: u64,
    /// Copies in queues, and the most there ever were.
    copies: u64,
    copies_most: u64,
}

/// Whose turn it is. The order is the order at one time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Actor {
    Fault,
    Machine,
    Scaler(usize),
    Provider(usize),
    Service(usize),
    Producer(usize),
    Caller(usize),
}

impl<S: Blueprint> World<S> {
    /// The world of `scenario` at time zero. What happens while the system is built goes to `sink`.
    ///
    /// # Errors
    /// As [`ScenarioError`] says.
    pub fn new(
        scenario: impl Into<Arc<Scenario<S>>>,
        sink: &mut impl Sink,
    ) -> Result<Self, ScenarioError> {
        let scenario: Arc<Scenario<S>> = scenario.into();
        scenario.validate()?;
        let seed = scenario.seed;
        let mut record = Record::default();
        let at = At { now: Timestamp::ZERO, entropy: Stream::new(seed, "system", "build").draw(0) };
        let mut tap = Tap { record: &mut record, sink };
        let machine = scenario
            .system
            .build(at, &mut tap)
            .map_err(|why| ScenarioError::System { why: clip(why) })?;
        check_nodes(&scenario, &machine)?;
        let mut world = Self {
            faults: timeline(&scenario.faults),
            troubles: Stream::new(seed, "faults", "command"),
            providers_of: match_providers(&scenario, &machine)?,
            machine,
            now: Timestamp::ZERO,
            producers: scenario.producers.iter().map(|p| ProducerState::new(p, seed)).collect(),
            providers: providers(&scenario),
            messages: streams(&scenario, "message"),
            callers: direct::callers(&scenario),
            services: scenario.services.iter().map(|s| ServiceState::new(s, seed)).collect(),
            scalers: scenario.scalers.iter().map(ScalerState::new).collect(),
            faults_done: 0,
            ticks: Stream::new(seed, "machine", "tick"),
            ticks_in_a_row: 0,
            steps: 0,
            commands: 1,
            interventions: 0,
            turned_away: 0,
            record,
            scenario,
        };
        world.carry_out_effects();
        Ok(world)
    }

    /// The scenario.
    #[must_use]
    pub fn scenario(&self) -> &Scenario<S> {
        &self.scenario
    }

    /// The virtual time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// The machine, to look at.
    #[must_use]
    pub fn machine(&self) -> &S::Machine {
        &self.machine
    }

    /// The producers, in the order of the scenario.
    #[must_use]
    pub fn producers(&self) -> &[ProducerState] {
        &self.producers
    }

    /// The producer of this name.
    #[must_use]
    pub fn producer(&self, name: &str) -> Option<&ProducerState> {
        self.producers.iter().find(|p| p.name() == name)
    }

    /// The providers, in the order of the scenario.
    #[must_use]
    pub fn providers(&self) -> &[ProviderState] {
        &self.providers
    }

    /// The provider of this name.
    #[must_use]
    pub fn provider(&self, name: &str) -> Option<&ProviderState> {
        self.providers.iter().find(|p| p.name() == name)
    }

    /// Steps so far.
    #[must_use]
    pub fn steps(&self) -> u64 {
        self.steps
    }

    /// Commands that the machine has been given; building it counts as the first.
    #[must_use]
    pub fn commands(&self) -> u64 {
        self.commands
    }

    /// Events so far, from the very first on.
    #[must_use]
    pub fn events(&self) -> u64 {
        self.record.events
    }

    /// Interventions so far.
    #[must_use]
    pub fn interventions(&self) -> u64 {
        self.interventions
    }

    /// Messages of producers that did not reach the system, since [`LIVE_MESSAGES_MAX`] copies were
    /// in its queues: from the first one on, the run says little about the real system.
    #[must_use]
    pub fn turned_away(&self) -> u64 {
        self.turned_away
    }

    /// When the next thing happens by itself; none if nothing ever will.
    #[must_use]
    pub fn next_event_at(&self) -> Option<Timestamp> {
        self.next().map(|(at, _)| at)
    }

    /// Moves on to the next thing that happens and does exactly that: at most one command, but that
    /// a service also publishes what it made.
    /// Returns its time; none if nothing will ever happen by itself.
    ///
    /// # Panics
    /// When the machine's deadline stays in the past however often it ticks: its contract is that
    /// a tick deals with what is due.
    pub fn step(&mut self, sink: &mut impl Sink) -> Option<Timestamp> {
        let (at, actor) = self.next()?;
        self.take_turn(at, actor, sink);
        Some(at)
    }

    /// Does everything that is due up to and including `to`, and moves on to `to`.
    ///
    /// # Panics
    /// As [`World::step`].
    pub fn run_until(&mut self, to: Timestamp, sink: &mut impl Sink) {
        while !self.run_steps(to, u64::MAX, sink) {}
    }

    /// The same in at most `steps` steps: true once `to` is reached.
    ///
    /// # Panics
    /// As [`World::step`].
    pub fn run_steps(&mut self, to: Timestamp, steps: u64, sink: &mut impl Sink) -> bool {
        for _ in 0..steps {
            if !self.step_by(to, sink) {
                break;
            }
        }
        self.pass_to(to)
    }

    /// Changes the world at its present time.
    ///
    /// # Errors
    /// As [`InterventionError`] says; nothing has changed then, but that a refused command has been
    /// counted.
    pub fn intervene(
        &mut self,
        intervention: Intervention<CommandOf<S>>,
        sink: &mut impl Sink,
    ) -> Result<Option<ReplyOf<S>>, InterventionError<ErrorOf<S>>> {
        self.tick_what_is_due(sink);
        let stream = Stream::new(self.scenario.seed, "watcher", "command");
        let entropy = stream.draw(self.interventions);
        let reply = match intervention {
            Intervention::SetMode { provider, mode } => {
                mode.validate("").map_err(InterventionError::OutOfRange)?;
                let service = self.services.iter_mut().find(|s| s.name() == provider);
                match (self.providers.iter_mut().find(|p| p.name() == provider), service) {
                    (Some(found), _) => found.set_mode(mode),
                    (None, Some(service)) => service.set_mode(mode),
                    (None, None) => {
                        return Err(InterventionError::NoSuchProvider { name: provider });
                    }
                }
                None
            }
            Intervention::SetRate { producer, arrivals } => {
                arrivals.validate(&producer).map_err(InterventionError::OutOfRange)?;
                let i = self.find_producer(producer)?;
                self.producers[i].set_arrivals(arrivals, self.now);
                None
            }
            Intervention::Send { producer } => {
                let i = self.find_producer(producer)?;
                let (number, entropy) = self.producers[i].send();
                self.send(i, number, entropy, sink);
                None
            }
            Intervention::Begin(trouble) => {
                trouble.validate("").map_err(InterventionError::OutOfRange)?;
                self.find_subject(&trouble)?;
                self.befall(&trouble, true, entropy, sink);
                None
            }
            Intervention::End(trouble) => {
                self.find_subject(&trouble)?;
                self.befall(&trouble, false, entropy, sink);
                None
            }
            Intervention::Command(command) => {
                Some(self.apply(entropy, command, sink).map_err(InterventionError::Refused)?)
            }
        };
        self.interventions += 1;
        Ok(reply)
    }

    /// A number that is equal for equal worlds, on every platform. Takes time that grows with
    /// what the world holds.
    #[must_use]
    pub fn digest(&self) -> u64 {
        let mut digest = Digest::default();
        self.machine.digest().hash(&mut digest);
        (self.now, &self.producers, &self.providers).hash(&mut digest);
        if !self.scalers.is_empty() {
            self.scalers.hash(&mut digest);
        }
        if !self.callers.is_empty() || !self.services.is_empty() {
            (&self.callers, &self.services).hash(&mut digest);
        }
        (self.faults_done, self.steps, self.commands, self.interventions).hash(&mut digest);
        digest.finish()
    }

    /// A number that is equal for equal histories: all events with their times, in order.
    #[must_use]
    pub fn trace_digest(&self) -> u64 {
        self.record.trail.finish()
    }

    /// About how many bytes a clone takes that nothing else shares.
    pub(crate) fn bytes(&self) -> u64 {
        let providers: u64 = self.providers.iter().map(ProviderState::bytes).sum();
        WORLD_BYTES + providers + self.record.copies_most * COPY_BYTES
    }

    pub(crate) fn shared_scenario(&self) -> Arc<Scenario<S>> {
        self.scenario.clone()
    }

    /// Does the next thing if it is due by `to`.
    pub(crate) fn step_by(&mut self, to: Timestamp, sink: &mut impl Sink) -> bool {
        match self.next() {
            Some((at, actor)) if at <= to => {
                self.take_turn(at, actor, sink);
                true
            }
            _ => false,
        }
    }

    /// Lets time pass to `to` where nothing is due before; whether it could.
    pub(crate) fn pass_to(&mut self, to: Timestamp) -> bool {
        let reached = self.next_event_at().is_none_or(|at| at > to);
        if reached {
            self.now = self.now.max(to);
        }
        reached
    }

    fn take_turn(&mut self, at: Timestamp, actor: Actor, sink: &mut impl Sink) {
        self.now = at;
        self.steps += 1;
        self.ticks_in_a_row = if actor == Actor::Machine { self.ticks_in_a_row + 1 } else { 0 };
        match actor {
            Actor::Fault => self.take_fault_turn(sink),
            Actor::Machine => {
                let entropy = self.ticks.draw(at.as_micros());
                // A tick has nothing that could be refused.
                let _ = self.apply(entropy, S::Machine::tick(), sink);
                self.check_progress();
            }
            Actor::Scaler(i) => self.scale(i, sink),
            Actor::Provider(i) => self.end_call(i, sink),
            Actor::Service(i) => self.end_direct_call(i),
            Actor::Caller(i) => self.step_caller(i),
            Actor::Producer(i) => {
                let (number, entropy) = self.producers[i].arrive(at);
                self.send(i, number, entropy, sink);
            }
        }
    }

    fn next(&self) -> Option<(Timestamp, Actor)> {
        let mut first: Option<(Timestamp, Actor)> = None;
        // In the order of the actors: of one time, who is considered first stays the first.
        let mut consider = |at: Option<Timestamp>, actor| {
            // What became due in the past is done now.
            if let Some(at) = at.map(|at| at.max(self.now))
                && first.is_none_or(|(earliest, _)| at < earliest)
            {
                first = Some((at, actor));
            }
        };
        consider(self.faults.get(self.faults_done).map(|turn| turn.at), Actor::Fault);
        consider(self.machine.next_deadline(), Actor::Machine);
        for (i, scaler) in self.scalers.iter().enumerate() {
            consider(Some(scaler.next_at()), Actor::Scaler(i));
        }
        for (i, provider) in self.providers.iter().enumerate() {
            consider(provider.next_at(), Actor::Provider(i));
        }
        for (i, service) in self.services.iter().enumerate() {
            consider(service.next_at(), Actor::Service(i));
        }
        for (i, producer) in self.producers.iter().enumerate() {
            consider(producer.next_at(), Actor::Producer(i));
        }
        for (i, caller) in self.callers.iter().enumerate() {
            consider(caller.next_at(), Actor::Caller(i));
        }
        first
    }

    fn send(&mut self, producer: usize, number: u64, entropy: Entropy, sink: &mut impl Sink) {
        let now = self.now;
        if self.producers[producer].is_cut_off() {
            return self.producers[producer].note_unanswered(number, now);
        }
        if self.is_full() {
            self.turned_away += 1;
            return self.producers[producer].note_refused(number, now);
        }
        let name = self.producers[producer].name();
        let chance = self.messages[producer].draw(number);
        let command = self.scenario.system.arrival(&self.machine, name, number, chance);
        let stored = self.apply(entropy, command, sink).is_ok();
        match &mut self.producers[producer] {
            state if stored => state.note_stored(number, now),
            state => state.note_refused(number, now),
        }
    }

    fn is_full(&mut self) -> bool {
        if self.record.copies < LIVE_MESSAGES_MAX {
            return false;
        }
        // Events do not tell of every copy whether it was in a queue: count again.
        let queues = (0..).map(QueueId::new).map_while(|queue| self.machine.queue_stats(queue));
        self.record.copies = queues.map(|stats| stats.depth()).sum();
        self.record.copies >= LIVE_MESSAGES_MAX
    }

    fn apply(
        &mut self,
        entropy: Entropy,
        command: CommandOf<S>,
        sink: &mut impl Sink,
    ) -> Result<ReplyOf<S>, ErrorOf<S>> {
        self.commands += 1;
        let at = At { now: self.now, entropy };
        let mut tap = Tap { record: &mut self.record, sink };
        let reply = self.machine.apply(at, command, &mut tap);
        self.carry_out_effects();
        reply
    }

    fn carry_out_effects(&mut self) {
        while let Some(effect) = self.machine.poll_effect() {
            match effect {
                Effect::Start(call) => {
                    if let Some(i) = self.provider_of(call.id.consumer) {
                        self.providers[i].start(&call, self.now);
                    }
                }
                Effect::Abandon(call) => {
                    if let Some(i) = self.provider_of(call.consumer) {
                        self.providers[i].abandon(call);
                    }
                }
            }
        }
    }

    /// None for a consumer that came later: nobody answers its calls.
    fn provider_of(&self, consumer: ConsumerId) -> Option<usize> {
        self.providers_of.get(consumer.number() as usize).copied()
    }

    fn find_producer(&self, name: String) -> Result<usize, InterventionError<ErrorOf<S>>> {
        let found = self.producers.iter().position(|p| p.name() == name);
        found.ok_or(InterventionError::NoSuchProducer { name })
    }

    fn check_progress(&self) {
        assert!(
            self.ticks_in_a_row < TICKS_IN_A_ROW_MAX
                || self.machine.next_deadline().is_none_or(|at| at > self.now),
            "the machine's deadline stays at {:?} however often it ticks",
            self.machine.next_deadline()
        );
    }
}

/// A copy with its places in its queue's indices, and a share of its message.
const COPY_BYTES: u64 = 220;
/// All the rest of a world.
const WORLD_BYTES: u64 = 20 << 10;

/// Passes events on, and takes note of them on their way.
struct Tap<'w, K> {
    record: &'w mut Record,
    sink: &'w mut K,
}

impl<K: Sink> Sink for Tap<'_, K> {
    fn record(&mut self, at: Timestamp, event: Event) {
        self.record.note(at, &event);
        self.sink.record(at, event);
    }
}

impl Record {
    #[inline]
    fn note(&mut self, at: Timestamp, event: &Event) {
        (at, event).hash(&mut self.trail);
        self.events += 1;
        match event {
            Event::Enqueued { .. } => {
                self.copies += 1;
                self.copies_most = self.copies_most.max(self.copies);
            }
            // It never was in the queue.
            Event::DeadLettered { reason: DeadReason::Overflow | DeadReason::Shed, .. } => {}
            Event::Acked { .. }
            | Event::DeadLettered { .. }
            | Event::Discarded { .. }
            | Event::Redriven { .. } => self.copies = self.copies.saturating_sub(1),
            _ => {}
        }
    }
}

/// The stream of each producer for this concern.
fn streams<S>(scenario: &Scenario<S>, concern: &str) -> Arc<[Stream]> {
    scenario.producers.iter().map(|p| Stream::new(scenario.seed, &p.name, concern)).collect()
}

fn providers<S: Blueprint>(scenario: &Scenario<S>) -> Vec<ProviderState> {
    let providers = scenario.providers.iter().map(|provider| {
        let publishes = scenario.system.emissions(&provider.name) > 0;
        ProviderState::new(provider, scenario.seed, publishes)
    });
    providers.collect()
}

fn check_nodes<S: Blueprint>(
    scenario: &Scenario<S>,
    machine: &S::Machine,
) -> Result<(), ScenarioError> {
    let queues = (0..).map(QueueId::new).map_while(|id| machine.queue_name(id)).count();
    let topics = (0..).map(TopicId::new).map_while(|id| machine.topic_name(id)).count();
    let consumers = (0..).map(ConsumerId::new).map_while(|id| machine.consumer_name(id)).count();
    let around = scenario.producers.len() + scenario.callers.len() + scenario.services.len();
    let found = queues + topics + consumers + around;
    if found > NODES_MAX { Err(ScenarioError::TooManyNodes { found }) } else { Ok(()) }
}

/// Finds the provider of every consumer, and sees that no provider is left over.
fn match_providers<S: Blueprint>(
    scenario: &Scenario<S>,
    machine: &S::Machine,
) -> Result<Arc<[usize]>, ScenarioError> {
    let mut places = Vec::new();
    while let Some(consumer) = machine.consumer_name(ConsumerId::new(places.len() as u32)) {
        let found = scenario.providers.iter().position(|p| p.name == consumer);
        let missing = || ScenarioError::NoProvider { consumer: consumer.to_owned() };
        places.push(found.ok_or_else(missing)?);
    }
    for (i, provider) in scenario.providers.iter().enumerate() {
        if !places.contains(&i) {
            let (field, name) = (format!("providers[{i}].name"), provider.name.clone());
            return Err(ScenarioError::NoSuchConsumer { field, name });
        }
    }
    Ok(places.into())
}
