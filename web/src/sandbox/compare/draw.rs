//! Two runs on the page: their pictures, their numbers, and what sets them apart.

use postroom_simulator::BranchId;
use yew::prelude::*;

use super::{Difference, Rival, differences::DIFFERENCES_TOLD_MAX, table::table, tally::Figures};
use crate::{
    app::{Scenery, SharedFrameClock},
    browser::Frames,
    player::{Player, PlayerCommand},
    stage::{Drawn, Painter, Stage},
};

/// The picture of the run that is played, and that of the one beside it. `names` are theirs.
pub(in crate::sandbox) fn stages(
    played: Html,
    beside: Option<(&Rival, [String; 2], bool)>,
    scenery: &Scenery<'_>,
) -> Html {
    let class = classes!("stages", beside.is_some().then_some("is-double"));
    let (name, other) = match beside {
        Some((rival, [name, other], is_first)) => {
            let name = html! { <p class="stage-name">{ name }</p> };
            (name, other_stage(rival, other, is_first, scenery))
        }
        None => Default::default(),
    };
    html! {
        <div {class}>
            <div class="stage-of">{ name }{ played }</div>
            { other }
        </div>
    }
}

fn other_stage(rival: &Rival, name: String, is_first: bool, scenery: &Scenery<'_>) -> Html {
    let label = format!("{name}, at the same moment. Its numbers are under “What differs”.");
    html! {
        <div class={classes!("stage-of", "is-beside", is_first.then_some("is-first"))} role="group" aria-label={label}>
            <p class="stage-name">{ name }<span class="hint">{ "to look at" }</span></p>
            // Whoever operates a part operates the run that is played.
            <div inert=true>
                <Stage
                    picture={rival.view.picture.clone()}
                    painter={rival.painter.clone()}
                    now={rival.now()}
                    paused={!scenery.player.playing}
                    reduced_motion={scenery.reduced_motion}
                    more={scenery.more}
                    drawn={Drawn { on_move: None, ..scenery.drawn.clone() }}
                    direct={rival.session().direct()}
                    modes={rival.session().modes()}
                />
            </div>
            <PaintLoop
                painter={rival.painter.clone()}
                clock={Clock(scenery.frame_clock.clone())}
            />
        </div>
    }
}

/// The futures that can be shown beside the present one; nothing while there is only one.
pub(in crate::sandbox) fn futures(player: &Player, on_command: &Callback<PlayerCommand>) -> Html {
    let others: Vec<_> = player.branches.iter().filter(|each| each.id != player.branch).collect();
    if others.is_empty() {
        return Html::default();
    }
    html! {
        <div class="beside" role="group" aria-label="Show beside it">
            { for others.iter().map(|branch| {
                let (id, is_on) = (branch.id, player.compared == Some(branch.id));
                let onclick = on_command.reform(move |_: MouseEvent| {
                    PlayerCommand::Compare((!is_on).then_some(id))
                });
                html! {
                    <button key={id.number()} class="quiet" aria-pressed={is_on.to_string()} {onclick}>
                        { format!("Side by side with {}", future(player, id)) }
                    </button>
                }
            }) }
        </div>
    }
}

/// What a future is called.
pub(in crate::sandbox) fn future(player: &Player, id: BranchId) -> String {
    let name = player.branch_names.iter().find(|(each, _)| *each == id);
    let name = name.map_or("as it first went", |(_, name)| name);
    format!("{}. {name}", id.number() + 1)
}

/// The numbers of both runs, with what sets the runs apart.
pub(in crate::sandbox) fn comparison(
    names: &[String; 2],
    sides: &[Figures; 2],
    apart: Html,
) -> Html {
    html! {
        <section class="card comparison" aria-labelledby="comparison-title">
            <h2 id="comparison-title">{ "What differs" }</h2>
            { apart }
            { table(names, sides) }
        </section>
    }
}

/// What sets A and B apart, in words.
pub(in crate::sandbox) fn settings(differences: &[Difference]) -> Html {
    let more = differences.len().saturating_sub(DIFFERENCES_TOLD_MAX);
    html! {
        <ul class="settings">
            { for differences.iter().take(DIFFERENCES_TOLD_MAX).map(|each| html! {
                <li key={each.path.join("/")}>
                    <span class="setting">{ each.path.join(" › ") }</span>{ values(each) }
                </li>
            }) }
            if more > 0 {
                <li class="hint">{ format!("and {more} more") }</li>
            }
        </ul>
    }
}

fn values(difference: &Difference) -> Html {
    match (&difference.from, &difference.to) {
        (Some(from), Some(to)) => html! {
            <>{ ": " }<b>{ from }</b>{ " in A, " }<b>{ to }</b>{ " in B" }</>
        },
        (Some(from), None) => html! { <>{ ": " }<b>{ from }</b>{ " in A, not in B" }</> },
        (None, Some(to)) => html! { <>{ ": not in A, " }<b>{ to }</b>{ " in B" }</> },
        (None, None) => html! { <>{ ": only in one of them" }</> },
    }
}

/// The clock of the frames.
#[derive(Clone)]
struct Clock(SharedFrameClock);

impl PartialEq for Clock {
    fn eq(&self, other: &Self) -> bool {
        std::rc::Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Clone, PartialEq, Properties)]
struct PaintLoopProps {
    painter: Painter,
    clock: Clock,
}

/// Draws a painter's letters with every frame, for as long as it is on the page.
#[component]
fn PaintLoop(props: &PaintLoopProps) -> Html {
    use_effect_with(props.clone(), |PaintLoopProps { painter, clock }| {
        let (painter, clock) = (painter.clone(), clock.0.clone());
        let frames = Frames::start(move |ms| painter.frame(clock.get().at(ms)));
        move || drop(frames)
    });
    Html::default()
}
