//! The parts of the stage: tubes, sources, topics, cabinets, tables, breakers, providers.

use postroom_core::{QueueId, Timestamp};
use yew::prelude::*;

use super::{Mode, Selection, StageAction, icon::icon, press::Press, words};
use crate::picture::{
    Breaker, Counters, Icon, Lane, LanePlan, Plan, Rect, Source, TopicNode, Tube, Worker,
    WorkerPlan, WorkerView,
};

/// What every part needs to answer a press.
#[derive(Clone, PartialEq)]
pub(super) struct Hands {
    /// Something was chosen; with the mouse event, since a letter may lie on top.
    pub(super) choose: Callback<(Selection, Option<MouseEvent>)>,
    pub(super) act: Callback<StageAction>,
}

impl Hands {
    fn choose(&self, selection: Selection) -> Callback<Option<MouseEvent>> {
        self.choose.reform(move |event| (selection.clone(), event))
    }

    fn act(&self, action: StageAction) -> Callback<Option<MouseEvent>> {
        self.act.reform(move |_| action.clone())
    }
}

fn chosen(is_chosen: bool) -> Option<&'static str> {
    is_chosen.then_some("chosen")
}

/// A rectangle with round corners.
fn plate(class: &'static str, rect: Rect, corner: u32) -> Html {
    html! {
        <rect {class} x={rect.x.to_string()} y={rect.y.to_string()} width={rect.w.to_string()}
            height={rect.h.to_string()} rx={corner.to_string()} />
    }
}

/// Words with the start of their base line at (x, y).
fn words_at(class: &'static str, x: f64, y: f64, words: impl Into<AttrValue>) -> Html {
    html! { <text {class} x={x.to_string()} y={y.to_string()}>{ words.into() }</text> }
}

/// A compartment: its hole, and its caption with a number.
fn compartment(class: &'static str, rect: Rect, caption: &'static str, count: u64) -> Html {
    let base = rect.y + 15.0;
    html! {
        <g class={class}>
            { plate("hole", rect, 5) }
            { plate("hole-shade", Rect { h: 14.0, ..rect }, 5) }
            { words_at("caption", rect.x + 8.0, base, caption) }
            <text class="count" x={(rect.right() - 8.0).to_string()} y={base.to_string()}>
                { words::count(count) }
            </text>
        </g>
    }
}

/// All ways that letters take.
pub(super) fn tubes(plan: &Plan) -> Html {
    let ways = plan.to_topics.iter().chain(&plan.fan_out).chain(&plan.direct);
    let ways = ways.map(|(_, _, tube)| tube);
    let paths: Vec<String> = ways.chain(plan.workers.iter().map(|w| &w.feed)).map(path).collect();
    let layer = |class: &'static str| {
        paths.iter().map(move |d| html! { <path {class} d={d.clone()} /> }).collect::<Html>()
    };
    html! { <g class="tubes" aria-hidden="true">{ layer("tube-wall") }{ layer("tube") }</g> }
}

/// The line of a tube, with round corners.
fn path(tube: &Tube) -> String {
    const CORNER: f64 = 12.0;
    let points = &tube.points;
    let mut line = String::new();
    for (index, point) in points.iter().enumerate() {
        if index == 0 {
            line += &format!("M{} {}", point.x, point.y);
        } else if let Some(next) = points.get(index + 1) {
            let before = point.toward(points[index - 1], corner(point.distance(points[index - 1])));
            let after = point.toward(*next, corner(point.distance(*next)));
            line += &format!(
                "L{} {}Q{} {} {} {}",
                before.x, before.y, point.x, point.y, after.x, after.y
            );
        } else {
            line += &format!("L{} {}", point.x, point.y);
        }
    }
    return line;

    fn corner(length: f64) -> f64 {
        if length > 0.0 { (CORNER / length).min(0.5) } else { 0.0 }
    }
}

/// A source or a topic: a sign over two lines of words, or beside them where it is flat.
fn node(rect: Rect, sign: Icon, name: &str, says: &str) -> Html {
    let is_flat = rect.h < 60.0;
    let (x, class) = if is_flat { (rect.x + 48.0, "") } else { (rect.middle().x, "middle") };
    let top = if is_flat { rect.y + 20.0 } else { rect.y + 58.0 };
    let sign = if is_flat {
        icon(sign, rect.x + 12.0, rect.y + 12.0, 24.0)
    } else {
        icon(sign, rect.middle().x - 15.0, rect.y + 12.0, 30.0)
    };
    html! {
        <g class={class}>
            { plate("box", rect, 10) }
            { sign }
            { words_at("name", x, top, name.to_owned()) }
            { words_at("says", x, top + 17.0, says.to_owned()) }
        </g>
    }
}

