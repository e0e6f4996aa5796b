//! Time as data: nothing in this crate ever asks what time it is.

use core::ops::{Add, Sub};

use serde::{Deserialize, Serialize};

/// Microseconds since the host's epoch.
///
/// A state machine never moves backwards: an older time than the last one it saw counts as that one.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(transparent)]
pub struct Timestamp(u64);

impl Timestamp {
    /// The host's epoch.
    pub const ZERO: Self = Self(0);

    /// The time `micros` microseconds after the epoch.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// The time `millis` milliseconds after the epoch; saturates.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// Microseconds since the epoch.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// How long after `earlier` this is; zero if it is not later.
    #[must_use]
    pub const fn since(self, earlier: Self) -> Span {
        Span(self.0.saturating_sub(earlier.0))
    }
}

impl Add<Span> for Timestamp {
    type Output = Self;

    fn add(self, span: Span) -> Self {
        Self(self.0.saturating_add(span.0))
    }
}

impl Sub<Span> for Timestamp {
    type Output = Self;

    fn sub(self, span: Span) -> Self {
        Self(self.0.saturating_sub(span.0))
    }
}

/// A length of time in microseconds.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[serde(transparent)]
pub struct Span(u64);

impl Span {
    /// No time at all.
    pub const ZERO: Self = Self(0);

    /// A span of `micros` microseconds.
    #[must_use]
    pub const fn from_micros(micros: u64) -> Self {
        Self(micros)
    }

    /// A span of `millis` milliseconds; saturates.
    #[must_use]
    pub const fn from_millis(millis: u64) -> Self {
        Self(millis.saturating_mul(1_000))
    }

    /// A span of `secs` seconds; saturates.
    #[must_use]
    pub const fn from_secs(secs: u64) -> Self {
        Self(secs.saturating_mul(1_000_000))
    }

    /// The span in microseconds.
    #[must_use]
    pub const fn as_micros(self) -> u64 {
        self.0
    }

    /// The span in whole milliseconds, rounded down.
    #[must_use]
    pub const fn as_millis(self) -> u64 {
        self.0 / 1_000
    }

    /// Whether it can be written as whole milliseconds.
    pub(crate) const fn is_whole_millis(self) -> bool {
        self.0.is_multiple_of(1_000)
    }

    /// This span `factor` times; saturates.
    #[must_use]
    pub const fn times(self, factor: u64) -> Self {
        Self(self.0.saturating_mul(factor))
    }
}

/// Writes a [`Span`] as whole milliseconds, for documents whose field names end in `_ms`.
pub mod millis {
    use serde::{Deserialize, Deserializer, Serializer, ser::Error};

    use super::Span;

    /// Writes whole milliseconds.
    ///
    /// # Errors
    /// When the span is none of whole milliseconds: written shorter, it would come back as another.
    /// Else whatever the serializer reports.
    pub fn serialize<S: Serializer>(span: &Span, serializer: S) -> Result<S::Ok, S::Error> {
        if !span.is_whole_millis() {
            return Err(S::Error::custom("a span in a document takes whole milliseconds"));
        }
        serializer.serialize_u64(span.as_millis())
    }

    /// Reads whole milliseconds.
    ///
    /// # Errors
    /// When the value is not an unsigned integer.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Span, D::Error> {
        u64::deserialize(deserializer).map(Span::from_millis)
    }

    /// The same for a span that may be absent (`null`).
    pub mod option {
        use serde::{Deserialize, Deserializer, Serialize, Serializer};

        use super::Span;

        #[derive(Serialize)]
        #[serde(transparent)]
        struct Millis(#[serde(with = "super")] Span);

        /// Writes whole milliseconds, or nothing.
        ///
        /// # Errors
        /// As [`millis::serialize`](super::serialize).
        pub fn serialize<S: Serializer>(
            span: &Option<Span>,
            serializer: S,
        ) -> Result<S::Ok, S::Error> {
            span.map(Millis).serialize(serializer)
        }

        /// Reads whole milliseconds, or nothing.
        ///
        /// # Errors
        /// When the value is neither absent nor an unsigned integer.
        pub fn deserialize<'de, D: Deserializer<'de>>(
            deserializer: D,
        ) -> Result<Option<Span>, D::Error> {
            Option::<u64>::deserialize(deserializer).map(|millis| millis.map(Span::from_millis))
        }
    }
}
