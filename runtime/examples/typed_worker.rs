//! Orders in, mail out: a typed worker that retries, gives up, and loses nothing on the way.
//!
//! `cargo run -p postroom-runtime --example typed_worker`

use std::{error::Error, time::Duration};

use postroom_core::{ConsumerConfig, QueueConfig};
use postroom_runtime::{Failure, Job, Memory, Open, Postroom, Publisher, Queue};
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
struct Order {
    number: u32,
    mail: String,
}

async fn confirm(job: Job<Order>, confirmations: Publisher<String>) -> Result<(), Failure> {
    let Order { number, mail } = job.payload;
    if !mail.contains('@') {
        return Err(Failure::Permanent(format!("`{mail}` is no address")));
    }
    confirmations.publish(&format!("To {mail}: order {number} is confirmed")).await?;
    Ok(())
}

pub(crate) async fn run(on: impl Open) -> Result<String, Box<dyn Error>> {
    let config = QueueConfig { max_deliveries: 3, ..QueueConfig::default() };
    let postroom = Postroom::builder()
        .queue("orders-dead")
        .queue(Queue::new("orders").config(config).dead_letters("orders-dead"))
        .queue("confirmations")
        .start(on)
        .await?;

    let confirmations = postroom.publisher("confirmations")?;
    let settings = ConsumerConfig { concurrency: 8, ..ConsumerConfig::default() };
    let worker = postroom.worker("orders")?.config(settings);
    worker.start(move |job| confirm(job, confirmations.clone()))?;

    let orders = postroom.publisher("orders")?;
    orders.publish(&Order { number: 18, mail: "nowhere".into() }).await?;
    orders.publish(&Order { number: 17, mail: "ada@example.org".into() }).await?;

    let mut confirmed = postroom.deliveries::<String>("confirmations")?;
    let confirmation = confirmed.next().await.ok_or("the post room closed")??;
    let text = confirmation.payload().clone();
    confirmation.ack().await?;
    postroom.shutdown(Duration::from_secs(5)).await;
    Ok(text)
}

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), Box<dyn Error>> {
    // The one line that says what keeps the messages.
    println!("{}", run(Memory).await?);
    Ok(())
}
