//! Edits, one after the other.

use postroom_simulator::{DrawnPart, Place, Scenario, Topology};

use super::{Edit, EditError, Kind, Part, Setting, could_lead_to, edit, fields, leads_to, text_of};
use crate::{sandbox::templates::TEMPLATES, stage::Moved};

fn empty() -> Scenario<Topology> {
    Scenario::new("Mine", 1, Topology::default())
}

/// The scenario after these edits, each of which is possible; with the last part selected.
fn after(scenario: Scenario<Topology>, edits: &[Edit]) -> Scenario<Topology> {
    edits.iter().fold(scenario, |scenario, each| match edit(&scenario, each) {
        Ok(edited) => edited.scenario,
        Err(error) => panic!("{each:?}: {error}"),
    })
}

fn refused(scenario: &Scenario<Topology>, each: &Edit) -> EditError {
    edit(scenario, each).err().unwrap_or_else(|| panic!("{each:?} is possible"))
}

fn add(kind: Kind) -> Edit {
    Edit::Add { kind, beside: None }
}

fn part(kind: Kind, name: &str) -> Part {
    Part::new(kind, name)
}

fn template(id: &str) -> Scenario<Topology> {
    let found = TEMPLATES.iter().find(|each| each.id == id).expect("a template");
    serde_json::from_str(found.document).expect("a scenario")
}

/// A work queue with dead letters, as four presses make it.
fn work_queue() -> Scenario<Topology> {
    let dead = Edit::AddDeadLetters { beside: None };
    after(empty(), &[add(Kind::Queue), dead, add(Kind::Worker), add(Kind::Producer)])
}

