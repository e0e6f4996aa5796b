//! Bad weather: crashes, lost replies, duplicates, clocks that jump, receipts of strangers. Every
//! seed chooses its own mix, and the invariants hold in all of them.

use postroom_core::{
    At, Bug, Claim, Command, Engine, Entropy, Event, Jitter, Machine, QueueId, Receipt, Reply,
    Settle, Snapshot, Span, Timestamp,
};

use crate::{
    chance::Chance,
    drive::{Driver, Outcome, forge},
    marks::{self, Marks},
    script::{Action, Jump, Step, Which},
    seeds::{first_failure, seeds},
    watch::{LONG, Watch},
    weather::Weather,
};

const SEEDS: u64 = 10_000;
pub(crate) const STEPS: u32 = 1_000;

/// Steps between two sweeps over everything.
const SWEEP_EVERY: u32 = 64;

/// Commands that a crash has to replay, at most.
const REPLAY_MAX: usize = 50;

#[test]
fn the_invariants_hold_in_any_weather() {
    let mut all = Marks::default();
    let range = seeds(SEEDS);
    let whole = range.end - range.start >= SEEDS;
    let failure = first_failure(range, |seed| run(seed, STEPS, None), |marks| all.add_all(marks));
    if let Some((seed, text)) = failure {
        panic!("seed {seed}: {text}\nrun it alone: POSTROOM_SEEDS={seed}..{}", seed + 1);
    }
    let missing = all.missing();
    assert!(!whole || missing.is_empty(), "no seed reached {missing:?}");
}

/// One seed's weather; what it reached, or which invariant it broke.
pub(crate) fn run(seed: u64, steps: u32, bug: Option<Bug>) -> Result<Marks, String> {
    let jitter = Chance::new(seed ^ 0xA5A5).pick(&[Jitter::None, Jitter::Equal, Jitter::Full]);
    let mut storm = Storm::new(seed, jitter, bug);
    for step in 0..steps {
        storm.step().map_err(|text| format!("step {step}: {text}"))?;
        if step % SWEEP_EVERY == 0 {
            storm.sweep().map_err(|text| format!("step {step}: {text}"))?;
        }
    }
    storm.sweep()?;
    storm.drain().map_err(|text| format!("after the storm: {text}"))?;
    Ok(storm.marks)
}

/// How often what goes wrong: one in so many steps, never if zero.
struct Faults {
    crash: u64,
    lost_reply: u64,
    duplicate: u64,
    hostile: u64,
    mistake: u64,
}

struct Storm {
    chance: Chance,
    faults: Faults,
    weather: Weather,
    driver: Driver,
    watch: Watch,
    marks: Marks,
    saved: Snapshot,
    /// The commands since.
    log: Vec<(At, Command)>,
}

impl Storm {
    fn new(seed: u64, jitter: Jitter, bug: Option<Bug>) -> Self {
        let mut chance = Chance::new(seed ^ 0x5757);
        let mut often = |choices: &[u64]| chance.pick(choices);
        let faults = Faults {
            crash: often(&[0, 30, 200]),
            lost_reply: often(&[0, 5, 50]),
            duplicate: often(&[0, 5, 50]),
            hostile: often(&[0, 10, 100]),
            mistake: often(&[0, 50]),
        };
        let weather = Weather::new(seed, jitter);
        let driver = Driver::new(weather.layout(), bug);
        let watch = Watch::new(weather.layout());
        let saved = driver.engine.snapshot();
        let (marks, log) = (Marks::default(), Vec::new());
        Self { chance, faults, weather, driver, watch, marks, saved, log }
    }

    fn step(&mut self) -> Result<(), String> {
        let step = self.weather.step();
        match step.after {
            Jump::Back(_) => self.marks.add("the clock is set back"),
            Jump::Forward(span) if span >= Span::from_secs(365 * 24 * 3_600) => {
                self.marks.add("a year passes at once");
            }
            _ => {}
        }
        if self.falls(self.faults.crash) {
            self.crash()?;
        }
        if self.falls(self.faults.hostile) {
            self.hostile(&step)?;
        }
        if self.falls(self.faults.mistake) {
            self.mistake()?;
        }
        if matches!(step.does, Action::Restart) {
            self.driver.restart();
        }
        let at = self.at(&step);
        let command = self.driver.command(&step.does);
        let late = self.late_receipt(&step, at);
        let outcome = self.apply(at, command.clone())?;
        if late {
            self.check_late(&command, &outcome)?;
        }
        if self.falls(self.faults.lost_reply) {
            self.lose_reply(at, &command, &outcome)?;
        }
        if self.falls(self.faults.duplicate) {
            self.marks.add("a command comes twice");
            self.apply(at, command)?;
        }
        Ok(())
    }

