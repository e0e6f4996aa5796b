//! The stage: the parts as real elements, the messages on one canvas above them.

mod brush;
mod icon;
mod more;
mod moving;
mod painter;
mod parts;
mod press;
mod theme;
mod words;
mod zoom;

use std::{cell::RefCell, rc::Rc};

use postroom_core::{MessageId, QueueId, Timestamp, TopicId};
use postroom_simulator::Drawing;
use yew::prelude::*;

pub(crate) use self::more::MORE;
pub(crate) use self::{icon::badge, parts::END_MARK, press::PART_MARK, words::count};
pub use self::{
    more::More,
    moving::{Drawn, Moved},
    painter::Painter,
};
use self::{
    moving::{Mover, Sight},
    painter::Scene,
    parts::{AtWork, Hands},
    zoom::{Zoom, ZoomBy},
};
use crate::{
    browser::{Element, WidthWatch},
    picture::{Picture, Plan},
};

/// A picture that the run fills and the stage draws.
#[derive(Clone, Debug)]
pub struct SharedPicture(pub Rc<RefCell<Picture>>);

impl PartialEq for SharedPicture {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

/// What the reader looks at more closely.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Selection {
    /// Somebody who publishes.
    Source(String),
    /// A topic.
    Topic(TopicId),
    /// A queue.
    Queue(QueueId),
    /// A message: all its copies.
    Message(MessageId),
    /// A provider.
    Provider(String),
}

/// How a provider behaves, as the stage shows and sets it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Mode {
    /// It works.
    #[default]
    Ok,
    /// Every call fails at once.
    Fail,
    /// No call is ever answered.
    Hang,
    /// Answers take long.
    Slow,
    /// Some calls fail.
    Flaky,
    /// Some messages fail, at every attempt.
    Poisoned,
}

/// Those who call services and wait, and the services, each in the order of the layout.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Direct {
    /// One per caller.
    pub callers: Vec<Waiting>,
    /// One per service.
    pub services: Vec<Served>,
}

/// How a caller's requests stand.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Waiting {
    /// Under way.
    pub under_way: u64,
    /// Answered by every service in time.
    pub answered: u64,
    /// Failed, given up or refused.
    pub unanswered: u64,
}

/// What a service has done.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Served {
    /// Calls done, whether or not anybody learned of it.
    pub taken: u64,
    /// Calls that wait for it to begin.
    pub waiting: u64,
}

/// What the reader does on the stage itself.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum StageAction {
    /// Make a provider behave so.
    SetMode {
        /// The provider's name.
        provider: String,
        /// How.
        mode: Mode,
    },
    /// Move a queue's dead letters back to work.
    Redrive {
        /// The queue, not its dead-letter queue.
        queue: QueueId,
    },
}

/// What the stage needs.
#[derive(Clone, Debug, PartialEq, Properties)]
pub struct StageProps {
    /// What to draw.
    pub picture: SharedPicture,
    /// Draws the messages between renders.
    pub painter: Painter,
    /// The virtual time of the counters and countdowns. A few renders a second are enough: the
    /// canvas moves by [`Painter::frame`].
    pub now: Timestamp,
    /// Arrows and ids appear on what moves.
    #[prop_or_default]
    pub paused: bool,
    /// Nothing travels: messages appear where they arrive.
    #[prop_or_default]
    pub reduced_motion: bool,
    /// What is drawn besides.
    #[prop_or_default]
    pub more: Option<More>,
    /// How each provider behaves, by name; `Ok` where absent.
    #[prop_or_default]
    pub modes: Vec<(String, Mode)>,
    /// How those stand who call and wait.
    #[prop_or_default]
    pub direct: Direct,
    /// The ordered groups of messages on the stage: they are written on the letters while time
    /// stands still.
    #[prop_or_default]
    pub groups: Rc<[(MessageId, String)]>,
    /// What is selected.
    #[prop_or_default]
    pub selected: Option<Selection>,
    /// Where parts stand that were moved by hand.
    #[prop_or_default]
    pub drawn: Drawn,
    /// The reader selected something.
    #[prop_or_default]
    pub on_select: Callback<Selection>,
    /// The reader did something.
    #[prop_or_default]
    pub on_action: Callback<StageAction>,
}

