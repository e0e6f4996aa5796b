//! Places in the picture: what is kept, what is refused, and that a run does not see them.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, run};
use crate::{
    Drawing, DrawnPart, Place, Producer, Scenario, ScenarioError, Topology,
    limits::{DRAWING_WIDTH_MAX, DRAWING_WIDTH_MIN, PLACE_MAX, PLACES_MAX},
};

fn place(part: DrawnPart, name: &str) -> Place {
    Place { part, name: name.to_owned(), x: 10, y: PLACE_MAX }
}

/// One part of every kind that the system has.
fn drawing() -> Drawing {
    let scenario = calm(1);
    let system = &scenario.system;
    let places = vec![
        place(DrawnPart::Producer, scenario.producers[0].stream_name()),
        place(DrawnPart::Topic, &system.topics[0].name),
        place(DrawnPart::Queue, &system.queues[0].name),
        place(DrawnPart::Worker, &system.consumers[0].name),
    ];
    Drawing { width: 800, places }
}

/// What it says means nothing for the run, not even whether it makes sense.
fn nonsense() -> Drawing {
    Drawing { width: 0, places: vec![place(DrawnPart::Service, "nobody"); 2] }
}

fn drawn(drawing: Drawing) -> Scenario<Topology> {
    Scenario { drawing: Some(drawing), ..calm(1) }
}

#[test]
fn a_run_takes_the_same_course_however_it_is_drawn() {
    let (plain, trace) = run(calm(1), 30);
    for drawing in [drawing(), nonsense()] {
        let (moved, moved_trace) = run(drawn(drawing), 30);
        assert_eq!(plain.digest(), moved.digest());
        assert_eq!(trace.to_string(), moved_trace.to_string());
    }
}

#[test]
fn places_are_kept_in_the_document() {
    let text = serde_json::to_string(&drawn(drawing())).expect("it can be written");
    let read = Scenario::read(&text, serde_json::from_str, serde_json::from_str);
    assert_eq!(read, Ok(drawn(drawing())));
    let plain = serde_json::to_string(&calm(1)).expect("it can be written");
    assert!(!plain.contains("drawing"), "{plain}");
}

#[test]
fn places_end_at_their_limits() {
    for width in [DRAWING_WIDTH_MIN, DRAWING_WIDTH_MAX] {
        assert_eq!(drawn(Drawing { width, ..drawing() }).check_drawing(), Ok(()));
    }
    for width in [0, DRAWING_WIDTH_MIN - 1, DRAWING_WIDTH_MAX + 1] {
        let error = drawn(Drawing { width, ..drawing() }).check_drawing();
        assert!(matches!(error, Err(ScenarioError::OutOfRange { .. })), "{width}: {error:?}");
    }
    let mut far = drawing();
    far.places[1].x = PLACE_MAX + 1;
    let error = drawn(far).check_drawing().expect_err("too far").to_string();
    assert!(error.contains("`drawing.places[1].x`"), "{error}");

    let many = |count: usize| {
        let mut scenario = calm(1);
        let names: Vec<_> = (0..count).map(|n| n.to_string()).collect();
        let calm = scenario.producers[0].arrivals.clone();
        scenario.producers = names.iter().map(|it| Producer::new(it, calm.clone())).collect();
        let places = names.iter().map(|it| place(DrawnPart::Producer, it)).collect();
        Scenario { drawing: Some(Drawing { width: 800, places }), ..scenario }.check_drawing()
    };
    assert_eq!(many(PLACES_MAX), Ok(()));
    let found = PLACES_MAX + 1;
    let error = ScenarioError::TooMany { field: "drawing.places", found, max: PLACES_MAX };
    assert_eq!(many(found), Err(error));
}

#[test]
fn a_part_that_is_not_there_is_named() {
    let kinds = [
        DrawnPart::Producer,
        DrawnPart::Topic,
        DrawnPart::Queue,
        DrawnPart::Worker,
        DrawnPart::Caller,
        DrawnPart::Service,
    ];
    for part in kinds {
        let lost = Drawing { width: 800, places: vec![place(part, "nobody")] };
        let error = drawn(lost).check_drawing().err();
        let (field, name) = ("drawing.places[0].name".to_owned(), "nobody".to_owned());
        assert_eq!(error, Some(ScenarioError::NoSuch { field, name, what: part.word() }));
    }
}

#[test]
fn a_part_stands_in_one_place() {
    let mut twice = drawing();
    twice.places.push(place(DrawnPart::Queue, &twice.places[2].name));
    let error = drawn(twice).check_drawing().expect_err("it is there twice").to_string();
    assert!(error.contains("`drawing.places[4].name`"), "{error}");
}
