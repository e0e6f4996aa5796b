//! Names of tenants and notifications.

use std::{borrow::Cow, fmt, str::FromStr};

use postroom_core::MessageId;
use serde::{Deserialize, Serialize};

/// Bytes in a tenant's name.
pub const TENANT_BYTES_MAX: usize = 32;

/// Whose notification it is. Ids and idempotency keys are the tenant's own.
///
/// A lowercase letter, then lowercase letters, digits and `-`: at most 32 bytes.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TenantId(Cow<'static, str>);

impl TenantId {
    /// The one tenant there is so far.
    pub const DEFAULT: Self = Self(Cow::Borrowed("demo"));

    /// The name.
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl Default for TenantId {
    fn default() -> Self {
        Self::DEFAULT
    }
}

impl fmt::Display for TenantId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The text is not a tenant's name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a tenant: give a lowercase letter, then letters, digits and `-`, at most \
     {TENANT_BYTES_MAX} bytes"
)]
pub struct ParseTenantError;

impl FromStr for TenantId {
    type Err = ParseTenantError;

    fn from_str(text: &str) -> Result<Self, ParseTenantError> {
        let plain = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-';
        let good = text.len() <= TENANT_BYTES_MAX
            && text.starts_with(|c: char| c.is_ascii_lowercase())
            && text.bytes().all(plain);
        if good { Ok(Self(Cow::Owned(text.to_owned()))) } else { Err(ParseTenantError) }
    }
}

impl TryFrom<String> for TenantId {
    type Error = ParseTenantError;

    fn try_from(text: String) -> Result<Self, ParseTenantError> {
        text.parse()
    }
}

impl From<TenantId> for String {
    fn from(tenant: TenantId) -> Self {
        tenant.0.into_owned()
    }
}

/// Names a notification: its tenant, and the message that carries it.
///
/// Reads and writes as text that needs no escape in a URL: `demo.t0.17`.
///
/// # Example: one spelling
/// ```
/// use postroom_notification::NotificationId;
///
/// let id: NotificationId = "demo.t0.17".parse()?;
/// assert_eq!(id.to_string(), "demo.t0.17");
/// assert!("demo.t0.017".parse::<NotificationId>().is_err());
/// # Ok::<(), postroom_notification::ParseNotificationIdError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NotificationId {
    /// Whose it is.
    pub tenant: TenantId,
    /// The message on the topic; every channel's copy has this id.
    pub message: MessageId,
}

impl fmt::Display for NotificationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{}", self.tenant, self.message)
    }
}

/// The text is not the id of a notification.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not a notification id: give one such as `demo.t0.17`, as it was answered")]
pub struct ParseNotificationIdError;

impl FromStr for NotificationId {
    type Err = ParseNotificationIdError;

    fn from_str(text: &str) -> Result<Self, ParseNotificationIdError> {
        let (tenant, message) = text.split_once('.').ok_or(ParseNotificationIdError)?;
        Ok(Self {
            tenant: tenant.parse().map_err(|_| ParseNotificationIdError)?,
            message: message.parse().map_err(|_| ParseNotificationIdError)?,
        })
    }
}

impl TryFrom<String> for NotificationId {
    type Error = ParseNotificationIdError;

    fn try_from(text: String) -> Result<Self, ParseNotificationIdError> {
        text.parse()
    }
}

impl From<NotificationId> for String {
    fn from(id: NotificationId) -> Self {
        id.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn an_id_has_one_spelling() {
        let id: NotificationId = "demo.t0.17".parse().unwrap();
        assert_eq!(id.tenant, TenantId::DEFAULT);
        assert_eq!(serde_json::to_string(&id).unwrap(), "\"demo.t0.17\"");
        for wrong in [
            "",
            "17",
            "demo",
            "demo.17",
            "demo.t0",
            "Demo.t0.17",
            ".t0.17",
            "demo.t0.017",
            "demo.t0.17 ",
        ] {
            assert_eq!(wrong.parse::<NotificationId>(), Err(ParseNotificationIdError), "{wrong:?}");
        }
    }

    #[test]
    fn tenants_need_no_escape() {
        for good in ["demo", "a", "team-7", &"t".repeat(TENANT_BYTES_MAX)] {
            assert_eq!(good.parse::<TenantId>().unwrap().as_str(), good);
        }
        for wrong in ["", "7team", "-a", "a.b", "a/b", "A", "ä", &"t".repeat(TENANT_BYTES_MAX + 1)]
        {
            assert_eq!(wrong.parse::<TenantId>(), Err(ParseTenantError), "{wrong:?}");
        }
    }
}
