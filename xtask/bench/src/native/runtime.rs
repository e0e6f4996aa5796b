//! The embedded post room in memory, beside tokio's channels, which neither acknowledge nor deliver
//! again: wall time of two tasks, or of four, on two threads.

use std::time::Instant;

use anyhow::Context;
use postroom_runtime::{Deliveries, Memory, Postroom};
use tokio::sync::{broadcast, mpsc};

use super::{measure::in_turns, report::Row};

/// A message has so many bytes.
const BYTES: usize = 100;
/// Messages that a consumer receives at once.
const PREFETCH: u32 = 64;

/// How much is measured.
pub(super) struct Effort {
    turns: u32,
    messages: u32,
}

impl Effort {
    pub(super) const FULL: Self = Self { turns: 41, messages: 50_000 };

    /// Enough to see that it runs.
    pub(super) const QUICK: Self = Self { turns: 1, messages: 200 };
}

pub(super) fn rows(effort: &Effort) -> anyhow::Result<Vec<Row>> {
    let tokio = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_time().build();
    let tokio = tokio.context("tokio starts")?;
    let &Effort { turns, messages } = effort;
    let mut ours = || tokio.block_on(queue(messages));
    let mut floor = || tokio.block_on(channel(messages));
    let [one, channel] = in_turns(turns, [&mut ours, &mut floor])?;
    let mut ours = || tokio.block_on(topic(messages));
    let mut floor = || tokio.block_on(broadcast(messages));
    let [three, broadcast] = in_turns(turns, [&mut ours, &mut floor])?;
    Ok(vec![
        Row::of_turns("publish, receive, acknowledge; beside mpsc", "ns", &one, &channel)
            .ratio_at_most(6.0),
        Row::of_turns("to three, each acknowledges; beside broadcast", "ns", &three, &broadcast)
            .ratio_at_most(4.0),
    ])
}

async fn queue(messages: u32) -> anyhow::Result<f64> {
    let postroom = Postroom::builder().queue("work").start(Memory).await?;
    let deliveries = postroom.deliveries("work")?;
    timed(messages, &postroom, "work", vec![deliveries]).await
}

async fn topic(messages: u32) -> anyhow::Result<f64> {
    let queues = ["a", "b", "c"];
    let builder = Postroom::builder().queue("a").queue("b").queue("c").topic("all");
    let builder = queues.iter().fold(builder, |builder, queue| builder.subscribe("all", *queue));
    let postroom = builder.start(Memory).await?;
    let deliveries: Result<_, _> = queues.iter().map(|queue| postroom.deliveries(queue)).collect();
    timed(messages, &postroom, "all", deliveries?).await
}

async fn timed(
    messages: u32,
    postroom: &Postroom,
    to: &str,
    consumers: Vec<Deliveries<String>>,
) -> anyhow::Result<f64> {
    let publisher = postroom.publisher::<String>(to)?;
    let payload = "x".repeat(BYTES - 2);
    let start = now();
    let consuming: Vec<_> = consumers
        .into_iter()
        .map(|consumer| {
            tokio::spawn(async move {
                let mut consumer = consumer.prefetch(PREFETCH);
                for _ in 0..messages {
                    let delivery = consumer.next().await.context("it is open")??;
                    delivery.ack().await?;
                }
                anyhow::Ok(())
            })
        })
        .collect();
    let publishing = tokio::spawn(async move {
        for _ in 0..messages {
            publisher.publish(&payload).await?;
        }
        anyhow::Ok(())
    });
    publishing.await??;
    for one in consuming {
        one.await??;
    }
    Ok(nanos_each(start, messages))
}

async fn channel(messages: u32) -> anyhow::Result<f64> {
    let (send, mut receive) = mpsc::channel(1_024);
    let start = now();
    let publishing = tokio::spawn(async move {
        for _ in 0..messages {
            send.send([b'x'; BYTES]).await?;
        }
        anyhow::Ok(())
    });
    let consuming = tokio::spawn(async move { while receive.recv().await.is_some() {} });
    publishing.await??;
    consuming.await?;
    Ok(nanos_each(start, messages))
}

async fn broadcast(messages: u32) -> anyhow::Result<f64> {
    // So large that nobody lags.
    let (send, receive) = broadcast::channel(messages as usize);
    let start = now();
    let receivers = [receive, send.subscribe(), send.subscribe()];
    let consuming: Vec<_> = receivers
        .into_iter()
        .map(|mut receive| tokio::spawn(async move { while receive.recv().await.is_ok() {} }))
        .collect();
    let publishing = tokio::spawn(async move {
        for _ in 0..messages {
            send.send([b'x'; BYTES])?;
        }
        anyhow::Ok(())
    });
    publishing.await??;
    for one in consuming {
        one.await?;
    }
    Ok(nanos_each(start, messages))
}

#[expect(clippy::disallowed_methods, reason = "what is measured is the time that passes")]
fn now() -> Instant {
    Instant::now()
}

fn nanos_each(start: Instant, messages: u32) -> f64 {
    start.elapsed().as_nanos() as f64 / f64::from(messages)
}
