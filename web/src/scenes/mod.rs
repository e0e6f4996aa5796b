//! Scenes: what runs, and what is said about it.
//!
//! Home's is a value, not a document, and of the one system that home knows: what reads documents, and
//! any system of queues and topics, is a good part of a module, and only the sandbox needs it. A test
//! holds the value to the document beside it.

mod notifications;
pub(crate) mod topology;

use std::{fmt::Display, sync::Arc};

use postroom_simulator::{CommandOf, ErrorOf, Scenario, ScenarioError, Topology};

use crate::{
    panels::Step,
    picture::Layout,
    run::{Session, System, Watched, open},
};

/// What stands after `#` in the address of home's scene.
pub const NOTIFICATIONS: &str = "notifications";
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

/// The scene of a system of queues, topics and consumers, as long as nothing is said about it.
///
/// # Errors
/// As [`ScenarioError`] says.
pub fn of_topology(scenario: Arc<Scenario<Topology>>) -> Result<Scene, ScenarioError> {
    scene(scenario)
}

/// Home's scene.
///
/// # Errors
/// As [`ScenarioError`] says; this one has none.
pub fn notifications() -> Result<Scene, ScenarioError> {
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

fn scene<S>(scenario: Arc<Scenario<S>>) -> Result<Scene, ScenarioError>
where
    S: System + 'static,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    let title = scenario.name.clone();
    Ok(with_session(title, open(scenario)?))
}

/// The scene of a run that somebody else looks at, too.
pub(crate) fn of_watched(title: String, run: &Watched) -> Scene {
    with_session(title, Box::new(run.clone()))
}

fn with_session(title: String, session: Box<dyn Session>) -> Scene {
    let layout = session.layout();
    Scene { hash: String::new(), title, lead: String::new(), steps: Vec::new(), session, layout }
}

#[cfg(test)]
mod tests;
