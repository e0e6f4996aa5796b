//! Filters at their limits, and documents made to do harm.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use core::ops::Bound;
use std::{
    format,
    string::{String, ToString},
    vec::Vec,
};

use crate::{
    limits::{FILTER_BYTES_MAX, FILTER_CONDITIONS_MAX, FILTER_DEPTH_MAX},
    mix,
    routing::{AnythingBut, Condition, Filter, FilterError, NumberRange},
};

fn texts(count: u32, bytes: usize) -> Vec<String> {
    (0..count).map(|_| "x".repeat(bytes)).collect()
}

fn read(text: &str) -> Result<Filter, String> {
    serde_json::from_str(text).map_err(|error| error.to_string())
}

#[test]
fn conditions_are_counted_with_every_value() {
    let exact = |count| Filter::from([("k".into(), texts(count, 1))]);
    let negated = |count| {
        let but = Condition::AnythingBut(AnythingBut::Texts(texts(count, 1)));
        Filter::default().and("k", [but])
    };
    for filter in [exact, negated] {
        assert_eq!(filter(FILTER_CONDITIONS_MAX).check(), Ok(()));
        let count = u64::from(FILTER_CONDITIONS_MAX) + 1;
        let refused = Err(FilterError::TooManyConditions { count });
        assert_eq!(filter(FILTER_CONDITIONS_MAX + 1).check(), refused);
    }
    let numbers = |count: u32| AnythingBut::Numbers((0..i64::from(count)).collect());
    let filter = |count| Filter::default().and("k", [Condition::AnythingBut(numbers(count))]);
    assert_eq!(filter(FILTER_CONDITIONS_MAX).check(), Ok(()));
    assert!(filter(FILTER_CONDITIONS_MAX + 1).check().is_err());
}

#[test]
fn bytes_are_counted_in_names_and_texts() {
    let bytes = FILTER_BYTES_MAX as usize;
    let conditions: [fn(String) -> Condition; 5] = [
        Condition::Equals,
        Condition::Prefix,
        Condition::Suffix,
        Condition::EqualsIgnoreCase,
        |text| Condition::AnythingBut(AnythingBut::Suffixes(Vec::from([text]))),
    ];
    for condition in conditions {
        let filter =
            |length: usize| Filter::default().and("four", [condition("x".repeat(length - 4))]);
        assert_eq!(filter(bytes).check(), Ok(()));
        let refused = FilterError::TooLong { bytes: bytes as u64 + 1 };
        assert_eq!(filter(bytes + 1).check(), Err(refused.clone()));
        let text = serde_json::to_string(&filter(bytes + 1)).unwrap();
        assert!(read(&text).unwrap_err().starts_with(&refused.to_string()));
    }
}

/// Alternatives in alternatives, so many levels deep.
fn nested(levels: u32) -> Filter {
    let leaf = Filter::from([("k".into(), texts(1, 1))]);
    (0..levels).fold(leaf.clone(), |inner, _| Filter::default().and_one_of([inner, leaf.clone()]))
}

