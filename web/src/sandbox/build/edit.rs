//! What can be done with the parts, and the one place where it is done.

use postroom_core::QueueConfig;
use postroom_simulator::{
    Arrivals, ConsumerSpec, Latency, Producer, Provider, QueueSpec, Route, Scenario, TopicSpec,
    Topology, World, limits::NAME_BYTES_MAX,
};

use super::{
    EditError, connect, names,
    part::{Kind, Part, is_of, kept_for},
    settings::{self, Setting},
};
use crate::stage::Moved;

/// Messages that a new producer sends a minute.
const PER_MINUTE: u32 = 60;
/// Milliseconds that a call to a new worker's provider takes.
const CALL_MS: Latency = Latency::Uniform { min: 300, max: 700 };

/// A change of a scenario.
#[derive(Clone, Debug, PartialEq)]
pub enum Edit {
    /// One more of this kind, connected to the part that it is added beside if that can be, or else
    /// to the first that lacks one.
    Add {
        /// What.
        kind: Kind,
        /// What is selected.
        beside: Option<Part>,
    },
    /// A new dead-letter queue, for the queue that is selected or the first that has none.
    AddDeadLetters {
        /// What is selected.
        beside: Option<Part>,
    },
    /// The first leads to the second from now on.
    Connect(Part, Part),
    /// The first leads to the second no longer.
    Disconnect(Part, Part),
    /// Another name, wherever it is named.
    Rename(Part, String),
    /// Take it away with everything that hangs on it.
    Delete(Part),
    /// Another value of a setting.
    Set(Part, Setting, u64),
    /// A part stands elsewhere in the picture.
    Move(Moved),
    /// Every part stands where the automatic layout puts it.
    Tidy,
}

/// An edit that was made.
#[derive(Clone, Debug, PartialEq)]
pub struct Edited {
    /// The scenario as it is now.
    pub scenario: Scenario<Topology>,
    /// What is selected now.
    pub part: Option<Part>,
    /// What was done, in a sentence.
    pub words: String,
}

/// Carries out an edit. What comes back is a scenario that runs.
///
/// # Errors
/// As [`EditError`] says; nothing has changed then.
pub fn edit(scenario: &Scenario<Topology>, edit: &Edit) -> Result<Edited, EditError> {
    let mut scenario = scenario.clone();
    let (part, words) = apply(&mut scenario, edit)?;
    World::new(scenario.clone(), &mut ()).map_err(EditError::Refused)?;
    Ok(Edited { scenario, part, words })
}

fn apply(
    scenario: &mut Scenario<Topology>,
    edit: &Edit,
) -> Result<(Option<Part>, String), EditError> {
    match edit {
        Edit::Add { kind, beside } => {
            let beside = beside.as_ref().filter(|part| part.is_in(scenario));
            let (part, connected) = match kind {
                Kind::Producer => add_producer(scenario, beside),
                Kind::Topic => add_topic(scenario, beside),
                Kind::Queue => add_queue(scenario, beside),
                Kind::Worker => add_worker(scenario, beside)?,
            };
            let words = match connected {
                Some(other) => format!("{} is added, connected to {other}.", part.name),
                None => format!("{} is added.", part.name),
            };
            Ok((Some(part), words))
        }
        Edit::AddDeadLetters { beside } => add_dead_letters(scenario, beside.as_ref()),
        Edit::Connect(from, to) => {
            let words = format!("{} leads to {} now.", from.name, to.name);
            [from, to].into_iter().try_for_each(|part| check(scenario, part))?;
            connect::connect(scenario, from, to)?;
            Ok((Some(from.clone()), words))
        }
        Edit::Disconnect(from, to) => {
            [from, to].into_iter().try_for_each(|part| check(scenario, part))?;
            connect::disconnect(scenario, from, to)?;
            Ok((Some(from.clone()), format!("{} leads to {} no longer.", from.name, to.name)))
        }
        Edit::Rename(part, name) => rename(scenario, part, name.trim()),
        Edit::Delete(part) => delete(scenario, part),
        Edit::Set(part, setting, to) => {
            check(scenario, part)?;
            let (label, min, max) = settings::bounds(*setting);
            let fits = (min..=max).contains(to);
            if !fits || !settings::set(scenario, part, *setting, *to) {
                return Err(EditError::Range { label, min, max });
            }
            Ok((Some(part.clone()), format!("{}: {label} {to}.", part.name)))
        }
        Edit::Move(moved) => {
            let words = format!("{} is moved.", moved.place.name);
            scenario.drawing = Some(moved.clone().in_drawing(scenario.drawing.as_ref()));
            Ok((None, words))
        }
        Edit::Tidy => {
            scenario.drawing = None;
            Ok((None, "The picture is tidy again.".to_owned()))
        }
    }
}

