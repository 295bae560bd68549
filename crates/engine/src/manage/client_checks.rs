//! What a client may be like: its way to authenticate, its URIs, and whether users are asked.

use tokenry_model::{Client, ClientAuthMethod, ClientType, MethodFamily};

use super::client_keys::{check_outbound_uri, check_type};
use super::clients::NewClient;
use super::error::Error;
use crate::policy::redirect_uri;

/// How the client will authenticate.
pub(super) fn auth_method(new: &NewClient) -> Result<ClientAuthMethod, Error> {
    let method = new.auth_method.unwrap_or(new.kind.default_auth_method());
    match (method.family(), new.kind.is_public()) {
        (MethodFamily::Assertion, _) => check_type(new.kind).map(|()| method),
        (MethodFamily::Public, false) => {
            Err(Error::invalid("auth-method", format!("a {} client must authenticate", new.kind)))
        }
        (MethodFamily::Secret, true) => Err(Error::invalid(
            "auth-method",
            format!("a {} client can be downloaded by anyone and holds no secret: use none", new.kind),
        )),
        (MethodFamily::Public, true) | (MethodFamily::Secret, false) => Ok(method),
    }
}

/// Whether it is one of ours.
pub(super) fn is_first_party(new: &NewClient) -> bool {
    new.first_party.unwrap_or(new.kind != ClientType::ThirdParty)
}

/// Refuses to leave users unasked, or a public client unproven, where that would be dangerous.
pub(super) fn check_consent(client: &Client) -> Result<(), Error> {
    if !client.require_pkce && client.kind.is_public() {
        return Err(Error::invalid(
            "require-pkce",
            "a public client has nothing but PKCE to prove who it is",
        ));
    }
    if !client.skip_consent {
        return Ok(());
    }
    if client.kind == ClientType::M2m {
        return Err(Error::invalid("skip-consent", "an m2m client acts for no user, so nobody is asked"));
    }
    if client.kind == ClientType::Native {
        // Its redirect URIs are any program's that runs beside it (RFC 8252 §8.6).
        let problem =
            "any program on the computer can pass for a native client, so users are asked each time";
        return Err(Error::invalid("skip-consent", problem));
    }
    if !client.first_party {
        return Err(Error::invalid(
            "skip-consent",
            "users are always asked about another company's application",
        ));
    }
    Ok(())
}

/// Refuses URIs that nobody may be sent to.
pub(super) fn check_uris(client: &Client) -> Result<(), Error> {
    let redirects = !client.redirect_uris.is_empty() || !client.post_logout_redirect_uris.is_empty();
    if client.kind == ClientType::M2m && (redirects || client.backchannel_logout_uri.is_some()) {
        return Err(Error::invalid("redirect-uri", "an m2m client signs nobody in and has no URIs (R33)"));
    }
    let uris = [
        ("redirect-uri", client.redirect_uris.as_slice()),
        ("post-logout-redirect-uri", client.post_logout_redirect_uris.as_slice()),
    ];
    if let Some(uri) = &client.backchannel_logout_uri {
        check_outbound_uri(uri)
            .map_err(|problem| Error::invalid("backchannel-logout-uri", format!("\"{uri}\": {problem}")))?;
    }
    for (field, uris) in uris {
        for uri in uris {
            redirect_uri::check(uri, client.kind)
                .map_err(|unfit| Error::invalid(field, format!("\"{uri}\": {unfit}")))?;
        }
    }
    Ok(())
}
