//! `main`: the system as it stands, and a few messages for it.

use postroom_core::Filter;
use postroom_simulator::{Scenario, SubscriptionSpec, Topology};

use super::{
    messages::routed,
    settings,
    source::{Idents, indented, quoted, raw},
};

/// Messages that each producer of a program sends.
const SAMPLES: u64 = 3;

/// `main`, with the names that it gives to the parts.
pub(super) fn main<'s>(scenario: &'s Scenario<Topology>, idents: &mut Idents<'s>) -> String {
    let system = &scenario.system;
    let blocks = [
        queues(system, idents),
        topics(system, idents),
        consumers(system, idents),
        samples(scenario, idents),
    ];
    let blocks: Vec<String> = blocks.into_iter().filter(|block| !block.is_empty()).collect();
    let mut lines = String::new();
    for line in blocks.join("\n").lines() {
        let margin = if line.is_empty() { "" } else { "    " };
        lines.push_str(&format!("{margin}{line}\n"));
    }
    let margin = if blocks.is_empty() { "" } else { "\n" };
    format!(
        "fn main() -> Result<(), Box<dyn Error>> {{\n    let mut host = Host::new();\n{margin}{lines}\n    \
         host.run()\n}}\n"
    )
}

fn queues<'s>(system: &'s Topology, idents: &mut Idents<'s>) -> String {
    let mut lines = String::new();
    for queue in &system.queues {
        let dead = queue.dead_letters.as_deref().map(|dead| idents.name("queue", dead));
        let settings = settings::queue(&queue.config, dead.as_deref());
        let create = format!("host.queue({}, {settings})?;\n", quoted(&queue.name));
        let is_used = system.queues.iter().any(|it| it.dead_letters.as_ref() == Some(&queue.name))
            || system.subscriptions.iter().any(|it| it.queue == queue.name)
            || system.consumers.iter().any(|it| it.queue == queue.name);
        let name = is_used.then(|| idents.name("queue", &queue.name));
        lines.push_str(&bound(name, &create));
    }
    lines
}

fn topics<'s>(system: &'s Topology, idents: &mut Idents<'s>) -> String {
    let mut lines = String::new();
    for topic in &system.topics {
        let settings = settings::topic(&topic.config);
        let create = format!("host.topic({}, {settings})?;\n", quoted(&topic.name));
        let is_used = system.subscriptions.iter().any(|it| it.topic == topic.name);
        let name = is_used.then(|| idents.name("topic", &topic.name));
        lines.push_str(&bound(name, &create));
    }
    for subscription in &system.subscriptions {
        lines.push_str(&format!("host.subscribe({})?;\n", subscribe(subscription, idents)));
    }
    lines
}

fn consumers<'s>(system: &'s Topology, idents: &mut Idents<'s>) -> String {
    let mut lines = String::new();
    for consumer in &system.consumers {
        let queue = idents.name("queue", &consumer.queue);
        let settings = settings::consumer(&consumer.config);
        let name = quoted(&consumer.name);
        lines.push_str(&format!("host.attach({name}, {queue}, {settings})?;\n"));
    }
    lines
}

fn samples<'s>(scenario: &'s Scenario<Topology>, idents: &mut Idents<'s>) -> String {
    let mut sends = String::new();
    for (producer, route) in routed(scenario) {
        let message = idents.name("producer", producer);
        let to = quoted(&route.to);
        sends.push_str(&format!("\n    host.publish({to}, {message}(number))?;"));
    }
    if sends.is_empty() {
        return sends;
    }
    format!("for number in 0..{SAMPLES} {{{sends}\n}}\n")
}

fn bound(name: Option<String>, expression: &str) -> String {
    name.map_or_else(|| expression.to_owned(), |name| format!("let {name} = {expression}"))
}

fn subscribe<'s>(subscription: &'s SubscriptionSpec, idents: &mut Idents<'s>) -> String {
    let SubscriptionSpec { topic, queue, subjects, filter, on_full } = subscription;
    let subjects: Vec<String> =
        subjects.iter().map(|it| format!("{}.parse()?", quoted(it.as_str()))).collect();
    let subjects = if subjects.is_empty() {
        "Vec::new()".to_owned()
    } else {
        format!("vec![{}]", subjects.join(", "))
    };
    let filter = if *filter == Filter::default() {
        "Filter::default()".to_owned()
    } else {
        let json = serde_json::to_string(filter).expect("a filter is plain data");
        format!("serde_json::from_str({})?", raw(&json))
    };
    let fields = [
        format!("topic: {}", idents.name("topic", topic)),
        format!("queue: {}", idents.name("queue", queue)),
        format!("subjects: {subjects}"),
        format!("filter: {filter}"),
        format!("on_full: OnFull::{on_full:?}"),
    ];
    format!("Subscribe {{\n    {},\n}}", indented(&fields.join(",\n")))
}