fn check(scenario: &Scenario<Topology>, part: &Part) -> Result<(), EditError> {
    if part.is_in(scenario) {
        return Ok(());
    }
    Err(EditError::Gone { kind: part.kind.word(), name: part.name.clone() })
}

/// The name, or the name with the first number that makes it one of its own.
fn free_name(scenario: &Scenario<Topology>, name: &str) -> String {
    let mut end = name.len().min(NAME_BYTES_MAX - 4);
    end = name.floor_char_boundary(end);
    let name = &name[..end];
    let mut names = std::iter::once(name.to_owned()).chain((2..).map(|n| format!("{name} {n}")));
    names.find(|name| !is_taken(scenario, name)).unwrap_or_default()
}

/// Whether anything has this name: names that mean one thing each are read more easily.
fn is_taken(scenario: &Scenario<Topology>, name: &str) -> bool {
    let system = &scenario.system;
    system.queues.iter().any(|each| each.name == name)
        || system.topics.iter().any(|each| each.name == name)
        || system.consumers.iter().any(|each| each.name == name)
        || scenario.producers.iter().any(|each| each.name == name || is_of(each, name))
        || scenario.callers.iter().any(|each| each.name == name)
        || scenario.services.iter().any(|each| each.name == name)
}

type Added = (Part, Option<String>);

fn add_producer(scenario: &mut Scenario<Topology>, beside: Option<&Part>) -> Added {
    let name = free_name(scenario, "producer");
    let is_place = |part: &&Part| match part.kind {
        Kind::Topic => true,
        Kind::Queue => kept_for(scenario, &part.name).is_none(),
        Kind::Producer | Kind::Worker => false,
    };
    let to = beside.filter(is_place).map(|part| part.name.clone());
    let to = to.or_else(|| connect::first_unfed(scenario));
    let arrivals = Arrivals::Poisson { per_minute: PER_MINUTE };
    scenario.producers.push(Producer::new(&name, arrivals));
    if let Some(to) = &to {
        let route = Route { to: to.clone(), ..Route::default() };
        scenario.system.routes.insert(name.clone(), route);
    }
    (Part::new(Kind::Producer, name), to)
}

fn add_topic(scenario: &mut Scenario<Topology>, beside: Option<&Part>) -> Added {
    let name = free_name(scenario, "topic");
    scenario.system.topics.push(TopicSpec { name: name.clone(), config: Default::default() });
    let from = connect::route_a_producer(scenario, beside, &name);
    (Part::new(Kind::Topic, name), from)
}

fn add_queue(scenario: &mut Scenario<Topology>, beside: Option<&Part>) -> Added {
    let name = free_name(scenario, "queue");
    let config = QueueConfig::default();
    scenario.system.queues.push(QueueSpec { name: name.clone(), dead_letters: None, config });
    let topic = beside.filter(|part| part.kind == Kind::Topic).map(|part| part.name.clone());
    let from = match topic {
        Some(topic) => {
            connect::subscribe(scenario, &topic, &name);
            Some(topic)
        }
        None => connect::route_a_producer(scenario, beside, &name),
    };
    (Part::new(Kind::Queue, name), from)
}

fn add_worker(
    scenario: &mut Scenario<Topology>,
    beside: Option<&Part>,
) -> Result<Added, EditError> {
    let is_worked_on = |name: &str| kept_for(scenario, name).is_none();
    let beside = beside.filter(|part| part.kind == Kind::Queue && is_worked_on(&part.name));
    let queue = match beside {
        Some(part) => part.name.clone(),
        None => {
            let system = &scenario.system;
            let has_worker =
                |name: &str| system.consumers.iter().any(|consumer| consumer.queue == name);
            let queues = || system.queues.iter().filter(|spec| is_worked_on(&spec.name));
            let idle = queues().find(|spec| !has_worker(&spec.name));
            idle.or_else(|| queues().next()).ok_or(EditError::NeedsQueue)?.name.clone()
        }
    };
    let name = free_name(scenario, "worker");
    scenario.system.consumers.push(ConsumerSpec::new(&name, &queue));
    scenario.providers.push(Provider::new(&name, CALL_MS));
    Ok((Part::new(Kind::Worker, name), Some(queue)))
}

