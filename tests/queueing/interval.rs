//! A confidence interval from independent means.

/// Independent runs of one model at one load.
pub(crate) const REPLICATIONS: usize = 20;

/// Student's distribution with 19 degrees of freedom: 99 % lie within so many deviations.
const STUDENT_99: f64 = 2.860_9;

/// Where the truth is expected, with 99 % confidence.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Interval {
    pub(crate) mean: f64,
    /// From the middle to either end.
    pub(crate) half: f64,
}

impl Interval {
    pub(crate) fn of(means: &[f64; REPLICATIONS]) -> Self {
        let count = REPLICATIONS as f64;
        let mean = means.iter().sum::<f64>() / count;
        let squares: f64 = means.iter().map(|value| (value - mean).powi(2)).sum();
        let half = STUDENT_99 * (squares / (count - 1.0) / count).sqrt();
        Self { mean, half }
    }

    pub(crate) fn holds(&self, value: f64) -> bool {
        (value - self.mean).abs() <= self.half
    }
}

#[test]
fn an_interval_is_as_wide_as_student_says() {
    let mut means = [9.0; REPLICATIONS];
    means[..10].fill(11.0);
    let interval = Interval::of(&means);
    // The deviation is √(20 / 19), that of the mean √(1 / 19).
    assert!((interval.mean - 10.0).abs() < 1e-12);
    assert!((interval.half - STUDENT_99 / 19_f64.sqrt()).abs() < 1e-12);
    assert!(interval.holds(10.6) && !interval.holds(10.7) && !interval.holds(9.3));
}
