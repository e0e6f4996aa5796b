//! Whatever else a case does: creating, looking, running a queue, claiming.

use postroom_core::{
    Claim, ClaimToken, Command, CopyState, CopyView, DeadReason, HopReason, LedgerId, MessageId,
    QueueId, Redrive, Redriven, Reply, Select,
};
use serde_json::{Value, json};

use super::{EngineInVirtualTime, LEASE, name_of, strange, text};
use crate::conformance::{
    backend::{Answer, Refused},
    case::{Options, Step, Time},
    language::Verb,
};

/// The most copies that a case puts into one queue.
const COPIES_MAX: u32 = 10_000;

impl EngineInVirtualTime {
    pub(super) fn operate(&mut self, step: &Step) -> Answer {
        let word = |index: usize| step.words.get(index).map_or("", String::as_str);
        let options = &step.options;
        match step.verb {
            Verb::Topic => self.create_topic(word(0), options),
            Verb::Ledger => self.create_ledger(word(0), options),
            Verb::Subscribe => self.do_it(self.subscribe_command(step)?),
            Verb::Unsubscribe => self.do_it(self.on_subscription("unsubscribe", step)?),
            Verb::SendBatch => self.send_batch(word(0), &step.words[1..], options),
            Verb::ClockBack => {
                let by = Time::parse(word(0)).ok_or_else(|| Refused("no time".into()))?;
                self.now = self.now - by.of_lease(LEASE);
                Ok(Vec::new())
            }
            Verb::Depth | Verb::Stats | Verb::Peek | Verb::History | Verb::Happened => {
                self.look(step.verb, self.find(word(0))?, word(1))
            }
            Verb::Redrive => self.redrive(word(0), options),
            Verb::CancelRedrive => {
                let queue = self.find(word(0))?;
                self.redriven(Command::CancelRedrive { queue })
            }
            Verb::Purge => {
                let queue = self.find(word(0))?;
                let forget_dedup = options.text("forget_dedup") == Some("yes");
                match self.apply(Command::Purge { queue, forget_dedup })? {
                    Reply::Purged(count) => Ok(vec![count.to_string()]),
                    other => Err(strange(&other)),
                }
            }
            Verb::Pause | Verb::Resume => self.pause_or_resume(step),
            Verb::Claim => self.claim(word(0), word(1), options.text("for").unwrap_or("")),
            Verb::Complete => {
                let (ledger, token) = self.token(word(0), word(1))?;
                let result = word(2).into();
                self.do_it(Command::CompleteClaim { ledger, token, result })
            }
            Verb::Abandon => {
                let (ledger, token) = self.token(word(0), word(1))?;
                self.do_it(Command::AbandonClaim { ledger, token })
            }
            other => Err(Refused(format!("{other:?} is the runner's"))),
        }
    }

    fn do_it(&mut self, command: Command) -> Answer {
        self.apply(command).map(|_| Vec::new())
    }

    fn create_topic(&mut self, name: &str, options: &Options) -> Answer {
        let config = Self::topic_config(options)?;
        match self.apply(Command::CreateTopic { name: name.into(), config })? {
            Reply::Topic(topic) => drop(self.topics.insert(name.into(), topic)),
            other => return Err(strange(&other)),
        }
        Ok(Vec::new())
    }

    fn create_ledger(&mut self, name: &str, options: &Options) -> Answer {
        let config = Self::ledger_config(options)?;
        match self.apply(Command::CreateLedger { name: name.into(), config })? {
            Reply::Ledger(ledger) => drop(self.ledgers.insert(name.into(), ledger)),
            other => return Err(strange(&other)),
        }
        Ok(Vec::new())
    }

    fn send_batch(&mut self, to: &str, bodies: &[String], options: &Options) -> Answer {
        let to = self.address(to)?;
        let messages = bodies.iter().map(|body| self.message(body, options)).collect();
        match self.apply(Command::PublishBatch { to, messages })? {
            Reply::PublishedEach(each) => Ok(each
                .iter()
                .flat_map(|published| match published {
                    Ok(published) => self.placed(published),
                    Err(error) => vec![name_of(error)],
                })
                .collect()),
            other => Err(strange(&other)),
        }
    }

    fn look(&self, verb: Verb, queue: QueueId, what: &str) -> Answer {
        let stats = self.engine.queue_stats(queue).unwrap_or_default();
        let copies = || self.engine.peek(queue, 0, COPIES_MAX);
        Ok(match verb {
            Verb::Depth => vec![stats.depth().to_string()],
            Verb::Stats => vec![
                format!("ready={}", stats.ready),
                format!("delayed={}", stats.delayed),
                format!("in_flight={}", stats.in_flight),
                format!("blocked={}", stats.blocked),
                format!("bytes={}", stats.bytes),
                format!("redeliveries={}", stats.redeliveries),
                format!("dead_letters={}", stats.dead_letters),
            ],
            Verb::Peek => copies().iter().map(shown).collect(),
            Verb::History => {
                let copies = copies();
                let copy = copies.iter().find(|copy| text(copy.message.body.as_bytes()) == what);
                let copy = copy.ok_or_else(|| Refused(format!("no copy of `{what}`")))?;
                copy.history.iter().map(|hop| self.hop(hop)).collect()
            }
            _ => vec![self.happened(queue, what).to_string()],
        })
    }

