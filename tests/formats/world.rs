//! An engine with something in every corner, and random commands for it.

use postroom_core::{
    Address, At, Backoff, Body, Claim, ClaimToken, Command, DeadReason, DedupScope, Engine,
    Entropy, Error, Event, FailReason, Filter, Jitter, LedgerConfig, LedgerId, Machine, MessageId,
    NewMessage, OnFull, Overflow, Poison, Priority, Profile, QueueConfig, QueueId, Receipt,
    Redrive, Reply, Select, Settle, Settlement, Shed, Span, Subscribe, Timestamp, TopicConfig,
    TopicId, mix,
};

/// Numbers from a seed.
pub(crate) struct Draw(pub(crate) u64);

impl Draw {
    pub(crate) fn below(&mut self, end: u64) -> u64 {
        self.0 = mix(self.0);
        self.0 % end
    }

    pub(crate) fn one_in(&mut self, chances: u64) -> bool {
        self.below(chances) == 0
    }

    pub(crate) fn of<T: Clone>(&mut self, choices: &[T]) -> T {
        choices[self.below(choices.len() as u64) as usize].clone()
    }
}

/// What one command led to.
pub(crate) struct Outcome {
    pub(crate) reply: Result<Reply, Error>,
    pub(crate) events: Vec<(Timestamp, Event)>,
}

/// An engine, and what its users hold.
pub(crate) struct World {
    pub(crate) engine: Engine,
    pub(crate) now: Timestamp,
    receipts: Vec<Receipt>,
    tokens: Vec<ClaimToken>,
}

pub(crate) const QUEUES: u64 = 6;
const TOPIC: TopicId = TopicId::new(0);
const LEDGER: LedgerId = LedgerId::new(0);

impl World {
    /// As [`World::setup`] sets it up.
    pub(crate) fn new() -> Self {
        let mut world = Self::around(Engine::new());
        for command in Self::setup() {
            let outcome = world.apply(At::time(Timestamp::ZERO), command);
            outcome.reply.expect("the set-up is sound");
        }
        world
    }

    /// Users who hold nothing yet.
    pub(crate) fn around(engine: Engine) -> Self {
        let now = engine.now();
        Self { engine, now, receipts: Vec::new(), tokens: Vec::new() }
    }

    /// A queue for every policy, a topic over three of them, a ledger.
    pub(crate) fn setup() -> Vec<Command> {
        let brisk = QueueConfig {
            lease: Span::from_secs(2),
            max_deliveries: 3,
            backoff: Backoff { jitter: Jitter::Equal, ..Backoff::default() },
            dedup_window: Span::from_secs(20),
            ..QueueConfig::default()
        };
        let to = |queue| Some(QueueId::new(queue));
        let last = QueueConfig { capacity: 5, ..brisk };
        let dead = QueueConfig {
            capacity: 8,
            dead_letters: to(0),
            ttl: Some(Span::from_secs(60)),
            ..brisk
        };
        let work = QueueConfig {
            capacity: 30,
            dead_letters: to(1),
            shed: Some(Shed { from_percent: 70 }),
            deliver_within: Some(Span::from_secs(15)),
            aging: Some(Span::from_secs(3)),
            alarm_depth: Some(10),
            alarm_age: Some(Span::from_secs(5)),
            in_flight_max: 8,
            ..brisk
        };
        let tight = QueueConfig {
            capacity: 4,
            dead_letters: to(1),
            overflow: Overflow::DeadLetterOldest,
            poison: Poison::SkipToDeadLetters,
            delay: Span::from_millis(500),
            ..brisk
        };
        let sqs = QueueConfig {
            capacity_bytes: 2_000,
            dead_letters: to(1),
            profile: Profile::Sqs,
            poison: Poison::Block,
            ttl: Some(Span::from_secs(30)),
            ..brisk
        };
        let drops = QueueConfig {
            capacity: 6,
            overflow: Overflow::DropOldest,
            settlement: Settlement::OnDelivery,
            dedup_scope: DedupScope::Group,
            ..brisk
        };
        let queues = [
            ("last", last),
            ("dead", dead),
            ("work", work),
            ("tight", tight),
            ("sqs", sqs),
            ("drops", drops),
        ];
        let create = |(name, config): (&str, _)| Command::CreateQueue { name: name.into(), config };
        queues.into_iter().map(create).chain(Self::topic_and_ledger()).collect()
    }

