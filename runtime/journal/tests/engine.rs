//! The real engine, journaled: what comes back is what was there.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on has failed")]

use std::{
    fs,
    path::{Path, PathBuf},
};

use postroom_core::{
    Address, At, Call, Command, ConsumerConfig, Effect, Entropy, Hosted, Machine, NewMessage,
    Outcome, QueueConfig, QueueId, SEMANTICS_VERSION, Span, Station, StationCommand,
    StationSnapshot, Timestamp,
};
use postroom_journal::{Journal, Recovered, Room, Settings, disk::Folder, replay};

const SETTINGS: Settings =
    Settings { segment_bytes: 16 << 10, semantics_version: SEMANTICS_VERSION };

/// A station whose every command goes to a journal first.
struct Journaled {
    station: Station,
    journal: Journal<Folder>,
    now: Timestamp,
    count: u64,
}

impl Journaled {
    fn open(folder: &Path) -> Self {
        let (journal, recovered) = Journal::open(Folder::new(folder), SETTINGS).unwrap();
        let count = recovered.end();
        let station = restored(recovered);
        let now = station.engine().now();
        Self { station, journal, now, count }
    }

    fn apply(&mut self, command: StationCommand) {
        let at = At { now: self.now, entropy: Entropy::new(self.count * 31) };
        let bytes = serde_json::to_vec(&command).unwrap();
        let position = self.journal.append(at, &bytes, Room::Ordinary).unwrap();
        assert_eq!(position, self.count);
        self.count += 1;
        drop(self.station.apply(at, command, &mut ()));
    }

    /// A queue and its worker.
    fn set_up(&mut self) {
        let config = QueueConfig { lease: Span::from_secs(5), ..QueueConfig::default() };
        let create = Command::CreateQueue { name: "orders".into(), config };
        self.apply(StationCommand::Engine(create));
        let config = ConsumerConfig { concurrency: 2, ..ConsumerConfig::default() };
        let (name, queue) = ("worker".into(), QueueId::new(0));
        self.apply(StationCommand::Attach { name, queue, config });
        self.journal.commit().unwrap();
    }

    /// A message comes, calls end as chance has it, time passes.
    fn step(&mut self, number: u64) {
        let to = Address::Queue(QueueId::new(0));
        let message = NewMessage::new(format!("order {number}").as_str());
        self.apply(StationCommand::Engine(Command::Publish { to, message }));
        let calls: Vec<Call> = std::iter::from_fn(|| self.station.poll_effect())
            .filter_map(|effect| match effect {
                Effect::Start(call) => Some(call),
                Effect::Abandon(_) => None,
            })
            .collect();
        for call in calls {
            let outcomes = [Outcome::Delivered, Outcome::Transient, Outcome::Permanent];
            let outcome = outcomes[(number % 7 % 3) as usize];
            self.apply(Station::call_finished(call.id, outcome));
        }
        self.now = self.now + Span::from_millis(40 + number % 900);
        self.apply(Station::tick());
        self.journal.commit().unwrap();
    }

    fn snapshot(&mut self) {
        let state = serde_json::to_vec(&self.station.snapshot()).unwrap();
        self.journal.snapshot(&state).unwrap();
    }
}

fn restored(mut recovered: Recovered) -> Station {
    let mut station = match recovered.take_snapshot() {
        Some(snapshot) => {
            let state: StationSnapshot = serde_json::from_slice(&snapshot.state).unwrap();
            Station::restore(state).unwrap()
        }
        None => Station::new(),
    };
    replay(&recovered, &mut station, &mut (), |bytes| serde_json::from_slice(bytes)).unwrap();
    // A host would make the calls again that were under way.
    while station.poll_effect().is_some() {}
    station
}

fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    if path.exists() {
        fs::remove_dir_all(&path).unwrap();
    }
    path
}

#[test]
fn a_station_comes_back_as_it_was_at_every_restart() {
    let folder = folder("station");
    let mut live = Station::new();
    for round in 0..12 {
        let mut journaled = Journaled::open(&folder);
        assert_eq!(journaled.station.digest(), live.digest(), "after restart {round}");
        if round == 0 {
            journaled.set_up();
        }
        for number in 0..20 {
            journaled.step(round * 20 + number);
        }
        if round % 3 == 2 {
            journaled.snapshot();
            journaled.step(round);
        }
        live = journaled.station.clone();
    }
}

#[test]
fn what_was_not_committed_never_was() {
    let folder = folder("uncommitted");
    let mut journaled = Journaled::open(&folder);
    journaled.set_up();
    let before = journaled.station.digest();
    let create = Command::CreateQueue { name: "late".into(), config: QueueConfig::default() };
    journaled.apply(StationCommand::Engine(create));
    assert_ne!(journaled.station.digest(), before);
    drop(journaled);
    assert_eq!(Journaled::open(&folder).station.digest(), before);
}

/// A journal that an earlier build of these semantics wrote leads where it led. After an intended
/// change of outcome raise `SEMANTICS_VERSION` and run this with `POSTROOM_BLESS=1`.
#[test]
fn the_golden_journal_leads_where_it_led() {
    let golden =
        Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/golden/{SEMANTICS_VERSION}"));
    if std::env::var_os("POSTROOM_BLESS").is_some() && !golden.exists() {
        let mut journaled = Journaled::open(&golden);
        journaled.set_up();
        (0..30).for_each(|number| journaled.step(number));
        journaled.snapshot();
        (30..45).for_each(|number| journaled.step(number));
        let digest = format!("{:016x}\n", journaled.station.digest());
        journaled.journal.close().unwrap();
        for superfluous in ["lock", "spare.new"] {
            fs::remove_file(golden.join(superfluous)).unwrap();
        }
        fs::write(golden.join("digest.txt"), digest).unwrap();
    }
    let copy = folder("golden");
    fs::create_dir_all(&copy).unwrap();
    for entry in fs::read_dir(&golden).expect("write it with POSTROOM_BLESS=1") {
        let entry = entry.unwrap();
        fs::copy(entry.path(), copy.join(entry.file_name())).unwrap();
    }
    let digest = fs::read_to_string(golden.join("digest.txt")).unwrap();
    let (_, recovered) = Journal::open(Folder::new(&copy), SETTINGS).unwrap();
    assert!(recovered.snapshot().is_some() && recovered.entries().count() == 30);
    assert_eq!(format!("{:016x}\n", restored(recovered).digest()), digest);
}
