//! Carries a script out on an engine.

use postroom_core::{
    At, Bug, Claim, ClaimToken, Command, Delivery, Engine, Entropy, Error, Event, LedgerConfig,
    LedgerId, Machine, QueueId, Receipt, Reply, Settle, Subscribe, Timestamp, TopicId,
};

use crate::{
    model::{IN_PROGRESS, KEEP, RESULT},
    script::{Action, Change, Jump, Layout, Step, Subscribed, Which},
    weather::START,
};

/// An engine with its host's clock, and what it gave so far.
#[derive(Clone)]
pub(crate) struct Driver {
    pub(crate) engine: Engine,
    pub(crate) clock: Timestamp,
    pub(crate) deliveries: Vec<Delivery>,
    tokens: Vec<ClaimToken>,
    has_ledger: bool,
    /// The mistake that the engine makes.
    bug: Option<Bug>,
}

/// What came of one step.
pub(crate) struct Outcome {
    pub(crate) reply: Result<Reply, Error>,
    pub(crate) events: Vec<(Timestamp, Event)>,
}

impl Driver {
    /// An engine with everything of the layout in it, and with a mistake, if any.
    pub(crate) fn new(layout: &Layout, bug: Option<Bug>) -> Self {
        let mut engine = Engine::new();
        let at = At::time(Timestamp::ZERO);
        for (number, config) in layout.queues.iter().enumerate() {
            let made = engine.create_queue(at, &format!("queue {number}"), *config, &mut ());
            assert_eq!(made, Ok(QueueId::new(number as u32)), "{config:?}");
        }
        for (number, topic) in layout.topics.iter().enumerate() {
            let name = format!("topic {number}");
            let made = engine.create_topic(at, &name, topic.config, &mut ());
            let topic_id = made.expect("a topic of a layout can be made");
            for subscribed in &topic.subscriptions {
                let subscribe = subscribe(topic_id, *subscribed);
                let made = engine.subscribe(at, subscribe, &mut ());
                made.expect("a subscription of a layout can be made");
            }
        }
        let has_ledger = layout.ledger_capacity > 0;
        if has_ledger {
            let config = LedgerConfig {
                in_progress: IN_PROGRESS,
                keep: KEEP,
                capacity: layout.ledger_capacity,
            };
            let command = Command::CreateLedger { name: "ledger".into(), config };
            engine.apply(at, command, &mut ()).expect("a ledger can be made");
        }
        engine.plant(bug);
        let (deliveries, tokens) = (Vec::new(), Vec::new());
        Self { engine, clock: START, deliveries, tokens, has_ledger, bug }
    }

    /// Goes on with another engine, such as a restored one.
    pub(crate) fn go_on_with(&mut self, engine: Engine) {
        self.engine = engine;
        self.engine.plant(self.bug);
    }

    /// The same mistake for an engine that replays.
    pub(crate) fn plant_in(&self, engine: &mut Engine) {
        engine.plant(self.bug);
    }

    /// Moves the clock as the step says; returns what it shows then.
    pub(crate) fn move_clock(&mut self, jump: Jump) -> Timestamp {
        self.clock = match jump {
            Jump::Forward(span) => self.clock + span,
            Jump::Back(span) => self.clock - span,
            Jump::ToDeadline => self.engine.next_deadline().unwrap_or(self.clock).max(self.clock),
        };
        self.clock
    }

    /// Carries out one step.
    pub(crate) fn step(&mut self, step: &Step) -> Outcome {
        let now = self.move_clock(step.after);
        if matches!(step.does, Action::Restart) {
            self.restart();
        }
        let command = self.command(&step.does);
        self.apply(At { now, entropy: Entropy::new(step.entropy) }, command)
    }

    /// Applies a command and remembers what it gave.
    pub(crate) fn apply(&mut self, at: At, command: Command) -> Outcome {
        let mut events = Vec::new();
        let reply = self.engine.apply(at, command, &mut events);
        match &reply {
            Ok(Reply::Received(deliveries)) => self.deliveries.extend(deliveries.iter().cloned()),
            Ok(Reply::Claim(Claim::Started(token))) => self.tokens.push(token.clone()),
            _ => {}
        }
        Outcome { reply, events }
    }

