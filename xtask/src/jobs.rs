//! Several builds at once, each with its name before every line that it prints.

use std::io::{BufRead, BufReader, Read};
use std::process::{Child, Command, Stdio};
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::thread;
use std::time::Duration;

use crate::failure::Failure;
use crate::steps::Stopwatch;
use crate::workspace::{cannot_start, words};

/// After so long without a line, a running build is said to be still at it.
const SILENCE_MAX: Duration = Duration::from_secs(20);

/// A build with the name that its lines carry.
pub(crate) struct Job {
    pub(crate) name: &'static str,
    pub(crate) command: Command,
}

/// Runs the jobs side by side to their ends; the first failure in their order is the answer.
pub(crate) fn run_together(jobs: Vec<Job>) -> Result<(), Failure> {
    let (lines, printer) = channel();
    let results: Vec<Result<(), Failure>> = thread::scope(|scope| {
        scope.spawn(move || print_lines(&printer));
        let running: Vec<_> = jobs
            .into_iter()
            .map(|job| {
                let lines = lines.clone();
                scope.spawn(move || run_one(job, &lines))
            })
            .collect();
        drop(lines);
        running.into_iter().map(|job| job.join().expect("a job's thread does not panic")).collect()
    });
    results.into_iter().collect()
}

fn run_one(mut job: Job, lines: &Sender<String>) -> Result<(), Failure> {
    let watch = Stopwatch::start();
    let name = job.name;
    let mut child = job
        .command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|error| cannot_start(&job.command, &error))?;
    relay(&mut child, name, lines);
    let status = child.wait().map_err(|error| cannot_start(&job.command, &error))?;
    if status.success() {
        say(lines, name, &format!("done in {}", watch.elapsed()));
        return Ok(());
    }
    Err(Failure::new(
        format!("`{}` failed ({status})", words(&job.command)),
        format!("the lines above that begin with `{name}` say why"),
    ))
}

fn relay(child: &mut Child, name: &str, lines: &Sender<String>) {
    let stdout = child.stdout.take();
    let stderr = child.stderr.take();
    thread::scope(|scope| {
        scope.spawn(|| relay_stream(stdout, name, lines));
        relay_stream(stderr, name, lines);
    });
}

fn relay_stream(stream: Option<impl Read>, name: &str, lines: &Sender<String>) {
    let Some(stream) = stream else { return };
    for line in BufReader::new(stream).lines().map_while(Result::ok) {
        // Two builds at once wait for each other a moment; that is no news.
        if !line.contains("waiting for file lock") {
            say(lines, name, &line);
        }
    }
}

fn say(lines: &Sender<String>, name: &str, line: &str) {
    // The printer ends after the last sender, so this cannot fail while it matters.
    let _ = lines.send(format!("    {name:<8} {line}"));
}

fn print_lines(lines: &Receiver<String>) {
    let watch = Stopwatch::start();
    loop {
        match lines.recv_timeout(SILENCE_MAX) {
            Ok(line) => println!("{line}"),
            Err(RecvTimeoutError::Timeout) => {
                println!("    … still building after {}", watch.elapsed())
            }
            Err(RecvTimeoutError::Disconnected) => return,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn job(name: &'static str, program: &str) -> Job {
        Job { name, command: Command::new(program) }
    }

    #[test]
    fn one_failed_job_fails_them_all_and_is_named() {
        let failure = run_together(vec![job("good", "true"), job("bad", "false")]).unwrap_err();
        assert!(failure.to_string().contains("begin with `bad`"), "{failure}");
        assert_eq!(run_together(vec![job("good", "true")]), Ok(()));
    }

    #[test]
    fn a_program_that_is_not_there_is_an_error_with_a_remedy() {
        let failure = run_together(vec![job("none", "no-such-program")]).unwrap_err();
        assert!(failure.to_string().contains("could not be started"), "{failure}");
    }
}
