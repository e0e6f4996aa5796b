//! A host for tests: a clock that jumps from deadline to deadline, and providers that answer at
//! once or never.

use std::collections::VecDeque;

use postroom_core::{
    At, Blueprint, CallRef, Effect, Entropy, Event, Hosted, Machine, Outcome, Span, Timestamp,
};

use crate::{
    Channel, NotificationCommand, NotificationError, NotificationReply, NotificationSystem,
    Notifications,
};

/// What a provider does with a call; none hangs.
pub(crate) type Provider = fn(call: u64) -> Option<Outcome>;

pub(crate) const TAKES: Provider = |_| Some(Outcome::Delivered);
pub(crate) const FAILS: Provider = |_| Some(Outcome::Transient);
pub(crate) const HANGS: Provider = |_| None;

pub(crate) struct World {
    pub(crate) notifications: Notifications,
    pub(crate) now: Timestamp,
    pub(crate) providers: [Provider; 3],
    pub(crate) events: Vec<(Timestamp, Event)>,
    /// Calls per channel so far.
    pub(crate) calls: [u64; 3],
}

impl World {
    pub(crate) fn new(system: &NotificationSystem) -> Self {
        let now = Timestamp::from_millis(1_000);
        let mut events = Vec::new();
        let notifications = system.build(At::time(now), &mut events).unwrap();
        Self { notifications, now, providers: [TAKES; 3], events, calls: [0; 3] }
    }

    pub(crate) fn demo() -> Self {
        Self::new(&NotificationSystem::default())
    }

    pub(crate) fn apply(
        &mut self,
        command: NotificationCommand,
    ) -> Result<NotificationReply, NotificationError> {
        let at = At { now: self.now, entropy: Entropy::new(self.now.as_micros()) };
        let reply = self.notifications.apply(at, command, &mut self.events);
        let mut answers = VecDeque::new();
        loop {
            while let Some(effect) = self.notifications.poll_effect() {
                if let Effect::Start(call) = effect {
                    answers.extend(self.call(call.id).map(|outcome| (call.id, outcome)));
                }
            }
            let Some((call, outcome)) = answers.pop_front() else { return reply };
            let finished = Notifications::call_finished(call, outcome);
            self.notifications.apply(at, finished, &mut self.events).unwrap();
        }
    }

    pub(crate) fn accept(&mut self, number: u64) -> crate::Accepted {
        let command = NotificationCommand::Accept(Box::new(crate::demo_notification(number)));
        match self.apply(command) {
            Ok(NotificationReply::Accepted(accepted)) => accepted,
            other => panic!("{other:?}"),
        }
    }

    /// Lets time pass, deadline by deadline.
    pub(crate) fn run(&mut self, span: Span) {
        let until = self.now + span;
        while let Some(deadline) = self.notifications.next_deadline().filter(|d| *d <= until) {
            assert!(deadline > self.now, "a deadline at {deadline:?} does not go away");
            self.now = deadline;
            self.apply(NotificationCommand::Tick).unwrap();
        }
        self.now = until;
        self.apply(NotificationCommand::Tick).unwrap();
    }

    fn call(&mut self, call: CallRef) -> Option<Outcome> {
        let ids = self.notifications.wiring().channels;
        let index = ids.iter().position(|ids| ids.consumer == call.consumer).unwrap();
        self.calls[index] += 1;
        self.providers[index](self.calls[index])
    }

    pub(crate) fn set(&mut self, channel: Channel, provider: Provider) {
        self.providers[channel.index()] = provider;
    }
}
