//! Queues, topics and subscriptions as subjects of one stream.
//!
//! `prefix.q.orders` is what is for the queue `orders`, `prefix.t.events.eu.created` what is for the
//! topic `events` with the subject `eu.created`.

use postroom_core::{Address, QueueId};

use crate::backend::{OpenError, Plan};

#[derive(Clone, Debug)]
pub(super) struct Names {
    pub(super) prefix: String,
    pub(super) plan: Plan,
}

impl Names {
    pub(super) fn new(prefix: String, plan: Plan) -> Result<Self, OpenError> {
        let queues = plan.queues.iter().map(|(name, _)| name);
        let names = queues.chain(plan.topics.iter().map(|(name, _)| name)).chain([&prefix]);
        for name in names {
            if name.is_empty() || name.contains(|c: char| c.is_whitespace() || ".*>/\\".contains(c))
            {
                let why =
                    format!("`{name}` cannot be a name there: do without . * > / \\ and spaces");
                return Err(super::unavailable(why));
            }
        }
        Ok(Self { prefix, plan })
    }

    pub(super) fn stream(&self) -> String {
        self.prefix.clone()
    }

    pub(super) fn everything(&self) -> Vec<String> {
        vec![format!("{}.q.*", self.prefix), format!("{}.t.>", self.prefix)]
    }

    pub(super) fn queue(&self, queue: QueueId) -> String {
        format!("{}.q.{}", self.prefix, self.plan.name_of(Address::Queue(queue)))
    }

    pub(super) fn subject(&self, to: Address, subject: Option<&str>) -> String {
        let Self { prefix, plan } = self;
        match (to, subject) {
            (Address::Queue(queue), _) => self.queue(queue),
            (Address::Topic(_), None) => format!("{prefix}.t.{}", plan.name_of(to)),
            (Address::Topic(_), Some(subject)) => {
                format!("{prefix}.t.{}.{subject}", plan.name_of(to))
            }
        }
    }

    /// What a queue gets.
    pub(super) fn filters(&self, queue: QueueId) -> Result<Vec<String>, OpenError> {
        let mut filters = vec![self.queue(queue)];
        let subscriptions = self.plan.subscriptions.iter();
        for subscription in subscriptions.filter(|subscription| subscription.queue == queue) {
            let topic = self.subject(Address::Topic(subscription.topic), None);
            if subscription.subjects.is_empty() {
                filters.extend([topic.clone(), format!("{topic}.>")]);
            }
            for subject in &subscription.subjects {
                let subject = subject.to_string();
                if subject.contains('#') {
                    let why =
                        format!("`{subject}`: `#` is RabbitMQ's alone, use `*` and a last `>`");
                    return Err(super::unavailable(why));
                }
                filters.push(format!("{topic}.{subject}"));
            }
        }
        Ok(filters)
    }

    /// Where a message with this subject was published.
    pub(super) fn address(&self, subject: &str) -> Option<Address> {
        let rest = subject.strip_prefix(&self.prefix)?;
        if let Some(queue) = rest.strip_prefix(".q.") {
            return self.plan.queue(queue).map(Address::Queue);
        }
        let topic = rest.strip_prefix(".t.")?.split('.').next()?;
        self.plan.topic(topic).map(Address::Topic)
    }
}
