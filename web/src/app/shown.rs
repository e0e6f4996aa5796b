//! A scene on the page: the guide, the stage, the controls of time, the panels.

use std::rc::Rc;

use postroom_core::MessageId;
use yew::prelude::*;

use super::inspector::inspector;
use crate::{
    panels::{EventList, LogFilter, Place, guide_list, words::capitalised},
    player::{Player, PlayerCommand, branch_list, transport},
    run::View,
    scenes::{self, Scene},
    stage::{Mode, Painter, Selection, Stage, StageAction},
};

/// A scene, and what is known of its run.
pub(super) struct Shown {
    pub(super) scene: Scene,
    pub(super) view: View,
    /// What the event list can be narrowed to.
    places: Rc<Vec<(String, Place)>>,
}

/// How the scene is looked at.
pub(super) struct Scenery<'h> {
    pub(super) player: &'h Player,
    pub(super) filter: LogFilter,
    pub(super) painter: &'h Painter,
    pub(super) reduced_motion: bool,
}

/// What the reader can do.
pub(super) struct Hands {
    pub(super) on_command: Callback<PlayerCommand>,
    pub(super) on_act: Callback<StageAction>,
    pub(super) on_filter: Callback<LogFilter>,
}

impl Shown {
    pub(super) fn new(scene: Scene) -> Self {
        let topics = scene.layout.topics.iter();
        let topics = topics.map(|each| (each.label.clone(), Place::Topic(each.topic)));
        let lanes = scene.layout.lanes.iter().map(|lane| {
            let (queue, dead_letters) = (lane.queue, lane.dead_letters);
            (lane.label.clone(), Place::Queue { queue, dead_letters })
        });
        let places = Rc::new(topics.chain(lanes).collect());
        let view = View::new(scene.layout.clone(), scene.steps.clone());
        Self { scene, view, places }
    }

    pub(super) fn draw(&self, scenery: Scenery<'_>, hands: &Hands) -> Html {
        let Self { scene, view, .. } = self;
        let Scenery { player, filter, painter, reduced_motion } = scenery;
        let on_command = &hands.on_command;
        let modes = scene.session.modes();
        html! {
            <>
                <p class="lead">{ &scene.lead }</p>
                { guide_list(&view.guide) }
                <Stage
                    picture={view.picture.clone()}
                    painter={painter.clone()}
                    now={player.now}
                    paused={!player.playing}
                    {reduced_motion}
                    modes={modes.clone()}
                    selected={player.selected.clone()}
                    on_select={on_command.reform(PlayerCommand::Select)}
                    on_action={hands.on_act.clone()}
                />
                { transport(player, on_command) }
                { branch_list(player, on_command) }
                <p class="notice" role="status">{ player.notice.as_deref().unwrap_or_default() }</p>
                <div class="panels">
                    { self.inspector(player, &modes, on_command) }
                    { self.event_list(filter, hands) }
                </div>
            </>
        }
    }

    fn inspector(
        &self,
        player: &Player,
        modes: &[(String, Mode)],
        on_command: &Callback<PlayerCommand>,
    ) -> Html {
        let selected = player.selected.as_ref();
        let class = classes!("card", "inspector", selected.map(|_| "is-open"));
        let onclick = on_command.reform(|_: MouseEvent| PlayerCommand::Close);
        html! {
            <section id="inspector" {class} aria-labelledby="inspector-title" tabindex="-1">
                if selected.is_some() {
                    <button class="quiet close" {onclick}>{ "Close" }</button>
                }
                { inspector(&self.view, modes, selected, player.now, on_command) }
            </section>
        }
    }

    fn event_list(&self, filter: LogFilter, hands: &Hands) -> Html {
        let select = |message: MessageId| PlayerCommand::Select(Selection::Message(message));
        html! {
            <section class="card event-list" aria-labelledby="events-title">
                <EventList
                    rows={self.view.log.rows(&filter)}
                    names={Rc::clone(&self.view.names)}
                    places={Rc::clone(&self.places)}
                    {filter}
                    on_filter={hands.on_filter.clone()}
                    on_message={hands.on_command.reform(select)}
                />
            </section>
        }
    }
}

/// What stands where the scene would be, when there is none.
pub(super) fn broken(why: &str) -> Html {
    html! {
        <section class="card broken" role="alert">
            <h2>{ "This link opens no scene" }</h2>
            <p>{ format!("{}.", capitalised(why)) }</p>
            <p><a href={format!("#{}", scenes::NOTIFICATIONS)}>{ "Open the first scene" }</a></p>
        </section>
    }
}
