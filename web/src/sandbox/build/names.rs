//! Every place where a scenario names a part, so that a new name reaches all of them, and what
//! names a part that is gone goes with it.

use postroom_simulator::{
    Fault, Goal, Place, Scenario, Topology, Trouble,
    goals::{Condition, Metric},
};

use super::part::{Kind, Part};

/// Names of one kind are unlike each other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    /// Queues and topics.
    Place,
    /// Producers and callers.
    Sender,
    /// Consumers, their providers, and services.
    Worker,
}

impl Kind {
    pub(super) fn role(self) -> Role {
        match self {
            Self::Producer => Role::Sender,
            Self::Topic | Self::Queue => Role::Place,
            Self::Worker => Role::Worker,
        }
    }
}

/// Gives `part` another name wherever it is named.
pub(super) fn rename(scenario: &mut Scenario<Topology>, part: &Part, to: &str) {
    let role = part.kind.role();
    let mut change = |each: Role, name: &mut String| {
        if each == role && *name == part.name {
            to.clone_into(name);
        }
    };
    in_system(&mut scenario.system, &mut change);
    if role == Role::Sender
        && let Some(route) = scenario.system.routes.remove(&part.name)
    {
        scenario.system.routes.insert(to.to_owned(), route);
    }
    scenario.producers.iter_mut().for_each(|each| change(Role::Sender, &mut each.name));
    scenario.providers.iter_mut().for_each(|each| change(Role::Worker, &mut each.name));
    scenario.scalers.iter_mut().for_each(|each| change(Role::Worker, &mut each.worker));
    scenario.faults.iter_mut().for_each(|fault| in_fault(fault, &mut change));
    scenario.goals.iter_mut().for_each(|goal| in_condition(&mut goal.that, &mut change));
    let places = scenario.drawing.iter_mut().flat_map(|drawing| &mut drawing.places);
    for place in places.filter(|place| is_place_of(place, part)) {
        to.clone_into(&mut place.name);
    }
}

/// Takes away the faults, goals and places that name `part`.
pub(super) fn forget(scenario: &mut Scenario<Topology>, part: &Part) {
    let role = part.kind.role();
    let is_it = |each: Role, name: &str| each == role && name == part.name;
    scenario.faults.retain_mut(|fault| {
        let mut is_named = false;
        in_fault(fault, &mut |each, name| is_named |= is_it(each, name));
        !is_named
    });
    scenario.goals.retain_mut(|Goal { that, .. }| {
        let mut is_named = false;
        in_condition(that, &mut |each, name| is_named |= is_it(each, name));
        !is_named
    });
    if let Some(drawing) = &mut scenario.drawing {
        drawing.places.retain(|place| !is_place_of(place, part));
    }
    scenario.drawing.take_if(|drawing| drawing.places.is_empty());
}

fn is_place_of(place: &Place, part: &Part) -> bool {
    place.part.word() == part.kind.word() && place.name == part.name
}

fn in_system(system: &mut Topology, found: &mut impl FnMut(Role, &mut String)) {
    for queue in &mut system.queues {
        found(Role::Place, &mut queue.name);
        queue.dead_letters.iter_mut().for_each(|name| found(Role::Place, name));
    }
    system.topics.iter_mut().for_each(|topic| found(Role::Place, &mut topic.name));
    for subscription in &mut system.subscriptions {
        found(Role::Place, &mut subscription.topic);
        found(Role::Place, &mut subscription.queue);
    }
    for consumer in &mut system.consumers {
        found(Role::Worker, &mut consumer.name);
        found(Role::Place, &mut consumer.queue);
        consumer.publishes.iter_mut().for_each(|route| found(Role::Place, &mut route.to));
    }
    system.routes.values_mut().for_each(|route| found(Role::Place, &mut route.to));
}

fn in_fault(fault: &mut Fault, found: &mut impl FnMut(Role, &mut String)) {
    match &mut fault.what {
        Trouble::Mode { provider: name, .. }
        | Trouble::Crash { worker: name }
        | Trouble::AcksLost { worker: name, .. }
        | Trouble::WorkerCutOff { worker: name } => found(Role::Worker, name),
        Trouble::ProducerCutOff { producer: name }
        | Trouble::AnswersLost { producer: name, .. }
        | Trouble::Burst { producer: name, .. }
        | Trouble::Rate { producer: name, .. } => found(Role::Sender, name),
        Trouble::ClockJump { .. } => {}
    }
}

fn in_condition(condition: &mut Condition, found: &mut dyn FnMut(Role, &mut String)) {
    match condition {
        Condition::AtLeast(that) | Condition::AtMost(that) | Condition::Exactly(that) => {
            in_metric(&mut that.of, found);
            that.per_mille_of.iter_mut().for_each(|metric| in_metric(metric, found));
        }
        Condition::All(those) | Condition::Any(those) => {
            those.iter_mut().for_each(|that| in_condition(that, found));
        }
        Condition::Not(that) | Condition::Never(that) => in_condition(that, found),
        Condition::Throughout(throughout) => in_condition(&mut throughout.that, found),
        Condition::Within(within) => in_condition(&mut within.that, found),
        Condition::HeldFor(held) => in_condition(&mut held.that, found),
    }
}

fn in_metric(metric: &mut Metric, found: &mut dyn FnMut(Role, &mut String)) {
    let places = metric.queue.iter_mut().chain(&mut metric.topic);
    places.for_each(|name| found(Role::Place, name));
    let senders = metric.producer.iter_mut().chain(&mut metric.caller);
    senders.for_each(|name| found(Role::Sender, name));
    metric.provider.iter_mut().for_each(|name| found(Role::Worker, name));
}
