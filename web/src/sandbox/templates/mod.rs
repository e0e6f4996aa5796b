//! Scenarios to start from.

/// A scenario to start from.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Template {
    /// What stands after `#template=` in the address.
    pub id: &'static str,
    /// Its name in a list.
    pub name: &'static str,
    /// What there is to see, in one sentence.
    pub purpose: &'static str,
    /// The scenario.
    pub document: &'static str,
}

/// What stands before the id in the part after `#`.
pub const TEMPLATE_PREFIX: &str = "template=";

/// All of them; the first is where the page begins.
pub const TEMPLATES: [Template; 7] = [
    Template {
        id: "work-queue",
        name: "Work queue",
        purpose: "Three workers share a queue, a third of their work fails, and a job that fails \
                  three times goes to the dead letters.",
        document: include_str!("work_queue.json"),
    },
    Template {
        id: "fan-out",
        name: "Fan-out",
        purpose: "Every order goes to three teams, and the one that is too slow falls behind \
                  alone.",
        document: include_str!("fan_out.json"),
    },
    Template {
        id: "sns-to-sqs",
        name: "SNS to SQS",
        purpose: "A topic copies orders to queues that filter by region, and to one that gets \
                  them all, as SNS and SQS do.",
        document: include_str!("sns_to_sqs.json"),
    },
    Template {
        id: "retry-ladder",
        name: "Retry ladder",
        purpose: "While the bank fails, payments are tried again after 1, 4 and 16 seconds: what \
                  is still refused then is dead, and the rest gets through once it works again.",
        document: include_str!("retry_ladder.json"),
    },
    Template {
        id: "notifications",
        name: "Notification system",
        purpose: "Three channels with a queue each: for a minute the SMS gateway hangs, and push \
                  and e-mail do not notice.",
        document: include_str!("notifications.json"),
    },
    Template {
        id: "down-for-an-hour",
        name: "Down for an hour",
        purpose: "The printer is down for an hour: its breaker holds the invoices back, none is \
                  lost, and it takes twenty minutes to catch up.",
        document: include_str!("down_for_an_hour.json"),
    },
    Template {
        id: "uploads",
        name: "10,000 uploads",
        purpose: "10,000 photos arrive within one second, and the queue lets fifty workers take \
                  their time.",
        document: include_str!("uploads.json"),
    },
];

/// The template of this id.
#[must_use]
pub fn template(id: &str) -> Option<&'static Template> {
    TEMPLATES.iter().find(|template| template.id == id)
}

#[cfg(test)]
mod tests;
