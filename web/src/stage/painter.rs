//! The painter: keeps the canvas, and draws what the picture shows at a time.

use std::{cell::RefCell, rc::Rc};

use postroom_core::{MessageId, Timestamp};

use super::{SharedPicture, brush::Brush, theme::Theme};
use crate::{
    browser::{Canvas, Element},
    picture::{Mark, Plan, Point},
};

/// A press this close to the middle of a letter means the letter.
const REACH: f64 = 16.0;

/// The style sheet is asked whether colours changed once in so many frames.
const THEME_FRAMES: u32 = 30;

/// Arrows, ids and times are left out when there is something to say of more letters than this.
const EXPLAINED_MAX: usize = 60;

/// Draws the moving messages: the frame loop calls [`Painter::frame`] once per animation frame.
///
/// Cheap to clone; all clones are one. Before the stage stands on the page it does nothing.
#[derive(Clone, Debug, Default)]
pub struct Painter(Rc<RefCell<Easel>>);

impl PartialEq for Painter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

#[derive(Debug, Default)]
struct Easel {
    canvas: Option<Canvas>,
    brush: Option<Brush>,
    scene: Option<Scene>,
    marks: Vec<Mark>,
    /// The message under the pointer.
    pointed: Option<MessageId>,
    /// The time and the revision that the canvas shows.
    shown: Option<(Timestamp, u64)>,
    frames: u32,
}

/// What is painted, and how.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Scene {
    pub(super) picture: SharedPicture,
    pub(super) plan: Rc<Plan>,
    /// How many times as large it is shown.
    pub(super) zoom: f64,
    pub(super) is_paused: bool,
    pub(super) is_still: bool,
    pub(super) chosen: Option<MessageId>,
    /// The ordered groups of messages on the stage.
    pub(super) groups: Rc<[(MessageId, String)]>,
}

impl Painter {
    /// A painter without a canvas.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws the messages as they are at virtual time `now`. Does nothing if nothing changed.
    pub fn frame(&self, now: Timestamp) {
        self.0.borrow_mut().frame(now);
    }

    pub(super) fn set_canvas(&self, element: Option<Element>) {
        let mut easel = self.0.borrow_mut();
        *easel = Easel {
            canvas: element.and_then(Canvas::of),
            scene: easel.scene.take(),
            ..Easel::default()
        };
    }

    pub(super) fn set_scene(&self, scene: Scene) {
        let mut easel = self.0.borrow_mut();
        easel.scene = Some(scene);
        easel.draw_again();
    }

    /// The pointer is at a point of the window, or nowhere: the message there is marked, and
    /// returned.
    pub(super) fn point_at(&self, client: Option<(f64, f64)>) -> Option<MessageId> {
        let pointed = client.and_then(|(x, y)| self.message_at(x, y));
        let mut easel = self.0.borrow_mut();
        if easel.pointed != pointed {
            easel.pointed = pointed;
            easel.draw_again();
        }
        pointed
    }

    /// The message drawn at a point of the window.
    pub(super) fn message_at(&self, client_x: f64, client_y: f64) -> Option<MessageId> {
        let easel = self.0.borrow();
        let (x, y) = easel.canvas.as_ref()?.locate(client_x, client_y);
        let at = Point { x, y };
        let marks = easel.marks.iter().filter(|mark| mark.message.is_some());
        let near = marks.map(|mark| (mark.at.distance(at), mark)).filter(|(d, _)| *d <= REACH);
        near.min_by(|(a, _), (b, _)| a.total_cmp(b)).and_then(|(_, mark)| mark.message)
    }
}

impl Easel {
    /// The same moment looks different from now on.
    fn draw_again(&mut self) {
        if let Some((now, _)) = self.shown.take() {
            self.frame(now);
        }
    }

    fn frame(&mut self, now: Timestamp) {
        let Self { canvas: Some(canvas), brush, scene: Some(scene), marks, pointed, shown, frames } =
            self
        else {
            return;
        };
        if *frames % THEME_FRAMES == 0 {
            let theme = Theme::of(canvas);
            if brush.as_ref().is_none_or(|brush| brush.theme != theme) {
                *brush = Some(Brush::new(canvas, theme));
                *shown = None;
            }
        }
        *frames = frames.wrapping_add(1);
        let picture = scene.picture.0.borrow();
        let current = Some((now, picture.revision()));
        if *shown == current {
            return;
        }
        *shown = current;
        picture.read(&scene.plan, now, scene.is_still, marks);
        if canvas.wipe(scene.plan.width, scene.plan.height, scene.zoom) {
            // Another size may mean another sharpness: the sprites are drawn anew.
            *brush = Some(Brush::new(canvas, Theme::of(canvas)));
        }
        let Some(brush) = brush else { return };
        for mark in marks.iter() {
            if mark.message.is_some() && mark.message == scene.chosen {
                brush.choose(canvas, mark.at);
            } else if mark.message.is_some() && mark.message == *pointed {
                brush.point_out(canvas, mark.at);
            }
            brush.draw(canvas, mark);
        }
        if scene.is_paused {
            explain(brush, canvas, scene, marks);
        }
    }
}

/// Says of each letter what can be said while time stands still.
fn explain(brush: &Brush, canvas: &Canvas, scene: &Scene, marks: &[Mark]) {
    let group = |mark: &Mark| {
        let of_it = |(each, _): &&(MessageId, String)| Some(*each) == mark.message;
        scene.groups.iter().find(of_it).map(|(_, group)| group.as_str())
    };
    let told = || {
        marks.iter().filter(|mark| {
            mark.heading.is_some() || mark.ends_in.is_some() || group(mark).is_some()
        })
    };
    if told().count() <= EXPLAINED_MAX {
        told().for_each(|mark| brush.explain(canvas, mark, group(mark)));
    }
}
