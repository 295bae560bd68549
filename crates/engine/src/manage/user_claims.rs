//! What may be known of a user beside the name: claims of OpenID Connect Core §5.1, each of the form that it has there.

use serde_json::{Map, Value};

use super::error::Error;
use super::text::{check_members, check_name};

/// The longest they may be together, in bytes of JSON.
const MAX_LEN: usize = 4_096;

/// What a claim is made of.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
enum Form {
    /// `true` or `false`.
    Flag,
    /// An object of texts (§5.1.1).
    Object,
    /// A line of text.
    Text,
}

/// Every claim that an operator may set. The others follow from the account: `sub`, `name`, `email` and its verification,
/// `preferred_username`.
const CLAIMS: [(&str, Form); 14] = [
    ("address", Form::Object),
    ("birthdate", Form::Text),
    ("family_name", Form::Text),
    ("gender", Form::Text),
    ("given_name", Form::Text),
    ("locale", Form::Text),
    ("middle_name", Form::Text),
    ("nickname", Form::Text),
    ("phone_number", Form::Text),
    ("phone_number_verified", Form::Flag),
    ("picture", Form::Text),
    ("profile", Form::Text),
    ("website", Form::Text),
    ("zoneinfo", Form::Text),
];

/// Refuses what would be told of nobody, or be read as something else.
pub(crate) fn check_user_claims(claims: &Map<String, Value>) -> Result<(), Error> {
    for (name, value) in claims {
        let form = CLAIMS.iter().find(|(known, _form)| known == name).map(|(_name, form)| *form);
        let Some(form) = form else {
            let known = CLAIMS.map(|(name, _form)| name).join(", ");
            return Err(Error::invalid("claims", format!("\"{name}\" is none of {known}")));
        };
        check_form(name, form, value)?;
    }
    check_members(claims)?;
    let len = if claims.is_empty() { 0 } else { Value::Object(claims.clone()).to_string().len() };
    if len <= MAX_LEN {
        Ok(())
    } else {
        Err(Error::invalid("claims", format!("they must be at most {MAX_LEN} bytes of JSON together")))
    }
}

fn check_form(name: &str, form: Form, value: &Value) -> Result<(), Error> {
    let wrong = |what: &str| Err(Error::invalid("claims", format!("\"{name}\" must be {what}")));
    match (form, value) {
        (Form::Flag, Value::Bool(_)) => Ok(()),
        (Form::Flag, _) => wrong("true or false"),
        (Form::Object, Value::Object(members)) if members.values().all(Value::is_string) => Ok(()),
        (Form::Object, _) => wrong("an object whose members are texts"),
        (Form::Text, Value::String(text)) => check_name("claims", text),
        (Form::Text, _) => wrong("a text"),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::policy::user_claims::{ALL, claims_of};
    use rstest::rstest;
    use serde_json::json;
    use tokenry_clock::Timestamp;
    use tokenry_model::{User, UserId, UserState};
    use tokenry_protocol::scope::Scope;

    #[test]
    fn what_the_standard_names_is_taken() {
        let claims = json!({
            "given_name": "Ann", "phone_number": "+49 30 1", "phone_number_verified": true,
            "address": {"formatted": "1 High Street\nTown", "country": "DE"},
        });
        assert!(check_user_claims(claims.as_object().unwrap()).is_ok());
        assert!(check_user_claims(&Map::new()).is_ok());
    }

    #[test]
    fn r75_what_may_be_set_some_scope_tells() {
        let set = CLAIMS.map(|(name, _form)| (name.to_owned(), json!("x")));
        let ann = User {
            id: UserId::parse("usr_ann").unwrap(),
            username: "ann@acme.example".to_owned(),
            email_verified_at: None,
            name: Some("Ann".to_owned()),
            claims: set.into_iter().collect(),
            state: UserState::Enabled,
            version: 1,
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        };
        let told = claims_of(&ann, &Scope::parse("profile email phone address").unwrap());
        let told: BTreeSet<_> = told.keys().map(String::as_str).chain(["sub"]).collect();
        assert_eq!(told, ALL.into(), "and what discovery promises is told");
    }

    #[rstest]
    #[case::subject(json!({"sub": "usr_root"}))]
    #[case::address_of_mail(json!({"email": "root@acme.example"}))]
    #[case::self_verified(json!({"email_verified": true}))]
    #[case::permissions(json!({"roles": ["manager"]}))]
    #[case::another_case(json!({"Given_name": "Ann"}))]
    #[case::number_for_text(json!({"given_name": 1}))]
    #[case::text_for_flag(json!({"phone_number_verified": "true"}))]
    #[case::null(json!({"nickname": null}))]
    #[case::address_as_text(json!({"address": "Berlin"}))]
    #[case::misleading(json!({"nickname": "a\u{202e}b"}))]
    #[case::nothing_to_see(json!({"nickname": " "}))]
    #[case::long(json!({"address": {"formatted": "x".repeat(MAX_LEN)}}))]
    fn adm_05_what_the_account_says_itself_is_not(#[case] claims: Value) {
        assert!(check_user_claims(claims.as_object().unwrap()).is_err(), "{claims}");
    }
}
