//! The signature of Standard Webhooks: HMAC-SHA256 over the id, the time and the body.
//!
//! Source: standard-webhooks/standard-webhooks, spec b2fa7b8, read 2026-11-28.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

/// How many bytes a secret has (the specification: 24 to 64).
const LENGTHS: std::ops::RangeInclusive<usize> = 24..=64;

/// The block of SHA-256. Bytes.
const BLOCK: usize = 64;

/// Reads a secret of the form `whsec_BASE64`; none when it is not one.
pub(super) fn decode_secret(text: &str) -> Option<Vec<u8>> {
    let key = STANDARD.decode(text.strip_prefix("whsec_")?).ok()?;
    LENGTHS.contains(&key.len()).then_some(key)
}

/// Returns the header `webhook-signature`, with a signature for each secret: during a rotation a
/// receiver knows the old one or the new one.
pub(super) fn sign(keys: &[Vec<u8>], id: &str, seconds: i64, body: &[u8]) -> String {
    let signed = [format!("{id}.{seconds}.").as_bytes(), body].concat();
    let one = |key: &Vec<u8>| format!("v1,{}", STANDARD.encode(compute_hmac(key, &signed)));
    keys.iter().map(one).collect::<Vec<_>>().join(" ")
}

/// HMAC-SHA256 (RFC 2104), for a key that is not longer than a block.
fn compute_hmac(key: &[u8], text: &[u8]) -> [u8; 32] {
    let pad = |byte: u8| {
        let mut block = [byte; BLOCK];
        block.iter_mut().zip(key).for_each(|(block, key)| *block ^= key);
        block
    };
    let inner = Sha256::new().chain_update(pad(0x36)).chain_update(text).finalize();
    Sha256::new().chain_update(pad(0x5c)).chain_update(inner).finalize().into()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The vector of the libraries for Go, Rust and JavaScript.
    #[test]
    fn the_vector_of_the_specification_is_signed_alike() {
        let key = decode_secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").unwrap();
        let signature = sign(
            std::slice::from_ref(&key),
            "msg_p5jXN8AQM9LWM0D4loKWxJek",
            1_614_265_330,
            br#"{"test": 2432232314}"#,
        );
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
        let both = sign(&[key.clone(), vec![7; 24]], "msg_1", 1, b"{}");
        assert_eq!(both.split(' ').count(), 2);
        assert!(both.split(' ').all(|one| one.starts_with("v1,")), "{both}");
    }

    #[test]
    fn a_secret_has_its_form_and_length() {
        for bad in ["", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_c2hvcnQ=", "whsec_?"] {
            assert_eq!(decode_secret(bad), None, "{bad}");
        }
        let long = format!("whsec_{}", STANDARD.encode([1; 65]));
        assert_eq!(decode_secret(&long), None);
    }
}
