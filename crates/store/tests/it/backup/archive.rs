//! The file that a backup is: whatever was cut off or turned, it is refused.

use std::io;

use tokenry_store::archive::{ArchiveError, Manifest, read, read_again, write};
use tokenry_store::db::Kind;

fn manifest(payload: &[u8]) -> Manifest {
    Manifest {
        engine: Kind::Sqlite,
        schema: 5,
        oldest_compatible: 1,
        created_at: 1_763_700_000_000,
        tokenry: "0.1.0".to_owned(),
        keyring_check: Some("c2VhbGVk".to_owned()),
        clients: 3,
        audit_seq: 41,
        checkpoint: 7,
        payload: payload.len() as u64,
    }
}

fn written(payload: &[u8]) -> Vec<u8> {
    let mut file = Vec::new();
    write(&mut file, &manifest(payload), &mut &*payload).unwrap();
    file
}

fn payload() -> Vec<u8> {
    (0..3_000_u32).flat_map(|n| n.wrapping_mul(2_654_435_761).to_be_bytes()).collect()
}

#[test]
fn what_was_written_is_read() {
    for payload in [Vec::new(), payload(), vec![7; 64 * 1024], vec![7; 64 * 1024 + 1]] {
        let mut found = Vec::new();
        let read = read(&mut written(&payload).as_slice(), &mut found).unwrap();
        assert_eq!((read, found), (manifest(&payload), payload));
    }
}

#[test]
fn db_12_a_backup_that_was_cut_off_is_refused_at_every_length() {
    let file = written(&payload());
    for length in 0..file.len() {
        let error = read(&mut &file[..length], &mut io::sink()).unwrap_err();
        assert!(matches!(error, ArchiveError::Truncated), "{length} of {}: {error}", file.len());
    }
    let longer = [&file[..], b"\0"].concat();
    assert!(matches!(read(&mut longer.as_slice(), &mut io::sink()), Err(ArchiveError::Damaged)));
}

#[test]
fn db_12_a_backup_with_a_turned_bit_is_refused_wherever_it_is() {
    let file = written(&payload());
    // Every bit of the head, where lengths are, and one of each byte after it.
    for at in 0..file.len() {
        for bit in 0..if at < 400 { 8 } else { 1 } {
            let mut turned = file.clone();
            turned[at] ^= 1 << ((at + bit) % 8);
            let refused = read(&mut turned.as_slice(), &mut io::sink());
            assert!(refused.is_err(), "bit {bit} of byte {at} is turned");
        }
    }
    assert!(read(&mut file.as_slice(), &mut io::sink()).is_ok());
}

/// Whoever acts on what it gets, as `pg_restore` does, cannot come to an end with what is not whole or not the same.
#[test]
fn db_12_the_last_of_a_payload_is_handed_on_when_all_of_it_is_right() {
    let payload = payload();
    let mut damaged = written(&payload);
    *damaged.last_mut().unwrap() ^= 1;
    let again = |file: &[u8], found: &mut Vec<u8>| read_again(&mut &*file, found, &manifest(&payload));
    let mut found = Vec::new();
    assert!(matches!(again(&damaged, &mut found), Err(ArchiveError::Damaged)));
    assert!(found.len() < payload.len(), "{} of {} bytes", found.len(), payload.len());
    found.clear();
    assert!(matches!(again(&written(b"another"), &mut found), Err(ArchiveError::Changed)));
    assert_eq!(found, b"");
    again(&written(&payload), &mut found).unwrap();
    assert_eq!(found, payload);
}

#[test]
fn something_else_is_told_from_a_later_format() {
    let refused = |bytes: &[u8]| read(&mut &*bytes, &mut io::sink()).unwrap_err();
    assert!(matches!(refused(b"SQLite format 3\0 and so on and on"), ArchiveError::Other));
    assert!(matches!(refused(b"tokenry backup 2\n and so on"), ArchiveError::Format));
    assert!(matches!(refused(b""), ArchiveError::Truncated));
}

#[test]
fn a_payload_of_another_length_than_was_said_is_not_written() {
    let mut manifest = manifest(&payload());
    manifest.payload += 1;
    assert!(write(&mut Vec::new(), &manifest, &mut payload().as_slice()).is_err());
}
