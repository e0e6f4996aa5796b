//! Snapshots made to harm: what is accepted works, whatever it says.

use postroom_core::{Engine, Machine, RestoreError, Snapshot, Timestamp};
use serde_json::Value;

use crate::world::{Draw, World};

const SEEDS: u64 = 30;
/// Mutations of each seed's snapshot, each by itself.
const MUTATIONS: u64 = 40;
/// Commands that an accepted one must bear.
const COMMANDS: u32 = 200;

#[test]
fn what_is_accepted_bears_every_command() {
    let (mut accepted, mut refused, mut unread) = (0, 0, 0);
    for seed in seeds() {
        let mut draw = Draw(seed);
        let mut world = World::new();
        for _ in 0..50 + draw.below(250) {
            let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
            world.apply(at, command);
        }
        let sound = serde_json::to_value(world.engine.snapshot()).unwrap();
        for _ in 0..MUTATIONS {
            let mut hostile = sound.clone();
            let mut said = String::new();
            for _ in 0..1 + draw.below(2) {
                said += &mutate(&mut hostile["content"], &mut draw);
            }
            match serde_json::from_value::<Snapshot>(ordered(hostile)).map(Engine::restore) {
                Err(_) => unread += 1,
                Ok(Err(RestoreError::Damaged { .. })) => refused += 1,
                Ok(Err(error)) => panic!("seed {seed}: {error} after {said}"),
                Ok(Ok(engine)) => {
                    accepted += 1;
                    bear(engine, &mut draw, &format!("seed {seed}, {said}"));
                }
            }
        }
    }
    assert!(accepted > 50 && refused > 50 && unread > 50, "{accepted} {refused} {unread}");
}

/// Before anybody mends or harms it: a snapshot of what came about is always restored.
#[test]
fn a_sound_snapshot_is_never_refused() {
    for seed in seeds() {
        let (mut draw, mut world) = (Draw(seed), World::new());
        for step in 0..400 {
            let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
            let said = format!("seed {seed}, step {step}: {command:?} at {at:?}");
            world.apply(at, command);
            if step % 4 > 0 {
                continue;
            }
            let restored = Engine::restore(world.engine.snapshot());
            let restored = restored.unwrap_or_else(|error| panic!("{error}; {said}"));
            assert_eq!(restored.digest(), world.engine.digest(), "{said}");
            assert_eq!(restored.next_deadline(), world.engine.next_deadline(), "{said}");
        }
    }
}

/// More with `POSTROOM_FUZZ_SEEDS`.
fn seeds() -> std::ops::Range<u64> {
    let more = std::env::var("POSTROOM_FUZZ_SEEDS").ok().and_then(|count| count.parse().ok());
    0..more.unwrap_or(SEEDS)
}

fn bear(engine: Engine, draw: &mut Draw, said: &str) {
    let mut world = World::around(engine);
    for step in 0..COMMANDS {
        let (mut at, command) = (world.next_at(draw), world.random_command(draw));
        if step == COMMANDS - 10 && draw.one_in(2) {
            at.now = Timestamp::from_micros(u64::MAX);
        }
        world.apply(at, command);
    }
    let digest = world.engine.digest();
    let restored = Engine::restore(world.engine.snapshot());
    let restored = restored.unwrap_or_else(|error| panic!("{error} after {said}"));
    assert_eq!(restored.digest(), digest, "{said}");
}

/// Changes one thing somewhere; says what.
fn mutate(root: &mut Value, draw: &mut Draw) -> String {
    let mut paths = Vec::new();
    collect(root, String::new(), &mut paths);
    let path = draw.of(&paths);
    let value = root.pointer_mut(&path).expect("the path was just found");
    let before = value.to_string();
    *value = match value.take() {
        Value::Number(number) => number_near(number.as_u64().unwrap_or_default(), draw).into(),
        Value::Bool(truth) => (!truth).into(),
        Value::Null => draw.of(&[Value::from(0), Value::from(u64::MAX), Value::from("q2.0")]),
        Value::String(text) => draw.of(&[text.clone() + "x", String::new(), "q1.0".into()]).into(),
        Value::Array(list) => list_near(list, draw),
        Value::Object(fields) => object_near(fields, draw),
    };
    let short = |text: &str| text.chars().take(60).collect::<String>();
    format!("{path}: {} became {}; ", short(&before), short(&value.to_string()))
}

fn number_near(number: u64, draw: &mut Draw) -> u64 {
    match draw.below(9) {
        0 => 0,
        1 => 1,
        2 => u64::MAX,
        3 => u64::from(u32::MAX),
        4 => 1 << 61,
        5 => number.wrapping_sub(1),
        6 => number.saturating_mul(1_000),
        7 => draw.below(40),
        _ => number.wrapping_add(1),
    }
}

fn list_near(mut list: Vec<Value>, draw: &mut Draw) -> Value {
    if list.is_empty() {
        return Value::Array(vec![draw.of(&[Value::from(0), Value::Null])]);
    }
    let place = draw.below(list.len() as u64) as usize;
    match draw.below(4) {
        0 => _ = list.remove(place),
        1 => list.push(list[place].clone()),
        2 => list.swap(place, 0),
        _ => list.clear(),
    }
    Value::Array(list)
}

fn object_near(mut fields: serde_json::Map<String, Value>, draw: &mut Draw) -> Value {
    let names: Vec<String> = fields.keys().cloned().collect();
    if let Some(name) = (!names.is_empty()).then(|| draw.of(&names)) {
        let value = fields.remove(&name).expect("it was just there");
        if draw.one_in(2) {
            fields.insert(name + "x", value);
        }
    }
    Value::Object(fields)
}

fn collect(value: &Value, path: String, paths: &mut Vec<String>) {
    match value {
        Value::Array(list) => {
            for (index, value) in list.iter().enumerate() {
                collect(value, format!("{path}/{index}"), paths);
            }
        }
        Value::Object(fields) => {
            for (name, value) in fields {
                let name = name.replace('~', "~0").replace('/', "~1");
                collect(value, format!("{path}/{name}"), paths);
            }
        }
        _ => {}
    }
    paths.push(path);
}

/// The version comes first in a document; maps of values are ordered by name.
fn ordered(mut document: Value) -> Value {
    let content = document["content"].take();
    Value::Array(vec![document["semantics_version"].take(), content])
}
