//! The controls of time: play, step, speed, and the slider that goes back.

use postroom_core::Timestamp;
use yew::prelude::*;

use super::{Player, PlayerCommand};
use crate::{browser, panels::words};

/// What a page adds to the controls of time.
#[derive(Default)]
pub struct Additions {
    /// Behind the step to the next event.
    pub steps: Html,
    /// Along the slider, behind it.
    pub marks: Html,
}

/// The controls of time.
pub fn transport(
    player: &Player,
    additions: Additions,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let Player { playing, end, .. } = *player;
    let now = player.shown_now();
    let send = |command: PlayerCommand| on_command.reform(move |_: MouseEvent| command.clone());
    let play = if playing { "Pause" } else { "Play" };
    html! {
        <div class="transport" role="group" aria-label="Time">
            <button
                id="play"
                class="play"
                aria-label={play}
                aria-keyshortcuts="Space"
                title={format!("{play} (space bar)")}
                onclick={send(PlayerCommand::TogglePlay)}
            >
                { play_icon(playing) }
                <span>{ play }</span>
            </button>
            <button
                class="step"
                aria-label="Step to the next event"
                aria-keyshortcuts="."
                title="Step to the next event (full stop key)"
                onclick={send(PlayerCommand::StepToNextEvent)}
            >
                { step_icon() }
                <span>{ "Step" }</span>
            </button>
            { additions.steps }
            { slider(now, end, additions.marks, on_command) }
            <button
                class="latest"
                disabled={now >= end}
                title="Go to the end of what has happened"
                onclick={send(PlayerCommand::ToEnd)}
            >
                { "Latest" }
            </button>
            { speed_choice(player, on_command) }
        </div>
    }
}

/// The slider moves in tenths of a second: a step that a key press can be felt to make.
const TENTH_US: u64 = 100_000;

fn slider(
    now: Timestamp,
    end: Timestamp,
    marks: Html,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let tenths = |at: Timestamp| (at.as_micros() / TENTH_US).to_string();
    let oninput = on_command.reform(move |event: InputEvent| {
        let tenths = browser::value_of(&event).parse::<u64>().unwrap_or(0);
        let to = Timestamp::from_micros(tenths.saturating_mul(TENTH_US));
        // The slider's last place is the end itself.
        if end.since(to).as_micros() < TENTH_US {
            PlayerCommand::ToEnd
        } else {
            PlayerCommand::SeekTo(to)
        }
    });
    html! {
        <div class="scrubber">
            <span class="time now">{ words::clock(now) }</span>
            { marks }
            <input
                id="scrubber"
                type="range"
                min="0"
                step="1"
                max={tenths(end.max(now))}
                value={tenths(now)}
                aria-label="Time of the run"
                aria-valuetext={format!("{} of {}", words::clock(now), words::clock(end))}
                title="Drag back to see what happened, or use the arrow keys"
                {oninput}
            />
            <span class="time end">{ words::clock(end) }</span>
        </div>
    }
}

fn speed_choice(player: &Player, on_command: &Callback<PlayerCommand>) -> Html {
    let Player { speed, speeds, .. } = *player;
    let onchange = on_command.reform(move |event: Event| {
        let chosen = browser::value_of(&event).parse::<usize>().ok();
        let speed = chosen.and_then(|n| speeds.get(n).copied());
        PlayerCommand::SetSpeed(speed.unwrap_or_default())
    });
    html! {
        <label class="choice speed">
            <span>{ "Speed" }</span>
            <select {onchange} title="Slower and faster: - and +">
                { for speeds.iter().enumerate().map(|(n, each)| html! {
                    <option value={n.to_string()} selected={*each == speed}>{ each.label() }</option>
                }) }
            </select>
        </label>
    }
}

fn play_icon(playing: bool) -> Html {
    let path = if playing { "M3 2h4v12H3zM9 2h4v12H9z" } else { "M3 1.5 14 8 3 14.5z" };
    icon(path)
}

fn step_icon() -> Html {
    icon("M2 2 10 8 2 14zM11 2h3v12h-3z")
}

/// A small sign on a button.
pub fn icon(path: &'static str) -> Html {
    html! {
        <svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">
            <path d={path} />
        </svg>
    }
}
