//! What the page must know of a system beyond what a host knows: how it is drawn, and how its
//! dead letters are redriven.

use postroom_core::{Blueprint, Hosted, MessageId, QueueId};
use postroom_simulator::{CommandOf, Scenario};

use super::PartOrder;
use crate::picture::Layout;

/// A system that the page can show.
pub trait System: Blueprint {
    /// Its parts, in the order in which they are drawn.
    fn layout(scenario: &Scenario<Self>, machine: &Self::Machine) -> Layout;

    /// The command that sends a queue's dead letters back to work; none if it keeps none.
    fn redrive(machine: &Self::Machine, queue: QueueId) -> Option<CommandOf<Self>>;

    /// The ordered groups of the first messages in each queue; nothing of messages without one.
    fn groups(_: &Self::Machine) -> Vec<(MessageId, String)> {
        Vec::new()
    }

    /// The command that tells a part something; none if the page does not offer it.
    fn tell(_: PartOrder) -> Option<CommandOf<Self>> {
        None
    }
}

/// At most so many dead letters go back with one click.
pub const REDRIVE_MAX: u32 = 1_000;
/// So many of them a second, so that the provider is not flooded and the eye can follow.
pub const REDRIVE_PER_SECOND: u32 = 5;

/// The queue of this name.
pub fn find_queue(machine: &impl Hosted, name: &str) -> Option<QueueId> {
    let mut ids = (0..).map(QueueId::new).map_while(|id| Some((id, machine.queue_name(id)?)));
    ids.find(|(_, each)| *each == name).map(|(id, _)| id)
}
