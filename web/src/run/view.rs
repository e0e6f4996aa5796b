//! Everything that is folded from a run's events, taken in together.

use std::{cell::RefCell, rc::Rc};

use postroom_core::{MessageId, Recorded};

use super::{Fold, Session};
use crate::{
    panels::{Ages, Announcer, Guide, LOG_EVENTS_MAX, Names, Path, SharedLog, Step},
    picture::{Layout, Picture},
    stage::SharedPicture,
};

/// What the page knows of a run: folded from its events, or read in its past.
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
    /// The run went to another time or branch, and what is read in its past is still from before.
    is_elsewhere: bool,
}

/// What of a view is folded.
#[derive(Clone, Debug, PartialEq)]
pub struct Folded {
    picture: Picture,
    ages: Ages,
    guide: Guide,
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
            is_elsewhere: true,
        }
    }

    /// Reads in the run's past what is not folded: the latest events, and the path of the message
    /// that is looked at. Both go on with what the run says.
    pub fn look_back(&mut self, message: Option<MessageId>, session: &dyn Session) {
        if std::mem::take(&mut self.is_elsewhere) {
            let mut log = self.log.0.borrow_mut();
            log.clear();
            session.latest(LOG_EVENTS_MAX).iter().for_each(|recorded| log.apply(recorded));
        }
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

impl Fold for View {
    type Kept = Folded;

    fn apply(&mut self, events: &[Recorded], are_news: bool) {
        let (mut picture, mut log) = (self.picture.0.borrow_mut(), self.log.0.borrow_mut());
        for recorded in events {
            picture.apply(recorded);
            self.ages.apply(recorded);
            self.guide.apply(recorded);
            if are_news {
                self.announcer.apply(recorded);
            }
            if !self.is_elsewhere {
                log.apply(recorded);
            }
            if let Some(path) = &mut self.path {
                path.apply(recorded);
            }
        }
    }

    fn go_to(&mut self, kept: Option<&Folded>) {
        let mut picture = self.picture.0.borrow_mut();
        match kept {
            Some(Folded { picture: then, ages, guide }) => {
                picture.go_to(then);
                self.ages.clone_from(ages);
                self.guide.clone_from(guide);
            }
            None => {
                picture.clear();
                self.ages.clear();
                self.guide.clear();
            }
        }
        self.announcer.clear();
        self.path = None;
        self.is_elsewhere = true;
    }

    fn keep(&self) -> Folded {
        let picture = self.picture.0.borrow().keep();
        Folded { picture, ages: self.ages.clone(), guide: self.guide.clone() }
    }

    fn bytes(&self) -> u64 {
        self.picture.0.borrow().bytes() + self.ages.bytes()
    }
}
