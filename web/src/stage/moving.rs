//! Parts are moved by hand: taken with a pointer, or step by step with keys.

use std::{
    cell::{Cell, RefCell},
    rc::Rc,
};

use postroom_simulator::{
    Drawing, DrawnPart, Place,
    limits::{DRAWING_WIDTH_MAX, DRAWING_WIDTH_MIN, PLACE_MAX},
};
use yew::prelude::*;

use super::{PART_MARK, parts::GRIP_MARK};
use crate::{
    browser::{self, Element, Listener, Stir},
    picture::{Layout, Plan, Point},
    stage::parts::END_MARK,
};

/// A pointer that moves less than this, in pixels, was pressed and did not move anything.
const PRESS_MAX: i32 = 6;
/// Parts come to stand on a raster of so many pixels: what stands in a row is easily made so.
const RASTER: f64 = 4.0;
/// From a part to the left edge of the picture, at least: what leads to it comes from there.
const LEFT: f64 = 20.0;
/// The same to the upper edge.
const TOP: f64 = 8.0;
/// A key moves a part so far.
const STEP: f64 = 8.0;
/// The same with Shift held.
const FAR_STEP: f64 = 40.0;

/// How the parts were moved, and whom to tell when one is.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Drawn {
    /// Where parts stand by hand.
    pub drawing: Option<Rc<Drawing>>,
    /// A part was moved. None where parts stay where they are.
    pub on_move: Option<Callback<Moved>>,
}

/// A part was moved.
#[derive(Clone, Debug, PartialEq)]
pub struct Moved {
    /// How wide the picture is, in pixels.
    pub width: u32,
    /// Where the part stands now.
    pub place: Place,
}

impl Moved {
    /// The drawing with this part at its new place.
    pub fn in_drawing(self, before: Option<&Drawing>) -> Drawing {
        let Self { width, place } = self;
        let empty = || Drawing { width, places: Vec::new() };
        let mut drawing = before.cloned().unwrap_or_else(empty);
        drawing.put(place);
        drawing
    }
}

/// What is seen at the moment.
#[derive(Clone, Default, PartialEq)]
pub(super) struct Sight {
    pub(super) layout: Rc<Layout>,
    pub(super) plan: Rc<Plan>,
    /// Pixels of the window for one of the plan.
    pub(super) scale: f64,
    /// The width of the stage.
    pub(super) width: f64,
    pub(super) drawn: Drawn,
}

/// Sets how the parts are seen while one is held.
pub(super) type Preview = UseStateSetter<Option<Rc<Drawing>>>;

/// What moving needs.
#[derive(Clone, PartialEq, Properties)]
pub(super) struct MovingProps {
    /// Only what is in it is moved.
    pub(super) view: NodeRef,
    pub(super) sight: Sight,
    /// How the parts would stand if they were let go now.
    pub(super) on_preview: Callback<Option<Rc<Drawing>>>,
}

/// Lets parts be moved by hand for as long as it is there. There is nothing to see of it.
#[component]
pub(super) fn Moving(props: &MovingProps) -> Html {
    let sight = use_mut_ref(Sight::default);
    sight.borrow_mut().clone_from(&props.sight);
    let MovingProps { view, on_preview, .. } = props.clone();
    use_effect_with((), move |()| {
        let view = view.cast::<Element>();
        let listeners = view.map(|view| listen(Mover { view, sight, on_preview }));
        move || std::mem::drop(listeners)
    });
    Html::default()
}

/// Who moves parts.
struct Mover {
    view: Element,
    sight: Rc<RefCell<Sight>>,
    on_preview: Callback<Option<Rc<Drawing>>>,
}

/// A part that is held by a pointer.
struct Hold {
    pointer: i32,
    mark: String,
    /// Where it stood.
    corner: Point,
    /// Where the pointer took it.
    from: (i32, i32),
    /// What has come of it so far.
    moved: Option<Moved>,
}

impl Sight {
    fn corner(&self, mark: &str) -> Option<Point> {
        let (part, name) = part_of(mark)?;
        self.plan.corner(&self.layout, part, name)
    }

    fn moved(&self, mark: &str, to: Point) -> Option<Moved> {
        let (part, name) = part_of(mark)?;
        let whole = |at: f64, least: f64| {
            ((at / RASTER).round() * RASTER).clamp(least, PLACE_MAX.into()) as u32
        };
        let (x, y) = (whole(to.x, LEFT), whole(to.y, TOP));
        let place = Place { part, name: name.to_owned(), x, y };
        let width = (self.width as u32).clamp(DRAWING_WIDTH_MIN, DRAWING_WIDTH_MAX);
        Some(Moved { width, place })
    }
}

impl Mover {
    fn show(&self, moved: &Moved) {
        let drawing = self.sight.borrow().drawn.drawing.clone();
        let drawing = moved.clone().in_drawing(drawing.as_deref());
        self.on_preview.emit(Some(Rc::new(drawing)));
    }

    fn settle(&self, moved: Moved) {
        let on_move = self.sight.borrow().drawn.on_move.clone();
        if let Some(on_move) = on_move {
            on_move.emit(moved);
        }
        self.on_preview.emit(None);
    }

    /// The part that a pointer takes: a finger by its grip, the mouse anywhere.
    fn taken(&self, event: &PointerEvent) -> Option<Hold> {
        let is_here = event.button() == 0 && browser::is_inside(&self.view, event);
        let attribute = |name| browser::attribute_of(event, name).filter(|_| is_here);
        let by_mouse = event.pointer_type() == "mouse" && attribute(END_MARK).is_none();
        let part = || attribute(PART_MARK).filter(|_| by_mouse);
        let mark = attribute(GRIP_MARK).or_else(part)?;
        let corner = self.sight.borrow().corner(&mark)?;
        let from = (event.client_x(), event.client_y());
        Some(Hold { pointer: event.pointer_id(), mark, corner, from, moved: None })
    }

