//! The programs that the sandbox writes, built with this test and run by it.

use std::error::Error;

type Main = fn() -> Result<(), Box<dyn Error>>;

/// A module for each of these programs, and all their names with what each runs.
macro_rules! programs {
    ($($name:ident)*) => {
        $(#[allow(
            clippy::disallowed_methods,
            clippy::too_many_lines,
            reason = "a program of the reader's: it is the host, with a clock"
        )]
        mod $name {
            include!(concat!(stringify!($name), ".rs"));

            pub(super) const MAIN: super::Main = main;
        })*
        const PROGRAMS: &[(&str, Main)] = &[$((stringify!($name), $name::MAIN)),*];
    };
}

programs! {
    work_queue queue_and_topic fan_out sns_to_sqs retry_ladder in_order notifications down_for_an_hour video
    uploads outbox checkout every_setting
}

#[test]
fn each_runs_to_its_end() {
    for (name, main) in PROGRAMS {
        main().unwrap_or_else(|error| panic!("{name}: {error}"));
    }
}
