//! `cargo xtask`: everything that a fresh clone needs, one command at a time.
//!
//! `play` builds the page and the service and starts them; `test` checks all that can be checked.
//! This program uses the standard library alone, so that it compiles in a second or two;
//! what needs more is in the package `xtask-page`, compiled while the page itself compiles.

mod bench;
mod brokers;
mod browser;
mod checks;
mod failure;
mod jobs;
mod page;
mod peers;
mod play;
mod ports;
mod pypi;
mod soak;
mod steps;
mod system;
mod tally;
mod test;
mod tools;
mod workspace;

use std::process::ExitCode;

use bench::Effort;
use failure::Failure;

const HELP: &str = "\
Postroom: the set-up and the long commands

cargo xtask play [--port N] [--no-open]
    Build the page and the service, start them on http://127.0.0.1:8080 (or port N)
    and open the browser (unless --no-open). Ctrl-C stops them.

cargo xtask test [--only STEP]
    Run every check, or one of them:
    STEPS

cargo xtask soak [--minutes N]
    Try the engine, and what comes in links and as scenarios, with 40,000 seeds
    that no test run has tried, and the queueing theory at more loads; or with
    40,000 after 40,000 for N minutes.

cargo xtask page
    Build the page into dist/, ready for any static file server.

cargo xtask bench core [--quick]
    Measure the engine beside the least that could do its work, natively and in wasm:
    a table, and target/bench/core.json. Some minutes; --quick only shows that it runs.

cargo xtask bench sim [--quick]
    Measure the simulator beside a bare heap of events, and beside SimPy and NeXosim
    where they are to be had: a table, and target/bench/sim.json.

cargo xtask bench runtime [--quick]
    Measure the embedded post room beside tokio's channels: a table, and
    target/bench/runtime.json.
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match run(&arguments) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &[&str]) -> Result<(), Failure> {
    match arguments {
        [] | ["help" | "--help" | "-h"] => {
            print!("{}", HELP.replace("STEPS", &test::step_names()));
            Ok(())
        }
        ["play", rest @ ..] => play::play(&play::Options::parse(rest)?),
        ["test"] => test::test(None),
        ["test", "--only", step] => test::test(Some(step)),
        ["soak", rest @ ..] => soak::soak(soak::Options::parse(rest)?),
        ["page"] => page::build_alone(),
        ["bench", "core"] => bench::core(Effort::Full),
        ["bench", "core", "--quick"] => bench::core(Effort::Quick),
        ["bench", "sim"] => bench::sim(Effort::Full),
        ["bench", "sim", "--quick"] => bench::sim(Effort::Quick),
        ["bench", "runtime"] => bench::runtime(Effort::Full),
        ["bench", "runtime", "--quick"] => bench::runtime(Effort::Quick),
        [play::OPEN_WHEN_READY, port] => play::open_when_ready(port),
        _ => Err(Failure::new(
            format!("`cargo xtask {}` is not a command", arguments.join(" ")),
            "`cargo xtask help` lists the commands",
        )),
    }
}
