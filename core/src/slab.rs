//! Slots that keep their number.