    fn falls(&mut self, one_in: u64) -> bool {
        one_in > 0 && self.chance.one_in(one_in)
    }

    fn at(&mut self, step: &Step) -> At {
        At { now: self.driver.move_clock(step.after), entropy: Entropy::new(step.entropy) }
    }

    fn apply(&mut self, at: At, command: Command) -> Result<Outcome, String> {
        if self.log.len() >= REPLAY_MAX {
            self.saved = self.driver.engine.snapshot();
            self.log.clear();
        }
        self.log.push((at, command.clone()));
        let outcome = self.driver.apply(at, command.clone());
        self.marks.take(&outcome);
        let seen = self.watch.see(&self.driver.engine, &command, &outcome);
        seen.map_err(|text| format!("{command:?} at {:?}: {text}\n{:?}", at.now, outcome.events))?;
        Ok(outcome)
    }

    /// The process dies: what was written down, and the commands since, give the same state.
    fn crash(&mut self) -> Result<(), String> {
        self.marks.add("a crash, and a replay");
        let text = serde_json::to_string(&self.saved).expect("it is plain data");
        let saved: Snapshot = serde_json::from_str(&text).expect("it was just written");
        let mut engine = Engine::restore(saved).map_err(|error| format!("26: {error}"))?;
        self.driver.plant_in(&mut engine);
        for (at, command) in &self.log {
            // Its answer went out before the crash.
            let _ = engine.apply(*at, command.clone(), &mut ());
        }
        if engine.digest() != self.driver.engine.digest() {
            return Err("27: the replay came to another state".into());
        }
        self.driver.go_on_with(engine);
        Ok(())
    }

    /// The command was carried out and nobody heard of it: the client asks again.
    fn lose_reply(&mut self, at: At, command: &Command, first: &Outcome) -> Result<(), String> {
        match (command, &first.reply) {
            (Command::Publish { message, .. }, Ok(Reply::Published(published)))
                if message.dedup_key.is_some() =>
            {
                let again = self.apply(at, command.clone())?;
                let Ok(Reply::Published(second)) = again.reply else {
                    // A window of no length remembers nothing.
                    return Ok(());
                };
                if second.duplicate {
                    self.marks.add("a publish is asked for again");
                }
                if second.duplicate && second.message != published.message {
                    return Err(format!(
                        "17: {} is told to be {}",
                        published.message, second.message
                    ));
                }
                if !second.duplicate && published.duplicate {
                    return Err("17: a key held, and no longer".into());
                }
            }
            (Command::Settle { how: Settle::Ack, .. }, Ok(_)) => {
                self.marks.add("a settlement is asked for again");
                let again = self.apply(at, command.clone())?;
                if again.reply != Ok(Reply::Done) || again.events.iter().any(is_settled) {
                    return Err(format!(
                        "{command:?} at {at:?} did {:?}, again {:?} {:?}",
                        first.events, again.reply, again.events
                    ));
                }
            }
            (Command::Receive { .. }, Ok(Reply::Received(lost))) if !lost.is_empty() => {
                self.marks.add("deliveries are lost on the way");
                let kept = self.driver.deliveries.len() - lost.len();
                self.driver.deliveries.truncate(kept);
            }
            _ => {}
        }
        Ok(())
    }

    /// Whether a step settles with a receipt whose lease has ended.
    fn late_receipt(&mut self, step: &Step, at: At) -> bool {
        let which = match step.does {
            Action::Settle { which, .. } | Action::Extend { which, .. } => which,
            _ => return false,
        };
        let Which::Given(back) = which else { return false };
        let Some(delivery) = self.driver.deliveries.iter().rev().nth(back as usize) else {
            return false;
        };
        let now = at.now.max(self.driver.engine.now());
        let (queue, lease) = (delivery.receipt.queue(), delivery.receipt.lease().number());
        !self.watch.is_sqs(queue) && !self.watch.lasts(queue, lease, now)
    }

    /// 5: a receipt whose lease is over does nothing; it is fine only if it was acknowledged.
    fn check_late(&mut self, command: &Command, outcome: &Outcome) -> Result<(), String> {
        self.marks.add("a stale receipt");
        let acts = |(_, event): &(Timestamp, Event)| {
            matches!(
                event,
                Event::Acked { .. }
                    | Event::Released { .. }
                    | Event::RetryScheduled { .. }
                    | Event::LeaseExtended { .. }
            )
        };
        match outcome.events.iter().find(|event| acts(event)) {
            Some(event) => Err(format!("5: {command:?} is late, and did {event:?}")),
            None => Ok(()),
        }
    }

