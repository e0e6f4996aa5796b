//! Says what is being done, and how long it took.

use std::fmt;
use std::time::{Duration, Instant};

use crate::failure::Failure;

/// Runs one step of a command between a line that names it and a line with its time.
pub(crate) fn step<T>(name: &str, work: impl FnOnce() -> Result<T, Failure>) -> Result<T, Failure> {
    println!("==> {name}");
    let watch = Stopwatch::start();
    let result = work()?;
    println!("    done in {}", watch.elapsed());
    Ok(result)
}

/// Wall-clock time since its start.
#[derive(Clone, Copy)]
pub(crate) struct Stopwatch(Instant);

impl Stopwatch {
    #[expect(clippy::disallowed_methods, reason = "builds take real time")]
    pub(crate) fn start() -> Self {
        Self(Instant::now())
    }

    pub(crate) fn elapsed(self) -> Seconds {
        Seconds(self.0.elapsed())
    }
}

/// A duration as people read it: `3.2 s`, `2 min 5 s`.
#[derive(Clone, Copy)]
pub(crate) struct Seconds(pub(crate) Duration);

impl fmt::Display for Seconds {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let tenths = self.0.as_millis() / 100;
        let text = if tenths < 600 {
            format!("{}.{} s", tenths / 10, tenths % 10)
        } else {
            format!("{} min {} s", tenths / 600, tenths % 600 / 10)
        };
        formatter.pad(&text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn durations_read_well() {
        let text = |millis| Seconds(Duration::from_millis(millis)).to_string();
        assert_eq!(text(49), "0.0 s");
        assert_eq!(text(59_999), "59.9 s");
        assert_eq!(text(60_000), "1 min 0 s");
        assert_eq!(text(125_000), "2 min 5 s");
    }
}
