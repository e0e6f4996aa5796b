//! Autoscaling, as settings of the worker that is scaled.

use postroom_simulator::{ScaleBy, Scaler, Scenario, Topology};

use super::settings::Setting;

/// Messages for each worker, where somebody begins to scale.
const PER_WORKER: u64 = 10;
/// Milliseconds from look to look then.
const EVERY_MS: u64 = 5_000;
/// Milliseconds for which fewer must have been wanted then.
const DOWN_AFTER_MS: u64 = 60_000;

/// What a setting of a worker's scaler is, after it is changed if `to` says so; none if there is no
/// such setting.
pub(super) fn visit(
    scenario: &mut Scenario<Topology>,
    worker: &str,
    setting: Setting,
    to: Option<u64>,
) -> Option<u64> {
    let found = scenario.scalers.iter().position(|each| each.worker == worker);
    if setting == Setting::ScaleTo {
        return scale(scenario, worker, found, to);
    }
    let scaler = &mut scenario.scalers[found?];
    let value = match (setting, &mut scaler.by) {
        (Setting::PerWorker, ScaleBy::Depth { per_worker }) => per_worker,
        (Setting::TargetAge, ScaleBy::Age { target_ms }) => target_ms,
        (Setting::StartTime, _) => &mut scaler.start_ms,
        _ => return None,
    };
    *value = to.unwrap_or(*value);
    Some(*value)
}

/// A worker that grows to nothing is not scaled.
fn scale(
    scenario: &mut Scenario<Topology>,
    worker: &str,
    found: Option<usize>,
    to: Option<u64>,
) -> Option<u64> {
    let Some(to) = to else {
        return Some(found.map_or(0, |index| scenario.scalers[index].max.into()));
    };
    let max = u32::try_from(to).ok()?;
    match found {
        Some(index) if max == 0 => {
            scenario.scalers.remove(index);
        }
        Some(index) => {
            let scaler = &mut scenario.scalers[index];
            scaler.max = max;
            scaler.min = scaler.min.min(max);
        }
        None if max > 0 => {
            let consumer = scenario.system.consumers.iter().find(|each| each.name == worker)?;
            scenario.scalers.push(Scaler {
                worker: worker.to_owned(),
                min: consumer.config.concurrency.min(max),
                max,
                by: ScaleBy::Depth { per_worker: PER_WORKER },
                every_ms: EVERY_MS,
                start_ms: 0,
                down_after_ms: DOWN_AFTER_MS,
            });
        }
        None => {}
    }
    Some(to)
}
