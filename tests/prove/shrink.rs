//! Makes a script that fails as short and as plain as it gets.

use postroom_core::{NewMessage, QueueConfig, Span};

use crate::script::{Action, Jump, Layout, Script, Step};

/// Tries that a failure is worth.
const TRIES_MAX: u32 = 20_000;

/// The shortest script found that still fails.
pub(crate) fn shrink(script: Script, fails: impl Fn(&Script) -> bool) -> Script {
    let mut search = Search { best: script, tries: 0, fails };
    loop {
        let before = search.best.steps.len();
        let changed = search.drop_chunks() | search.simplify_steps() | search.simplify_world();
        let shorter = search.best.steps.len() < before;
        if search.tries >= TRIES_MAX || !(changed || shorter) {
            return search.best;
        }
    }
}

struct Search<F> {
    best: Script,
    tries: u32,
    fails: F,
}

impl<F: Fn(&Script) -> bool> Search<F> {
    /// Keeps a simpler script if it fails as well.
    fn attempt(&mut self, script: Script) -> bool {
        self.tries += 1;
        let keeps = self.tries < TRIES_MAX && (self.fails)(&script);
        if keeps {
            self.best = script;
        }
        keeps
    }

    fn drop_chunks(&mut self) -> bool {
        let mut changed = false;
        let mut size = self.best.steps.len().div_ceil(2).max(1);
        loop {
            let mut from = 0;
            while from < self.best.steps.len() {
                let mut script = self.best.clone();
                let to = (from + size).min(script.steps.len());
                script.steps.drain(from..to);
                if self.attempt(script) {
                    changed = true;
                } else {
                    from += size;
                }
            }
            if size == 1 {
                return changed;
            }
            size /= 2;
        }
    }

    fn simplify_steps(&mut self) -> bool {
        let mut changed = false;
        for place in 0..self.best.steps.len() {
            for simpler in simpler_steps(&self.best.steps[place]) {
                let mut script = self.best.clone();
                script.steps[place] = simpler;
                changed |= self.attempt(script);
            }
        }
        changed
    }

    fn simplify_world(&mut self) -> bool {
        let mut changed = false;
        for place in 0..self.best.world.queues.len() {
            for reset in RESETS {
                let mut script = self.best.clone();
                reset(&mut script.world.queues[place], &QueueConfig::default());
                let is_new = script.world.queues[place] != self.best.world.queues[place];
                if is_new && can_be_made(&script.world) {
                    changed |= self.attempt(script);
                }
            }
        }
        for number in 0..self.best.world.topics.iter().map(|t| t.subscriptions.len()).sum() {
            let mut script = self.best.clone();
            let subscriptions = &mut script.world.topics[0].subscriptions;
            if number < subscriptions.len() {
                subscriptions.remove(number);
                changed |= self.attempt(script);
            }
        }
        changed
    }
}

/// Whether the dead letters of each queue hold what it holds.
fn can_be_made(world: &Layout) -> bool {
    let queues = &world.queues;
    queues.iter().all(|config| {
        let dead = config.dead_letters.map(|dead| queues[dead.number() as usize]);
        dead.is_none_or(|dead| dead.capacity_bytes >= config.capacity_bytes)
    })
}

fn simpler_steps(step: &Step) -> Vec<Step> {
    let mut simpler = Vec::new();
    if step.after != Jump::Forward(Span::ZERO) {
        simpler.push(Step { after: Jump::Forward(Span::ZERO), ..step.clone() });
    }
    match &step.does {
        Action::Tick => {}
        Action::Publish { to, message } => {
            for message in simpler_messages(message) {
                simpler.push(Step { does: Action::Publish { to: *to, message }, ..step.clone() });
            }
        }
        Action::PublishBatch { to, messages } if !messages.is_empty() => {
            let mut fewer = messages.clone();
            fewer.pop();
            let does = Action::PublishBatch { to: *to, messages: fewer };
            simpler.push(Step { does, ..step.clone() });
            let does = Action::Publish { to: *to, message: messages[0].clone() };
            simpler.push(Step { does, ..step.clone() });
        }
        Action::SettleBatch { settlements } if !settlements.is_empty() => {
            let mut fewer = settlements.clone();
            fewer.pop();
            let does = Action::SettleBatch { settlements: fewer };
            simpler.push(Step { does, ..step.clone() });
            let (which, how) = settlements[0];
            simpler.push(Step { does: Action::Settle { which, how }, ..step.clone() });
        }
        Action::Receive { queue, max, lease } => {
            for (max, lease) in [(1, *lease), (*max, None)] {
                let does = Action::Receive { queue: *queue, max, lease };
                simpler.push(Step { does, ..step.clone() });
            }
        }
        _ => simpler.push(Step { does: Action::Tick, ..step.clone() }),
    }
    simpler.retain(|simpler| format!("{simpler}") != format!("{step}"));
    simpler
}

fn simpler_messages(message: &NewMessage) -> Vec<NewMessage> {
    let plain = NewMessage::new(message.body.clone());
    vec![
        plain.clone(),
        NewMessage { attributes: Default::default(), ..message.clone() },
        NewMessage { subject: None, ..message.clone() },
        NewMessage { group: None, ..message.clone() },
        NewMessage { priority: plain.priority, ..message.clone() },
        NewMessage { delay: Span::ZERO, ..message.clone() },
        NewMessage { not_before: None, ..message.clone() },
        NewMessage { ttl: None, ..message.clone() },
        NewMessage { dedup_key: None, ..message.clone() },
        NewMessage { cause: None, ..message.clone() },
    ]
}

type Reset = fn(&mut QueueConfig, &QueueConfig);

const RESETS: [Reset; 18] = [
    |config, plain| config.lease = plain.lease,
    |config, plain| config.max_deliveries = plain.max_deliveries,
    |config, plain| config.backoff = plain.backoff,
    |config, plain| config.capacity = plain.capacity,
    |config, plain| config.capacity_bytes = plain.capacity_bytes,
    |config, plain| config.overflow = plain.overflow,
    |config, plain| config.shed = plain.shed,
    |config, plain| config.in_flight_max = plain.in_flight_max,
    |config, plain| config.settlement = plain.settlement,
    |config, plain| config.delay = plain.delay,
    |config, plain| config.deliver_within = plain.deliver_within,
    |config, plain| config.ttl = plain.ttl,
    |config, plain| config.poison = plain.poison,
    |config, plain| config.aging = plain.aging,
    |config, plain| config.dedup_scope = plain.dedup_scope,
    |config, plain| config.profile = plain.profile,
    |config, plain| config.alarm_depth = plain.alarm_depth,
    |config, plain| config.alarm_age = plain.alarm_age,
];
