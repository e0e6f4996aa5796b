//! Runs many seeds, on all processors, and names the first that fails.

use std::{
    ops::Range,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Mutex,
        atomic::{AtomicU64, Ordering},
    },
    thread,
};

/// The seeds that a test runs: so many from 0, and those that `POSTROOM_SEEDS=FROM..TO` names
/// instead, if it is set.
pub(crate) fn seeds(count: u64) -> Range<u64> {
    let Ok(text) = std::env::var("POSTROOM_SEEDS") else { return 0..count };
    let parsed =
        text.split_once("..").and_then(|(from, to)| Some(from.parse().ok()?..to.parse().ok()?));
    parsed.unwrap_or_else(|| panic!("POSTROOM_SEEDS is `{text}`: give FROM..TO"))
}

/// Checks every seed; `merge` takes what each gave. Returns the lowest seed seen to fail, with
/// what it said.
pub(crate) fn first_failure<T: Send>(
    seeds: Range<u64>,
    check: impl Fn(u64) -> Result<T, String> + Sync,
    merge: impl FnMut(T) + Send,
) -> Option<(u64, String)> {
    let next = AtomicU64::new(seeds.start);
    let failure: Mutex<Option<(u64, String)>> = Mutex::new(None);
    let merge = Mutex::new(merge);
    let work = || {
        loop {
            let seed = next.fetch_add(1, Ordering::Relaxed);
            if seed >= seeds.end || failure.lock().expect("nobody panics").is_some() {
                return;
            }
            match caught(|| check(seed)) {
                Ok(found) => (merge.lock().expect("nobody panics"))(found),
                Err(text) => {
                    let mut failure = failure.lock().expect("nobody panics");
                    if failure.as_ref().is_none_or(|(lowest, _)| seed < *lowest) {
                        *failure = Some((seed, text));
                    }
                }
            }
        }
    };
    thread::scope(|scope| {
        let processors = thread::available_parallelism().map_or(1, usize::from);
        for _ in 0..processors {
            scope.spawn(work);
        }
    });
    failure.into_inner().expect("nobody panics")
}

/// What a check says, a panic too.
pub(crate) fn caught<T>(check: impl FnOnce() -> Result<T, String>) -> Result<T, String> {
    catch_unwind(AssertUnwindSafe(check)).unwrap_or_else(|panic| {
        let text = panic.downcast_ref::<String>().map_or("…", String::as_str);
        Err(format!("panicked: {text}"))
    })
}
