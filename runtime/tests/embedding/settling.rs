//! Deliveries in a program's own hands.

use futures_core::Stream;
use postroom_core::{CopyState, DeadReason, HopReason, SettleError};
use postroom_runtime::{BackendError, Delivery, Postroom, ReceiveError, limits::PREFETCH_MAX};

use crate::{postroom, publish, secs, settle_down, span, stats};

async fn next(postroom: &Postroom) -> Delivery<u32> {
    let mut deliveries = postroom.deliveries("work").expect("there is such a queue");
    deliveries.next().await.expect("it is open").expect("it is a number")
}

#[tokio::test(start_paused = true)]
async fn what_is_dropped_unsettled_goes_back_and_does_not_count() {
    let postroom = postroom().await;
    publish(&postroom, [1]).await;
    for _ in 0..10 {
        let delivery = next(&postroom).await;
        assert_eq!((*delivery.payload(), delivery.delivery()), (1, 1));
    }
    assert_eq!(stats(&postroom, "work").await.ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_retry_waits_and_counts_and_a_rejection_is_final() {
    let postroom = postroom().await;
    publish(&postroom, [1]).await;
    let started = tokio::time::Instant::now();
    next(&postroom).await.retry(Some(span(7))).await.unwrap();
    let again = next(&postroom).await;
    assert_eq!((started.elapsed().as_secs(), again.delivery()), (7, 2));
    again.reject().await.unwrap();
    let dead = postroom.dead_letters("dead", 0, 10).await.unwrap();
    let [letter] = dead.as_slice() else { panic!("{dead:?}") };
    assert_eq!(letter.state, CopyState::Ready);
    assert_eq!(letter.history[0].why, HopReason::DeadLettered(DeadReason::Rejected));
    assert_eq!(postroom.redrive("dead").await.unwrap().moved, 1);
    next(&postroom).await.ack().await.unwrap();
    assert_eq!(stats(&postroom, "work").await.depth(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_settlement_that_failed_hands_the_delivery_back() {
    let postroom = postroom().await;
    publish(&postroom, [1]).await;
    let late = next(&postroom).await;
    tokio::time::advance(secs(31)).await;
    let refused = late.ack().await.unwrap_err();
    assert_eq!(refused.error, BackendError::Settle(SettleError::Stale));
    assert_eq!(*refused.delivery.payload(), 1);
    drop(refused);
    let mut again = next(&postroom).await;
    assert_eq!(again.delivery(), 2);
    tokio::time::advance(secs(29)).await;
    let until = again.extend(span(30)).await.unwrap();
    assert_eq!(again.lease_until(), Some(until));
    tokio::time::advance(secs(29)).await;
    again.ack().await.unwrap();
}

#[tokio::test(start_paused = true)]
async fn a_payload_that_cannot_be_read_is_handed_over_and_dies_of_its_deliveries() {
    let postroom = postroom().await;
    postroom.publisher("work").unwrap().publish(&"a text").await.unwrap();
    let mut numbers = postroom.deliveries::<u32>("work").unwrap();
    for _ in 0..3 {
        let Some(Err(ReceiveError::Undecodable(found))) = numbers.next().await else { panic!() };
        assert_eq!(found.delivery.payload().as_bytes(), b"\"a text\"");
    }
    assert_eq!(stats(&postroom, "dead").await.ready, 1);
}

#[tokio::test(start_paused = true)]
async fn a_stream_takes_as_many_as_it_may_and_gives_the_rest_back() {
    let postroom = postroom().await;
    publish(&postroom, 0..PREFETCH_MAX + 1).await;
    let mut stream = postroom.deliveries::<u32>("work").unwrap().prefetch(u32::MAX);
    stream.next().await.unwrap().unwrap().ack().await.unwrap();
    let counts = stats(&postroom, "work").await;
    assert_eq!((counts.in_flight, counts.ready), (u64::from(PREFETCH_MAX) - 1, 1));
    drop(stream);
    assert_eq!(stats(&postroom, "work").await.in_flight, 0);
    assert_eq!(next(&postroom).await.delivery(), 1);
}

#[tokio::test(start_paused = true)]
async fn a_receiver_that_gives_up_waiting_takes_nothing_with_it() {
    let postroom = postroom().await;
    let mut gone = postroom.deliveries::<u32>("work").unwrap();
    assert!(tokio::time::timeout(secs(1), gone.next()).await.is_err());
    drop(gone);
    let waiting = tokio::spawn({
        let postroom = postroom.clone();
        async move { *next(&postroom).await.payload() }
    });
    settle_down().await;
    publish(&postroom, [17]).await;
    assert_eq!(waiting.await.unwrap(), 17);
}

#[tokio::test(start_paused = true)]
async fn all_who_wait_get_something_where_there_is_enough() {
    let postroom = postroom().await;
    let waiting: Vec<_> = (0..5)
        .map(|_| {
            let postroom = postroom.clone();
            tokio::spawn(async move { next(&postroom).await.ack().await.unwrap() })
        })
        .collect();
    settle_down().await;
    publish(&postroom, 0..5).await;
    for one in waiting {
        one.await.unwrap();
    }
    assert_eq!(stats(&postroom, "work").await.depth(), 0);
}

#[tokio::test(start_paused = true)]
async fn a_shutdown_ends_streams_and_waits_for_what_is_in_hand() {
    let postroom = postroom().await;
    publish(&postroom, [1]).await;
    let in_hand = next(&postroom).await;
    let mut stream = postroom.deliveries::<u32>("work").unwrap();
    let waiting = tokio::spawn(async move { stream.next().await.is_none() });
    settle_down().await;
    let closing = tokio::spawn({
        let postroom = postroom.clone();
        async move { postroom.shutdown(secs(60)).await }
    });
    tokio::time::sleep(secs(5)).await;
    in_hand.ack().await.unwrap();
    let started = tokio::time::Instant::now();
    closing.await.unwrap();
    assert_eq!(started.elapsed(), secs(0), "nothing is left to wait for");
    assert!(waiting.await.unwrap());
    let refused = postroom.publisher("work").unwrap().publish(&2).await.unwrap_err();
    assert_eq!(refused.to_string(), BackendError::Closed.to_string());
}

/// Whoever has combinators for streams can use them.
#[test]
fn deliveries_are_a_stream() {
    fn is_stream<S: Stream + Unpin + Send>() {}
    is_stream::<postroom_runtime::Deliveries<u32>>();
}
