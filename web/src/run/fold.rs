//! What is folded from a run's events, and can be gone back to.

use postroom_core::Recorded;

/// Something that a run's events come to, one after the other.
pub trait Fold {
    /// How it stands at some place of the run.
    type Kept: 'static;

    /// Takes in the next events. They are news, or what led to where somebody goes in time.
    fn apply(&mut self, events: &[Recorded], are_news: bool);

    /// Stands from now on as it stood when that was kept; as before the first event if nothing was.
    fn go_to(&mut self, kept: Option<&Self::Kept>);

    /// How it stands.
    fn keep(&self) -> Self::Kept;

    /// About how many bytes it takes to keep that.
    fn bytes(&self) -> u64;
}

impl Fold for () {
    type Kept = ();

    fn apply(&mut self, _: &[Recorded], _: bool) {}

    fn go_to(&mut self, _: Option<&()>) {}

    fn keep(&self) {}

    fn bytes(&self) -> u64 {
        0
    }
}

/// Two of the same run.
impl<A: Fold, B: Fold> Fold for (&mut A, &mut B) {
    type Kept = (A::Kept, B::Kept);

    fn apply(&mut self, events: &[Recorded], are_news: bool) {
        self.0.apply(events, are_news);
        self.1.apply(events, are_news);
    }

    fn go_to(&mut self, kept: Option<&Self::Kept>) {
        self.0.go_to(kept.map(|(a, _)| a));
        self.1.go_to(kept.map(|(_, b)| b));
    }

    fn keep(&self) -> Self::Kept {
        (self.0.keep(), self.1.keep())
    }

    fn bytes(&self) -> u64 {
        self.0.bytes() + self.1.bytes()
    }
}
