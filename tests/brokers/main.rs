//! The cases of the conformance suite on a real nats-server and a real RabbitMQ: what the suite
//! says of them is true.
//!
//! Both servers start for the test alone and end with it. A lease lasts two seconds here, and all
//! cases are played at once.

mod nats;
mod nats_wire;
mod post_room;
mod rabbit;
mod servers;

use std::time::{Duration, Instant};

use postroom_core::Span;
use postroom_tests::conformance::{
    Backend, Case, ROOMS, Table, Time, Verdict, cases, missing, run,
};
use tokio::task::JoinSet;

use self::{
    nats::JetStream,
    rabbit::Rabbit,
    servers::{NatsServer, RabbitServer},
};

/// What one lease is in real time.
const LEASE: Span = Span::from_secs(2);

/// So many cases must have been played on each server, or the suite proves nothing.
const PASSED_MIN: u32 = 20;

#[tokio::test(flavor = "multi_thread")]
async fn the_cases_hold_on_real_servers() {
    let started = now();
    let (nats, rabbit) = tokio::join!(NatsServer::start(), RabbitServer::start());
    let up = started.elapsed();
    let version = rabbit.version();
    let major_version = version.split('.').next().and_then(|major| major.parse().ok());
    let major_version = major_version.unwrap_or_else(|| panic!("RabbitMQ {version}"));
    let (mut table, mut plays) = (Table::default(), JoinSet::new());
    let all = ROOMS.iter().flat_map(|(room, _)| cases(room));
    for (number, case) in all.enumerate() {
        let lacking = missing(&case, nats::offers);
        if lacking.is_empty() {
            let (port, case) = (nats.port, case.clone());
            plays.spawn_blocking(move || play(case, |_| JetStream::connect(port, number)));
        } else {
            table.count(nats::NAME, &case, &Verdict::NotOffered(lacking));
        }
        let classic = rabbit::is_classic(&case);
        let lacking = missing(&case, |need| rabbit::offers(major_version, classic, need));
        if lacking.is_empty() {
            let at = (rabbit.port, major_version);
            plays.spawn_blocking(move || play(case, |case| Rabbit::connect(at, number, case)));
        } else {
            table.count(rabbit::NAME, &case, &Verdict::NotOffered(lacking));
        }
    }
    while let Some(played) = plays.join_next().await {
        let (backend, case, verdict) = played.expect("a case does not panic");
        table.count(backend, &case, &verdict);
    }
    println!("nats-server {}, RabbitMQ {version}", nats.version);
    println!("started in {up:.1?}, all in {:.1?}\n{table}", started.elapsed());
    assert!(table.failures().is_empty(), "\n{}\n", table.failures().join("\n\n"));
    for backend in [nats::NAME, rabbit::NAME] {
        let passed = table.passed(backend);
        assert!(passed >= PASSED_MIN, "{backend} played {passed} cases");
    }
}

fn play<B: Backend>(case: Case, connect: impl FnOnce(&Case) -> B) -> (&'static str, Case, Verdict) {
    let mut backend = connect(&case);
    let verdict = run(&case, &mut backend);
    (backend.name(), case, verdict)
}

/// What a case's time is in the real one.
fn real(time: Time) -> Duration {
    Duration::from_micros(time.of_lease(LEASE).as_micros())
}

#[expect(clippy::disallowed_methods, reason = "real servers take real time")]
fn now() -> Instant {
    Instant::now()
}
