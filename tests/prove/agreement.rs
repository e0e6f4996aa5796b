//! The engine and the model do the same with the same commands.

use postroom_core::{Alarm, Bug, Event, Jitter, Machine, QueueId};

use crate::{
    drive::Driver,
    model::{Broker, answer_of, view_of},
    script::{Script, Step},
    seeds::{caught, first_failure, seeds},
    shrink::shrink,
    weather::Weather,
};

const SEQUENCES: u64 = 10_000;
pub(crate) const COMMANDS: usize = 200;

#[test]
fn engine_and_model_agree() {
    let check = |seed| {
        let script = Weather::new(seed, Jitter::None).script(COMMANDS);
        disagreement(&script, None).map_or(Ok(()), Err)
    };
    if let Some((seed, _)) = first_failure(seeds(SEQUENCES), check, |()| ()) {
        panic!("{}", report(seed));
    }
}

/// What a seed's disagreement comes down to.
fn report(seed: u64) -> String {
    let script = Weather::new(seed, Jitter::None).script(COMMANDS);
    let script = shrink(script, |script| disagreement(script, None).is_some());
    let text = disagreement(&script, None).unwrap_or_default();
    format!("seed {seed}, cut down to {} steps:\n\n{script}\n{text}", script.steps.len())
}

/// Where engine and model part, if they do.
pub(crate) fn disagreement(script: &Script, bug: Option<Bug>) -> Option<String> {
    caught(|| first_difference(script, bug).map_or(Ok(()), Err)).err()
}

fn first_difference(script: &Script, bug: Option<Bug>) -> Option<String> {
    let mut driver = Driver::new(&script.world, bug);
    let mut model = Broker::new(&script.world);
    let mut alarms = Vec::new();
    for (number, step) in script.steps.iter().enumerate() {
        let found = compare_step(&mut driver, &mut model, &mut alarms, step);
        if let Some(found) = found {
            return Some(format!("after step {} ({step}): {found}", number + 1));
        }
    }
    None
}

fn compare_step(
    driver: &mut Driver,
    model: &mut Broker,
    alarms: &mut Vec<(QueueId, Alarm)>,
    step: &Step,
) -> Option<String> {
    let outcome = driver.step(step);
    let (answer, events) = model.step(driver.clock, step);
    let engine_answer = answer_of(&outcome.reply);
    if engine_answer != answer {
        return Some(format!("answers\nengine {engine_answer:?}\nmodel  {answer:?}"));
    }
    let sorted = Sorted::new(outcome.events.iter().map(|(_, event)| *event));
    let ours = Sorted::new(events.into_iter());
    if sorted.events != ours.events {
        return Some(format!("events\n{}", side_by_side(&sorted.events, &ours.events)));
    }
    if sorted.released != ours.released {
        return Some(format!("released groups\n{:?}\n{:?}", sorted.released, ours.released));
    }
    for (queue, alarm, raised) in &sorted.alarms {
        alarms.retain(|other| *other != (*queue, *alarm));
        if *raised {
            alarms.push((*queue, *alarm));
        }
    }
    alarms.sort_unstable();
    if *alarms != model.alarms() {
        return Some(format!("alarms\nengine {alarms:?}\nmodel  {:?}", model.alarms()));
    }
    let wakes = sorted.wakes;
    if let Some(queue) = model.woken().iter().find(|queue| !wakes.contains(queue)) {
        return Some(format!("{queue:?} has something to deliver, and nobody is woken"));
    }
    let now = driver.engine.now();
    if outcome.events.iter().any(|(at, _)| *at != now) {
        return Some("an event bears another time than its command".into());
    }
    for queue in (0..model.queue_count()).map(|number| QueueId::new(number as u32)) {
        let stats = driver.engine.queue_stats(queue).expect("it was made");
        if stats != model.stats(queue) {
            let ours = model.stats(queue);
            return Some(format!("counters of {queue:?}\nengine {stats:?}\nmodel  {ours:?}"));
        }
        let views = driver.engine.peek(queue, 0, u32::MAX);
        let views: Vec<_> = views.iter().map(view_of).collect();
        if views != model.peek(queue) {
            let ours = model.peek(queue);
            return Some(format!("copies in {queue:?}\n{}", side_by_side(&views, &ours)));
        }
    }
    let (next, ours) = (driver.engine.next_deadline(), model.next_deadline());
    if next.is_some_and(|at| at <= now) || ours.is_some_and(|at| next.is_none_or(|next| next > at))
    {
        return Some(format!("the next deadline\nengine {next:?}\nmodel  {ours:?}"));
    }
    None
}

/// The events of one step, in order, but for those whose place among the others means nothing.
#[derive(Default)]
struct Sorted {
    events: Vec<Event>,
    released: Vec<QueueId>,
    wakes: Vec<QueueId>,
    /// Raised or cleared.
    alarms: Vec<(QueueId, Alarm, bool)>,
}

impl Sorted {
    fn new(events: impl Iterator<Item = Event>) -> Self {
        let mut sorted = Self::default();
        for event in events {
            match event {
                Event::Woken { queue } => sorted.wakes.push(queue),
                Event::GroupReleased { queue } => sorted.released.push(queue),
                Event::AlarmRaised { queue, alarm } => sorted.alarms.push((queue, alarm, true)),
                Event::AlarmCleared { queue, alarm } => sorted.alarms.push((queue, alarm, false)),
                other => sorted.events.push(other),
            }
        }
        sorted.released.sort_unstable();
        sorted
    }
}

/// Two lists, what differs marked.
fn side_by_side<T: std::fmt::Debug + PartialEq>(engine: &[T], model: &[T]) -> String {
    let mut text = String::new();
    for place in 0..engine.len().max(model.len()) {
        match (engine.get(place), model.get(place)) {
            (Some(one), Some(other)) if one == other => text.push_str(&format!("both   {one:?}\n")),
            (one, other) => {
                let show = |item: Option<&T>| item.map_or("nothing".into(), |i| format!("{i:?}"));
                text.push_str(&format!("ENGINE {}\nMODEL  {}\n", show(one), show(other)));
            }
        }
    }
    text
}
