//! Everything that is folded from a run's events, taken in together.

use std::{cell::RefCell, rc::Rc};

use postroom_core::{MessageId, Recorded};
use postroom_simulator::RunUpdate;

use super::Session;
use crate::{
    panels::{Ages, Announcer, Guide, Names, Path, SharedLog, Step},
    picture::{Layout, Picture},
    stage::SharedPicture,
};

/// What the page knows of a run: folded from its events, and from nothing else.
pub struct View {
    /// The picture.
    pub picture: SharedPicture,
    /// What the parts are called.
    pub names: Rc<Names>,
    /// The latest events.
    pub log: SharedLog,
    /// The path of the message that is looked at.
    path: Option<Path>,
    /// Since when copies are where they are.
    pub ages: Ages,
    /// How far the reader is.
    pub guide: Guide,
    /// What is to be said aloud.
    pub announcer: Announcer,
}

impl View {
    /// A view of a system of which nothing has been seen.
    #[must_use]
    pub fn new(layout: Layout, steps: Vec<Step>) -> Self {
        let names = Rc::new(Names::of(&layout));
        let picture = SharedPicture(Rc::new(RefCell::new(Picture::new(Rc::new(layout)))));
        Self {
            picture,
            names,
            log: SharedLog::default(),
            path: None,
            ages: Ages::default(),
            guide: Guide::new(steps),
            announcer: Announcer::default(),
        }
    }

    /// Takes in what the run says.
    pub fn take(&mut self, update: &RunUpdate) {
        let mut picture = self.picture.0.borrow_mut();
        let mut log = self.log.0.borrow_mut();
        if update.reset {
            picture.clear();
            log.clear();
            self.path = None;
            self.ages.clear();
            self.guide.clear();
            self.announcer.clear();
        }
        for recorded in &update.batch.events {
            picture.apply(recorded);
            log.apply(recorded);
            if let Some(path) = &mut self.path {
                path.apply(recorded);
            }
            self.ages.apply(recorded);
            self.guide.apply(recorded);
            if !update.reset {
                self.announcer.apply(recorded);
            }
        }
    }

    /// Looks at a message from now on, or at none: its path so far is found in the run's past, and
    /// goes on with what the run says.
    pub fn look_at(&mut self, message: Option<MessageId>, session: &dyn Session) {
        if self.path.as_ref().map(|path| path.message) != message {
            self.path = message.map(|message| {
                let is_its = |recorded: &Recorded| Path::takes(message, &recorded.event);
                Path::of(message, &session.find(&is_its))
            });
        }
    }

    /// The path of a message, if it is the one that is looked at.
    #[must_use]
    pub fn path_of(&self, message: MessageId) -> Option<&Path> {
        self.path.as_ref().filter(|path| path.message == message)
    }
}
