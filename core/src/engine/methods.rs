//! The commands as methods.

use alloc::vec::Vec;

use super::{
    Claim, ClaimError, ClaimToken, Command, ConfigureError, Engine, Error, ExtendError,
    Fingerprint, LedgerConfig, NoSuchQueue, PublishError, ReceiveError, Redrive, RedriveError,
    Redriven, Reply, Settle, SettleError, Subscribe, SubscriptionError, TopicConfig,
};
use crate::{
    id::{Address, LedgerId, QueueId, TopicId},
    machine::{At, Machine, Sink},
    message::{Body, Delivery, NewMessage, Published, Receipt},
    queue::QueueConfig,
    time::{Span, Timestamp},
};

/// Most methods make the command, apply it, and take the answer apart. Those called most often do
/// what applying their command does, without making it.
macro_rules! wrap {
    ($self:ident, $at:ident, $sink:ident, $command:expr, $error:ident, $reply:pat => $value:expr) => {
        match $self.apply($at, $command, $sink) {
            Ok($reply) => Ok($value),
            Err(Error::$error(error)) => Err(error),
            _ => unreachable!("a command is answered in its own terms"),
        }
    };
}

impl Engine {
    /// [`Command::Tick`].
    #[inline]
    pub fn tick(&mut self, at: At, sink: &mut impl Sink) {
        self.begin(at, sink);
    }

