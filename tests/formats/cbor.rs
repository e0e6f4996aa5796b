//! A binary format that describes itself, as JSON does: CBOR.

use ciborium::de::Error;
use serde::{Serialize, de::DeserializeOwned};

pub(crate) fn to_cbor(value: &impl Serialize) -> Vec<u8> {
    let mut bytes = Vec::new();
    ciborium::into_writer(value, &mut bytes).expect("a vector takes all");
    bytes
}

pub(crate) fn from_cbor<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Error<std::io::Error>> {
    ciborium::from_reader(bytes)
}
