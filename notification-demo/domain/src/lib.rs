//! Notifications over push, e-mail and SMS as a pure state machine.
//!
//! A notification is published to one topic and fans out to a queue per channel. Nothing behind
//! the topic is shared: each channel has its own workers, retry schedule, rate limit, circuit
//! breaker and dead letters, so that what one provider does cannot be felt on another channel.
//!
//! - [`Notifications`]: the machine. A host (the simulator, or the runtime) makes its calls.
//! - [`NotificationSystem`]: its settings as a document; the default is the demonstration's.
//! - [`NewNotification`]: what is accepted; [`NotificationView`]: what became of it.

mod accept;
mod address;
mod ask;
mod book;
mod build;
mod channel;
mod content;
mod demo;
mod error;
mod id;
mod machine;
mod notification;
mod system;
#[cfg(test)]
mod tests;
mod view;

pub use address::{
    AddressError, EMAIL_BYTES_MAX, EMAIL_LOCAL_BYTES_MAX, EmailAddress, PHONE_DIGITS_MAX,
    PHONE_DIGITS_MIN, PUSH_BYTES_MAX, PhoneNumber, PushEndpoint, USER_BYTES_MAX, UserId,
};
pub use book::{ATTEMPTS_MAX, BOOK_MAX};
pub use channel::{Channel, ParseChannelError};
pub use content::{Content, ContentError};
pub use demo::notification as demo_notification;
pub use error::{AcceptError, NotificationError};
pub use id::{
    NotificationId, ParseNotificationIdError, ParseTenantError, TENANT_BYTES_MAX, TenantId,
};
pub use machine::{Accepted, NotificationCommand, NotificationReply, Notifications};
pub use notification::{
    BODY_CHARS_MAX, EVENT_BYTES_MAX, IDEMPOTENCY_KEY_BYTES_MAX, Idempotency, NewNotification,
    Recipient, Severity, TITLE_CHARS_MAX,
};
pub use system::{ChannelConfig, NotificationSystem};
pub use view::{
    Attempt, AttemptOutcome, ChannelIds, ChannelView, DeadLetterView, DeliveryState, DeliveryView,
    NotificationStatus, NotificationView, Wiring,
};
