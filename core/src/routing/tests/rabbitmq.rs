//! Binding keys as in RabbitMQ's topic exchange. Sources: [T] rabbitmq.com, tutorial 5 "Topics";
//! [M] rabbitmq-server, `topic_matching` in `deps/rabbit/test`.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use std::vec::Vec;

use crate::routing::{SubjectError, SubjectPattern};

fn pattern(key: &str) -> SubjectPattern {
    key.parse().unwrap_or_else(|error| panic!("{key}: {error}"))
}

/// A message without a routing key is one without a subject.
fn matches(key: &str, routing_key: &str) -> bool {
    pattern(key).matches(Some(routing_key).filter(|key| !key.is_empty()))
}

/// [M] The bindings, numbered there from t1; t17 is the empty key and t20 is t1 again.
const BINDINGS: [(u32, &str); 25] = [
    (1, "a.b.c"),
    (2, "a.*.c"),
    (3, "a.#.b"),
    (4, "a.b.b.c"),
    (5, "#"),
    (6, "#.#"),
    (7, "#.b"),
    (8, "*.*"),
    (9, "a.*"),
    (10, "*.b.c"),
    (11, "a.#"),
    (12, "a.#.#"),
    (13, "b.b.c"),
    (14, "a.b.b"),
    (15, "a.b"),
    (16, "b.c"),
    (18, "*.*.*"),
    (19, "vodka.martini"),
    (21, "*.#"),
    (22, "#.*.#"),
    (23, "*.#.#"),
    (24, "#.#.#"),
    (25, "*"),
    (26, "#.b.#"),
    (27, "args-test"),
];

/// [M] Which bindings get a message with which routing key.
const ROUTED: [(&str, &[u32]); 12] = [
    ("a.b.c", &[1, 2, 5, 6, 10, 11, 12, 18, 21, 22, 23, 24, 26]),
    ("a.b", &[3, 5, 6, 7, 8, 9, 11, 12, 15, 21, 22, 23, 24, 26]),
    ("a.b.b", &[3, 5, 6, 7, 11, 12, 14, 18, 21, 22, 23, 24, 26]),
    ("", &[5, 6, 24]),
    ("b.c.c", &[5, 6, 18, 21, 22, 23, 24, 26]),
    ("a.a.a.a.a", &[5, 6, 11, 12, 21, 22, 23, 24]),
    ("vodka.gin", &[5, 6, 8, 21, 22, 23, 24]),
    ("vodka.martini", &[5, 6, 8, 19, 21, 22, 23, 24]),
    ("b.b.c", &[5, 6, 10, 13, 18, 21, 22, 23, 24, 26]),
    ("nothing.here.at.all", &[5, 6, 21, 22, 23, 24]),
    ("oneword", &[5, 6, 21, 22, 23, 24, 25]),
    ("args-test", &[5, 6, 21, 22, 23, 24, 25, 27]),
];

#[test]
fn binding_keys_match_as_in_the_servers_own_test() {
    for (routing_key, expected) in ROUTED {
        let bound = BINDINGS.iter().filter(|(_, key)| matches(key, routing_key));
        let numbers: Vec<u32> = bound.map(|(number, _)| *number).collect();
        assert_eq!(numbers, expected, "`{routing_key}`");
    }
}

#[test]
fn binding_keys_match_as_in_the_tutorial() {
    // [T] Q1 is bound with `*.orange.*`, Q2 with `*.*.rabbit` and `lazy.#`.
    let cases = [
        ("quick.orange.rabbit", true, true),
        ("lazy.orange.elephant", true, true),
        ("quick.orange.fox", true, false),
        ("lazy.brown.fox", false, true),
        ("lazy.pink.rabbit", false, true),
        ("quick.brown.fox", false, false),
        ("orange", false, false),
        ("quick.orange.new.rabbit", false, false),
        ("lazy.orange.new.rabbit", false, true),
    ];
    for (routing_key, first, second) in cases {
        assert_eq!(matches("*.orange.*", routing_key), first, "{routing_key}");
        let either = matches("*.*.rabbit", routing_key) || matches("lazy.#", routing_key);
        assert_eq!(either, second, "{routing_key}");
    }
}

#[test]
fn a_key_without_wildcards_routes_as_a_direct_exchange() {
    assert!(matches("error", "error"));
    assert!(!matches("error", "error.disk"));
    assert!(!matches("error", ""));
}

#[test]
fn many_tokens_and_one_or_more_go_together() {
    assert!(matches("#.b.>", "a.b.c"));
    assert!(matches("#.b.>", "b.b"));
    assert!(!matches("#.b.>", "a.b"));
    assert!(matches("#.>", "a"));
    assert!(!matches("#.>", ""));
}

#[test]
fn keys_with_empty_words_have_no_counterpart() {
    assert_eq!("".parse::<SubjectPattern>(), Err(SubjectError::Length { bytes: 0 }));
    assert_eq!("a..b".parse::<SubjectPattern>(), Err(SubjectError::EmptyToken));
}

/// All patterns of up to four tokens against all subjects of up to four, by a slow obvious rule.
#[test]
fn every_small_pattern_agrees_with_the_obvious_rule() {
    fn obvious(pattern: &[&str], subject: &[&str]) -> bool {
        match (pattern, subject) {
            ([], []) => true,
            (["#", rest @ ..], _) => {
                (0..=subject.len()).any(|taken| obvious(rest, &subject[taken..]))
            }
            ([">"], [_, ..]) => true,
            (["*", rest @ ..], [_, others @ ..]) => obvious(rest, others),
            ([token, rest @ ..], [other, others @ ..]) => token == other && obvious(rest, others),
            _ => false,
        }
    }
    fn words<'a>(alphabet: &[&'a str], longest: u32) -> Vec<Vec<&'a str>> {
        let digits = |length: u32, number: usize| -> Vec<&'a str> {
            let place = |at| number / alphabet.len().pow(at) % alphabet.len();
            (0..length).map(|at| alphabet[place(at)]).collect()
        };
        (0..=longest)
            .flat_map(|length| {
                (0..alphabet.len().pow(length)).map(move |number| digits(length, number))
            })
            .collect()
    }
    let subjects = words(&["a", "b"], 4);
    let mut checked = 0;
    for tokens in words(&["a", "b", "*", "#", ">"], 4) {
        let Ok(pattern) = tokens.join(".").parse::<SubjectPattern>() else { continue };
        for subject in &subjects {
            let text = subject.join(".");
            let given = Some(text.as_str()).filter(|text| !text.is_empty());
            assert_eq!(pattern.matches(given), obvious(&tokens, subject), "{pattern} on {text:?}");
            checked += 1;
        }
    }
    assert_eq!(checked, (340 + 85) * 31, "patterns with `>` in the middle are refused");
}
