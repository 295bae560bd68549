//! Ports that this server connects to at nobody's wish: where mail, shells, names, files and stores are spoken to, which might
//! take a request for something of theirs (WEB-01). Said when an address is registered, and again at each request.

const OTHERS_PORTS: [u16; 18] =
    [21, 22, 23, 25, 53, 110, 111, 143, 389, 465, 587, 993, 995, 2049, 3306, 5432, 6379, 11211];

/// Whether the port is another protocol's.
#[must_use]
pub fn is_others_port(port: u16) -> bool {
    OTHERS_PORTS.contains(&port)
}
