//! What the swarm has to reach: every event, every error, every reason, every fault.

use std::collections::BTreeSet;

use postroom_core::{
    Command, DeadReason, Error, Event, LedgerId, OnFull, Overflow, PlacementOutcome, Published,
    QueueConfig, QueueId, Redrive, Reply, Select, Subscribe, TopicId,
};

use crate::{drive::Outcome, swarm::claim_name};

/// What was reached.
#[derive(Clone, Debug, Default)]
pub(crate) struct Marks(BTreeSet<String>);

/// Events of an engine that a swarm reaches. The rest is named in [`EVENTS_ELSEWHERE`].
const EVENTS: [&str; 31] = [
    "AlarmCleared",
    "AlarmRaised",
    "Acked",
    "Blocked",
    "ClaimCompleted",
    "ClaimFreed",
    "Claimed",
    "DeadLettered",
    "Deduplicated",
    "Delivered",
    "Discarded",
    "Enqueued",
    "GroupParked",
    "GroupReleased",
    "LeaseExpired",
    "LeaseExtended",
    "Matured",
    "Paused",
    "Published",
    "RedriveEnded",
    "RedriveStarted",
    "Redriven",
    "Refused",
    "Released",
    "Resumed",
    "RetryScheduled",
    "Subscribed",
    "SubscriptionPaused",
    "SubscriptionResumed",
    "Unsubscribed",
    "Woken",
];

/// Events that come before the storm, or are a consumer's.
const EVENTS_ELSEWHERE: [&str; 24] = [
    "BreakerReset",
    "BreakerForcedOpen",
    "BreakerDisabled",
    "ConsumerPaused",
    "ConsumerResumed",
    "Recognised",
    "SettlementLost",
    "ConsumerCrashed",
    "CallLost",
    "ConsumerRestarted",
    "ConsumerCutOff",
    "ConsumerReconnected",
    "ConsumerScaled",
    "QueueCreated",
    "TopicCreated",
    "LedgerCreated",
    "CallStarted",
    "CallSucceeded",
    "CallFailed",
    "CallAnsweredLate",
    "Throttled",
    "BreakerOpened",
    "BreakerHalfOpened",
    "BreakerClosed",
];

/// Errors that a swarm reaches.
const ERRORS: [&str; 45] = [
    "Configure::NameLength",
    "Configure::NameTaken",
    "Configure::OutOfRange",
    "Configure::NoSuchDeadLetters",
    "Configure::NoSuchTopic",
    "Configure::NoSuchQueue",
    "Configure::SubscribedAlready",
    "Configure::NowhereToDivert",
    "Configure::NowhereForOldest",
    "Subscription::NoSuchTopic",
    "Subscription::NotSubscribed",
    "Publish::NoSuchAddress",
    "Publish::Full",
    "Publish::LargerThanQueue",
    "Publish::Shed",
    "Publish::AllRejected",
    "Publish::BodyTooLarge",
    "Publish::AttributesTooLarge",
    "Publish::DedupKeyLength",
    "Publish::GroupLength",
    "Publish::Subject",
    "Publish::DelayTooLong",
    "Publish::Ttl",
    "Receive::NoSuchQueue",
    "Receive::Max",
    "Receive::Lease",
    "Settle::Stale",
    "Settle::Unknown",
    "Settle::DelayTooLong",
    "Extend::Stale",
    "Extend::Unknown",
    "Extend::TooLong",
    "Redrive::NoSuchQueue",
    "Redrive::Max",
    "Redrive::PerSecond",
    "Redrive::IntoItself",
    "Redrive::TooManySelected",
    "Redrive::UnderWay",
    "Redrive::NoneUnderWay",
    "Queue::NoSuchQueue",
    "Batch::BatchError",
    "Claim::NoSuchLedger",
    "Claim::KeyLength",
    "Claim::Full",
    "Claim::Stale",
];

/// Errors whose limits are too far away for a swarm, or not the same in every one: the engine's own
/// tests reach them.
const ERRORS_ELSEWHERE: [&str; 6] = [
    "Configure::Filter",
    "Configure::DeadLetterChain",
    "Configure::DeadLettersTooSmall",
    "Configure::TooMany",
    "Publish::DedupFull",
    "Claim::ResultTooLarge",
];

