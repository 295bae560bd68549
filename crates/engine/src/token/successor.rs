//! A spent refresh token's successor, sealed under a key that only the spent token yields: who repeats a request whose
//! answer was lost gets it again, and who reads the database gets nothing (RT-14).

use aws_lc_rs::aead::{AES_256_GCM_SIV, Aad, LessSafeKey, NONCE_LEN, Nonce, UnboundKey};
use aws_lc_rs::hkdf::{HKDF_SHA256, Salt};
use tokenry_model::Rng;
use tokenry_protocol::secret::Secret;
use zeroize::Zeroizing;

const SALT: &[u8] = b"tokenry/refresh-successor/1";
const PURPOSE: &[u8] = b"tokenry/refresh-successor/1";

/// Seals `successor` for whoever knows `spent`.
pub(super) fn seal(spent: &Secret, successor: &Secret, rng: &dyn Rng) -> Vec<u8> {
    let mut nonce = [0; NONCE_LEN];
    rng.fill(&mut nonce);
    let mut body = Zeroizing::new(successor.expose().as_bytes().to_vec());
    key(spent)
        .seal_in_place_append_tag(Nonce::assume_unique_for_key(nonce), Aad::from(PURPOSE), &mut *body)
        .expect("a token can be sealed");
    [nonce.as_slice(), body.as_slice()].concat()
}

/// Opens what [`seal`] made for the same spent token; `None` if it was not made for it, or has been changed.
pub(super) fn open(spent: &Secret, sealed: &[u8]) -> Option<Secret> {
    let (nonce, body) = sealed.split_at_checked(NONCE_LEN)?;
    let nonce = Nonce::try_assume_unique_for_key(nonce).ok()?;
    let mut body = Zeroizing::new(body.to_vec());
    let opened = key(spent).open_in_place(nonce, Aad::from(PURPOSE), &mut body).ok()?;
    str::from_utf8(opened).ok().map(|text| Secret::new(text.to_owned()))
}

fn key(spent: &Secret) -> LessSafeKey {
    let prk = Salt::new(HKDF_SHA256, SALT).extract(spent.expose().as_bytes());
    let okm = prk.expand(&[PURPOSE], &AES_256_GCM_SIV).expect("a key is short enough to derive");
    LessSafeKey::new(UnboundKey::from(okm))
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::SystemRng;

    #[test]
    fn rt_14_only_the_spent_token_opens_its_successor() {
        let [spent, next, other] = ["spent", "next", "other"].map(|text| Secret::new(text.to_owned()));
        let sealed = seal(&spent, &next, &SystemRng);
        assert_eq!(open(&spent, &sealed).unwrap().expose(), "next");
        assert!(!sealed.windows(4).any(|part| part == b"next"));
        assert!(open(&other, &sealed).is_none());
        for at in 0..sealed.len() {
            let mut changed = sealed.clone();
            changed[at] ^= 1;
            assert!(open(&spent, &changed).is_none(), "{at}");
        }
        assert!(open(&spent, &sealed[..5]).is_none());
    }
}
