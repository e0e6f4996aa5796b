//! Subjects as in NATS. Sources: [D] docs.nats.io, "Subject-Based Messaging"; [C] the NATS C
//! client's documentation, "Wildcards"; [S] nats-server, `server/sublist_test.go`, by test.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::routing::{SubjectError, SubjectPattern, check_subject};

fn matches(pattern: &str, subject: &str) -> bool {
    check_subject(subject).unwrap_or_else(|error| panic!("{subject}: {error}"));
    let parsed: Result<SubjectPattern, _> = pattern.parse();
    parsed.unwrap_or_else(|error| panic!("{pattern}: {error}")).matches(Some(subject))
}

#[test]
fn patterns_match_as_in_nats() {
    let cases = [
        // [S] TestSublistMatchLiterals
        ("foo", "foo", true),
        ("bar", "foo", false),
        ("*", "foo", true),
        (">", "foo", true),
        (">", "foo.bar", true),
        ("foo.>", "foo.bar", true),
        ("bar.>", "foo.bar", false),
        ("stats.>", "stats.test.22", true),
        ("stats.*.*", "stats.test.22", true),
        ("foo", "foo.bar", false),
        ("stats.test.foos", "stats.test.foos", true),
        ("stats.test.foo", "stats.test.foos", false),
        ("stats.test.*", "stats.test", false),
        ("stats.*", "stats.test.foos", false),
        ("stats.*.*.foos", "stats.test.foos", false),
        // [C] `foo.*` and `foo.>`
        ("foo.*", "foo.bar", true),
        ("foo.*", "foo.baz", true),
        ("foo.*", "foo.bar.baz", false),
        ("foo.*", "bar.foo", false),
        ("foo.>", "foo.baz", true),
        ("foo.>", "foo.bar.baz", true),
        ("foo.>", "foo", false),
        ("foo.>", "bar.baz", false),
        // [D] matching a single token; matching multiple tokens; mixing wildcards
        ("time.*.east", "time.us.east", true),
        ("time.*.east", "time.eu.east", true),
        ("time.*.east", "time.us.east.atlanta", false),
        ("time.us.*", "time.us.east.atlanta", false),
        ("time.us.>", "time.us.east.atlanta", true),
        ("time.us.>", "time.us", false),
        ("*.*.east.>", "time.us.east.atlanta", true),
        ("*.*.east.>", "time.us.east", false),
        // [D] subjects are case-sensitive
        ("Orders.created", "orders.created", false),
    ];
    for (pattern, subject, expected) in cases {
        assert_eq!(matches(pattern, subject), expected, "`{pattern}` and `{subject}`");
    }
}

#[test]
fn a_subject_of_a_message_is_as_in_nats() {
    use SubjectError::{EmptyToken, Space, Wildcard};
    let cases = [
        // [S] TestSublistValidLiteralSubjects
        ("foo", Ok(())),
        (".foo", Err(EmptyToken)),
        ("foo.", Err(EmptyToken)),
        ("foo..bar", Err(EmptyToken)),
        ("foo.bar.*", Err(Wildcard)),
        ("foo.bar.>", Err(Wildcard)),
        ("*", Err(Wildcard)),
        (">", Err(Wildcard)),
        // [D] subjects cannot contain whitespace
        ("foo bar", Err(Space)),
        // Stricter here: the server takes these literally.
        ("foo*", Err(Wildcard)),
        ("foo.>bar", Err(Wildcard)),
        ("foo.#", Err(Wildcard)),
        ("foo.#1", Ok(())),
    ];
    for (subject, expected) in cases {
        assert_eq!(check_subject(subject), expected, "`{subject}`");
    }
}

#[test]
fn a_pattern_is_as_in_nats() {
    use SubjectError::{EmptyToken, NotLast, Wildcard};
    let cases = [
        // [S] TestSublistValidlSubjects
        (".", Some(EmptyToken)),
        (".foo", Some(EmptyToken)),
        ("foo.", Some(EmptyToken)),
        ("foo..bar", Some(EmptyToken)),
        (">.bar", Some(NotLast)),
        ("foo.>.bar", Some(NotLast)),
        ("foo", None),
        ("foo.bar.*", None),
        ("foo.bar.>", None),
        ("*", None),
        (">", None),
        // [S] testSublistBadSubjectOnRemove
        ("a.b..d", Some(EmptyToken)),
        ("a.>.b", Some(NotLast)),
        // Stricter here: the server takes these literally.
        ("foo*", Some(Wildcard)),
        ("foo.**", Some(Wildcard)),
        ("foo.*bar", Some(Wildcard)),
        ("foo.>>", Some(Wildcard)),
        (">bar", Some(Wildcard)),
    ];
    for (pattern, expected) in cases {
        let error = pattern.parse::<SubjectPattern>().err();
        assert_eq!(error, expected, "`{pattern}`");
    }
}

#[test]
fn without_a_subject_there_is_no_token_to_match() {
    for pattern in ["*", ">", "*.#", "foo"] {
        let pattern: SubjectPattern = pattern.parse().unwrap();
        assert!(!pattern.matches(None), "`{pattern}`");
    }
}