    fn hop(&self, hop: &postroom_core::Hop) -> String {
        let from = self.engine.queue_name(hop.from).unwrap_or_default();
        let why = match hop.why {
            HopReason::DeadLettered(reason) => name_of(&reason),
            HopReason::Redriven => "redriven".into(),
        };
        format!("{why}:{from}({})", hop.deliveries)
    }

    /// How often an event of this name happened in a queue; `alarm_raised:depth` names what it
    /// was about.
    fn happened(&self, queue: QueueId, what: &str) -> usize {
        let (name, about) = what.split_once(':').unwrap_or((what, ""));
        let is_it = |event: &Value| {
            event["type"] == name
                && event["queue"] == json!(queue)
                && (about.is_empty() || event["alarm"] == about || event["reason"] == about)
        };
        let events = self.events.iter().filter_map(|(_, event)| serde_json::to_value(event).ok());
        events.filter(is_it).count()
    }

    fn redrive(&mut self, from: &str, options: &Options) -> Answer {
        let queue = |key: &str| options.text(key).map(|name| self.find(name)).transpose();
        let reason = options.text("reason").map(|name| {
            let reason = serde_json::from_value::<DeadReason>(json!(name));
            reason.map_err(|error| Refused(error.to_string()))
        });
        let from = self.find(from)?;
        let messages = options.text("only").map_or_else(Vec::new, |only| self.ids(from, only));
        let select = Select { reason: reason.transpose()?, source: queue("source")?, messages };
        let redrive = Redrive {
            to: queue("to")?,
            max: options.number("max").unwrap_or(100),
            per_second: options.number("rate"),
            select,
            ..Redrive::all(from)
        };
        self.redriven(Command::Redrive(redrive))
    }

    fn redriven(&mut self, command: Command) -> Answer {
        match self.apply(command)? {
            Reply::Redriven(Redriven { moved, stayed, scheduled }) => Ok(vec![
                format!("moved={moved}"),
                format!("stayed={stayed}"),
                format!("scheduled={scheduled}"),
            ]),
            other => Err(strange(&other)),
        }
    }

    /// The ids of the copies of these bodies, joined by commas.
    fn ids(&self, queue: QueueId, bodies: &str) -> Vec<MessageId> {
        let named = |copy: &CopyView| {
            bodies.split(',').any(|body| text(copy.message.body.as_bytes()) == body)
        };
        let copies = self.engine.peek(queue, 0, COPIES_MAX);
        copies.iter().filter(|copy| named(copy)).map(|copy| copy.message.id).collect()
    }

    fn pause_or_resume(&mut self, step: &Step) -> Answer {
        let pauses = step.verb == Verb::Pause;
        let command = match step.words.as_slice() {
            [queue] => {
                let queue = self.find(queue)?;
                if pauses { Command::Pause { queue } } else { Command::Resume { queue } }
            }
            _ => {
                let name = if pauses { "pause_subscription" } else { "resume_subscription" };
                self.on_subscription(name, step)?
            }
        };
        self.do_it(command)
    }

    fn claim(&mut self, name: &str, key: &str, what: &str) -> Answer {
        let ledger = self.find_ledger(name)?;
        let mut fingerprint = [0; 32];
        fingerprint.iter_mut().zip(what.bytes()).for_each(|(to, from)| *to = from);
        match self.apply(Command::Claim { ledger, key: key.into(), fingerprint })? {
            Reply::Claim(Claim::Started(token)) => {
                self.tokens.push((name.into(), key.into(), token));
                Ok(vec!["started".into()])
            }
            Reply::Claim(Claim::InProgress { .. }) => Ok(vec!["in_progress".into()]),
            Reply::Claim(Claim::Done(result)) => {
                Ok(vec![format!("done:{}", text(result.as_bytes()))])
            }
            Reply::Claim(Claim::PayloadMismatch) => Ok(vec!["mismatch".into()]),
            other => Err(strange(&other)),
        }
    }

    /// The claim `key#n` that started as the nth of its key.
    fn token(&self, ledger: &str, name: &str) -> Answer<(LedgerId, ClaimToken)> {
        let (key, nth) = name.split_once('#').unwrap_or((name, "1"));
        let nth: usize = nth.parse().map_err(|_| Refused(format!("no claim `{name}`")))?;
        let mut of_key = self.tokens.iter().filter(|(of, named, _)| of == ledger && named == key);
        let token = nth.checked_sub(1).and_then(|skip| of_key.nth(skip));
        let (.., token) = token.ok_or_else(|| Refused(format!("no claim `{name}`")))?;
        Ok((self.find_ledger(ledger)?, token.clone()))
    }

    fn find_ledger(&self, name: &str) -> Answer<LedgerId> {
        self.ledgers.get(name).copied().ok_or_else(|| Refused(format!("no ledger `{name}`")))
    }
}

/// A copy and its state.
fn shown(copy: &CopyView) -> String {
    let state = match copy.state {
        CopyState::Ready => "ready",
        CopyState::Delayed { .. } => "delayed",
        CopyState::InFlight { .. } => "in_flight",
        CopyState::Blocked { .. } => "blocked",
    };
    format!("{}:{state}", text(copy.message.body.as_bytes()))
}
