//! The smallest simulator: hosts a station in virtual time, with a stream of entropy per actor.

use alloc::{collections::BTreeMap, string::ToString, vec::Vec};

use crate::{
    Address, At, Backoff, Call, CallRef, Command, Consumer, ConsumerConfig, ConsumerId, Effect,
    Entropy, Event, Hosted, Jitter, Machine, NewMessage, Outcome, QueueConfig, QueueId, Reply,
    Span, Station, StationCommand, StationReply, Timestamp,
};

/// How the other side of a consumer's calls behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Provider {
    Healthy,
    Failing,
    Hanging,
    /// Fails, loses answers, and answers too late, each now and then.
    Flaky,
}

#[derive(Clone)]
pub(super) struct World {
    pub(super) station: Station,
    pub(super) trace: Vec<(Timestamp, Event)>,
    /// By consumer.
    pub(super) providers: Vec<Provider>,
    /// What comes from outside: by time, actor, and the actor's own count.
    agenda: BTreeMap<(Timestamp, u64, u64), StationCommand>,
    seed: u64,
}

/// Producers come after all consumers in the order of actors.
const PRODUCER: u64 = 1_000;
const OPERATOR: u64 = u64::MAX;

impl World {
    pub(super) fn new(seed: u64) -> Self {
        let (station, agenda) = (Station::new(), BTreeMap::new());
        Self { station, trace: Vec::new(), providers: Vec::new(), agenda, seed }
    }

    /// A queue with a dead-letter queue (the id before it) and a consumer.
    pub(super) fn channel(
        &mut self,
        name: &str,
        queue: QueueConfig,
        consumer: ConsumerConfig,
        provider: Provider,
    ) -> QueueId {
        let dead = self.queue(&alloc::format!("{name}.dead"), QueueConfig::default());
        let queue = self.queue(name, QueueConfig { dead_letters: Some(dead), ..queue });
        self.attach(name, queue, consumer, provider);
        queue
    }

    pub(super) fn queue(&mut self, name: &str, config: QueueConfig) -> QueueId {
        let create = Command::CreateQueue { name: name.to_string(), config };
        let reply = self.apply(Timestamp::ZERO, Entropy::new(0), StationCommand::Engine(create));
        let StationReply::Engine(Reply::Queue(queue)) = reply else { unreachable!("{reply:?}") };
        queue
    }

    pub(super) fn attach(
        &mut self,
        name: &str,
        queue: QueueId,
        config: ConsumerConfig,
        provider: Provider,
    ) -> ConsumerId {
        let attach = StationCommand::Attach { name: name.to_string(), queue, config };
        self.providers.push(provider);
        let reply = self.apply(Timestamp::ZERO, Entropy::new(0), attach);
        let StationReply::Attached(consumer) = reply else { unreachable!("{reply:?}") };
        consumer
    }

    /// `count` messages will be published to a queue, at random times some `gap` apart.
    pub(super) fn produce(&mut self, to: QueueId, count: u64, gap: Span) {
        let actor = PRODUCER + u64::from(to.number());
        let mut at = Timestamp::ZERO;
        for number in 0..count {
            let (to, message) = (Address::Queue(to), NewMessage::new("hello"));
            let publish = StationCommand::Engine(Command::Publish { to, message });
            self.agenda.insert((at, actor, number), publish);
            at = at + Span::from_micros(self.draw(&[actor, number], gap.as_micros() * 2));
        }
    }

    /// An operator's command number `nth` comes at its time.
    pub(super) fn plan(&mut self, at: Timestamp, nth: u64, command: StationCommand) {
        self.agenda.insert((at, OPERATOR, nth), command);
    }

    /// Runs until `end`, or until nothing is left to happen.
    pub(super) fn run(&mut self, end: Timestamp) {
        loop {
            let deadline = self.station.next_deadline();
            let arrival = self.agenda.first_key_value().map(|((at, ..), _)| *at);
            let Some(now) = deadline.into_iter().chain(arrival).min().filter(|at| *at <= end)
            else {
                return;
            };
            if deadline == Some(now) {
                let entropy = Entropy::new(self.draw(&[u64::MAX, now.as_micros()], u64::MAX));
                self.apply(now, entropy, Station::tick());
            } else if let Some(((_, actor, number), command)) = self.agenda.pop_first() {
                let entropy = Entropy::new(self.draw(&[actor, number, 1], u64::MAX));
                self.apply(now, entropy, command);
            }
        }
    }

