//! What is refused before a program starts, and what it must have asked for.

use postroom_core::{ConsumerConfig, NewMessage, QueueConfig, Span};
use postroom_runtime::{
    Capabilities, Capability, Memory, Postroom, PostroomError, Publisher, Queue, SendError,
    WorkerError,
};

use crate::{postroom, span};

#[tokio::test(start_paused = true)]
async fn what_a_backend_lacks_is_an_error_at_the_start() {
    let builder = Postroom::builder().queue("work");
    let needy = builder.needs(Capability::Durable).needs(Capability::Shared);
    let Err(PostroomError::NotOffered { backend: "memory", lacking }) = needy.start(Memory).await
    else {
        panic!("memory is neither")
    };
    assert_eq!(lacking, Capabilities::NONE.with(Capability::Durable).with(Capability::Shared));
}

#[tokio::test(start_paused = true)]
async fn names_are_checked() {
    let builder = Postroom::builder();
    let unknown = builder.queue(Queue::new("work").dead_letters("dead")).queue("dead");
    assert!(
        matches!(unknown.start(Memory).await, Err(PostroomError::NoSuchName { name, .. }) if name == "dead")
    );
    let twice = Postroom::builder().queue("work").topic("work").start(Memory).await;
    assert!(matches!(twice, Err(PostroomError::NameTaken { name }) if name == "work"));
    let nowhere = Postroom::builder().queue("work").subscribe("news", "work").start(Memory).await;
    assert!(matches!(nowhere, Err(PostroomError::NoSuchName { name, .. }) if name == "news"));
    let config = QueueConfig { max_deliveries: 0, ..QueueConfig::default() };
    let refused = Postroom::builder().queue(Queue::new("work").config(config)).start(Memory).await;
    assert!(matches!(refused, Err(PostroomError::Open(_))));
    let postroom = postroom().await;
    let error = postroom.publisher::<u32>("wrok").unwrap_err().to_string();
    assert!(error.contains("`wrok`"), "{error}");
}

#[tokio::test(start_paused = true)]
async fn what_a_message_asks_for_the_program_must_have_asked_for() {
    let message = NewMessage { delay: span(5), ..Publisher::message(&1).unwrap() };
    let without = postroom().await.publisher::<u32>("work").unwrap();
    let refused = without.send(message.clone()).await;
    assert!(matches!(refused, Err(SendError::NotAskedFor(Capability::MessageDelay))));
    let builder = Postroom::builder().queue("work").needs(Capability::MessageDelay);
    let postroom = builder.start(Memory).await.unwrap();
    postroom.publisher::<u32>("work").unwrap().send(message).await.unwrap();
    assert_eq!(postroom.observe("work").await.unwrap().delayed, 1);
}

#[tokio::test(start_paused = true)]
async fn what_queues_and_topics_need_follows() {
    let config = QueueConfig { ttl: Some(Span::from_secs(9)), ..QueueConfig::default() };
    let builder = Postroom::builder().queue("dead").topic("news").subscribe("news", "work");
    let work = Queue::new("work").config(config).dead_letters("dead");
    let postroom = builder.queue(work).start(Memory).await.unwrap();
    let expected = [Capability::Topics, Capability::DeadLetters, Capability::QueueTtl];
    assert_eq!(postroom.needs(), expected.into_iter().collect());
}

#[tokio::test(start_paused = true)]
async fn a_call_must_not_outlive_its_lease() {
    let postroom = postroom().await;
    let config = |secs| ConsumerConfig { call_timeout: span(secs), ..ConsumerConfig::default() };
    let start = |secs| {
        let worker = postroom.worker::<u32>("work").unwrap().config(config(secs));
        worker.start(|_| async { Ok(()) }).map(|_| ())
    };
    assert!(matches!(start(30), Err(WorkerError::LeaseTooShort { .. })));
    assert_eq!(start(29), Ok(()));
}
