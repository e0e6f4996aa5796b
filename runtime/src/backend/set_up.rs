//! What an engine must be told so that all that is in a plan is in place.

use postroom_core::{Address, Command, Engine, Subscribe, Subscription, TopicId};

use super::{OpenError, Plan};

/// The commands, each with the name of what it is about. Queues and topics that are there already
/// must be what the plan says; of subscriptions there are those of the plan and no others.
pub(super) fn set_up(plan: &Plan, engine: &Engine) -> Result<Vec<(String, Command)>, OpenError> {
    let mut commands = Vec::new();
    for (place, (name, config)) in (0..).zip(&plan.queues) {
        let what = format!("queue `{name}`");
        match engine.find_queue(name) {
            None => {
                let create = Command::CreateQueue { name: name.clone(), config: *config };
                commands.push((what, create));
            }
            Some(queue) if queue.number() != place => return Err(OpenError::Order { name: what }),
            Some(queue) if engine.queue_config(queue) != Some(config) => {
                return Err(OpenError::Changed { name: what });
            }
            Some(_) => {}
        }
    }
    for (place, (name, config)) in (0..).zip(&plan.topics) {
        let what = format!("topic `{name}`");
        match engine.find_topic(name) {
            None => {
                let create = Command::CreateTopic { name: name.clone(), config: *config };
                commands.push((what, create));
            }
            Some(topic) if topic.number() != place => return Err(OpenError::Order { name: what }),
            Some(_) => {}
        }
    }
    commands.extend(ended(plan, engine));
    for wanted in &plan.subscriptions {
        let there = engine.subscriptions(wanted.topic);
        if !there.iter().any(|there| is_same(there, wanted)) {
            let what = name_of(plan, wanted.topic);
            commands.push((what, Command::Subscribe(wanted.clone())));
        }
    }
    Ok(commands)
}

/// Subscriptions that the plan does not have, or has otherwise, end.
fn ended(plan: &Plan, engine: &Engine) -> Vec<(String, Command)> {
    let topics = (0..plan.topics.len() as u32).map(TopicId::new);
    let there = topics.flat_map(|topic| {
        engine.subscriptions(topic).iter().map(move |subscription| (topic, subscription))
    });
    let ended = there.filter(|(topic, there)| {
        let mut wanted = plan.subscriptions.iter().filter(|wanted| wanted.topic == *topic);
        !wanted.any(|wanted| is_same(there, wanted))
    });
    let command = |(topic, subscription): (TopicId, &Subscription)| {
        let queue = subscription.queue;
        (name_of(plan, topic), Command::Unsubscribe { topic, queue })
    };
    ended.map(command).collect()
}

fn is_same(there: &Subscription, wanted: &Subscribe) -> bool {
    there.queue == wanted.queue
        && there.subjects == wanted.subjects
        && there.filter == wanted.filter
        && there.on_full == wanted.on_full
}

fn name_of(plan: &Plan, topic: TopicId) -> String {
    format!("a subscription of topic `{}`", plan.name_of(Address::Topic(topic)))
}
