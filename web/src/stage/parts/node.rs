//! Who publishes, and what fans out.

use yew::prelude::*;

use super::{Hands, chosen, name_at, plate, upon, words_at};
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
    let drawn =
        Drawn { plan, sign: source.icon, name: &source.label, says: "publishes", is_chosen };
    let part = format!("producer:{}", source.name);
    let label = format!("{} publishes", source.label);
    node(&drawn, part, label, hands.choose(Selection::Source(source.name.clone())))
}

pub(in crate::stage) fn topic(
    topic: &TopicNode,
    plan: NodePlan,
    is_chosen: bool,
    hands: &Hands,
) -> Html {
    let drawn = Drawn { plan, sign: Icon::FanOut, name: &topic.label, says: "topic", is_chosen };
    let part = format!("topic:{}", topic.name);
    let label = format!("{} topic, gives every queue its own copy", topic.label);
    node(&drawn, part, label, hands.choose(Selection::Topic(topic.topic)))
}

/// What a node looks like.
struct Drawn<'n> {
    plan: NodePlan,
    sign: Icon,
    name: &'n str,
    says: &'static str,
    is_chosen: bool,
}

/// A sign over two lines of words, or beside them.
fn node(
    drawn: &Drawn<'_>,
    part: String,
    label: String,
    on_press: Callback<Option<MouseEvent>>,
) -> Html {
    let NodePlan { rect, sign: at, is_flat } = drawn.plan;
    let size = if is_flat { 24.0 } else { 30.0 };
    let (class, words) = if is_flat {
        ("", Point { x: rect.x + 52.0, y: rect.y + 21.0 })
    } else {
        ("middle", Point { x: rect.middle().x, y: rect.y + 61.0 })
    };
    html! {
        <>
            <Press class={classes!("node", chosen(drawn.is_chosen))} {part} {label}
                {on_press}>
                <g {class}>
                    { plate("box", rect, 10) }
                    { icon(drawn.sign, at.x - size / 2.0, at.y - size / 2.0, size) }
                    { name_at(class, words, drawn.name, rect.right() - if is_flat { words.x } else { rect.x } - 12.0) }
                </g>
            </Press>
            { upon(html! {
                <g {class}>{ words_at("says", Point { y: words.y + 18.0, ..words }, drawn.says) }</g>
            }) }
        </>
    }
}
