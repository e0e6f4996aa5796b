//! Every bound of the simulator, in one place.

/// The version of scenario documents that this release writes and reads.
pub const SCENARIO_VERSION: u32 = 1;
/// Bytes in the text of a scenario.
pub const SCENARIO_BYTES_MAX: usize = 1 << 20;
/// Queues, topics, consumers, producers, callers and services in one scenario, all together.
pub const NODES_MAX: usize = 200;
/// Copies in all queues of a world, dead letters included. While there are so many, what a producer
/// sends does not reach the system and counts as refused; see
/// [`World::turned_away`](crate::World::turned_away).
pub const LIVE_MESSAGES_MAX: u64 = 100_000;
/// Producers in one scenario.
pub const PRODUCERS_MAX: usize = NODES_MAX;
/// Providers in one scenario: one for each consumer.
pub const PROVIDERS_MAX: usize = NODES_MAX;
/// Faults in one scenario.
pub const FAULTS_MAX: usize = 1_000;
/// Characters of a document, or of what a reader says of it, that an error quotes.
pub const ERROR_CHARS_MAX: usize = 400;
/// Goals in one scenario.
pub const GOALS_MAX: usize = 100;
/// Conditions in all the goals of one scenario.
pub const CONDITIONS_MAX: usize = 1_000;
/// Conditions inside each other in one goal.
pub const CONDITION_DEPTH_MAX: usize = 8;
/// Bytes in the name of a scenario, producer, provider or goal.
pub const NAME_BYTES_MAX: usize = 80;
/// Messages a minute from one producer: 100,000 a second.
pub const PER_MINUTE_MAX: u32 = 6_000_000;
/// Messages in one burst.
pub const BURST_MAX: u32 = 100_000;
/// Moments in one producer's recorded arrivals.
pub const RECORDED_MAX: usize = 100_000;
/// Messages that a service publishes for each that it has worked on.
pub const EMISSIONS_MAX: usize = 16;
/// Scalers in one scenario: one for each provider.
pub const SCALERS_MAX: usize = PROVIDERS_MAX;
/// Messages for each worker, for which a scaler scales.
pub const PER_WORKER_MAX: u64 = 1_000_000;
/// Parts whose places in the picture a scenario keeps.
pub const PLACES_MAX: usize = NODES_MAX;
/// Pixels of a part's place from the left, or from the top.
pub const PLACE_MAX: u32 = 10_000;
/// Pixels of the width of a picture whose parts were moved by hand, at least.
pub const DRAWING_WIDTH_MIN: u32 = 200;
/// Pixels of the width of a picture whose parts were moved by hand, at most.
pub const DRAWING_WIDTH_MAX: u32 = 4_000;
/// Milliseconds from a scaler's look to the next, at least.
pub const SCALE_EVERY_MS_MIN: u64 = 100;
/// Callers in one scenario.
pub const CALLERS_MAX: usize = NODES_MAX;
/// Services that are called directly, in one scenario.
pub const SERVICES_MAX: usize = NODES_MAX;
/// Services that one request calls.
pub const CHAIN_MAX: usize = 16;
/// Requests that a caller makes, or a service works on, at once.
pub const AT_ONCE_MAX: u32 = 10_000;
/// Calls that wait in line for a service; what comes on top fails.
pub const LINE_MAX: usize = 100_000;
/// Messages that one producer waits to send again; what comes on top is given up.
pub const RETRIES_MAX: usize = 100_000;
/// The longest span in a scenario, in milliseconds: a day.
pub const SPAN_MS_MAX: u64 = 24 * 60 * 60 * 1_000;
/// Messages that one provider remembers to have taken; beyond it they are only counted together.
pub const TAKEN_MAX: u64 = 1_000_000;
/// Seeds that the command `postroom-sim` asks at once.
pub const SEEDS_MAX: u64 = 1_000_000;
/// Lost copies that goals remember, in case a provider takes one after all; one beyond them stays
/// lost.
pub const UNTAKEN_MAX: usize = 100_000;
/// Ticks in a row that may leave a machine's deadline where it is before it counts as stuck.
pub const TICKS_IN_A_ROW_MAX: u32 = 1_000;
/// Events that a trace keeps; later ones are only counted.
pub const TRACE_EVENTS_MAX: usize = 1_000_000;
/// Events that one branch of a run keeps for those who watch; the oldest are dropped first.
pub const HISTORY_EVENTS_MAX: u64 = 1_000_000;
/// Interventions in one branch of a run.
pub const INPUTS_MAX: usize = 10_000;
/// Branches of one run; the one that was left longest ago is dropped for a new one.
pub const BRANCHES_MAX: usize = 16;
/// Bytes, as estimated, of all the snapshots that a run keeps. A page that keeps how its picture
/// stood has 24 MiB left of 64.
pub const SNAPSHOT_BYTES_MAX: u64 = 40 << 20;
/// Snapshots of the current branch of a run.
pub const SNAPSHOTS_MAX: usize = 192;
/// Snapshots of every other branch of a run.
pub const SNAPSHOTS_ASIDE_MAX: usize = 8;
/// Steps from one snapshot to the next, at least.
pub const SNAPSHOT_STEPS: u64 = 2_048;
/// Keys that one producer draws from.
pub const KEYS_MAX: u32 = 1_000_000;
/// Bytes in the body of a produced message.
pub const MESSAGE_BYTES_MAX: u32 = 64 << 10;
/// Entries in the list that priorities are drawn from.
pub const PRIORITIES_MAX: usize = 100;
