//! What is written down: it is read again for ever, leads where it led, and does no harm.

mod cbor;
mod damage;
mod golden;
mod hostile;
mod world;
