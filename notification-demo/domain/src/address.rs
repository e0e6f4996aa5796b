//! Where a person is reached: typed, checked once at the edge, and masked wherever it is printed.

use std::fmt;

use serde::{Deserialize, Serialize};

/// Bytes in a push endpoint.
pub const PUSH_BYTES_MAX: usize = 2_048;
/// Bytes in an e-mail address (RFC 5321).
pub const EMAIL_BYTES_MAX: usize = 254;
/// Bytes before the @ of an e-mail address (RFC 5321).
pub const EMAIL_LOCAL_BYTES_MAX: usize = 64;
/// Digits in a phone number (E.164).
pub const PHONE_DIGITS_MAX: usize = 15;
/// The fewest digits in a phone number.
pub const PHONE_DIGITS_MIN: usize = 7;
/// Bytes in a user's id.
pub const USER_BYTES_MAX: usize = 128;

/// Why a text is not the address it should be. Says what to give, never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AddressError {
    /// Give a token or URL of the right length.
    #[error("must be 1 to {PUSH_BYTES_MAX} bytes long: give the device's token or https URL")]
    PushLength,
    /// Leave out spaces and everything outside ASCII.
    #[error("must be printable ASCII without spaces: give the device's token or https URL")]
    PushCharacter,
    /// Give the https URL of the push service.
    #[error("is a URL that is not https with a host: give `https://…`, or the bare token")]
    PushUrl,
    /// Give one address.
    #[error("is not an e-mail address: give one such as `ada@example.org`, with exactly one @")]
    EmailShape,
    /// Give a shorter address.
    #[error(
        "is too long: at most {EMAIL_LOCAL_BYTES_MAX} bytes before the @ and {EMAIL_BYTES_MAX} in all"
    )]
    EmailLength,
    /// Use letters, digits and the usual signs before the @.
    #[error("has a character or a misplaced dot before the @ that e-mail does not allow")]
    EmailLocal,
    /// Name a host after the @.
    #[error("names no valid host after the @: give one such as `example.org`")]
    EmailDomain,
    /// Give the number with its country code.
    #[error(
        "is not an E.164 number: give + and {PHONE_DIGITS_MIN} to {PHONE_DIGITS_MAX} digits that \
         begin with the country code, such as `+447700900017`"
    )]
    Phone,
    /// Give the user's id.
    #[error("must be 1 to {USER_BYTES_MAX} bytes without control characters: give the user's id")]
    User,
}

macro_rules! address {
    ($(#[$doc:meta])* $name:ident, $check:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// Checks the text.
            ///
            /// # Errors
            /// [`AddressError`]: what is wrong, and what to give.
            pub fn parse(text: &str) -> Result<Self, AddressError> {
                $check(text)?;
                Ok(Self(text.to_owned()))
            }

            /// The whole text. For a provider, never for a log.
            #[must_use]
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = AddressError;

            fn try_from(text: String) -> Result<Self, AddressError> {
                $check(&text)?;
                Ok(Self(text))
            }
        }

        impl From<$name> for String {
            fn from(address: $name) -> Self {
                address.0
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}({self})", stringify!($name))
            }
        }
    };
}

address! {
    /// A device: the opaque token or the https URL that its push service gave out.
    ///
    /// 1 to 2,048 bytes of printable ASCII. Prints as `https://push.example.org/…` or `ab…`.
    PushEndpoint, check_push
}
address! {
    /// An e-mail address: ASCII, without quotes or comments, at most 254 bytes.
    ///
    /// Prints as `a…@example.org`.
    EmailAddress, check_email
}
address! {
    /// A phone number in E.164: + and 7 to 15 digits.
    ///
    /// Prints as `+49…21`.
    PhoneNumber, check_phone
}
address! {
    /// Whom a notification is for: the sender's own name for a person, 1 to 128 bytes.
    UserId, check_user
}

impl fmt::Display for PushEndpoint {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0.strip_prefix(HTTPS) {
            Some(rest) => write!(f, "{HTTPS}{}/…", host(rest)),
            None => write!(f, "{}…", if self.0.len() > 8 { &self.0[..2] } else { "" }),
        }
    }
}

