//! What the brokers' own documents and tests say, as tables: facts with their source.

mod eventbridge;
mod limits;
mod nats;
mod rabbitmq;
