//! The program: measures, prints a table, and writes it as JSON.

mod cycles;
mod fan_out;
mod growth;
mod listeners;
mod measure;
mod memory;
mod peers;
mod report;
mod runtime;
mod sim;
mod wasm;

use std::{
    path::{Path, PathBuf},
    process::ExitCode,
};

use anyhow::{Context, bail};

use self::{measure::Effort, report::Row};

const USAGE: &str = "use xtask-bench core [--quick] [--wasm MODULE.js] [--json FILE], or \
    xtask-bench sim [--quick] [--nexosim PROGRAM] [--json FILE], or \
    xtask-bench runtime [--quick] [--json FILE]";

pub(crate) fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let result = match arguments.as_slice() {
        ["core", rest @ ..] => Options::parse(rest).and_then(|options| core(&options)),
        ["sim", rest @ ..] => Options::parse(rest).and_then(|options| sim(&options)),
        ["runtime", rest @ ..] => Options::parse(rest).and_then(|options| embedded(&options)),
        [memory::CHILD, rest @ ..] => memory::child(rest),
        _ => Err(anyhow::anyhow!(USAGE)),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("error: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// What the command line asked for.
#[derive(Debug, Default)]
struct Options {
    quick: bool,
    wasm: Option<PathBuf>,
    nexosim: Option<PathBuf>,
    json: Option<PathBuf>,
}

impl Options {
    fn parse(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut options = Self::default();
        let mut rest = arguments.iter();
        while let Some(argument) = rest.next() {
            let file = || rest.clone().next().map(PathBuf::from).context(USAGE);
            match *argument {
                "--quick" => {
                    options.quick = true;
                    continue;
                }
                "--wasm" => options.wasm = Some(file()?),
                "--nexosim" => options.nexosim = Some(file()?),
                "--json" => options.json = Some(file()?),
                other => bail!("no option `{other}`: {USAGE}"),
            }
            rest.next();
        }
        Ok(options)
    }
}

fn core(options: &Options) -> anyhow::Result<()> {
    let effort = if options.quick { Effort::QUICK } else { Effort::FULL };
    let mut rows = Vec::new();
    let mut add = |title: &str, more: Vec<Row>| {
        println!("\n{title}");
        report::print(&more);
        rows.extend(more);
    };
    println!(
        "ns of processor time, and bytes: medians. The ratio is the median of ratios, turn by turn."
    );
    println!(
        "The floor: slots, a queue and a heap of lease ends in which void ones wait until they"
    );
    println!("come up. Where it compacts, it drops them when they outweigh the rest, as we do.");
    add("One cycle: publish, receive, acknowledge", cycles::rows(&effort)?);
    add("Growth with what waits", growth::rows(&effort)?);
    add("Fan-out to three queues", fan_out::rows(&effort)?);
    add("Events, against a run to which nobody listens", listeners::rows(&effort)?);
    if memory::can_be_measured() {
        add("Memory per waiting message", memory::rows(&effort)?);
    } else {
        println!("\nMemory is measured on Linux only: it is read from /proc.");
    }
    match &options.wasm {
        Some(module) => add("wasm against native", wasm::rows(&effort, module)?),
        None => println!("\nwasm was not asked for: `cargo xtask bench core` does."),
    }
    options.json.as_deref().map_or(Ok(()), |file| write(file, &rows))
}

fn sim(options: &Options) -> anyhow::Result<()> {
    let effort = if options.quick { sim::Effort::QUICK } else { sim::Effort::FULL };
    println!("ns of processor time: medians. The ratio is the median of ratios, turn by turn. The");
    println!(
        "floor: a heap of events and a queue of arrivals, which draws the same numbers and comes"
    );
    println!("to the same waits.");
    let rows = sim::rows(&effort, options.nexosim.as_deref())?;
    report::print(&rows);
    options.json.as_deref().map_or(Ok(()), |file| write(file, &rows))
}

fn embedded(options: &Options) -> anyhow::Result<()> {
    let effort = if options.quick { runtime::Effort::QUICK } else { runtime::Effort::FULL };
    println!(
        "ns of wall time for each message: medians. The ratio is the median of ratios, turn by"
    );
    println!(
        "turn. The floor: a channel of tokio's, which hands over and knows nothing afterwards."
    );
    let rows = runtime::rows(&effort)?;
    report::print(&rows);
    options.json.as_deref().map_or(Ok(()), |file| write(file, &rows))
}

fn write(file: &Path, rows: &[Row]) -> anyhow::Result<()> {
    if let Some(folder) = file.parent() {
        std::fs::create_dir_all(folder)
            .with_context(|| format!("cannot create {}", folder.display()))?;
    }
    std::fs::write(file, serde_json::to_string_pretty(rows)? + "\n")
        .with_context(|| format!("cannot write {}", file.display()))?;
    println!("\nwritten to {}", file.display());
    Ok(())
}
