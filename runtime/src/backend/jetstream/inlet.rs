//! What a queue's consumer hands out, fetched only when somebody waits for it.

use std::{
    pin::Pin,
    sync::atomic::{AtomicU32, Ordering},
    time::Duration,
};

use async_nats::jetstream::{
    self,
    consumer::{PullConsumer, pull::Batch},
};
use futures_core::Stream;
use tokio::sync::{Mutex, Notify, mpsc};

use crate::backend::BackendError;

/// One pull waits for so long; then it is asked again, so that a lost pull is not waited for.
const PULL: Duration = Duration::from_secs(10);
/// A pull that ends by itself may be so late.
const PULL_LATE: Duration = Duration::from_secs(3);
/// Waits between two tries at a server that fails: doubled up to the longest.
const PAUSE_MIN: Duration = Duration::from_millis(100);
const PAUSE_MAX: Duration = Duration::from_secs(5);

/// Where deliveries come in. They are fetched by a task of its own: whoever stops waiting takes
/// none with it.
pub(super) struct Inlet {
    demand: AtomicU32,
    asked: Notify,
    fetched: Mutex<mpsc::Receiver<jetstream::Message>>,
}

impl Inlet {
    /// With the end at which the fetching task puts them.
    pub(super) fn new(room: usize) -> (Self, mpsc::Sender<jetstream::Message>) {
        let (put, fetched) = mpsc::channel(room);
        let asked = Notify::new();
        (Self { demand: AtomicU32::new(0), asked, fetched: Mutex::new(fetched) }, put)
    }

    /// Waits for one, and takes up to `max`.
    pub(super) async fn take(&self, max: u32) -> Result<Vec<jetstream::Message>, BackendError> {
        // Whoever waits is served in the order of coming.
        let mut fetched = self.fetched.lock().await;
        let mut taken = Vec::new();
        if let Ok(first) = fetched.try_recv() {
            taken.push(first);
        } else {
            self.demand.store(max, Ordering::Release);
            self.asked.notify_one();
            taken.push(fetched.recv().await.ok_or(BackendError::Closed)?);
        }
        while taken.len() < max as usize
            && let Ok(next) = fetched.try_recv()
        {
            taken.push(next);
        }
        Ok(taken)
    }

    /// Fetches whenever somebody waits, until it is dropped. What fails is tried again, for ever and
    /// aloud.
    pub(super) async fn fetch(
        &self,
        consumer: PullConsumer,
        put: mpsc::Sender<jetstream::Message>,
        queue: String,
    ) {
        let mut pause = PAUSE_MIN;
        loop {
            self.asked.notified().await;
            loop {
                let max = self.demand.load(Ordering::Acquire);
                match fetch_some(&consumer, max, &put).await {
                    Ok(0) => {}
                    Ok(_) => {
                        pause = PAUSE_MIN;
                        break;
                    }
                    Err(error) => {
                        tracing::warn!(queue, %error, "cannot fetch, will try again");
                        tokio::time::sleep(pause).await;
                        pause = (pause * 2).min(PAUSE_MAX);
                    }
                }
            }
        }
    }
}

/// Waits for one, then takes what else is there; how many it was.
async fn fetch_some(
    consumer: &PullConsumer,
    max: u32,
    put: &mpsc::Sender<jetstream::Message>,
) -> Result<usize, String> {
    let first = consumer.batch().max_messages(1).expires(PULL).messages();
    let first = first.await.map_err(|error| error.to_string())?;
    let mut count = pour(first, put).await?;
    if count > 0 && max > 1 {
        count += fetch_now(consumer, max - 1, put).await?;
    }
    Ok(count)
}

/// Takes what is there now, up to `max`; how many it was.
pub(super) async fn fetch_now(
    consumer: &PullConsumer,
    max: u32,
    put: &mpsc::Sender<jetstream::Message>,
) -> Result<usize, String> {
    let found = consumer.fetch().max_messages(max as usize).messages();
    pour(found.await.map_err(|error| error.to_string())?, put).await
}

async fn pour(mut batch: Batch, put: &mpsc::Sender<jetstream::Message>) -> Result<usize, String> {
    let mut count = 0;
    let mut next =
        async || std::future::poll_fn(|context| Pin::new(&mut batch).poll_next(context)).await;
    loop {
        match tokio::time::timeout(PULL + PULL_LATE, next()).await {
            Ok(Some(Ok(message))) => {
                if put.send(message).await.is_err() {
                    return Ok(count);
                }
                count += 1;
            }
            // What came before the end of a batch counts, however the batch ended.
            Ok(Some(Err(error))) if count == 0 => return Err(error.to_string()),
            Ok(None | Some(Err(_))) | Err(_) => return Ok(count),
        }
    }
}
