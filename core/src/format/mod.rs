//! What is written down: every document says which semantics wrote it, before all else.

mod record;

use core::{fmt, marker::PhantomData};

use serde::{
    Deserialize, Deserializer, Serialize, Serializer,
    de::{Error as _, IgnoredAny, MapAccess, SeqAccess, Visitor},
    ser::{Error as _, SerializeStruct},
};

pub use self::record::{Record, RecordError};

/// Raised by every change of an outcome: a journal replays only under the version that wrote it.
pub const SEMANTICS_VERSION: u32 = 2;

const VERSION: &str = "semantics_version";
const CONTENT: &str = "content";
const FIELDS: &[&str] = &[VERSION, CONTENT];

/// A value with the version of the semantics that wrote it.
///
/// The version comes first and is looked at before the rest is read: what a newer release wrote
/// may have any shape, and is still told from damage. Versions from `OLDEST` to the present one
/// are read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Versioned<T, const OLDEST: u32> {
    version: u32,
    /// Absent if the version is none that is read here.
    content: Option<T>,
}

/// The version of a document that is not read here.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OtherVersion {
    Newer(u32),
    Older(u32),
}

impl<T, const OLDEST: u32> Versioned<T, OLDEST> {
    pub(crate) const fn new(content: T) -> Self {
        Self { version: SEMANTICS_VERSION, content: Some(content) }
    }

    pub(crate) const fn version(&self) -> u32 {
        self.version
    }

    pub(crate) fn open(self) -> Result<T, OtherVersion> {
        self.content.ok_or(if self.version > SEMANTICS_VERSION {
            OtherVersion::Newer(self.version)
        } else {
            OtherVersion::Older(self.version)
        })
    }

    const fn is_read(version: u32) -> bool {
        OLDEST <= version && version <= SEMANTICS_VERSION
    }
}

impl<T: Serialize, const OLDEST: u32> Serialize for Versioned<T, OLDEST> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let Some(content) = &self.content else {
            return Err(S::Error::custom("a document of another version was not read"));
        };
        let mut document = serializer.serialize_struct("Versioned", FIELDS.len())?;
        document.serialize_field(VERSION, &self.version)?;
        document.serialize_field(CONTENT, content)?;
        document.end()
    }
}

impl<'de, T: Deserialize<'de>, const OLDEST: u32> Deserialize<'de> for Versioned<T, OLDEST> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_struct("Versioned", FIELDS, Reader(PhantomData))
    }
}

struct Reader<T, const OLDEST: u32>(PhantomData<T>);

impl<'de, T: Deserialize<'de>, const OLDEST: u32> Visitor<'de> for Reader<T, OLDEST> {
    type Value = Versioned<T, OLDEST>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a document that begins with its `semantics_version`")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let missing = |field| A::Error::missing_field(field);
        let version = fields.next_element()?.ok_or_else(|| missing(VERSION))?;
        let content = if Versioned::<T, OLDEST>::is_read(version) {
            Some(fields.next_element()?.ok_or_else(|| missing(CONTENT))?)
        } else {
            None
        };
        Ok(Versioned { version, content })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut fields: A) -> Result<Self::Value, A::Error> {
        let mut fields_expected = FIELDS.iter().copied();
        let mut version = None;
        let mut content = None;
        while let Some(field) = fields.next_key::<Field>()? {
            match (field, fields_expected.next(), version) {
                (Field::Version, Some(VERSION), _) => version = Some(fields.next_value()?),
                (Field::Content, Some(CONTENT), Some(version)) => {
                    if Versioned::<T, OLDEST>::is_read(version) {
                        content = Some(fields.next_value()?);
                    } else {
                        fields.next_value::<IgnoredAny>()?;
                    }
                }
                // What else a newer release may have added.
                (_, _, Some(version)) if !Versioned::<T, OLDEST>::is_read(version) => {
                    fields.next_value::<IgnoredAny>()?;
                }
                (field, ..) => return Err(A::Error::custom(field.misplaced())),
            }
        }
        let version = version.ok_or_else(|| A::Error::missing_field(VERSION))?;
        if content.is_none() && Versioned::<T, OLDEST>::is_read(version) {
            return Err(A::Error::missing_field(CONTENT));
        }
        Ok(Versioned { version, content })
    }
}

#[derive(Clone, Copy, Deserialize)]
#[serde(field_identifier, rename_all = "snake_case")]
enum Field {
    #[serde(rename = "semantics_version")]
    Version,
    Content,
    #[serde(other)]
    Unknown,
}

impl Field {
    fn misplaced(self) -> &'static str {
        match self {
            Self::Version => "`semantics_version` comes first, and once",
            Self::Content => "`content` comes after `semantics_version`, and once",
            Self::Unknown => "a document has the fields `semantics_version` and `content` only",
        }
    }
}