#[test]
fn alternatives_are_bounded_in_depth() {
    let deepest = nested(FILTER_DEPTH_MAX);
    assert_eq!(deepest.check(), Ok(()));
    assert_eq!(read(&serde_json::to_string(&deepest).unwrap()), Ok(deepest));

    let field = "filter.$or[0].$or[0].$or[0].$or[0].$or[0]".to_string();
    assert_eq!(nested(FILTER_DEPTH_MAX + 1).check(), Err(FilterError::TooDeep { field }));
    let text = serde_json::to_string(&nested(FILTER_DEPTH_MAX + 1)).unwrap();
    assert!(read(&text).is_err());

    // Even with the longest condition at the bottom, the deepest one is read.
    let longest = r#"{"k": [{"anything-but": {"prefix": ["x"]}}]}"#;
    let text = (0..FILTER_DEPTH_MAX)
        .fold(longest.to_string(), |inner, _| format!(r#"{{"$or": [{inner}, {{"k": ["v"]}}]}}"#));
    assert_eq!(read(&text).map(|filter| filter.check()), Ok(Ok(())));
}

#[test]
fn a_deep_document_is_refused_before_it_is_followed() {
    let cases = [
        "[".repeat(100_000),
        r#"{"$or":["#.repeat(100_000),
        r#"{"k":"#.repeat(100_000),
        format!(r#"{{"k":[{}"#, r#"{"anything-but":"#.repeat(100_000)),
    ];
    for text in cases {
        assert!(read(&text).unwrap_err().contains("deep"), "{}", &text[..20]);
    }
}

#[test]
fn what_no_document_can_say_is_refused_too() {
    let place = |field: &str| field.to_string();
    let cases = [
        (
            Filter::default().and("$or", [Condition::Exists(true)]),
            FilterError::Reserved { field: place("filter.$or") },
        ),
        (Filter::default().and("k", []), FilterError::Empty { field: place("filter.k") }),
        (
            Filter::default().and_one_of([nested(0)]),
            FilterError::Malformed {
                field: place("filter.$or"),
                expected: "a list of two or more filters",
            },
        ),
        (
            Filter::default().and_one_of([nested(0), Filter::default()]),
            FilterError::Empty { field: place("filter.$or[1]") },
        ),
    ];
    for (filter, refused) in cases {
        assert_eq!(filter.check(), Err(refused));
    }
    let nothing = [
        AnythingBut::Texts(Vec::new()),
        AnythingBut::TextsIgnoreCase(Vec::new()),
        AnythingBut::Numbers(Vec::new()),
        AnythingBut::Prefixes(texts(1, 0)),
        AnythingBut::Suffixes(Vec::new()),
    ];
    for but in nothing {
        let conditions = [Condition::Exists(false), Condition::AnythingBut(but)];
        let refused = Err(FilterError::Empty { field: place("filter.k[1]") });
        assert_eq!(Filter::default().and("k", conditions).check(), refused);
    }
}

/// A filter with everything in it.
fn rich() -> Filter {
    let half = "0.5".parse().unwrap();
    let range = |from, to| Condition::Numeric(NumberRange::new(from, to).unwrap());
    let but = |text: &str| Vec::from([text.to_string(), "other".to_string()]);
    Filter::from([("plain".into(), texts(2, 3))])
        .and(
            "numbers",
            [
                range(Bound::Excluded(half), Bound::Included(7.into())),
                range(Bound::Unbounded, Bound::Unbounded),
                Condition::Numeric(NumberRange::exactly(half)),
                Condition::Numeric(NumberRange::exactly(u64::MAX.into())),
                Condition::AnythingBut(AnythingBut::Numbers(Vec::from([1, -2]))),
            ],
        )
        .and(
            "texts",
            [
                Condition::Prefix("a\"b".into()),
                Condition::Suffix("\u{e9}".into()),
                Condition::EqualsIgnoreCase("Q".into()),
                Condition::Exists(false),
                Condition::AnythingBut(AnythingBut::Prefixes(but("p"))),
                Condition::AnythingBut(AnythingBut::Suffixes(but("s"))),
                Condition::AnythingBut(AnythingBut::TextsIgnoreCase(but("i"))),
                Condition::AnythingBut(AnythingBut::Texts(but("t"))),
            ],
        )
        .and_one_of([nested(1), nested(0)])
}

#[test]
fn a_filter_is_read_as_it_was_written() {
    let filter = rich();
    assert_eq!(filter.check(), Ok(()));
    let text = serde_json::to_string(&filter).unwrap();
    assert_eq!(read(&text), Ok(filter));
}

/// Whatever a text says, reading ends with a filter that can be subscribed or with a refusal.
#[test]
fn damaged_documents_are_refused_or_sound() {
    let text = serde_json::to_string(&rich()).unwrap();
    for end in (0..text.len()).filter(|end| text.is_char_boundary(*end)) {
        assert!(read(&text[..end]).is_err(), "cut at {end}");
    }
    let pieces = ["{", "}", "[", "]", ",", ":", "\"", "0", "-", "$or", "null", "true", "1e9", ""];
    let (mut state, mut read_well) = (7, 0);
    for _ in 0..20_000 {
        state = mix(state);
        let below = |bound: usize, bits: u64| ((state >> bits) % bound as u64) as usize;
        let piece = below(pieces.len(), 0);
        let from = text.floor_char_boundary(below(text.len(), 8));
        let to = text.ceil_char_boundary((from + below(4, 40)).min(text.len()));
        let damaged = format!("{}{}{}", &text[..from], pieces[piece], &text[to..]);
        if let Ok(filter) = read(&damaged) {
            assert_eq!(filter.check(), Ok(()), "{damaged}");
            let written = serde_json::to_string(&filter).unwrap();
            assert_eq!(read(&written), Ok(filter), "{damaged}");
            read_well += 1;
        }
    }
    assert!(read_well > 100, "only {read_well} damages left something to read");
}
