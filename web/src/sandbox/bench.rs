//! The bench: a scenario at work, with its time, its parts and what happened.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
    sync::Arc,
};

use postroom_core::Timestamp;
use postroom_simulator::{RunUpdate, Scenario, Topology, limits::LIVE_MESSAGES_MAX};
use yew::prelude::*;

use super::{
    build::{self, Bar, Built, Form, Part},
    charts::charts,
    compare::{Kept, KeptCommand, Notes, futures, keep_button, kept_bar},
    faults::Faults,
    goals::{Goals, Last},
    proof::Finding,
    queue_tools::queue_tools,
    source_tools::source_tools,
    timeline::{second_step, timeline},
    worker_tools::worker_tools,
};
use crate::{
    app::{House, OnShow, Shown, keys, time},
    browser,
    panels::{guide_list, words},
    player::{Additions, Player, PlayerCommand, Speed, help},
    run::Session,
    scenes::Scene,
    stage::{self, Drawn, MORE, More, Selection},
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
    /// Tells the bench what the reader may tell it, once it is there.
    pub on_command: Rc<RefCell<Option<Callback<PlayerCommand>>>>,
    /// Where it is to stop by itself.
    pub until: Option<Timestamp>,
    /// What was answered last about its goals.
    pub answered: Last,
    /// The reader wants to see where a goal is not met.
    pub on_finding: Callback<Finding>,
    /// What is kept as A.
    pub kept: Option<Rc<Kept>>,
    /// The reader does something with A.
    pub on_keep: Callback<KeptCommand>,
    /// What is chosen at first.
    pub chosen: Option<Selection>,
    /// The reader has built something.
    pub on_built: Callback<Built>,
    /// Where parts stand that were moved by hand.
    pub drawn: Drawn,
}

/// How the reader lets time run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Pace {
    pub(super) playing: bool,
    speed: Speed,
    /// Where the reader is in time, as it was drawn last.
    pub(super) now: Timestamp,
}

impl Default for Pace {
    fn default() -> Self {
        Self { playing: true, speed: Speed::One, now: Timestamp::ZERO }
    }
}

impl PartialEq for Bench {
    fn eq(&self, other: &Self) -> bool {
        self.version == other.version
            && self.kept.is_some() == other.kept.is_some()
            && self.drawn.drawing == other.drawn.drawing
    }
}

impl Bench {
    /// What can be seen and done of the part that is chosen, beyond what every page shows.
    fn tools(
        &self,
        shown: &Shown,
        notes: &Notes,
        player: &Player,
        part: Option<Part>,
        on_command: &Callback<PlayerCommand>,
    ) -> Html {
        html! {
            <>
                if let Some(Selection::Queue(queue)) = player.selected {
                    { charts(&notes.minute, queue, player.now) }
                }
                { shown.worker(player) }
                { queue_tools(shown, player, on_command) }
                { source_tools(&self.scenario, player, on_command) }
                { worker_tools(shown, player, on_command) }
                { part.map(|part| self.form(part)) }
            </>
        }
    }

    /// Whether a scenario is the one that runs here, wherever its parts stand.
    pub(super) fn runs(&self, scenario: &Scenario<Topology>) -> bool {
        let drawing = self.scenario.drawing.clone();
        *self.scenario == Scenario { drawing, ..scenario.clone() }
    }
}

impl House for Bench {
    type Notes = Notes;
    const MORE: Option<More> = Some(MORE);

    fn open(&self) -> Result<Scene, String> {
        let scene = self.scene.borrow_mut().take();
        scene.ok_or_else(|| "the scenario is on the bench already".to_owned())
    }

    fn player(&self) -> Player {
        let Pace { playing, speed, .. } = self.pace.get();
        let mut player = Player::at(playing, speed, Speed::ALL);
        if let Some(until) = self.until {
            player.run_to(until);
        }
        player.selected.clone_from(&self.chosen);
        player
    }

    fn note(notes: &mut Notes, update: &RunUpdate) {
        notes.marks.turn_to(update);
    }

