//! Providers at work: how each call ends, and when.

use std::{collections::VecDeque, sync::Arc};

use postroom_core::{Call, CallRef, Entropy, MessageId, Outcome, QueueId, Span, Timestamp};

use crate::{
    latency::Latency,
    scenario::{AnswerLost, Mode, Provider},
    stream::Stream,
    taken::Taken,
};

/// A provider in a world, to look at.
///
/// The fate of a call depends on the seed, the provider's name and mode, and the call's place
/// among the provider's calls: on nothing that happens elsewhere.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct ProviderState {
    name: Arc<str>,
    mode: Mode,
    latency: Latency,
    calls: u64,
    /// What comes of the calls under way, by when and in the order of their beginning.
    due: VecDeque<(Place, Fate)>,
    /// Where in `due` a call stands, by call.
    places: Vec<(CallRef, Place)>,
    taken: Taken,
    fates: Stream,
    answers: Stream,
}

/// When something comes of a call, and which of the calls it is.
type Place = (Timestamp, u64);

/// What comes of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Fate {
    call: CallRef,
    copy: (QueueId, MessageId),
    takes: bool,
    /// None once the caller has given up.
    answer: Option<Outcome>,
}

/// What each part of a fate is drawn for.
const LATENCY: u64 = 0;
const FAILURE: u64 = 1;

impl ProviderState {
    pub(crate) fn new(provider: &Provider, seed: u64) -> Self {
        Self {
            name: provider.name.as_str().into(),
            mode: provider.mode,
            latency: provider.latency_ms,
            calls: 0,
            due: VecDeque::new(),
            places: Vec::new(),
            taken: Taken::default(),
            fates: Stream::new(seed, &provider.name, "call"),
            answers: Stream::new(seed, &provider.name, "answer"),
        }
    }

    /// Its name, which is its consumer's.
    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }

    /// How it behaves.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Calls that it has got.
    #[must_use]
    pub fn calls(&self) -> u64 {
        self.calls
    }

    /// What it took.
    #[must_use]
    pub fn taken(&self) -> &Taken {
        &self.taken
    }

    pub(crate) fn set_mode(&mut self, mode: Mode) {
        self.mode = mode;
    }

    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.due.front().map(|((at, _), _)| *at)
    }

    pub(crate) fn start(&mut self, call: &Call, now: Timestamp) {
        let number = self.calls;
        self.calls += 1;
        let entropy = self.fates.draw(number);
        let Some((takes, answer)) = self.mode.fate(entropy) else { return };
        let place = (now + self.latency.draw(entropy, LATENCY) + self.mode.extra(), number);
        let copy = (call.queue, call.message.id);
        let fate = Fate { call: call.id, copy, takes, answer: Some(answer) };
        let index = self.due.partition_point(|(other, _)| *other < place);
        self.due.insert(index, (place, fate));
        let index = self.places.partition_point(|(other, _)| *other < call.id);
        self.places.insert(index, (call.id, place));
    }

    /// The caller gave up: no answer will come, but what is on its way is still taken.
    pub(crate) fn abandon(&mut self, call: CallRef) {
        let Some(place) = self.forget_place(call) else { return };
        let Ok(index) = self.due.binary_search_by(|(other, _)| other.cmp(&place)) else { return };
        let fate = &mut self.due[index].1;
        fate.answer = None;
        if !fate.takes {
            self.due.remove(index);
        }
    }

    /// The first fate comes true: its answer is returned, with entropy for the command.
    pub(crate) fn finish(&mut self) -> Option<(CallRef, Outcome, Entropy)> {
        let ((_, number), fate) = self.due.pop_front()?;
        if fate.takes {
            self.taken.add(fate.copy.0, fate.copy.1);
        }
        let answer = fate.answer?;
        self.forget_place(fate.call);
        Some((fate.call, answer, self.answers.draw(number)))
    }

    fn forget_place(&mut self, call: CallRef) -> Option<Place> {
        let index = self.places.binary_search_by(|(other, _)| other.cmp(&call)).ok()?;
        Some(self.places.remove(index).1)
    }
}

impl Mode {
    /// Whether the message is taken, and the answer; none if nothing ever comes of the call.
    fn fate(self, entropy: Entropy) -> Option<(bool, Outcome)> {
        let (fail_percent, answer_lost) = match self {
            Self::Hanging => return None,
            Self::Healthy | Self::Slow { .. } => (0, AnswerLost::Never),
            Self::Failing => (100, AnswerLost::Never),
            Self::Flaky { fail_percent, answer_lost } => (fail_percent, answer_lost),
        };
        if entropy.draw_up_to(99, &[FAILURE]) >= u64::from(fail_percent) {
            return Some((true, Outcome::Delivered));
        }
        Some(match answer_lost {
            AnswerLost::Never => (false, Outcome::Transient),
            AnswerLost::Before => (false, Outcome::Ambiguous),
            AnswerLost::After => (true, Outcome::Ambiguous),
        })
    }

    fn extra(self) -> Span {
        match self {
            Self::Slow { extra_ms } => Span::from_millis(extra_ms),
            Self::Healthy | Self::Failing | Self::Hanging | Self::Flaky { .. } => Span::ZERO,
        }
    }
}
