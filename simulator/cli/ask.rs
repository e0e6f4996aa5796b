//! Many seeds on all processors.

use std::{
    collections::BTreeMap,
    sync::{
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    thread,
};

use postroom_core::Timestamp;
use postroom_simulator::{Scenario, Sweep, Topology, try_seed};

use crate::progress::Progress;

/// Runs every seed, on as many threads as there are processors. What comes out does not depend on
/// how many that are: results are added in the order of the seeds.
///
/// # Errors
/// What is wrong with the scenario.
pub(crate) fn seeds(
    scenario: &Scenario<Topology>,
    seeds: Vec<u64>,
    until: Timestamp,
) -> Result<Sweep, String> {
    let threads = thread::available_parallelism().map_or(1, usize::from).min(seeds.len());
    let next = AtomicUsize::new(0);
    let mut sweep = Sweep::new(scenario, until);
    let mut progress = Progress::new(seeds.len() as u64);
    thread::scope(|scope| {
        let (sender, results) = mpsc::channel();
        for _ in 0..threads {
            let (sender, next, seeds) = (sender.clone(), &next, &seeds);
            scope.spawn(move || {
                loop {
                    let i = next.fetch_add(1, Ordering::Relaxed);
                    let Some(seed) = seeds.get(i) else { break };
                    if sender.send((i, try_seed(scenario, *seed, until))).is_err() {
                        break;
                    }
                }
            });
        }
        drop(sender);
        // Those that came before their turn.
        let mut early = BTreeMap::new();
        for (i, result) in results {
            early.insert(i as u64, result);
            while let Some(result) = early.remove(&sweep.seeds) {
                sweep.add(result.map_err(|error| error.to_string())?);
                progress.tell(&sweep);
            }
        }
        Ok::<(), String>(())
    })?;
    progress.end();
    sweep.explain(scenario).map_err(|error| error.to_string())?;
    Ok(sweep)
}
