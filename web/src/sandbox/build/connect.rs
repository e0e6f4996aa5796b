//! What leads to what.

use postroom_core::OnFull;
use postroom_simulator::{Route, Scenario, SubscriptionSpec, Topology};

use super::{
    EditError,
    part::{Kind, Part, is_of, kept_for},
};

/// Where a part leads, in the order of the document.
#[must_use]
pub fn leads_to(scenario: &Scenario<Topology>, part: &Part) -> Vec<Part> {
    let system = &scenario.system;
    let place = |name: &str| {
        let is_topic = system.topics.iter().any(|topic| topic.name == name);
        Part::new(if is_topic { Kind::Topic } else { Kind::Queue }, name)
    };
    match part.kind {
        Kind::Producer => {
            let producers = scenario.producers.iter().filter(|each| is_of(each, &part.name));
            let routes = producers.filter_map(|each| system.routes.get(&each.name));
            routes.map(|route| place(&route.to)).collect()
        }
        Kind::Topic => {
            let subscriptions = system.subscriptions.iter();
            let subscriptions = subscriptions.filter(|each| each.topic == part.name);
            subscriptions.map(|each| Part::new(Kind::Queue, &each.queue)).collect()
        }
        Kind::Queue => {
            let workers = system.consumers.iter().filter(|each| each.queue == part.name);
            let workers = workers.map(|each| Part::new(Kind::Worker, &each.name));
            let spec = system.queues.iter().find(|each| each.name == part.name);
            let dead = spec.and_then(|spec| spec.dead_letters.as_ref());
            workers.chain(dead.map(|name| Part::new(Kind::Queue, name))).collect()
        }
        Kind::Worker => {
            let found = system.consumers.iter().find(|each| each.name == part.name);
            let routes = found.map_or(&[][..], |each| &each.publishes);
            routes.iter().map(|route| place(&route.to)).collect()
        }
    }
}

/// Every part that a part can be made to lead to.
#[must_use]
pub fn could_lead_to(scenario: &Scenario<Topology>, part: &Part) -> Vec<Part> {
    let system = &scenario.system;
    let topics = system.topics.iter().map(|each| Part::new(Kind::Topic, &each.name));
    let queues = system.queues.iter().map(|each| Part::new(Kind::Queue, &each.name));
    let workers = system.consumers.iter().map(|each| Part::new(Kind::Worker, &each.name));
    let all = topics.chain(queues).chain(workers);
    all.filter(|to| connect(&mut scenario.clone(), part, to).is_ok()).collect()
}

/// Lets the first lead to the second; both are there.
pub(super) fn connect(
    scenario: &mut Scenario<Topology>,
    from: &Part,
    to: &Part,
) -> Result<(), EditError> {
    match (from.kind, to.kind) {
        (Kind::Producer, Kind::Topic | Kind::Queue) => {
            check_place(scenario, to)?;
            check_new(scenario, from, to)?;
            let producer = only_producer(scenario, from)?;
            let route = scenario.system.routes.entry(producer).or_default();
            route.to.clone_from(&to.name);
        }
        (Kind::Topic, Kind::Queue) => {
            check_place(scenario, to)?;
            check_new(scenario, from, to)?;
            subscribe(scenario, &from.name, &to.name);
        }
        (Kind::Queue, Kind::Worker) => {
            check_place(scenario, from)?;
            check_new(scenario, from, to)?;
            let mut consumers = scenario.system.consumers.iter_mut();
            if let Some(consumer) = consumers.find(|each| each.name == to.name) {
                if consumer.publishes.iter().any(|route| route.to == from.name) {
                    let (worker, queue) = (to.name.clone(), from.name.clone());
                    return Err(EditError::Loop { worker, queue });
                }
                consumer.queue.clone_from(&from.name);
            }
        }
        (Kind::Queue, Kind::Queue) => send_dead_letters(scenario, from, to)?,
        (Kind::Worker, Kind::Topic | Kind::Queue) => {
            check_place(scenario, to)?;
            check_new(scenario, from, to)?;
            let mut consumers = scenario.system.consumers.iter_mut();
            if let Some(consumer) = consumers.find(|each| each.name == from.name) {
                if consumer.queue == to.name {
                    let (worker, queue) = (from.name.clone(), to.name.clone());
                    return Err(EditError::Loop { worker, queue });
                }
                consumer.publishes.push(Route { to: to.name.clone(), ..Route::default() });
            }
        }
        (from, to) => {
            return Err(EditError::NoWay { from: from.word(), to: to.word() });
        }
    }
    Ok(())
}

/// Lets the first lead to the second no longer; both are there.
pub(super) fn disconnect(
    scenario: &mut Scenario<Topology>,
    from: &Part,
    to: &Part,
) -> Result<(), EditError> {
    match (from.kind, to.kind) {
        (Kind::Producer, _) => {
            let producer = only_producer(scenario, from)?;
            scenario.system.routes.remove(&producer);
        }
        (Kind::Topic, _) => {
            let subscriptions = &mut scenario.system.subscriptions;
            subscriptions.retain(|each| each.topic != from.name || each.queue != to.name);
        }
        (Kind::Queue, Kind::Worker) => return Err(EditError::WorkerNeedsQueue),
        (Kind::Queue, _) => {
            let mut queues = scenario.system.queues.iter_mut();
            if let Some(spec) = queues.find(|each| each.name == from.name) {
                spec.dead_letters = None;
            }
            divert_nothing_to_none(scenario);
        }
        (Kind::Worker, _) => {
            let mut consumers = scenario.system.consumers.iter_mut();
            if let Some(consumer) = consumers.find(|each| each.name == from.name) {
                consumer.publishes.retain(|route| route.to != to.name);
            }
        }
    }
    Ok(())
}