    fn topic_and_ledger() -> Vec<Command> {
        let mut setup = Vec::new();
        setup.push(Command::CreateTopic { name: "topic".into(), config: TopicConfig::default() });
        let config = LedgerConfig { capacity: 5, ..LedgerConfig::default() };
        setup.push(Command::CreateLedger { name: "ledger".into(), config });
        let by_sms = Filter::from([("channel".to_owned(), vec!["sms".to_owned()])]);
        for (queue, filter, on_full) in [
            (2, Filter::default(), OnFull::Divert),
            (3, Filter::default(), OnFull::Divert),
            (4, by_sms, OnFull::Refuse),
        ] {
            let queue = QueueId::new(queue);
            let subscribe = Subscribe { filter, on_full, ..Subscribe::to(TOPIC, queue) };
            setup.push(Command::Subscribe(subscribe));
        }
        setup
    }

    /// What chance sends too seldom to rely on.
    pub(crate) fn seldom() -> [Command; 6] {
        let queue = QueueId::new(2);
        [
            Command::Pause { queue },
            Command::Resume { queue },
            Command::PauseSubscription { topic: TOPIC, queue },
            Command::ResumeSubscription { topic: TOPIC, queue },
            Command::CancelRedrive { queue: QueueId::new(1) },
            Command::Purge { queue: QueueId::new(0), forget_dedup: true },
        ]
    }

    /// Carries a command out, and keeps what it hands out.
    pub(crate) fn apply(&mut self, at: At, command: Command) -> Outcome {
        let mut events = Vec::new();
        let reply = self.engine.apply(at, command, &mut events);
        match &reply {
            Ok(Reply::Received(deliveries)) => {
                self.receipts.extend(deliveries.iter().map(|delivery| delivery.receipt));
            }
            Ok(Reply::Claim(Claim::Started(token))) => self.tokens.push(token.clone()),
            _ => {}
        }
        Outcome { reply, events }
    }

    /// The time and the entropy of the next command: mostly soon, sometimes long after.
    pub(crate) fn next_at(&mut self, draw: &mut Draw) -> At {
        let step = match draw.below(40) {
            0 => Span::from_secs(draw.below(100)),
            1 => Span::from_micros(draw.below(3)),
            _ => Span::from_millis(draw.below(400)),
        };
        self.now = self.now + step;
        At { now: self.now, entropy: Entropy::new(draw.below(u64::MAX)) }
    }

    /// A command that a user of this world might send: mostly a good one.
    pub(crate) fn random_command(&self, draw: &mut Draw) -> Command {
        // One more than there are: a mistake.
        let mistaken = draw.one_in(20);
        let queue = QueueId::new(draw.below(QUEUES + u64::from(mistaken)) as u32);
        match draw.below(24) {
            0..6 => Command::Publish { to: address(draw, queue), message: message(draw, self.now) },
            6 => {
                let count = draw.below(4);
                let messages = (0..count).map(|_| message(draw, self.now)).collect();
                Command::PublishBatch { to: address(draw, queue), messages }
            }
            7..11 => {
                let lease = draw.one_in(4).then(|| Span::from_millis(draw.below(5_000)));
                Command::Receive { queue, max: draw.below(6) as u32, lease }
            }
            11..15 => Command::Settle { receipt: self.receipt(draw), how: how(draw) },
            15 => {
                let count = draw.below(4);
                let settlements = (0..count).map(|_| (self.receipt(draw), how(draw))).collect();
                Command::SettleBatch { settlements }
            }
            16 => {
                let by = Span::from_millis(draw.of(&[0, 500, 3_000, 99_999_999]));
                Command::Extend { receipt: self.receipt(draw), by }
            }
            17 => Command::Redrive(redrive(draw)),
            18 => rarely(draw, queue),
            19 | 20 => {
                let key = format!("claim {}", draw.below(7));
                Command::Claim { ledger: LEDGER, key, fingerprint: [draw.below(2) as u8; 32] }
            }
            21 => match self.tokens.is_empty() {
                true => Command::Tick,
                false if draw.one_in(3) => {
                    Command::AbandonClaim { ledger: LEDGER, token: draw.of(&self.tokens) }
                }
                false => {
                    let (token, result) = (draw.of(&self.tokens), Body::from("result"));
                    Command::CompleteClaim { ledger: LEDGER, token, result }
                }
            },
            _ => Command::Tick,
        }
    }

