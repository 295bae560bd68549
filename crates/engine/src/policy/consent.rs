//! Whether a user must be asked before an application gets something (RFC 6749 §10.2, CON-05).

use tokenry_model::{Client, Consent, ResourceServerId, Tenant};
use tokenry_protocol::scope::{Scope, ScopeToken};

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

/// Whether the user must be asked. `remembered` is what this user agreed to for this client.
///
/// An application that anyone can download proves nothing about itself: what answers in its name tomorrow may be another.
/// So it is asked for each time, unless it is ours and an operator said that it need not be.
pub(crate) fn is_due(client: &Client, wish: Wish<'_>, remembered: &[Consent]) -> bool {
    if client.first_party && client.skip_consent {
        return false;
    }
    client.kind.is_public() || !is_remembered(wish, remembered)
}

fn is_remembered(wish: Wish<'_>, remembered: &[Consent]) -> bool {
    let agreed = |api: Option<&ResourceServerId>, token: &ScopeToken| {
        remembered.iter().any(|consent| {
            consent.resource_server_id.as_ref() == api
                && consent.scope.contains(token.as_str())
                && is_within(wish.tenant, consent.tenant.as_ref())
        })
    };
    wish.api_scope.iter().all(|token| agreed(wish.api, token))
        && wish.own_scope.iter().all(|token| agreed(None, token))
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
    use tokenry_model::{ClientId, ClientType, CompanyId, CorporationId, UserId};

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
            assert!(!is_due(&client(kind, true, true), wish, remembered), "{kind}");
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
