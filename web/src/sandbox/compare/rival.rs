//! The run beside the one that is played: it follows that one's time, and nothing else.

use postroom_core::{Recorded, Timestamp};
use postroom_simulator::RunUpdate;

use super::{Tally, tally::Figures};
use crate::{
    player::Order,
    run::{Folded, Memory, PLACE_EVENTS, SLICE_MS, Session, View},
    stage::Painter,
};

/// A run that follows another's time, and what is known of it.
pub struct Rival {
    session: Box<dyn Session>,
    /// What its events say.
    pub view: View,
    /// Draws its letters.
    pub painter: Painter,
    tally: Tally,
    /// How both stood before.
    memory: Memory<(Folded, Tally)>,
    /// What happened before it was watched, as far as it has not been taken in.
    untold: std::vec::IntoIter<Recorded>,
    now: Timestamp,
    end: Timestamp,
    has_arrived: bool,
}

impl Rival {
    /// A run of which nothing has been seen yet.
    #[must_use]
    pub fn new(mut session: Box<dyn Session>) -> Self {
        let view = View::new(session.layout(), Vec::new());
        let mut first = session.replay();
        let untold = std::mem::take(&mut first.batch.events).into_iter();
        let mut rival = Self {
            session,
            view,
            painter: Painter::new(),
            tally: Tally::default(),
            memory: Memory::default(),
            untold,
            now: Timestamp::ZERO,
            end: Timestamp::ZERO,
            has_arrived: false,
        };
        rival.take(&first);
        rival
    }

    /// Goes to this time, back or forth, for at most a slice where it has never been or has not been
    /// watched. Whether it has further to go.
    pub fn follow(&mut self, to: Timestamp, clock: &dyn Fn() -> f64) -> bool {
        if self.catch_up(clock) {
            return true;
        }
        if to == self.now && self.has_arrived {
            return false;
        }
        let is_known = to < self.now || to <= self.end;
        let order = if is_known { Order::Seek(to) } else { Order::Advance(to) };
        for update in self.session.carry_out(self.memory.order(order), clock) {
            self.take(&update);
        }
        self.has_arrived = self.now == to;
        !self.has_arrived
    }

    /// The run behind it.
    #[must_use]
    pub fn session(&self) -> &dyn Session {
        &*self.session
    }

    /// Its time.
    #[must_use]
    pub fn now(&self) -> Timestamp {
        self.now
    }

    /// Its numbers.
    #[must_use]
    pub fn figures(&self) -> Figures {
        let picture = self.view.picture.0.borrow();
        self.tally.figures(picture.layout(), &self.view.ages, self.now)
    }

    /// Takes in what happened before it was watched, for at most a slice; whether there is more.
    fn catch_up(&mut self, clock: &dyn Fn() -> f64) -> bool {
        let end_ms = clock() + SLICE_MS;
        while self.untold.len() > 0 {
            let events: Vec<_> = self.untold.by_ref().take(PLACE_EVENTS as usize).collect();
            self.memory.take_in(&events, true, &mut (&mut self.view, &mut self.tally));
            if clock() >= end_ms {
                return true;
            }
        }
        self.untold = Vec::new().into_iter();
        false
    }

    fn take(&mut self, update: &RunUpdate) {
        self.memory.take(update, &mut (&mut self.view, &mut self.tally));
        (self.now, self.end) = (update.now_us, update.end_us);
    }
}

#[cfg(test)]
mod tests {
    use postroom_simulator::BranchId;

    use super::*;
    use crate::{
        run::Change,
        sandbox::{templates::template, text::open},
        scenes::Scene,
        stage::Mode,
    };

    #[test]
    fn a_future_beside_is_the_run_that_was_left() {
        let mut scene = scene("work-queue");
        let mut go = |order| drop(scene.session.carry_out(order, &still));
        go(Order::Advance(seconds(30)));
        let left = scene.session.fingerprint();
        let mut go = |order| drop(scene.session.carry_out(order, &still));
        go(Order::Seek(seconds(10)));
        go(Order::Change(Change::SetMode { provider: "worker 1".into(), mode: Mode::Fail }));
        go(Order::Advance(seconds(40)));

        let mut rival = Rival::new(scene.session.apart(BranchId::new(0)).expect("it is kept"));
        assert_eq!(rival.session().fingerprint(), left);
        while rival.follow(seconds(40), &still) {}
        assert_eq!(rival.now(), seconds(40), "beyond where it was left");
        assert!(!rival.follow(seconds(30), &still));
        assert_eq!(rival.session().fingerprint(), left, "back again");
        assert!(scene.session.apart(BranchId::new(9)).is_none());
    }

    #[test]
    fn it_follows_in_slices_and_counts_the_same_every_time() {
        let mut rival = Rival::new(scene("notifications").session);
        let clock = std::cell::Cell::new(0.0);
        // Every look at the clock finds a slice over.
        let busy = || {
            clock.set(clock.get() + 10.0);
            clock.get()
        };
        let mut slices = 1;
        while rival.follow(seconds(60), &busy) {
            slices += 1;
        }
        assert!(slices > 3, "{slices}");
        let there = rival.figures();
        assert!(there.published > 0 && there.handled > 0, "{there:?}");
        rival.follow(seconds(20), &still);
        assert_ne!(rival.figures(), there);
        rival.follow(seconds(60), &still);
        assert_eq!(rival.figures(), there);
    }

    fn scene(id: &str) -> Scene {
        open(template(id).expect("it is there").document).expect("it can be read").scene
    }

    fn still() -> f64 {
        0.0
    }

    fn seconds(seconds: u64) -> Timestamp {
        Timestamp::from_millis(seconds * 1_000)
    }
}
