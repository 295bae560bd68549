//! Issued secrets, which begin with the brand and end with a checksum.

use base64::Engine as _;
use base64::alphabet::{STANDARD, URL_SAFE};
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use memchr::memmem;
use tokenry_protocol::secret::{Brand, Shape, shape};

use crate::Leak;

/// With what every secret of the tests begins.
const BRAND: &[u8] = b"tokenry_";
/// The longest that is looked at from there: `tokenry_pat_`, 43 digits, and 6 of the checksum.
const LONGEST: usize = 12 + 43 + 6;

/// Those that stand there as they are. One that only looks like a secret is none: tests make up many.
pub(crate) fn plain(bytes: &[u8]) -> Vec<Leak> {
    memmem::find_iter(bytes, BRAND).filter_map(|at| Some(leak(at, at_start(&bytes[at..])?))).collect()
}

/// Those within base64 (as in `Authorization: Basic …`) and within hexadecimal.
pub(crate) fn disguised(bytes: &[u8]) -> Vec<Leak> {
    let mut leaks = Vec::new();
    // Within something longer a secret begins at one of three places of a group; what it shares with others is unknown.
    for before in 0..3 {
        let mut sample = vec![0; before];
        sample.extend_from_slice(BRAND);
        let encoded = base64(&STANDARD).encode(&sample);
        let needle = &encoded[(before * 8).div_ceil(6)..sample.len() * 8 / 6];
        for at in memmem::find_iter(bytes, needle.as_bytes()) {
            let group = at.saturating_sub((before * 8).div_ceil(6));
            leaks.extend(decoded(&bytes[group..]).and_then(|text| {
                let start = memmem::find(&text, BRAND)?;
                Some(leak(at, at_start(&text[start..])?))
            }));
        }
    }
    let needle: String = BRAND.iter().map(|byte| format!("{byte:02x}")).collect();
    for at in memmem::find_iter(bytes, needle.as_bytes()) {
        leaks.extend(at_start(&unhex(&bytes[at..])).map(|secret| leak(at, secret)));
    }
    leaks
}

/// The secret that `bytes` begin with, if they begin with one.
fn at_start(bytes: &[u8]) -> Option<String> {
    let is_part = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    let len = bytes.iter().take(LONGEST).position(|byte| !is_part(byte)).unwrap_or(bytes.len().min(LONGEST));
    let text = std::str::from_utf8(&bytes[..len]).ok()?;
    // Something else may follow directly, as in a row of a database: each length that a secret may have is tried.
    let lengths = [LONGEST, LONGEST - 1].into_iter().filter(|length| *length <= len);
    let mut found = lengths.map(|length| &text[..length]);
    found.find(|text| matches!(shape(&Brand::default(), text), Shape::Branded(_))).map(str::to_owned)
}

fn leak(at: usize, secret: String) -> Leak {
    let kind = secret.rfind('_').map_or(0, |end| end + 1);
    let shown = format!("{}…{}", &secret[..kind], &secret[secret.len() - 4..]);
    drop(secret);
    Leak { what: "the secret", at, shown }
}

/// What the base64 at the beginning of `bytes` says, in either alphabet.
fn decoded(bytes: &[u8]) -> Option<Vec<u8>> {
    let is_digit = |byte: &u8| byte.is_ascii_alphanumeric() || b"+/-_".contains(byte);
    let len = bytes.iter().take(400).take_while(|byte| is_digit(byte)).count();
    let digits = &bytes[..len - usize::from(len % 4 == 1)];
    base64(&STANDARD).decode(digits).or_else(|_| base64(&URL_SAFE).decode(digits)).ok()
}

fn base64(alphabet: &base64::alphabet::Alphabet) -> GeneralPurpose {
    let lenient = GeneralPurposeConfig::new()
        .with_encode_padding(false)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent)
        .with_decode_allow_trailing_bits(true);
    GeneralPurpose::new(alphabet, lenient)
}

fn unhex(bytes: &[u8]) -> Vec<u8> {
    let digit = |byte: u8| char::from(byte).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    let pairs = bytes.chunks_exact(2).take(LONGEST);
    pairs.map_while(|pair| Some(digit(pair[0])? << 4 | digit(pair[1])?)).collect()
}
