//! Every variant of every error is reached by public calls, and its text says what to do.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::{
    collections::BTreeSet,
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    patterns::{
        Decider, Decision, Inbox, InboxCommand, InboxConfig, InboxError, Outbox, OutboxCommand,
        OutboxConfig, OutboxError, Outgoing,
    },
    *,
};

/// Lists the variants of an error. A variant that is missing here does not compile.
macro_rules! variants {
    ($name:ident, $error:ident: $($variant:ident),+ $(,)?) => {
        fn $name() -> (&'static [&'static str], fn(&$error) -> &'static str) {
            (&[$(stringify!($variant)),+], |error| match error {
                $($error::$variant { .. } => stringify!($variant),)+
            })
        }
    };
}

variants!(configure, ConfigureError: NameLength, NameTaken, OutOfRange, NoSuchDeadLetters,
    DeadLetterChain, DeadLettersTooSmall, NoSuchTopic, NoSuchQueue, SubscribedAlready, Filter, NowhereToDivert,
    NowhereForOldest, TooMany);
variants!(subscription, SubscriptionError: NoSuchTopic, NotSubscribed);
variants!(publish, PublishError: NoSuchAddress, Full, LargerThanQueue, Shed, AllRejected,
    BodyTooLarge, AttributesTooLarge, DedupKeyLength, GroupLength, Subject, DelayTooLong, Ttl,
    DedupFull);
variants!(receive, ReceiveError: NoSuchQueue, Max, Lease);
variants!(settle, SettleError: Stale, Unknown, DelayTooLong);
variants!(extend, ExtendError: Stale, Unknown, TooLong);
variants!(redrive, RedriveError: NoSuchQueue, Max, PerSecond, IntoItself, TooManySelected, UnderWay,
    NoneUnderWay);
variants!(claim, ClaimError: NoSuchLedger, KeyLength, Full, Stale, ResultTooLarge);
variants!(of_engine, Error: Configure, Subscription, Publish, Receive, Settle, Extend, Redrive, Queue,
    Batch, Claim);
variants!(restore, RestoreError: Newer, Older, Damaged);
variants!(record, RecordError: Newer, Older);
variants!(station, StationError: Engine, Attach, OutOfRange, NoSuchConsumer, NoBreaker);
variants!(attach, AttachError: NameLength, NameTaken, NoSuchQueue, OutOfRange, LeaseTooShort,
    TooMany);
variants!(filter, FilterError: Malformed, UnknownCondition, Number, EmptyRange, Empty, Twice,
    Reserved, TooDeep, TooManyConditions, TooLong);
variants!(outbox, Outboxed: Application, Full, TooManyOutgoing, Unpublishable, NotNext);
variants!(inbox, Inboxed: KeyLength, Full, Outbox);
variants!(number, NumberError: NotANumber, OutOfRange, TooManyDecimals);
variants!(subject, SubjectError: Length, EmptyToken, Space, Wildcard, NotLast);

type Outboxed = OutboxError<&'static str>;
type Inboxed = InboxError<&'static str>;

/// Words of which every text has one: they tell the reader what to do.
const REMEDIES: [&str; 38] = [
    "give",
    "choose",
    "create it",
    "shorten",
    "set `",
    "use ",
    "later",
    "send",
    "store",
    "ask for",
    "name ",
    "wait",
    "cancel",
    "stop",
    "keep",
    "again",
    "do not",
    "settle where",
    "extend where",
    "extend it",
    "unsubscribe",
    "subscribe it",
    "must be",
    "restore it",
    "replay it",
    "take an",
    "take what",
    "report",
    "write ",
    "correct",
    "put ",
    "stay",
    "round",
    "leave",
    "cannot be filtered",
    "nothing follows",
    "whole tokens",
    "expected text",
];

