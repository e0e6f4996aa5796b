//! Damaged documents: refused, or read as another sound one; never a panic, never half.

use postroom_core::{At, Command, Engine, Machine, Record, Snapshot};

use crate::{
    cbor::{from_cbor, to_cbor},
    world::{Draw, World},
};

/// A world in which something waits, something is held, and something is dead.
fn small() -> World {
    let mut world = World::new();
    let mut draw = Draw(3);
    for _ in 0..40 {
        let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
        world.apply(at, command);
    }
    world
}

fn restore_json(bytes: &[u8]) -> Option<Engine> {
    Engine::restore(serde_json::from_slice::<Snapshot>(bytes).ok()?).ok()
}

fn restore_binary(bytes: &[u8]) -> Option<Engine> {
    Engine::restore(from_cbor::<Snapshot>(bytes).ok()?).ok()
}

/// What was restored works.
fn works(mut engine: Engine) {
    let mut world = World::around(engine.clone());
    let mut draw = Draw(7);
    for _ in 0..5 {
        let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
        world.apply(at, command);
    }
    let again = Engine::restore(engine.snapshot()).expect("what was restored can be again");
    assert_eq!(again.digest(), engine.digest());
    if let Some(at) = engine.next_deadline() {
        engine.tick(At::time(at), &mut ());
    }
}

#[test]
fn every_cut_is_refused() {
    let engine = small().engine;
    let text = serde_json::to_vec(&engine.snapshot()).unwrap();
    let bytes = to_cbor(&engine.snapshot());
    for end in (0..text.len()).step_by(7) {
        assert!(restore_json(&text[..end]).is_none(), "restored when cut at {end}");
    }
    for end in 0..bytes.len() {
        assert!(restore_binary(&bytes[..end]).is_none(), "restored when cut at {end}");
    }
}

#[test]
fn a_flipped_bit_is_refused_or_makes_another_sound_document() {
    let engine = small().engine;
    let (mut read, mut draw) = (0, Draw(1));
    let mut bytes = to_cbor(&engine.snapshot());
    for place in 0..bytes.len() {
        let bit = 1 << draw.below(8);
        bytes[place] ^= bit;
        if let Some(restored) = restore_binary(&bytes) {
            read += 1;
            works(restored);
        }
        bytes[place] ^= bit;
    }
    let mut text = serde_json::to_vec(&engine.snapshot()).unwrap();
    for place in (0..text.len()).step_by(11) {
        let bit = 1 << draw.below(7);
        text[place] ^= bit;
        if let Some(restored) = restore_json(&text) {
            read += 1;
            works(restored);
        }
        text[place] ^= bit;
    }
    assert!(read > 100, "bodies and free settings may change: {read} were read");
}

#[test]
fn damaged_records_are_refused_or_are_other_commands() {
    let mut world = World::new();
    let mut draw = Draw(11);
    for _ in 0..200 {
        let (at, command) = (world.next_at(&mut draw), world.random_command(&mut draw));
        let mut bytes = to_cbor(&Record::new(at, &command));
        for end in 0..bytes.len() {
            let cut = from_cbor::<Record<Command>>(&bytes[..end]);
            assert!(cut.is_err(), "{command:?} was read when cut at {end}");
        }
        let place = draw.below(bytes.len() as u64) as usize;
        bytes[place] ^= 1 << draw.below(8);
        let damaged = from_cbor::<Record<Command>>(&bytes).map(Record::open);
        if let Ok(Ok((at, other))) = damaged {
            // On a copy: it may be any time and any command.
            world.engine.clone().apply(at, other, &mut ()).ok();
        }
        world.apply(at, command);
    }
}
