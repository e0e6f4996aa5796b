use postroom_core::{At, Blueprint, Span, Timestamp};
#[cfg(target_arch = "wasm32")]
use wasm_bindgen_test::wasm_bindgen_test as test;

use crate::NotificationSystem;

fn problem(change: impl FnOnce(&mut NotificationSystem)) -> String {
    let mut system = NotificationSystem::default();
    change(&mut system);
    system.build(At::time(Timestamp::ZERO), &mut ()).unwrap_err()
}

#[test]
fn a_wrong_setting_is_named_with_its_channel_and_range() {
    assert_eq!(
        problem(|system| system.sms.max_deliveries = 0),
        "`sms`: `max_deliveries` is out of range: give 1 to 1,000"
    );
    assert!(
        problem(|system| system.push.consumer.concurrency = 0)
            .starts_with("`push`: `concurrency` is out of range: give 1 to 10,000")
    );
    assert!(
        problem(|system| system.email.dead_letter_capacity = 0)
            .starts_with("`email`: dead letters (`dead_letter_capacity`): ")
    );
    assert!(problem(|system| system.idempotency.capacity = 0).starts_with("`idempotency`: "));
}

#[test]
fn a_lease_outlives_its_call() {
    let problem = problem(|system| system.email.lease = system.email.consumer.call_timeout);
    assert!(problem.starts_with("`email`: "), "{problem}");
    assert!(problem.contains("lease must be longer"), "{problem}");
}

#[test]
fn the_document_reads_back_and_refuses_unknown_fields() {
    let mut system = NotificationSystem::default();
    system.sms.deliver_within = None;
    system.push.lease = Span::from_secs(20);
    let json = serde_json::to_string(&system).unwrap();
    assert_eq!(serde_json::from_str::<NotificationSystem>(&json).unwrap(), system);
    assert!(serde_json::from_str::<NotificationSystem>(r#"{ "fax": {} }"#).is_err());
    assert!(serde_json::from_str::<NotificationSystem>(r#"{ "sms": { "tries": 3 } }"#).is_err());
}
