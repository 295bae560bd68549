//! Whether a user must be asked before an application gets something (RFC 6749 §10.2, CON-05).

use tokenry_model::{Client, Consent, ResourceServerId};
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
    let covers = |api: Option<&ResourceServerId>, scope: &Scope| {
        scope.is_empty()
            || remembered
                .iter()
                .any(|consent| consent.resource_server_id.as_ref() == api && scope.is_subset(&consent.scope))
    };
    covers(wish.api, wish.api_scope) && covers(None, wish.own_scope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rstest::rstest;
    use tokenry_clock::Timestamp;
    use tokenry_model::{ClientId, ClientType, UserId};

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
            scope: scope(scopes),
            created_at: Timestamp::EPOCH,
            updated_at: Timestamp::EPOCH,
        }
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
        let wish = Wish { api: Some(&api), api_scope: &api_scope, own_scope: &own_scope };
        for kind in [ClientType::Web, ClientType::ThirdParty] {
            assert_eq!(is_due(&client(kind, false, false), wish, remembered), due, "{kind}");
        }
        for kind in [ClientType::Spa, ClientType::Native] {
            assert!(is_due(&client(kind, true, false), wish, remembered), "{kind} is always asked for");
            assert!(!is_due(&client(kind, true, true), wish, remembered), "{kind}");
        }
    }

    #[test]
    fn con_05_another_companys_application_is_asked_for_whatever_was_configured() {
        let wish = Wish { api: None, api_scope: &Scope::empty(), own_scope: &scope("openid") };
        assert!(is_due(&client(ClientType::ThirdParty, false, true), wish, &[]));
        assert!(is_due(&client(ClientType::Spa, false, true), wish, &[consent(None, "openid")]));
        assert!(!is_due(&client(ClientType::Web, true, true), wish, &[]));
    }
}
