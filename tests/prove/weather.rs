//! What a seed makes: which queues there are, what is done to them, how often, and how time goes.

use postroom_core::{
    Address, Backoff, Cause, DeadReason, DedupScope, FailReason, Jitter, MessageId, NewMessage,
    OnFull, Overflow, Poison, Priority, Profile, QueueConfig, QueueId, Redrive, Select, Settle,
    Settlement, Shed, Span, Timestamp, TopicConfig, TopicId,
};

use crate::{
    chance::Chance,
    script::{
        Action, Change, Jump, Layout, Script, Step, Subscribed, TopicLayout, Which, queue, topic,
    },
};

/// Kinds of actions, in the order of [`Weather::action`].
const ACTIONS: usize = 16;

/// What subscriptions select.
const PATTERNS: [&[&str]; 8] =
    [&[], &[], &[], &[">"], &["#.eu"], &["*.eu", "bills"], &["orders.>"], &["orders.#", "#"]];

/// The host's time at the first step.
pub(crate) const START: Timestamp = Timestamp::from_millis(1_000_000);

/// The nature of one seed: how often what is chosen.
pub(crate) struct Weather {
    chance: Chance,
    layout: Layout,
    weights: [u32; ACTIONS],
    /// Of every hundred steps, so many come at the engine's deadline, jump far, and go back.
    at_deadline: u64,
    far: u64,
    back: u64,
    messages: Habits,
    published: u64,
}

/// What producers like to set. Each is one in so many messages; never if zero.
struct Habits {
    group: u64,
    groups: u64,
    priority: u64,
    delay: u64,
    ttl: u64,
    dedup: u64,
    bytes_max: u64,
}

impl Weather {
    /// The weather of this seed. `Jitter` is left out where the outcome is to be foretold.
    pub(crate) fn new(seed: u64, jitter: Jitter) -> Self {
        let mut chance = Chance::new(seed);
        let layout = layout(&mut chance, jitter);
        let mut weights = [0; ACTIONS];
        for weight in &mut weights {
            *weight = chance.pick(&[0, 1, 2, 4]);
        }
        // There is always something to do.
        weights[1] += 6;
        weights[3] += 6;
        weights[4] += 5;
        let mut often = |choices: &[u64]| chance.pick(choices);
        let (at_deadline, far, back) =
            (often(&[0, 5, 20, 40]), often(&[0, 0, 0, 1]), often(&[0, 0, 2]));
        let messages = Habits {
            group: often(&[0, 1, 2, 2]),
            groups: often(&[1, 2, 3]),
            priority: often(&[0, 1, 3]),
            delay: often(&[0, 0, 2, 6]),
            ttl: often(&[0, 0, 2, 6]),
            dedup: often(&[0, 0, 2, 5]),
            bytes_max: often(&[3, 10, 30]),
        };
        Self { chance, layout, weights, at_deadline, far, back, messages, published: 0 }
    }

    /// So many steps of it.
    pub(crate) fn script(mut self, steps: usize) -> Script {
        let steps = (0..steps).map(|_| self.step()).collect();
        Script { world: self.layout, steps }
    }

    pub(crate) fn layout(&self) -> &Layout {
        &self.layout
    }

    pub(crate) fn step(&mut self) -> Step {
        let after = self.jump();
        let entropy = self.chance.any();
        Step { after, entropy, does: self.action() }
    }

    fn jump(&mut self) -> Jump {
        let percent = self.chance.below(100);
        if percent < self.at_deadline {
            return Jump::ToDeadline;
        }
        let percent = self.chance.below(100);
        if percent < self.back {
            return Jump::Back(Span::from_secs(self.chance.between(1, 100)));
        }
        if percent < self.back + self.far {
            return Jump::Forward(Span::from_secs(self.chance.pick(&[3_600, 365 * 24 * 3_600])));
        }
        let millis = self.chance.pick(&[0, 0, 0, 0, 1, 10, 100, 250, 500, 500, 1_000, 2_000]);
        Jump::Forward(Span::from_millis(millis))
    }

