//! What the library allocates, because a stranger decides how often (CVE-2025-30204) and because signing
//! should cost a signature.

use allocation_counter::measure;
use tokenry_jose::{Algorithm, Error, Unverified};

use crate::support::{MAX_LEN, signer};

#[test]
fn jwt_19_a_million_dots_allocate_nothing() {
    let dots = ".".repeat(1_000_000);
    let mut refusal = None;
    let within = measure(|| refusal = Unverified::parse(&dots, MAX_LEN).err());
    assert_eq!((refusal, within.count_total), (Some(Error::TooLarge), 0));
    let beyond = measure(|| refusal = Unverified::parse(&dots, usize::MAX).err());
    assert_eq!((refusal, beyond.count_total), (Some(Error::Parts), 0), "also if the caller sets no limit");
}

#[test]
fn the_compact_form_is_one_allocation() {
    for algorithm in Algorithm::ALL {
        let key = signer(algorithm);
        let header = key.header("at+jwt");
        let payload = vec![b'a'; 500];
        // Beside what the crypto library allocates (a little less for some signatures than for others),
        // `sign` allocates its result; so does `sign_compact`, and no more.
        let fewest = |sign: &dyn Fn()| (0..32).map(|_| measure(sign).count_total).min();
        let signature = fewest(&|| drop(key.sign(&payload).expect("signing works")));
        let compact = fewest(&|| drop(key.sign_compact(&header, &payload).expect("signing works")));
        assert_eq!(compact, signature, "{algorithm}");
    }
}

#[test]
fn the_capacity_is_exact() {
    for algorithm in Algorithm::ALL {
        let token = signer(algorithm).sign_compact("e30", b"four").unwrap();
        assert_eq!(token.capacity(), token.len(), "{algorithm}");
    }
}
