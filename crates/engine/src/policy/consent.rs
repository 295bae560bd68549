//! Whether a user must be asked before an application gets something (RFC 6749 §10.2, CON-05).

use tokenry_model::{Client, ClientType, Consent, ResourceServerId, Tenant};
use tokenry_protocol::scope::Scope;

/// What an application would get.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wish<'a> {
    /// The API, if it would get anything there.
    pub(crate) api: Option<&'a ResourceServerId>,
    /// What at the API.
    pub(crate) api_scope: &'a Scope,
    /// What about the user.
    pub(crate) own_scope: &'a Scope,
    /// For which company, and whether for all of its corporation; `None` where it is nothing of a company's.
    pub(crate) tenant: Option<&'a Tenant>,
}

/// How often users are asked about an application.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Asking {
    /// Whatever they agreed to before.
    EachTime,
    /// Not at all.
    Never,
    /// Once for the same or less.
    Once,
}

/// How often users are asked about `client`.
///
/// An application that anyone can download proves nothing about itself: what answers in its name tomorrow may be another.
/// So it is asked for each time, unless it is ours and an operator said that it need not be; and a native one always, whose
/// redirect URIs are any program's that runs beside it (RFC 8252 §8.6).
pub(crate) fn asking(client: &Client) -> Asking {
    if client.first_party && client.skip_consent && client.kind != ClientType::Native {
        Asking::Never
    } else if client.kind.is_public() {
        Asking::EachTime
    } else {
        Asking::Once
    }
}

/// Whether the user must be asked. `remembered` is what this user agreed to for this client.
pub(crate) fn is_due(client: &Client, wish: Wish<'_>, remembered: &[Consent]) -> bool {
    match asking(client) {
        Asking::EachTime => true,
        Asking::Never => false,
        Asking::Once => {
            !wish.api_scope.is_subset(&agreed(wish.api, wish.tenant, remembered))
                || !wish.own_scope.is_subset(&agreed(None, wish.tenant, remembered))
        }
    }
}

/// What a user agreed to at an API, or about themselves (`None`), for `tenant`.
pub(crate) fn agreed(
    api: Option<&ResourceServerId>,
    tenant: Option<&Tenant>,
    remembered: &[Consent],
) -> Scope {
    let here = remembered.iter().filter(|consent| {
        consent.resource_server_id.as_ref() == api && is_within(tenant, consent.tenant.as_ref())
    });
    here.flat_map(|consent| consent.scope.iter().cloned()).collect()
}

