//! What the sandbox adds to the controls of time: a step of a second, and marks along the slider.

use postroom_core::Timestamp;
use postroom_simulator::{Scenario, Topology};
use yew::prelude::*;

use super::marks::{Mark, Marks};
use crate::{
    player::{Player, PlayerCommand, icon},
    row::Row,
};

/// Places along the slider: marks that are closer are drawn as one.
const PLACES: u64 = 240;

/// The button that lets a second pass.
pub(super) fn second_step(on_command: &Callback<PlayerCommand>) -> Html {
    let onclick = on_command.reform(|_: MouseEvent| PlayerCommand::OnOneSecond);
    html! {
        <button
            class="step"
            aria-label="Step one second on"
            aria-keyshortcuts=">"
            title="Step one second on (> key)"
            {onclick}
        >
            { icon("M1 2 6 8 1 14zM6.500 2 11.500 8 6.500 14zM12 2h3v12h-3z") }
            <span>{ "1 s" }</span>
        </button>
    }
}

/// Marks along the slider: what the scenario or the reader changed, alarms, dead letters.
pub(super) fn timeline(marks: &Marks, scenario: &Scenario<Topology>, player: &Player) -> Html {
    let end = player.end.max(player.now);
    let mut places: Row<u64, Mark> = Row::default();
    let mut put = |at: Timestamp, mark: Mark| {
        if at <= end && end > Timestamp::ZERO {
            let place = at.as_micros() * PLACES / end.as_micros();
            let there = places.get_or_default(place);
            there.alarm |= mark.alarm;
            there.dead |= mark.dead;
            there.change |= mark.change;
        }
    };
    for (second, mark) in marks.seconds() {
        put(Timestamp::from_millis(second * 1_000), mark);
    }
    for at_ms in scenario.faults.iter().flat_map(|fault| [Some(fault.at_ms), fault.until_ms]) {
        let at_ms = at_ms.map(Timestamp::from_millis);
        at_ms.into_iter().for_each(|at| put(at, Mark { change: true, ..Mark::default() }));
    }
    let count = |is: fn(&Mark) -> bool| places.values().filter(|mark| is(mark)).count();
    let (changes, alarms) = (count(|mark| mark.change), count(|mark| mark.alarm));
    let dead = count(|mark| mark.dead);
    let label = format!(
        "Marks on the time of the run: {changes} for changes and faults, {alarms} for alarms, \
         {dead} for dead letters"
    );
    html! {
        <>
            <svg class="timeline" role="img" aria-label={label}>
                { for places.keys().zip(places.values()).map(|(place, mark)| drawn(place, *mark)) }
            </svg>
            if places.len() > 0 {
                <ul class="timeline-legend" aria-hidden="true">
                    { legend(changes, Mark { change: true, ..Mark::default() }, "change or fault") }
                    { legend(alarms, Mark { alarm: true, ..Mark::default() }, "alarm") }
                    { legend(dead, Mark { dead: true, ..Mark::default() }, "dead letters") }
                </ul>
            }
        </>
    }
}

fn legend(count: usize, mark: Mark, words: &str) -> Html {
    if count == 0 {
        return Html::default();
    }
    html! { <li><svg viewBox="-5 0 10 15">{ shapes(mark) }</svg>{ words }</li> }
}

fn drawn(place: u64, mark: Mark) -> Html {
    // Tenths of a percent, in whole numbers.
    let x = format!("{}.{}%", place * 100 / PLACES, place * 1_000 / PLACES % 10);
    html! { <svg key={place} {x} overflow="visible">{ shapes(mark) }</svg> }
}

/// Told apart by shape and height, not by colour alone.
fn shapes(mark: Mark) -> Html {
    html! {
        <>
            if mark.dead {
                <path class="mark-dead" d="M-1.500 9h3v5h-3z" />
            }
            if mark.alarm {
                <path class="mark-alarm" d="M0 4.500 3 7.500 0 10.500-3 7.500z" />
            }
            if mark.change {
                <path class="mark-change" d="M-3.500 0h7L0 6z" />
            }
        </>
    }
}
