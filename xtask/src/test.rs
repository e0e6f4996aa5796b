//! `cargo xtask test`: every check, with the time that each took.

use crate::checks;
use crate::failure::Failure;
use crate::steps::{Seconds, Stopwatch};
use crate::tally::Tally;

type Check = fn(&mut Tally) -> Result<(), Failure>;

/// One check: the name that `--only` takes, what it checks, and how.
struct Step {
    name: &'static str,
    what: &'static str,
    check: Check,
}

/// In the order in which they run: what fails fast comes first.
const STEPS: [Step; 12] = [
    Step { name: "fmt", what: "formatting", check: checks::fmt },
    Step { name: "clippy", what: "Clippy, natively and for wasm", check: checks::clippy },
    Step { name: "doc", what: "the documentation, without a warning", check: checks::doc },
    Step { name: "native", what: "all native tests", check: checks::native },
    Step { name: "wasm", what: "all that runs in the page, tested in wasm", check: checks::wasm },
    Step { name: "package", what: "the core as a crate, also without std", check: checks::package },
    Step { name: "brokers", what: "the cases on real servers", check: checks::brokers },
    Step {
        name: "providers",
        what: "the providers and other people's programs",
        check: checks::providers,
    },
    Step { name: "page", what: "the page builds", check: checks::page },
    Step { name: "trunk", what: "Trunk makes the same page", check: checks::trunk },
    Step { name: "size", what: "the weight of the first view", check: checks::size },
    Step { name: "browser", what: "the page in a real browser", check: checks::browser },
];

/// What became of a step.
struct Record {
    name: &'static str,
    took: Seconds,
    tally: Tally,
    failure: Option<Failure>,
}

/// The names that `--only` takes.
pub(crate) fn step_names() -> String {
    STEPS.map(|step| step.name).join(" | ")
}

/// Runs all steps, or the one named, to the end; a failed one does not keep the others from running.
pub(crate) fn test(only: Option<&str>) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let steps: Vec<&Step> =
        STEPS.iter().filter(|step| only.is_none_or(|name| name == step.name)).collect();
    if steps.is_empty() {
        return Err(Failure::new(
            format!("`test` has no step `{}`", only.unwrap_or_default()),
            format!("use one of: {}", step_names()),
        ));
    }
    let records: Vec<Record> = steps.into_iter().map(run_step).collect();
    summarise(&records, watch.elapsed())
}

fn run_step(step: &Step) -> Record {
    println!("\n==> {}: {}", step.name, step.what);
    let watch = Stopwatch::start();
    let mut tally = Tally::default();
    let failure = (step.check)(&mut tally).err();
    let took = watch.elapsed();
    match &failure {
        Some(failure) => println!("{failure}\n    {} failed after {took}", step.name),
        None => println!("    {} done in {took}", step.name),
    }
    // A step without tests, or one that failed outside of them, still counts.
    if failure.is_some() && tally.failed == 0 {
        tally += Tally::FAILED;
    } else if failure.is_none() && tally == Tally::default() {
        tally += Tally::PASSED;
    }
    Record { name: step.name, took, tally, failure }
}

fn summarise(records: &[Record], took: Seconds) -> Result<(), Failure> {
    println!("\n    {:<10} {:>12} {:>8} {:>8}", "step", "time", "passed", "failed");
    let mut sum = Tally::default();
    for Record { name, took, tally, .. } in records {
        println!("    {name:<10} {took:>12} {:>8} {:>8}", tally.passed, tally.failed);
        sum += *tally;
    }
    println!("    {:<10} {took:>12}\n", "together");
    println!("{} passed, {} failed", sum.passed, sum.failed);
    let failed: Vec<_> = records
        .iter()
        .filter(|record| record.failure.is_some())
        .map(|record| record.name)
        .collect();
    match failed.first() {
        None => Ok(()),
        Some(first) => Err(Failure::new(
            format!("failed: {}", failed.join(", ")),
            format!(
                "read the lines below `==> {first}`; run it alone with `cargo xtask test --only {first}`"
            ),
        )),
    }
}