    fn action(&mut self) -> Action {
        match self.chance.weighted(&self.weights) {
            0 => Action::Tick,
            1 => Action::Publish { to: self.address(), message: self.message() },
            2 => {
                let count = self.chance.between(0, 5);
                let to = self.address();
                Action::PublishBatch { to, messages: (0..count).map(|_| self.message()).collect() }
            }
            3 => {
                let (queue, max) = (self.queue(), self.chance.pick(&[1, 1, 2, 3, 10]));
                let odd = self.chance.pick(&[0, 1, 500, 3_000, 12 * 3_600_000 + 1]);
                let lease = self.chance.one_in(8).then(|| Span::from_millis(odd));
                let max = if self.chance.one_in(200) { self.chance.pick(&[0, 257]) } else { max };
                Action::Receive { queue, max, lease }
            }
            4 => Action::Settle { which: self.receipt(), how: self.settlement() },
            5 => {
                let count = self.chance.between(0, 4);
                let one = |_| (self.receipt(), self.settlement());
                Action::SettleBatch { settlements: (0..count).map(one).collect() }
            }
            6 => {
                let millis = self.chance.pick(&[0, 0, 1, 1_000, 4_000, 12 * 3_600_000]);
                Action::Extend { which: self.receipt(), by: Span::from_millis(millis) }
            }
            7 => Action::Redrive(self.redrive()),
            8 => Action::CancelRedrive { queue: self.queue() },
            9 if self.chance.one_in(3) => {
                Action::Purge { queue: self.queue(), forget_dedup: self.chance.one_in(2) }
            }
            10 => Action::Pause { queue: self.queue() },
            9 | 11 => Action::Resume { queue: self.queue() },
            12 => {
                let empty = self.chance.one_in(40);
                let key =
                    if empty { String::new() } else { format!("key {}", self.chance.below(4)) };
                Action::Claim { key, fingerprint: [self.chance.below(5) as u8 / 4; 32] }
            }
            13 => match self.chance.below(3) {
                0 => Action::AbandonClaim { back: self.chance.below(3) as u32 },
                _ => Action::CompleteClaim { back: self.chance.below(3) as u32 },
            },
            14 => self.subscription(),
            _ => Action::Restart,
        }
    }

    fn subscription(&mut self) -> Action {
        let queue = self.queue();
        let topic = TopicId::new(if self.chance.one_in(60) { 9 } else { 0 });
        let on_full = self.chance.pick(&[OnFull::Refuse, OnFull::Divert]);
        let subjects = self.chance.pick(&PATTERNS);
        let change = match self.chance.below(8) {
            0 => Change::Ends,
            1 => Change::Pauses,
            2..5 => Change::Resumes,
            _ => Change::Begins(Subscribed { queue, on_full, subjects }),
        };
        Action::Subscription { topic, queue, change }
    }

    /// Mostly there, and mostly where work is done.
    fn queue(&mut self) -> QueueId {
        let count = self.layout.queues.len() as u64;
        if self.chance.one_in(300) {
            return QueueId::new(99);
        }
        QueueId::new(self.chance.below(count) as u32)
    }

    fn address(&mut self) -> Address {
        let work = self.layout.queues.len() as u64 - 2;
        match self.chance.below(200) {
            0 => queue(99),
            1..10 => queue(self.chance.below(2) as u32),
            10..150 => queue(2 + self.chance.below(work) as u32),
            _ if self.layout.topics.is_empty() => queue(2),
            _ => topic(0),
        }
    }

    fn message(&mut self) -> NewMessage {
        let (chance, habits) = (&mut self.chance, &self.messages);
        let does = |chance: &mut Chance, habit: u64| habit > 0 && chance.one_in(habit);
        self.published += 1;
        let mut body = format!("{}", self.published);
        let bytes = chance.between(1, habits.bytes_max);
        while (body.len() as u64) < bytes {
            body.push('.');
        }
        let mut message = NewMessage::new(body.as_str());
        if does(chance, habits.group) {
            message.group = Some(format!("g{}", chance.below(habits.groups)));
        }
        if chance.one_in(4) {
            let subjects = ["orders", "orders.eu", "orders.us.new", "bills", "bills.eu"];
            message.subject = Some(chance.pick(&subjects).into());
        }
        if does(chance, habits.priority) {
            message.priority = Priority::new(chance.below(10) as u8).expect("it is in range");
        }
        if does(chance, habits.delay) {
            message.delay = Span::from_millis(chance.pick(&[1, 500, 1_000, 3_000]));
            let at = START + Span::from_secs(chance.below(60));
            message.not_before = chance.one_in(4).then_some(at);
        }
        if does(chance, habits.ttl) {
            message.ttl = Some(Span::from_millis(chance.pick(&[1, 500, 1_000, 3_000])));
        }
        if does(chance, habits.dedup) {
            message.dedup_key = Some(format!("k{}", chance.below(4)));
        }
        if chance.one_in(20) {
            let number = chance.below(5);
            let message_id = MessageId { address: queue(2), number };
            message.cause = Some(Cause { message: message_id, correlation: message_id });
        }
        if chance.one_in(150) {
            spoil(chance, &mut message);
        }
        message
    }