    /// The command of an action; a tick if the action names what was never given.
    pub(crate) fn command(&self, action: &Action) -> Command {
        self.try_command(action).unwrap_or(Command::Tick)
    }

    fn try_command(&self, action: &Action) -> Option<Command> {
        let ledger = LedgerId::new(0);
        let token = |back: u32| self.tokens.iter().rev().nth(back as usize).cloned();
        Some(match action.clone() {
            Action::Tick | Action::Restart => Command::Tick,
            Action::Publish { to, message } => Command::Publish { to, message },
            Action::PublishBatch { to, messages } => Command::PublishBatch { to, messages },
            Action::Receive { queue, max, lease } => Command::Receive { queue, max, lease },
            Action::Settle { which, how } => Command::Settle { receipt: self.receipt(which)?, how },
            Action::SettleBatch { settlements } => {
                let one = |(which, how): (Which, Settle)| Some((self.receipt(which)?, how));
                let settlements = settlements.into_iter().map(one).collect::<Option<_>>()?;
                Command::SettleBatch { settlements }
            }
            Action::Extend { which, by } => Command::Extend { receipt: self.receipt(which)?, by },
            Action::Redrive(redrive) => Command::Redrive(redrive),
            Action::CancelRedrive { queue } => Command::CancelRedrive { queue },
            Action::Purge { queue, forget_dedup } => Command::Purge { queue, forget_dedup },
            Action::Pause { queue } => Command::Pause { queue },
            Action::Resume { queue } => Command::Resume { queue },
            Action::Subscription { topic, queue, change } => match change {
                Change::Begins(subscribed) => Command::Subscribe(subscribe(topic, subscribed)),
                Change::Pauses => Command::PauseSubscription { topic, queue },
                Change::Resumes => Command::ResumeSubscription { topic, queue },
                Change::Ends => Command::Unsubscribe { topic, queue },
            },
            Action::Claim { key, fingerprint } => {
                self.has_ledger.then_some(Command::Claim { ledger, key, fingerprint })?
            }
            Action::CompleteClaim { back } => {
                Command::CompleteClaim { ledger, token: token(back)?, result: RESULT.into() }
            }
            Action::AbandonClaim { back } => Command::AbandonClaim { ledger, token: token(back)? },
        })
    }

    fn receipt(&self, which: Which) -> Option<Receipt> {
        match which {
            Which::Given(back) => {
                self.deliveries.iter().rev().nth(back as usize).map(|delivery| delivery.receipt)
            }
            Which::Forged(queue) => Some(forge(queue, u64::MAX - 1)),
        }
    }

    /// Writes the state down, reads it, and goes on with that.
    pub(crate) fn restart(&mut self) {
        let text = serde_json::to_string(&self.engine.snapshot()).expect("it is plain data");
        let snapshot = serde_json::from_str(&text).expect("it was just written");
        let restored = Engine::restore(snapshot).unwrap_or_else(|error| panic!("{error}: {text}"));
        assert_eq!(restored.digest(), self.engine.digest(), "a restart changed the state");
        self.go_on_with(restored);
    }
}

fn subscribe(topic: TopicId, subscribed: Subscribed) -> Subscribe {
    let Subscribed { queue, on_full, subjects } = subscribed;
    let pattern = |text: &&str| text.parse().expect("the patterns of a script are well made");
    let subjects = subjects.iter().map(pattern).collect();
    Subscribe { subjects, on_full, ..Subscribe::to(topic, queue) }
}

/// A receipt that the engine never gave: receipts can be written down, so anybody can make one.
pub(crate) fn forge(queue: QueueId, lease: u64) -> Receipt {
    let text = format!("{{\"queue\":{},\"slot\":0,\"seq\":0,\"lease\":{lease}}}", queue.number());
    serde_json::from_str(&text).expect("a receipt is four numbers")
}
