//! The scenario of a lesson, checked against everything that the lesson wants of it.

use postroom_simulator::{
    Goal, Scenario, Topology, Trial,
    goals::{Comparison, Condition, Metric},
};

use super::mistake::Source;

/// Reads the scenario, and runs its first moment.
pub(super) fn read(source: &mut Source<'_>) -> Option<Scenario<Topology>> {
    let text = source.text;
    let scenario = Scenario::read(text, serde_json::from_str, serde_json::from_str);
    let checked = scenario.and_then(|scenario| Trial::new(scenario.clone()).map(|_| scenario));
    checked
        .map_err(|error| {
            let words = error.to_string();
            let at = stopped_at(text, &words).or_else(|| named_in(text, &words));
            source.wrong(at.unwrap_or(0), words);
        })
        .ok()
}

/// What is wrong with a document that was changed as a lesson says.
pub(super) fn refusal(text: &str) -> Option<String> {
    let scenario = Scenario::read(text, serde_json::from_str, serde_json::from_str);
    scenario.and_then(Trial::<Topology>::new).err().map(|error| error.to_string())
}

/// What is wrong with goals of a scenario that is right by itself.
pub(super) fn goals_refusal(scenario: &Scenario<Topology>, goals: Vec<Goal>) -> Option<String> {
    let scenario = Scenario { goals, ..scenario.clone() };
    scenario.validate().and_then(|()| Trial::new(scenario)).err().map(|error| error.to_string())
}

/// What is wrong with something to measure.
pub(super) fn metric_refusal(scenario: &Scenario<Topology>, of: &Metric) -> Option<String> {
    let that = Condition::AtLeast(Comparison { of: of.clone(), value: 0, per_mille_of: None });
    goals_refusal(scenario, vec![Goal { name: "measured".to_owned(), that }])
}

/// The place that the reader of JSON names.
fn stopped_at(text: &str, words: &str) -> Option<usize> {
    let (_, place) = words.rsplit_once(" at line ")?;
    let line: usize = place.split(' ').next()?.parse().ok()?;
    let before = text.split_inclusive('\n').take(line.saturating_sub(1));
    Some(before.map(str::len).sum())
}

/// Where the last of the names stands that the words quote.
fn named_in(text: &str, words: &str) -> Option<usize> {
    let quoted: Vec<_> = words.split('`').skip(1).step_by(2).collect();
    let last = |name: &&str| name.rsplit(['.', '[']).next().map(str::to_owned);
    let mut names = quoted.iter().rev().filter_map(last);
    names.find_map(|name| text.find(&format!("\"{name}\"")))
}
