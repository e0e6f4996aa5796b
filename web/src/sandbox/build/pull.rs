//! A line that is pulled from the end of a part to another part.

use std::{cell::Cell, rc::Rc};

use yew::prelude::*;

use super::Part;
use crate::{
    browser::{self, Listener, Stir},
    stage::{END_MARK, PART_MARK},
};

/// A pointer that moves less than this, in pixels, was pressed and not pulled.
const PRESS_MAX: i32 = 6;

/// A line that is being pulled, in pixels of the window.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::sandbox) struct Pull {
    /// Whose end it is.
    pub(super) part: Part,
    /// Where it was taken.
    from: (i32, i32),
    /// Where the pointer is.
    pub(super) to: (i32, i32),
    /// The part that it is over.
    pub(super) over: Option<Part>,
}

/// What a pointer does with a line.
pub(in crate::sandbox) enum Pulled {
    /// It takes an end.
    From(Pull),
    /// It moves.
    To {
        /// There.
        at: (i32, i32),
        /// Over this part.
        over: Option<Part>,
    },
    /// It lets go.
    LetGo,
    /// The browser took the pointer for something else.
    Lost,
}

impl Pull {
    pub(super) fn is_a_press(&self) -> bool {
        let ((x, y), (to_x, to_y)) = (self.from, self.to);
        (x - to_x).abs().max((y - to_y).abs()) < PRESS_MAX
    }

    pub(super) fn line(&self) -> Html {
        let ((x, y), (to_x, to_y)) = (self.from, self.to);
        let middle = (x + to_x) / 2;
        let path = format!("M{x} {y}C{middle} {y} {middle} {to_y} {to_x} {to_y}");
        html! {
            <svg class="pull" aria-hidden="true">
                <path d={path} />
                <circle cx={to_x.to_string()} cy={to_y.to_string()} r="6" />
            </svg>
        }
    }
}

/// Tells what pointers do with lines, for as long as the listeners are kept.
pub(super) fn listen(on_pulled: Callback<Pulled>) -> [Option<Listener>; 5] {
    let pulling = Rc::new(Cell::new(None));
    let is_it = |pulling: &Cell<Option<i32>>, event: &PointerEvent| {
        pulling.get() == Some(event.pointer_id())
    };
    let down = {
        let (pulling, on_pulled) = (Rc::clone(&pulling), on_pulled.clone());
        browser::on_pointer(Stir::Down, move |event| {
            let mark = browser::attribute_of(&event, END_MARK).filter(|_| event.button() == 0);
            if let Some(part) = mark.and_then(|mark| Part::of_mark(&mark)) {
                pulling.set(Some(event.pointer_id()));
                let at = (event.client_x(), event.client_y());
                on_pulled.emit(Pulled::From(Pull { part, from: at, to: at, over: None }));
            }
        })
    };
    let moved = {
        let (pulling, on_pulled) = (Rc::clone(&pulling), on_pulled.clone());
        browser::on_pointer(Stir::Move, move |event| {
            if is_it(&pulling, &event) {
                let at = (event.client_x(), event.client_y());
                let mark = browser::attribute_at(at.0.into(), at.1.into(), PART_MARK);
                let over = mark.and_then(|mark| Part::of_mark(&mark));
                on_pulled.emit(Pulled::To { at, over });
            }
        })
    };
    let ends = |stir, lost: bool| {
        let (pulling, on_pulled) = (Rc::clone(&pulling), on_pulled.clone());
        browser::on_pointer(stir, move |event| {
            if is_it(&pulling, &event) {
                pulling.set(None);
                on_pulled.emit(if lost { Pulled::Lost } else { Pulled::LetGo });
            }
        })
    };
    [browser::hold_touches(END_MARK), down, moved, ends(Stir::Up, false), ends(Stir::Cancel, true)]
}