#[test]
fn four_presses_make_a_work_queue_with_dead_letters() {
    let scenario = work_queue();
    let queue = part(Kind::Queue, "queue");
    let ends = [part(Kind::Worker, "worker"), part(Kind::Queue, "dead queue")];
    assert_eq!(leads_to(&scenario, &queue), ends);
    assert_eq!(leads_to(&scenario, &part(Kind::Producer, "producer")), [queue]);
    let text = text_of(&scenario);
    assert!(text.contains(r#"{ "name": "queue", "dead_letters": "dead queue" }"#), "{text}");
    assert!(text.lines().count() < 30, "{text}");
}

#[test]
fn the_order_of_adding_does_not_matter() {
    let first = after(empty(), &[add(Kind::Producer), add(Kind::Queue), add(Kind::Worker)]);
    let last = after(empty(), &[add(Kind::Queue), add(Kind::Worker), add(Kind::Producer)]);
    assert_eq!(first, last);
}

#[test]
fn what_is_added_belongs_to_what_is_selected() {
    let beside = |name: &str| Some(part(Kind::Topic, name));
    let scenario = after(
        empty(),
        &[
            add(Kind::Topic),
            add(Kind::Topic),
            Edit::Add { kind: Kind::Queue, beside: beside("topic 2") },
            Edit::Add { kind: Kind::Queue, beside: beside("topic 2") },
            Edit::Add { kind: Kind::Producer, beside: beside("topic 2") },
        ],
    );
    let queues = ["queue", "queue 2"].map(|name| part(Kind::Queue, name));
    assert_eq!(leads_to(&scenario, &part(Kind::Topic, "topic 2")), queues);
    assert_eq!(leads_to(&scenario, &part(Kind::Topic, "topic")), []);
    let to = leads_to(&scenario, &part(Kind::Producer, "producer"));
    assert_eq!(to, [part(Kind::Topic, "topic 2")]);
}

#[test]
fn what_cannot_be_is_said() {
    let scenario = work_queue();
    let connect = |from: (Kind, &str), to: (Kind, &str)| {
        refused(&scenario, &Edit::Connect(part(from.0, from.1), part(to.0, to.1))).to_string()
    };
    use Kind::{Producer, Queue, Topic, Worker};
    let (queue, dead) = ((Queue, "queue"), (Queue, "dead queue"));
    let (worker, producer) = ((Worker, "worker"), (Producer, "producer"));
    for (from, to, words) in [
        (queue, queue, "a dead-letter queue cannot be its own"),
        (dead, queue, "round in a circle"),
        (queue, dead, "connected already"),
        (queue, worker, "connected already"),
        (producer, worker, "a producer does not lead to a worker"),
        (worker, producer, "a worker does not lead to a producer"),
        (producer, dead, "keeps the dead letters of `queue`"),
        (dead, worker, "keeps the dead letters of `queue`"),
        (worker, queue, "come back for ever"),
        (producer, (Topic, "nowhere"), "there is no topic `nowhere`"),
    ] {
        let said = connect(from, to);
        assert!(said.contains(words), "{from:?} to {to:?}: {said}");
    }
    let (other, worker) = (part(Queue, "queue 2"), part(Worker, "worker"));
    let published = [add(Queue), Edit::Connect(worker.clone(), other.clone())];
    let published = after(work_queue(), &published);
    let back = refused(&published, &Edit::Connect(other, worker));
    assert!(matches!(back, EditError::Loop { .. }), "{back}");
    assert_eq!(refused(&empty(), &add(Worker)), EditError::NeedsQueue);
    let dead_letters = Edit::AddDeadLetters { beside: None };
    assert_eq!(refused(&empty(), &dead_letters), EditError::NeedsQueueForDeadLetters);
    let rename = |to: &str| refused(&scenario, &Edit::Rename(part(Queue, "queue"), to.into()));
    assert_eq!(rename(" "), EditError::NameLength);
    assert_eq!(rename(&"x".repeat(81)), EditError::NameLength);
    assert_eq!(rename("worker"), EditError::NameTaken { name: "worker".into() });
    let set = Edit::Set(part(Queue, "queue"), Setting::MaxDeliveries, 0);
    assert!(matches!(refused(&scenario, &set), EditError::Range { min: 1, max: 1_000, .. }));
    let set = Edit::Set(part(Worker, "worker"), Setting::CallTimeout, 60_000);
    assert!(matches!(refused(&scenario, &set), EditError::Refused(_)), "longer than the lease");
}

#[test]
fn a_new_name_reaches_everything_that_has_the_old_one() {
    for (id, kind, old) in [
        ("work-queue", Kind::Queue, "jobs"),
        ("work-queue", Kind::Queue, "dead jobs"),
        ("work-queue", Kind::Producer, "website"),
        ("work-queue", Kind::Worker, "worker 2"),
        ("fan-out", Kind::Topic, "order placed"),
        ("notifications", Kind::Worker, "SMS gateway"),
    ] {
        let before = template(id);
        let renamed = Edit::Rename(part(kind, old), "other".into());
        let Ok(edited) = edit(&before, &renamed) else { panic!("{id} has no {old}") };
        let quoted = format!("\"{old}\"");
        let expected = serde_json::to_value(&before).expect("a document").to_string();
        let expected = expected.replace(&quoted, "\"other\"");
        let found = serde_json::to_value(&edited.scenario).expect("a document").to_string();
        assert!(!found.contains(&quoted), "{id}: {old} is left");
        // The name of a key may stand elsewhere now.
        assert_eq!(sorted(&found), sorted(&expected), "{id}: {old}");
    }
}

fn sorted(text: &str) -> Vec<char> {
    let mut letters: Vec<char> = text.chars().collect();
    letters.sort_unstable();
    letters
}

#[test]
fn what_hangs_on_a_part_goes_with_it() {
    for template in &TEMPLATES {
        let scenario: Scenario<Topology> =
            serde_json::from_str(template.document).expect("a scenario");
        for part in every_part(&scenario) {
            let after = after(scenario.clone(), &[Edit::Delete(part.clone())]);
            assert!(!part.is_in(&after), "{}: {part:?}", template.id);
        }
        let mut left = scenario;
        while let Some(part) = every_part(&left).pop() {
            left = after(left, &[Edit::Delete(part)]);
        }
        assert_eq!(left.system, Topology::default(), "{}", template.id);
        assert_eq!(left.providers, [], "{}", template.id);
        assert!(left.faults.len() <= left.services.len(), "{}", template.id);
    }
}

#[test]
fn dead_letters_that_two_queues_share_stay_with_the_other() {
    let scenario = after(
        work_queue(),
        &[
            add(Kind::Queue),
            Edit::Connect(part(Kind::Queue, "queue 2"), part(Kind::Queue, "dead queue")),
            Edit::Delete(part(Kind::Queue, "queue")),
        ],
    );
    let dead = part(Kind::Queue, "dead queue");
    assert_eq!(leads_to(&scenario, &part(Kind::Queue, "queue 2")), std::slice::from_ref(&dead));
    let scenario = after(scenario, &[Edit::Delete(part(Kind::Queue, "queue 2"))]);
    assert!(!dead.is_in(&scenario), "nobody sends there any more");
}

#[test]
fn every_setting_can_be_set_to_its_bounds_or_is_refused_in_words() {
    for template in &TEMPLATES {
        let scenario: Scenario<Topology> =
            serde_json::from_str(template.document).expect("a scenario");
        for part in every_part(&scenario) {
            for field in fields(&scenario, &part) {
                let label = field.label;
                assert!((field.min..=field.max).contains(&field.value), "{part:?} {label}");
                for value in [field.min, field.max, field.value] {
                    let set = Edit::Set(part.clone(), field.setting, value);
                    match edit(&scenario, &set) {
                        Ok(edited) => {
                            let fields = fields(&edited.scenario, &part);
                            let now = fields.iter().find(|each| each.label == label);
                            assert_eq!(now.map(|now| now.value), Some(value), "{part:?} {label}");
                        }
                        Err(error) => {
                            assert!(matches!(error, EditError::Refused(_)), "{label}: {error}");
                        }
                    }
                }
            }
        }
    }
}

#[test]
fn what_could_be_connected_can_be_and_be_taken_apart_again() {
    for template in &TEMPLATES {
        let scenario: Scenario<Topology> =
            serde_json::from_str(template.document).expect("a scenario");
        for from in every_part(&scenario) {
            for to in could_lead_to(&scenario, &from) {
                let joined = after(scenario.clone(), &[Edit::Connect(from.clone(), to.clone())]);
                assert!(leads_to(&joined, &from).contains(&to), "{from:?} {to:?}");
                if to.kind != Kind::Worker {
                    let apart = after(joined, &[Edit::Disconnect(from.clone(), to.clone())]);
                    assert!(!leads_to(&apart, &from).contains(&to), "{from:?} {to:?}");
                }
            }
        }
    }
}

fn every_part(scenario: &Scenario<Topology>) -> Vec<Part> {
    let system = &scenario.system;
    let producers = scenario.producers.iter();
    let producers = producers.map(|each| each.stream.as_ref().unwrap_or(&each.name));
    let mut parts: Vec<Part> = producers.map(|name| Part::new(Kind::Producer, name)).collect();
    parts.dedup();
    parts.extend(system.topics.iter().map(|each| Part::new(Kind::Topic, &each.name)));
    parts.extend(system.queues.iter().map(|each| Part::new(Kind::Queue, &each.name)));
    parts.extend(system.consumers.iter().map(|each| Part::new(Kind::Worker, &each.name)));
    parts
}

#[test]
fn what_a_setting_usually_is_is_what_the_engine_makes_of_nothing() {
    let scenario = work_queue();
    for part in [part(Kind::Queue, "queue"), part(Kind::Worker, "worker")] {
        for field in fields(&scenario, &part) {
            assert!(field.default.is_none_or(|usual| usual == field.value), "{}", field.label);
        }
    }
}

#[test]
fn a_moved_part_keeps_its_place_as_long_as_it_is_there() {
    let place = |part, name: &str| Place { part, name: name.to_owned(), x: 100, y: 40 };
    let moved = |place: &Place| Edit::Move(Moved { width: 800, place: place.clone() });
    let queue = place(DrawnPart::Queue, "queue");
    let worker = place(DrawnPart::Worker, "worker");
    let scenario = after(work_queue(), &[moved(&queue), moved(&worker)]);
    let places = |scenario: &Scenario<Topology>| {
        assert_eq!(scenario.check_drawing(), Ok(()));
        scenario.drawing.as_ref().map(|drawing| drawing.places.clone()).unwrap_or_default()
    };
    assert_eq!(places(&scenario), [queue.clone(), worker.clone()]);
    let farther = Place { x: 140, ..queue.clone() };
    let scenario = after(scenario, &[moved(&farther)]);
    assert_eq!(places(&scenario), [farther.clone(), worker.clone()]);

    let rename = Edit::Rename(part(Kind::Queue, "queue"), "jobs".to_owned());
    let renamed = after(scenario.clone(), &[rename]);
    assert_eq!(places(&renamed), [Place { name: "jobs".to_owned(), ..farther }, worker]);
    let deleted = after(renamed, &[Edit::Delete(part(Kind::Queue, "jobs"))]);
    assert_eq!(deleted.drawing, None, "its worker went with it");
    assert_eq!(after(scenario, &[Edit::Tidy]), work_queue());
}
