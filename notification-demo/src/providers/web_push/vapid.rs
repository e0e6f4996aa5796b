//! Who sends: a token signed for one push service (RFC 8292).

use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use ring::{
    rand::SystemRandom,
    signature::{ECDSA_P256_SHA256_FIXED_SIGNING, EcdsaKeyPair},
};
use serde::Serialize;

use crate::providers::Secret;

/// A token holds for so long; a service refuses one that claims more than a day.
const TOKEN_SECONDS: u64 = 12 * 3_600;

/// Signs tokens with one key.
pub(super) struct Vapid {
    key: EcdsaKeyPair,
    random: SystemRandom,
    public_key: String,
    subject: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: &'a str,
    exp: u64,
    sub: &'a str,
}

impl Vapid {
    /// # Errors
    /// The setting that is wrong, and what to give.
    pub(super) fn new(public: &str, private: &Secret, subject: &str) -> Result<Self, String> {
        if !(subject.starts_with("mailto:") || subject.starts_with("https:")) {
            return Err("subject: is none: give a `mailto:` or `https:` URL".into());
        }
        let decode = |text: &str| URL_SAFE_NO_PAD.decode(text.trim_end_matches('=')).ok();
        let public_bytes = decode(public)
            .ok_or("public_key: is none: give 65 bytes in base64url, as the page uses them")?;
        let private_bytes =
            decode(private.reveal()).ok_or("private_key: is none: give 32 bytes in base64url")?;
        let random = SystemRandom::new();
        let key = EcdsaKeyPair::from_private_key_and_public_key(
            &ECDSA_P256_SHA256_FIXED_SIGNING,
            &private_bytes,
            &public_bytes,
            &random,
        );
        Ok(Self {
            key: key.map_err(
                |_| "public_key: is not the other half of `private_key`: give both of one pair",
            )?,
            random,
            public_key: URL_SAFE_NO_PAD.encode(public_bytes),
            subject: subject.to_owned(),
        })
    }

    /// The header for a push service; none if the system gives no randomness.
    pub(super) fn authorization(&self, origin: &str, now_seconds: u64) -> Option<String> {
        let exp = now_seconds.saturating_add(TOKEN_SECONDS);
        let claims = Claims { aud: origin, exp, sub: &self.subject };
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        let claims = URL_SAFE_NO_PAD.encode(serde_json::to_vec(&claims).ok()?);
        let signed = format!("{head}.{claims}");
        let signature = self.key.sign(&self.random, signed.as_bytes()).ok()?;
        let signature = URL_SAFE_NO_PAD.encode(signature);
        Some(format!("vapid t={signed}.{signature},k={}", self.public_key))
    }
}

#[cfg(test)]
pub(super) mod tests {
    use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};

    use super::*;

    /// The key of RFC 8291's example sender, whose both halves are printed there.
    pub(in crate::providers) const PUBLIC: &str =
        "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8";
    pub(in crate::providers) const PRIVATE: &str = "yfWPiYE-n46HLnH0KqZOF1fJJU3MYrct3AELtAQ-oRw";

    #[test]
    fn a_token_says_for_whom_and_until_when() {
        let vapid = Vapid::new(PUBLIC, &PRIVATE.into(), "mailto:push@example.org").unwrap();
        let header = vapid.authorization("https://push.example.org", 1_000).unwrap();
        let (token, key) = header.strip_prefix("vapid t=").unwrap().split_once(",k=").unwrap();
        assert_eq!(key, PUBLIC);
        let claims = token.split('.').nth(1).unwrap();
        assert_eq!(
            String::from_utf8(URL_SAFE_NO_PAD.decode(claims).unwrap()).unwrap(),
            r#"{"aud":"https://push.example.org","exp":44200,"sub":"mailto:push@example.org"}"#
        );
        assert!(is_signed(token, PUBLIC));
        assert!(!is_signed(&token.replacen('.', ".e", 1), PUBLIC), "every byte is signed");
    }

    /// Section 2.4 of RFC 8292: what its signer wrote is read here as what ours writes.
    #[test]
    fn the_example_of_the_rfc_is_read_alike() {
        let token = "eyJ0eXAiOiJKV1QiLCJhbGciOiJFUzI1NiJ9.eyJhdWQiOiJodHRwczovL3B1c2guZXhhbXBsZS5uZXQiLCJleHAiOjE0NTM1MjM3NjgsInN1YiI6Im1haWx0bzpwdXNoQGV4YW1wbGUuY29tIn0.i3CYb7t4xfxCDquptFOepC9GAu_HLGkMlMuCGSK2rpiUfnK9ojFwDXb1JrErtmysazNjjvW2L9OkSSHzvoD1oA";
        let key = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        assert!(is_signed(token, key));
        let head = URL_SAFE_NO_PAD.encode(r#"{"typ":"JWT","alg":"ES256"}"#);
        assert!(token.starts_with(&format!("{head}.")));
    }

    #[test]
    fn settings_that_cannot_work_are_named() {
        let subject = "mailto:push@example.org";
        let other = "BA1Hxzyi1RUM1b5wjxsn7nGxAszw2u61m164i3MrAIxHF6YK5h4SDYic-dRuU_RCPCfA5aq9ojSwk5Y2EmClBPs";
        for (public, private, subject, setting) in [
            (PUBLIC, PRIVATE, "push@example.org", "subject: "),
            ("a b", PRIVATE, subject, "public_key: "),
            (PUBLIC, "a b", subject, "private_key: "),
            (other, PRIVATE, subject, "public_key: "),
        ] {
            let error = Vapid::new(public, &private.into(), subject).err().unwrap();
            assert!(error.starts_with(setting), "{error}");
        }
    }

    fn is_signed(token: &str, key: &str) -> bool {
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let [signature, key] = [signature, key].map(|text| URL_SAFE_NO_PAD.decode(text).unwrap());
        let key = UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key);
        key.verify(signed.as_bytes(), &signature).is_ok()
    }
}