/// Whether exactly these variants were reached, each with a text that says what to do.
fn check<E: core::fmt::Display>(
    (variants, name): (&[&'static str], fn(&E) -> &'static str),
    errors: impl IntoIterator<Item = E>,
) {
    let mut reached = BTreeSet::new();
    for error in errors {
        says_what_to_do(&error.to_string());
        reached.insert(name(&error));
    }
    assert_eq!(reached, variants.iter().copied().collect(), "not every variant was reached");
}

fn says_what_to_do(text: &str) {
    assert!(REMEDIES.iter().any(|words| text.contains(words)), "what to do? {text}");
}

const AT: At = At::time(Timestamp::ZERO);
const NONE: QueueId = QueueId::new(99);

fn tell(engine: &mut Engine, command: Command) -> Result<Reply, Error> {
    engine.apply(AT, command, &mut ())
}

/// Tells what must succeed.
fn set_up(commands: impl IntoIterator<Item = Command>) -> Engine {
    let mut engine = Engine::new();
    for command in commands {
        tell(&mut engine, command).unwrap();
    }
    engine
}

fn queue(name: &str, config: QueueConfig) -> Command {
    Command::CreateQueue { name: name.into(), config }
}

fn put(number: u32, message: impl Into<NewMessage>) -> Command {
    Command::Publish { to: Address::Queue(QueueId::new(number)), message: message.into() }
}

fn with_dead_letters(number: u32) -> QueueConfig {
    QueueConfig { dead_letters: Some(QueueId::new(number)), ..QueueConfig::default() }
}

/// The errors of the kind that `only` takes, in the order of the commands.
fn refused<E>(
    engine: &mut Engine,
    commands: impl IntoIterator<Item = Command>,
    only: fn(Error) -> Option<E>,
) -> Vec<E> {
    let errors = commands.into_iter().map(|command| tell(engine, command).unwrap_err());
    errors.map(|error| only(error).expect("an error of this kind")).collect()
}

/// A receipt for the one message of queue 0.
fn held(engine: &mut Engine) -> Receipt {
    engine.receive(AT, QueueId::new(0), 1, &mut ()).unwrap()[0].receipt
}

fn topic(name: &str) -> Command {
    Command::CreateTopic { name: name.into(), config: TopicConfig::default() }
}

const TOPIC: TopicId = TopicId::new(0);

#[test]
fn configuring() {
    let plain = QueueConfig::default();
    let mut names = (0..5)
        .map(|n| {
            queue(
                &format!("chain {n}"),
                match n {
                    0 => plain,
                    n => with_dead_letters(n - 1),
                },
            )
        })
        .collect::<Vec<_>>();
    names.push(queue("tight", QueueConfig { capacity_bytes: 10, ..plain }));
    names.extend([topic("topic"), Command::Subscribe(Subscribe::to(TOPIC, QueueId::new(0)))]);
    let mut engine = set_up(names);
    let subscribe = |topic, queue: u32| Subscribe::to(topic, QueueId::new(queue));
    let divert = Subscribe { on_full: OnFull::Divert, ..subscribe(TOPIC, 0) };
    let filter = Filter::default().and("price", []);
    let commands = [
        queue("", plain),
        queue("chain 0", plain),
        queue("lease", QueueConfig { lease: Span::from_micros(1_500), ..plain }),
        queue("dead", with_dead_letters(77)),
        queue("long", with_dead_letters(4)),
        queue("large", with_dead_letters(5)),
        queue("oldest", QueueConfig { overflow: Overflow::DeadLetterOldest, ..plain }),
        Command::Subscribe(subscribe(TopicId::new(9), 0)),
        Command::Subscribe(Subscribe::to(TOPIC, NONE)),
        Command::Subscribe(subscribe(TOPIC, 0)),
        Command::Subscribe(divert),
        Command::Subscribe(Subscribe { filter, ..subscribe(TOPIC, 1) }),
    ];
    let only = |error| match error {
        Error::Configure(error) => Some(error),
        _ => None,
    };
    let mut errors = refused(&mut engine, commands, only);
    for n in 0..limits::LEDGERS_MAX {
        let config = LedgerConfig::default();
        tell(&mut engine, Command::CreateLedger { name: n.to_string(), config }).unwrap();
    }
    let config = LedgerConfig::default();
    let one_more = [Command::CreateLedger { name: "one more".into(), config }];
    errors.extend(refused(&mut engine, one_more, only));
    check(configure(), errors);
}

#[test]
fn subscriptions() {
    let mut engine = set_up([topic("topic")]);
    let commands = [
        Command::PauseSubscription { topic: TopicId::new(9), queue: NONE },
        Command::Unsubscribe { topic: TOPIC, queue: NONE },
    ];
    check(
        subscription(),
        refused(&mut engine, commands, |error| match error {
            Error::Subscription(error) => Some(error),
            _ => None,
        }),
    );
}

#[test]
fn publishing() {
    let small = QueueConfig { capacity: 1, capacity_bytes: 10, ..QueueConfig::default() };
    let shed = Some(Shed { from_percent: 1 });
    let window = Span::from_secs(1);
    let divert = Subscribe { on_full: OnFull::Divert, ..Subscribe::to(TOPIC, QueueId::new(1)) };
    let mut engine = set_up([
        queue("small", small),
        queue("small too", QueueConfig { dead_letters: Some(QueueId::new(0)), ..small }),
        queue("shed", QueueConfig { shed, dedup_window: window, ..QueueConfig::default() }),
        topic("topic"),
        Command::Subscribe(divert),
        put(0, "full"),
        put(1, "full"),
    ]);
    for _ in 0..1_000 {
        tell(&mut engine, put(2, "a")).unwrap();
    }
    let lowest = NewMessage { priority: Priority::LOWEST, ..NewMessage::new("a") };
    let long = Some("k".repeat(256));
    let many = (0..40).map(|n| (n.to_string(), String::new())).collect();
    let year = Span::from_secs(400 * 24 * 3_600);
    let commands = [
        put(99, "a"),
        put(0, "a"),
        put(0, "more than ten bytes"),
        put(2, lowest),
        Command::Publish { to: Address::Topic(TOPIC), message: NewMessage::new("a") },
        put(0, std::vec![0; (1 << 20) + 1]),
        put(0, NewMessage { attributes: many, ..NewMessage::new("a") }),
        put(0, NewMessage { dedup_key: long.clone(), ..NewMessage::new("a") }),
        put(0, NewMessage { group: long, ..NewMessage::new("a") }),
        put(0, NewMessage { subject: Some("a..b".into()), ..NewMessage::new("a") }),
        put(0, NewMessage { delay: year, ..NewMessage::new("a") }),
        put(0, NewMessage { ttl: Some(Span::ZERO), ..NewMessage::new("a") }),
    ];
    let only = |error| match error {
        Error::Publish(error) => Some(error),
        _ => None,
    };
    let mut errors = refused(&mut engine, commands, only);
    // A queue that drops its oldest takes a million keys without a million messages.
    let drops =
        QueueConfig { capacity: 1, overflow: Overflow::DropOldest, ..QueueConfig::default() };
    let mut engine = set_up([queue("keys", drops)]);
    let keyed = |key: u64| NewMessage { dedup_key: Some(key.to_string()), ..NewMessage::new("") };
    for key in 0..limits::DEDUP_KEYS_MAX {
        tell(&mut engine, put(0, keyed(key))).unwrap();
    }
    errors.extend(refused(&mut engine, [put(0, keyed(u64::MAX))], only));
    check(publish(), errors);
}

#[test]
fn receiving() {
    let mut engine = set_up([queue("orders", QueueConfig::default())]);
    let queue = QueueId::new(0);
    let commands = [
        Command::Receive { queue: NONE, max: 1, lease: None },
        Command::Receive { queue, max: 0, lease: None },
        Command::Receive { queue, max: 1, lease: Some(Span::ZERO) },
    ];
    check(
        receive(),
        refused(&mut engine, commands, |error| match error {
            Error::Receive(error) => Some(error),
            _ => None,
        }),
    );
}

#[test]
fn settling_and_extending() {
    let mut engine = set_up([queue("orders", QueueConfig::default()), put(0, "a"), put(0, "b")]);
    let (gone, held) = (held(&mut engine), held(&mut engine));
    tell(&mut engine, Command::Settle { receipt: gone, how: Settle::Release }).unwrap();
    let foreign = Receipt { queue: NONE, ..gone };
    let retry = Settle::Retry {
        delay: Some(Span::from_secs(400 * 24 * 3_600)),
        reason: FailReason::Transient,
    };
    let commands = [(gone, Settle::Ack), (foreign, Settle::Ack), (held, retry)]
        .map(|(receipt, how)| Command::Settle { receipt, how });
    check(
        settle(),
        refused(&mut engine, commands, |error| match error {
            Error::Settle(error) => Some(error),
            _ => None,
        }),
    );
    let day = Span::from_secs(24 * 3_600);
    let commands = [(gone, day), (foreign, day), (held, day)]
        .map(|(receipt, by)| Command::Extend { receipt, by });
    check(
        extend(),
        refused(&mut engine, commands, |error| match error {
            Error::Extend(error) => Some(error),
            _ => None,
        }),
    );
}

#[test]
fn redriving() {
    let mut engine = set_up([
        queue("dead", QueueConfig::default()),
        queue("orders", with_dead_letters(0)),
        put(1, "a"),
        put(1, "b"),
    ]);
    let (dead, orders) = (QueueId::new(0), QueueId::new(1));
    for delivery in engine.receive(AT, orders, 2, &mut ()).unwrap() {
        let how = Settle::Reject { reason: FailReason::Permanent };
        tell(&mut engine, Command::Settle { receipt: delivery.receipt, how }).unwrap();
    }
    let all = Redrive::all(dead);
    let id = MessageId { address: Address::Queue(orders), number: 0 };
    let select = Select { messages: std::vec![id; 257], ..Select::default() };
    let commands = [
        Redrive::all(NONE),
        Redrive { max: 0, ..all.clone() },
        Redrive { per_second: Some(0), ..all.clone() },
        Redrive { to: Some(dead), ..all.clone() },
        Redrive { select, ..all.clone() },
    ];
    let only = |error| match error {
        Error::Redrive(error) => Some(error),
        _ => None,
    };
    let mut errors = refused(&mut engine, commands.map(Command::Redrive), only);
    tell(&mut engine, Command::Redrive(Redrive { per_second: Some(1), ..all.clone() })).unwrap();
    let commands = [Command::Redrive(all), Command::CancelRedrive { queue: orders }];
    errors.extend(refused(&mut engine, commands, only));
    check(redrive(), errors);
}

#[test]
fn claiming() {
    let ledger = LedgerId::new(0);
    let config = LedgerConfig { capacity: 1, ..LedgerConfig::default() };
    let mut engine = set_up([Command::CreateLedger { name: "ledger".into(), config }]);
    let claim_in =
        |ledger, key: &str| Command::Claim { ledger, key: key.into(), fingerprint: [0; 32] };
    let Ok(Reply::Claim(Claim::Started(token))) = tell(&mut engine, claim_in(ledger, "k")) else {
        panic!("it is free")
    };
    let other = ClaimToken { number: 7, ..token.clone() };
    let result = Body::from(std::vec![0; (64 << 10) + 1]);
    let commands = [
        claim_in(LedgerId::new(9), "k"),
        claim_in(ledger, ""),
        claim_in(ledger, "another"),
        Command::AbandonClaim { ledger, token: other },
        Command::CompleteClaim { ledger, token, result },
    ];
    check(
        claim(),
        refused(&mut engine, commands, |error| match error {
            Error::Claim(error) => Some(error),
            _ => None,
        }),
    );
}

#[test]
fn the_engine_as_a_whole() {
    let mut engine = Engine::new();
    let receipt = Receipt { queue: NONE, slot: 0, seq: 0, lease: LeaseId::new(1) };
    let ledger = LedgerId::new(0);
    let commands = [
        queue("", QueueConfig::default()),
        Command::Unsubscribe { topic: TOPIC, queue: NONE },
        put(99, "a"),
        Command::Receive { queue: NONE, max: 1, lease: None },
        Command::Settle { receipt, how: Settle::Ack },
        Command::Extend { receipt, by: Span::ZERO },
        Command::Redrive(Redrive::all(NONE)),
        Command::Purge { queue: NONE, forget_dedup: false },
        Command::SettleBatch { settlements: Vec::new() },
        Command::Claim { ledger, key: "k".into(), fingerprint: [0; 32] },
    ];
    check(of_engine(), refused(&mut engine, commands, Some));
}

#[test]
fn documents() {
    let newer = r#"{"semantics_version":99,"content":null}"#;
    let older = r#"{"semantics_version":1,"content":null}"#;
    let sound = serde_json::to_string(&set_up([topic("t")]).snapshot()).unwrap();
    let damaged = sound.replacen("\"t\"", "\"\"", 1);
    check(
        restore(),
        [newer, older, &damaged]
            .map(|text| Engine::restore(serde_json::from_str(text).unwrap()).unwrap_err()),
    );
    check(
        record(),
        [newer, older]
            .map(|text| serde_json::from_str::<Record<Command>>(text).unwrap().open().unwrap_err()),
    );
}

#[test]
fn stations() {
    let mut station_of_one = Station::new();
    let mut tell = |command| station_of_one.apply(AT, command, &mut ());
    tell(StationCommand::Engine(queue("orders", QueueConfig::default()))).unwrap();
    let slow = ConsumerConfig { call_timeout: Span::from_secs(60), ..ConsumerConfig::default() };
    let none = ConsumerConfig { concurrency: 0, ..ConsumerConfig::default() };
    let attach_to = |name: &str, number, config| StationCommand::Attach {
        name: name.into(),
        queue: QueueId::new(number),
        config,
    };
    let plain = ConsumerConfig::default();
    tell(attach_to("consumer", 0, plain)).unwrap();
    let call = CallRef { consumer: ConsumerId::new(9), call: CallId::new(0) };
    let outcome = Outcome::Delivered;
    let errors = [
        StationCommand::Engine(put(99, "a")),
        StationCommand::CallFinished { call, outcome },
        StationCommand::OverrideBreaker {
            consumer: ConsumerId::new(0),
            how: BreakerOverride::ForceOpen,
        },
        attach_to("", 0, plain),
        StationCommand::Change(ConsumerChange::Scale {
            consumer: ConsumerId::new(0),
            concurrency: 0,
        }),
    ];
    check(station(), errors.map(|command| tell(command).unwrap_err()));

    let mut refuse = |command| match tell(command) {
        Err(StationError::Attach(error)) => error,
        other => panic!("{other:?}"),
    };
    let mut errors = std::vec![
        refuse(attach_to("", 0, plain)),
        refuse(attach_to("consumer", 0, plain)),
        refuse(attach_to("other", 9, plain)),
        refuse(attach_to("other", 0, none)),
        refuse(attach_to("other", 0, slow)),
    ];
    let mut full = Station::new();
    let command = StationCommand::Engine(queue("orders", QueueConfig::default()));
    full.apply(AT, command, &mut ()).unwrap();
    for n in 0..limits::CONSUMERS_MAX {
        full.apply(AT, attach_to(&n.to_string(), 0, plain), &mut ()).unwrap();
    }
    if let Err(StationError::Attach(error)) =
        full.apply(AT, attach_to("one more", 0, plain), &mut ())
    {
        errors.push(error);
    }
    check(attach(), errors);
}

#[test]
fn texts() {
    let wrong = ["x", "1e99", "1.0000000000000000001"];
    check(number(), wrong.map(|text| text.parse::<Number>().unwrap_err()));
    let wrong = ["", "a..b", "a b", "a*", "a.>.b"];
    check(subject(), wrong.map(|text| text.parse::<SubjectPattern>().unwrap_err()));
    for text in [
        "q2".parse::<MessageId>().unwrap_err().to_string(),
        serde_json::from_str::<Priority>("10").unwrap_err().to_string(),
        Steps::new(&[]).unwrap_err().to_string(),
    ] {
        says_what_to_do(&text);
    }
}

#[test]
fn filters() {
    let text = |text: &str| Condition::Equals(text.into());
    let deep = (0..20).fold(Filter::default().and("a", [text("b")]), |filter, _| {
        Filter::default().and_one_of([filter, Filter::default().and("a", [text("b")])])
    });
    let many: Vec<Condition> = (0..10_000).map(|n| text(&n.to_string())).collect();
    let built = [
        Filter::default().and("a", []),
        Filter::default().and("$or", [text("b")]),
        Filter::default().and("a", many),
        Filter::default().and("a", [text(&"b".repeat(100_000))]),
        deep,
    ];
    let (variants, name) = filter();
    let mut reached = BTreeSet::new();
    for error in built.map(|filter| filter.check().unwrap_err()) {
        says_what_to_do(&error.to_string());
        reached.insert(name(&error));
    }
    // Of a document, serde hands on the text alone.
    let written = [
        (r#"{"a": 1}"#, "Malformed", "write "),
        (r#"{"a": [{"wildcard": "b*"}]}"#, "UnknownCondition", "no condition `wildcard`"),
        (r#"{"a": [{"numeric": [">", "x"]}]}"#, "Number", "not a number"),
        (r#"{"a": [{"numeric": [">", 5, "<", 4]}]}"#, "EmptyRange", "no number is in this range"),
        (r#"{"a": ["b"], "a": ["c"]}"#, "Twice", "stands twice"),
    ];
    for (document, variant, words) in written {
        let text = serde_json::from_str::<Filter>(document).unwrap_err().to_string();
        assert!(text.contains(words), "{text}");
        says_what_to_do(&text);
        reached.insert(variant);
    }
    assert_eq!(reached, variants.iter().copied().collect());
}

/// Sends what it is told to send.
struct Mailer;

impl Decider for Mailer {
    type Command = Vec<NewMessage>;
    type Change = ();
    type Reply = ();
    type Error = &'static str;

    fn decide(&self, _: At, messages: Vec<NewMessage>) -> Result<Decision<(), ()>, &'static str> {
        if messages.is_empty() {
            return Err("there is nothing to send: name a message");
        }
        let outgoing =
            messages.into_iter().map(|message| Outgoing::new(Address::Queue(NONE), message));
        Ok(Decision { change: (), reply: (), outgoing: outgoing.collect() })
    }

    fn evolve(&mut self, (): ()) {}
}

#[test]
fn inboxes_and_outboxes() {
    let small = OutboxConfig { capacity: 1, ..OutboxConfig::default() };
    let some = |count: u32| OutboxCommand::Do((0..count).map(|_| NewMessage::new("a")).collect());
    let mut sender = Outbox::new("sender", small, Mailer).unwrap();
    let endless = NewMessage { ttl: Some(Span::ZERO), ..NewMessage::new("a") };
    let commands = [
        some(0),
        some(2),
        some(limits::OUTGOING_MAX + 1),
        OutboxCommand::Do([endless].into()),
        OutboxCommand::Published { position: 7 },
    ];
    check(outbox(), commands.map(|command| sender.apply(AT, command, &mut ()).unwrap_err()));

    let few = InboxConfig { capacity: 1, ..InboxConfig::default() };
    let mut receiver = Inbox::new("receiver", few, small, Mailer).unwrap();
    let handle = |key: &str, count| {
        let command = (0..count).map(|_| NewMessage::new("a")).collect();
        InboxCommand::Handle { key: key.into(), command }
    };
    let refused = [handle("", 1), handle("none", 0)];
    let mut errors = refused.map(|one| receiver.apply(AT, one, &mut ()).unwrap_err()).to_vec();
    receiver.apply(AT, handle("first", 1), &mut ()).unwrap();
    errors.push(receiver.apply(AT, handle("second", 1), &mut ()).unwrap_err());
    check(inbox(), errors);
}
