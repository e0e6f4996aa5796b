//! The events as a table: everything that the picture shows, in text.

use std::rc::Rc;

use postroom_core::{MessageId, Recorded};
use yew::prelude::*;

use super::{
    log::{LogFilter, Place},
    names::Names,
    words::{self, tone},
};
use crate::browser;

/// What [`EventList`] shows.
#[derive(Clone, PartialEq, Properties)]
pub struct EventListProps {
    /// Newest first.
    pub rows: Vec<Recorded>,
    /// What the parts are called.
    pub names: Rc<Names>,
    /// What can be chosen: a name and a place.
    pub places: Rc<Vec<(String, Place)>>,
    /// What is chosen.
    pub filter: LogFilter,
    /// The reader chose something else.
    pub on_filter: Callback<LogFilter>,
    /// The reader wants to see a message's path.
    pub on_message: Callback<MessageId>,
}

/// The events, newest first.
#[component]
pub fn EventList(props: &EventListProps) -> Html {
    let filter = props.filter;
    let on_place = props.on_filter.reform(move |place| LogFilter { place, ..filter });
    html! {
        <>
            <div class="events-head">
                <h2 id="events-title">{ "Events" }</h2>
                { place_choice(&props.places, filter.place, &on_place) }
                { step_choice(props) }
            </div>
            <div class="events-scroll" tabindex="0" role="region" aria-label="List of events">
                <table class="events">
                    <thead>
                        <tr>
                            <th scope="col">{ "Time" }</th>
                            <th scope="col">{ "Where" }</th>
                            <th scope="col">{ "Message" }</th>
                            <th scope="col">{ "What happened" }</th>
                        </tr>
                    </thead>
                    <tbody>{ for props.rows.iter().map(|row| event_row(row, props)) }</tbody>
                </table>
                if props.rows.is_empty() {
                    <p class="hint">{ "Nothing yet." }</p>
                }
            </div>
        </>
    }
}

fn event_row(row: &Recorded, props: &EventListProps) -> Html {
    let tone = tone(&row.event);
    let message = row.event.message().map(|message| {
        let name = words::id(message.number);
        let label = format!("Show the path of message {name}");
        let on_message = props.on_message.clone();
        let onclick = move |_: MouseEvent| on_message.emit(message);
        html! { <button class="link" aria-label={label} {onclick}>{ name }</button> }
    });
    html! {
        <tr key={format!("{}.{}", row.command, row.index)} class={tone.class()}>
            <td class="time">{ words::clock(row.at) }</td>
            <td>{ words::place(&row.event, &props.names) }</td>
            <td>{ message.unwrap_or_default() }</td>
            <td>
                <span class="sign" aria-hidden="true">{ tone.sign() }</span>
                { words::what(row, &props.names) }
            </td>
        </tr>
    }
}

/// The choice of a place; none is everywhere.
pub(super) fn place_choice(
    places: &Rc<Vec<(String, Place)>>,
    chosen: Option<Place>,
    on_place: &Callback<Option<Place>>,
) -> Html {
    let by_number = Rc::clone(places);
    let onchange = on_place.reform(move |event: Event| {
        let number = browser::value_of(&event).parse::<usize>().ok();
        number.and_then(|n| by_number.get(n)).map(|(_, place)| *place)
    });
    html! {
        <label class="choice">
            { "Where " }
            <select {onchange}>
                <option value="" selected={chosen.is_none()}>{ "everywhere" }</option>
                { for places.iter().enumerate().map(|(n, (name, place))| html! {
                    <option value={n.to_string()} selected={chosen == Some(*place)}>
                        { name }
                    </option>
                }) }
            </select>
        </label>
    }
}

fn step_choice(props: &EventListProps) -> Html {
    let (filter, on_filter) = (props.filter, props.on_filter.clone());
    let onchange = move |event: Event| {
        on_filter.emit(LogFilter { every_step: browser::is_checked(&event), ..filter });
    };
    html! {
        <label class="choice">
            <input type="checkbox" checked={filter.every_step} {onchange} />
            { " every step" }
        </label>
    }
}
