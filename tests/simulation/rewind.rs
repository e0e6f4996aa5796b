//! Going back and forth changes nothing: a past that is visited again is the one that was.

use postroom_notification::{Channel, NotificationCommand};
use postroom_simulator::{Intervention, Run};
use postroom_tests::storm::{Dice, STORM_SECS, storm};

use crate::scene::secs;

#[test]
fn a_storm_that_is_replayed_is_the_same_storm() {
    for seed in 0..20 {
        let mut run = Run::new(storm(seed)).unwrap();
        let digests = |run: &Run<_>| (run.world().digest(), run.world().trace_digest());
        let mut known = Vec::new();
        for second in (10..=STORM_SECS).step_by(10) {
            run.advance_to(secs(second));
            known.push((second, digests(&run)));
            let channel = Channel::ALL[(second / 10 % 3) as usize];
            let redrive = NotificationCommand::Redrive { channel, max: 20, per_second: None };
            run.intervene(Intervention::Command(redrive)).unwrap();
        }
        let end = digests(&run);
        for turn in 0..10 {
            // What was intervened at that second has been done when it is visited again: so the
            // visit is to the moment before.
            let (second, digest) = Dice::new(seed).pick(&known, &[turn]);
            run.seek(secs(second - 5));
            run.seek(secs(second - 4));
            let mut copy = run.world().clone();
            copy.run_until(secs(second), &mut ());
            let found = (copy.digest(), copy.trace_digest());
            assert_eq!(found, digest, "seed {seed}: at {second} s, after seeking back");
        }
        run.seek(run.end());
        assert_eq!(digests(&run), end, "seed {seed}: at the end, after seeking to and fro");
    }
}

#[test]
fn another_future_leaves_the_first_as_it_was() {
    for seed in 0..10 {
        let mut run = Run::new(storm(seed)).unwrap();
        run.advance_to(secs(60));
        let (first, end) = (run.branch(), run.world().digest());
        run.seek(secs(20));
        let channel = Channel::Sms;
        let redrive = NotificationCommand::Redrive { channel, max: 20, per_second: None };
        run.intervene(Intervention::Command(redrive)).unwrap();
        assert_ne!(run.branch(), first, "seed {seed}");
        run.advance_to(secs(60));
        run.switch(first).unwrap();
        assert_eq!(run.world().digest(), end, "seed {seed}: the first future");
    }
}
