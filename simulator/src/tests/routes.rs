//! What messages are made of.

use std::collections::BTreeSet;

use postroom_core::{Event, NewMessage, Priority, Span, patterns::OUTBOX_ATTRIBUTE};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::{calm, count, run};
use crate::{
    Bytes, Key, Route, ScenarioError, Stream, World,
    limits::{KEYS_MAX, MESSAGE_BYTES_MAX, PRIORITIES_MAX, SPAN_MS_MAX},
    route::Label,
};

/// The first thousand messages of a producer with this route.
fn messages(route: &Route) -> Vec<NewMessage> {
    let stream = Stream::new(3, "shop", "message");
    (0..1_000)
        .map(|number| route.message("shop", Label::Number(number), stream.draw(number)))
        .collect()
}

fn differ<'m>(keys: impl Iterator<Item = Option<&'m String>>) -> usize {
    keys.collect::<BTreeSet<_>>().len()
}

#[test]
fn without_settings_a_message_is_its_producer_and_its_number() {
    for (number, message) in messages(&Route::default()).iter().enumerate() {
        assert_eq!(*message, NewMessage::new(format!("shop {number}").as_str()));
    }
}

#[test]
fn each_part_is_drawn_by_itself() {
    let route = Route {
        body_bytes: Some(Bytes { min: 3, max: 5_000 }),
        group: Some(Key::OneOf(20)),
        dedup_key: Some(Key::Each),
        identity: Some(Key::OneOf(50)),
        priorities: [4, 4, 4, 9].map(|level| Priority::new(level).expect("a level")).to_vec(),
        delay_ms: 5,
        ttl_ms: Some(7),
        ..Route::default()
    };
    let messages = messages(&route);
    let lengths = messages.iter().map(|m| m.body.as_bytes().len());
    let (least, most) = (lengths.clone().min(), lengths.clone().max());
    assert!(least >= Some(3) && least < Some(60), "{least:?}");
    assert!(most <= Some(5_000) && most > Some(4_900), "{most:?}");
    assert!((2_400..2_600).contains(&(lengths.sum::<usize>() / 1_000)));
    assert_eq!(differ(messages.iter().map(|m| m.group.as_ref())), 20);
    assert_eq!(differ(messages.iter().map(|m| m.dedup_key.as_ref())), 1_000);
    assert_eq!(differ(messages.iter().map(|m| m.attributes.get(OUTBOX_ATTRIBUTE))), 50);
    let urgent = messages.iter().filter(|m| m.priority == Priority::HIGHEST).count();
    assert!(urgent.abs_diff(250) < 50, "{urgent}");
    assert!(messages.iter().all(|m| m.delay == Span::from_millis(5)));
    assert!(messages.iter().all(|m| m.ttl == Some(Span::from_millis(7))));
    let text = serde_json::to_string(&route).expect("a route is plain data");
    assert_eq!(serde_json::from_str::<Route>(&text).expect("as it was written"), route);

    // Another setting shifts none of the others.
    let other = Route { group: None, body_bytes: None, ..route };
    for (message, other) in messages.iter().zip(self::messages(&other)) {
        assert_eq!((message.priority, &message.attributes), (other.priority, &other.attributes));
    }
}

#[test]
fn a_body_is_cut_between_characters() {
    let route = Route { body_bytes: Some(Bytes { min: 3, max: 3 }), ..Route::default() };
    let message = route.message("käse", Label::Number(1), Stream::new(1, "", "").draw(1));
    assert_eq!(message.body.as_bytes(), "kä".as_bytes());
    let message = route.message("kä", Label::Number(1), Stream::new(1, "", "").draw(1));
    assert_eq!(message.body.as_bytes(), "kä".as_bytes());
    let message = route.message("ökö", Label::Number(1), Stream::new(1, "", "").draw(1));
    assert_eq!(message.body.as_bytes(), "ök".as_bytes());
    let message = route.message("aaö", Label::Number(1), Stream::new(1, "", "").draw(1));
    assert_eq!(message.body.as_bytes(), b"aa.");
}

#[test]
fn a_seed_decides_what_is_drawn() {
    let sent = |seed: u64| {
        let mut scenario = calm(seed);
        scenario.producers[0].arrivals = crate::Arrivals::Constant { per_minute: 600 };
        let route = scenario.system.routes.get_mut("events").expect("it is there");
        route.dedup_key = Some(Key::OneOf(100));
        let (world, trace) = run(scenario, 60);
        let repeated = count(&trace, |event| matches!(event, Event::Deduplicated { .. }));
        let sent = world.producer("events").map(crate::ProducerState::sent);
        assert_eq!((sent, world.producer("events").map(|p| p.refused())), (Some(600), Some(0)));
        // 600 draws from 100 keys leave out a quarter of one key on average.
        assert!((500..=503).contains(&repeated), "{repeated}");
        world.trace_digest()
    };
    assert_eq!(sent(1), sent(1));
    assert_ne!(sent(1), sent(2));
}

#[test]
fn every_setting_ends_at_its_limit() {
    let with = |set: &dyn Fn(&mut Route)| {
        let mut scenario = calm(1);
        set(scenario.system.routes.get_mut("events").expect("it is there"));
        World::new(scenario, &mut ()).map(drop)
    };
    let bytes = |min, max| move |route: &mut Route| route.body_bytes = Some(Bytes { min, max });
    let group = |keys| move |route: &mut Route| route.group = Some(Key::OneOf(keys));
    let dedup = |keys| move |route: &mut Route| route.dedup_key = Some(Key::OneOf(keys));
    let identity = |keys| move |route: &mut Route| route.identity = Some(Key::OneOf(keys));
    let mix = |length| move |route: &mut Route| route.priorities = vec![Priority::LOWEST; length];
    let delay = |millis| move |route: &mut Route| route.delay_ms = millis;
    let ttl = |millis| move |route: &mut Route| route.ttl_ms = Some(millis);

    assert_eq!(with(&bytes(MESSAGE_BYTES_MAX, MESSAGE_BYTES_MAX)), Ok(()));
    assert_eq!(with(&bytes(0, 0)), Ok(()));
    assert_eq!(with(&group(1)), Ok(()));
    assert_eq!(with(&dedup(KEYS_MAX)), Ok(()));
    assert_eq!(with(&mix(PRIORITIES_MAX)), Ok(()));
    assert_eq!(with(&delay(SPAN_MS_MAX)), Ok(()));
    assert_eq!(with(&ttl(SPAN_MS_MAX)), Ok(()));
    let refused = |set: &dyn Fn(&mut Route), field: &str| {
        let Err(ScenarioError::System { why }) = with(set) else { panic!("{field} is in range") };
        assert!(why.starts_with(&format!("routes.events.{field}: give")), "{why}");
    };
    refused(&bytes(0, MESSAGE_BYTES_MAX + 1), "body_bytes");
    refused(&bytes(2, 1), "body_bytes");
    refused(&group(0), "group.one_of");
    refused(&dedup(KEYS_MAX + 1), "dedup_key.one_of");
    refused(&identity(0), "identity.one_of");
    refused(&delay(SPAN_MS_MAX + 1), "delay_ms");
    refused(&ttl(0), "ttl_ms");
    refused(&ttl(SPAN_MS_MAX + 1), "ttl_ms");
    let error = with(&mix(PRIORITIES_MAX + 1)).expect_err("they are too many").to_string();
    assert_eq!(error, "`system`: routes.events.priorities: list at most 100");
}
