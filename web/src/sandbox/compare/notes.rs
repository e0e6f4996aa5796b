//! What the bench keeps of its run, and the run beside it.

use postroom_core::{Recorded, Timestamp};
use postroom_simulator::BranchId;
use yew::prelude::*;

use super::{
    Kept, Rival, Tally,
    draw::{comparison, future, settings, stages},
};
use crate::{
    app::{Scenery, Shown},
    player::Player,
    run::{Fold, Session},
    sandbox::{charts::LastMinute, faults::FaultWatch, marks::Marks},
    scenes,
};

/// What the bench keeps.
#[derive(Default)]
pub struct Notes {
    /// What is worth going back to.
    pub(in crate::sandbox) marks: Marks,
    /// What its queues did lately.
    pub(in crate::sandbox) minute: LastMinute,
    /// Which faults begin and end.
    pub(in crate::sandbox) faults: FaultWatch,
    tally: Tally,
    rival: Option<(Versus, Rival)>,
}

/// What stands beside the run.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Versus {
    /// Another future of it.
    Future(BranchId),
    /// The scenario that was kept as A.
    Kept,
}

impl Notes {
    /// Brings in the run that the reader wants beside this one, and lets it follow; whether it has
    /// further to go.
    pub(in crate::sandbox) fn follow(
        &mut self,
        session: &dyn Session,
        player: &Player,
        kept: Option<&Kept>,
        clock: &dyn Fn() -> f64,
    ) -> bool {
        let wanted = player.compared.map(Versus::Future);
        let wanted = wanted.or_else(|| kept.is_some_and(Kept::differs).then_some(Versus::Kept));
        if self.rival.as_ref().map(|(versus, _)| *versus) != wanted {
            let other = wanted.and_then(|versus| Some((versus, begin(versus, session, kept)?)));
            self.rival = other.map(|(versus, session)| (versus, Rival::new(session)));
        }
        match &mut self.rival {
            Some((_, rival)) => rival.follow(player.now, clock),
            None => false,
        }
    }

    /// The pictures.
    pub(in crate::sandbox) fn stages(&self, played: Html, scenery: &Scenery<'_>) -> Html {
        let beside = self.rival.as_ref().map(|(versus, rival)| {
            let (names, is_first) = names(*versus, scenery.player);
            (rival, names, is_first)
        });
        stages(played, beside, scenery)
    }

    /// The numbers of both runs; nothing while there is only one.
    pub(in crate::sandbox) fn comparison(
        &self,
        shown: &Shown,
        player: &Player,
        kept: Option<&Kept>,
    ) -> Html {
        let Some((versus, rival)) = &self.rival else { return Html::default() };
        let apart = match (versus, kept) {
            (Versus::Kept, Some(kept)) => settings(kept.differences()),
            _ => Html::default(),
        };
        let (mut names, is_first) = names(*versus, player);
        let mut sides = [self.figures(shown, player.now), rival.figures()];
        if is_first {
            names.reverse();
            sides.reverse();
        }
        comparison(&names, &sides, apart)
    }

    fn figures(&self, shown: &Shown, now: Timestamp) -> super::tally::Figures {
        let picture = shown.view.picture.0.borrow();
        self.tally.figures(picture.layout(), &shown.view.ages, now)
    }
}

impl Fold for Notes {
    type Kept = (Marks, LastMinute, Tally);

    fn apply(&mut self, events: &[Recorded], are_news: bool) {
        self.marks.apply(events);
        self.minute.apply(events);
        self.tally.apply(events, are_news);
    }

    fn go_to(&mut self, kept: Option<&Self::Kept>) {
        if let Some((marks, ..)) = kept {
            self.marks.go_to(marks);
        }
        self.minute = kept.map(|(_, minute, _)| minute.clone()).unwrap_or_default();
        self.tally.go_to(kept.map(|(.., tally)| tally));
    }

    fn keep(&self) -> Self::Kept {
        (self.marks.clone(), self.minute.clone(), self.tally.clone())
    }

    fn bytes(&self) -> u64 {
        self.marks.bytes() + self.minute.bytes(self.tally.queues()) + self.tally.bytes()
    }
}

fn begin(versus: Versus, session: &dyn Session, kept: Option<&Kept>) -> Option<Box<dyn Session>> {
    match versus {
        Versus::Future(branch) => session.apart(branch),
        Versus::Kept => Some(scenes::of_topology(kept?.scenario()).ok()?.session),
    }
}

/// What the run and the one beside it are called, and whether the one beside comes first.
fn names(versus: Versus, player: &Player) -> ([String; 2], bool) {
    match versus {
        Versus::Future(branch) => {
            let names = [player.branch, branch].map(|each| future(player, each));
            (names, branch < player.branch)
        }
        Versus::Kept => (["B".to_owned(), "A".to_owned()], true),
    }
}