    fn follow(&self, notes: &mut Notes, session: &dyn Session, player: &Player) -> bool {
        let (faults, now_ms) = (&self.scenario.faults, browser::now_ms() as u64);
        let has_news = notes.faults.follow(faults, player.now, now_ms);
        notes.follow(session, player, self.kept.as_deref(), &browser::now_ms) || has_news
    }

    fn obeyed(&self, player: &Player) {
        let &Player { playing, speed, .. } = player;
        self.pace.set(Pace { playing, speed, now: player.shown_now() });
    }

    fn drawn(&self) -> Drawn {
        self.drawn.clone()
    }

    fn opened(&self, on_command: Callback<PlayerCommand>) {
        *self.on_command.borrow_mut() = Some(on_command);
    }

    fn draw(&self, on: &OnShow<'_, Notes>) -> Html {
        let OnShow { shown, scenery, hands, said, notes } = on;
        let player = scenery.player;
        let Ok(shown) = shown else { return Html::default() };
        self.pace.set(Pace { now: player.shown_now(), ..self.pace.get() });
        let additions = Additions {
            steps: second_step(&hands.on_command),
            marks: timeline(&notes.marks, &self.scenario, player),
        };
        let kept = self.kept.as_deref();
        let layout = &shown.scene.layout;
        let part = player.selected.as_ref();
        let part = part.and_then(|selection| Part::selected(selection, &self.scenario, layout));
        let tools = self.tools(shown, notes, player, part.clone(), &hands.on_command);
        html! {
            <div class="bench">
                <div class="bench-head">
                    <h2>{ &self.scenario.name }</h2>
                    { keep_button(kept, &self.on_keep) }
                    { keys(player, &hands.on_command) }
                </div>
                if player.help_is_open {
                    { help(player, if browser::is_embedded() { &[] } else { build::KEYS }, &hands.on_command) }
                }
                { guide_list(&shown.view.guide) }
                { self.bar(shown, part, player, &hands.on_command) }
                { kept_bar(kept, &self.on_keep) }
                { notes.stages(shown.picture(scenery, hands), scenery) }
                { time(player, additions, &hands.on_command) }
                { futures(player, &hands.on_command) }
                { notes.comparison(shown, player, kept) }
                <p class="notice" role="status">
                    if shown.scene.session.is_overfull() {
                        { format!(
                            "{} messages are in the queues, as many as are simulated: what comes \
                             on top is turned away, and from here on the run says little about a \
                             real system.",
                            stage::count(LIVE_MESSAGES_MAX)
                        ) }
                    }
                </p>
                { shown.panels(scenery, hands, tools, shown.event_table(hands)) }
                <Faults
                    scenario={self.scenario.clone()}
                    on_command={hands.on_command.clone()}
                    on_built={self.on_built.clone()}
                />
                { self.goals() }
                { fingerprint(shown, player) }
                <div class="visually-hidden" aria-live="polite">{ *said }</div>
                <div class="visually-hidden" id="faults-said" aria-live="polite">
                    { notes.faults.said() }
                </div>
            </div>
        }
    }
}

impl Bench {
    fn bar(
        &self,
        shown: &Shown,
        part: Option<Part>,
        player: &Player,
        on_command: &Callback<PlayerCommand>,
    ) -> Html {
        let (scenario, layout) = (self.scenario.clone(), shown.scene.layout.clone());
        let on_command = on_command.clone();
        let on_part = Callback::from(move |part: Part| {
            if let Some(selection) = part.selection(&scenario, &layout) {
                on_command.emit(PlayerCommand::Select(selection));
            }
        });
        html! {
            <Bar
                scenario={self.scenario.clone()}
                {part}
                shortcuts={player.shortcuts}
                {on_part}
                on_built={self.on_built.clone()}
            />
        }
    }

    fn goals(&self) -> Html {
        if self.scenario.goals.is_empty() {
            return Html::default();
        }
        let (scenario, on_finding) = (self.scenario.clone(), self.on_finding.clone());
        html! { <Goals {scenario} answered={self.answered.clone()} {on_finding} /> }
    }

    fn form(&self, part: Part) -> Html {
        let (scenario, on_built) = (self.scenario.clone(), self.on_built.clone());
        html! { <Form {scenario} {part} {on_built} /> }
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
