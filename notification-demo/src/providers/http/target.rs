//! Where a request goes.

use std::fmt;

use hyper::Uri;

/// An `http` or `https` URL. Prints without its path, which may hold a secret.
#[derive(Clone, PartialEq, Eq)]
pub(in crate::providers) struct Target(Uri);

/// Why a text is no target. Says what to give, never repeats the text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub(in crate::providers) enum TargetError {
    #[error("is no URL: give one such as `https://api.example.org/path`")]
    Shape,
    #[error("holds a name or password before the host: leave it out")]
    UserInfo,
    #[error("would send secrets open to read: give an `https` URL")]
    Open,
}

impl Target {
    /// Any URL of the two schemes.
    pub(in crate::providers) fn parse(text: &str) -> Result<Self, TargetError> {
        let uri: Uri = text.parse().map_err(|_| TargetError::Shape)?;
        let (Some("http" | "https"), Some(authority)) = (uri.scheme_str(), uri.authority()) else {
            return Err(TargetError::Shape);
        };
        if authority.as_str().contains('@') {
            return Err(TargetError::UserInfo);
        }
        let target = Self(uri);
        if target.host().is_empty() { Err(TargetError::Shape) } else { Ok(target) }
    }

    /// One to which a secret may go: encrypted, or on this machine.
    pub(in crate::providers) fn parse_confidential(text: &str) -> Result<Self, TargetError> {
        let target = Self::parse(text)?;
        let is_here = matches!(target.host(), "127.0.0.1" | "::1" | "localhost");
        if target.is_encrypted() || is_here { Ok(target) } else { Err(TargetError::Open) }
    }

    pub(in crate::providers) fn is_encrypted(&self) -> bool {
        self.0.scheme_str() == Some("https")
    }

    /// Scheme, host and port, the port left out where the scheme implies it.
    pub(in crate::providers) fn origin(&self) -> String {
        let (scheme, implied) = if self.is_encrypted() { ("https", 443) } else { ("http", 80) };
        let host = self.0.host().unwrap_or_default().to_ascii_lowercase();
        match self.port() {
            port if port == implied => format!("{scheme}://{host}"),
            port => format!("{scheme}://{host}:{port}"),
        }
    }

    /// The whole URL.
    pub(in crate::providers) fn whole(&self) -> String {
        self.0.to_string()
    }

    /// A name, or an address without brackets.
    pub(super) fn host(&self) -> &str {
        self.0.host().unwrap_or_default().trim_start_matches('[').trim_end_matches(']')
    }

    pub(super) fn port(&self) -> u16 {
        self.0.port_u16().unwrap_or(if self.is_encrypted() { 443 } else { 80 })
    }

    /// Host and port as they stand in the URL.
    pub(super) fn authority(&self) -> &str {
        self.0.authority().map_or("", |authority| authority.as_str())
    }

    pub(super) fn path(&self) -> &str {
        self.0.path_and_query().map_or("/", |path| path.as_str())
    }
}

impl fmt::Debug for Target {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}://{}/…", self.0.scheme_str().unwrap_or_default(), self.authority())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_target_is_a_whole_url() {
        let target = Target::parse("https://api.example.org:8443/a/b?c=secret").unwrap();
        assert_eq!((target.host(), target.port()), ("api.example.org", 8443));
        assert_eq!(target.path(), "/a/b?c=secret");
        assert_eq!(format!("{target:?}"), "https://api.example.org:8443/…");
        assert_eq!(target.origin(), "https://api.example.org:8443");
        assert_eq!(Target::parse("https://A.b:443/c").unwrap().origin(), "https://a.b");
        let target = Target::parse("http://[::1]").unwrap();
        assert_eq!(target.origin(), "http://[::1]");
        assert_eq!((target.host(), target.port(), target.path()), ("::1", 80, "/"));
        for (wrong, error) in [
            ("", TargetError::Shape),
            ("/path", TargetError::Shape),
            ("example.org", TargetError::Shape),
            ("file:///etc/passwd", TargetError::Shape),
            ("gopher://example.org/", TargetError::Shape),
            ("https:///path", TargetError::Shape),
            ("https://exa mple.org/", TargetError::Shape),
            ("https://user@example.org/", TargetError::UserInfo),
            ("https://user:pw@example.org/", TargetError::UserInfo),
        ] {
            assert_eq!(Target::parse(wrong).unwrap_err(), error, "{wrong:?}");
        }
    }

    #[test]
    fn secrets_travel_encrypted_or_not_at_all() {
        for good in
            ["https://api.example.org", "http://127.0.0.1:4010", "http://localhost", "http://[::1]"]
        {
            assert!(Target::parse_confidential(good).is_ok(), "{good}");
        }
        for wrong in ["http://api.example.org", "http://127.0.0.1.example.org", "http://10.0.0.1"] {
            assert_eq!(Target::parse_confidential(wrong), Err(TargetError::Open), "{wrong}");
        }
    }
}