/// What befalls clients and hosts, and what else must have come about.
const SIGHTS: [&str; 27] = [
    "the clock is set back",
    "a year passes at once",
    "a crash, and a replay",
    "a command comes twice",
    "a publish is asked for again",
    "a settlement is asked for again",
    "deliveries are lost on the way",
    "a stale receipt",
    "a receipt that was changed",
    "a claim is started",
    "a claim is in progress",
    "a claim is done",
    "a claim is for other work",
    "dead: exhausted",
    "dead: rejected",
    "dead: deadline",
    "dead: expired",
    "dead: overflow",
    "dead: shed",
    "dead: unknown",
    "dead: group parked",
    "discarded: purged",
    "discarded: overflow",
    "discarded: expired",
    "placed: diverted",
    "placed: rejected",
    "a second delivery",
];

impl Marks {
    pub(crate) fn add(&mut self, mark: &str) {
        if !self.0.contains(mark) {
            self.0.insert(mark.into());
        }
    }

    pub(crate) fn add_all(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// Notes what one command reached.
    pub(crate) fn take(&mut self, outcome: &Outcome) {
        for (_, event) in &outcome.events {
            self.add(event_name(event));
            match event {
                Event::DeadLettered { reason, .. } => self.add(dead(*reason)),
                Event::Discarded { reason: DeadReason::Purged, .. } => {
                    self.add("discarded: purged")
                }
                Event::Discarded { reason: DeadReason::Overflow, .. } => {
                    self.add("discarded: overflow");
                }
                Event::Discarded { reason: DeadReason::Expired, .. } => {
                    self.add("discarded: expired");
                }
                Event::Delivered { delivery: 2, .. } => self.add("a second delivery"),
                _ => {}
            }
        }
        match &outcome.reply {
            Err(error) => self.add(&error_name(error)),
            Ok(Reply::Published(published)) => self.placements(published),
            Ok(Reply::PublishedEach(each)) => {
                for one in each {
                    match one {
                        Ok(published) => self.placements(published),
                        Err(error) => self.add(&error_name(&Error::Publish(error.clone()))),
                    }
                }
            }
            Ok(Reply::SettledEach(each)) => {
                for error in each.iter().filter_map(|one| one.as_ref().err()) {
                    self.add(&error_name(&Error::Settle(error.clone())));
                }
            }
            Ok(Reply::Claim(claim)) => self.add(claim_name(claim)),
            Ok(_) => {}
        }
    }

    /// What has to be reached, and was not.
    pub(crate) fn missing(&self) -> Vec<&'static str> {
        let all = EVENTS.iter().chain(&ERRORS).chain(&SIGHTS);
        all.copied().filter(|mark| !self.0.contains(*mark)).collect()
    }

    fn placements(&mut self, published: &Published) {
        for placement in published.placements.iter() {
            match placement.outcome {
                PlacementOutcome::Queued => {}
                PlacementOutcome::Diverted => self.add("placed: diverted"),
                PlacementOutcome::Rejected => self.add("placed: rejected"),
            }
        }
    }
}

/// `Publish::Full` of `Publish(Full { … })`.
pub(crate) fn error_name(error: &Error) -> String {
    let text = format!("{error:?}");
    let mut words = text.split(|letter: char| !letter.is_ascii_alphanumeric());
    let (kind, which) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
    format!("{kind}::{which}")
}

fn dead(reason: DeadReason) -> &'static str {
    match reason {
        DeadReason::Exhausted => "dead: exhausted",
        DeadReason::Rejected => "dead: rejected",
        DeadReason::Deadline => "dead: deadline",
        DeadReason::Expired => "dead: expired",
        DeadReason::Overflow => "dead: overflow",
        DeadReason::Shed => "dead: shed",
        DeadReason::Unknown => "dead: unknown",
        DeadReason::GroupParked => "dead: group parked",
        DeadReason::Purged => "dead: purged",
    }
}

fn event_name(event: &Event) -> &'static str {
    match event {
        Event::Published { .. } => "Published",
        Event::Deduplicated { .. } => "Deduplicated",
        Event::Refused { .. } => "Refused",
        Event::Enqueued { .. } => "Enqueued",
        Event::Matured { .. } => "Matured",
        Event::Delivered { .. } => "Delivered",
        Event::Acked { .. } => "Acked",
        Event::RetryScheduled { .. } => "RetryScheduled",
        Event::Released { .. } => "Released",
        Event::LeaseExpired { .. } => "LeaseExpired",
        Event::LeaseExtended { .. } => "LeaseExtended",
        Event::DeadLettered { .. } => "DeadLettered",
        Event::Blocked { .. } => "Blocked",
        Event::Discarded { .. } => "Discarded",
        Event::Redriven { .. } => "Redriven",
        Event::RedriveStarted { .. } => "RedriveStarted",
        Event::RedriveEnded { .. } => "RedriveEnded",
        Event::GroupParked { .. } => "GroupParked",
        Event::GroupReleased { .. } => "GroupReleased",
        Event::Paused { .. } => "Paused",
        Event::Resumed { .. } => "Resumed",
        Event::Subscribed { .. } => "Subscribed",
        Event::SubscriptionPaused { .. } => "SubscriptionPaused",
        Event::SubscriptionResumed { .. } => "SubscriptionResumed",
        Event::Unsubscribed { .. } => "Unsubscribed",
        Event::Woken { .. } => "Woken",
        Event::AlarmRaised { .. } => "AlarmRaised",
        Event::AlarmCleared { .. } => "AlarmCleared",
        Event::Claimed { .. } => "Claimed",
        Event::ClaimCompleted { .. } => "ClaimCompleted",
        Event::ClaimFreed { .. } => "ClaimFreed",
        _ => "of no engine's queue",
    }
}

