//! What queueing theory says of a queue with Poisson arrivals.

use postroom_simulator::Latency;

/// A queue with so many servers, and how long they take.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Model {
    pub(crate) name: &'static str,
    pub(crate) servers: u32,
    pub(crate) service: Latency,
}

/// The models of the table.
pub(crate) const MODELS: [Model; 5] = [
    Model { name: "M/M/1", servers: 1, service: Latency::Exponential { mean: 100 } },
    Model { name: "M/M/4", servers: 4, service: Latency::Exponential { mean: 400 } },
    Model { name: "M/D/1", servers: 1, service: Latency::Fixed(100) },
    Model { name: "M/G/1 uniform", servers: 1, service: Latency::Uniform { min: 20, max: 180 } },
    Model {
        name: "M/G/1 long tail",
        servers: 1,
        service: Latency::LogNormal { median: 100, p99: 1_000 },
    },
];

/// What is expected of a model, or was measured of it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Figures {
    /// From a message's arrival until its call begins, in milliseconds.
    pub(crate) wait_ms: f64,
    /// The share of the servers that are at work.
    pub(crate) utilisation: f64,
    /// Messages that wait or are worked on.
    pub(crate) in_system: f64,
}

impl Model {
    /// Arrivals a minute for about this load.
    pub(crate) fn per_minute(&self, load: f64) -> u32 {
        (load * f64::from(self.servers) * 60_000.0 / self.mean_ms()).round() as u32
    }

    /// The load that so many arrivals a minute are.
    pub(crate) fn load(&self, per_minute: u32) -> f64 {
        f64::from(per_minute) / 60_000.0 * self.mean_ms() / f64::from(self.servers)
    }

    /// The theory at a load below 1.
    pub(crate) fn theory(&self, load: f64) -> Figures {
        let wait_ms = match (self.servers, self.service) {
            (servers, Latency::Exponential { .. }) => erlang_c(servers, load, self.mean_ms()),
            (1, _) => pollaczek_khinchine(load, self.mean_ms(), self.variation()),
            _ => panic!("there is no formula for {self:?}"),
        };
        let per_ms = load * f64::from(self.servers) / self.mean_ms();
        // Little's law.
        Figures { wait_ms, utilisation: load, in_system: per_ms * (wait_ms + self.mean_ms()) }
    }

    /// The mean service time.
    pub(crate) fn mean_ms(&self) -> f64 {
        match self.service {
            Latency::Fixed(value) => value as f64,
            Latency::Uniform { min, max } => (min + max) as f64 / 2.0,
            Latency::Exponential { mean } => mean as f64,
            Latency::LogNormal { median, .. } => median as f64 * (self.log_variance() / 2.0).exp(),
        }
    }

    /// The variance of the service time over the square of its mean.
    pub(crate) fn variation(&self) -> f64 {
        match self.service {
            Latency::Fixed(_) => 0.0,
            Latency::Uniform { min, max } => {
                ((max - min) as f64).powi(2) / 12.0 / self.mean_ms().powi(2)
            }
            Latency::Exponential { .. } => 1.0,
            Latency::LogNormal { .. } => self.log_variance().exp() - 1.0,
        }
    }

    /// Of the logarithm of a log-normal service.
    fn log_variance(&self) -> f64 {
        /// The 99th percentile of the standard normal distribution.
        const NORMAL_P99: f64 = 2.326_347_874_040_840_8;
        let Latency::LogNormal { median, p99 } = self.service else { return 0.0 };
        ((p99 as f64 / median as f64).ln() / NORMAL_P99).powi(2)
    }
}

/// The mean wait before several equal servers with exponential service times.
pub(crate) fn erlang_c(servers: u32, load: f64, mean: f64) -> f64 {
    let offered = load * f64::from(servers);
    // Erlang's formula for lost calls, server by server.
    let mut lost = 1.0;
    for server in 1..=servers {
        lost = offered * lost / (f64::from(server) + offered * lost);
    }
    let must_wait = lost / (1.0 - load * (1.0 - lost));
    must_wait * mean / (f64::from(servers) * (1.0 - load))
}

/// The mean wait before one server with any service times.
pub(crate) fn pollaczek_khinchine(load: f64, mean: f64, variation: f64) -> f64 {
    load * mean * (1.0 + variation) / (2.0 * (1.0 - load))
}

/// The formulas at values that textbooks print, and where one is the other's special case.
#[test]
fn the_formulas_are_the_textbooks() {
    let close = |found: f64, expected: f64| assert!((found - expected).abs() < 1e-9, "{found}");
    // M/M/1 at 0.8: four services. M/D/1: half of it.
    close(erlang_c(1, 0.8, 1.0), 4.0);
    close(pollaczek_khinchine(0.8, 1.0, 1.0), 4.0);
    close(pollaczek_khinchine(0.8, 1.0, 0.0), 2.0);
    // M/M/2 at 0.75: load² / (1 - load²) services.
    close(erlang_c(2, 0.75, 1.0), 0.5625 / 0.4375);
    let uniform = Model { name: "", servers: 1, service: Latency::Uniform { min: 0, max: 200 } };
    close(uniform.variation(), 1.0 / 3.0);
    close(uniform.theory(0.5).in_system, 0.5 + 0.5 * 2.0 / 3.0);
}
