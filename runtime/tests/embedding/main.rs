//! What a program that embeds a post room may rely on, in tokio's paused time.

mod durable;
mod settling;
mod starting;
#[expect(dead_code, reason = "its `main` is the example's alone")]
#[path = "../../examples/typed_worker.rs"]
mod typed_worker;
mod working;

use std::time::Duration;

use postroom_core::{QueueConfig, QueueStats, Span};
use postroom_runtime::{Memory, Postroom, Queue};

/// A queue `work` with dead letters, whose lease lasts 30 s and whose tries are at once.
async fn postroom() -> Postroom {
    let dead_letters = Queue::new("dead");
    let config = QueueConfig { max_deliveries: 3, ..QueueConfig::default() };
    let work = Queue::new("work").config(config).dead_letters("dead");
    let builder = Postroom::builder().queue(dead_letters).queue(work);
    builder.start(Memory).await.expect("memory is always there")
}

async fn stats(postroom: &Postroom, queue: &str) -> QueueStats {
    postroom.observe(queue).await.expect("it is open")
}

async fn publish(postroom: &Postroom, numbers: impl IntoIterator<Item = u32>) {
    let publisher = postroom.publisher("work").expect("there is such a queue");
    for number in numbers {
        publisher.publish(&number).await.expect("there is room");
    }
}

/// Until nothing is left to do but what time brings.
async fn settle_down() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

#[tokio::test(start_paused = true)]
async fn the_example_does_what_it_says() {
    let confirmation = typed_worker::run(Memory).await.unwrap();
    assert_eq!(confirmation, "To ada@example.org: order 17 is confirmed");
}

fn secs(secs: u64) -> Duration {
    Duration::from_secs(secs)
}

fn span(secs: u64) -> Span {
    Span::from_secs(secs)
}
