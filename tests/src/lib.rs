//! Claims checked from outside.