    /// Mostly of a late delivery: an early one has long been settled.
    fn receipt(&mut self) -> Which {
        match self.chance.below(20) {
            0 => Which::Forged(self.queue()),
            1..4 => Which::Given(self.chance.below(40) as u32),
            _ => Which::Given(self.chance.below(6) as u32),
        }
    }

    fn settlement(&mut self) -> Settle {
        let reason = self.chance.pick(&[
            FailReason::Transient,
            FailReason::Throttled,
            FailReason::Timeout,
            FailReason::Permanent,
            FailReason::Ambiguous,
        ]);
        match self.chance.below(10) {
            0..4 => Settle::Ack,
            4..6 => {
                let year_and_more = 367 * 24 * 3_600_000;
                let millis = self.chance.pick(&[0, 1, 500, 1_000, year_and_more]);
                let delay = self.chance.one_in(2).then(|| Span::from_millis(millis));
                Settle::Retry { delay, reason }
            }
            6..8 => Settle::Release,
            _ => Settle::Reject { reason },
        }
    }

    fn redrive(&mut self) -> Redrive {
        let chance = &mut self.chance;
        let from = QueueId::new(if chance.one_in(10) { 2 } else { chance.below(2) as u32 });
        let mut select = Select::default();
        if chance.one_in(4) {
            let reasons = [DeadReason::Exhausted, DeadReason::Rejected, DeadReason::GroupParked];
            select.reason = Some(chance.pick(&reasons));
        }
        if chance.one_in(4) {
            select.source = Some(QueueId::new(2 + chance.below(2) as u32));
        }
        if chance.one_in(6) {
            let id =
                |chance: &mut Chance| MessageId { address: queue(2), number: chance.below(20) };
            select.messages = (0..3).map(|_| id(chance)).collect();
        }
        let to = chance.one_in(5).then(|| QueueId::new(chance.below(4) as u32));
        let max = if chance.one_in(60) { 0 } else { chance.pick(&[1, 2, 5, 100]) };
        let per_second = chance.one_in(2).then(|| chance.pick(&[1, 2, 3, 100]));
        let per_second = if chance.one_in(60) { Some(0) } else { per_second };
        Redrive { from, to, max, per_second, select }
    }
}

/// A message that must be refused.
fn spoil(chance: &mut Chance, message: &mut NewMessage) {
    let year_and_more = Span::from_secs(367 * 24 * 3_600);
    match chance.below(7) {
        0 => message.body = vec![0; (1 << 20) + 1].into(),
        1 => message.attributes = [("key".into(), "v".repeat(8 << 10))].into(),
        2 => message.dedup_key = Some(chance.pick(&[String::new(), "k".repeat(256)])),
        3 => message.group = Some(chance.pick(&[String::new(), "g".repeat(256)])),
        4 => message.subject = Some(chance.pick(&["a..b", "a.*", "", "a b"]).into()),
        5 => message.delay = year_and_more,
        _ => message.ttl = Some(chance.pick(&[Span::ZERO, year_and_more])),
    }
}

