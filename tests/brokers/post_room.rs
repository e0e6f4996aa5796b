//! A post room on a real nats-server: what the engine does in memory, JetStream does as its backend.

#![expect(clippy::unwrap_used, reason = "the parts of these tests are functions")]

use std::{collections::BTreeSet, time::Duration};

use postroom_core::{DeadReason, HopReason, QueueConfig, Span};
use postroom_runtime::{
    Capability, Failure, JetStream, Job, Postroom, PostroomBuilder, PostroomError, Queue, Selection,
};

use crate::servers::NatsServer;

/// How long anything may take that takes milliseconds.
const PATIENCE: Duration = Duration::from_secs(60);

fn program() -> PostroomBuilder {
    let config =
        QueueConfig { lease: Span::from_secs(2), max_deliveries: 2, ..QueueConfig::default() };
    let work = Queue::new("work").config(config).dead_letters("dead");
    Postroom::builder().queue("dead").queue(work).queue("copies").topic("news")
}

async fn start(server: &NatsServer, prefix: &str, builder: PostroomBuilder) -> Postroom {
    let url = format!("nats://127.0.0.1:{}", server.port);
    builder.start(JetStream::at(url).prefix(prefix)).await.expect("the server is there")
}

async fn soon<T>(future: impl Future<Output = T>) -> T {
    tokio::time::timeout(PATIENCE, future).await.expect("it happens soon")
}

#[tokio::test(flavor = "multi_thread")]
async fn a_post_room_works_on_jetstream() {
    let server = NatsServer::start().await;
    settles_and_buries(&start(&server, "settling", program()).await).await;
    let selection = Selection::all().subjects(["eu.>".parse().unwrap()]);
    let topics = program().subscribe("news", "copies").subscribe_to("news", "work", selection);
    fans_out(&start(&server, "topics", topics).await).await;
    stores_once(&start(&server, "once", program().needs(Capability::Dedup)).await).await;
    shares_the_work(&server).await;
    let url = format!("nats://127.0.0.1:{}", server.port);
    let durable = program().needs(Capability::Durable).start(JetStream::at(&url)).await;
    assert!(matches!(durable, Err(PostroomError::NotOffered { .. })), "it does not sync always");
}

