//! Made-up notifications for a demonstration: the nth is the same everywhere.

use crate::{
    address::{EmailAddress, PhoneNumber, PushEndpoint, UserId},
    id::TenantId,
    notification::{NewNotification, Recipient, Severity},
};

/// People in the demonstration.
const USERS: u64 = 40;

/// What happens to them: event, severity, title, body. `{n}` stands for the order's number.
const STORIES: [(&str, Severity, &str, &str); 6] = [
    (
        "order_shipped",
        Severity::Normal,
        "Order {n} is on its way",
        "The parcel left our warehouse. It arrives the day after tomorrow.",
    ),
    (
        "order_delivered",
        Severity::Normal,
        "Order {n} has arrived",
        "The parcel is with your neighbour at number 7.",
    ),
    (
        "payment_failed",
        Severity::Critical,
        "Payment for order {n} failed",
        "Your bank declined the payment. Choose another card within two days.",
    ),
    (
        "invoice_ready",
        Severity::Normal,
        "Invoice for order {n}",
        "Your invoice is ready to be downloaded.",
    ),
    (
        "new_sign_in",
        Severity::Critical,
        "New sign-in to your account",
        "Somebody signed in from a new device. If it was not you, change your password.",
    ),
    (
        "back_in_stock",
        Severity::Normal,
        "Back in stock",
        "What you waited for in order {n} can be bought again.",
    ),
];

/// The nth made-up notification, for all three channels.
#[must_use]
pub fn notification(number: u64) -> NewNotification {
    // Two strides without a common period: people and stories do not march in step.
    let user = number.wrapping_mul(17) % USERS;
    let (event, severity, title, body) = STORIES[(number % STORIES.len() as u64) as usize];
    let order = (1_000 + number).to_string();
    NewNotification {
        tenant: TenantId::DEFAULT,
        idempotency: None,
        to: recipient(user),
        event: event.to_owned(),
        severity,
        title: title.replace("{n}", &order),
        body: body.replace("{n}", &order),
        channels: None,
    }
}

fn recipient(user: u64) -> Recipient {
    // Numbers that Ofcom keeps for fiction, and a domain that RFC 2606 keeps for examples.
    let checked = "made-up addresses keep to the rules";
    Recipient {
        user: UserId::parse(&format!("user-{user}")).expect(checked),
        push: Some(PushEndpoint::parse(&format!("device-of-user-{user}")).expect(checked)),
        email: Some(EmailAddress::parse(&format!("user-{user}@example.org")).expect(checked)),
        sms: Some(PhoneNumber::parse(&format!("+447700900{user:03}")).expect(checked)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::channel::Channel;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn every_made_up_notification_is_valid_and_the_same_each_time() {
        for number in (0..USERS * STORIES.len() as u64).chain([u64::MAX / 2]) {
            let new = notification(number);
            assert_eq!(new.validate(), Ok(Channel::ALL.to_vec()), "{number}");
            assert_eq!(new, notification(number));
        }
        assert_ne!(notification(1), notification(2));
    }
}
