//! The `claims` parameter (OpenID Connect Core §5.5): which claims a client would like to have, and where.

use serde_json::{Map, Value};

use crate::error::{Error, ErrorCode};
use crate::params::Params;

/// The longest `claims` parameter, in bytes.
pub const MAX_CLAIMS: usize = 2_048;
/// The most claims that may be asked for in one place.
const MAX_MEMBERS: usize = 64;

/// What a client would like to have: an object with at most `id_token` and `userinfo`, each an object whose members are
/// `null` or objects. Other members are dropped, because they mean nothing here.
pub type ClaimsRequest = Map<String, Value>;

/// Reads `claims`.
pub(super) fn of(params: &Params) -> Result<ClaimsRequest, Error> {
    let Some(text) = params.get("claims") else { return Ok(Map::new()) };
    let refused = |text| Error::new(ErrorCode::InvalidRequest, text);
    if text.len() > MAX_CLAIMS {
        return Err(refused("The parameter claims is too long"));
    }
    let malformed = "The parameter claims must be a JSON object as OpenID Connect Core 5.5 has it";
    // serde_json keeps the last of two members; nothing is decided by what is dropped, since a claim that is asked for
    // is given only as far as the scope lets it.
    let mut asked: Map<String, Value> =
        serde_json::from_str(text).map_err(|_malformed| refused(malformed))?;
    asked.retain(|place, _claims| matches!(place.as_str(), "id_token" | "userinfo"));
    let fits = asked.values().all(is_list_of_claims);
    asked.retain(|_place, claims| !claims.is_null());
    if fits { Ok(asked) } else { Err(refused(malformed)) }
}

fn is_list_of_claims(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::Object(claims) => {
            claims.len() <= MAX_MEMBERS && claims.values().all(|wish| wish.is_null() || wish.is_object())
        }
        _ => false,
    }
}