async fn settles_and_buries(postroom: &Postroom) {
    let worker = postroom.worker::<u32>("work").unwrap();
    let config = postroom_core::ConsumerConfig {
        call_timeout: Span::from_secs(1),
        ..postroom_core::ConsumerConfig::default()
    };
    let working = worker.config(config).start(|job: Job<u32>| async move {
        match job.payload {
            0 => Err(Failure::Permanent("never".into())),
            1 => Err(Failure::Throttled { why: "later".into(), retry_after: Some(Span::ZERO) }),
            _ => Ok(()),
        }
    });
    let publisher = postroom.publisher("work").unwrap();
    let mut ids = BTreeSet::new();
    for number in 0..4_u32 {
        ids.insert(publisher.publish(&number).await.unwrap().message);
    }
    let dead = soon(async {
        loop {
            let dead = postroom.dead_letters("dead", 0, 10).await.unwrap();
            if dead.len() == 2 {
                return dead;
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    })
    .await;
    let mut reasons: Vec<_> = dead.iter().map(|letter| letter.history[0].why).collect();
    reasons.sort_by_key(|why| format!("{why:?}"));
    let expected = [DeadReason::Exhausted, DeadReason::Rejected].map(HopReason::DeadLettered);
    assert_eq!(reasons, expected);
    assert!(dead.iter().all(|letter| ids.contains(&letter.message.id)), "they keep their ids");
    working.unwrap().stop().await;

    assert_eq!(postroom.redrive("dead").await.unwrap().moved, 2);
    assert_eq!(postroom.dead_letters("dead", 0, 10).await.unwrap(), []);
    let mut back = postroom.deliveries::<u32>("work").unwrap();
    for _ in 0..2 {
        let delivery = soon(back.next()).await.unwrap().unwrap();
        assert!(*delivery.payload() < 2 && ids.contains(&delivery.message().id));
        delivery.ack().await.unwrap();
    }
    assert_eq!(postroom.observe("work").await.unwrap().depth(), 0);
}

async fn fans_out(postroom: &Postroom) {
    let news = postroom.publisher::<u32>("news").unwrap();
    for (number, subject) in [(0, Some("eu.berlin")), (1, Some("us.ohio")), (2, None)] {
        let message = postroom_core::NewMessage {
            subject: subject.map(str::to_owned),
            ..postroom_runtime::Publisher::message(&number).unwrap()
        };
        news.send(message).await.unwrap();
    }
    let mut copies = postroom.deliveries::<u32>("copies").unwrap().prefetch(10);
    for number in 0..3 {
        let copy = soon(copies.next()).await.unwrap().unwrap();
        assert_eq!(*copy.payload(), number);
        copy.ack().await.unwrap();
    }
    let mut work = postroom.deliveries::<u32>("work").unwrap();
    let selected = soon(work.next()).await.unwrap().unwrap();
    assert_eq!((*selected.payload(), selected.message().subject()), (0, Some("eu.berlin")));
    selected.ack().await.unwrap();
    assert_eq!(postroom.observe("work").await.unwrap().depth(), 0);
}

async fn stores_once(postroom: &Postroom) {
    let publisher = postroom.publisher::<u32>("work").unwrap();
    let once = postroom_core::NewMessage {
        dedup_key: Some("order 17".into()),
        ..postroom_runtime::Publisher::message(&17).unwrap()
    };
    let first = publisher.send(once.clone()).await.unwrap();
    let second = publisher.send(once).await.unwrap();
    assert_eq!((first.duplicate, second.duplicate), (false, true));
    assert_eq!(first.message, second.message);
    assert_eq!(postroom.observe("work").await.unwrap().depth(), 1);
}

/// Two processes' worth of post rooms, one of which goes while it holds a delivery.
async fn shares_the_work(server: &NatsServer) {
    let [one, other] =
        [start(server, "shared", program()).await, start(server, "shared", program()).await];
    let publisher = one.publisher("work").unwrap();
    for number in 0..20_u32 {
        publisher.publish(&number).await.unwrap();
    }
    let mut held = one.deliveries::<u32>("work").unwrap();
    // As a process that is killed: it says nothing any more.
    let lost = soon(held.next()).await.unwrap().unwrap();
    let first = *lost.payload();
    std::mem::forget(lost);
    let mut rest = other.deliveries::<u32>("work").unwrap().prefetch(5);
    let mut seen = BTreeSet::new();
    while seen.len() < 20 {
        let delivery = soon(rest.next()).await.unwrap().unwrap();
        seen.insert(*delivery.payload());
        delivery.ack().await.unwrap();
    }
    assert!(seen.contains(&first), "what the other held comes when its lease ends");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_server_that_is_killed_and_restarted_loses_nothing_that_it_confirmed() {
    let mut server = NatsServer::start().await;
    let postroom = start(&server, "restart", program()).await;
    let publisher = postroom.publisher::<u32>("work").unwrap();
    let publishing = tokio::spawn(async move {
        let mut confirmed = BTreeSet::new();
        for number in 0..400 {
            if publisher.publish(&number).await.is_ok() {
                confirmed.insert(number);
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        confirmed
    });
    let mut deliveries = postroom.deliveries::<u32>("work").unwrap().prefetch(16);
    let mut seen = BTreeSet::new();
    let mut receive = async |seen: &mut BTreeSet<u32>| {
        // What fails to be received or settled comes again.
        if let Some(Ok(delivery)) = deliveries.next().await {
            seen.insert(*delivery.payload());
            drop(delivery.ack().await);
        }
    };
    while seen.len() < 50 {
        soon(receive(&mut seen)).await;
    }
    server.kill_and_restart().await;
    while !publishing.is_finished() {
        drop(tokio::time::timeout(Duration::from_millis(100), receive(&mut seen)).await);
    }
    let confirmed = publishing.await.unwrap();
    assert!(confirmed.len() > 300, "publishing went on by itself: {}", confirmed.len());
    while !confirmed.is_subset(&seen) {
        soon(receive(&mut seen)).await;
    }
}