/// The stage.
#[component]
pub fn Stage(props: &StageProps) -> Html {
    let (frame, view, canvas) = (use_node_ref(), use_node_ref(), use_node_ref());
    let width = use_width(&frame);
    let layout = Rc::clone(props.picture.0.borrow().layout());
    let preview = use_state(|| None::<Drawing>);
    let drawing = (*preview).clone().map(Rc::new).or_else(|| props.drawn.drawing.clone());
    let plan = use_memo(
        (Rc::clone(&layout), width, props.more, drawing),
        |(layout, width, more, drawing)| {
            let drawn = drawing.as_ref().map(|drawing| f64::from(drawing.width));
            let mut plan = Plan::new(layout, drawn.unwrap_or(*width));
            if let Some(more) = more {
                (more.place)(&mut plan, layout, drawing.as_deref());
            }
            plan
        },
    );
    let (nearer, on_zoom) = use_zoom(props.more, &view);
    let whole = use_whole(width / plan.width.max(1.0), preview.is_some());
    let zoom = nearer * whole;
    let drawn = props.drawn.clone();
    let sight = Sight { layout, plan: Rc::clone(&plan), scale: zoom, width, drawn };
    use_moving(props.more, &view, sight, preview.setter());
    use_painter(props, &plan, zoom, &canvas);

    let choose = {
        let (on_select, painter) = (props.on_select.clone(), props.painter.clone());
        Callback::from(move |(part, event): (Selection, Option<MouseEvent>)| {
            let message = event.and_then(|event| letter_under(&painter, &event));
            on_select.emit(message.map_or(part, Selection::Message));
        })
    };
    let onclick = {
        let (on_select, painter) = (props.on_select.clone(), props.painter.clone());
        Callback::from(move |event: MouseEvent| {
            if let Some(message) = letter_under(&painter, &event) {
                on_select.emit(Selection::Message(message));
            }
        })
    };
    let (over_letter, onmousemove, onmouseleave) = use_pointer(&props.painter);
    let hands = Hands { choose, act: props.on_action.clone() };
    html! {
        <section class={classes!("stage", over_letter, preview.is_some().then_some("is-moving"))} aria-label="The post room" ref={frame}
            {onclick} {onmousemove} {onmouseleave}>
            <div class={classes!("stage-view", (nearer != 1.0).then_some("is-zoomed"))} ref={view.clone()}>
                <div class="stage-sheet">
                    if width > 0.0 {
                        <svg class="stage-parts" role="group" aria-label="Queues, workers and providers"
                            width={words::px(plan.width * zoom)}
                            height={words::px(plan.height * zoom)}
                            viewBox={format!("0 0 {} {}", words::px(plan.width), words::px(plan.height))}>
                            { parts_of(props, &plan, &hands) }
                        </svg>
                    }
                    <canvas class="stage-letters" ref={canvas} aria-hidden="true"></canvas>
                </div>
            </div>
            { props.more.map(|more| (more.zoom)(&view, plan.height * whole, &on_zoom)) }
        </section>
    }
}

fn letter_under(painter: &Painter, event: &MouseEvent) -> Option<MessageId> {
    painter.message_at(f64::from(event.client_x()), f64::from(event.client_y()))
}

/// The width of an element, 0 until it stands on the page.
#[hook]
fn use_width(frame: &NodeRef) -> f64 {
    let width = use_state(|| 0.0);
    let (setter, frame) = (width.setter(), frame.clone());
    use_effect_with((), move |()| {
        let watch = frame
            .cast::<Element>()
            .and_then(|element| WidthWatch::start(element, move |width| setter.set(width)));
        move || drop(watch)
    });
    *width
}

/// How many times as large the picture is shown, and how that is changed.
#[hook]
fn use_zoom(more: Option<More>, view: &NodeRef) -> (f64, Callback<ZoomBy>) {
    let zoom = use_reducer(Zoom::default);
    let dispatcher = zoom.dispatcher();
    let on_zoom = use_callback((), move |by, ()| dispatcher.dispatch(by));
    let (listened, on) = (view.clone(), on_zoom.clone());
    use_effect_with((), move |()| {
        let listeners =
            more.zip(listened.cast::<Element>()).map(|(more, view)| (more.listen)(&view, on));
        move || drop(listeners)
    });
    let held = view.clone();
    use_effect_with(*zoom, move |zoom| {
        if let (Some(anchor), Some(view)) = (zoom.anchor, held.cast::<Element>()) {
            anchor.hold(&view);
        }
    });
    (zoom.factor, on_zoom)
}

/// How small a picture is shown so that all of its width is seen. It stays so while a part is moved.
#[hook]
fn use_whole(whole: f64, is_moving: bool) -> f64 {
    let kept = use_mut_ref(|| 1.0);
    if !is_moving {
        *kept.borrow_mut() = whole.min(1.0);
    }
    *kept.borrow()
}

