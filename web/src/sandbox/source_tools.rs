//! What the reader can do with somebody who sends: send one more, and how often.

use postroom_simulator::{Arrivals, Producer, Scenario, Topology, limits::PER_MINUTE_MAX};
use yew::prelude::*;

use crate::{
    panels::words::capitalised,
    player::{Player, PlayerCommand},
    run::Change,
    stage::Selection,
};

/// How often somebody can be made to send, against what the scenario says.
const RATES: [(&str, &str, u32, u32); 5] = [
    ("Nothing", "nothing more", 0, 1),
    ("Half", "half as often", 1, 2),
    ("As written", "as the scenario says", 1, 1),
    ("Double", "twice as often", 2, 1),
    ("Tenfold", "ten times as often", 10, 1),
];

/// The tools for the source that is selected; nothing for anything else.
pub(super) fn source_tools(
    scenario: &Scenario<Topology>,
    player: &Player,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    let Some(Selection::Source(name)) = &player.selected else { return Html::default() };
    let stands_for =
        |producer: &&Producer| producer.stream.as_ref().unwrap_or(&producer.name) == name;
    let producers = scenario.producers.iter().filter(stands_for);
    html! {
        { for producers.map(|producer| tools(producer, on_command)) }
    }
}

fn tools(producer: &Producer, on_command: &Callback<PlayerCommand>) -> Html {
    let intervene = |change: Change, words: String| {
        on_command.reform(move |_: MouseEvent| PlayerCommand::Intervene {
            change: change.clone(),
            words: words.clone(),
        })
    };
    let shown = capitalised(&producer.name);
    let one = Change::Send { producer: producer.name.clone() };
    html! {
        <div key={producer.name.clone()} class="source-tools" role="group" aria-label={shown.clone()}>
            <button onclick={intervene(one, format!("{shown} sends one more"))}>
                { "Send one now" }
            </button>
            <p class="hint">{ "From now on it sends:" }</p>
            <div class="rates">
                { for RATES.iter().map(|(word, words, times, part)| {
                    let arrivals = scaled(&producer.arrivals, *times, *part);
                    let producer = producer.name.clone();
                    let change = Change::SetRate { producer, arrivals, words };
                    html! {
                        <button onclick={intervene(change, format!("{shown} sends {words}"))}>
                            { *word }
                        </button>
                    }
                }) }
            </div>
        </div>
    }
}

/// So many times as many, divided by so many, within what may be written.
fn scaled(arrivals: &Arrivals, times: u32, part: u32) -> Arrivals {
    let scale = |count: u32| count.saturating_mul(times) / part;
    match arrivals {
        _ if times == 0 => Arrivals::Constant { per_minute: 0 },
        Arrivals::Constant { per_minute } => {
            Arrivals::Constant { per_minute: scale(*per_minute).min(PER_MINUTE_MAX) }
        }
        Arrivals::Poisson { per_minute } => {
            Arrivals::Poisson { per_minute: scale(*per_minute).min(PER_MINUTE_MAX) }
        }
        // As many at once, more or less often: a burst has its own limit.
        Arrivals::Burst { count, every_ms } => {
            let every_ms = every_ms.saturating_mul(part.into()) / u64::from(times);
            Arrivals::Burst { count: *count, every_ms: every_ms.max(1) }
        }
        // It is what it is.
        other => other.clone(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_follows_what_is_written() {
        let poisson = Arrivals::Poisson { per_minute: 60 };
        let rates = RATES.map(|(_, _, times, part)| scaled(&poisson, times, part));
        let expected = [30, 60, 120, 600].map(|per_minute| Arrivals::Poisson { per_minute });
        assert_eq!(rates[0], Arrivals::Constant { per_minute: 0 });
        assert_eq!(rates[1..], expected);
        let most = Arrivals::Constant { per_minute: PER_MINUTE_MAX };
        assert_eq!(scaled(&most, 10, 1), most);
        let burst = Arrivals::Burst { count: 5, every_ms: 1_000 };
        assert_eq!(scaled(&burst, 2, 1), Arrivals::Burst { count: 5, every_ms: 500 });
    }
}
