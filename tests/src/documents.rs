//! The scenarios that people are shown: the sandbox's templates, the lessons', the examples.

use postroom_simulator::{Scenario, Topology};

/// Name and text of each, by its path in the workspace.
macro_rules! documents {
    ($($path:literal)*) => {
        /// Their paths from the root of the workspace, and their texts.
        pub const DOCUMENTS: &[(&str, &str)] =
            &[$(($path, include_str!(concat!("../../", $path)))),*];
    };
}

documents! {
    "lessons/1-dead-letters/scenario.json"
    "lessons/2-idempotent-consumer/scenario.json"
    "lessons/3-backpressure/scenario.json"
    "simulator/examples/acks_too_early.json"
    "simulator/examples/checkout.json"
    "simulator/examples/outage.json"
    "web/src/sandbox/templates/checkout.json"
    "web/src/sandbox/templates/down_for_an_hour.json"
    "web/src/sandbox/templates/fan_out.json"
    "web/src/sandbox/templates/in_order.json"
    "web/src/sandbox/templates/notifications.json"
    "web/src/sandbox/templates/outbox.json"
    "web/src/sandbox/templates/queue_and_topic.json"
    "web/src/sandbox/templates/retry_ladder.json"
    "web/src/sandbox/templates/sns_to_sqs.json"
    "web/src/sandbox/templates/uploads.json"
    "web/src/sandbox/templates/video.json"
    "web/src/sandbox/templates/work_queue.json"
}

/// The scenario in a document.
///
/// # Panics
/// When there is none; the text says why.
#[must_use]
pub fn scenario(document: &str) -> Scenario<Topology> {
    Scenario::read(document, serde_json::from_str, serde_json::from_str)
        .unwrap_or_else(|error| panic!("{error}"))
}
