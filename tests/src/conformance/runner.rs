//! Plays a case on a backend.

use std::fmt;

use super::{
    backend::{Answer, Backend, Got, How, Refused},
    case::{Case, Step, Time},
    language::{Answers, Verb},
    need::Need,
};

/// What became of a case.
#[derive(Clone, Debug)]
pub enum Verdict {
    /// Every answer was the expected one.
    Passed,
    /// The backend lacks these.
    NotOffered(Vec<Need>),
    /// A step had another answer.
    Failed(Failure),
}

/// The step that had another answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Failure {
    /// The case and its file.
    pub case: String,
    /// Who says that it should have been otherwise.
    pub source: String,
    /// Where it was played.
    pub backend: &'static str,
    /// The line in the file, from 1.
    pub line: usize,
    /// The step as it is written.
    pub step: String,
    /// What came.
    pub came: String,
}

impl fmt::Display for Failure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "case `{}`, on {}", self.case, self.backend)?;
        writeln!(f, "    says:  {}", self.source)?;
        writeln!(f, "    line {}: {}", self.line, self.step)?;
        write!(f, "    came:  {}", self.came)
    }
}

/// What a case needs and is not offered.
pub fn missing(case: &Case, offers: impl Fn(Need) -> bool) -> Vec<Need> {
    case.needs.iter().copied().filter(|need| !offers(*need)).collect()
}

/// Plays a case to its end, or to the first other answer.
pub fn run<B: Backend>(case: &Case, backend: &mut B) -> Verdict {
    let missing = missing(case, |need| backend.offers(need));
    if !missing.is_empty() {
        return Verdict::NotOffered(missing);
    }
    let mut play = Play { backend, held: Vec::new() };
    for step in &case.steps {
        let answer = play.take(step);
        if !is_as_expected(step, &answer) {
            return Verdict::Failed(Failure {
                case: format!("{}/{}", case.room, case.name),
                source: case.source.clone(),
                backend: play.backend.name(),
                line: step.line,
                step: step.text.clone(),
                came: in_words(&answer),
            });
        }
    }
    Verdict::Passed
}

/// A case under way.
struct Play<'a, B: Backend> {
    backend: &'a mut B,
    /// Every delivery so far, with its queue.
    held: Vec<(String, Got<B::Receipt>)>,
}

impl<B: Backend> Play<'_, B> {
    fn take(&mut self, step: &Step) -> Answer {
        let word = |index: usize| step.words[index].as_str();
        let options = &step.options;
        match step.verb {
            Verb::Queue => self.backend.queue(word(0), options),
            Verb::Send => self.backend.send(word(0), word(1), options),
            Verb::Receive => {
                let got = self.backend.receive(word(0), options)?;
                Ok(self.hold(word(0), got))
            }
            Verb::Poll => {
                let patience = options.time("for").unwrap_or(Time::Leases(1_000));
                let got = self.backend.poll(word(0), patience)?;
                Ok(self.hold(word(0), got))
            }
            Verb::Ack => self.settle(word(0), How::Ack),
            Verb::Retry => self.settle(word(0), How::Retry(options.time("delay"))),
            Verb::Release => self.settle(word(0), How::Release),
            Verb::Reject => self.settle(word(0), How::Reject),
            Verb::Extend => {
                let by = options.time("by").unwrap_or(Time::Leases(1_000));
                self.settle(word(0), How::Extend(by))
            }
            Verb::AckBatch => {
                let receipts: Result<Vec<_>, _> = step
                    .words
                    .iter()
                    .map(|name| Ok(self.delivery(name)?.receipt.clone()))
                    .collect();
                self.backend.ack_batch(&receipts?)
            }
            Verb::Wait => {
                self.backend.wait(Time::parse(word(0)).ok_or(unheard(word(0)))?);
                Ok(Vec::new())
            }
            Verb::Vanish => {
                self.backend.vanish(word(0));
                Ok(Vec::new())
            }
            Verb::Carries => {
                let carries = &self.delivery(word(0))?.carries;
                Ok(carries.iter().map(|(key, value)| format!("{key}={value}")).collect())
            }
            Verb::Same => {
                let (one, other) = (&self.delivery(word(0))?.id, &self.delivery(word(1))?.id);
                let same = one.is_some() && one == other;
                if same { Ok(Vec::new()) } else { Err(Refused(format!("{one:?} and {other:?}"))) }
            }
            _ => self.backend.perform(step),
        }
    }

    fn settle(&mut self, name: &str, how: How) -> Answer {
        let receipt = match name {
            "made_up" => self.backend.made_up(),
            _ => self.delivery(name)?.receipt.clone(),
        };
        self.backend.settle(&receipt, how).map(|()| Vec::new())
    }

    /// Keeps the deliveries, and says them.
    fn hold(&mut self, queue: &str, got: Vec<Got<B::Receipt>>) -> Vec<String> {
        let words = got
            .iter()
            .map(|got| match got.delivery {
                Some(delivery) => format!("{}({delivery})", got.body),
                None => got.body.clone(),
            })
            .collect();
        self.held.extend(got.into_iter().map(|got| (queue.to_owned(), got)));
        words
    }

    /// The delivery that a case calls `m1`, `m1#1` or `work/m1`.
    fn delivery(&self, name: &str) -> Answer<&Got<B::Receipt>> {
        let (queue, rest) = match name.split_once('/') {
            Some((queue, rest)) => (Some(queue), rest),
            None => (None, name),
        };
        let (body, nth) = match rest.split_once('#') {
            Some((body, nth)) => (body, Some(nth.parse::<usize>().map_err(|_| unheard(name))?)),
            None => (rest, None),
        };
        let mut found = self
            .held
            .iter()
            .filter(|(from, got)| queue.is_none_or(|queue| queue == from) && got.body == body)
            .map(|(_, got)| got);
        let delivery = match nth {
            Some(nth) => nth.checked_sub(1).and_then(|skip| found.nth(skip)),
            None => found.last(),
        };
        delivery.ok_or_else(|| unheard(name))
    }
}

