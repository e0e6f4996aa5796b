//! Scenarios: what is read, what is refused, and how it is said.

#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use super::outage;
use crate::{
    Arrivals, Fault, Latency, Mode, Producer, Provider, Scenario, ScenarioError, Topology,
    limits::{
        BURST_MAX, FAULTS_MAX, NAME_BYTES_MAX, PER_MINUTE_MAX, PRODUCERS_MAX, PROVIDERS_MAX,
        RECORDED_MAX, SCENARIO_BYTES_MAX, SPAN_MS_MAX,
    },
};

fn read(text: &str) -> Result<Scenario<Topology>, ScenarioError> {
    Scenario::read(text, serde_json::from_str, serde_json::from_str)
}

fn minimal(more: &str) -> String {
    format!(r#"{{"version":1,"name":"n","seed":1,"system":{{}}{more}}}"#)
}

#[test]
fn a_scenario_survives_being_written() {
    let text = serde_json::to_string(&outage()).expect("it can be written");
    assert_eq!(read(&text), Ok(outage()));
}

#[test]
fn the_future_is_told_from_the_broken() {
    let future = read(r#"{"version":2,"system":{"kind":"not known yet"}}"#);
    assert_eq!(future, Err(ScenarioError::FromTheFuture { found: 2 }));
    assert_eq!(read(r#"{"version":0}"#), Err(ScenarioError::Version { found: 0 }));
    for broken in ["", "{", "[]", "{}", r#"{"version":"1"}"#, r#"{"version":-1}"#] {
        assert!(matches!(read(broken), Err(ScenarioError::Unreadable { .. })), "{broken}");
    }
}

#[test]
fn an_unknown_field_is_named() {
    for (more, name) in [
        (r#","color":"red""#, "color"),
        (r#","faults":[{"at_ms":1,"what":{"crash":{"worker":"p"}},"why":1}]"#, "why"),
        (
            r#","providers":[{"name":"p","latency_ms":{"uniform":{"min":1,"max":2,"avg":1}}}]"#,
            "avg",
        ),
        (r#","producers":[{"name":"p","arrivals":{"poisson":{"per_hour":2}}}]"#, "per_hour"),
    ] {
        let error = read(&minimal(more)).expect_err("it is unknown").to_string();
        assert!(error.contains(&format!("unknown field `{name}`")), "{error}");
    }
}

#[test]
fn text_may_be_a_mebibyte_long() {
    let text = minimal("");
    let padded = |bytes: usize| format!("{text}{}", " ".repeat(bytes - text.len()));
    assert!(read(&padded(SCENARIO_BYTES_MAX)).is_ok());
    let bytes = SCENARIO_BYTES_MAX + 1;
    assert_eq!(read(&padded(bytes)), Err(ScenarioError::TooLarge { bytes }));
}

fn empty() -> Scenario<Topology> {
    Scenario::new("empty", 1, Topology::default())
}

fn producer(arrivals: Arrivals) -> Producer {
    Producer::new("p", arrivals)
}

fn provider(mode: Mode, max: u64) -> Provider {
    Provider { mode, ..Provider::new("p", Latency::Uniform { min: 0, max }) }
}

#[test]
fn lists_end_at_their_limits() {
    let mut scenario = empty();
    let calm = Arrivals::Constant { per_minute: 1 };
    scenario.producers = vec![producer(calm.clone()); PRODUCERS_MAX];
    scenario.providers = vec![provider(Mode::Healthy, 1); PROVIDERS_MAX];
    for i in 0..PRODUCERS_MAX {
        scenario.producers[i].name = format!("producer {i}");
        scenario.providers[i].name = format!("provider {i}");
    }
    let fault = Fault::mode(1, "provider 63", Mode::Failing);
    scenario.faults = vec![fault.clone(); FAULTS_MAX];
    assert_eq!(scenario.validate(), Ok(()));

    let more = Scenario { faults: vec![fault; FAULTS_MAX + 1], ..scenario.clone() };
    let (field, found, max) = ("faults", 1_001, 1_000);
    assert_eq!(more.validate(), Err(ScenarioError::TooMany { field, found, max }));
    let mut more = scenario.clone();
    more.producers.push(producer(calm));
    let (field, found, max) = ("producers", 201, 200);
    assert_eq!(more.validate(), Err(ScenarioError::TooMany { field, found, max }));
    let mut more = scenario;
    more.providers.push(provider(Mode::Healthy, 1));
    let (field, found, max) = ("providers", 201, 200);
    assert_eq!(more.validate(), Err(ScenarioError::TooMany { field, found, max }));
}

#[test]
fn arrivals_end_at_their_limits() {
    let with = |arrivals| Scenario { producers: vec![producer(arrivals)], ..empty() }.validate();
    let out_of_range = |arrivals, setting: &str| {
        let error = with(arrivals).expect_err("it is out of range").to_string();
        let expected = format!("`producers[0].arrivals.{setting}` is out of range");
        assert!(error.starts_with(&expected), "{error}");
    };
    let (most, more) = (PER_MINUTE_MAX, PER_MINUTE_MAX + 1);
    assert_eq!(with(Arrivals::Constant { per_minute: most }), Ok(()));
    assert_eq!(with(Arrivals::Poisson { per_minute: most }), Ok(()));
    out_of_range(Arrivals::Constant { per_minute: more }, "per_minute");
    out_of_range(Arrivals::Poisson { per_minute: more }, "per_minute");
    let burst = |count, every_ms| Arrivals::Burst { count, every_ms };
    assert_eq!(with(burst(BURST_MAX, 1_000)), Ok(()));
    assert_eq!(with(burst(1, SPAN_MS_MAX)), Ok(()));
    out_of_range(burst(BURST_MAX + 1, SPAN_MS_MAX), "count");
    out_of_range(burst(0, 1_000), "count");
    out_of_range(burst(BURST_MAX, 999), "every_ms");
    out_of_range(burst(1, 0), "every_ms");
    out_of_range(burst(1, SPAN_MS_MAX + 1), "every_ms");
    let recorded = |at_ms: &[u64]| Arrivals::Recorded { at_ms: at_ms.into() };
    assert_eq!(with(recorded(&[])), Ok(()));
    assert_eq!(with(recorded(&[SPAN_MS_MAX; RECORDED_MAX])), Ok(()));
    out_of_range(recorded(&[0; RECORDED_MAX + 1]), "at_ms");
    out_of_range(recorded(&[1, 0]), "at_ms");
    out_of_range(recorded(&[SPAN_MS_MAX + 1]), "at_ms");
}

#[test]
fn providers_end_at_their_limits() {
    let with = |provider| Scenario { providers: vec![provider], ..empty() }.validate();
    let flaky = |fail_percent| Mode::Flaky { fail_percent, answer_lost: crate::AnswerLost::Never };
    assert_eq!(with(provider(flaky(100), SPAN_MS_MAX)), Ok(()));
    assert_eq!(with(provider(Mode::Slow { extra_ms: SPAN_MS_MAX }, 0)), Ok(()));
    for (spoilt, setting) in [
        (provider(flaky(101), 0), "mode.flaky.fail_percent"),
        (provider(Mode::Poisoned { percent: 101 }, 0), "mode.poisoned.percent"),
        (provider(Mode::Slow { extra_ms: SPAN_MS_MAX + 1 }, 0), "mode.slow.extra_ms"),
    ] {
        let error = with(spoilt).expect_err("it is out of range").to_string();
        assert!(error.starts_with(&format!("`providers[0].{setting}` is out")), "{error}");
    }
}

#[test]
fn latencies_end_at_their_limits() {
    let (day, more) = (SPAN_MS_MAX, SPAN_MS_MAX + 1);
    let with = |latency_ms| {
        let provider = Provider { latency_ms, ..provider(Mode::Healthy, 0) };
        Scenario { providers: vec![provider], ..empty() }.validate()
    };
    for good in [
        Latency::Fixed(0),
        Latency::Fixed(day),
        Latency::Uniform { min: day, max: day },
        Latency::Exponential { mean: 1 },
        Latency::Exponential { mean: day },
        Latency::LogNormal { median: 1, p99: day },
        Latency::LogNormal { median: day, p99: day },
    ] {
        assert_eq!(with(good), Ok(()));
    }
    for (spoilt, setting) in [
        (Latency::Fixed(more), "fixed"),
        (Latency::Uniform { min: 2, max: 1 }, "uniform"),
        (Latency::Uniform { min: 0, max: more }, "uniform"),
        (Latency::Exponential { mean: 0 }, "exponential.mean"),
        (Latency::Exponential { mean: more }, "exponential.mean"),
        (Latency::LogNormal { median: 0, p99: 1 }, "log_normal"),
        (Latency::LogNormal { median: 2, p99: 1 }, "log_normal"),
        (Latency::LogNormal { median: 1, p99: more }, "log_normal"),
    ] {
        let error = with(spoilt).expect_err("it is out of range").to_string();
        let expected = format!("`providers[0].latency_ms.{setting}` is out of range");
        assert!(error.starts_with(&expected), "{error}");
    }
}

#[test]
fn names_are_short_and_different() {
    let named = |name: &str| {
        let calm = Arrivals::Constant { per_minute: 1 };
        let other = Producer { name: name.to_owned(), ..producer(calm.clone()) };
        Scenario { producers: vec![producer(calm), other], ..empty() }.validate()
    };
    assert_eq!(named(&"n".repeat(NAME_BYTES_MAX)), Ok(()));
    for name in ["", &"n".repeat(NAME_BYTES_MAX + 1)] {
        let error = named(name).expect_err("it is too short or too long").to_string();
        assert_eq!(error, "`producers[1].name` is out of range: give 1 to 80 bytes");
    }
    let error = named("p").expect_err("it is taken").to_string();
    assert_eq!(error, "`producers[1].name`: `p` is taken already");
    let long = Scenario { name: "n".repeat(NAME_BYTES_MAX + 1), ..empty() };
    assert!(long.validate().is_err_and(|error| error.to_string().starts_with("`name`")));
}

#[test]
fn a_fault_names_a_provider() {
    let mut scenario = outage();
    scenario.faults.push(Fault::mode(1, "fax", Mode::Failing));
    let error = scenario.validate().expect_err("there is no fax").to_string();
    assert_eq!(error, "`faults[1].what.mode.provider` names `fax`, which is not among `providers`");
}
