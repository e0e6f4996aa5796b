//! Providers at work: how each call ends, and when.

use std::{collections::VecDeque, sync::Arc};

use postroom_core::{
    Call, CallRef, ClaimToken, Entropy, Message, MessageId, Outcome, QueueId, Span, Timestamp,
    digest_of,
    patterns::{OUTBOX_ATTRIBUTE, message_key},
};

use crate::{
    latency::Latency,
    memory::{Known, Memory},
    mode::Mode,
    scenario::Provider,
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
    /// If it recognises what it took before.
    memory: Option<Memory>,
    /// It works itself, and publishes what it makes: it needs to know what it works on.
    publishes: bool,
    published: u64,
    /// So many of a hundred settlements are lost on their way to the queue.
    acks_lost: u32,
    fates: Stream,
    answers: Stream,
}

/// A provider with its consumer, and the leases that their queue remembers.
const PROVIDER_BYTES: u64 = 12 << 10;
/// A call with its place, its lease and its timers.
const CALL_BYTES: u64 = 320;
/// What a provider remembers of a message, with its places in two indices.
const CLAIM_BYTES: u64 = 256;

/// When something comes of a call, and which of the calls it is.
type Place = (Timestamp, u64);

/// What comes of a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
struct Fate {
    call: CallRef,
    copy: (QueueId, MessageId),
    takes: bool,
    /// None once the caller has given up.
    answer: Option<Outcome>,
    rare: Option<Box<Rare>>,
}

/// What few calls have.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash)]
struct Rare {
    claim: Option<ClaimToken>,
    message: Option<Message>,
    /// A digest of what the sender called it.
    identity: Option<u64>,
}

/// A call that ended.
pub(crate) struct Ended {
    /// None once the caller has given up.
    pub(crate) answer: Option<Answer>,
    /// What was worked on, if something is to be published for it.
    pub(crate) worked_on: Option<Message>,
    /// To be completed when all is done.
    pub(crate) claim: Option<ClaimToken>,
}

/// The answer to a call.
pub(crate) struct Answer {
    pub(crate) call: CallRef,
    pub(crate) outcome: Outcome,
    /// For the command that reports it.
    pub(crate) entropy: Entropy,
    /// The caller gets it, but what it tells its queue is lost.
    pub(crate) settled_in_vain: bool,
}

/// What each part of a fate is drawn for.
pub(crate) const LATENCY: u64 = 0;
pub(crate) const FAILURE: u64 = 1;
/// What else is drawn for an answer.
const ACK_LOST: u64 = 0;

impl ProviderState {
    pub(crate) fn new(provider: &Provider, seed: u64, publishes: bool) -> Self {
        Self {
            name: provider.name.as_str().into(),
            mode: provider.mode,
            latency: provider.latency_ms,
            calls: 0,
            due: VecDeque::new(),
            places: Vec::new(),
            taken: Taken::default(),
            memory: provider.remembers_ms.map(|keep| Memory::new(Span::from_millis(keep))),
            publishes,
            published: 0,
            acks_lost: 0,
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

    pub(crate) fn set_acks_lost(&mut self, percent: u32) {
        self.acks_lost = percent;
    }

    /// About how many bytes a clone takes that nothing else shares, with what the engine keeps for
    /// whom it works.
    pub(crate) fn bytes(&self) -> u64 {
        let remembered = if self.memory.is_some() { self.taken.total() } else { 0 };
        let calls = self.due.len() as u64 * CALL_BYTES;
        PROVIDER_BYTES + calls + self.taken.bytes() + remembered * CLAIM_BYTES
    }

    pub(crate) fn publishes(&self) -> bool {
        self.publishes
    }

    /// Counts a message that it publishes: the number of it.
    pub(crate) fn publish(&mut self) -> u64 {
        self.published += 1;
        self.published - 1
    }

    /// The process that worked is gone, with all that it had under way.
    pub(crate) fn drop_calls(&mut self) {
        self.due.clear();
        self.places.clear();
    }

    /// Everything under way ends so much later by the clock of the world.
    pub(crate) fn shift(&mut self, by: Span) {
        self.due.iter_mut().for_each(|((at, _), _)| *at = *at + by);
        self.places.iter_mut().for_each(|(_, (at, _))| *at = *at + by);
    }

    /// The work that was claimed is done, or came to nothing.
    pub(crate) fn end_claim(&mut self, claim: ClaimToken, done: bool, now: Timestamp) {
        if let Some(memory) = &mut self.memory {
            memory.end(&claim, done, now);
        }
    }

    #[inline]
    pub(crate) fn next_at(&self) -> Option<Timestamp> {
        self.due.front().map(|((at, _), _)| *at)
    }

    #[inline]
    pub(crate) fn start(&mut self, call: &Call, now: Timestamp) {
        let number = self.calls;
        self.calls += 1;
        let entropy = self.fates.draw(number);
        let of_message = || self.fates.draw(digest_of(&message_key(&call.message)));
        let Some((mut takes, mut answer)) = self.mode.fate(entropy, of_message) else { return };
        let mut claim = None;
        if let Some(memory) = self.memory.as_mut().filter(|_| takes) {
            match memory.meet(&call.message, now) {
                Known::New(token) => claim = Some(token),
                Known::Busy => (takes, answer) = (false, Outcome::Transient),
                Known::Taken if answer == Outcome::Delivered => {
                    (takes, answer) = (false, Outcome::Repeated);
                }
                Known::Taken => takes = false,
            }
        }
        let message = (takes && self.publishes).then(|| call.message.clone());
        let identity = call.message.attributes().get(OUTBOX_ATTRIBUTE).map(digest_of);
        let is_rare = claim.is_some() || message.is_some() || identity.is_some();
        let rare = is_rare.then(|| Box::new(Rare { claim, message, identity }));
        let place = (now + self.latency.draw(entropy, LATENCY) + self.mode.extra(), number);
        let copy = (call.queue, call.message.id);
        let fate = Fate { call: call.id, copy, takes, answer: Some(answer), rare };
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

    /// The first fate comes true.
    #[inline]
    pub(crate) fn finish(&mut self) -> Option<Ended> {
        let ((_, number), fate) = self.due.pop_front()?;
        let Rare { claim, message, identity } = fate.rare.map(|rare| *rare).unwrap_or_default();
        if fate.takes {
            self.taken.add(fate.copy.0, fate.copy.1, identity);
        }
        let call = fate.call;
        let answer = fate.answer.map(|outcome| {
            self.forget_place(call);
            let entropy = self.answers.draw(number);
            let lost = self.acks_lost > 0
                && entropy.draw_up_to(99, &[ACK_LOST]) < u64::from(self.acks_lost);
            Answer { call, outcome, entropy, settled_in_vain: lost }
        });
        Some(Ended { answer, worked_on: message, claim })
    }

    #[inline]
    fn forget_place(&mut self, call: CallRef) -> Option<Place> {
        let index = self.places.binary_search_by(|(other, _)| other.cmp(&call)).ok()?;
        Some(self.places.remove(index).1)
    }
}