    /// [`Command::CreateQueue`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_queue(
        &mut self,
        at: At,
        name: &str,
        config: QueueConfig,
        sink: &mut impl Sink,
    ) -> Result<QueueId, ConfigureError> {
        let command = Command::CreateQueue { name: name.into(), config };
        wrap!(self, at, sink, command, Configure, Reply::Queue(queue) => queue)
    }

    /// [`Command::CreateTopic`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_topic(
        &mut self,
        at: At,
        name: &str,
        config: TopicConfig,
        sink: &mut impl Sink,
    ) -> Result<TopicId, ConfigureError> {
        let command = Command::CreateTopic { name: name.into(), config };
        wrap!(self, at, sink, command, Configure, Reply::Topic(topic) => topic)
    }

    /// [`Command::CreateLedger`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn create_ledger(
        &mut self,
        at: At,
        name: &str,
        config: LedgerConfig,
        sink: &mut impl Sink,
    ) -> Result<LedgerId, ConfigureError> {
        let command = Command::CreateLedger { name: name.into(), config };
        wrap!(self, at, sink, command, Configure, Reply::Ledger(ledger) => ledger)
    }

    /// [`Command::Subscribe`].
    ///
    /// # Errors
    /// As [`ConfigureError`] says.
    pub fn subscribe(
        &mut self,
        at: At,
        subscribe: Subscribe,
        sink: &mut impl Sink,
    ) -> Result<(), ConfigureError> {
        wrap!(self, at, sink, Command::Subscribe(subscribe), Configure, Reply::Done => ())
    }

    /// [`Command::PauseSubscription`]. Where it is paused already, nothing happens.
    ///
    /// # Errors
    /// As [`SubscriptionError`] says.
    pub fn pause_subscription(
        &mut self,
        at: At,
        topic: TopicId,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<(), SubscriptionError> {
        let command = Command::PauseSubscription { topic, queue };
        wrap!(self, at, sink, command, Subscription, Reply::Done => ())
    }

    /// [`Command::ResumeSubscription`]. Where it is not paused, nothing happens.
    ///
    /// # Errors
    /// As [`SubscriptionError`] says.
    pub fn resume_subscription(
        &mut self,
        at: At,
        topic: TopicId,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<(), SubscriptionError> {
        let command = Command::ResumeSubscription { topic, queue };
        wrap!(self, at, sink, command, Subscription, Reply::Done => ())
    }

    /// [`Command::Unsubscribe`].
    ///
    /// # Errors
    /// As [`SubscriptionError`] says.
    pub fn unsubscribe(
        &mut self,
        at: At,
        topic: TopicId,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<(), SubscriptionError> {
        let command = Command::Unsubscribe { topic, queue };
        wrap!(self, at, sink, command, Subscription, Reply::Done => ())
    }

    /// [`Command::Publish`].
    ///
    /// # Errors
    /// As [`PublishError`] says.
    pub fn publish(
        &mut self,
        at: At,
        to: Address,
        message: NewMessage,
        sink: &mut impl Sink,
    ) -> Result<Published, PublishError> {
        let cx = &mut self.begin(at, sink);
        self.do_publish(to, message, cx)
    }

    /// [`Command::Receive`].
    ///
    /// # Errors
    /// As [`ReceiveError`] says.
    pub fn receive(
        &mut self,
        at: At,
        queue: QueueId,
        max: u32,
        sink: &mut impl Sink,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        let cx = &mut self.begin(at, sink);
        self.do_receive(queue, max, None, cx)
    }

    /// [`Command::Settle`].
    ///
    /// # Errors
    /// As [`SettleError`] says.
    pub fn settle(
        &mut self,
        at: At,
        receipt: Receipt,
        how: Settle,
        sink: &mut impl Sink,
    ) -> Result<(), SettleError> {
        let cx = &mut self.begin(at, sink);
        self.do_settle(receipt, how, cx)
    }

    /// [`Command::Redrive`].
    ///
    /// # Errors
    /// As [`RedriveError`] says.
    pub fn redrive(
        &mut self,
        at: At,
        redrive: Redrive,
        sink: &mut impl Sink,
    ) -> Result<Redriven, RedriveError> {
        wrap!(self, at, sink, Command::Redrive(redrive), Redrive, Reply::Redriven(done) => done)
    }

    /// [`Command::Receive`] with a lease of its own.
    ///
    /// # Errors
    /// As [`ReceiveError`] says.
    pub fn receive_for(
        &mut self,
        at: At,
        queue: QueueId,
        max: u32,
        lease: Span,
        sink: &mut impl Sink,
    ) -> Result<Vec<Delivery>, ReceiveError> {
        let cx = &mut self.begin(at, sink);
        self.do_receive(queue, max, Some(lease), cx)
    }

    /// [`Command::Extend`]: when the lease ends now.
    ///
    /// # Errors
    /// As [`ExtendError`] says.
    pub fn extend(
        &mut self,
        at: At,
        receipt: Receipt,
        by: Span,
        sink: &mut impl Sink,
    ) -> Result<Timestamp, ExtendError> {
        wrap!(self, at, sink, Command::Extend { receipt, by }, Extend, Reply::Extended(until) => until)
    }

    /// [`Command::CancelRedrive`]: how far it came.
    ///
    /// # Errors
    /// [`RedriveError::NoneUnderWay`] or [`RedriveError::NoSuchQueue`].
    pub fn cancel_redrive(
        &mut self,
        at: At,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<Redriven, RedriveError> {
        wrap!(self, at, sink, Command::CancelRedrive { queue }, Redrive, Reply::Redriven(done) => done)
    }

    /// [`Command::Purge`]: how many copies were discarded.
    ///
    /// # Errors
    /// [`NoSuchQueue`].
    pub fn purge(
        &mut self,
        at: At,
        queue: QueueId,
        forget_dedup: bool,
        sink: &mut impl Sink,
    ) -> Result<u64, NoSuchQueue> {
        let command = Command::Purge { queue, forget_dedup };
        wrap!(self, at, sink, command, Queue, Reply::Purged(copies) => copies)
    }

    /// [`Command::Pause`].
    ///
    /// # Errors
    /// [`NoSuchQueue`].
    pub fn pause(
        &mut self,
        at: At,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<(), NoSuchQueue> {
        wrap!(self, at, sink, Command::Pause { queue }, Queue, Reply::Done => ())
    }

    /// [`Command::Resume`].
    ///
    /// # Errors
    /// [`NoSuchQueue`].
    pub fn resume(
        &mut self,
        at: At,
        queue: QueueId,
        sink: &mut impl Sink,
    ) -> Result<(), NoSuchQueue> {
        wrap!(self, at, sink, Command::Resume { queue }, Queue, Reply::Done => ())
    }

    /// [`Command::Claim`]. See [`Claim`] for an example.
    ///
    /// # Errors
    /// [`ClaimError::KeyLength`], [`ClaimError::Full`] or [`ClaimError::NoSuchLedger`].
    pub fn claim(
        &mut self,
        at: At,
        ledger: LedgerId,
        key: &str,
        fingerprint: Fingerprint,
        sink: &mut impl Sink,
    ) -> Result<Claim, ClaimError> {
        let command = Command::Claim { ledger, key: key.into(), fingerprint };
        wrap!(self, at, sink, command, Claim, Reply::Claim(claim) => claim)
    }

    /// [`Command::CompleteClaim`]. Said again with the same result, it changes nothing: whoever
    /// missed the answer may ask again.
    ///
    /// # Errors
    /// [`ClaimError::Stale`], [`ClaimError::ResultTooLarge`] or [`ClaimError::NoSuchLedger`].
    pub fn complete_claim(
        &mut self,
        at: At,
        ledger: LedgerId,
        token: ClaimToken,
        result: impl Into<Body>,
        sink: &mut impl Sink,
    ) -> Result<(), ClaimError> {
        let command = Command::CompleteClaim { ledger, token, result: result.into() };
        wrap!(self, at, sink, command, Claim, Reply::Done => ())
    }

    /// [`Command::AbandonClaim`].
    ///
    /// # Errors
    /// [`ClaimError::Stale`] or [`ClaimError::NoSuchLedger`].
    pub fn abandon_claim(
        &mut self,
        at: At,
        ledger: LedgerId,
        token: ClaimToken,
        sink: &mut impl Sink,
    ) -> Result<(), ClaimError> {
        wrap!(self, at, sink, Command::AbandonClaim { ledger, token }, Claim, Reply::Done => ())
    }
}
