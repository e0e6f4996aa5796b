//! A scene on the page: the guide, the stage, the controls of time, the panels.

use std::rc::Rc;

use postroom_core::MessageId;
use yew::prelude::*;

use super::{frame_clock::SharedFrameClock, inspector::inspector};
use crate::{
    panels::{
        EventList, EventTable, LogFilter, Place, guide_list, words::capitalised, worker_panel,
    },
    player::{Additions, Player, PlayerCommand, branch_list, transport},
    run::View,
    scenes::Scene,
    stage::{Drawn, More, Painter, Selection, Stage, StageAction},
};

/// A scene, and what is known of its run.
pub(crate) struct Shown {
    pub(crate) scene: Scene,
    pub(crate) view: View,
    /// What the event list can be narrowed to.
    places: Rc<Vec<(String, Place)>>,
}

/// How the scene is looked at.
pub(crate) struct Scenery<'h> {
    pub(crate) player: &'h Player,
    pub(crate) filter: LogFilter,
    pub(crate) painter: &'h Painter,
    pub(crate) frame_clock: &'h SharedFrameClock,
    pub(crate) reduced_motion: bool,
    /// What the page draws besides.
    pub(crate) more: Option<More>,
    /// Where parts stand that were moved by hand.
    pub(crate) drawn: Drawn,
}

/// What the reader can do.
pub(crate) struct Hands {
    pub(crate) on_command: Callback<PlayerCommand>,
    pub(crate) on_act: Callback<StageAction>,
    pub(crate) on_filter: Callback<LogFilter>,
}

impl Shown {
    pub(crate) fn new(scene: Scene) -> Self {
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

    pub(crate) fn draw(&self, scenery: &Scenery<'_>, hands: &Hands) -> Html {
        html! {
            <>
                <p class="lead">{ &self.scene.lead }</p>
                { guide_list(&self.view.guide) }
                { self.stage(scenery, hands, Additions::default()) }
                { self.panels(scenery, hands, Html::default(), self.event_list(scenery, hands)) }
            </>
        }
    }

    /// The picture, and the controls of its time.
    pub(crate) fn stage(&self, scenery: &Scenery<'_>, hands: &Hands, additions: Additions) -> Html {
        html! {
            <>
                { self.picture(scenery, hands) }
                { time(scenery.player, additions, &hands.on_command) }
            </>
        }
    }

    /// The picture alone.
    pub(crate) fn picture(&self, scenery: &Scenery<'_>, hands: &Hands) -> Html {
        let Scenery { player, painter, reduced_motion, .. } = *scenery;
        html! {
            <Stage
                picture={self.view.picture.clone()}
                more={scenery.more}
                drawn={scenery.drawn.clone()}
                painter={painter.clone()}
                now={player.now}
                paused={!player.playing}
                {reduced_motion}
                direct={self.scene.session.direct()}
                groups={self.groups(player)}
                modes={self.scene.session.modes()}
                selected={player.selected.clone()}
                on_select={hands.on_command.reform(PlayerCommand::Select)}
                on_action={hands.on_act.clone()}
            />
        }
    }

    fn groups(&self, player: &Player) -> Rc<[(MessageId, String)]> {
        if player.playing { Rc::default() } else { self.scene.session.groups().into() }
    }

    /// What is looked at more closely, with the page's own `tools` for it, and what happened.
    pub(crate) fn panels(
        &self,
        scenery: &Scenery<'_>,
        hands: &Hands,
        tools: Html,
        events: Html,
    ) -> Html {
        html! {
            <div class="panels">
                { self.inspector(scenery, tools, &hands.on_command) }
                <section class="card event-list" aria-labelledby="events-title">{ events }</section>
            </div>
        }
    }

    fn inspector(
        &self,
        scenery: &Scenery<'_>,
        tools: Html,
        on_command: &Callback<PlayerCommand>,
    ) -> Html {
        let Scenery { player, more, .. } = *scenery;
        let selected = player.selected.as_ref();
        let class = classes!("card", "inspector", selected.map(|_| "is-open"));
        let onclick = on_command.reform(|_: MouseEvent| PlayerCommand::Close);
        let modes = self.scene.session.modes();
        let group = match selected {
            Some(Selection::Message(message)) => {
                let mut groups = self.scene.session.groups().into_iter();
                groups.find(|(each, _)| each == message).map(|(_, group)| group)
            }
            _ => None,
        };
        html! {
            <section id="inspector" {class} aria-labelledby="inspector-title" tabindex="-1">
                if selected.is_some() {
                    <button class="quiet close" {onclick}>{ "Close" }</button>
                }
                { inspector(&self.view, &modes, selected, group, player.now, more.is_none(), on_command) }
                { tools }
            </section>
        }
    }

    /// The facts of the worker whose provider is selected; nothing for anything else.
    pub(crate) fn worker(&self, player: &Player) -> Html {
        let Some(Selection::Provider(name)) = &player.selected else { return Html::default() };
        let picture = self.view.picture.0.borrow();
        let mut workers = picture.layout().lanes.iter().flat_map(|lane| &lane.workers);
        let Some(worker) = workers.find(|worker| worker.provider == *name) else {
            return Html::default();
        };
        worker_panel(picture.worker(worker.consumer), worker.breaker, player.now)
    }

    /// The latest events.
    pub(crate) fn event_list(&self, scenery: &Scenery<'_>, hands: &Hands) -> Html {
        let filter = scenery.filter;
        html! {
            <EventList
                rows={self.view.log.0.borrow().rows(&filter)}
                names={Rc::clone(&self.view.names)}
                places={Rc::clone(&self.places)}
                {filter}
                on_filter={hands.on_filter.clone()}
                on_message={hands.on_command.reform(look_at)}
            />
        }
    }

    /// All events that are kept.
    pub(crate) fn event_table(&self, hands: &Hands) -> Html {
        html! {
            <EventTable
                log={self.view.log.clone()}
                revision={self.view.log.0.borrow().revision()}
                names={Rc::clone(&self.view.names)}
                places={Rc::clone(&self.places)}
                on_message={hands.on_command.reform(look_at)}
                on_moment={hands.on_command.reform(PlayerCommand::SeekTo)}
            />
        }
    }
}

fn look_at(message: MessageId) -> PlayerCommand {
    PlayerCommand::Select(Selection::Message(message))
}

/// The controls of time.
pub(crate) fn time(
    player: &Player,
    additions: Additions,
    on_command: &Callback<PlayerCommand>,
) -> Html {
    html! {
        <>
            { transport(player, additions, on_command) }
            { branch_list(player, on_command) }
            <p class="notice" role="status">{ player.notice.as_deref().unwrap_or_default() }</p>
        </>
    }
}

/// The button that opens the list of shortcuts.
pub(crate) fn keys(player: &Player, on_command: &Callback<PlayerCommand>) -> Html {
    let onclick = on_command.reform(|_: MouseEvent| PlayerCommand::ToggleHelp);
    let is_open = player.help_is_open.to_string();
    html! {
        <button class="quiet" aria-expanded={is_open} aria-controls="help" {onclick}>
            { "Keys" }
        </button>
    }
}

/// What stands where the scene would be, when there is none.
pub(crate) fn broken(why: &str) -> Html {
    html! { <p class="card broken" role="alert">{ format!("{}.", capitalised(why)) }</p> }
}
