//! The table: every model at every load, theory beside measurement.

use std::{
    array,
    sync::{
        LazyLock, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
};

use crate::{
    interval::{Interval, REPLICATIONS},
    measure::measure,
    models::{Figures, MODELS, Model, erlang_c, pollaczek_khinchine},
};

/// Loads, and the customers that are measured in each run: the higher the load, the longer the
/// queue remembers.
const LOADS: [(f64, u64); 3] = [(0.5, 20_000), (0.7, 30_000), (0.9, 60_000)];

/// The same where `POSTROOM_SEEDS=FROM..TO` asks for a longer look, with seeds from there on.
const MORE_LOADS: [(f64, u64); 5] =
    [(0.5, 60_000), (0.6, 80_000), (0.7, 90_000), (0.8, 120_000), (0.9, 180_000)];

/// By how much wider the interval is then: 75 figures with ever new seeds are to be right by chance
/// almost always, and with three times the customers it is still narrower than that of a test run.
const MORE_ROOM: f64 = 1.7;

/// By how much rounding to microseconds may change a mean time of 100 ms, arrivals and service
/// together.
const ROUNDING: f64 = 1e-5;

/// One model at one load.
struct Row {
    model: Model,
    load: f64,
    theory: Figures,
    wait_ms: Interval,
    utilisation: Interval,
    in_system: Interval,
}

static TABLE: LazyLock<Vec<Row>> = LazyLock::new(|| {
    let first_seed = first_seed();
    let loads = if first_seed.is_some() { &MORE_LOADS[..] } else { &LOADS[..] };
    let rows = MODELS.into_iter().flat_map(|model| {
        loads.iter().map(move |(load, customers)| (model, model.per_minute(*load), *customers))
    });
    let rows: Vec<_> = rows.collect();
    let measured = replicate(rows.len(), |row, seed| {
        let (model, per_minute, customers) = rows[row];
        measure(&model, per_minute, customers, first_seed.unwrap_or(0) + seed)
    });
    let measured = rows.iter().zip(measured).map(|((model, per_minute, _), figures)| {
        let load = model.load(*per_minute);
        let interval = |of: fn(&Figures) -> f64| Interval::of(&array::from_fn(|i| of(&figures[i])));
        Row {
            model: *model,
            load,
            theory: model.theory(load),
            wait_ms: interval(|figures| figures.wait_ms),
            utilisation: interval(|figures| figures.utilisation),
            in_system: interval(|figures| figures.in_system),
        }
    });
    measured.collect()
});

/// Where a longer look begins, if one is wanted.
fn first_seed() -> Option<u64> {
    let text = std::env::var("POSTROOM_SEEDS").ok()?;
    let first = text.split_once("..").and_then(|(from, _)| from.parse().ok());
    Some(first.unwrap_or_else(|| panic!("POSTROOM_SEEDS is `{text}`: give FROM..TO")))
}

impl Row {
    /// Name, theory, measurement, and by how much rounding could have changed it.
    fn quantities(&self) -> [(&'static str, f64, Interval, f64); 3] {
        let rounded = self.model.theory(self.load * (1.0 + ROUNDING));
        let Figures { wait_ms, utilisation, in_system } = self.theory;
        [
            ("wait in ms", wait_ms, self.wait_ms, rounded.wait_ms - wait_ms),
            ("utilisation", utilisation, self.utilisation, rounded.utilisation - utilisation),
            ("in system", in_system, self.in_system, rounded.in_system - in_system),
        ]
    }
}

/// What each row gives with each of its seeds, by all processors. No seed serves two rows: what
/// one row says by chance, another does not say again.
fn replicate<T: Send>(rows: usize, run: impl Fn(usize, u64) -> T + Sync) -> Vec<[T; REPLICATIONS]> {
    let next = AtomicUsize::new(0);
    let done = Mutex::new(Vec::new());
    thread::scope(|scope| {
        for _ in 0..thread::available_parallelism().map_or(1, usize::from) {
            scope.spawn(|| {
                loop {
                    let job = next.fetch_add(1, Ordering::Relaxed);
                    if job >= rows * REPLICATIONS {
                        return;
                    }
                    let result = run(job / REPLICATIONS, job as u64);
                    done.lock().unwrap().push((job, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(job, _)| *job);
    let mut results = done.into_iter().map(|(_, result)| result);
    (0..rows).map(|_| array::from_fn(|_| results.next().unwrap())).collect()
}

#[test]
fn the_engine_agrees_with_the_theory() {
    println!(
        "{:<16}{:>6}  {:<12}{:>11}{:>11}   99 % interval",
        "model", "load", "", "theory", "measured"
    );
    let mut outside = Vec::new();
    let is_longer = first_seed().is_some();
    for row in TABLE.iter() {
        for (name, theory, measured, rounding) in row.quantities() {
            let half = measured.half * if is_longer { MORE_ROOM } else { 1.0 };
            let measured = Interval { half, ..measured };
            let mean = measured.mean;
            let line = format!(
                "{:<16}{:>6.3}  {name:<12}{theory:>11.4}{mean:>11.4}   {:.4} to {:.4}",
                row.model.name,
                row.load,
                mean - half,
                mean + half,
            );
            println!("{line}");
            assert!(rounding.abs() < half / 10.0, "rounding is felt here: {line}");
            if !measured.holds(theory) {
                outside.push(line);
            }
        }
    }
    assert!(outside.is_empty(), "the theory lies outside:\n{}", outside.join("\n"));
}

/// The intervals are narrow enough to tell the theory from its neighbours.
#[test]
fn what_is_a_little_wrong_lies_outside() {
    for row in TABLE.iter() {
        let (model, load) = (row.model, row.load);
        for other in [load - 0.02, load + 0.02] {
            let wrong = model.theory(other).wait_ms;
            assert!(!row.wait_ms.holds(wrong), "{} at {load:.3} is not at {other:.3}", model.name);
        }
        if model.servers > 1 {
            let wrong = erlang_c(1, load, model.mean_ms() / f64::from(model.servers));
            assert!(!row.wait_ms.holds(wrong), "{} is not one fast server", model.name);
        }
        let others = MODELS.iter().filter(|other| other.name != model.name && other.servers == 1);
        for other in others.filter(|_| model.servers == 1) {
            let wrong = pollaczek_khinchine(load, model.mean_ms(), other.variation());
            assert!(!row.wait_ms.holds(wrong), "{} is not {}", model.name, other.name);
        }
    }
}
