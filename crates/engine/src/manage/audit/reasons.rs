//! What the words of refusals mean, in audit trail, log and metrics, for the operator who looks one up.

/// Gives the list of reasons, and [`meaning`], from one table.
macro_rules! reasons {
    ($($reason:literal => $meaning:tt $(,)?)+) => {
        /// Every reason that a refusal has, with its [`meaning`].
        pub const REASONS: &[(&str, &str)] = &[$(($reason, $meaning)),+];
    };
}

/// What a reason means, for the operator who looks a refusal up: more than its client was told.
#[must_use]
pub fn meaning(reason: &str) -> Option<&'static str> {
    REASONS.iter().find(|(known, _meaning)| *known == reason).map(|(_known, meaning)| *meaning)
}

reasons! {
        "account_secret_from_browser" => {
            "An account secret came from a browser, where pages and people can read it: rotate it."
        }
        "ack_ahead_of_log" => {
            "A guard acknowledged events that there are not: does it follow another server, or one before it was \
             restored?"
        }
        "api_gone" => "The API that the authorization is for is gone.",
        "api_not_granted" => {
            "The client was not granted the API that it named, or there is none of that audience."
        }
        "api_takes_opaque_tokens" => {
            "A session was to be traded for a JWT of an API whose tokens tell nothing: its page calls it with the cookie."
        }
        "assertion_algorithm_wrong" => {
            "The client's key is for another algorithm than its assertion names; an RSA key without \"alg\" is for \
             RS256."
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
        "busy" => {
            "Too many passwords were being hashed, or too many links that were asked for wait to be written; the request \
             may be made again."
        },
        "changed_while_deciding" => "Client, API, company or second factors kept changing while the request was being decided.",
        "client_claims_refused" => {
            "The client's own claims shadow what Tokenry says or are too long: set them anew with clients update \
             --claims."
        }
        "client_disabled" => "The client is disabled.",
        "client_keys_unavailable" => {
            "The client's keys could not be fetched from its jwks_uri; the server's log says why."
        }
        "client_unknown" => "There is no client of that id, or its company is gone.",
        "client_without_company" => "The API's resources belong to companies, and the client is bound to none.",
        "code_expired" => "The authorization code came later than a minute after it was made.",
        "code_of_another_client" => "The authorization code was made for another client.",
        "code_replayed" => "The authorization code had been redeemed before: all that came of it has ended.",
        "code_unknown" => {
            "There is no such authorization code, or it was used up by a wrong attempt or ended with what it rests on."
        }
        "company_disabled" => "The company that the token would act for is disabled.",
        "company_gone" => "The company that the client or the authorization acts for is gone.",
        "company_out_of_reach" => "The client is not bound to the company that it asked for.",
        "company_required" => {
            "The user must say for which company they act, and the client wanted nothing to be asked (prompt=none)."
        }
        "consent_denied" => "The user denied the request.",
        "consent_required" => "The user must consent, and the client wanted nothing to be asked (prompt=none).",
        "csrf_failed" => {
            "A request that changes something came with a session's cookie, but not from a page that may, or without the session's \
             CSRF token: another site's page, or a user interface that does not send X-CSRF-Token."
        }
        "family_expired" => "The authorization has come to its end: the user signs in again.",
        "flow_answered" => {
            "The authorization request has had its code, or was denied; each code needs a request of its own."
        },
        "flow_invalid" => "The authorization request is older than an hour, or was changed on its way.",
        "github_keys_unknown" => {
            "The keys by which GitHub signs its reports cannot be had; the server's log says why."
        }
        "grant_not_allowed" => "A client of this type does not have the grant type that it asked for.",
        "guard_name_invalid" => "The name by which a guard goes is malformed.",
        "hint_of_another_client" => "The client_id at /oidc/logout is not the one that the ID token is for.",
        "interactive_session_required" => {
            "A credential that works elsewhere was shown where only the cookie of somebody who is signed in counts."
        }
        "invalid_client" => {
            "The client's credentials could not be understood: malformed, or given in two ways."
        }
        "invalid_request" => "The request could not be understood: malformed, repeated or missing parameters.",
        "invalid_scope" => "The scope parameter is malformed.",
        "invalid_target" => "The audience or resource parameter is malformed, or there are two that differ.",
        "invalid_token" => "The access token is of no form that any has.",
        "login_required" => {
            "The user must sign in, and the client wanted nothing to be asked, or the user signed in as somebody else \
             than it named."
        }
        "malformed_api_secret" => "The secret is none of ours: a typing error, or a secret of another kind.",
        "malformed_assertion" => "The assertion is no signed JWT, or has a header that is not allowed.",
        "malformed_secret" => {
            "The secret begins like one of ours but is not whole, or is of another kind: mistyped or cut off?"
        }
        "missing_credentials" => "There was no access token in the request.",
        "no_authentication" => "A client that has a secret or a key did not use it.",
        "no_code" => "What was sent as an authorization code is none of ours.",
        "no_company" => "The user is in no enabled company for which this client may act.",
        "no_passkey_challenge" => "Nothing could be asked of a passkey; the log has the cause.",
        "no_password" => "The user has no password, and cannot sign in with one.",
        "no_refresh_token" => {
            "What was sent as a refresh token is none of ours: mistyped, cut off, or a token of another kind."
        }
        "no_session_key" => "There is no key to seal sessions with; the server's log says why.",
        "no_signing_key" => {
            "There is no signing key that may be used now; the server's log and keys list say why."
        }
        "not_a_member" => "The user is no member of the company that they would act for.",
        "nothing_left" => {
            "Of what the user once let the client have nothing is left: roles, grant or scopes were taken away."
        }
        "nothing_requested" => "The request asked for nothing that a token could carry.",
        "openid_not_granted" => "The access token is of no user, or came without the scope openid.",
        "passkey_challenge_used" => "A passkey's answer came a second time; the first one counted, if it was right.",
        "passkey_counter_too_low" => {
            "The passkey's authenticator has signed less often than before: there may be a copy of its key. Its owner should \
             remove it."
        }
        "passkey_malformed" => "What came as a passkey's answer is none.",
        "passkey_of_another_site" => "The passkey's answer was made for another site, or in a frame of one.",
        "passkey_of_another_user" => {
            "The passkey is not of whom its authenticator says, or not of whose password was shown before."
        }
        "passkey_unreadable" => {
            "What is kept of a passkey cannot be read: the database is damaged, or was written by a newer release."
        }
        "passkey_used_meanwhile" => "The passkey was used or removed while its answer was being checked.",
        "passkey_user_not_verified" => "The authenticator did not verify that who used it is its owner.",
        "password_too_long" => "The password is longer than any may be; nothing was hashed.",
        "pkce_missing" => "The client sent no code_challenge and must.",
        "post_logout_redirect_uri_unknown" => {
            "The post_logout_redirect_uri is not registered for the client, or there is no telling which client asks."
        }
        "public_client" => "The client cannot keep a secret and may not act as itself.",
        "quota_exceeded" => {
            "The client has got all the tokens that its quota allows until the hour or the day ends: clients show \
             tells how many it asks for, clients update --tokens-per-hour or --tokens-per-day changes it."
        }
        "rate_limited" => {
            "Too much had failed under that name, or from that address: it is not heard for the rest of the minute."
        }
        "reauthentication_required" => {
            "The user is signed in, but has not shown in the last ten minutes that it is them."
        }
        "redirect_uri_unregistered" => {
            "The redirect_uri is not, character by character, one that is registered for the client."
        }
        "refresh_token_expired" => {
            "The refresh token was not used for too long, or its authorization has come to its end."
        }
        "refresh_token_of_another_client" => "The refresh token was issued to another client.",
        "refresh_token_reused" => {
            "The refresh token had been spent before, so that somebody else may have it: all that came of its \
             authorization has ended."
        }
        "refresh_token_unknown" => "There is no such refresh token, or it has ended with what it rests on.",
        "registration_not_supported" => "The parameter registration is not supported.",
        "request_not_supported" => "Request objects are not supported.",
        "request_too_long" => "The request is too long to be kept until the user has answered.",
        "request_uri_not_supported" => "Request objects are not supported, nor addresses of such.",
        "rotation_failed" => "The next refresh token could not be made; the server's log says why.",
        "scope_not_granted" => "None of the scopes asked for is granted to the client.",
        "scope_not_held" => {
            "The user holds none of the scopes asked for: roles show and grants explain say which."
        }
        "scope_undefined" => "The API does not define one of the scopes asked for.",
        "sealed_too_long" => "What a browser was to keep is too long for a cookie.",
        "second_factor_too_late" => "More than ten minutes passed between the password and the second factor.",
        "secret_ended" => "The secret was right, but it has expired or been revoked.",
        "secret_from_browser" => {
            "A client secret came from a browser, where everybody can read it: replace it."
        }
        "session_ended" => "The session was not used for too long, or has come to its end.",
        "several_apis" => "The client was granted several APIs and did not say for which one it asks.",
        "signing_failed" => "The token could not be signed; the server's log says why.",
        "slow_hash_lane_full" => "Too many secrets were being hashed; the request may be made again.",
        "storage_failed" => "The database failed; the server's log says why.",
        "storage_unavailable" => "The database did not answer in time.",
        "stored_key_unreadable" => "A stored signing key cannot be read; the server's log says why.",
        "successor_unreadable" => "The stored successor of a refresh token cannot be read with the token.",
        "token_ended" => {
            "What the access token was issued under is gone or may not act: secret, grant, user, membership, company \
             or API."
        }
        "token_expired" => "The access token has expired.",
        "token_for_another_audience" => "The access token is not for /userinfo.",
        "token_revoked" => "The access token was revoked by itself.",
        "token_unknown" => "There is no such access token, or it has expired.",
        "too_many_kinds_of_refusal" => "More kinds of refusal came within a second than are kept apart.",
        "too_many_leaks_wait" => "More reports of leaked credentials wait than may; send it again.",
        "too_many_links_wait" => "More links were asked for at /reset than could be written at once; ask again.",
        "too_many_streams" => "The API has as many guards connected as it may have.",
        "too_many_wrong_codes" => {
            "Fifty wrong codes of the authenticator were shown in a row: none is heard until the user shows a recovery code, or \
             chooses another password, which counts for this once a day. Whoever sent them knows the password."
        }
        "unknown_account_secret" => "There is no such account secret, any more perhaps: it was rotated or revoked.",
        "unknown_api" => "There is no API of that id.",
        "unknown_client" => "There is no client of that id.",
        "unknown_passkey" => "Nobody has this passkey, any more perhaps; whoever tried may have it still.",
        "unknown_user" => "There is no user of that name.",
        "unsupported_grant_type" => "The grant type is none that this server knows.",
        "unsupported_response_type" => "The response type is another than code.",
        "user_changed" => "The user was changed between the password and the second factor.",
        "user_disabled" => "The user is disabled.",
        "user_gone" => "The user is gone.",
        "user_leaving" => "The user has deleted the account, and has not taken that back: users enable does it for them.",
        "verifier_missing" => {
            "The authorization was asked for with a code_challenge, and the code came without its code_verifier."
        }
        "verifier_without_challenge" => {
            "A code_verifier came with a code that was asked for without a code_challenge."
        }
        "wrong_api_secret" => "The secret is not one of that API's.",
        "wrong_authentication_method" => {
            "The client does not authenticate in this way: by secret where it is registered for assertions, or the \
             reverse."
        }
        "wrong_passkey" => "The passkey's answer is not signed by its key, or answers another challenge.",
        "wrong_password" => "The password is not that user's.",
        "wrong_redirect_uri" => "The redirect_uri is not the one that the code was asked for with.",
        "wrong_second_factor" => {
            "The code was wrong or used before; whoever sent it knows the user's password."
        }
        "wrong_secret" => "The secret is not one of that client's.",
        "wrong_verifier" => "The code_verifier does not fit the code_challenge.",
}

#[cfg(test)]
mod tests;