/// Commands that are refused whatever the weather, with the error that says so.
pub(crate) fn mistakes() -> Vec<(Command, &'static str)> {
    let plain = QueueConfig::default();
    let queue = |name: &str, config| Command::CreateQueue { name: name.into(), config };
    let (known, unknown) = (QueueId::new(0), QueueId::new(99));
    let subscribe = |topic, queue, on_full| {
        Command::Subscribe(Subscribe { on_full, ..Subscribe::to(TopicId::new(topic), queue) })
    };
    let message = postroom_core::MessageId { address: crate::script::queue(0), number: 0 };
    let many = Select { messages: vec![message; 257], ..Select::default() };
    let nowhere = QueueConfig { overflow: Overflow::DeadLetterOldest, ..plain };
    let claim = |ledger, key: &str| Command::Claim {
        ledger: LedgerId::new(ledger),
        key: key.into(),
        fingerprint: [0; 32],
    };
    vec![
        (queue("", plain), "Configure::NameLength"),
        (queue("queue 0", plain), "Configure::NameTaken"),
        (queue("x", QueueConfig { max_deliveries: 0, ..plain }), "Configure::OutOfRange"),
        (
            queue("x", QueueConfig { dead_letters: Some(unknown), ..plain }),
            "Configure::NoSuchDeadLetters",
        ),
        (queue("x", nowhere), "Configure::NowhereForOldest"),
        (subscribe(9, known, OnFull::Refuse), "Configure::NoSuchTopic"),
        (subscribe(0, unknown, OnFull::Refuse), "Configure::NoSuchQueue"),
        (subscribe(0, known, OnFull::Divert), "Configure::NowhereToDivert"),
        (
            Command::Redrive(Redrive { select: many, ..Redrive::all(known) }),
            "Redrive::TooManySelected",
        ),
        (Command::Redrive(Redrive::all(unknown)), "Redrive::NoSuchQueue"),
        (Command::Purge { queue: unknown, forget_dedup: false }, "Queue::NoSuchQueue"),
        (claim(9, "key"), "Claim::NoSuchLedger"),
    ]
}

#[test]
fn every_event_and_every_error_has_its_mark() {
    let events = include_str!("../../core/src/event.rs");
    let known: Vec<&str> = EVENTS.iter().chain(&EVENTS_ELSEWHERE).copied().collect();
    for variant in variants(events, "Event") {
        assert!(known.contains(&variant.as_str()), "`Event::{variant}` has no mark");
    }
    let errors = include_str!("../../core/src/engine/error.rs");
    let claims = include_str!("../../core/src/engine/claims.rs");
    let known: Vec<&str> = ERRORS.iter().chain(&ERRORS_ELSEWHERE).copied().collect();
    for kind in
        ["Configure", "Subscription", "Publish", "Receive", "Settle", "Extend", "Redrive", "Claim"]
    {
        let source = if kind == "Claim" { claims } else { errors };
        let found = variants(source, &format!("{kind}Error"));
        assert!(!found.is_empty(), "no `{kind}Error` in the source");
        for variant in found {
            let name = format!("{kind}::{variant}");
            assert!(known.contains(&name.as_str()), "`{name}` has no mark");
        }
    }
}

/// The variants of an enum, by its source.
fn variants(source: &str, name: &str) -> Vec<String> {
    let start = source.find(&format!("pub enum {name} {{")).expect("the enum is there");
    let body = source[start..].lines().skip(1).take_while(|line| !line.starts_with('}'));
    let is_variant = |line: &&str| {
        line.strip_prefix("    ").is_some_and(|rest| rest.starts_with(|c: char| c.is_uppercase()))
    };
    let name = |line: &str| {
        line.trim().chars().take_while(char::is_ascii_alphanumeric).collect::<String>()
    };
    body.filter(is_variant).map(name).collect()
}
