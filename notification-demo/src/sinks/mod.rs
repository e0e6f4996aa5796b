//! Built-in providers: a sink per channel that keeps what it takes, and that can be made to fail.
//!
//! They declare a resend safe: a copy too many does no harm here and is counted. (The channels
//! are configured so: `ambiguous` is `resend`.)

mod inbox;
mod mode;

use std::{
    sync::{Arc, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use postroom_core::{Call, Entropy, Outcome};
use postroom_notification::{Channel, Content};
use postroom_runtime::{Clock, Provider};

pub use self::{
    inbox::{Inbox, InboxMessage},
    mode::{Mode, ParseModeError},
};

/// The sinks of all channels.
#[derive(Clone, Debug)]
pub struct Sinks([Sink; 3]);

impl Sinks {
    /// Healthy sinks that time their messages by `clock`. In mode `slow` they take `slow` for a
    /// call; each inbox holds at most `inbox_max` messages.
    #[must_use]
    pub fn new(clock: Clock, slow: Duration, inbox_max: usize) -> Self {
        Self(Channel::ALL.map(|channel| Sink {
            channel,
            clock,
            slow,
            state: Arc::new(Mutex::new(State { mode: Mode::Ok, inbox: Inbox::new(inbox_max) })),
        }))
    }

    /// One channel's sink.
    #[must_use]
    pub fn channel(&self, channel: Channel) -> &Sink {
        let [push, email, sms] = &self.0;
        match channel {
            Channel::Push => push,
            Channel::Email => email,
            Channel::Sms => sms,
        }
    }
}

/// Takes the messages of one channel, as well as its mode lets it. Clones are the same sink.
#[derive(Clone, Debug)]
pub struct Sink {
    channel: Channel,
    clock: Clock,
    slow: Duration,
    state: Arc<Mutex<State>>,
}

#[derive(Debug)]
struct State {
    mode: Mode,
    inbox: Inbox,
}

/// Of 16 calls in mode `flaky`, so many fail before the message is taken.
const FLAKY_FAILS: u64 = 1;
/// Of 16 calls in mode `flaky`, so many take the message and lose the answer.
const FLAKY_LOSES: u64 = 1;

impl Sink {
    /// How it treats calls now.
    #[must_use]
    pub fn mode(&self) -> Mode {
        self.state().mode
    }

    /// Changes how it treats calls that begin from now on.
    pub fn set_mode(&self, mode: Mode) {
        self.state().mode = mode;
    }

    /// Looks at what it took. Calls wait meanwhile: be short.
    pub fn inbox<T>(&self, look: impl FnOnce(&Inbox) -> T) -> T {
        look(&self.state().inbox)
    }

    fn take(&self, call: &Call, answer: Answer) -> Outcome {
        let Ok(content) = Content::from_body(&call.message.body) else { return Outcome::Permanent };
        let Some(to) = address(self.channel, &content) else { return Outcome::Permanent };
        let received_at = self.clock.now();
        let message = InboxMessage::new(self.channel, to, content, &call.message, received_at);
        let lost = answer == Answer::Lost;
        self.state().inbox.take(call.message.id, message, lost);
        if lost { Outcome::Ambiguous } else { Outcome::Delivered }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing that is done under the lock panics half-way.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Provider for Sink {
    async fn call(&self, call: &Call) -> Outcome {
        match self.mode() {
            Mode::Ok => self.take(call, Answer::Given),
            Mode::Fail => Outcome::Transient,
            Mode::Hang => std::future::pending().await,
            Mode::Slow => {
                tokio::time::sleep(self.slow).await;
                self.take(call, Answer::Given)
            }
            Mode::Flaky => match flaky_draw(call) {
                draw if draw < FLAKY_FAILS => Outcome::Transient,
                draw if draw < FLAKY_FAILS + FLAKY_LOSES => self.take(call, Answer::Lost),
                _ => self.take(call, Answer::Given),
            },
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Answer {
    Given,
    Lost,
}

/// From 0 to 15: every call draws afresh, the same in every run.
fn flaky_draw(call: &Call) -> u64 {
    let consumer = u64::from(call.id.consumer.number());
    Entropy::default().draw_up_to(15, &[consumer, call.id.call.number()])
}

fn address(channel: Channel, content: &Content) -> Option<String> {
    let text = match channel {
        Channel::Push => content.push()?.as_str(),
        Channel::Email => content.email()?.as_str(),
        Channel::Sms => content.sms()?.as_str(),
    };
    Some(text.to_owned())
}

#[cfg(test)]
mod tests {
    use postroom_core::{
        Address, CallId, CallRef, ConsumerId, Message, MessageId, NewMessage, QueueId, Timestamp,
        TopicId,
    };
    use postroom_notification::demo_notification;

    use super::*;

    #[tokio::test(start_paused = true)]
    async fn a_healthy_sink_takes_and_a_failing_one_does_not() {
        let sink = sink();
        assert_eq!(sink.call(&call(1, 1)).await, Outcome::Delivered);
        sink.set_mode(Mode::Fail);
        assert_eq!(sink.call(&call(2, 2)).await, Outcome::Transient);
        assert_eq!(sink.inbox(Inbox::count), 1);
        let to = sink.inbox(|inbox| inbox.newest(1)[0].to.clone());
        assert_eq!(to, demo_notification(1).to.sms.unwrap().as_str());
    }

    #[tokio::test(start_paused = true)]
    async fn a_hanging_sink_never_takes_even_if_it_is_healed() {
        let sink = sink();
        sink.set_mode(Mode::Hang);
        let hung = sink.clone();
        let call = tokio::spawn(async move { hung.call(&call(1, 1)).await });
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        sink.set_mode(Mode::Ok);
        tokio::time::sleep(Duration::from_secs(3_600)).await;
        assert!(!call.is_finished());
        assert_eq!(sink.inbox(Inbox::count), 0);
    }

    #[tokio::test(start_paused = true)]
    async fn a_slow_sink_takes_its_time() {
        let sink = sink();
        sink.set_mode(Mode::Slow);
        let began = tokio::time::Instant::now();
        assert_eq!(sink.call(&call(1, 1)).await, Outcome::Delivered);
        assert_eq!(began.elapsed(), Duration::from_secs(1));
    }

    #[tokio::test]
    async fn a_flaky_sink_counts_the_copies_that_lost_answers_cause() {
        let sink = sink();
        sink.set_mode(Mode::Flaky);
        let (mut failed, mut lost, mut calls) = (0, 0, 0);
        for number in 0..1_000 {
            loop {
                calls += 1;
                match sink.call(&call(number, calls)).await {
                    Outcome::Delivered => break,
                    Outcome::Transient => failed += 1,
                    Outcome::Ambiguous => lost += 1,
                    other => panic!("{other:?}"),
                }
            }
        }
        assert!((40..100).contains(&failed), "{failed} of {calls} failed");
        assert!((40..100).contains(&lost), "{lost} of {calls} lost their answer");
        sink.inbox(|inbox| {
            assert_eq!(inbox.count(), 1_000, "nothing is lost");
            assert_eq!((inbox.duplicates(), inbox.answers_lost()), (lost, lost));
            assert!(inbox.newest(1_000).iter().all(|m| m.copies == m.answers_lost + 1));
        });
    }

    #[tokio::test]
    async fn what_is_no_notification_is_refused_for_good() {
        let mut strange = call(1, 1);
        strange.message.body = "order 17".into();
        assert_eq!(sink().call(&strange).await, Outcome::Permanent);
    }

    fn sink() -> Sink {
        let sinks = Sinks::new(Clock::starting_at(Timestamp::ZERO), Duration::from_secs(1), 1_000);
        sinks.channel(Channel::Sms).clone()
    }

    fn call(message: u64, call: u64) -> Call {
        let id = MessageId { address: Address::Topic(TopicId::new(0)), number: message };
        let new = demo_notification(message);
        let content = Content {
            to: new.to,
            event: new.event,
            severity: new.severity,
            title: new.title,
            body: new.body,
        };
        let body = serde_json::to_vec(&content).unwrap();
        let message = Message::new(id, Timestamp::ZERO, NewMessage::new(body));
        Call {
            id: CallRef { consumer: ConsumerId::new(2), call: CallId::new(call) },
            queue: QueueId::new(0),
            message,
            delivery: 1,
            deadline: Timestamp::from_millis(2_000),
        }
    }
}
