//! All events that are kept, as a table of which only what is in sight is on the page.

mod filter;
mod kind;
mod window;

use std::rc::Rc;

use postroom_core::{MessageId, Recorded, Timestamp};
use yew::prelude::*;

use self::window::{Window, window};
pub use self::{filter::Filter, kind::Kind};
use super::{
    event_list::place_choice,
    log::{Place, SharedLog},
    names::Names,
    words::{self, tone},
};
use crate::browser::{self, Element};

/// How high a row is until one has been measured, in CSS pixels.
const ROW: f64 = 46.0;

/// What [`EventTable`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct EventTableProps {
    /// The events.
    pub log: SharedLog,
    /// Another number means other events.
    pub revision: u64,
    /// What the parts are called.
    pub names: Rc<Names>,
    /// What can be chosen: a name and a place.
    pub places: Rc<Vec<(String, Place)>>,
    /// The reader wants to see a message's path.
    pub on_message: Callback<MessageId>,
    /// The reader wants to go to this moment.
    pub on_moment: Callback<Timestamp>,
}

/// How far the reader has gone back.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Scrolled {
    /// Rows above the first one in sight.
    passed: usize,
    /// The newest event when the reader left the top: what came later stays out of the way.
    newest: Option<(u64, u32)>,
}

/// The events, newest first.
#[component]
pub fn EventTable(props: &EventTableProps) -> Html {
    let filter = use_state_eq(Filter::default);
    let scrolled = use_state_eq(Scrolled::default);
    let row_height = use_state_eq(|| ROW);
    let scroller = use_node_ref();
    let (rows, total, newer, newest) = {
        let log = props.log.0.borrow();
        let passing = || log.newest_first().filter(|each| filter.passes(&each.event));
        let is_held = |each: &&Recorded| scrolled.newest.is_none_or(|held| id(each) <= held);
        let newer = passing().take_while(|each| !is_held(each)).count();
        let total = passing().count() - newer;
        let shown = window(total, scrolled.passed);
        let rows: Vec<_> = passing().skip(newer + shown.first).take(shown.count).copied().collect();
        (rows, total, newer, passing().next().map(id))
    };
    let shown = window(total, scrolled.passed);
    use_row_height(&scroller, &row_height);

    let on_filter = {
        let (filter, scrolled, scroller) = (filter.setter(), scrolled.setter(), scroller.clone());
        Callback::from(move |chosen| {
            filter.set(chosen);
            scrolled.set(Scrolled::default());
            to_top(&scroller);
        })
    };
    let onscroll = {
        let (scrolled, scroller, row_height) = (scrolled.clone(), scroller.clone(), *row_height);
        Callback::from(move |_: Event| {
            let Some(element) = scroller.cast::<Element>() else { return };
            let passed = (browser::scrolled(&element) / row_height) as usize;
            let newest = if passed == 0 { None } else { scrolled.newest.or(newest) };
            scrolled.set(Scrolled { passed, newest });
        })
    };
    let onkeydown = |event: KeyboardEvent| {
        if browser::focus_beside(&event.key()) {
            event.prevent_default();
            event.stop_propagation();
        }
    };
    let on_newer = {
        let (scrolled, scroller) = (scrolled.setter(), scroller.clone());
        move |_: MouseEvent| {
            scrolled.set(Scrolled::default());
            to_top(&scroller);
        }
    };
    html! {
        <>
            { head(props, *filter, &on_filter) }
            <div class="events-scroll" tabindex="0" role="region" aria-label="List of events"
                ref={scroller} {onscroll} {onkeydown}>
                { table(props, &rows, total, shown, *row_height, scrolled.passed) }
                if total == 0 {
                    <p class="hint">{ "Nothing yet." }</p>
                }
            </div>
            <p class="hint events-count">
                { events(total) }
                if newer > 0 {
                    <button class="link" onclick={on_newer}>
                        { format!("{newer} newer") }
                    </button>
                }
            </p>
        </>
    }
}

/// What tells an event from all others, and grows.
fn id(recorded: &Recorded) -> (u64, u32) {
    (recorded.command, recorded.index)
}

fn events(total: usize) -> String {
    match total {
        1 => "1 event. ".to_owned(),
        total => format!("{total} events. "),
    }
}

fn to_top(scroller: &NodeRef) {
    if let Some(element) = scroller.cast::<Element>() {
        browser::scroll_to(&element, 0);
    }
}