pub(super) fn source(source: &Source, rect: Rect, is_chosen: bool, hands: &Hands) -> Html {
    html! {
        <Press class={classes!("source", chosen(is_chosen))} label={format!("{}, publishes events", source.label)}
            on_press={hands.choose(Selection::Source(source.name.clone()))}>
            { node(rect, source.icon, &source.label, "publishes") }
        </Press>
    }
}

pub(super) fn topic(topic: &TopicNode, rect: Rect, is_chosen: bool, hands: &Hands) -> Html {
    html! {
        <Press class={classes!("topic", chosen(is_chosen))}
            label={format!("Topic {}, gives every queue its own copy", topic.label)}
            on_press={hands.choose(Selection::Topic(topic.topic))}>
            { node(rect, Icon::FanOut, &topic.label, "topic") }
        </Press>
    }
}

/// The cabinet of a queue.
pub(super) fn lane(
    lane: &Lane,
    plan: &LanePlan,
    counters: Counters,
    is_chosen: bool,
    hands: &Hands,
) -> Html {
    let label = format!(
        "{} queue: {} ready, {} in flight, {} waiting to be tried again, {} dead letters",
        lane.label, counters.ready, counters.in_flight, counters.waiting, counters.dead
    );
    let plate_at = plan.plate;
    html! {
        <>
            <Press class={classes!("cabinet", chosen(is_chosen))} {label}
                on_press={hands.choose(Selection::Queue(lane.queue))}>
                { plate("wood", plan.cabinet, 10) }
                { icon(lane.icon, plate_at.x + 1.0, plate_at.y + 1.0, 17.0) }
                { words_at("name", plate_at.x + 25.0, plate_at.y + 15.0, lane.label.clone()) }
                <text class="says end" x={plate_at.right().to_string()}
                    y={(plate_at.y + 15.0).to_string()}>
                    { words::delivered(counters.delivered) }
                </text>
                { compartment("ready", plan.ready, "ready", counters.ready) }
                { compartment("waiting", plan.waiting, "waiting to retry", counters.waiting) }
                if lane.dead_letters.is_some() {
                    { compartment("dead", plan.dead, "dead letters", counters.dead) }
                }
            </Press>
            if lane.dead_letters.is_some() {
                { redrive(lane.queue, &lane.label, plan.redrive, counters.dead, hands) }
            }
        </>
    }
}

fn redrive(queue: QueueId, label: &str, rect: Rect, dead: u64, hands: &Hands) -> Html {
    let middle = rect.middle();
    html! {
        <Press class="button redrive" disabled={dead == 0}
            label={format!("Redrive the dead letters of {label}")}
            on_press={hands.act(StageAction::Redrive { queue })}>
            { plate("face", rect, 6) }
            { words_at("word", middle.x, middle.y + 4.0, "↩ Redrive") }
        </Press>
    }
}

/// The table of a worker, the breaker and the provider.
pub(super) fn worker(
    worker: &Worker,
    plan: &WorkerPlan,
    view: WorkerView,
    mode: Mode,
    is_chosen: bool,
    now: Timestamp,
    hands: &Hands,
) -> Html {
    html! {
        <>
            { table(worker, plan, view, now) }
            { breaker(worker, plan, view.breaker, now) }
            { provider(worker, plan, view, mode, is_chosen, hands) }
        </>
    }
}

fn table(worker: &Worker, plan: &WorkerPlan, view: WorkerView, now: Timestamp) -> Html {
    let table = plan.table;
    let is_throttled = view.throttled_until.is_some_and(|until| until > now);
    let desks = plan.desks.iter().map(|desk| {
        html! { <circle class="desk" cx={desk.x.to_string()} cy={desk.y.to_string()} r="15.5" /> }
    });
    let says =
        format!("{} of {}", words::count(view.calls), words::count(worker.concurrency.into()));
    html! {
        <g class="table" role="img"
            aria-label={format!("Workers of {}: {says} at work{}", worker.label,
                if is_throttled { ", held back by the rate limit" } else { "" })}>
            { plate("box", table, 10) }
            { for desks }
            if !plan.is_small {
                <text class="caption middle" x={table.middle().x.to_string()}
                    y={(table.y + 17.0).to_string()}>{ "at work" }</text>
                <text class="count middle" x={table.middle().x.to_string()}
                    y={(table.bottom() - 9.0).to_string()}>{ says }</text>
            }
            if is_throttled {
                <text class="says middle" x={table.middle().x.to_string()}
                    y={(table.y + 33.0).to_string()}>{ "⏳ rate limit" }</text>
            }
        </g>
    }
}