/// Whether what a user agreed to for `agreed` holds for `tenant`. For no company it always does. What is about the user is
/// bound too: going on while they are away (`offline_access`) is more where it is for another company.
fn is_within(tenant: Option<&Tenant>, agreed: Option<&Tenant>) -> bool {
    let Some(tenant) = tenant else { return true };
    agreed.is_some_and(|agreed| {
        agreed.company == tenant.company
            && (tenant.corporation.is_none() || tenant.corporation == agreed.corporation)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tokenry_clock::Timestamp;
    use tokenry_model::{ClientId, CompanyId, CorporationId, UserId};

    fn scope(text: &str) -> Scope {
        if text.is_empty() { Scope::empty() } else { Scope::parse(text).unwrap() }
    }

    fn client(kind: ClientType, first_party: bool, skip_consent: bool) -> Client {
        let id = ClientId::parse("app").unwrap();
        Client { first_party, skip_consent, ..Client::new(kind, id, Timestamp::EPOCH) }
    }

    fn consent(api: Option<&str>, scopes: &str) -> Consent {
        Consent {
            user_id: UserId::parse("usr_ann").unwrap(),
            client_id: ClientId::parse("app").unwrap(),
            resource_server_id: api.map(|id| ResourceServerId::parse(id).unwrap()),
            tenant: tenant("acme"),
            scope: scope(scopes),
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        }
    }

    /// `acme`; with a corporation: `acme of group`.
    fn tenant(text: &str) -> Option<Tenant> {
        let (company, corporation) =
            text.split_once(" of ").map_or((text, None), |(company, group)| (company, Some(group)));
        let company = CompanyId::parse(company).ok()?;
        Some(Tenant { company, corporation: corporation.map(|id| CorporationId::parse(id).unwrap()) })
    }

    #[rstest]
    #[case::nothing_remembered("a", "", &[], true)]
    #[case::the_same("a b", "openid", &[consent(Some("api"), "a b"), consent(None, "openid")], false)]
    #[case::narrower("a", "", &[consent(Some("api"), "a b")], false)]
    #[case::wider("a b", "", &[consent(Some("api"), "a")], true)]
    #[case::of_another_api("a", "", &[consent(Some("other"), "a")], true)]
    #[case::more_of_the_user("a", "email openid", &[consent(Some("api"), "a"), consent(None, "openid")], true)]
    fn con_05_the_same_or_less_is_asked_for_once(
        #[case] api_scope: &str,
        #[case] own_scope: &str,
        #[case] remembered: &[Consent],
        #[case] due: bool,
    ) {
        let api = ResourceServerId::parse("api").unwrap();
        let (api_scope, own_scope) = (scope(api_scope), scope(own_scope));
        let acme = tenant("acme");
        let wish =
            Wish { api: Some(&api), api_scope: &api_scope, own_scope: &own_scope, tenant: acme.as_ref() };
        for kind in [ClientType::Web, ClientType::ThirdParty] {
            assert_eq!(is_due(&client(kind, false, false), wish, remembered), due, "{kind}");
        }
        for kind in [ClientType::Spa, ClientType::Native] {
            assert!(is_due(&client(kind, true, false), wish, remembered), "{kind} is always asked for");
            let unasked = is_due(&client(kind, true, true), wish, remembered);
            assert_eq!(unasked, kind == ClientType::Native, "{kind}: any program can pass for a native one");
        }
    }

    #[rstest]
    #[case::the_same("acme", &["acme"], false)]
    #[case::another("globex", &["acme"], true)]
    #[case::wider("acme of group", &["acme"], true)]
    #[case::narrower("acme", &["acme of group"], false)]
    #[case::another_of_the_corporation("labs of group", &["acme of group"], true)]
    #[case::moved("acme of new", &["acme of group"], true)]
    #[case::none("", &["acme"], false)]
    #[case::agreed_to_for_none("acme", &[""], true)]
    #[case::nothing_joins_two("acme of group", &["acme", "labs of group"], true)]
    fn con_05_what_was_agreed_to_is_for_whom_it_was_agreed_to(
        #[case] wanted: &str,
        #[case] agreed: &[&str],
        #[case] due: bool,
    ) {
        let api = ResourceServerId::parse("api").unwrap();
        let (read, own, nothing) = (scope("read"), scope("offline_access openid"), Scope::empty());
        let agreed = |api: Option<&str>, scopes: &str| {
            let of = |it: &&str| Consent { tenant: tenant(it), ..consent(api, scopes) };
            agreed.iter().map(of).collect::<Vec<_>>()
        };
        let at_api = agreed(Some("api"), "read write");
        let of_the_user = agreed(None, "email offline_access openid");
        let tenant = tenant(wanted);
        let client = client(ClientType::ThirdParty, false, false);
        let wish = Wish { api: Some(&api), api_scope: &read, own_scope: &nothing, tenant: tenant.as_ref() };
        assert_eq!(is_due(&client, wish, &at_api), due);
        assert!(is_due(&client, wish, &of_the_user));
        let wish = Wish { api_scope: &nothing, own_scope: &own, ..wish };
        assert_eq!(is_due(&client, wish, &of_the_user), due);
        assert!(is_due(&client, wish, &at_api));
    }

    #[test]
    fn con_05_what_was_agreed_to_bit_by_bit_was_agreed_to() {
        let api = ResourceServerId::parse("api").unwrap();
        let acme = tenant("acme");
        let remembered = [
            consent(Some("api"), "read"),
            Consent { tenant: tenant("acme of group"), ..consent(Some("api"), "write") },
        ];
        let client = client(ClientType::ThirdParty, false, false);
        let both = scope("read write");
        let wish =
            Wish { api: Some(&api), api_scope: &both, own_scope: &Scope::empty(), tenant: acme.as_ref() };
        assert!(!is_due(&client, wish, &remembered));
        let wide = tenant("acme of group");
        assert!(is_due(&client, Wish { tenant: wide.as_ref(), ..wish }, &remembered));
    }

    #[test]
    fn con_05_another_companys_application_is_asked_for_whatever_was_configured() {
        let wish = Wish { api: None, api_scope: &Scope::empty(), own_scope: &scope("openid"), tenant: None };
        assert!(is_due(&client(ClientType::ThirdParty, false, true), wish, &[]));
        assert!(is_due(&client(ClientType::Spa, false, true), wish, &[consent(None, "openid")]));
        assert!(!is_due(&client(ClientType::Web, true, true), wish, &[]));
    }
}