    /// Mostly one of the latest deliveries; sometimes one that never was.
    fn receipt(&self, draw: &mut Draw) -> Receipt {
        if self.receipts.is_empty() || draw.one_in(30) {
            return made_up(draw);
        }
        let back = draw.below(12).min(self.receipts.len() as u64 - 1) as usize;
        self.receipts[self.receipts.len() - 1 - back]
    }
}

fn made_up(draw: &mut Draw) -> Receipt {
    let number = |draw: &mut Draw| draw.of(&[0, 1, 2, 7, u64::MAX]);
    let text = format!(
        r#"{{"queue":{},"slot":{},"seq":{},"lease":{}}}"#,
        draw.below(QUEUES + 1),
        draw.below(5),
        number(draw),
        number(draw)
    );
    serde_json::from_str(&text).expect("a receipt is four numbers")
}

fn address(draw: &mut Draw, queue: QueueId) -> Address {
    if draw.one_in(2) { Address::Topic(TOPIC) } else { Address::Queue(queue) }
}

fn message(draw: &mut Draw, now: Timestamp) -> NewMessage {
    let mut message = NewMessage::new(draw.of(&["", "a", "bcd", "a body of some length"]));
    if draw.one_in(3) {
        message.attributes.insert("channel".into(), draw.of(&["sms", "mail"]).into());
    }
    message.subject = draw.one_in(5).then(|| "orders.eu.created".to_owned());
    message.group = draw.one_in(2).then(|| format!("g{}", draw.below(3)));
    message.priority = Priority::new(draw.below(10) as u8).expect("it is below ten");
    message.delay = Span::from_millis(draw.of(&[0, 0, 0, 700, 4_000]));
    message.not_before = draw.one_in(9).then(|| now + Span::from_secs(2));
    message.ttl = draw.one_in(6).then(|| Span::from_secs(4));
    message.dedup_key = draw.one_in(5).then(|| format!("key {}", draw.below(9)));
    message.cause = draw.one_in(9).then(|| {
        let first = MessageId { address: Address::Topic(TOPIC), number: 0 };
        postroom_core::Cause { message: first, correlation: first }
    });
    message
}

fn how(draw: &mut Draw) -> Settle {
    let reason = draw.of(&[FailReason::Transient, FailReason::Permanent, FailReason::Ambiguous]);
    match draw.below(8) {
        0..3 => Settle::Ack,
        3 => Settle::Release,
        4 => Settle::Reject { reason },
        5 => Settle::Retry { delay: Some(Span::from_millis(draw.below(2_000))), reason },
        _ => Settle::Retry { delay: None, reason },
    }
}

fn redrive(draw: &mut Draw) -> Redrive {
    let from = QueueId::new(draw.below(2) as u32);
    let select = Select {
        reason: draw.one_in(4).then_some(DeadReason::Rejected),
        source: draw.one_in(4).then_some(QueueId::new(2)),
        messages: Vec::new(),
    };
    let to = draw.one_in(4).then(|| QueueId::new(draw.below(QUEUES) as u32));
    let per_second = draw.one_in(2).then(|| 1 + draw.below(3) as u32);
    Redrive { from, to, max: draw.below(9) as u32, per_second, select }
}

fn rarely(draw: &mut Draw, queue: QueueId) -> Command {
    match draw.below(16) {
        9 => Command::PauseSubscription { topic: TOPIC, queue },
        10..12 => Command::ResumeSubscription { topic: TOPIC, queue },
        12 => Command::Unsubscribe { topic: TOPIC, queue },
        13..16 => {
            let subject = draw.of(&["orders.>", "*.eu.*", "invoices.>"]);
            let subjects = vec![subject.parse().expect("it is a pattern")];
            let on_full = draw.of(&[OnFull::Refuse, OnFull::Divert]);
            Command::Subscribe(Subscribe { subjects, on_full, ..Subscribe::to(TOPIC, queue) })
        }
        0..2 => Command::Purge { queue, forget_dedup: draw.one_in(2) },
        2..4 => Command::CancelRedrive { queue: QueueId::new(draw.below(2) as u32) },
        4 => Command::Pause { queue },
        _ => Command::Resume { queue },
    }
}
