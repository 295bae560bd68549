//! The audit trail as operators read it: what happened last, and what became of one request.

use tokenry_store::StoredRecord;

use super::Manager;
use super::error::Error;

/// How many records one request can have that anybody would read.
const MAX_OF_REQUEST: i64 = 100;

impl Manager {
    /// What is recorded of one request, newest first, as its `x-request-id` names it.
    ///
    /// Refusals before authentication are written once a second, equal ones as one record, which names up to 33 of
    /// its requests; a flood's others are at most in the server's log, at `debug`.
    ///
    /// # Errors
    /// When nothing is recorded of it.
    pub async fn audit_of_request(&self, request_id: &str) -> Result<Vec<StoredRecord>, Error> {
        let found =
            self.store.find_audit_of_request(request_id, MAX_OF_REQUEST).await.map_err(Error::Store)?;
        if found.is_empty() { Err(Error::not_found("record of request", request_id)) } else { Ok(found) }
    }

    /// The last `limit` records, newest first.
    ///
    /// # Errors
    /// When the database fails.
    pub async fn latest_audit(&self, limit: i64) -> Result<Vec<StoredRecord>, Error> {
        self.store.latest_audit(limit).await.map_err(Error::Store)
    }
}

/// Gives the list of reasons, and [`meaning`], from one table.
macro_rules! reasons {
    ($($reason:literal => $meaning:tt $(,)?)+) => {
        /// Every reason that is stored of a refusal, with its [`meaning`].
        pub const REASONS: &[(&str, &str)] = &[$(($reason, $meaning)),+];
    };
}

/// What a stored reason means, for the operator who looks a refusal up: more than its client was told.
#[must_use]
pub fn meaning(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _meaning)| *known == reason).map(|(_known, meaning)| *meaning)
}

reasons! {
        "api_not_granted" => {
            "The client was not granted the API that it named, or there is none of that audience."
        }
        "assertion_algorithm_wrong" => {
            "The client's key is for another algorithm than its assertion names; an RSA key without \"alg\" is for RS256."
        }
        "assertion_audience_wrong" => {
            "The assertion's aud must be this server's issuer, as a string: no list, and no endpoint's address."
        }
        "assertion_claim_missing" => {
            "One of iss, sub, aud, exp and jti is missing from the assertion, or a claim is of the wrong form."
        }
        "assertion_expired" => "The assertion has expired: is the client's clock right?",
        "assertion_from_browser" => {
            "An assertion came from a browser, where everybody can read the key that signed it: replace the key."
        }
        "assertion_key_unknown" => {
            "The client has no key of that kid; with several keys, an assertion must name one."
        }
        "assertion_kind_wrong" => "What was sent as an assertion is a token of another kind.",
        "assertion_lives_too_long" => "The assertion's exp lies more than ten minutes ahead.",
        "assertion_not_yet_valid" => {
            "The assertion's nbf or iat lies more than a minute ahead: is the client's clock right?"
        }
        "assertion_of_another_client" => "The parameter client_id and the assertion name different clients.",
        "assertion_replayed" => {
            "The assertion was used before; each request needs a new one, with a jti of its own."
        }
        "assertion_signature_wrong" => "The assertion is not signed with the client's key.",
        "assertion_subject_wrong" => "The assertion's iss and sub are not both the client.",
        "changed_while_deciding" => {
            "Client, API or company kept changing while the request was being decided."
        }
        "client_claims_refused" => {
            "The client's own claims shadow what Tokenry says or are too long: set them anew with clients update --claims."
        }
        "client_disabled" => "The client is disabled.",
        "client_keys_unavailable" => {
            "The client's keys could not be fetched from its jwks_uri; the server's log says why."
        }
        "client_without_company" => {
            "The API's resources belong to companies, and the client is bound to none."
        }
        "company_disabled" => "The company that the token would act for is disabled.",
        "company_out_of_reach" => "The client is not bound to the company that it asked for.",
        "grant_not_allowed" => "A client of this type does not have the grant type that it asked for.",
        "invalid_request" => {
            "The request could not be understood: malformed, repeated or missing parameters."
        }
        "invalid_scope" => "The scope parameter is malformed.",
        "invalid_target" => "The audience or resource parameter is malformed, or there are two that differ.",
        "malformed_api_secret" => "The secret is none of ours: a typing error, or a secret of another kind.",
        "malformed_assertion" => "The assertion is no signed JWT, or has a header that is not allowed.",
        "malformed_secret" => {
            "The secret begins like one of ours but is not whole, or is of another kind: mistyped or cut off?"
        }
        "no_authentication" => "A client that has a secret or a key did not use it.",
        "no_password" => "The user has no password, and cannot sign in with one.",
        "password_too_long" => "The password is longer than any may be; nothing was hashed.",
        "public_client" => "The client cannot keep a secret and may not act as itself.",
        "quota_exceeded" => {
            "The client has got all the tokens that its quota allows until the hour or the day ends: clients show tells \
             how many it asks for, clients update --tokens-per-hour or --tokens-per-day changes it."
        }
        "rate_limited" => {
            "Too much had failed under that name, or from that address: it is not heard for the rest of the minute."
        }
        "scope_not_granted" => "None of the scopes asked for is granted to the client.",
        "scope_undefined" => "The API does not define one of the scopes asked for.",
        "second_factor_too_late" => {
            "More than ten minutes passed between the password and the second factor."
        }
        "secret_ended" => "The secret was right, but it has expired or been revoked.",
        "secret_from_browser" => {
            "A client secret came from a browser, where everybody can read it: replace it."
        }
        "several_apis" => "The client was granted several APIs and did not say for which one it asks.",
        "too_many_kinds_of_refusal" => "More kinds of refusal came within a second than are kept apart.",
        "too_many_wrong_codes" => {
            "Fifty wrong codes of the authenticator were shown in a row: none is heard until the user shows a recovery code or \
             chooses another password. Whoever sent them knows the password."
        }
        "unknown_api" => "There is no API of that id.",
        "unknown_client" => "There is no client of that id.",
        "unknown_user" => "There is no user of that name.",
        "unsupported_grant_type" => "The grant type is none that this server knows.",
        "user_changed" => "The user was changed between the password and the second factor.",
        "user_disabled" => "The user is disabled.",
        "wrong_api_secret" => "The secret is not one of that API's.",
        "wrong_authentication_method" => {
            "The client does not authenticate in this way: by secret where it is registered for assertions, or the reverse."
        }
        "wrong_password" => "The password is not that user's.",
        "wrong_second_factor" => "The code was wrong or used before; whoever sent it knows the user's password.",
        "wrong_secret" => "The secret is not one of that client's.",
}
