//! What protects one side from the other: retries that wait, a limit of calls a second, a breaker,
//! a bulkhead.
//!
//! Each is a small state machine, or a formula, of its own: queues and consumers use them, and so may
//! anybody else.

mod backoff;
mod breaker;
mod bulkhead;
mod limiter;

pub use self::{
    backoff::{Backoff, Growth, Jitter, Steps, StepsOutOfRange},
    breaker::{
        Breaker, BreakerChange, BreakerConfig, BreakerOverride, BreakerState, BreakerWindow,
        OpenReason, Permit,
    },
    bulkhead::{Admission, Bulkhead, BulkheadConfig, Ticket},
    limiter::{Limiter, Rate},
};
