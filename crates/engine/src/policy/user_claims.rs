//! Which claims about a user a scope lets a client have (OpenID Connect Core §5.4).

use serde_json::{Map, Value};
use tokenry_model::User;
use tokenry_protocol::scope::Scope;

const PROFILE: [&str; 11] = [
    "birthdate",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "nickname",
    "picture",
    "profile",
    "website",
    "zoneinfo",
];
const PHONE: [&str; 2] = ["phone_number", "phone_number_verified"];

/// Every claim about a user that there is, by its name.
pub(crate) const ALL: [&str; 20] = [
    "address",
    "birthdate",
    "email",
    "email_verified",
    "family_name",
    "gender",
    "given_name",
    "locale",
    "middle_name",
    "name",
    "nickname",
    "phone_number",
    "phone_number_verified",
    "picture",
    "preferred_username",
    "profile",
    "sub",
    "updated_at",
    "website",
    "zoneinfo",
];

/// The claims about `user` that `scope` lets a client have, without `sub`. The `claims` parameter asks for none beyond
/// them: nobody consented to more.
#[must_use]
pub(crate) fn claims_of(user: &User, scope: &Scope) -> Map<String, Value> {
    let mut claims = Map::new();
    let mut known = |names: &[&str]| {
        for name in names {
            if let Some(value) = user.claims.get(*name).filter(|value| !value.is_null()) {
                claims.insert((*name).to_owned(), value.clone());
            }
        }
    };
    if scope.contains("profile") {
        known(&PROFILE);
    }
    if scope.contains("phone") {
        known(&PHONE);
    }
    if scope.contains("address") {
        known(&["address"]);
    }
    if scope.contains("profile") {
        claims.insert("preferred_username".to_owned(), user.username.clone().into());
        if let Some(name) = &user.name {
            claims.insert("name".to_owned(), name.clone().into());
        }
        // A number, in seconds: the one claim that is an instant.
        claims.insert("updated_at".to_owned(), user.updated_at.as_secs().into());
    }
    if scope.contains("email") {
        claims.insert("email".to_owned(), user.username.clone().into());
        claims.insert("email_verified".to_owned(), user.email_verified_at.is_some().into());
    }
    claims
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;
    use tokenry_clock::Timestamp;
    use tokenry_model::{UserId, UserState};

    fn ann() -> User {
        let claims = json!({
            "given_name": "Ann", "phone_number": "+49 30 1", "address": {"locality": "Berlin"},
            "email": "other@evil.example", "sub": "usr_root", "iss": "x", "nickname": null,
        });
        User {
            id: UserId::parse("usr_ann").unwrap(),
            username: "ann@acme.example".to_owned(),
            email_verified_at: None,
            name: Some("Ann Example".to_owned()),
            claims: claims.as_object().unwrap().clone(),
            state: UserState::Enabled,
            version: 1,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::from_secs(1_763_700_000),
        }
    }

    #[test]
    fn r75_a_claim_needs_its_scope() {
        let of = |scope: &str| Value::Object(claims_of(&ann(), &Scope::parse(scope).unwrap()));
        assert_eq!(of("openid read:timesheets"), json!({}));
        assert_eq!(of("email"), json!({"email": "ann@acme.example", "email_verified": false}));
        assert_eq!(of("phone"), json!({"phone_number": "+49 30 1"}));
        assert_eq!(of("address"), json!({"address": {"locality": "Berlin"}}));
        let profile = json!({
            "name": "Ann Example", "given_name": "Ann", "preferred_username": "ann@acme.example",
            "updated_at": 1_763_700_000,
        });
        assert_eq!(of("profile"), profile);
        let all = of("openid profile email phone address");
        assert!(all.as_object().unwrap().keys().all(|name| ALL.contains(&name.as_str())), "{all}");
    }
}