fn unheard(name: &str) -> Refused {
    Refused(format!("nothing called `{name}`"))
}

fn is_as_expected(step: &Step, answer: &Answer) -> bool {
    let Some(expected) = &step.expected else {
        return answer.as_ref().is_ok_and(|words| !words.iter().any(|word| word == "duplicate"));
    };
    let refusal;
    let found = match answer {
        Ok(words) => words,
        Err(Refused(reason)) => {
            refusal = vec![reason.clone()];
            &refusal
        }
    };
    match expected.as_slice() {
        [word] if word == "nothing" => answer.is_ok() && found.is_empty(),
        [word] if word == "ok" && answer.is_ok() && found.is_empty() => true,
        [any, words @ ..] if any == "any" => {
            let mut left: Vec<&String> = found.iter().collect();
            left.len() == words.len()
                && words.iter().all(|word| {
                    let place = left.iter().position(|found| says(word, found));
                    place.map(|place| left.swap_remove(place)).is_some()
                })
        }
        words if step.verb.rule().answers == Answers::AtLeast && answer.is_ok() => {
            words.iter().all(|word| found.iter().any(|found| says(word, found)))
        }
        words => {
            words.len() == found.len()
                && words.iter().zip(found).all(|(word, found)| says(word, found))
        }
    }
}

/// `m1` says all that `m1(2)` and `m1:ready` say of `m1`.
fn says(expected: &str, found: &str) -> bool {
    found.strip_prefix(expected).is_some_and(|rest| rest.is_empty() || rest.starts_with(['(', ':']))
}

fn in_words(answer: &Answer) -> String {
    match answer {
        Ok(words) if words.is_empty() => "nothing".into(),
        Ok(words) => words.join(" "),
        Err(Refused(reason)) => format!("{reason} (refused)"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::conformance::{EngineInVirtualTime, parse};

    fn verdict(lines: &str) -> Verdict {
        let text = format!("case one\n from its source\n queue work\n send work m1\n {lines}");
        let case = parse("room", &text).unwrap().remove(0);
        run(&case, &mut EngineInVirtualTime::for_case(&case))
    }

    fn failure(lines: &str) -> String {
        match verdict(lines) {
            Verdict::Failed(failure) => failure.to_string(),
            other => panic!("{lines} gives {other:?}"),
        }
    }

    #[test]
    fn a_failure_says_the_case_its_source_the_step_and_what_came() {
        let text = failure("receive work -> m1\n receive work -> m1\n");
        for part in ["room/one", "its source", "virtual time", "line 6: receive work -> m1"] {
            assert!(text.contains(part), "{text}");
        }
        assert!(text.ends_with("came:  nothing"), "{text}");
    }

    #[test]
    fn another_answer_fails() {
        for lines in [
            "receive work -> m2",
            "receive work -> m1(2)",
            "receive work -> m1 m2",
            "receive work -> nothing",
            "receive work -> any m1 m1",
            "receive work -> m1\n ack m1 -> stale",
            "receive work -> m1\n retry m1\n ack m1\n depth work -> 0",
            "depth work -> 2",
            "stats work -> ready=1 delayed=1",
            "send work m2 -> full",
            "receive elsewhere -> nothing",
        ] {
            failure(lines);
        }
    }

    #[test]
    fn the_expected_answer_passes() {
        for lines in [
            "receive work -> m1",
            "receive work -> m1(1)",
            "send work m2\n receive work -> any m2 m1",
            "stats work -> ready=1",
            "peek work -> m1:ready",
            "peek work -> m1",
        ] {
            assert!(
                matches!(verdict(lines), Verdict::Passed),
                "{lines} gives {:?}",
                verdict(lines)
            );
        }
    }

    #[test]
    fn what_is_lacking_is_named_and_not_played() {
        let lines = "needs exhausted_stays\n receive work -> something_else";
        match verdict(lines) {
            Verdict::NotOffered(needs) => assert_eq!(needs, [Need::ExhaustedStays]),
            other => panic!("{other:?}"),
        }
    }
}