pub(super) fn subscribe(scenario: &mut Scenario<Topology>, topic: &str, queue: &str) {
    scenario.system.subscriptions.push(SubscriptionSpec {
        topic: topic.to_owned(),
        queue: queue.to_owned(),
        subjects: Vec::new(),
        filter: Default::default(),
        on_full: Default::default(),
    });
}

/// The first topic or queue that nothing leads to.
pub(super) fn first_unfed(scenario: &Scenario<Topology>) -> Option<String> {
    let system = &scenario.system;
    let names = system.topics.iter().map(|each| &each.name);
    let mut names = names.chain(system.queues.iter().map(|each| &each.name));
    names.find(|name| !is_fed(scenario, name) && kept_for(scenario, name).is_none()).cloned()
}

/// Lets the producer that is selected send there, or else the first one, if it sends nowhere yet:
/// its name.
pub(super) fn route_a_producer(
    scenario: &mut Scenario<Topology>,
    beside: Option<&Part>,
    to: &str,
) -> Option<String> {
    let routes = &mut scenario.system.routes;
    let mut idle = scenario.producers.iter().filter(|each| !routes.contains_key(&each.name));
    let beside = beside.filter(|part| part.kind == Kind::Producer);
    let found = match beside {
        Some(part) => idle.find(|each| is_of(each, &part.name)),
        None => idle.next(),
    };
    let name = found?.name.clone();
    routes.insert(name.clone(), Route { to: to.to_owned(), ..Route::default() });
    Some(name)
}

/// A subscription cannot divert what its queue has no room for to dead letters that are gone: it
/// refuses that from now on, as one does that says nothing.
pub(super) fn divert_nothing_to_none(scenario: &mut Scenario<Topology>) {
    let Topology { queues, subscriptions, .. } = &mut scenario.system;
    for subscription in subscriptions {
        let mut without = queues.iter().filter(|each| each.dead_letters.is_none());
        if subscription.on_full == OnFull::Divert
            && without.any(|each| each.name == subscription.queue)
        {
            subscription.on_full = OnFull::default();
        }
    }
}

/// Whether a queue has no other use than to keep the dead letters of `keeper`.
pub(super) fn is_unused_but_for(scenario: &Scenario<Topology>, queue: &str, keeper: &str) -> bool {
    let mut others = scenario.system.queues.iter().filter(|each| each.name != keeper);
    let is_kept_by_another = others.any(|each| each.dead_letters.as_deref() == Some(queue));
    !is_kept_by_another && !is_fed(scenario, queue) && !is_worked(scenario, queue)
}

fn is_fed(scenario: &Scenario<Topology>, name: &str) -> bool {
    let system = &scenario.system;
    let mut routes =
        system.routes.values().chain(system.consumers.iter().flat_map(|each| &each.publishes));
    routes.any(|route| route.to == name)
        || system.subscriptions.iter().any(|each| each.queue == name)
}

fn is_worked(scenario: &Scenario<Topology>, queue: &str) -> bool {
    scenario.system.consumers.iter().any(|each| each.queue == queue)
}

fn send_dead_letters(
    scenario: &mut Scenario<Topology>,
    from: &Part,
    to: &Part,
) -> Result<(), EditError> {
    if from.name == to.name {
        return Err(EditError::OwnDeadLetters);
    }
    check_new(scenario, from, to)?;
    let mut behind = Some(to.name.clone());
    while let Some(name) = behind {
        if name == from.name {
            let (queue, to) = (from.name.clone(), to.name.clone());
            return Err(EditError::Circle { queue, to });
        }
        let spec = scenario.system.queues.iter().find(|each| each.name == name);
        behind = spec.and_then(|spec| spec.dead_letters.clone());
    }
    if is_fed(scenario, &to.name) || is_worked(scenario, &to.name) {
        return Err(EditError::InUse { queue: to.name.clone() });
    }
    let queues = &mut scenario.system.queues;
    if let Some(spec) = queues.iter_mut().find(|each| each.name == from.name) {
        spec.dead_letters = Some(to.name.clone());
    }
    // A queue is listed behind the one that gets its dead letters.
    let mut left = std::mem::take(queues);
    while let Some(ready) = left.iter().position(|spec| {
        spec.dead_letters.as_ref().is_none_or(|dead| queues.iter().any(|it| it.name == *dead))
    }) {
        queues.push(left.remove(ready));
    }
    queues.append(&mut left);
    Ok(())
}

fn only_producer(scenario: &Scenario<Topology>, part: &Part) -> Result<String, EditError> {
    let mut producers = scenario.producers.iter().filter(|each| is_of(each, &part.name));
    match (producers.next(), producers.next()) {
        (Some(producer), None) => Ok(producer.name.clone()),
        _ => Err(EditError::SendTogether { name: part.name.clone() }),
    }
}

/// A queue of dead letters is nothing else: it is drawn within the queue that they come from.
fn check_place(scenario: &Scenario<Topology>, place: &Part) -> Result<(), EditError> {
    match kept_for(scenario, &place.name) {
        Some(of) if place.kind == Kind::Queue => {
            let (queue, of) = (place.name.clone(), of.to_owned());
            Err(EditError::KeepsDeadLetters { queue, of })
        }
        _ => Ok(()),
    }
}

fn check_new(scenario: &Scenario<Topology>, from: &Part, to: &Part) -> Result<(), EditError> {
    if leads_to(scenario, from).contains(to) {
        let (from, to) = (from.name.clone(), to.name.clone());
        return Err(EditError::ConnectedAlready { from, to });
    }
    Ok(())
}
