//! M/M/1 in NeXosim: a source and a server, on one thread.
//!
//! Says its version, then for each line with a number of customers: the nanoseconds of processor
//! time that each took, and the mean wait in milliseconds.

use std::{
    collections::VecDeque,
    io::BufRead,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use cpu_time::ProcessTime;
use nexosim::{
    model::{Context, Model, schedulable},
    ports::Output,
    simulation::{Mailbox, SimInit},
    time::MonotonicTime,
};
use serde::{Deserialize, Serialize};

const SERVICE_SECS: f64 = 0.1;
const LOAD: f64 = 0.8;

type Failure = Box<dyn std::error::Error>;

/// Exponential draws: SplitMix64 and a logarithm.
#[derive(Serialize, Deserialize)]
struct Draws(u64);

impl Draws {
    fn next(&mut self, mean_secs: f64) -> Duration {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        let uniform = (((z ^ (z >> 31)) >> 11) + 1) as f64 / (1_u64 << 53) as f64;
        // Nothing can be scheduled for the present.
        Duration::from_secs_f64(-uniform.ln() * mean_secs).max(Duration::from_nanos(1))
    }
}

#[derive(Serialize, Deserialize)]
struct Source {
    arrivals: Output<()>,
    left: u64,
    gaps: Draws,
}

#[Model]
impl Source {
    #[nexosim(init)]
    async fn init(&mut self, cx: &Context<Self>) {
        self.schedule(cx);
    }

    #[nexosim(schedulable)]
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.arrivals.send(()).await;
        self.schedule(cx);
    }

    fn schedule(&mut self, cx: &Context<Self>) {
        if self.left > 0 {
            self.left -= 1;
            let gap = self.gaps.next(SERVICE_SECS / LOAD);
            cx.schedule_event(gap, schedulable!(Self::arrive), ()).expect("it is in the future");
        }
    }
}

#[derive(Serialize, Deserialize)]
struct Server {
    waiting: VecDeque<MonotonicTime>,
    is_busy: bool,
    services: Draws,
    #[serde(skip)]
    wait_nanos: Arc<AtomicU64>,
}

#[Model]
impl Server {
    async fn arrive(&mut self, _: (), cx: &Context<Self>) {
        self.waiting.push_back(cx.time());
        if !self.is_busy {
            self.serve(cx);
        }
    }

    #[nexosim(schedulable)]
    async fn done(&mut self, _: (), cx: &Context<Self>) {
        self.is_busy = false;
        self.serve(cx);
    }

    fn serve(&mut self, cx: &Context<Self>) {
        let Some(since) = self.waiting.pop_front() else { return };
        self.is_busy = true;
        let waited = cx.time().duration_since(since).as_nanos() as u64;
        self.wait_nanos.fetch_add(waited, Ordering::Relaxed);
        let service = self.services.next(SERVICE_SECS);
        cx.schedule_event(service, schedulable!(Self::done), ()).expect("it is in the future");
    }
}

fn run(customers: u64, seed: u64) -> Result<f64, Failure> {
    let wait_nanos = Arc::new(AtomicU64::new(0));
    let mut source =
        Source { arrivals: Output::default(), left: customers, gaps: Draws(seed << 32) };
    let server = Server {
        waiting: VecDeque::new(),
        is_busy: false,
        services: Draws((seed << 32) + (1 << 31)),
        wait_nanos: wait_nanos.clone(),
    };
    let (source_box, server_box) = (Mailbox::new(), Mailbox::new());
    source.arrivals.connect(Server::arrive, &server_box);
    let mut simulation = SimInit::with_num_threads(1)
        .add_model(source, source_box, "source")
        .add_model(server, server_box, "server")
        .init(MonotonicTime::EPOCH)?;
    simulation.run()?;
    Ok(wait_nanos.load(Ordering::Relaxed) as f64 / 1e6 / customers as f64)
}

fn main() -> Result<(), Failure> {
    println!("1.0.0");
    for (seed, line) in (0..).zip(std::io::stdin().lock().lines()) {
        let customers: u64 = line?.trim().parse()?;
        let start = ProcessTime::now();
        let wait_ms = run(customers, seed)?;
        println!("{} {wait_ms}", start.elapsed().as_nanos() as f64 / customers as f64);
    }
    Ok(())
}
