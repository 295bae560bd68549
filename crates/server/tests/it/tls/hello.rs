//! Client hellos of clients that no library speaks for any more (RFC 5246 §7.4.1.2), and what a server says to them.

/// ECDHE with AES-GCM, for both kinds of certificates.
pub(super) const MODERN: &[u16] = &[0xC02B, 0xC02F, 0xC02C, 0xC030];

/// Kind of record, and of alert or message.
pub(super) const PROTOCOL_VERSION: [u8; 2] = [21, 70];
pub(super) const HANDSHAKE_FAILURE: [u8; 2] = [21, 40];
pub(super) const SERVER_HELLO: [u8; 2] = [22, 2];

/// The record with a hello of this version that offers these suites.
pub(super) fn client_hello(version: u16, suites: &[u16]) -> Vec<u8> {
    let mut extensions = Vec::new();
    let mut extension = |kind: u16, words: &[u16]| {
        let list = words.iter().flat_map(|word| word.to_be_bytes()).collect::<Vec<_>>();
        extensions.extend(kind.to_be_bytes());
        extensions.extend(with_length(&with_length(&list)));
    };
    // Groups: x25519 and P-256. Signatures: ECDSA with P-256, RSA-PSS, RSA.
    extension(10, &[0x001D, 0x0017]);
    extension(13, &[0x0403, 0x0804, 0x0401]);
    // Extended master secret (RFC 7627), which is empty.
    extensions.extend([0, 23, 0, 0]);
    let suites: Vec<_> = suites.iter().flat_map(|suite| suite.to_be_bytes()).collect();
    let body = [
        &version.to_be_bytes()[..],
        &[7; 32],
        &[0],
        &with_length(&suites),
        &[1, 0],
        &with_length(&extensions),
    ]
    .concat();
    let message = [&[1, 0], &with_length(&body)[..]].concat();
    [&[22, 3, 1], &with_length(&message)[..]].concat()
}

fn with_length(bytes: &[u8]) -> Vec<u8> {
    [&u16::try_from(bytes.len()).unwrap().to_be_bytes()[..], bytes].concat()
}
