//! A fault that is being put together as a sentence: whom, what, from when, until when.

use postroom_core::Timestamp;
use postroom_simulator::{AnswerLost, Fault, Mode, Scenario, Topology, Trouble, World};

use crate::sandbox::build::Edited;

/// Whom a fault befalls.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Whom {
    /// A worker and its provider, which have one name.
    Worker(String),
    /// Somebody who sends.
    Producer(String),
    /// The clock of the whole system.
    Clock,
}

/// What can befall somebody, as the reader chooses it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// The provider never answers.
    Hang,
    /// The provider refuses.
    Fail,
    /// The provider takes three seconds longer.
    Slow,
    /// Every third call fails.
    Flaky,
    /// The provider fails at some messages, at every attempt.
    Poisoned,
    /// The worker's process dies.
    Crash,
    /// What the worker tells its queue is lost, always.
    AcksLost,
    /// The worker's network is down.
    CutOff,
    /// The producer's network is down.
    ProducerCutOff,
    /// Half of what is sent gets no answer, and may be sent again.
    AnswersLost,
    /// 200 messages at once.
    Burst,
    /// The clock jumps a minute ahead.
    ClockJump,
}

/// A sentence about a fault.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Draft {
    /// Its subject.
    pub whom: Whom,
    /// Its verb.
    pub kind: Kind,
    /// When, in seconds.
    pub from_s: u64,
    /// Until when; for good if that is not later.
    pub until_s: u64,
}

const SLOW_EXTRA_MS: u64 = 3_000;
const FLAKY_PERCENT: u32 = 33;
const POISONED_PERCENT: u32 = 10;
const ANSWERS_PERCENT: u32 = 50;
const BURST_COUNT: u32 = 200;
const JUMP_MS: u64 = 60_000;
/// A run is well under way then, in seconds.
const FIRST_S: u64 = 10;
/// The latest second that can be written.
pub const SECONDS_MAX: u64 = 86_400;

const OF_WORKERS: &[Kind] = &[
    Kind::Hang,
    Kind::Fail,
    Kind::Slow,
    Kind::Flaky,
    Kind::Poisoned,
    Kind::Crash,
    Kind::AcksLost,
    Kind::CutOff,
];
const OF_PRODUCERS: &[Kind] = &[Kind::Burst, Kind::ProducerCutOff, Kind::AnswersLost];

impl Whom {
    /// Everybody in a scenario whom a fault can befall.
    #[must_use]
    pub fn all(scenario: &Scenario<Topology>) -> Vec<Self> {
        let is_worker =
            |name: &str| scenario.system.consumers.iter().any(|consumer| consumer.name == name);
        let workers = scenario.providers.iter().filter(|provider| is_worker(&provider.name));
        let workers = workers.map(|provider| Self::Worker(provider.name.clone()));
        let producers = scenario.producers.iter().map(|each| Self::Producer(each.name.clone()));
        workers.chain(producers).chain([Self::Clock]).collect()
    }

    /// What it is called.
    #[must_use]
    pub fn name(&self) -> &str {
        match self {
            Self::Worker(name) | Self::Producer(name) => name,
            Self::Clock => "the clock",
        }
    }

    /// What can befall it.
    #[must_use]
    pub fn kinds(&self) -> &'static [Kind] {
        match self {
            Self::Worker(_) => OF_WORKERS,
            Self::Producer(_) => OF_PRODUCERS,
            Self::Clock => &[Kind::ClockJump],
        }
    }
}

impl Kind {
    /// The verb.
    #[must_use]
    pub fn words(self) -> &'static str {
        match self {
            Self::Hang => "hangs",
            Self::Fail => "fails",
            Self::Slow => "takes 3 s longer",
            Self::Flaky => "fails every third call",
            Self::Poisoned => "chokes on every tenth message",
            Self::Crash => "is down",
            Self::AcksLost => "loses what it tells its queue",
            Self::CutOff | Self::ProducerCutOff => "is cut off",
            Self::AnswersLost => "gets no answer to every other message",
            Self::Burst => "sends 200 at once",
            Self::ClockJump => "jumps a minute ahead",
        }
    }

    /// Whether it is over in a moment.
    #[must_use]
    pub fn is_a_moment(self) -> bool {
        matches!(self, Self::Burst | Self::ClockJump)
    }
}

impl Draft {
    /// The first sentence that a scenario offers: for half a minute from this time on, or from when
    /// a run is under way.
    #[must_use]
    pub fn first(scenario: &Scenario<Topology>, now: Timestamp) -> Self {
        let whom = Whom::all(scenario).into_iter().next().unwrap_or(Whom::Clock);
        let kind = whom.kinds()[0];
        let from_s = (now.as_micros() / 1_000_000).clamp(FIRST_S, SECONDS_MAX - 30);
        Self { whom, kind, from_s, until_s: from_s + 30 }
    }

