//! The encryption of a push message (RFC 8291), in one record of `aes128gcm` (RFC 8188).

use ring::{
    aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey},
    agreement::{ECDH_P256, EphemeralPrivateKey, UnparsedPublicKey, agree_ephemeral},
    hmac::{HMAC_SHA256, Key, sign},
    rand::{SecureRandom as _, SystemRandom},
};

/// Bytes of a public key: a point of P-256, uncompressed.
pub(super) const KEY_BYTES: usize = 65;
/// Bytes of a subscription's authentication secret.
pub(super) const AUTH_BYTES: usize = 16;
/// Bytes that fit what every push service takes (4,096) beside head, padding mark and tag.
pub(super) const PLAINTEXT_BYTES_MAX: usize = 3_993;

const SALT_BYTES: usize = 16;
/// What a head says of the length of records: ours is the only one, and shorter.
const RECORD_BYTES: u32 = 4_096;
/// Ends the last record.
const LAST_RECORD: u8 = 2;

/// Encrypts for a browser with this key and secret, under a key and salt of this message alone.
/// None if the browser's key is none, the text too long, or the system gives no randomness.
pub(super) fn encrypt(
    browser: &[u8; KEY_BYTES],
    auth: &[u8; AUTH_BYTES],
    plaintext: &[u8],
) -> Option<Vec<u8>> {
    let random = SystemRandom::new();
    let mut salt = [0; SALT_BYTES];
    random.fill(&mut salt).ok()?;
    let private = EphemeralPrivateKey::generate(&ECDH_P256, &random).ok()?;
    let sender = private.compute_public_key().ok()?;
    let sender = sender.as_ref().try_into().ok()?;
    let browsers = UnparsedPublicKey::new(&ECDH_P256, browser);
    let sealed = agree_ephemeral(private, &browsers, |shared| {
        seal(&Keys { shared, auth, browser, sender, salt: &salt }, plaintext)
    });
    sealed.ok()?
}

/// All that decides what a text becomes.
struct Keys<'a> {
    /// What browser and sender agree on.
    shared: &'a [u8],
    auth: &'a [u8; AUTH_BYTES],
    browser: &'a [u8; KEY_BYTES],
    sender: &'a [u8; KEY_BYTES],
    salt: &'a [u8; SALT_BYTES],
}

fn seal(keys: &Keys<'_>, plaintext: &[u8]) -> Option<Vec<u8>> {
    if plaintext.len() > PLAINTEXT_BYTES_MAX {
        return None;
    }
    let info = [b"WebPush: info\0".as_slice(), keys.browser, keys.sender].concat();
    let input = expand(&hmac(keys.auth, keys.shared), &info);
    let material = hmac(keys.salt, &input);
    let key = expand(&material, b"Content-Encoding: aes128gcm\0");
    let nonce = expand(&material, b"Content-Encoding: nonce\0");
    let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key[..16]).ok()?);
    let nonce = Nonce::try_assume_unique_for_key(&nonce[..12]).ok()?;
    let mut record = [plaintext, &[LAST_RECORD]].concat();
    key.seal_in_place_append_tag(nonce, Aad::empty(), &mut record).ok()?;
    let mut body = keys.salt.to_vec();
    body.extend_from_slice(&RECORD_BYTES.to_be_bytes());
    body.push(KEY_BYTES as u8);
    body.extend_from_slice(keys.sender);
    body.extend_from_slice(&record);
    Some(body)
}

/// HKDF's second step, for at most 32 bytes.
fn expand(key: &[u8; 32], info: &[u8]) -> [u8; 32] {
    hmac(key, &[info, &[1]].concat())
}

fn hmac(key: &[u8], message: &[u8]) -> [u8; 32] {
    let mut tag = [0; 32];
    tag.copy_from_slice(sign(&Key::new(HMAC_SHA256, key), message).as_ref());
    tag
}

#[cfg(test)]
mod tests {
    use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

    use super::*;

    /// Appendix A of RFC 8291.
    #[test]
    fn the_example_of_the_rfc_comes_out() {
        let bytes = |text: &str| URL_SAFE_NO_PAD.decode(text).unwrap();
        let browser = bytes(
            "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4",
        );
        let sender = bytes(
            "BP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A8",
        );
        let keys = Keys {
            shared: &bytes("kyrL1jIIOHEzg3sM2ZWRHDRB62YACZhhSlknJ672kSs"),
            auth: &bytes("BTBZMqHH6r4Tts7J_aSIgg").try_into().unwrap(),
            browser: &browser.try_into().unwrap(),
            sender: &sender.try_into().unwrap(),
            salt: &bytes("DGv6ra1nlYgDCS1FRnbzlw").try_into().unwrap(),
        };
        let body = seal(&keys, b"When I grow up, I want to be a watermelon").unwrap();
        let expected = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
        assert_eq!(URL_SAFE_NO_PAD.encode(body), expected);
    }

    #[test]
    fn the_longest_text_fits_what_services_take_and_every_message_has_its_own_key() {
        let random = SystemRandom::new();
        let browser = EphemeralPrivateKey::generate(&ECDH_P256, &random).unwrap();
        let browser = browser.compute_public_key().unwrap();
        let browser = browser.as_ref().try_into().unwrap();
        let longest = vec![b'x'; PLAINTEXT_BYTES_MAX + 1];
        let one = encrypt(browser, &[7; AUTH_BYTES], &longest[1..]).unwrap();
        assert_eq!(one.len(), 4_096);
        assert_ne!(one, encrypt(browser, &[7; AUTH_BYTES], &longest[1..]).unwrap());
        assert!(encrypt(browser, &[7; AUTH_BYTES], &longest).is_none());
        assert!(encrypt(&[4; KEY_BYTES], &[7; AUTH_BYTES], b"no point of the curve").is_none());
    }
}
