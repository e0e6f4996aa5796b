//! How a post room is put together.

use std::sync::Arc;

use postroom_core::{QueueConfig, Subscribe, TopicConfig};

use super::{Office, Postroom};
use crate::{
    backend::{Capabilities, Capability, Open, OpenError, Plan, Queue, Selection},
    clock::Clock,
};

/// The queues, topics and subscriptions of a program, and what else it needs.
///
/// # Example: a topic with two queues, one of which has dead letters
/// ```
/// use postroom_runtime::{Capability, Memory, Postroom, Queue};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let postroom = Postroom::builder()
///     .queue("mail.dead")
///     .queue(Queue::new("mail").dead_letters("mail.dead"))
///     .queue("audit")
///     .topic("orders")
///     .subscribe("orders", "mail")
///     .subscribe("orders", "audit")
///     .needs(Capability::Dedup)
///     .start(Memory)
///     .await?;
/// let published = postroom.publisher("orders")?.publish(&"order 17").await?;
/// assert_eq!(published.placements.len(), 2);
/// # Ok(())
/// # }
/// ```
///
/// # Example: what memory cannot do is an error at the start
/// ```
/// use postroom_runtime::{Capability, Memory, Postroom};
///
/// # #[tokio::main(flavor = "current_thread")]
/// # async fn main() {
/// let started = Postroom::builder().queue("q").needs(Capability::Durable).start(Memory).await;
/// let error = started.expect_err("memory is not durable").to_string();
/// assert_eq!(error, "memory does not offer what the program needs: durable");
/// # }
/// ```
#[derive(Clone, Debug, Default)]
#[must_use = "it does nothing until it is started"]
pub struct PostroomBuilder {
    queues: Vec<Queue>,
    topics: Vec<(String, TopicConfig)>,
    subscriptions: Vec<(String, String, Selection)>,
    needs: Capabilities,
}

/// Why a post room did not start.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PostroomError {
    /// Take another backend, or do without.
    #[error("{backend} does not offer what the program needs: {lacking}")]
    NotOffered {
        /// The backend.
        backend: &'static str,
        /// What it lacks.
        lacking: Capabilities,
    },
    /// Mend the name, or give what it names to the builder; dead letters before the queue whose they
    /// are.
    #[error("`{by}` names `{name}`, which does not exist: give it to the builder first")]
    NoSuchName {
        /// What names it.
        by: String,
        /// The name.
        name: String,
    },
    /// Choose another name.
    #[error("`{name}` exists twice: choose another name")]
    NameTaken {
        /// The name.
        name: String,
    },
    /// The backend did not open.
    #[error(transparent)]
    Open(#[from] OpenError),
}

impl PostroomBuilder {
    /// With this queue.
    pub fn queue(mut self, queue: impl Into<Queue>) -> Self {
        self.queues.push(queue.into());
        self
    }

    /// With a topic of this name, 1 to 80 bytes.
    pub fn topic(mut self, name: impl Into<String>) -> Self {
        self.topics.push((name.into(), TopicConfig::default()));
        self
    }

    /// With a copy of each message of a topic for a queue.
    pub fn subscribe(self, topic: impl Into<String>, queue: impl Into<String>) -> Self {
        self.subscribe_to(topic, queue, Selection::all())
    }

    /// With a copy of each message that is selected for a queue.
    pub fn subscribe_to(
        mut self,
        topic: impl Into<String>,
        queue: impl Into<String>,
        selection: Selection,
    ) -> Self {
        self.subscriptions.push((topic.into(), queue.into(), selection));
        self
    }

    /// Asks for something that does not follow from queues and topics. What a message asks for and
    /// the builder was not told of is refused on every backend, so that a program tested on one
    /// does not fail on another.
    pub fn needs(mut self, capability: Capability) -> Self {
        self.needs = self.needs.with(capability);
        self
    }

    /// Starts it on this backend.
    ///
    /// # Errors
    /// As [`PostroomError`] says.
    ///
    /// # Panics
    /// Outside a tokio runtime with time enabled.
    pub async fn start(self, on: impl Open) -> Result<Postroom, PostroomError> {
        let plan = self.plan()?;
        let backend = on.name();
        let lacking = plan.needs.minus(on.capabilities());
        if lacking != Capabilities::NONE {
            return Err(PostroomError::NotOffered { backend, lacking });
        }
        let clock = Clock::system();
        let opened = on.open(plan.clone(), clock).await?;
        Ok(Postroom(Arc::new(Office::new(opened, backend, plan, clock))))
    }

    /// Names become numbers.
    fn plan(self) -> Result<Plan, PostroomError> {
        let mut plan = Plan::default();
        for queue in self.queues {
            check_free(&plan, &queue.name)?;
            let dead_letters = queue.dead_letters.map(|name| {
                let found = plan.queue(&name);
                found.ok_or(PostroomError::NoSuchName { by: queue.name.clone(), name })
            });
            let dead_letters = dead_letters.transpose()?;
            plan.queues.push((queue.name, QueueConfig { dead_letters, ..queue.config }));
        }
        for (name, config) in self.topics {
            check_free(&plan, &name)?;
            plan.topics.push((name, config));
        }
        for (topic_name, queue_name, selection) in self.subscriptions {
            let missing = |by: &str, name: &str| PostroomError::NoSuchName {
                by: format!("the subscription of `{by}`"),
                name: name.to_owned(),
            };
            let topic = plan.topic(&topic_name);
            let topic = topic.ok_or_else(|| missing(&queue_name, &topic_name))?;
            let queue = plan.queue(&queue_name);
            let queue = queue.ok_or_else(|| missing(&topic_name, &queue_name))?;
            let Selection { subjects, filter, on_full } = selection;
            plan.subscriptions.push(Subscribe { topic, queue, subjects, filter, on_full });
        }
        plan.needs = self.needs.and(plan.follows());
        Ok(plan)
    }
}

fn check_free(plan: &Plan, name: &str) -> Result<(), PostroomError> {
    match plan.address(name) {
        Some(_) => Err(PostroomError::NameTaken { name: name.to_owned() }),
        None => Ok(()),
    }
}
