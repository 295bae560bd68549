//! The Authorization header field and HTTP Basic: what is read can be written and read again.

#![no_main]

use libfuzzer_sys::fuzz_target;
use tokenry_protocol::authorization::Authorization;
use tokenry_protocol::basic::Basic;

fuzz_target!(|data: &[u8]| {
    let Ok(Authorization::Basic(b64)) = Authorization::parse(data) else { return };
    let Ok(read) = Basic::parse(b64) else { return };
    let written = Basic::encode(&read.client_id, &read.client_secret);
    let again = Basic::parse(written.expose()).expect("what was written can be read");
    assert_eq!(again.client_id, read.client_id);
    assert_eq!(again.client_secret.expose(), read.client_secret.expose());
});
