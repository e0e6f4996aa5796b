//! Wherever the reader goes in time, what is shown is what the events come to.

use postroom_core::{Timestamp, mix};
use postroom_simulator::{Arrivals, BranchId, RunUpdate};

use super::Notes;
use crate::{
    player::Order,
    run::{Change, Fold, Folded, Memory, View},
    sandbox::{templates::template, text::open},
    scenes::Scene,
    stage::Mode,
};

const SECONDS: u64 = 20;

#[test]
fn after_any_seek_all_stands_as_if_folded_from_the_beginning() {
    let mut watcher = Watcher::new("notifications");
    let arrivals = Arrivals::Poisson { per_minute: 6_000 };
    let producer = watcher.scene.layout.sources[0].name.clone();
    let provider = watcher.scene.session.modes()[0].0.clone();
    watcher.go(Order::Change(Change::SetRate { producer, arrivals, words: "faster" }));
    watcher.go(Order::Advance(second(SECONDS)));
    for visit in 0..50 {
        let ms = mix(visit) % (SECONDS * 1_000);
        watcher.go(Order::Seek(Timestamp::from_millis(ms)));
        match visit % 10 {
            3 => {
                let mode = if visit % 20 == 3 { Mode::Hang } else { Mode::Ok };
                watcher.go(Order::Change(Change::SetMode { provider: provider.clone(), mode }));
                watcher.go(Order::Advance(second(SECONDS)));
            }
            7 => watcher.go(Order::Switch(BranchId::new(mix(visit) as u32 % watcher.branches))),
            _ => {}
        }
        watcher.check(visit);
    }
    assert!(watcher.branches > 4);
    assert!(watcher.began_midway > 20, "most went on from a place that was kept");
}

/// All that a page knows, of one run.
struct Watcher {
    scene: Scene,
    view: View,
    notes: Notes,
    memory: Memory<(Folded, <Notes as Fold>::Kept)>,
    branches: u32,
    began_midway: u32,
}

impl Watcher {
    fn new(id: &str) -> Self {
        let mut scene = open(template(id).expect("it is there").document).expect("it is one").scene;
        let view = View::new(scene.layout.clone(), Vec::new());
        let update = scene.session.replay();
        let (notes, memory) = (Notes::default(), Memory::default());
        let mut watcher = Self { scene, view, notes, memory, branches: 1, began_midway: 0 };
        watcher.take(&update);
        watcher
    }

    fn go(&mut self, order: Order) {
        let order = self.memory.order(order);
        for update in self.scene.session.carry_out(order, &|| 0.0) {
            self.take(&update);
        }
    }

    fn take(&mut self, update: &RunUpdate) {
        assert_eq!(update.refused, None);
        self.notes.marks.turn_to(update);
        self.memory.take(update, &mut (&mut self.view, &mut self.notes));
        self.branches = update.branches.len() as u32;
        self.began_midway += u32::from(update.missed > 0);
    }

    /// Compares with somebody who sees the branch for the first time.
    fn check(&mut self, visit: u64) {
        let message = self.scene.session.latest(1)[0].event.message();
        self.view.look_back(message, &*self.scene.session);
        let all = self.scene.session.replay();
        assert_eq!(all.missed, 0);
        let mut view = View::new(self.scene.layout.clone(), Vec::new());
        let mut notes = Notes::default();
        view.apply(&all.batch.events, true);
        notes.apply(&all.batch.events, true);
        view.look_back(message, &*self.scene.session);

        assert!(self.view.keep() == view.keep(), "visit {visit}: picture, ages or guide");
        let (log, its_log) = (self.view.log.0.borrow(), view.log.0.borrow());
        assert!(log.newest_first().eq(its_log.newest_first()), "visit {visit}: log");
        if let Some(message) = message {
            assert_eq!(self.view.path_of(message), view.path_of(message), "visit {visit}");
        }
        let ((_, minute, tally), (_, its_minute, its_tally)) = (self.notes.keep(), notes.keep());
        assert!(minute == its_minute, "visit {visit}: charts");
        assert!(tally == its_tally, "visit {visit}: numbers");
        let now = all.now_us.as_micros() / 1_000_000;
        let seconds = |notes: &Notes| -> Vec<_> {
            let dead = notes.marks.seconds().filter(|(_, mark)| mark.dead || mark.alarm);
            dead.map(|(second, _)| second).filter(|second| *second <= now).collect()
        };
        assert_eq!(seconds(&self.notes), seconds(&notes), "visit {visit}: marks");
    }
}

fn second(second: u64) -> Timestamp {
    Timestamp::from_millis(second * 1_000)
}
