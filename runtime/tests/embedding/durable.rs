//! The journal: what outlives a process, and what a program may change between two of them.

use std::{
    collections::BTreeSet,
    io::{BufRead, BufReader},
    path::{Path, PathBuf},
    process::{Command, Stdio},
};

use postroom_core::{QueueConfig, Span};
use postroom_runtime::{
    Capability, Durable, OpenError, Postroom, PostroomBuilder, PostroomError, Queue,
};

use crate::{secs, typed_worker};

/// A folder that goes with this value.
struct Folder(PathBuf);

impl Folder {
    fn new(name: &str) -> Self {
        let name = format!("postroom-embedding-{name}-{}", std::process::id());
        Self(std::env::temp_dir().join(name))
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        drop(std::fs::remove_dir_all(&self.0));
    }
}

/// A queue `work` whose leases are short, since those of a process that died must end first.
fn program() -> PostroomBuilder {
    let config = QueueConfig { lease: Span::from_millis(200), ..QueueConfig::default() };
    Postroom::builder().queue(Queue::new("work").config(config)).needs(Capability::Durable)
}

async fn open(folder: &Path) -> Postroom {
    program().start(Durable::at(folder)).await.expect("the journal opens")
}

#[tokio::test]
async fn the_example_runs_on_a_journal_by_changing_one_line() {
    let folder = Folder::new("example");
    let confirmation = typed_worker::run(Durable::at(&folder.0)).await.unwrap();
    assert_eq!(confirmation, "To ada@example.org: order 17 is confirmed");
}

#[tokio::test]
async fn what_was_not_settled_is_there_after_a_restart_and_what_was_is_not() {
    let folder = Folder::new("restart");
    for round in 0..3_u32 {
        let postroom = open(&folder.0).await;
        let publisher = postroom.publisher("work").unwrap();
        for number in [round * 2, round * 2 + 1] {
            publisher.publish(&number).await.unwrap();
        }
        let mut deliveries = postroom.deliveries::<u32>("work").unwrap();
        let first = deliveries.next().await.unwrap().unwrap();
        assert_eq!(*first.payload(), round, "the oldest that is left");
        first.ack().await.unwrap();
        assert_eq!(postroom.observe("work").await.unwrap().depth(), u64::from(round) + 1);
        postroom.shutdown(secs(5)).await;
    }
}

#[tokio::test]
async fn a_lease_ends_by_itself_and_a_redrive_is_kept() {
    let folder = Folder::new("time");
    let postroom = open(&folder.0).await;
    postroom.publisher("work").unwrap().publish(&1).await.unwrap();
    let mut deliveries = postroom.deliveries::<u32>("work").unwrap();
    let kept = deliveries.next().await.unwrap().unwrap();
    let again = deliveries.next().await.unwrap().unwrap();
    assert_eq!(again.delivery(), 2);
    assert!(kept.ack().await.is_err(), "its lease is over");
    again.ack().await.unwrap();
    postroom.shutdown(secs(5)).await;
}

#[tokio::test]
async fn a_folder_is_for_one_process_and_queues_keep_place_and_settings() {
    let folder = Folder::new("changed");
    let postroom = open(&folder.0).await;
    let second = program().start(Durable::at(&folder.0)).await;
    assert!(matches!(second, Err(PostroomError::Open(OpenError::Journal(_)))), "{second:?}");
    postroom.shutdown(secs(5)).await;

    let another = Postroom::builder().queue("another").queue("work");
    let another = another.start(Durable::at(&folder.0)).await;
    assert!(matches!(another, Err(PostroomError::Open(OpenError::Order { .. }))), "{another:?}");
    let changed = Postroom::builder().queue("work").start(Durable::at(&folder.0)).await;
    assert!(matches!(changed, Err(PostroomError::Open(OpenError::Changed { .. }))), "{changed:?}");
    let more = program().queue("more").start(Durable::at(&folder.0)).await.unwrap();
    more.shutdown(secs(5)).await;
}

/// What the parent asks of its child, by the folder.
const CHILD: &str = "POSTROOM_EMBEDDING_CHILD";

/// So many answers before the kill.
const ANSWERS: usize = 300;

#[tokio::test]
async fn what_was_answered_outlives_a_kill() {
    if let Ok(folder) = std::env::var(CHILD) {
        return work_until_killed(Path::new(&folder)).await;
    }
    let folder = Folder::new("kill");
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "durable::what_was_answered_outlives_a_kill", "--nocapture"])
        .env(CHILD, &folder.0)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (mut published, mut acked) = (BTreeSet::new(), BTreeSet::new());
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    for place in 0.. {
        if place == ANSWERS {
            child.kill().unwrap();
        }
        // What it said before it died counts as well; the last line may be half a line.
        let Some(line) = lines.next() else { break };
        match line.split_once(' ').map(|(what, number)| (what, number.parse::<u32>())) {
            Some(("published", Ok(number))) => published.insert(number),
            Some(("acked", Ok(number))) => acked.insert(number),
            _ => continue,
        };
    }
    child.wait().unwrap();

    let postroom = open(&folder.0).await;
    let mut deliveries = postroom.deliveries::<u32>("work").unwrap();
    let mut found = BTreeSet::new();
    while postroom.observe("work").await.unwrap().depth() > 0 {
        let delivery = deliveries.next().await.unwrap().unwrap();
        found.insert(*delivery.payload());
        delivery.ack().await.unwrap();
    }
    assert!(published.len() > 50 && acked.len() > 50, "the child worked");
    let lost: Vec<&u32> = published.difference(&acked).filter(|n| !found.contains(n)).collect();
    // The one that was being acknowledged may be gone: that was not answered yet.
    assert!(lost.len() <= 1, "lost: {lost:?}");
    assert!(found.is_disjoint(&acked), "what was acknowledged does not come again");
    postroom.shutdown(secs(5)).await;
}

/// Says each number once it is answered.
#[expect(clippy::unwrap_used, reason = "it is a part of the test, in another process")]
async fn work_until_killed(folder: &Path) {
    let postroom = open(folder).await;
    let publisher = postroom.publisher("work").unwrap();
    let mut deliveries = postroom.deliveries::<u32>("work").unwrap();
    for number in 0.. {
        publisher.publish(&number).await.unwrap();
        println!("published {number}");
        if number % 4 != 0 {
            let delivery = deliveries.next().await.unwrap().unwrap();
            let payload = *delivery.payload();
            delivery.ack().await.unwrap();
            println!("acked {payload}");
        }
    }
}
