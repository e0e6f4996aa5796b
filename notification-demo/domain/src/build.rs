//! From settings to a machine with its queues, topic and consumers in place.

use postroom_core::{
    At, Command, Filter, LedgerConfig, LedgerId, Machine, OnFull, QueueConfig, QueueId, Reply,
    Settlement, Sink, Span, Station, StationCommand, StationReply, Subscribe, TopicConfig, TopicId,
};

use crate::{
    channel::Channel,
    machine::Notifications,
    system::{ChannelConfig, NotificationSystem},
    view::{ChannelIds, Wiring},
};

/// The attribute's value on a message that goes to the channel of that name.
pub(crate) const YES: &str = "yes";

impl Notifications {
    /// What [`Blueprint::build`](postroom_core::Blueprint::build) does.
    pub(crate) fn build(
        system: &NotificationSystem,
        at: At,
        sink: &mut impl Sink,
    ) -> Result<Self, String> {
        let mut station = Station::new();
        let mut setup = Setup { station: &mut station, at, sink };
        let topic = setup.topic("notifications")?;
        let ledger = setup.ledger("idempotency", system.idempotency)?;
        let [push, email, sms] =
            Channel::ALL.map(|channel| setup.channel(topic, channel, system.channel(channel)));
        let wiring = Wiring { topic, ledger, channels: [push?, email?, sms?] };
        Ok(Self::new(station, wiring))
    }
}

struct Setup<'a, S> {
    station: &'a mut Station,
    at: At,
    sink: &'a mut S,
}

impl<S: Sink> Setup<'_, S> {
    fn topic(&mut self, name: &str) -> Result<TopicId, String> {
        let config = TopicConfig::default();
        match self.engine(Command::CreateTopic { name: name.to_owned(), config })? {
            Reply::Topic(topic) => Ok(topic),
            _ => unreachable!("creating a topic answered something else"),
        }
    }

    fn ledger(&mut self, name: &str, config: LedgerConfig) -> Result<LedgerId, String> {
        let reply = self.engine(Command::CreateLedger { name: name.to_owned(), config });
        match reply.map_err(|problem| format!("`{name}`: {problem}"))? {
            Reply::Ledger(ledger) => Ok(ledger),
            _ => unreachable!("creating a ledger answered something else"),
        }
    }

    fn channel(
        &mut self,
        topic: TopicId,
        channel: Channel,
        config: &ChannelConfig,
    ) -> Result<ChannelIds, String> {
        self.try_channel(topic, channel, config)
            .map_err(|problem| format!("`{channel}`: {problem}"))
    }

    fn try_channel(
        &mut self,
        topic: TopicId,
        channel: Channel,
        config: &ChannelConfig,
    ) -> Result<ChannelIds, String> {
        let capacity = config.dead_letter_capacity;
        let dead_letters = self
            .queue(channel.dead_letters_name(), QueueConfig { capacity, ..Default::default() })
            .map_err(|problem| format!("dead letters (`dead_letter_capacity`): {problem}"))?;
        let queue = self.queue(channel.name(), config.queue(dead_letters))?;
        self.engine(Command::Subscribe(Subscribe {
            filter: Filter::from([(channel.name().to_owned(), vec![YES.to_owned()])]),
            on_full: OnFull::Divert,
            ..Subscribe::to(topic, queue)
        }))?;
        let consumer = match self.drive(StationCommand::Attach {
            name: channel.name().to_owned(),
            queue,
            config: config.consumer,
        })? {
            StationReply::Attached(consumer) => consumer,
            _ => unreachable!("attaching a consumer answered something else"),
        };
        Ok(ChannelIds { channel, queue, dead_letters, consumer })
    }

    fn queue(&mut self, name: &str, config: QueueConfig) -> Result<QueueId, String> {
        match self.engine(Command::CreateQueue { name: name.to_owned(), config })? {
            Reply::Queue(queue) => Ok(queue),
            _ => unreachable!("creating a queue answered something else"),
        }
    }

    fn engine(&mut self, command: Command) -> Result<Reply, String> {
        match self.drive(StationCommand::Engine(command))? {
            StationReply::Engine(reply) => Ok(reply),
            _ => unreachable!("an engine's command answered something else"),
        }
    }

    fn drive(&mut self, command: StationCommand) -> Result<StationReply, String> {
        self.station.apply(self.at, command, self.sink).map_err(|error| error.to_string())
    }
}

impl ChannelConfig {
    fn queue(&self, dead_letters: QueueId) -> QueueConfig {
        QueueConfig {
            lease: self.lease,
            max_deliveries: self.max_deliveries,
            backoff: self.backoff,
            capacity: self.capacity,
            settlement: Settlement::Explicit,
            delay: Span::ZERO,
            deliver_within: self.deliver_within,
            dead_letters: Some(dead_letters),
            ..QueueConfig::default()
        }
    }
}
