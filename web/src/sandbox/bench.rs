//! The bench: a scenario at work, with its time, its parts and what happened.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use postroom_simulator::{RunUpdate, Scenario, Topology};
use yew::prelude::*;

use super::{
    marks::Marks,
    source_tools::source_tools,
    timeline::{second_step, timeline},
};
use crate::{
    app::{House, OnShow, Shown, keys},
    panels::words,
    player::{Additions, Player, Speed, help},
    scenes::Scene,
    stage,
};

/// A scenario to be put on the bench. Another version is another run.
#[derive(Clone, Properties)]
pub(super) struct Bench {
    /// Unlike that of every other text that was read.
    pub version: u64,
    /// What the text says.
    pub scenario: Arc<Scenario<Topology>>,
    /// The scene, until it is on the bench.
    pub scene: Rc<RefCell<Option<Scene>>>,
    /// How the reader lets time run, from one version to the next.
    pub pace: Rc<Cell<Pace>>,
}

/// How the reader lets time run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    playing: bool,
    speed: Speed,
}

impl Default for Pace {
    fn default() -> Self {
        Self { playing: true, speed: Speed::One }
    }
}

impl PartialEq for Bench {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
    }
}

impl House for Bench {
    type Notes = Marks;

    fn open(&self) -> Result<Scene, String> {
        let scene = self.scene.borrow_mut().take();
        scene.ok_or_else(|| "the scenario is on the bench already".to_owned())
    }

    fn player(&self) -> Player {
        let Pace { playing, speed } = self.pace.get();
        Player::at(playing, speed, Speed::ALL)
    }

    fn note(marks: &mut Marks, update: &RunUpdate) {
        marks.take(update);
    }

    fn obeyed(&self, player: &Player) {
        self.pace.set(Pace { playing: player.playing, speed: player.speed });
    }

    fn draw(&self, on: &OnShow<'_, Marks>) -> Html {
        let OnShow { shown, scenery, hands, said, notes } = on;
        let player = scenery.player;
        let Ok(shown) = shown else { return Html::default() };
        let additions = Additions {
            steps: second_step(&hands.on_command),
            marks: timeline(notes, &self.scenario, player),
        };
        let tools = source_tools(&self.scenario, player, &hands.on_command);
        html! {
            <div class="bench">
                <div class="bench-head">
                    <h2>{ &self.scenario.name }</h2>
                    { keys(player, &hands.on_command) }
                </div>
                if player.help_is_open {
                    { help(player, &hands.on_command) }
                }
                { shown.stage(scenery, hands, additions) }
                { shown.panels(scenery, hands, tools) }
                { fingerprint(shown, player) }
                <div class="visually-hidden" aria-live="polite">{ *said }</div>
            </div>
        }
    }
}

fn fingerprint(shown: &Shown, player: &Player) -> Html {
    let (digest, events) = shown.scene.session.fingerprint();
    html! {
        <details class="card fingerprint">
            <summary>{ "Fingerprint of this run" }</summary>
            <p>
                <code id="fingerprint">{ format!("{digest:016x}") }</code>
                { format!(" after {} events, at {}.", stage::count(events), words::clock(player.now)) }
            </p>
            <p class="hint">
                { "It stands for everything that has happened. Whoever opens the same scenario and \
                   makes the same changes has the same fingerprint at the same time, in any \
                   browser and on any machine." }
            </p>
        </details>
    }
}
