//! What a run says about an answer: the engine has the truth.

use postroom_core::Timestamp;
use postroom_course::{Act, Deed, How, Lesson, Predict, Setting, Task};
use postroom_simulator::{
    Goal, Intervention, Judgement, Mode as SimulatedMode, Scenario, ScenarioError, Topology, Trial,
    Verdict,
    goals::{Comparison, Condition},
};

use crate::{
    run::{self, System, find_queue},
    stage::Mode,
};

/// The scenario of a lesson with its knobs set so and these goals.
///
/// # Errors
/// As [`ScenarioError`] says; not for a lesson that was compiled.
pub fn scenario(
    lesson: &Lesson,
    settings: &[Setting],
    goals: &[Goal],
) -> Result<Scenario<Topology>, ScenarioError> {
    let text = lesson.scenario_with(settings);
    let text = text.map_err(|why| ScenarioError::Unreadable { why: format!("{why:?}") })?;
    let read = Scenario::read(&text, serde_json::from_str, serde_json::from_str)?;
    Ok(Scenario { goals: goals.to_vec(), ..read })
}

/// What the run measures, asked of it with this seed.
///
/// # Errors
/// As [`scenario`].
pub fn truth(lesson: &Lesson, predict: &Predict, seed: u64) -> Result<u64, ScenarioError> {
    // It is undecided to the end, so that what was measured last is found.
    let that = Condition::AtMost(Comparison {
        of: predict.of.clone(),
        value: u64::MAX,
        per_mille_of: None,
    });
    let goal = Goal { name: "measured".to_owned(), that };
    let scenario = scenario(lesson, &predict.settings, &[goal])?;
    let mut trial = Trial::new(Scenario { seed, ..scenario })?;
    act(&mut trial, &predict.deeds);
    trial.run_until(moment(predict.at_s));
    let found = trial.judge().pop().and_then(|judged| judged.found);
    Ok(found.map_or(0, |found| found.value))
}

/// Whether an answer is near enough to the truth.
#[must_use]
pub fn is_right(answer: u64, truth: u64, tolerance: u64) -> bool {
    answer.abs_diff(truth) <= tolerance
}

/// What becomes of a task's goals where the knobs are set so and this is done.
///
/// # Errors
/// As [`scenario`].
pub fn attempt(
    lesson: &Lesson,
    task: &Task,
    settings: &[Setting],
    deeds: &[Deed],
    seed: u64,
) -> Result<Vec<Judgement>, ScenarioError> {
    let scenario = scenario(lesson, settings, &task.goals)?;
    let mut trial = Trial::new(Scenario { seed, ..scenario })?;
    act(&mut trial, deeds);
    trial.run_until(moment(task.until_s));
    Ok(trial.judge())
}

/// Whether all are met.
#[must_use]
pub fn are_met(judged: &[Judgement]) -> bool {
    judged.iter().all(|each| each.verdict == Verdict::Met)
}

/// The time so many seconds after the start.
#[must_use]
pub fn moment(at_s: u32) -> Timestamp {
    Timestamp::from_millis(u64::from(at_s) * 1_000)
}

fn act(trial: &mut Trial<Topology>, deeds: &[Deed]) {
    for Deed { at_s, act } in deeds {
        trial.run_until(moment(*at_s));
        let set =
            |provider: &String, mode| Intervention::SetMode { provider: provider.clone(), mode };
        let what = match act {
            Act::Break { provider, how } => Some(set(provider, run::simulated(mode(*how)))),
            Act::Heal { provider } => Some(set(provider, SimulatedMode::Healthy)),
            Act::Redrive { queue } => {
                let machine = trial.world().machine();
                let queue = find_queue(machine, queue);
                let command = queue.and_then(|queue| Topology::redrive(machine, queue));
                command.map(Intervention::Command)
            }
        };
        // What the world refuses is not done: the goals show it.
        let _ = what.map(|what| trial.intervene(what));
    }
}

fn mode(how: How) -> Mode {
    match how {
        How::Fail => Mode::Fail,
        How::Hang => Mode::Hang,
        How::Slow => Mode::Slow,
        How::Flaky => Mode::Flaky,
    }
}

#[cfg(test)]
mod tests {
    use postroom_course::Block;

    use super::*;
    use crate::lessons::course;

    const SEEDS: u64 = 20;

    fn blocks() -> Vec<(Lesson, Block)> {
        let lessons = course().lessons;
        let all = lessons.into_iter().flat_map(|lesson| {
            let blocks: Vec<_> = lesson.steps.iter().flat_map(|step| step.blocks.clone()).collect();
            blocks.into_iter().map(move |block| (lesson.clone(), block))
        });
        all.collect()
    }

    #[test]
    fn every_task_is_unmet_at_the_start_and_met_by_its_solution() {
        let mut tasks = 0;
        for (lesson, block) in blocks() {
            let Block::Task(task) = block else { continue };
            tasks += 1;
            for seed in 0..SEEDS {
                let judge = |settings: &[Setting], deeds: &[Deed]| {
                    attempt(&lesson, &task, settings, deeds, seed).expect("it runs")
                };
                let name = format!("{} {} seed {seed}", lesson.id, task.id);
                let untouched = judge(&[], &[]);
                assert!(!are_met(&untouched), "{name}: {untouched:?}");
                let solved = judge(&task.solution.settings, &task.solution.deeds);
                assert!(are_met(&solved), "{name}: {solved:?}");
            }
        }
        assert!(tasks >= course().lessons.len(), "a lesson has a task");
    }

    #[test]
    fn every_predict_question_is_graded_by_a_run() {
        let mut questions = 0;
        for (lesson, block) in blocks() {
            let Block::Predict(predict) = block else { continue };
            questions += 1;
            let seed = scenario(&lesson, &[], &[]).expect("a scenario").seed;
            let found = truth(&lesson, &predict, seed).expect("it runs");
            let tolerance = predict.tolerance;
            assert!(found > tolerance, "{} {}: 0 is no answer", lesson.id, predict.id);
            assert!(is_right(found + tolerance, found, tolerance));
            assert!(!is_right(found + tolerance + 1, found, tolerance));
            assert!(!is_right(found - tolerance - 1, found, tolerance));
            let unmoved = Predict { at_s: 1, deeds: Vec::new(), ..(*predict).clone() };
            assert_ne!(truth(&lesson, &unmoved, seed), Ok(found), "the run makes the difference");
        }
        assert!(questions >= course().lessons.len(), "a lesson has a question");
    }
}