/// Lets parts be moved by hand, where somebody wants to know of it.
#[hook]
fn use_moving(
    more: Option<More>,
    view: &NodeRef,
    now: Sight,
    preview: UseStateSetter<Option<Drawing>>,
) {
    let more = more.filter(|_| now.drawn.on_move.is_some());
    let sight = use_mut_ref(Sight::default);
    *sight.borrow_mut() = now;
    let view = view.clone();
    use_effect_with(more.is_some(), move |_| {
        let on_preview = Callback::from(move |drawing| preview.set(drawing));
        let listeners = more
            .zip(view.cast::<Element>())
            .map(|(more, view)| (more.move_parts)(Mover { view, sight, on_preview }));
        move || std::mem::drop(listeners)
    });
}

/// Marks the letter under the pointer: the class while there is one, and what to listen to.
#[hook]
fn use_pointer(
    painter: &Painter,
) -> (Option<&'static str>, Callback<MouseEvent>, Callback<MouseEvent>) {
    let is_over = use_state_eq(|| false);
    let (setter, on_it) = (is_over.setter(), painter.clone());
    let onmousemove = Callback::from(move |event: MouseEvent| {
        let at = (f64::from(event.client_x()), f64::from(event.client_y()));
        setter.set(on_it.point_at(Some(at)).is_some());
    });
    let (setter, off_it) = (is_over.setter(), painter.clone());
    let onmouseleave = Callback::from(move |_: MouseEvent| {
        off_it.point_at(None);
        setter.set(false);
    });
    (is_over.then_some("over-letter"), onmousemove, onmouseleave)
}

/// Tells the painter where and what to paint.
#[hook]
fn use_painter(props: &StageProps, plan: &Rc<Plan>, zoom: f64, canvas: &NodeRef) {
    let (painter, canvas) = (props.painter.clone(), canvas.clone());
    use_effect_with((), {
        let painter = painter.clone();
        move |()| {
            painter.set_canvas(canvas.cast::<Element>());
            move || painter.set_canvas(None)
        }
    });
    let chosen = match props.selected {
        Some(Selection::Message(message)) => Some(message),
        _ => None,
    };
    let scene = Scene {
        picture: props.picture.clone(),
        plan: Rc::clone(plan),
        zoom,
        is_paused: props.paused,
        is_still: props.reduced_motion,
        chosen,
        groups: Rc::clone(&props.groups),
    };
    use_effect_with(scene, move |scene| painter.set_scene(scene.clone()));
}

fn parts_of(props: &StageProps, plan: &Plan, hands: &Hands) -> Html {
    let picture = props.picture.0.borrow();
    let layout = picture.layout();
    let is = |selection: Selection| props.selected.as_ref() == Some(&selection);
    let sources = layout.sources.iter().zip(&plan.sources).map(|(source, plan)| {
        parts::source(source, *plan, is(Selection::Source(source.name.clone())), hands)
    });
    let topics =
        layout.topics.iter().zip(&plan.topics).map(|(topic, rect)| {
            parts::topic(topic, *rect, is(Selection::Topic(topic.topic)), hands)
        });
    let mut worker_plans = plan.workers.iter();
    let lanes = layout.lanes.iter().zip(&plan.lanes).map(|(lane, lane_plan)| {
        let workers = lane.workers.iter().zip(worker_plans.by_ref());
        let workers: Html = workers
            .map(|(worker, plan)| {
                let at_work = AtWork {
                    worker,
                    plan,
                    view: picture.worker(worker.consumer),
                    mode: mode_of(props, &worker.provider),
                    is_chosen: is(Selection::Provider(worker.provider.clone())),
                    now: props.now,
                };
                parts::worker(at_work, hands)
            })
            .collect();
        let counters = picture.counters(lane.queue);
        let next_try = picture.next_due(lane.queue);
        let chosen = is(Selection::Queue(lane.queue));
        html! {
            <g class="lane" role="group" aria-label={lane.label.clone()}>
                { parts::cabinet(lane, lane_plan, counters, next_try, chosen, hands, props.now) }
                { workers }
            </g>
        }
    });
    html! {
        <>
            <defs>
                <linearGradient id="shade" x1="0" y1="0" x2="0" y2="1">
                    <stop class="shade-top" offset="0" />
                    <stop class="shade-end" offset="1" />
                </linearGradient>
                <linearGradient id="wood" x1="0" y1="0" x2="0" y2="1">
                    <stop class="wood-top" offset="0" />
                    <stop class="wood-end" offset="1" />
                </linearGradient>
            </defs>
            { parts::tubes(plan) }
            { props.more.map(|more| (more.below)(plan)) }
            { for sources }
            { for topics }
            { for lanes }
            { props.more.map(|more| (more.above)(props, layout, plan, hands)) }
        </>
    }
}

fn mode_of(props: &StageProps, provider: &str) -> Mode {
    props.modes.iter().find(|(name, _)| name == provider).map_or(Mode::Ok, |(_, mode)| *mode)
}
