//! What a test does to an engine, as data: it can be made from a seed, cut shorter and read.

use std::fmt;

use postroom_core::{
    Address, Fingerprint, NewMessage, OnFull, Priority, QueueConfig, QueueId, Redrive, Settle,
    Span, TopicConfig, TopicId,
};

/// A whole test: what is there, and what is done to it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Script {
    pub(crate) world: Layout,
    pub(crate) steps: Vec<Step>,
}

/// Queues (dead letters first), topics over them, and one ledger.
#[derive(Clone, Debug, Default)]
pub(crate) struct Layout {
    pub(crate) queues: Vec<QueueConfig>,
    pub(crate) topics: Vec<TopicLayout>,
    /// Keys that the ledger holds; no ledger if zero.
    pub(crate) ledger_capacity: u64,
}

/// A topic with its subscriptions.
#[derive(Clone, Debug, Default)]
pub(crate) struct TopicLayout {
    pub(crate) config: TopicConfig,
    pub(crate) subscriptions: Vec<Subscribed>,
}

/// A queue that gets copies of what is published to a topic.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Subscribed {
    pub(crate) queue: QueueId,
    pub(crate) on_full: OnFull,
    /// Of messages with which subjects; of all if there is no pattern.
    pub(crate) subjects: &'static [&'static str],
}

/// What befalls a subscription.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Change {
    Begins(Subscribed),
    Pauses,
    Resumes,
    Ends,
}

/// One command, so long after the one before it.
#[derive(Clone, Debug)]
pub(crate) struct Step {
    pub(crate) after: Jump,
    pub(crate) entropy: u64,
    pub(crate) does: Action,
}

/// How the host's clock goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Jump {
    Forward(Span),
    /// The clock is set back: the engine must not notice.
    Back(Span),
    /// To the moment at which the engine wants to be woken.
    ToDeadline,
}

/// One command. What an earlier command gave is named by how long ago it was given.
#[derive(Clone, Debug)]
pub(crate) enum Action {
    Tick,
    Publish {
        to: Address,
        message: NewMessage,
    },
    PublishBatch {
        to: Address,
        messages: Vec<NewMessage>,
    },
    Receive {
        queue: QueueId,
        max: u32,
        lease: Option<Span>,
    },
    Settle {
        which: Which,
        how: Settle,
    },
    SettleBatch {
        settlements: Vec<(Which, Settle)>,
    },
    Extend {
        which: Which,
        by: Span,
    },
    Redrive(Redrive),
    CancelRedrive {
        queue: QueueId,
    },
    Purge {
        queue: QueueId,
        forget_dedup: bool,
    },
    Pause {
        queue: QueueId,
    },
    Resume {
        queue: QueueId,
    },
    Subscription {
        topic: TopicId,
        queue: QueueId,
        change: Change,
    },
    Claim {
        key: String,
        fingerprint: Fingerprint,
    },
    CompleteClaim {
        back: u32,
    },
    AbandonClaim {
        back: u32,
    },
    /// Write the state down, read it, and go on with what was read.
    Restart,
}

/// A receipt.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Which {
    /// Of the latest delivery (0), or of one before.
    Given(u32),
    /// Of a lease that was never given.
    Forged(QueueId),
}

impl fmt::Display for Script {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (number, config) in self.world.queues.iter().enumerate() {
            let unlike = unlike(&format!("{config:?}"), &format!("{:?}", QueueConfig::default()));
            writeln!(f, "queue {number}: {unlike}")?;
        }
        for (number, topic) in self.world.topics.iter().enumerate() {
            writeln!(f, "topic {number}: {:?}", topic.subscriptions)?;
        }
        if self.world.ledger_capacity > 0 {
            writeln!(f, "ledger of {} keys", self.world.ledger_capacity)?;
        }
        self.steps.iter().try_for_each(|step| writeln!(f, "{step}"))
    }
}

impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.after {
            Jump::Forward(Span::ZERO) => f.write_str("at once   ")?,
            Jump::Forward(span) => write!(f, "+{:<9}", ms(span))?,
            Jump::Back(span) => write!(f, "-{:<9}", ms(span))?,
            Jump::ToDeadline => f.write_str("when due  ")?,
        }
        match &self.does {
            Action::Publish { to, message } => {
                write!(f, "publish to {}: {}", place(*to), text_of(message))
            }
            Action::PublishBatch { to, messages } => {
                let texts: Vec<String> = messages.iter().map(text_of).collect();
                write!(f, "publish to {}: {}", place(*to), texts.join("; "))
            }
            other => write!(f, "{other:?}"),
        }
    }
}

fn ms(span: Span) -> String {
    let micros = span.as_micros();
    if micros.is_multiple_of(1_000) {
        format!("{}ms", micros / 1_000)
    } else {
        format!("{micros}us")
    }
}

fn place(to: Address) -> String {
    match to {
        Address::Queue(queue) => format!("queue {}", queue.number()),
        Address::Topic(topic) => format!("topic {}", topic.number()),
    }
}

fn text_of(message: &NewMessage) -> String {
    let mut text = format!("{:?}", String::from_utf8_lossy(message.body.as_bytes()));
    let mut add = |name: &str, value: String| text.push_str(&format!(" {name}={value}"));
    if let Some(subject) = &message.subject {
        add("subject", subject.clone());
    }
    if let Some(group) = &message.group {
        add("group", group.clone());
    }
    if message.priority != Priority::default() {
        add("priority", message.priority.level().to_string());
    }
    if message.delay != Span::ZERO {
        add("delay", ms(message.delay));
    }
    if let Some(at) = message.not_before {
        add("not_before", format!("{}us", at.as_micros()));
    }
    if let Some(ttl) = message.ttl {
        add("ttl", ms(ttl));
    }
    if let Some(key) = &message.dedup_key {
        add("dedup_key", key.clone());
    }
    text
}

/// What one `Debug` text says otherwise than another of the same type.
fn unlike(text: &str, plain: &str) -> String {
    let fields = |text: &str| -> Vec<String> {
        let (mut depth, mut field, mut fields) = (0, String::new(), Vec::new());
        for letter in text.chars() {
            match letter {
                '{' | '(' => depth += 1,
                '}' | ')' => depth -= 1,
                ',' if depth == 1 => {
                    fields.push(std::mem::take(&mut field));
                    continue;
                }
                _ => {}
            }
            field.push(letter);
        }
        fields.push(field);
        fields
    };
    let pairs = fields(text).into_iter().zip(fields(plain));
    let differing = pairs.filter(|(one, other)| one != other);
    differing.map(|(one, _)| one.trim().to_owned()).collect::<Vec<_>>().join(", ")
}

/// The topic of this number, as an address.
pub(crate) fn topic(number: u32) -> Address {
    Address::Topic(TopicId::new(number))
}

/// The queue of this number, as an address.
pub(crate) fn queue(number: u32) -> Address {
    Address::Queue(QueueId::new(number))
}