fn add_dead_letters(
    scenario: &mut Scenario<Topology>,
    beside: Option<&Part>,
) -> Result<(Option<Part>, String), EditError> {
    let kept = |name: &str| kept_for(scenario, name).is_some();
    let mut queues = scenario.system.queues.iter();
    let chosen = beside.filter(|part| part.kind == Kind::Queue && !kept(&part.name));
    let found = match chosen {
        Some(part) => queues.find(|spec| spec.name == part.name),
        None => queues.find(|spec| spec.dead_letters.is_none() && !kept(&spec.name)),
    };
    let spec = found.ok_or(EditError::NeedsQueueForDeadLetters)?;
    let queue = spec.name.clone();
    if let Some(to) = spec.dead_letters.clone() {
        return Err(EditError::HasDeadLetters { queue, to });
    }
    let name = free_name(scenario, &format!("dead {queue}"));
    let config = QueueConfig::default();
    let dead = QueueSpec { name: name.clone(), dead_letters: None, config };
    let queues = &mut scenario.system.queues;
    if let Some(at) = queues.iter().position(|spec| spec.name == queue) {
        queues[at].dead_letters = Some(name.clone());
        queues.insert(at, dead);
    }
    let words = format!("{queue} sends its dead letters to {name}.");
    Ok((Some(Part::new(Kind::Queue, queue)), words))
}

fn rename(
    scenario: &mut Scenario<Topology>,
    part: &Part,
    name: &str,
) -> Result<(Option<Part>, String), EditError> {
    check(scenario, part)?;
    if name.is_empty() || name.len() > NAME_BYTES_MAX {
        return Err(EditError::NameLength);
    }
    if name != part.name && is_taken(scenario, name) {
        return Err(EditError::NameTaken { name: name.to_owned() });
    }
    if part.kind == Kind::Producer {
        for producer in scenario.producers.iter_mut().filter(|each| is_of(each, &part.name)) {
            if let Some(stream) = &mut producer.stream {
                name.clone_into(stream);
            }
        }
    }
    names::rename(scenario, part, name);
    let words = format!("{} is called {name} now.", part.name);
    Ok((Some(Part::new(part.kind, name)), words))
}

fn delete(
    scenario: &mut Scenario<Topology>,
    part: &Part,
) -> Result<(Option<Part>, String), EditError> {
    check(scenario, part)?;
    let mut gone = vec![part.clone()];
    match part.kind {
        Kind::Producer => {
            let producers = scenario.producers.iter().filter(|each| is_of(each, &part.name));
            gone = producers.map(|each| Part::new(Kind::Producer, &each.name)).collect();
        }
        Kind::Queue => {
            let workers = scenario.system.consumers.iter();
            let workers = workers.filter(|each| each.queue == part.name);
            gone.extend(workers.map(|each| Part::new(Kind::Worker, &each.name)));
            // Its dead letters stay if another queue sends there, too.
            let mut keeper = &part.name;
            while let Some(spec) = scenario.system.queues.iter().find(|each| each.name == *keeper)
                && let Some(dead) = &spec.dead_letters
                && connect::is_unused_but_for(scenario, dead, keeper)
            {
                gone.push(Part::new(Kind::Queue, dead));
                keeper = dead;
            }
        }
        Kind::Topic | Kind::Worker => {}
    }
    gone.iter().for_each(|part| take_away(scenario, part));
    connect::divert_nothing_to_none(scenario);
    let more = match gone.len() - 1 {
        0 => String::new(),
        n => format!(", with {n} that hung on it"),
    };
    Ok((None, format!("{} is deleted{more}.", part.name)))
}

fn take_away(scenario: &mut Scenario<Topology>, part: &Part) {
    let name = &part.name;
    let system = &mut scenario.system;
    match part.kind {
        Kind::Producer => {
            scenario.producers.retain(|each| each.name != *name);
            system.routes.remove(name);
        }
        Kind::Worker => {
            system.consumers.retain(|each| each.name != *name);
            scenario.providers.retain(|each| each.name != *name);
            scenario.scalers.retain(|each| each.worker != *name);
        }
        Kind::Topic | Kind::Queue => {
            system.topics.retain(|each| each.name != *name);
            system.queues.retain(|each| each.name != *name);
            system.subscriptions.retain(|each| each.topic != *name && each.queue != *name);
            system.routes.retain(|_, route| route.to != *name);
            for consumer in &mut system.consumers {
                consumer.publishes.retain(|route| route.to != *name);
            }
            for queue in &mut system.queues {
                queue.dead_letters.take_if(|dead| dead == name);
            }
        }
    }
    names::forget(scenario, part);
}