    /// The same about somebody else, whom the same befalls if it can.
    #[must_use]
    pub fn about(self, whom: Whom) -> Self {
        let kinds = whom.kinds();
        let kind = kinds.iter().find(|kind| **kind == self.kind).unwrap_or(&kinds[0]);
        Self { kind: *kind, whom, ..self }
    }

    /// What happens.
    #[must_use]
    pub fn trouble(&self) -> Trouble {
        let name = || self.whom.name().to_owned();
        let mode = |mode| Trouble::Mode { provider: name(), mode };
        match self.kind {
            Kind::Hang => mode(Mode::Hanging),
            Kind::Fail => mode(Mode::Failing),
            Kind::Slow => mode(Mode::Slow { extra_ms: SLOW_EXTRA_MS }),
            Kind::Flaky => {
                mode(Mode::Flaky { fail_percent: FLAKY_PERCENT, answer_lost: AnswerLost::Never })
            }
            Kind::Poisoned => mode(Mode::Poisoned { percent: POISONED_PERCENT }),
            Kind::Crash => Trouble::Crash { worker: name() },
            Kind::AcksLost => Trouble::AcksLost { worker: name(), percent: 100 },
            Kind::CutOff => Trouble::WorkerCutOff { worker: name() },
            Kind::ProducerCutOff => Trouble::ProducerCutOff { producer: name() },
            Kind::AnswersLost => {
                Trouble::AnswersLost { producer: name(), percent: ANSWERS_PERCENT }
            }
            Kind::Burst => Trouble::Burst { producer: name(), count: BURST_COUNT },
            Kind::ClockJump => Trouble::ClockJump { by_ms: JUMP_MS },
        }
    }

    /// The fault of the sentence.
    #[must_use]
    pub fn fault(&self) -> Fault {
        let fault = Fault::new(self.from_s * 1_000, self.trouble());
        if self.kind.is_a_moment() || self.until_s <= self.from_s {
            fault
        } else {
            fault.until(self.until_s * 1_000)
        }
    }
}

/// The scenario with one more fault.
///
/// # Errors
/// Why it would not run.
pub fn with_fault(scenario: &Scenario<Topology>, fault: Fault) -> Result<Edited, String> {
    let words = format!("Written: {fault}.");
    let mut scenario = scenario.clone();
    scenario.faults.push(fault);
    World::new(scenario.clone(), &mut ()).map_err(|error| error.to_string())?;
    Ok(Edited { scenario, part: None, words })
}

/// The scenario without one of its faults.
#[must_use]
pub fn without_fault(scenario: &Scenario<Topology>, place: usize) -> Option<Edited> {
    let words = format!("Deleted: {}.", scenario.faults.get(place)?);
    let mut scenario = scenario.clone();
    scenario.faults.remove(place);
    Some(Edited { scenario, part: None, words })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sandbox::{build::text_of, templates::TEMPLATES, text::open};

    #[test]
    fn every_sentence_about_every_template_runs_and_comes_back_from_the_text() {
        for template in &TEMPLATES {
            let scenario = open(template.document).expect("a scenario").scenario;
            let first = Draft::first(&scenario, Timestamp::from_millis(12_300));
            assert_eq!((first.from_s, first.until_s), (12, 42));
            for whom in Whom::all(&scenario) {
                for kind in whom.kinds() {
                    let draft = Draft { kind: *kind, ..first.clone().about(whom.clone()) };
                    let edited = with_fault(&scenario, draft.fault());
                    let edited = edited.unwrap_or_else(|why| panic!("{}: {why}", template.id));
                    let again = open(&text_of(&edited.scenario)).expect("a scenario").scenario;
                    assert_eq!(again.faults.last(), Some(&draft.fault()));
                    let place = again.faults.len() - 1;
                    let back = without_fault(&again, place).expect("it is there").scenario;
                    assert_eq!(back, *scenario);
                    assert_eq!(without_fault(&again, place + 1), None);
                }
            }
        }
    }

    #[test]
    fn what_cannot_befall_somebody_else_gives_way() {
        let scenario = open(TEMPLATES[0].document).expect("a scenario").scenario;
        let draft = Draft { kind: Kind::Crash, ..Draft::first(&scenario, Timestamp::ZERO) };
        let draft = draft.about(Whom::Clock);
        assert_eq!((draft.kind, draft.fault().until_ms), (Kind::ClockJump, None));
    }

    #[test]
    fn a_time_that_is_no_later_means_for_good() {
        let scenario = open(TEMPLATES[0].document).expect("a scenario").scenario;
        let draft = Draft::first(&scenario, Timestamp::ZERO);
        assert_eq!(Draft { until_s: 0, ..draft }.fault().until_ms, None);
    }

    #[test]
    fn one_fault_too_many_is_refused_in_words() {
        let scenario = open(TEMPLATES[0].document).expect("a scenario").scenario;
        let fault = Fault::mode(0, "nobody", Mode::Failing);
        let why = with_fault(&scenario, fault).expect_err("there is no such provider");
        assert!(why.contains("nobody"), "{why}");
    }
}