/// Letters may be of any size: a row is as high as the first one turns out.
#[hook]
fn use_row_height(scroller: &NodeRef, row_height: &UseStateHandle<f64>) {
    let (scroller, row_height) = (scroller.clone(), row_height.setter());
    use_effect(move || {
        let element = scroller.cast::<Element>();
        if let Some(height) = element.and_then(|it| browser::height_of_first(&it, "tr.row")) {
            row_height.set(height);
        }
    });
}

fn head(props: &EventTableProps, filter: Filter, on_filter: &Callback<Filter>) -> Html {
    let on_place = on_filter.reform(move |place| Filter { place, ..filter });
    let on_kind = on_filter.reform(move |event: Event| {
        let chosen = browser::value_of(&event).parse::<usize>().ok();
        Filter { kind: chosen.and_then(|n| Kind::ALL.get(n)).copied(), ..filter }
    });
    let on_number = on_filter.reform(move |event: InputEvent| {
        let number = browser::value_of(&event);
        Filter { message: number.trim().trim_start_matches('#').parse().ok(), ..filter }
    });
    html! {
        <div class="events-head">
            <h2 id="events-title">{ "Events" }</h2>
            <label class="choice">
                { "What " }
                <select id="events-kind" onchange={on_kind}>
                    <option value="" selected={filter.kind.is_none()}>{ "main steps" }</option>
                    { for Kind::ALL.iter().enumerate().map(|(n, kind)| html! {
                        <option value={n.to_string()} selected={filter.kind == Some(*kind)}>
                            { kind.name() }
                        </option>
                    }) }
                </select>
            </label>
            { place_choice(&props.places, filter.place, &on_place) }
            <label class="choice">
                { "Message " }
                <input id="events-message" type="text" inputmode="numeric" size="5"
                    placeholder="any" oninput={on_number} />
            </label>
        </div>
    }
}

/// Of all rows one can be tabbed to, the first in sight: Tab would walk through the whole log.
fn table(
    props: &EventTableProps,
    rows: &[Recorded],
    total: usize,
    shown: Window,
    row_height: f64,
    first_in_sight: usize,
) -> Html {
    let stop = first_in_sight.min(total.saturating_sub(1));
    let rows = rows.iter().zip(shown.first..);
    html! {
        <table class="events is-long" aria-rowcount={(total + 1).to_string()}>
            <thead>
                <tr aria-rowindex="1">
                    <th scope="col">{ "Time" }</th>
                    <th scope="col">{ "Where" }</th>
                    <th scope="col">{ "Message" }</th>
                    <th scope="col">{ "What happened" }</th>
                </tr>
            </thead>
            <tbody>
                { space(shown.first, row_height) }
                { for rows.map(|(row, number)| event_row(row, number, number == stop, props)) }
                { space(shown.after, row_height) }
            </tbody>
        </table>
    }
}

/// The room of rows that are not on the page.
fn space(rows: usize, row_height: f64) -> Html {
    if rows == 0 {
        return Html::default();
    }
    let height = (rows as f64 * row_height) as u64;
    html! {
        <tr class="space" aria-hidden="true">
            <td colspan="4"><svg width="1" height={height.to_string()} /></td>
        </tr>
    }
}

fn event_row(row: &Recorded, number: usize, is_stop: bool, props: &EventTableProps) -> Html {
    let tabindex = if is_stop { "0" } else { "-1" };
    let tone = tone(&row.event);
    let message = row.event.message().map(|message| {
        let name = words::id(message.number);
        let label = format!("Show the path of message {name}");
        let onclick = props.on_message.reform(move |_: MouseEvent| message);
        html! { <button class="link" {tabindex} aria-label={label} {onclick}>{ name }</button> }
    });
    let (at, time) = (row.at, words::clock(row.at));
    let label = format!("Go to {time}");
    let onclick = props.on_moment.reform(move |_: MouseEvent| at);
    html! {
        <tr key={format!("{}.{}", row.command, row.index)} class={classes!("row", tone.class())}
            aria-rowindex={(number + 2).to_string()}>
            <td class="time">
                <button class="link" {tabindex} aria-label={label} {onclick}>{ time }</button>
            </td>
            <td><div class="cell">{ words::place(&row.event, &props.names) }</div></td>
            <td>{ message.unwrap_or_default() }</td>
            <td>
                <div class="cell">
                    <span class="sign" aria-hidden="true">{ tone.sign() }</span>
                    { words::what(row, &props.names) }
                </div>
            </td>
        </tr>
    }
}
