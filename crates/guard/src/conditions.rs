//! Under which conditions a request may use a credential, as the issuer says beside its claims.

use std::net::IpAddr;

use ipnet::IpNet;
use serde_json::{Map, Value};
use tokenry_jose::base64url;

use crate::denied::Denied;

/// How many networks are looked at.
const MAX_NETWORKS: usize = 1_000;

/// What a request has to show beside the credential.
#[derive(Debug, Default, Eq, PartialEq)]
pub(crate) struct Conditions {
    /// Where it may come from; from everywhere, if there are none.
    allowed_addresses: Box<[IpNet]>,
    /// The digest of the CSRF token that belongs to a cookie.
    pub(crate) csrf_sha256: Option<[u8; 32]>,
}

impl Conditions {
    /// Reads what an answer says. What cannot be read allows nothing.
    pub(crate) fn read(answer: &Map<String, Value>) -> Result<Self, Denied> {
        let allowed_addresses = match answer.get("allowed_addresses") {
            None => Some(Box::default()),
            Some(Value::Array(networks)) => networks.iter().take(MAX_NETWORKS).map(network).collect(),
            Some(_) => None,
        };
        let csrf_sha256 = match answer.get("csrf_sha256") {
            None => Some(None),
            Some(Value::String(digest)) => {
                let digest = base64url::decode(digest).ok();
                digest.and_then(|digest| digest.as_slice().try_into().ok()).map(Some)
            }
            Some(_) => None,
        };
        Ok(Self {
            allowed_addresses: allowed_addresses.ok_or_else(|| malformed("allowed_addresses"))?,
            csrf_sha256: csrf_sha256.ok_or_else(|| malformed("csrf_sha256"))?,
        })
    }

    /// Whether there are addresses from which alone it may be used.
    pub(crate) fn has_addresses(&self) -> bool {
        !self.allowed_addresses.is_empty()
    }

    /// Whether a request from there may use it; `None`: nobody knows from where.
    pub(crate) fn check_address(&self, address: Option<IpAddr>) -> Result<(), Denied> {
        if !self.has_addresses() {
            return Ok(());
        }
        let Some(address) = address else {
            return Err(Denied::invalid_token(
                "the credential is for some addresses alone, and the client's is unknown here; see trusted_proxies",
            ));
        };
        if self.allowed_addresses.iter().any(|network| network.contains(&address)) {
            return Ok(());
        }
        Err(Denied::invalid_token(format!("the credential is not for use from {address}")))
    }
}

/// In CIDR notation, or an address alone.
fn network(value: &Value) -> Option<IpNet> {
    let text = value.as_str()?;
    text.parse().ok().or_else(|| text.parse::<IpAddr>().ok().map(IpNet::from))
}

fn malformed(member: &str) -> Denied {
    Denied::invalid_token(format!("the issuer's answer has a {member} that cannot be read"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn read(answer: Value) -> Result<Conditions, Denied> {
        let Value::Object(answer) = answer else { panic!("an object") };
        Conditions::read(&answer)
    }

    #[test]
    fn an_address_has_to_be_in_one_of_the_networks() {
        let conditions =
            read(json!({ "allowed_addresses": ["192.0.2.0/24", "2001:db8::/32", "10.0.0.7"] })).unwrap();
        let allows = |address: &str| conditions.check_address(Some(address.parse().unwrap())).is_ok();
        for inside in ["192.0.2.0", "192.0.2.255", "2001:db8::1", "10.0.0.7"] {
            assert!(allows(inside), "{inside}");
        }
        for outside in ["192.0.3.0", "2001:db9::1", "10.0.0.8", "127.0.0.1", "::1"] {
            assert!(!allows(outside), "{outside}");
        }
        assert_eq!(conditions.check_address(None).unwrap_err().code(), "invalid_token");
    }

    #[test]
    fn without_a_list_every_address_will_do() {
        for answer in [json!({}), json!({ "allowed_addresses": [] })] {
            let conditions = read(answer).unwrap();
            assert!(conditions.check_address(None).is_ok());
            assert!(conditions.check_address(Some("192.0.2.1".parse().unwrap())).is_ok());
        }
    }

    #[test]
    fn what_cannot_be_read_allows_nothing() {
        for answer in [
            json!({ "allowed_addresses": null }),
            json!({ "allowed_addresses": "192.0.2.0/24" }),
            json!({ "allowed_addresses": [7] }),
            json!({ "allowed_addresses": ["192.0.2.0/33"] }),
            json!({ "allowed_addresses": ["192.0.2.0/24", "example.com"] }),
            json!({ "csrf_sha256": "" }),
            json!({ "csrf_sha256": "AAAA" }),
            json!({ "csrf_sha256": null }),
            json!({ "csrf_sha256": "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg=" }),
        ] {
            assert!(read(answer.clone()).is_err(), "{answer}");
        }
        let good = read(json!({ "csrf_sha256": "n4bQgYhMfWWaL-qgxVrQFaO_TxsrC4Is0V1sFbDwCgg" })).unwrap();
        assert_eq!(good.csrf_sha256, Some(tokenry_jose::sha256(b"test")));
    }
}
