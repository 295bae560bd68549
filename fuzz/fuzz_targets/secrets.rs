//! Presented secrets: any text has a shape, and only what `issue` writes is intact.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenry_protocol::secret::{Brand, SecretKind, Shape, base62, issue, shape};

fuzz_target!(|input: (&str, [u8; 32])| {
    let (text, entropy) = input;
    let brand = Brand::default();
    assert_eq!(shape(&brand, text) == Shape::Foreign, !text.starts_with("tokenry_"));
    assert_eq!(base62(&entropy, 43).len(), 43);
    for kind in SecretKind::ALL {
        assert_eq!(shape(&brand, issue(&brand, kind, &entropy).expose()), Shape::Branded(kind));
    }
});
