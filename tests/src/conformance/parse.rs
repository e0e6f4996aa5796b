//! Reads cases.

use std::{collections::BTreeMap, fmt};

use super::{
    case::{Case, Options, Step, Time},
    language::{Answers, RULES, Rule, Verb},
    need::Need,
};

/// A line that is not of the language.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ParseError {
    room: String,
    line: usize,
    problem: String,
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.txt, line {}: {}", self.room, self.line, self.problem)
    }
}

impl std::error::Error for ParseError {}

/// Reads the cases of a room.
///
/// # Errors
/// The first line that cannot be read, and why.
pub fn parse(room: &str, text: &str) -> Result<Vec<Case>, ParseError> {
    let mut cases: Vec<Case> = Vec::new();
    for (index, written) in text.lines().enumerate() {
        let line = index + 1;
        let error = |problem: String| ParseError { room: room.into(), line, problem };
        let trimmed = written.trim();
        if trimmed.is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let (word, rest) = trimmed.split_once(' ').unwrap_or((trimmed, ""));
        if word == "case" {
            if cases.iter().any(|case| case.name == rest) {
                return Err(error(format!("there are two cases `{rest}`")));
            }
            cases.push(Case {
                room: room.into(),
                name: rest.into(),
                source: String::new(),
                needs: Vec::new(),
                steps: Vec::new(),
            });
            continue;
        }
        let Some(case) = cases.last_mut() else {
            return Err(error("a line before the first `case`".into()));
        };
        match word {
            "from" => case.source = rest.into(),
            "needs" => {
                for name in rest.split([',', ' ']).filter(|name| !name.is_empty()) {
                    let need = Need::named(name);
                    case.needs.push(need.ok_or_else(|| error(format!("no need `{name}`")))?);
                }
            }
            _ => {
                let step = parse_step(line, trimmed).map_err(error)?;
                case.needs.extend(needs_of(&step));
                case.steps.push(step);
            }
        }
    }
    for case in &mut cases {
        case.needs.sort_unstable();
        case.needs.dedup();
        let problem = if case.source.is_empty() {
            "has no source: begin it with `from`"
        } else if !case.steps.iter().any(|step| step.expected.is_some()) {
            "expects nothing: a case must be able to fail"
        } else {
            continue;
        };
        let line = case.steps.first().map_or(0, |step| step.line);
        return Err(ParseError {
            room: room.into(),
            line,
            problem: format!("`{}` {problem}", case.name),
        });
    }
    Ok(cases)
}

fn parse_step(line: usize, text: &str) -> Result<Step, String> {
    let (said, expected) = match text.split_once("->") {
        Some((said, expected)) => (said, Some(expected)),
        None => (text, None),
    };
    let mut words = said.split_whitespace();
    let name = words.next().unwrap_or_default();
    let rule =
        RULES.iter().find(|rule| rule.name == name).ok_or_else(|| format!("no verb `{name}`"))?;
    let mut step = Step {
        line,
        text: text.into(),
        verb: rule.verb,
        words: Vec::new(),
        options: Options::default(),
        expected: expected.map(|words| words.split_whitespace().map(Into::into).collect()),
    };
    for word in words {
        match word.split_once('=') {
            Some((key, value)) => {
                key_rule(rule, key).ok_or_else(|| format!("`{name}` has no key `{key}`"))?;
                step.options.0.insert(key.into(), value.into());
            }
            None => step.words.push(word.into()),
        }
    }
    let (least, most) = rule.words;
    if !(least..=most).contains(&step.words.len()) {
        return Err(format!("`{name}` takes {least} to {most} words"));
    }
    if step.expected.as_ref().is_some_and(Vec::is_empty) {
        return Err("nothing behind `->`: write `nothing`".into());
    }
    if rule.answers == Answers::Said && step.expected.is_none() {
        return Err(format!("`{name}` must say what is expected"));
    }
    Ok(step)
}

fn key_rule(rule: &Rule, key: &str) -> Option<&'static [Need]> {
    let named = |name: &str| name == key || (name.ends_with('.') && key.starts_with(name));
    rule.keys.iter().find(|(name, _)| named(name)).map(|(_, needs)| *needs)
}

/// What follows from a step.
fn needs_of(step: &Step) -> Vec<Need> {
    let rule = step.verb.rule();
    let mut needs = rule.needs.to_vec();
    let values: BTreeMap<&str, &str> =
        step.options.keys().filter_map(|key| Some((key, step.options.text(key)?))).collect();
    let times = values.values().copied().chain(step.words.iter().map(String::as_str));
    if times.filter_map(Time::parse).any(is_exact) {
        needs.push(Need::ExactTime);
    }
    for (key, value) in values {
        needs.extend(key_rule(rule, key).into_iter().flatten());
        match (key, value) {
            ("overflow", "drop_oldest") => needs.push(Need::DropOldest),
            ("overflow", "dead_letter_oldest") => needs.push(Need::DeadLetterOldest),
            ("dedup_scope", "group") => needs.push(Need::DedupGroup),
            ("subject", pattern) if pattern.contains('>') => needs.push(Need::WildcardRest),
            ("subject", pattern) if pattern.contains('#') => needs.push(Need::WildcardAny),
            _ => {}
        }
    }
    if matches!(step.verb, Verb::Pause | Verb::Resume) && step.words.len() == 2 {
        needs.push(Need::PauseSubscription);
    }
    let counts = |word: &String| word.ends_with(')') && !word.contains(':');
    if matches!(step.verb, Verb::Receive | Verb::Poll) && step.expected.iter().flatten().any(counts)
    {
        needs.push(Need::Count);
    }
    needs
}

fn is_exact(time: Time) -> bool {
    matches!(time, Time::Exact(_))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_case_is_read_with_all_that_it_needs() {
        let text = "case one\n from somewhere\n needs fenced\n queue q dead=d\n # why\n \
                    send q m priority=9\n receive q -> m(1)\n wait 12h\n ack m#1 -> stale\n";
        let cases = parse("room", text).unwrap();
        assert_eq!((cases.len(), cases[0].steps.len()), (1, 5));
        for need in [Need::Fenced, Need::DeadLetters, Need::Priority, Need::Count, Need::ExactTime]
        {
            assert!(cases[0].needs.contains(&need), "{need} of {:?}", cases[0].needs);
        }
    }

    #[test]
    fn a_mistake_names_its_line() {
        let problem = |text: &str| parse("room", text).unwrap_err().to_string();
        let body = "case one\nfrom somewhere\n";
        for (line, problem_part) in [
            ("dance q", "no verb `dance`"),
            ("queue q colour=red", "no key `colour`"),
            ("queue", "takes 1 to 1 words"),
            ("receive q", "must say what is expected"),
            ("receive q ->", "write `nothing`"),
            ("needs luck", "no need `luck`"),
        ] {
            let problem = problem(&format!("{body}{line}"));
            assert!(problem.contains("room.txt, line 3"), "{problem}");
            assert!(problem.contains(problem_part), "{problem}");
        }
        assert!(problem("case one\nreceive q -> nothing").contains("has no source"));
        assert!(problem(&format!("{body}queue q")).contains("must be able to fail"));
        assert!(problem("queue q").contains("before the first"));
    }
}
