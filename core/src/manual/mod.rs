//! The manual: what the engine promises, and how to use it.
//!
//! Read [`guarantees`] first. The others stand for themselves.

#[doc = include_str!("guarantees.md")]
pub mod guarantees {}

#[doc = include_str!("ordering.md")]
pub mod ordering {}

#[doc = include_str!("idempotency.md")]
pub mod idempotency {}

#[doc = include_str!("dead_letters.md")]
pub mod dead_letters {}

#[doc = include_str!("limits.md")]
pub mod limits {}

#[doc = include_str!("claim_check.md")]
pub mod claim_check {}

#[doc = include_str!("embedding.md")]
pub mod embedding {}

#[doc = include_str!("modelled.md")]
pub mod modelled {}

#[doc = include_str!("fidelity.md")]
pub mod fidelity {}
