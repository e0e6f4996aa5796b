//! From a journal's commands to a machine's state.

use postroom_core::{Machine, Sink};

use crate::recover::Recovered;

/// Applies the commands that follow the snapshot, oldest first, and says how many they were.
/// `machine` is what the snapshot restores, or an empty one; `decode` reads what was appended.
///
/// What a command answers is not looked at: a refused one was refused then, too. Events go to
/// `sink`; effects stay in the machine for its host to take.
///
/// # Errors
/// The first error of `decode`, with the position of the command: the release that wrote it
/// encoded commands otherwise.
///
/// # Example: an engine goes on where it was
/// ```
/// use postroom_core::{At, Command, Engine, Machine, QueueConfig, Timestamp};
/// use postroom_journal::{Journal, Room, Settings, disk::Folder, replay};
///
/// # let path = std::env::temp_dir().join(format!("postroom-replay-{}", std::process::id()));
/// let (mut journal, _) = Journal::open(Folder::new(&path), Settings::default())?;
/// let mut engine = Engine::new();
/// let at = At::time(Timestamp::from_millis(5));
/// let command = Command::CreateQueue { name: "orders".into(), config: QueueConfig::default() };
/// journal.append(at, &serde_json::to_vec(&command)?, Room::Ordinary)?;
/// let reply = engine.apply(at, command, &mut ())?;
/// journal.commit()?;
/// println!("{reply:?}"); // only now
/// drop(journal);
///
/// let (_, recovered) = Journal::open(Folder::new(&path), Settings::default())?;
/// let mut again = Engine::new();
/// replay(&recovered, &mut again, &mut (), |bytes| serde_json::from_slice(bytes))
///     .map_err(|(position, error)| format!("command {position}: {error}"))?;
/// assert_eq!(again.digest(), engine.digest());
/// # std::fs::remove_dir_all(path)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn replay<M: Machine, E>(
    recovered: &Recovered,
    machine: &mut M,
    sink: &mut impl Sink,
    mut decode: impl FnMut(&[u8]) -> Result<M::Command, E>,
) -> Result<u64, (u64, E)> {
    let mut count = 0;
    for entry in recovered.entries() {
        let command = decode(entry.command).map_err(|error| (entry.position, error))?;
        // The answer was given, or refused, when the command was first applied.
        drop(machine.apply(entry.at, command, sink));
        count += 1;
    }
    Ok(count)
}
