//! The scenes, as data: what runs, what is said about it, and where it is found.

mod link;
mod notifications;
mod topology;

use std::fmt::Display;

use postroom_notification::NotificationSystem;
use postroom_simulator::{CommandOf, ErrorOf, Scenario, ScenarioError, Topology};
use serde::de::DeserializeOwned;

pub use link::{LINK_BYTES_MAX, LINK_PREFIX, LinkError};

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
    /// The steps of the guide; none for a scenario from a link.
    pub steps: Vec<Step>,
    /// The run.
    pub session: Box<dyn Session>,
    /// What there is to draw.
    pub layout: Layout,
}

/// Why there is no scene at an address.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum SceneError {
    /// The link is damaged or too large.
    #[error(transparent)]
    Link(#[from] LinkError),
    /// The document cannot be simulated.
    #[error(transparent)]
    Scenario(#[from] ScenarioError),
    /// The link is for another page, or from a newer one.
    #[error("the link is to a `{0}`, which this page does not know: load a newer page")]
    UnknownKind(String),
}

/// Opens the scene at an address: what stands after `#`. An unknown name is the first scene.
///
/// # Errors
/// [`SceneError`] for a link that holds no scenario.
pub fn open_at(hash: &str) -> Result<Scene, SceneError> {
    match hash.strip_prefix(LINK_PREFIX) {
        Some(link) => open_link(link).map(|scene| Scene { hash: hash.to_owned(), ..scene }),
        None if hash == QUEUE_AND_TOPIC => queue_and_topic(),
        None => notifications(),
    }
}

fn notifications() -> Result<Scene, SceneError> {
    let scene = read::<NotificationSystem>(include_str!("notifications.json"))?;
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

fn queue_and_topic() -> Result<Scene, SceneError> {
    let scene = read::<Topology>(include_str!("queue_and_topic.json"))?;
    Ok(Scene {
        hash: QUEUE_AND_TOPIC.into(),
        lead: "The same orders twice. In a queue each goes to one worker; from a topic each \
               subscriber gets a copy."
            .into(),
        steps: topology::steps(&scene.layout),
        ..scene
    })
}

fn open_link(link: &str) -> Result<Scene, SceneError> {
    let (kind, document) = link::decode(link)?;
    match kind {
        NotificationSystem::KIND => Ok(read::<NotificationSystem>(&document)?),
        Topology::KIND => Ok(read::<Topology>(&document)?),
        other => Err(SceneError::UnknownKind(other.to_owned())),
    }
}

/// The scene of a scenario, as long as nothing more is said about it.
fn read<S>(document: &str) -> Result<Scene, ScenarioError>
where
    S: System + DeserializeOwned + 'static,
    CommandOf<S>: Clone,
    ErrorOf<S>: Display,
{
    let scenario = Scenario::<S>::read(document, serde_json::from_str, serde_json::from_str)?;
    let title = scenario.name.clone();
    let session = open(scenario)?;
    let layout = session.layout();
    let lead = format!("{title}: a scenario from a link.");
    Ok(Scene { hash: String::new(), title, lead, steps: Vec::new(), session, layout })
}

#[cfg(test)]
mod tests;
