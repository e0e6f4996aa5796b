//! Everything that is folded from a run's events, taken in together.

use std::{cell::RefCell, rc::Rc};

use postroom_simulator::RunUpdate;

use crate::{
    panels::{Ages, Announcer, Guide, Log, Names, Paths, Step},
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
    pub log: Log,
    /// The paths of messages.
    pub paths: Paths,
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
            log: Log::default(),
            paths: Paths::default(),
            ages: Ages::default(),
            guide: Guide::new(steps),
            announcer: Announcer::default(),
        }
    }

    /// Takes in what the run says.
    pub fn take(&mut self, update: &RunUpdate) {
        let mut picture = self.picture.0.borrow_mut();
        if update.reset {
            picture.clear();
            self.log.clear();
            self.paths.clear();
            self.ages.clear();
            self.guide.clear();
            self.announcer.clear();
        }
        for recorded in &update.batch.events {
            picture.apply(recorded);
            self.log.apply(recorded);
            self.paths.apply(recorded);
            self.ages.apply(recorded);
            self.guide.apply(recorded);
            if !update.reset {
                self.announcer.apply(recorded);
            }
        }
    }
}
