//! `postroom-sim`: asks the goals of a scenario of many seeds, at a desk or in a pipeline.
//!
//! It ends with 0 if all is well, with 1 if a goal is not met, and with 2 if it was asked wrongly.

mod arguments;
mod ask;
mod place;
mod progress;
mod read;

use std::{fs, io::Write, path::Path, process::ExitCode};

use clap::Parser;
use postroom_simulator::{Sweep, scenario_schema};

use crate::arguments::{Arguments, Ask, What};

/// A goal is not met.
const UNMET: u8 = 1;
/// The question cannot be answered.
const REFUSED: u8 = 2;

fn main() -> ExitCode {
    match run(Arguments::parse().what) {
        Ok(code) => code,
        Err(why) => {
            eprintln!("postroom-sim: {why}");
            ExitCode::from(REFUSED)
        }
    }
}

/// # Errors
/// What is wrong with the question, for people.
fn run(what: What) -> Result<ExitCode, String> {
    match what {
        What::Run(ask) => run_seeds(&ask),
        What::Check { scenario } => {
            let world = read::world(&scenario)?;
            let (found, topology) = (world.scenario(), &world.scenario().system);
            say(&format!(
                "{} is sound: queues {}, topics {}, consumers {}, producers {}, faults {}, goals {}\n",
                scenario.display(),
                topology.queues.len(),
                topology.topics.len(),
                topology.consumers.len(),
                found.producers.len(),
                found.faults.len(),
                found.goals.len()
            ));
            Ok(ExitCode::SUCCESS)
        }
        What::Schema => {
            say(&format!("{:#}\n", scenario_schema()));
            Ok(ExitCode::SUCCESS)
        }
    }
}

fn run_seeds(ask: &Ask) -> Result<ExitCode, String> {
    let world = read::world(&ask.scenario)?;
    let scenario = world.scenario();
    let until = ask.until(scenario);
    if until < scenario.looks_until() {
        eprintln!("postroom-sim: the run ends before the last moment that its goals name");
    }
    let sweep = ask::seeds(scenario, ask.seeds.of(scenario.seed), until)?;
    say(&sweep.to_string());
    if let Some(path) = &ask.json {
        write_json(path, &sweep)?;
    }
    Ok(if sweep.is_met() { ExitCode::SUCCESS } else { ExitCode::from(UNMET) })
}

fn write_json(path: &Path, sweep: &Sweep) -> Result<(), String> {
    let fails = |why: &dyn std::fmt::Display| format!("cannot write {}: {why}", path.display());
    let text = serde_json::to_string_pretty(sweep).map_err(|error| fails(&error))?;
    fs::write(path, text + "\n").map_err(|error| fails(&error))
}

/// Whoever stops reading has read enough.
fn say(text: &str) {
    let _ = std::io::stdout().write_all(text.as_bytes());
}