impl fmt::Display for EmailAddress {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (local, domain) = self.0.split_once('@').unwrap_or_default();
        let first = if local.len() > 1 { &local[..1] } else { "" };
        write!(f, "{first}…@{domain}")
    }
}

impl fmt::Display for PhoneNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}…{}", &self.0[..3], &self.0[self.0.len() - 2..])
    }
}

impl fmt::Display for UserId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

const HTTPS: &str = "https://";

fn host(after_scheme: &str) -> &str {
    // A URL may carry a password before the host: `user:secret@host`.
    let authority = after_scheme.split(['/', '?', '#']).next().unwrap_or_default();
    authority.rsplit('@').next().unwrap_or_default()
}

fn check_push(text: &str) -> Result<(), AddressError> {
    if !(1..=PUSH_BYTES_MAX).contains(&text.len()) {
        return Err(AddressError::PushLength);
    }
    if !text.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(AddressError::PushCharacter);
    }
    let with_host = |rest| !host(rest).is_empty();
    if text.contains("://") && !text.strip_prefix(HTTPS).is_some_and(with_host) {
        return Err(AddressError::PushUrl);
    }
    Ok(())
}

fn check_email(text: &str) -> Result<(), AddressError> {
    let (local, domain) = text.split_once('@').ok_or(AddressError::EmailShape)?;
    if local.is_empty() || domain.is_empty() || domain.contains('@') {
        return Err(AddressError::EmailShape);
    }
    if local.len() > EMAIL_LOCAL_BYTES_MAX || text.len() > EMAIL_BYTES_MAX {
        return Err(AddressError::EmailLength);
    }
    // RFC 5321's dot-string: quoted local parts are legal and in nobody's use.
    let atom = |b: u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~".contains(&b);
    if !local.split('.').all(|part| !part.is_empty() && part.bytes().all(atom)) {
        return Err(AddressError::EmailLocal);
    }
    let label = |label: &str| {
        (1..=63).contains(&label.len())
            && label.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    if domain.split('.').all(label) { Ok(()) } else { Err(AddressError::EmailDomain) }
}

fn check_phone(text: &str) -> Result<(), AddressError> {
    let digits = text.strip_prefix('+').ok_or(AddressError::Phone)?;
    let plausible = (PHONE_DIGITS_MIN..=PHONE_DIGITS_MAX).contains(&digits.len())
        && digits.bytes().all(|b| b.is_ascii_digit())
        && !digits.starts_with('0');
    if plausible { Ok(()) } else { Err(AddressError::Phone) }
}

fn check_user(text: &str) -> Result<(), AddressError> {
    let plausible =
        (1..=USER_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control);
    if plausible { Ok(()) } else { Err(AddressError::User) }
}

#[cfg(test)]
mod tests {
    use super::*;
    #[cfg(target_arch = "wasm32")]
    use wasm_bindgen_test::wasm_bindgen_test as test;

    #[test]
    fn push_endpoints_are_tokens_or_https_urls() {
        let longest = "t".repeat(PUSH_BYTES_MAX);
        for good in ["t", "fcm:abc-DEF_123", "https://push.example.org/send/abc?x=1", &longest] {
            assert_eq!(PushEndpoint::parse(good).unwrap().as_str(), good);
        }
        for (wrong, error) in [
            ("", AddressError::PushLength),
            (&*format!("{longest}t"), AddressError::PushLength),
            ("two words", AddressError::PushCharacter),
            ("line\nbreak", AddressError::PushCharacter),
            ("tökén", AddressError::PushCharacter),
            ("http://push.example.org/x", AddressError::PushUrl),
            ("https:///x", AddressError::PushUrl),
            ("https://user@/x", AddressError::PushUrl),
        ] {
            assert_eq!(PushEndpoint::parse(wrong), Err(error), "{wrong:?}");
        }
    }

    #[test]
    fn email_addresses_keep_to_the_limits_of_smtp() {
        let local = "l".repeat(EMAIL_LOCAL_BYTES_MAX);
        let domain = [["d"; 63].concat(), ["d"; 63].concat(), ["d"; 61].concat()].join(".");
        let longest = format!("{local}@{domain}");
        assert_eq!(longest.len(), EMAIL_BYTES_MAX);
        for good in ["a@b", "ada.lovelace+tag@mail.example.org", "o'brien@ex-ample.org", &longest] {
            assert_eq!(EmailAddress::parse(good).unwrap().as_str(), good);
        }
        for (wrong, error) in [
            ("", AddressError::EmailShape),
            ("ada", AddressError::EmailShape),
            ("@example.org", AddressError::EmailShape),
            ("ada@", AddressError::EmailShape),
            ("ada@lovelace@example.org", AddressError::EmailShape),
            (&*format!("l{local}@example.org"), AddressError::EmailLength),
            (&*format!("{longest}d"), AddressError::EmailLength),
            ("ada lovelace@example.org", AddressError::EmailLocal),
            ("ada\r\nBcc:eve@example.org", AddressError::EmailLocal),
            (".ada@example.org", AddressError::EmailLocal),
            ("a..a@example.org", AddressError::EmailLocal),
            ("ädä@example.org", AddressError::EmailLocal),
            ("ada@exa mple.org", AddressError::EmailDomain),
            ("ada@example..org", AddressError::EmailDomain),
            ("ada@-example.org", AddressError::EmailDomain),
            ("ada@example.org\n", AddressError::EmailDomain),
        ] {
            assert_eq!(EmailAddress::parse(wrong), Err(error), "{wrong:?}");
        }
    }

    #[test]
    fn phone_numbers_are_e164() {
        for good in ["+4915112345621", "+1234567", "+123456789012345"] {
            assert_eq!(PhoneNumber::parse(good).unwrap().as_str(), good);
        }
        for wrong in [
            "",
            "+",
            "+123456",
            "+1234567890123456",
            "+0123456789",
            "004915112345621",
            "+49 151 1234",
            "+49151x2345621",
            "+٤٩١٥١١٢٣٤",
        ] {
            assert_eq!(PhoneNumber::parse(wrong), Err(AddressError::Phone), "{wrong:?}");
        }
    }

    #[test]
    fn users_have_a_name() {
        let longest = "u".repeat(USER_BYTES_MAX);
        for good in ["user-17", "Jürgen", &longest] {
            assert_eq!(UserId::parse(good).unwrap().to_string(), good);
        }
        for wrong in ["", "a\u{0}b", &format!("{longest}u")] {
            assert_eq!(UserId::parse(wrong), Err(AddressError::User), "{wrong:?}");
        }
    }

    #[test]
    fn nothing_that_prints_shows_an_address() {
        let phone = PhoneNumber::parse("+4915112345621").unwrap();
        assert_eq!(format!("{phone} {phone:?}"), "+49…21 PhoneNumber(+49…21)");
        let email = EmailAddress::parse("ada.lovelace@example.org").unwrap();
        assert_eq!(format!("{email}"), "a…@example.org");
        assert_eq!(EmailAddress::parse("a@example.org").unwrap().to_string(), "…@example.org");
        let url = PushEndpoint::parse("https://u:pw@push.example.org/secret?token=1").unwrap();
        assert_eq!(format!("{url:?}"), "PushEndpoint(https://push.example.org/…)");
        assert_eq!(PushEndpoint::parse("secret-token").unwrap().to_string(), "se…");
        assert_eq!(PushEndpoint::parse("secret").unwrap().to_string(), "…");
    }

    #[test]
    fn documents_are_checked_as_they_are_read() {
        let phone = PhoneNumber::parse("+4915112345621").unwrap();
        let json = serde_json::to_string(&phone).unwrap();
        assert_eq!(json, "\"+4915112345621\"", "a document holds the whole number");
        assert_eq!(serde_json::from_str::<PhoneNumber>(&json).unwrap(), phone);
        assert!(serde_json::from_str::<PhoneNumber>("\"0151\"").is_err());
    }
}
