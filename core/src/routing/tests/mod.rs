//! What the brokers' own documents and tests say, as tables: facts with their source.

mod nats;
mod rabbitmq;
