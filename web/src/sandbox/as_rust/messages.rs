//! The messages: what each producer sends, and what each service publishes.

use postroom_core::Span;
use postroom_simulator::{Key, Route, Scenario, Topology};

use super::{
    settings,
    source::{Fields, Idents, escaped, formatted, indented, literal_like, quoted},
};

/// The producers that send something, with where to.
pub(super) fn routed(scenario: &Scenario<Topology>) -> impl Iterator<Item = (&str, &Route)> {
    let routes = &scenario.system.routes;
    let of = |name| routes.get(name).map(|route| (name, route));
    scenario.producers.iter().filter_map(move |producer| of(producer.name.as_str()))
}

/// A function for each producer's messages.
pub(super) fn of_producers<'s>(
    scenario: &'s Scenario<Topology>,
    idents: &mut Idents<'s>,
) -> String {
    let functions: Vec<String> = routed(scenario)
        .map(|(producer, route)| {
            let message = message(route, producer, "number", Vec::new());
            let name = idents.name("producer", producer);
            format!(
                "/// What {} sends.\nfn {name}(number: u64) -> NewMessage {{\n    {}\n}}\n",
                quoted(producer),
                indented(&message)
            )
        })
        .collect();
    functions.join("\n")
}

/// A function for what the services publish, if there is one.
pub(super) fn of_consumers(system: &Topology) -> Option<String> {
    let mut arms = String::new();
    for consumer in system.consumers.iter().filter(|it| !it.publishes.is_empty()) {
        let mut messages = String::new();
        for route in &consumer.publishes {
            let cause = vec![("cause", "cause".to_owned())];
            let message = message(route, &consumer.name, "key", cause);
            messages.push_str(&format!("\n    ({}, {}),", quoted(&route.to), indented(&message)));
        }
        let name = quoted(&consumer.name);
        arms.push_str(&indented(&indented(&format!("\n{name} => vec![{messages}\n],"))));
    }
    (!arms.is_empty())
        .then(|| include_str!("parts/publishes.txt").replace("        // arms", &arms[1..]))
}

/// A message whose sender numbers it, or names it by the key of what it was made of.
fn message(route: &Route, sender: &str, name: &str, more: Vec<(&'static str, String)>) -> String {
    let mut fields = Fields::default();
    for (field, value) in more {
        fields.with(field, value);
    }
    let mut attributes: Vec<String> = Vec::new();
    for (attribute, value) in &route.attributes {
        attributes.push(format!("({}.into(), {}.into())", quoted(attribute), quoted(value)));
    }
    let key = |key: Key| draw(key, sender, name);
    if let Some(identity) = route.identity {
        attributes.push(format!("(OUTBOX_ATTRIBUTE.into(), {})", key(identity)));
    }
    if !attributes.is_empty() {
        fields.with("attributes", format!("Attributes::from([{}])", attributes.join(", ")));
    }
    let some = |value: String| format!("Some({value})");
    if let Some(subject) = &route.subject {
        fields.with("subject", some(format!("{}.into()", quoted(subject))));
    }
    if let Some(group) = route.group {
        fields.with("group", some(key(group)));
    }
    if !route.priorities.is_empty() {
        let levels: Vec<String> =
            route.priorities.iter().map(|priority| priority.level().to_string()).collect();
        let index = format!("({} % {}) as usize", any(name), levels.len());
        let level = format!("[{}_u8][{index}]", levels.join(", "));
        fields.with("priority", format!("Priority::new({level}).unwrap_or_default()"));
    }
    fields.unless(0, "delay", route.delay_ms, |it| settings::span(Span::from_millis(it)));
    if let Some(ttl) = route.ttl_ms {
        fields.with("ttl", some(settings::span(Span::from_millis(ttl))));
    }
    if let Some(dedup_key) = route.dedup_key {
        fields.with("dedup_key", some(key(dedup_key)));
    }
    let body = formatted(sender, name);
    literal_like("NewMessage", fields, &format!("NewMessage::new({body}.as_str())"))
}

/// A key of the sender's.
fn draw(key: Key, sender: &str, name: &str) -> String {
    match key {
        Key::Each => formatted(sender, name),
        Key::OneOf(keys) => {
            let sender = quoted(&format!("{} {{}}", escaped(sender)));
            format!("format!({sender}, {} % {})", any(name), settings::number(keys))
        }
    }
}

/// A number to choose by.
fn any(name: &str) -> String {
    if name == "number" { name.to_owned() } else { format!("digest_of(&{name})") }
}
