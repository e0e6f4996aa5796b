//! The scenes: what runs, what is said about it, and where it is found.
//!
//! They are values, not documents: what reads documents is a good part of a module, and only the
//! sandbox needs it. Tests hold them to the documents beside them.

mod notifications;
mod topology;

use std::{fmt::Display, sync::Arc};

use postroom_simulator::{CommandOf, ErrorOf, Scenario, ScenarioError, Topology};

use crate::{
    panels::Step,
    picture::Layout,
    run::{Session, System, open},
};

/// What stands after `#` in the address of the first scene.
pub const NOTIFICATIONS: &str = "notifications";
/// What stands after `#` in the address of the second scene.
pub const QUEUE_AND_TOPIC: &str = "queue-and-topic";

/// A scene, ready to be shown.
pub struct Scene {
    /// What stands after `#` in the address.
    pub hash: String,
    /// Its name.
    pub title: String,
    /// What it is and what to try, in one line.
    pub lead: String,
    /// The steps of the guide; none for a scenario of the reader's own.
    pub steps: Vec<Step>,
    /// The run.
    pub session: Box<dyn Session>,
    /// What there is to draw.
    pub layout: Layout,
}

/// Opens the scene at an address: what stands after `#`. An unknown name is the first scene.
///
/// # Errors
/// As [`ScenarioError`] says; the scenes of this page have none.
pub fn open_at(hash: &str) -> Result<Scene, ScenarioError> {
    match hash {
        QUEUE_AND_TOPIC => queue_and_topic(),
        _ => notifications(),
    }
}

/// The scene of a system of queues, topics and consumers, as long as nothing is said about it.
///
/// # Errors
/// As [`ScenarioError`] says.
pub fn of_topology(scenario: Arc<Scenario<Topology>>) -> Result<Scene, ScenarioError> {
    scene(scenario)
}

fn notifications() -> Result<Scene, ScenarioError> {
    let scene = scene(Arc::new(notifications::scenario()))?;
    let sms = scene.layout.lanes.iter().find(|lane| lane.label == "SMS").map(|lane| lane.queue);
    Ok(Scene {
        hash: NOTIFICATIONS.into(),
        lead: "Every event goes out by push, e-mail and SMS, each from a queue of its own. \
               Break SMS. Watch push and e-mail."
            .into(),
        steps: sms.map(notifications::steps).unwrap_or_default(),
        ..scene
    })
}

fn queue_and_topic() -> Result<Scene, ScenarioError> {
    let scene = scene(Arc::new(topology::scenario()))?;
    Ok(Scene {
        hash: QUEUE_AND_TOPIC.into(),
        lead: "The same orders twice. In a queue each goes to one worker; from a topic each \
               subscriber gets a copy."
            .into(),
        steps: topology::steps(&scene.layout),
        ..scene
    })
}

fn scene<S>(scenario: Arc<Scenario<S>>) -> Result<Scene, ScenarioError>
where
    S: System + 'static,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    let title = scenario.name.clone();
    let session = open(scenario)?;
    let layout = session.layout();
    Ok(Scene {
        hash: String::new(),
        title,
        lead: String::new(),
        steps: Vec::new(),
        session,
        layout,
    })
}

#[cfg(test)]
mod tests;