/// Two queues for dead letters, of which the second feeds the first at times, and two or three
/// queues for work, with a topic over them.
fn layout(chance: &mut Chance, jitter: Jitter) -> Layout {
    let mut layout = Layout::default();
    let features = Features::new(chance);
    for number in 0..chance.between(4, 5) {
        let mut config = features.config(chance, jitter);
        let dead = chance.below(number.clamp(1, 2)) as u32;
        let has_dead = match number {
            0 => false,
            1 => chance.one_in(3),
            _ => !chance.one_in(5),
        };
        let dead = if number < 3 { dead } else { 1 };
        if has_dead {
            let most = layout.queues[dead as usize].capacity_bytes;
            config.capacity_bytes = config.capacity_bytes.min(most);
            config.dead_letters = Some(QueueId::new(dead));
        }
        if !has_dead && config.overflow == Overflow::DeadLetterOldest {
            config.overflow = Overflow::DropOldest;
        }
        layout.queues.push(config);
    }
    let mut subscriptions = Vec::new();
    // Dead letters are told, too, at times: a fan-out then meets what it moves.
    let first = chance.pick(&[0, 1, 2, 2]);
    for (number, config) in layout.queues.iter().enumerate().skip(first) {
        let divert = config.dead_letters.is_some() && chance.one_in(2);
        let on_full = if divert { OnFull::Divert } else { OnFull::Refuse };
        let (queue, subjects) = (QueueId::new(number as u32), chance.pick(&PATTERNS));
        subscriptions.push(Subscribed { queue, on_full, subjects });
    }
    let dedup_window = Span::from_secs(chance.pick(&[0, 3]));
    let config = TopicConfig { dedup_window, ..TopicConfig::default() };
    layout.topics.push(TopicLayout { config, subscriptions });
    layout.ledger_capacity = chance.pick(&[0, 1, 3]);
    layout
}

/// Which settings a seed plays with: too many at once hide each other's faults.
struct Features([bool; 16]);

impl Features {
    fn new(chance: &mut Chance) -> Self {
        let often = chance.pick(&[2, 3, 6]);
        Self(std::array::from_fn(|_| chance.one_in(often)))
    }

    fn config(&self, chance: &mut Chance, jitter: Jitter) -> QueueConfig {
        let Self(on) = self;
        let secs = |chance: &mut Chance, choices: &[u64]| Span::from_secs(chance.pick(choices));
        let mut config = QueueConfig {
            lease: secs(chance, &[1, 2, 5]),
            max_deliveries: chance.between(1, 4) as u32,
            backoff: Backoff {
                base: Span::from_millis(500),
                cap: Span::from_secs(2),
                jitter,
                ..Backoff::default()
            },
            dedup_window: secs(chance, &[0, 3]),
            ..QueueConfig::default()
        };
        let mut chance = Chance::new(chance.any());
        let on: Vec<bool> = on.iter().map(|on| *on && !chance.one_in(4)).collect();
        let mut on = on.into_iter();
        let mut on = || on.next().unwrap_or(false);
        if on() {
            config.capacity = chance.between(1, 8);
        }
        if on() {
            config.capacity_bytes = chance.between(10, 80);
        }
        if on() {
            config.overflow = chance.pick(&[Overflow::DropOldest, Overflow::DeadLetterOldest]);
        }
        if on() {
            config.capacity = config.capacity.min(12);
            config.shed = Some(Shed { from_percent: chance.pick(&[1, 30, 50, 99]) });
        }
        if on() {
            config.in_flight_max = chance.between(1, 3);
        }
        if on() && chance.one_in(2) {
            config.settlement = Settlement::OnDelivery;
        }
        if on() {
            config.delay = Span::from_millis(chance.pick(&[1, 500, 2_000]));
        }
        if on() {
            config.deliver_within = Some(secs(&mut chance, &[1, 3, 6]));
        }
        if on() {
            config.ttl = Some(secs(&mut chance, &[1, 2, 6]));
        }
        config.poison = chance.pick(&[Poison::ParkGroup, Poison::SkipToDeadLetters, Poison::Block]);
        if on() {
            config.aging = Some(secs(&mut chance, &[1, 2]));
        }
        if on() {
            config.dedup_scope = DedupScope::Group;
        }
        if on() {
            config.profile = Profile::Sqs;
        }
        if on() {
            config.alarm_depth = Some(chance.between(1, 6));
        }
        if on() {
            config.alarm_age = Some(secs(&mut chance, &[1, 4]));
        }
        config
    }
}
