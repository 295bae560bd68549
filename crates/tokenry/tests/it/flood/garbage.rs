//! Kinds of garbage, as bytes on a connection.

use std::hash::{BuildHasher as _, RandomState};

/// What strangers send.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Kind {
    BadJson,
    Docs,
    Half,
    HeadTooLong,
    NoHost,
    OtherPath,
    RandomBytes,
    TwiceTheSameParameter,
    UnknownApi,
    UnknownClient,
    WrongSecret,
}

/// All of it.
pub(crate) const EVERYTHING: &[Kind] = &[
    Kind::BadJson,
    Kind::Docs,
    Kind::Half,
    Kind::HeadTooLong,
    Kind::NoHost,
    Kind::OtherPath,
    Kind::RandomBytes,
    Kind::TwiceTheSameParameter,
    Kind::UnknownApi,
    Kind::UnknownClient,
    Kind::WrongSecret,
];

/// What is no failed authentication of anybody.
pub(crate) const NAMELESS: &[Kind] = &[
    Kind::BadJson,
    Kind::Docs,
    Kind::Half,
    Kind::HeadTooLong,
    Kind::NoHost,
    Kind::OtherPath,
    Kind::RandomBytes,
    Kind::TwiceTheSameParameter,
];

impl Kind {
    /// One request of it; `name` is somebody else's `client_id`.
    pub(crate) fn bytes(self, name: &str) -> Vec<u8> {
        let form = "application/x-www-form-urlencoded";
        let token = "grant_type=client_credentials";
        match self {
            Self::BadJson => post("/oauth/token", "application/json", r#"{"grant_type":"client_cred"#),
            // The longest page, which nobody has asked for before.
            Self::Docs => b"GET /docs/reference/command-line HTTP/1.1\r\nHost: localhost\r\n\r\n".to_vec(),
            Self::Half => {
                b"POST /oauth/token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100\r\n\r\ngrant".to_vec()
            }
            Self::HeadTooLong => {
                format!("GET / HTTP/1.1\r\nHost: localhost\r\nX-Long: {}\r\n\r\n", "x".repeat(40_000)).into()
            }
            Self::NoHost => b"POST /oauth/token HTTP/1.1\r\nContent-Length: 0\r\n\r\n".to_vec(),
            Self::OtherPath => {
                format!("GET /wp-admin/{}.php HTTP/1.1\r\nHost: localhost\r\n\r\n", random()).into()
            }
            Self::RandomBytes => (0..64).flat_map(|_| random().to_le_bytes()).collect(),
            Self::TwiceTheSameParameter => post("/oauth/token", form, &format!("{token}&{token}")),
            Self::UnknownApi => {
                let body = format!("client_id=api{}&client_secret={}&token=x", random(), random());
                post("/oauth/introspect", form, &body)
            }
            Self::UnknownClient => {
                post("/oauth/token", form, &format!("{token}&client_id=c{}&client_secret=s", random()))
            }
            Self::WrongSecret => {
                post("/oauth/token", form, &format!("{token}&client_id={name}&client_secret={}", random()))
            }
        }
    }

    /// Whether the sender goes away in the middle.
    pub(crate) const fn breaks_off(self) -> bool {
        matches!(self, Self::Half)
    }
}

fn post(path: &str, content_type: &str, body: &str) -> Vec<u8> {
    format!(
        "POST {path} HTTP/1.1\r\nHost: localhost\r\nContent-Type: {content_type}\r\nContent-Length: {}\r\n\r\n{body}",
        body.len()
    )
    .into()
}

fn random() -> u64 {
    RandomState::new().hash_one(0)
}
