//! Scenarios to start from.

use crate::{app::QUEUE_AND_TOPIC, panels::Step, picture::Layout, scenes::topology};

/// A scenario to start from.
#[derive(Clone, Copy, Debug)]
pub struct Template {
    /// What stands after `#template=` in the address.
    pub id: &'static str,
    /// Its name in a list.
    pub name: &'static str,
    /// What there is to see, in one sentence.
    pub purpose: &'static str,
    /// The scenario.
    pub document: &'static str,
    /// The steps of its guide; none for most.
    pub steps: fn(&Layout) -> Vec<Step>,
}

/// All of them; the first is where the page begins.
pub const TEMPLATES: [Template; 12] = [
    Template {
        id: "work-queue",
        name: "Work queue",
        purpose: "Three workers share a queue, a third of their work fails, and a job that fails \
                  three times goes to the dead letters.",
        document: include_str!("work_queue.json"),
        steps: no_steps,
    },
    Template {
        id: QUEUE_AND_TOPIC,
        name: "Queue and topic",
        purpose: "The same orders twice: in a queue each goes to one worker, from a topic each \
                  subscriber gets a copy.",
        document: include_str!("queue_and_topic.json"),
        steps: topology::steps,
    },
    Template {
        id: "fan-out",
        name: "Fan-out",
        purpose: "Every order goes to three teams, and the one that is too slow falls behind \
                  alone.",
        document: include_str!("fan_out.json"),
        steps: no_steps,
    },
    Template {
        id: "sns-to-sqs",
        name: "SNS to SQS",
        purpose: "A topic copies orders to queues that filter by region, and to one that gets \
                  them all, as SNS and SQS do.",
        document: include_str!("sns_to_sqs.json"),
        steps: no_steps,
    },
    Template {
        id: "retry-ladder",
        name: "Retry ladder",
        purpose: "While the bank fails, payments are tried again after 1, 4 and 16 seconds: what \
                  is still refused then is dead, and the rest gets through once it works again.",
        document: include_str!("retry_ladder.json"),
        steps: no_steps,
    },
    Template {
        id: "in-order",
        name: "In order",
        purpose: "Four players' moves in one queue: three referees work at once, and yet no \
                  player's next move begins before the last one is done.",
        document: include_str!("in_order.json"),
        steps: no_steps,
    },
    Template {
        id: "notifications",
        name: "Notifications",
        purpose: "Three channels with a queue each: for a minute the SMS gateway hangs, and push \
                  and e-mail do not notice.",
        document: include_str!("notifications.json"),
        steps: no_steps,
    },
    Template {
        id: "down-for-an-hour",
        name: "Down for an hour",
        purpose: "The printer is down for an hour: its breaker holds the invoices back, none is \
                  lost, and it takes twenty minutes to catch up.",
        document: include_str!("down_for_an_hour.json"),
        steps: no_steps,
    },
    Template {
        id: "video",
        name: "Autoscaling",
        purpose: "After a minute a festival sends 40 videos at once: more transcoders start, at \
                  most eight, and go again when the work is done.",
        document: include_str!("video.json"),
        steps: no_steps,
    },
    Template {
        id: "outbox",
        name: "Outbox",
        purpose: "While the network is down one shop's orders are lost; the other's wait in its \
                  outbox, come late, some of them twice, and are packed once.",
        document: include_str!("outbox.json"),
        steps: no_steps,
    },
    Template {
        id: "checkout",
        name: "Waiting or not",
        purpose: "Two checkouts, and a mail service that hangs: the one that waits for it fails, \
                  the one with a queue before it does not notice.",
        document: include_str!("checkout.json"),
        steps: no_steps,
    },
    Template {
        id: "uploads",
        name: "10,000 uploads",
        purpose: "10,000 photos arrive within one second, and the queue lets fifty workers take \
                  their time.",
        document: include_str!("uploads.json"),
        steps: no_steps,
    },
];

fn no_steps(_: &Layout) -> Vec<Step> {
    Vec::new()
}

/// The template of this id.
#[must_use]
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

#[cfg(test)]
mod tests;
