//! Workers.

use std::{
    sync::{
        Arc, Mutex,
        atomic::{AtomicU32, Ordering},
    },
    task::{Context, Poll},
};

use postroom_core::{
    Ambiguous, BreakerConfig, BreakerWindow, ConsumerConfig, DeadReason, HopReason, MessageId, Rate,
};
use postroom_runtime::{Failure, Job, Memory, Postroom};
use tokio::sync::Semaphore;
use tower_layer::layer_fn;
use tower_service::Service;

use crate::{postroom, publish, secs, settle_down, span, stats};

fn concurrency(concurrency: u32) -> ConsumerConfig {
    ConsumerConfig { concurrency, ..ConsumerConfig::default() }
}

#[tokio::test(start_paused = true)]
async fn so_many_calls_at_once_and_no_more() {
    let postroom = postroom().await;
    let gate = Arc::new(Semaphore::new(0));
    let waiting = Arc::clone(&gate);
    let worker = postroom.worker::<u32>("work").unwrap().config(concurrency(3));
    worker
        .start(move |_| {
            let gate = Arc::clone(&waiting);
            async move {
                gate.acquire().await?.forget();
                Ok(())
            }
        })
        .unwrap();
    publish(&postroom, 0..10).await;
    settle_down().await;
    let counts = stats(&postroom, "work").await;
    assert_eq!((counts.in_flight, counts.ready), (3, 7));
    gate.add_permits(10);
    settle_down().await;
    assert_eq!(stats(&postroom, "work").await.depth(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_rate_limit_holds() {
    let postroom = postroom().await;
    let rate = Some(Rate { per_second: 2, burst: 1 });
    let worker = postroom.worker::<u32>("work").unwrap();
    let worker = worker.config(ConsumerConfig { rate, ..ConsumerConfig::default() });
    worker.start(|_| async { Ok(()) }).unwrap();
    publish(&postroom, 0..9).await;
    tokio::time::sleep(secs(2) + std::time::Duration::from_millis(100)).await;
    assert_eq!(stats(&postroom, "work").await.depth(), 4, "one at once, four in two seconds");
}

#[tokio::test(start_paused = true)]
async fn a_call_that_takes_too_long_is_given_up_and_tried_again() {
    let postroom = postroom().await;
    let calls = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&calls);
    postroom
        .worker::<u32>("work")
        .unwrap()
        .start(move |job| {
            counted.fetch_add(1, Ordering::Relaxed);
            async move {
                if job.delivery == 1 {
                    std::future::pending::<()>().await;
                }
                Ok(())
            }
        })
        .unwrap();
    publish(&postroom, [1]).await;
    tokio::time::sleep(secs(9)).await;
    assert_eq!(stats(&postroom, "work").await.in_flight, 1);
    tokio::time::sleep(secs(60)).await;
    assert_eq!(stats(&postroom, "work").await.depth(), 0);
    assert_eq!(calls.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn an_open_breaker_spends_no_deliveries() {
    let postroom = postroom().await;
    let window = BreakerWindow::Calls(2);
    let breaker =
        BreakerConfig { window, minimum_calls: 2, open: span(600), ..BreakerConfig::default() };
    let config = ConsumerConfig { breaker: Some(breaker), ..concurrency(1) };
    let worker = postroom.worker::<u32>("work").unwrap().config(config);
    worker.start(|_| async { Err(Failure::Transient("down".into())) }).unwrap();
    publish(&postroom, 0..20).await;
    tokio::time::sleep(secs(300)).await;
    assert_eq!(stats(&postroom, "dead").await.depth(), 0);
    let mut deliveries = postroom.deliveries::<u32>("work").unwrap().prefetch(20);
    let mut counts = 0;
    for _ in 0..20 {
        let delivery = deliveries.next().await.unwrap().unwrap();
        counts += delivery.delivery() - 1;
        delivery.ack().await.unwrap();
    }
    assert_eq!(counts, 2, "deliveries before the breaker opened");
}

#[tokio::test(start_paused = true)]
async fn a_panic_is_a_failed_delivery_that_carries_its_message() {
    let postroom = postroom().await;
    let seen = Arc::new(Mutex::new(Vec::new()));
    let failures = Arc::clone(&seen);
    let config = ConsumerConfig { ambiguous: Ambiguous::DeadLetter, ..concurrency(1) };
    let worker = postroom.worker::<u32>("work").unwrap().config(config);
    let worker = worker.layer(layer_fn(move |inner| Seen { inner, seen: Arc::clone(&failures) }));
    worker.start(|job: Job<u32>| async move { panic!("no order {}", job.payload) }).unwrap();
    publish(&postroom, [17, 18]).await;
    settle_down().await;
    let words: Vec<String> = seen.lock().unwrap().iter().map(ToString::to_string).collect();
    assert_eq!(words, ["the handler panicked: no order 17", "the handler panicked: no order 18"]);
    let dead = postroom.dead_letters("dead", 0, 10).await.unwrap();
    let reasons: Vec<_> = dead.iter().map(|letter| letter.history[0].why).collect();
    assert_eq!(reasons, [HopReason::DeadLettered(DeadReason::Unknown); 2]);
}

/// A layer that notes failures.
#[derive(Clone)]
struct Seen<S> {
    inner: S,
    seen: Arc<Mutex<Vec<Failure>>>,
}

impl<S> Service<Job<u32>> for Seen<S>
where
    S: Service<Job<u32>, Response = (), Error = Failure>,
    S::Future: Send + 'static,
{
    type Response = ();
    type Error = Failure;
    type Future = std::pin::Pin<Box<dyn Future<Output = Result<(), Failure>> + Send>>;

    fn poll_ready(&mut self, context: &mut Context<'_>) -> Poll<Result<(), Failure>> {
        self.inner.poll_ready(context)
    }

    fn call(&mut self, job: Job<u32>) -> Self::Future {
        let (called, seen) = (self.inner.call(job), Arc::clone(&self.seen));
        Box::pin(async move {
            let result = called.await;
            seen.lock().expect("nobody panicked").extend(result.clone().err());
            result
        })
    }
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_lets_calls_end_and_starts_none() {
    let postroom = postroom().await;
    let begun = Arc::new(AtomicU32::new(0));
    let counted = Arc::clone(&begun);
    let worker = postroom.worker::<u32>("work").unwrap().config(concurrency(2));
    worker
        .start(move |_| {
            counted.fetch_add(1, Ordering::Relaxed);
            async {
                tokio::time::sleep(secs(3)).await;
                Ok(())
            }
        })
        .unwrap();
    publish(&postroom, 0..5).await;
    settle_down().await;
    let started = tokio::time::Instant::now();
    postroom.shutdown(secs(60)).await;
    assert_eq!(started.elapsed(), secs(3));
    assert_eq!(begun.load(Ordering::Relaxed), 2);
}

#[tokio::test(start_paused = true)]
async fn a_worker_that_stops_leaves_the_rest_to_others() {
    let postroom = postroom().await;
    let worker = postroom.worker::<u32>("work").unwrap().config(concurrency(1));
    let working = worker
        .start(|_| async {
            tokio::time::sleep(secs(5)).await;
            Ok(())
        })
        .unwrap();
    publish(&postroom, 0..3).await;
    settle_down().await;
    working.stop().await;
    let counts = stats(&postroom, "work").await;
    assert_eq!((counts.ready, counts.in_flight), (2, 0));
    let mut rest = postroom.deliveries::<u32>("work").unwrap();
    assert_eq!(rest.next().await.unwrap().unwrap().delivery(), 1, "released, not failed");
}

#[tokio::test(start_paused = true)]
async fn what_a_handler_publishes_answers_its_message() {
    let builder = Postroom::builder().queue("work").queue("out");
    let postroom = builder.start(Memory).await.unwrap();
    let out = postroom.publisher::<u32>("out").unwrap();
    let worker = postroom.worker::<u32>("work").unwrap();
    worker
        .start(move |job| {
            let out = out.clone();
            async move {
                out.publish(&job.payload).await?;
                Ok(())
            }
        })
        .unwrap();
    let first = postroom.publisher("work").unwrap().publish(&17).await.unwrap().message;
    let mut answers = postroom.deliveries::<u32>("out").unwrap();
    let answer = answers.next().await.unwrap().unwrap();
    let message = answer.message();
    assert_eq!((message.causation(), message.correlation()), (Some(first), first));
    assert_ne!(message.id, MessageId { number: 1, ..first });
    answer.ack().await.unwrap();
}
