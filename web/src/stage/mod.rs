//! The stage: the parts as real elements, the messages on one canvas above them.

use std::{cell::RefCell, rc::Rc};

use postroom_core::{MessageId, QueueId, Timestamp, TopicId};
use yew::prelude::*;

use crate::picture::Picture;

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

/// Draws the moving messages: the frame loop calls [`Painter::frame`] once per animation frame.
///
/// Cheap to clone; all clones are one. Before the stage stands on the page it does nothing.
#[derive(Clone, Debug, Default)]
pub struct Painter(Rc<RefCell<()>>);

impl PartialEq for Painter {
    fn eq(&self, other: &Self) -> bool {
        Rc::ptr_eq(&self.0, &other.0)
    }
}

impl Painter {
    /// A painter without a canvas.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Draws the messages as they are at virtual time `now`. Does nothing if nothing changed.
    pub fn frame(&self, _now: Timestamp) {}

    /// Reads the colours again: call it when the theme changes.
    pub fn retheme(&self) {}
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
    /// How each provider behaves, by name; `Ok` where absent.
    #[prop_or_default]
    pub modes: Vec<(String, Mode)>,
    /// What is selected.
    #[prop_or_default]
    pub selected: Option<Selection>,
    /// The reader selected something.
    #[prop_or_default]
    pub on_select: Callback<Selection>,
    /// The reader did something.
    #[prop_or_default]
    pub on_action: Callback<StageAction>,
}

/// The stage.
#[component]
pub fn Stage(_props: &StageProps) -> Html {
    html! { <section class="stage" aria-label="The post room"></section> }
}
