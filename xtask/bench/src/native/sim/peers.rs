//! Other simulators, each a program of its own: a count goes in, what a customer took comes out.

use std::{
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use anyhow::{Context, bail, ensure};

use super::super::{measure::median, report::Peer};

const SIMPY: &str = include_str!("mm1.py");

/// The mean wait that theory expects, in milliseconds: four services.
const WAIT_MS: f64 = 400.0;

/// A simulator that is there.
pub(super) struct Simulator {
    name: &'static str,
    version: String,
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
    nanos: Vec<f64>,
    waits_ms: Vec<f64>,
}

/// Those that are installed; a line says which are not.
pub(super) fn installed(nexosim: Option<&Path>) -> Vec<Simulator> {
    let mut python = Command::new("python3");
    python.args(["-c", SIMPY]);
    let nexosim = nexosim.map(Command::new).ok_or("`cargo xtask bench sim` builds it");
    [
        ("SimPy", Ok(python), "python3 -m pip install simpy"),
        ("NeXosim", nexosim, "the lines above say why it was not built"),
    ]
    .into_iter()
    .filter_map(|(name, command, remedy)| {
        let started = command.map_err(anyhow::Error::msg).and_then(|c| Simulator::start(name, c));
        started.inspect_err(|_| println!("{name} is not here, and left out: {remedy}")).ok()
    })
    .collect()
}

impl Simulator {
    fn start(name: &'static str, mut command: Command) -> anyhow::Result<Self> {
        let mut process =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn()?;
        let input = process.stdin.take().context("its input is piped")?;
        let output = process.stdout.take().context("its output is piped")?;
        let mut this = Self {
            name,
            version: String::new(),
            process,
            input,
            output: BufReader::new(output),
            nanos: Vec::new(),
            waits_ms: Vec::new(),
        };
        this.version = this.line()?;
        Ok(this)
    }

    /// Lets it serve so many customers.
    pub(super) fn turn(&mut self, customers: u32) -> anyhow::Result<()> {
        writeln!(self.input, "{customers}").with_context(|| format!("{} has ended", self.name))?;
        let line = self.line()?;
        let (nanos, wait_ms) = line.split_once(' ').context("it answers two numbers")?;
        self.nanos.push(nanos.parse()?);
        self.waits_ms.push(wait_ms.parse()?);
        Ok(())
    }

    /// What a customer took, if it simulated what theory knows.
    pub(super) fn into_peer(self, is_long: bool) -> anyhow::Result<Peer> {
        let wait_ms = self.waits_ms.iter().sum::<f64>() / self.waits_ms.len() as f64;
        if is_long && (wait_ms - WAIT_MS).abs() > WAIT_MS / 20.0 {
            bail!("{} waits {wait_ms} ms on average: that is not M/M/1", self.name);
        }
        Ok(Peer {
            name: self.name.into(),
            version: self.version.clone().into(),
            value: median(&self.nanos),
            source: "measured here, in turns with ours: processor time, its own draws".into(),
        })
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        ensure!(!line.is_empty(), "{} has ended", self.name);
        Ok(line.trim().to_owned())
    }
}

impl Drop for Simulator {
    fn drop(&mut self) {
        // It may have ended by itself, and then there is nothing to do.
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