/// A switch on the line to the provider: closed it lets calls pass, open it does not.
fn breaker(worker: &Worker, plan: &WorkerPlan, breaker: Breaker, now: Timestamp) -> Html {
    let (Some(start), Some(end)) = (plan.line.points.first(), plan.line.points.last()) else {
        return Html::default();
    };
    let at = plan.switch;
    // The line may run to the left.
    let side = if end.x < start.x { -1.0 } else { 1.0 };
    let (near, far) = (at.x - 15.0 * side, at.x + 15.0 * side);
    let line = |from: f64, to: f64, class: &'static str| {
        html! { <path {class} d={format!("M{from} {}H{to}", at.y)} /> }
    };
    if !worker.breaker {
        return html! { <g class="line">{ line(start.x, end.x, "wire") }</g> };
    }
    let (class, tip, says, label) = match breaker {
        Breaker::Closed => ("closed", 0.0, "closed".to_owned(), "closed, calls pass".to_owned()),
        Breaker::Open { until } => {
            let left = words::seconds(until.since(now));
            ("open", -20.0, format!("open {left}"), format!("open, tries again in {left}"))
        }
        Breaker::HalfOpen => {
            ("half-open", -8.0, "testing".to_owned(), "half open, a few calls test it".to_owned())
        }
    };
    html! {
        <g class={classes!("line", "breaker", class)} role="img"
            aria-label={format!("Breaker to {}: {label}", worker.label)}>
            { line(start.x, near, "wire") }
            { line(far, end.x, "wire") }
            <path class="blade" d={format!("M{near} {}L{far} {}", at.y, at.y + tip)} />
            <circle class="pole" cx={near.to_string()} cy={at.y.to_string()} r="4" />
            <circle class="pole" cx={far.to_string()} cy={at.y.to_string()} r="4" />
            <text class="caption middle" x={at.x.to_string()} y={(at.y + 22.0).to_string()}>
                { "breaker" }
            </text>
            <text class="state middle" x={at.x.to_string()} y={(at.y + 37.0).to_string()}>
                { says }
            </text>
        </g>
    }
}

fn provider(
    worker: &Worker,
    plan: &WorkerPlan,
    view: WorkerView,
    mode: Mode,
    is_chosen: bool,
    hands: &Hands,
) -> Html {
    let rect = plan.provider;
    let (state, sign) = words::mode(mode);
    let label = format!(
        "{}: {state}; {} calls succeeded, {} failed",
        worker.label, view.succeeded, view.failed
    );
    let text_x = rect.x + if plan.is_small { 36.0 } else { 44.0 };
    let top = rect.y + if plan.is_small { 20.0 } else { 30.0 };
    html! {
        <g class={classes!("provider-with-buttons", words::mode_class(mode))} role="group"
            aria-label={worker.label.clone()}>
            <Press class={classes!("provider", chosen(is_chosen))} {label}
                on_press={hands.choose(Selection::Provider(worker.provider.clone()))}>
                { plate("box", rect, 10) }
                { icon(worker.icon, rect.x + 12.0, top - 16.0, if plan.is_small { 18.0 } else { 24.0 }) }
                { words_at("name", text_x, top, worker.label.clone()) }
                <text class="state" x={text_x.to_string()} y={(top + 18.0).to_string()}>
                    { format!("{sign} {state}") }
                </text>
                if !plan.is_small {
                    { words_at("says", rect.x + 14.0, top + 46.0, words::delivered(view.succeeded)) }
                    { words_at("says", rect.x + 14.0, top + 63.0, words::failed(view.failed)) }
                }
            </Press>
            { for [Mode::Ok, Mode::Fail, Mode::Hang].into_iter().zip(plan.buttons).map(|(to, rect)| {
                mode_button(worker, to, mode, rect, plan.is_small, hands)
            }) }
        </g>
    }
}

fn mode_button(
    worker: &Worker,
    to: Mode,
    current: Mode,
    rect: Rect,
    is_small: bool,
    hands: &Hands,
) -> Html {
    let (word, sign, class, label) = match to {
        Mode::Fail => ("Fail", "✸", "fail", format!("Make {} fail", worker.label)),
        Mode::Hang => ("Hang", "⧗", "hang", format!("Make {} hang", worker.label)),
        _ => ("Heal", "✓", "heal", format!("Heal {}", worker.label)),
    };
    let provider = worker.provider.clone();
    let middle = rect.middle();
    html! {
        <Press class={classes!("button", "mode", class)} {label} pressed={Some(to == current)}
            on_press={hands.act(StageAction::SetMode { provider, mode: to })}>
            { plate("face", rect, 6) }
            { words_at("word", middle.x, middle.y + 4.0, if is_small { sign } else { word }) }
        </Press>
    }
}
