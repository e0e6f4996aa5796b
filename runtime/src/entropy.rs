//! The one real source of randomness.

use postroom_core::Entropy;

/// Entropy for one command after the other, spread from one seed.
#[derive(Debug)]
pub(crate) struct EntropyStream {
    seed: Entropy,
    drawn: u64,
}

impl EntropyStream {
    pub(crate) fn new(seed: u64) -> Self {
        Self { seed: Entropy::new(seed), drawn: 0 }
    }

    /// Seeded by the operating system.
    pub(crate) fn from_system() -> Result<Self, getrandom::Error> {
        getrandom::u64().map(Self::new)
    }

    pub(crate) fn next(&mut self) -> Entropy {
        self.drawn += 1;
        Entropy::new(self.seed.draw(&[self.drawn]))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_gives_one_stream() {
        let draws = |seed| {
            let mut stream = EntropyStream::new(seed);
            [stream.next(), stream.next(), stream.next()]
        };
        assert_eq!(draws(7), draws(7));
        assert_ne!(draws(7), draws(8));
        assert_ne!(draws(7)[0], draws(7)[1]);
    }

    #[test]
    fn two_starts_draw_differently() {
        let first = || EntropyStream::from_system().unwrap().next();
        assert_ne!(first(), first());
    }
}