    /// A receipt that somebody made up, or changed, is refused and changes nothing, or is a true
    /// one by accident.
    fn hostile(&mut self, step: &Step) -> Result<(), String> {
        let at = self.at(step);
        self.apply(at, Command::Tick)?;
        let Some(receipt) = self.changed_receipt() else { return Ok(()) };
        self.marks.add("a receipt that was changed");
        let before = self.driver.engine.digest();
        let held = self.watch.is_held(receipt.queue(), receipt.lease().number());
        let how = self.chance.pick(&[Settle::Ack, Settle::Release]);
        let command = match self.chance.one_in(3) {
            true => Command::Extend { receipt, by: Span::from_secs(1) },
            false => Command::Settle { receipt, how },
        };
        let outcome = self.apply(at, command.clone())?;
        let changed = self.driver.engine.digest() != before;
        let lenient = self.watch.is_sqs(receipt.queue());
        match outcome.reply {
            Err(_) if changed => Err(format!("5: {command:?} was refused, and changed the state")),
            Ok(_) if changed && !held && !lenient => {
                Err(format!("5: {command:?} acted, and nobody held that lease"))
            }
            _ => Ok(()),
        }
    }

    fn changed_receipt(&mut self) -> Option<Receipt> {
        let count = self.driver.deliveries.len() as u64;
        if count == 0 || self.chance.one_in(5) {
            let queue = QueueId::new(self.chance.below(6) as u32);
            return Some(forge(queue, self.chance.below(u64::MAX)));
        }
        let place = self.chance.below(count.min(20)) as usize;
        let receipt = self.driver.deliveries.iter().rev().nth(place)?.receipt;
        let mut value = serde_json::to_value(receipt).ok()?;
        let fields: Vec<String> = value.as_object()?.keys().cloned().collect();
        let field = self.chance.pick(&fields);
        let any = self.chance.any() >> 1;
        let number = self.chance.pick(&[0, 1, 2, 3, 5, u64::from(u32::MAX), any]);
        value[field] = number.into();
        serde_json::from_value(value).ok()
    }

    /// A command that has to be refused, and named so.
    fn mistake(&mut self) -> Result<(), String> {
        let mistakes = marks::mistakes();
        let (command, expected) = self.chance.pick(&mistakes);
        let at = At { now: self.driver.clock, entropy: Entropy::new(0) };
        let outcome = self.apply(at, command.clone())?;
        match &outcome.reply {
            Err(error) if marks::error_name(error) == expected => Ok(()),
            other => Err(format!("{command:?} gave {other:?}, not {expected}")),
        }
    }

    fn sweep(&mut self) -> Result<(), String> {
        let engine = &self.driver.engine;
        engine.check_invariants().map_err(|violation| violation.to_string())?;
        self.watch.sweep(engine)
    }

    /// 30: once all is well and everybody works, everything comes to its end.
    fn drain(&mut self) -> Result<(), String> {
        let count = self.weather.layout().queues.len() as u32;
        for number in 0..count {
            let queue = QueueId::new(number);
            let at = At { now: self.driver.clock, entropy: Entropy::new(number.into()) };
            self.apply(at, Command::Resume { queue })?;
        }
        self.driver.clock = self.driver.clock + LONG + LONG;
        for round in 0..2_000 {
            if self.watch.depth() == 0 {
                return Ok(());
            }
            for number in 0..count {
                let queue = QueueId::new(number);
                let now = self.driver.clock.max(self.driver.engine.now());
                let at = At { now, entropy: Entropy::new(round) };
                let received = self.apply(at, Command::Receive { queue, max: 256, lease: None })?;
                let Ok(Reply::Received(deliveries)) = received.reply else { continue };
                for delivery in deliveries {
                    let (receipt, how) = (delivery.receipt, Settle::Ack);
                    self.apply(at, Command::Settle { receipt, how })?;
                }
            }
            if let Some(at) = self.driver.engine.next_deadline() {
                self.driver.clock = at;
            }
        }
        let stats = (0..count).map(|n| self.driver.engine.queue_stats(QueueId::new(n)));
        Err(format!("30: these never come to an end: {:?}", stats.collect::<Vec<_>>()))
    }
}

fn is_settled((_, event): &(Timestamp, Event)) -> bool {
    matches!(event, Event::Acked { .. })
}

/// What a claim was answered with.
pub(crate) fn claim_name(claim: &Claim) -> &'static str {
    match claim {
        Claim::Started(_) => "a claim is started",
        Claim::InProgress { .. } => "a claim is in progress",
        Claim::Done(_) => "a claim is done",
        Claim::PayloadMismatch => "a claim is for other work",
    }
}