    fn drag(&self, hold: &mut Hold, event: &PointerEvent) {
        let (x, y) = (event.client_x() - hold.from.0, event.client_y() - hold.from.1);
        if hold.moved.is_none() && x.abs().max(y.abs()) < PRESS_MAX {
            return;
        }
        let sight = self.sight.borrow();
        let by = Point { x: f64::from(x) / sight.scale, y: f64::from(y) / sight.scale };
        let to = Point { x: hold.corner.x + by.x, y: hold.corner.y + by.y };
        hold.moved = sight.moved(&hold.mark, to);
        std::mem::drop(sight);
        if let Some(moved) = &hold.moved {
            self.show(moved);
        }
    }

    /// One step of the part that has the focus, or else of the one that is chosen.
    fn step(&self, event: &KeyboardEvent) -> Option<Moved> {
        let far = if event.shift_key() { FAR_STEP } else { STEP };
        let (x, y) = match event.key().as_str() {
            "ArrowLeft" => (-far, 0.0),
            "ArrowRight" => (far, 0.0),
            "ArrowUp" => (0.0, -far),
            "ArrowDown" => (0.0, far),
            _ => return None,
        };
        let focused = browser::attribute_of(event, PART_MARK);
        let focused = focused.filter(|_| browser::is_inside(&self.view, event));
        let mark = focused.or_else(|| browser::attribute_in(&self.view, ".chosen", PART_MARK))?;
        let sight = self.sight.borrow();
        let corner = sight.corner(&mark)?;
        sight.moved(&mark, Point { x: corner.x + x, y: corner.y + y })
    }
}

/// What is done when a pointer stirs, with what is held then.
type Then = Box<dyn FnMut(&Mover, &mut Option<Hold>, &PointerEvent)>;

/// Moves parts for as long as what comes back is kept.
fn listen(mover: Mover) -> Vec<Listener> {
    let mover = Rc::new(mover);
    let hold: Rc<RefCell<Option<Hold>>> = Rc::default();
    let has_moved = Rc::new(Cell::new(false));
    let pointer = |stir, mut then: Then| {
        let (mover, hold) = (Rc::clone(&mover), Rc::clone(&hold));
        browser::on_pointer(stir, move |event| then(&mover, &mut hold.borrow_mut(), &event))
    };
    let is_it = |hold: &Option<Hold>, event: &PointerEvent| {
        hold.as_ref().is_some_and(|hold| hold.pointer == event.pointer_id())
    };
    let (begins, ends) = (Rc::clone(&has_moved), Rc::clone(&has_moved));
    let listeners = [
        pointer(
            Stir::Down,
            Box::new(move |mover, hold, event| {
                begins.set(false);
                if hold.is_none() {
                    *hold = mover.taken(event);
                }
            }),
        ),
        pointer(
            Stir::Move,
            Box::new(move |mover, hold, event| {
                if let Some(hold) = hold.as_mut().filter(|it| it.pointer == event.pointer_id()) {
                    mover.drag(hold, event);
                }
            }),
        ),
        pointer(
            Stir::Up,
            Box::new(move |mover, hold, event| {
                if is_it(hold, event)
                    && let Some(moved) = hold.take().and_then(|hold| hold.moved)
                {
                    ends.set(true);
                    mover.settle(moved);
                }
            }),
        ),
        pointer(
            Stir::Cancel,
            Box::new(move |mover, hold, event| {
                if is_it(hold, event) {
                    *hold = None;
                    mover.on_preview.emit(None);
                }
            }),
        ),
        browser::hold_touches(GRIP_MARK),
    ];
    // Whoever let go of a part did not press it.
    let click = Listener::new(&mover.view, "click", move |event| {
        if has_moved.take() {
            event.stop_propagation();
        }
    });
    listeners.into_iter().flatten().chain([click]).chain(keys(&mover)).collect()
}

/// A part moves while a key is held, and stands once it is let go: one thing to undo.
fn keys(mover: &Rc<Mover>) -> impl Iterator<Item = Listener> {
    let stepped: Rc<RefCell<Option<Moved>>> = Rc::default();
    let (walker, walked) = (Rc::clone(mover), Rc::clone(&stepped));
    let down = browser::on_key_down(move |event| {
        let is_plain = event.ctrl_key() || event.meta_key() || !event.alt_key();
        if is_plain || browser::is_typing(&event) {
            return;
        }
        if let Some(moved) = walker.step(&event) {
            event.prevent_default();
            walker.show(&moved);
            *walked.borrow_mut() = Some(moved);
        }
    });
    let mover = Rc::clone(mover);
    let up = browser::on_key_up(move |_| {
        let moved = stepped.borrow_mut().take();
        if let Some(moved) = moved {
            mover.settle(moved);
        }
    });
    [down, up].into_iter().flatten()
}

fn part_of(mark: &str) -> Option<(DrawnPart, &str)> {
    let (kind, name) = mark.split_once(':')?;
    let kinds = [
        DrawnPart::Producer,
        DrawnPart::Topic,
        DrawnPart::Queue,
        DrawnPart::Worker,
        DrawnPart::Caller,
        DrawnPart::Service,
    ];
    Some((kinds.into_iter().find(|each| each.word() == kind)?, name))
}
