//! Who publishes, and what fans out.

use yew::prelude::*;

use super::{Hands, chosen, plate, words_at};
use crate::{
    picture::{Icon, NodePlan, Point, Source, TopicNode},
    stage::{Selection, icon::icon, press::Press},
};

pub(in crate::stage) fn source(
    source: &Source,
    plan: NodePlan,
    is_chosen: bool,
    hands: &Hands,
) -> Html {
    html! {
        <Press class={classes!("node", chosen(is_chosen))}
            label={format!("{}, publishes events", source.label)}
            on_press={hands.choose(Selection::Source(source.name.clone()))}>
            { node(plan, source.icon, &source.label, "publishes") }
        </Press>
    }
}

pub(in crate::stage) fn topic(
    topic: &TopicNode,
    plan: NodePlan,
    is_chosen: bool,
    hands: &Hands,
) -> Html {
    html! {
        <Press class={classes!("node", chosen(is_chosen))}
            label={format!("Topic {}, gives every queue its own copy", topic.label)}
            on_press={hands.choose(Selection::Topic(topic.topic))}>
            { node(plan, Icon::FanOut, &topic.label, "topic") }
        </Press>
    }
}

/// A sign over two lines of words, or beside them.
fn node(plan: NodePlan, sign: Icon, name: &str, says: &str) -> Html {
    let NodePlan { rect, sign: at, is_flat } = plan;
    let size = if is_flat { 24.0 } else { 30.0 };
    let (class, words) = if is_flat {
        ("", Point { x: rect.x + 52.0, y: rect.y + 21.0 })
    } else {
        ("middle", Point { x: rect.middle().x, y: rect.y + 61.0 })
    };
    html! {
        <g {class}>
            { plate("box", rect, 10) }
            { icon(sign, at.x - size / 2.0, at.y - size / 2.0, size) }
            { words_at("name", words, name.to_owned()) }
            { words_at("says", Point { y: words.y + 18.0, ..words }, says.to_owned()) }
        </g>
    }
}
