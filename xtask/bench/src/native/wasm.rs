//! The same cycles in wasm, run by Node.js, in turns with native ones.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, ensure};

use super::{
    measure::{Effort, in_turns, nanos_each},
    report::Row,
};
use crate::{
    contender::{Contender, Leases, Steady},
    floor::{HeapFloor, LaneFloor},
    ours::Ours,
};

/// What Node.js runs: reads a count, runs so many cycles, answers with their time.
const DRIVER: &str = include_str!("driver.cjs");

pub(super) fn rows(effort: &Effort, module: &Path) -> anyhow::Result<Vec<Row>> {
    let mut rows = Vec::new();
    for size in [effort.small, effort.large] {
        let row = |who: &str, native: &mut dyn FnMut(u32)| -> anyhow::Result<Row> {
            let (wasm, native) = beside(Node::start(module, who, size)?, native, effort)?;
            let name =
                format!("{who} in wasm (floor: native), {} wait, {} in flight", size.0, size.1);
            Ok(Row::of_turns(name, "ns", &wasm, &native))
        };
        let mut ours = steady(Ours::new(()), Leases::Arbitrary, size);
        rows.push(row("ours", &mut |count| ours.cycle(count))?.ratio_at_most(2.0));
        let mut heap = steady(HeapFloor::lazy(), Leases::Arbitrary, size);
        rows.push(row("heap", &mut |count| heap.cycle(count))?);
        let mut lane = steady(LaneFloor::default(), Leases::Equal, size);
        rows.push(row("lane", &mut |count| lane.cycle(count))?);
    }
    Ok(rows)
}

fn steady<C: Contender>(contender: C, leases: Leases, size: (u32, u32)) -> Steady<C> {
    Steady::new(contender, leases, size.0, size.1)
}

fn beside(
    mut wasm: Node,
    native: &mut dyn FnMut(u32),
    effort: &Effort,
) -> anyhow::Result<(Vec<f64>, Vec<f64>)> {
    let cycles = effort.cycles;
    let [wasm, native] = in_turns(
        effort.turns,
        [&mut || wasm.nanos_each(cycles), &mut || Ok(nanos_each(cycles, || native(cycles)))],
    )?;
    Ok((wasm, native))
}

/// Node.js with one contender in its steady state.
struct Node {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Node {
    fn start(module: &Path, who: &str, (waiting, in_flight): (u32, u32)) -> anyhow::Result<Self> {
        let module = module.canonicalize().with_context(|| format!("no {}", module.display()))?;
        let mut process = Command::new("node")
            .args(["--eval", DRIVER, "--"])
            .arg(module)
            .args([who, &waiting.to_string(), &in_flight.to_string()])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("cannot start `node`: install Node.js 20 or later")?;
        let input = process.stdin.take().context("its input is piped")?;
        let output = process.stdout.take().context("its output is piped")?;
        Ok(Self { process, input, output: BufReader::new(output) })
    }

    fn nanos_each(&mut self, count: u32) -> anyhow::Result<f64> {
        writeln!(self.input, "{count}").context("node has ended")?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "node has ended: what it wrote above says why");
        line.trim().parse().with_context(|| format!("node answered {line:?}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