    pub(super) fn apply(
        &mut self,
        now: Timestamp,
        entropy: Entropy,
        command: StationCommand,
    ) -> StationReply {
        let reply = self.station.apply(At { now, entropy }, command, &mut self.trace).unwrap();
        self.take_effects(now);
        reply
    }

    /// Makes the calls that the station wants made.
    pub(super) fn take_effects(&mut self, now: Timestamp) {
        while let Some(effect) = self.station.poll_effect() {
            if let Effect::Start(call) = effect {
                self.call(now, &call);
            }
        }
        self.check(now);
    }

    /// What the trace says of a queue and its dead letters.
    pub(super) fn trace_of(&self, queue: QueueId) -> Vec<(Timestamp, Event)> {
        let config = self.station.engine().queue_config(queue).unwrap();
        let of = [Some(queue), config.dead_letters];
        self.trace.iter().filter(|(_, event)| of.contains(&event.queue())).copied().collect()
    }

    pub(super) fn count(&self, counts: impl Fn(&Event) -> bool) -> usize {
        self.trace.iter().filter(|(_, event)| counts(event)).count()
    }

    pub(super) fn depth(&self, queue: QueueId) -> u64 {
        self.station.engine().queue_stats(queue).unwrap().depth()
    }

    fn call(&mut self, now: Timestamp, call: &Call) {
        let CallRef { consumer, call: number } = call.id;
        let actor = u64::from(consumer.number());
        let provider = self.providers[consumer.number() as usize];
        let takes = Span::from_millis(5 + self.draw(&[actor, number.number(), 2], 45));
        let late = (call.deadline + Span::from_millis(1)).since(now);
        let (takes, outcome) = match provider {
            Provider::Hanging => return,
            Provider::Healthy => (takes, Outcome::Delivered),
            Provider::Failing => (takes, Outcome::Transient),
            Provider::Flaky => match self.draw(&[actor, number.number(), 3], 9) {
                0..=2 => (takes, Outcome::Transient),
                3 => (takes, Outcome::Ambiguous),
                4 => (late, Outcome::Delivered),
                5 => (takes, Outcome::Throttled { retry_after: Some(late) }),
                _ => (takes, Outcome::Delivered),
            },
        };
        let finished = Station::call_finished(call.id, outcome);
        self.agenda.insert((now + takes, actor, number.number()), finished);
    }

    /// What holds after every command.
    fn check(&self, now: Timestamp) {
        let seed = self.seed;
        let deadline = self.station.next_deadline();
        assert!(
            deadline.is_none_or(|at| at > now),
            "seed {seed}: {deadline:?} is left due at {now:?}"
        );
        let calls = self.station.consumers().map(|(.., c): (_, _, &Consumer)| {
            assert!(c.calls_under_way() <= c.config().concurrency, "seed {seed}");
            c.calls_under_way()
        });
        let calls: u32 = calls.sum();
        let started = self.count(|event| matches!(event, Event::CallStarted { .. }));
        let delivered = self.count(|event| matches!(event, Event::Delivered { .. }));
        let ended = self.count(|event| {
            let lost = matches!(event, Event::CallLost { .. });
            lost || matches!(event, Event::CallSucceeded { .. } | Event::CallFailed { .. })
        });
        assert_eq!(started, delivered, "seed {seed}: nothing is leased in vain");
        assert_eq!(started - ended, calls as usize, "seed {seed}");
    }

    fn draw(&self, keys: &[u64], most: u64) -> u64 {
        Entropy::new(self.seed).draw_up_to(most, keys)
    }
}

/// A wait of `base` after the first failure, without luck.
pub(super) fn backoff(base: Span) -> Backoff {
    Backoff { base, jitter: Jitter::None, ..Backoff::default() }
}
