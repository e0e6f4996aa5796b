//! How long a million waiting messages take to come back: from their commands alone, and from a
//! snapshot. `cargo run --release --package postroom-journal --example recovery`

use std::{error::Error, path::PathBuf, time::Instant};

use postroom_core::{
    Address, At, Command, Engine, Machine, NewMessage, QueueConfig, QueueId, Snapshot, Timestamp,
};
use postroom_journal::{AppendError, Journal, Room, Settings, disk::Folder, replay};
use serde::{Serialize, de::DeserializeOwned};

const MESSAGES: u64 = 1_000_000;

fn main() -> Result<(), Box<dyn Error>> {
    let path = std::env::temp_dir().join(format!("postroom-recovery-{}", std::process::id()));
    let measured = measure(&path);
    std::fs::remove_dir_all(&path)?;
    measured
}

#[expect(clippy::disallowed_methods, reason = "this measures how long things take")]
fn measure(path: &PathBuf) -> Result<(), Box<dyn Error>> {
    let folder = || Folder::new(path);
    let start = Instant::now();
    let digest = write(folder())?;
    println!("{MESSAGES} messages of 100 bytes, journaled in {:.2?}", start.elapsed());

    let start = Instant::now();
    let (mut journal, recovered) = Journal::open(folder(), Settings::default())?;
    let opened = start.elapsed();
    let mut engine = Engine::new();
    replay(&recovered, &mut engine, &mut (), decode)
        .map_err(|(position, error)| format!("command {position}: {error}"))?;
    println!("recovered from commands in {:.2?}, of that {opened:.2?} to read", start.elapsed());
    assert_eq!(engine.digest(), digest);
    drop(recovered);

    let start = Instant::now();
    let state = encode(&engine.snapshot())?;
    journal.snapshot(&state)?;
    println!("snapshot of {} MB written in {:.2?}", state.len() / 1_000_000, start.elapsed());
    drop((journal, engine, state));

    let start = Instant::now();
    let (_, mut recovered) = Journal::open(folder(), Settings::default())?;
    let opened = start.elapsed();
    let snapshot = recovered.take_snapshot().ok_or("it was just written")?;
    let engine = Engine::restore(decode::<Snapshot>(&snapshot.state)?)?;
    println!("recovered from a snapshot in {:.2?}, of that {opened:.2?} to read", start.elapsed());
    assert_eq!(engine.digest(), digest);
    Ok(())
}

/// Publishes all, 512 to a commit, and says what the state was.
fn write(folder: Folder) -> Result<u64, Box<dyn Error>> {
    let (mut journal, _) = Journal::open(folder, Settings::default())?;
    let mut engine = Engine::new();
    let config = QueueConfig { capacity: MESSAGES, ..QueueConfig::default() };
    let create = Command::CreateQueue { name: "orders".into(), config };
    let to = Address::Queue(QueueId::new(0));
    let publish = |number: u64| {
        let message = NewMessage::new(&number.to_le_bytes().repeat(13)[..100]);
        Command::Publish { to, message }
    };
    for (number, command) in (0..).zip(std::iter::once(create).chain((0..MESSAGES).map(publish))) {
        let at = At::time(Timestamp::from_micros(number));
        let bytes = encode(&command)?;
        match journal.append(at, &bytes, Room::Ordinary) {
            Err(AppendError::GroupFull) => {
                journal.commit()?;
                _ = journal.append(at, &bytes, Room::Ordinary)?;
            }
            appended => _ = appended?,
        }
        engine.apply(at, command, &mut ())?;
        if number % 512 == 511 {
            journal.commit()?;
        }
    }
    journal.commit()?;
    journal.close()?;
    Ok(engine.digest())
}

fn encode(value: &impl Serialize) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes)?;
    Ok(bytes)
}

fn decode<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Box<dyn Error>> {
    Ok(ciborium::from_reader(bytes)?)
}
