//! May this subject act now? The one place that answers; every path asks here.

use std::time::Duration;

use tokenry_clock::Timestamp;
use tokenry_model::{
    Client, ClientSecret, ClientState, Company, Membership, ResourceServer, ResourceServerSecret, User,
    UserState,
};
use tokenry_store::TokenEnding;

/// How far apart the clocks of servers and operators may be.
const SKEW: Duration = Duration::from_secs(60);

/// Why a subject may not act.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub(crate) enum Barred {
    /// The client is disabled.
    ClientDisabled,
    /// The company that it acts for, or the client's home, is disabled.
    CompanyDisabled,
    /// The user is no member of the company that the token is for.
    NotAMember,
    /// The secret has expired or been revoked.
    SecretEnded,
    /// The session has not been used for too long, or has come to its end.
    SessionEnded,
    /// What the token was issued under is gone, whatever has its id now: its secret, its client grant, its client, its
    /// company, its API.
    TokenEnded,
    /// The token has expired.
    TokenExpired,
    /// The token was revoked by itself.
    TokenRevoked,
    /// The user is disabled.
    UserDisabled,
    /// The user has deleted the account, and may only take that back.
    UserLeaving,
}

impl Barred {
    /// The stable word for log, metric and audit.
    #[must_use]
    pub(crate) const fn reason(self) -> &'static str {
        match self {
            Self::ClientDisabled => "client_disabled",
            Self::CompanyDisabled => "company_disabled",
            Self::NotAMember => "not_a_member",
            Self::SecretEnded => "secret_ended",
            Self::SessionEnded => "session_ended",
            Self::TokenEnded => "token_ended",
            Self::TokenExpired => "token_expired",
            Self::TokenRevoked => "token_revoked",
            Self::UserDisabled => "user_disabled",
            Self::UserLeaving => "user_leaving",
        }
    }
}

/// What the subject's right to act hangs on; what does not apply to it is `None`.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Standing<'a> {
    /// The application.
    pub(crate) client: Option<&'a Client>,
    /// The secret that it proved itself with.
    pub(crate) client_secret: Option<&'a ClientSecret>,
    /// The company that it acts for.
    pub(crate) company: Option<&'a Company>,
    /// The client's home, where that is another company.
    pub(crate) home: Option<&'a Company>,
    /// The secret that an API proved itself with.
    pub(crate) resource_server_secret: Option<&'a ResourceServerSecret>,
    /// The session that the person is signed in by.
    pub(crate) session: Option<SessionTimes>,
    /// The access token that it presented.
    pub(crate) token: Option<TokenStanding>,
    /// The API that the token is for.
    pub(crate) resource_server: Option<&'a ResourceServer>,
    /// The person.
    pub(crate) user: Option<&'a User>,
    /// The companies that the person is in, where the person acts for one of them ([`Self::company`]).
    pub(crate) memberships: Option<&'a [Membership]>,
}

/// When a session ends.
#[derive(Clone, Copy, Debug)]
pub(crate) struct SessionTimes {
    /// If it is not used before.
    pub(crate) idle_at: Timestamp,
    /// However much it is used.
    pub(crate) expires_at: Timestamp,
}

/// What an access token's life hangs on beside its client and company.
#[derive(Clone, Copy, Debug)]
pub(crate) struct TokenStanding {
    /// When it was issued.
    pub(crate) issued_at: Timestamp,
    /// When it expires by itself.
    pub(crate) expires_at: Timestamp,
    /// What has ended it before.
    pub(crate) ending: TokenEnding,
}

/// Whether the subject may act at `now`.
///
/// # Errors
/// The first thing that bars it.
pub(crate) fn may_act(standing: Standing<'_>, now: Timestamp) -> Result<(), Barred> {
    if standing.client.is_some_and(|client| client.state != ClientState::Enabled) {
        return Err(Barred::ClientDisabled);
    }
    if standing.client_secret.is_some_and(|secret| !secret.works_at(now))
        || standing.resource_server_secret.is_some_and(|secret| !secret.works_at(now))
    {
        return Err(Barred::SecretEnded);
    }
    if standing.user.is_some_and(|user| matches!(user.state, UserState::Disabled { .. })) {
        return Err(Barred::UserDisabled);
    }
    if let (Some(company), Some(memberships)) = (standing.company, standing.memberships)
        && !memberships.iter().any(|membership| membership.company_id == company.id)
    {
        return Err(Barred::NotAMember);
    }
    if standing.session.is_some_and(|session| now >= session.idle_at.min(session.expires_at)) {
        return Err(Barred::SessionEnded);
    }
    let companies = [standing.company, standing.home].into_iter().flatten();
    if companies.clone().any(|company| company.disabled_at.is_some()) {
        return Err(Barred::CompanyDisabled);
    }
    let made = companies
        .map(|company| company.created_at)
        .chain(standing.client.map(|client| client.created_at))
        .chain(standing.user.map(|user| user.created_at))
        .chain(standing.resource_server.map(|api| api.created_at));
    standing.token.map_or(Ok(()), |token| token_lives(token, made, now))?;
    // The last of all that bars: for whoever may come in all the same, nothing else does ([`may_come_in`]).
    match standing.user {
        Some(User { state: UserState::Leaving { .. }, .. }) => Err(Barred::UserLeaving),
        _ => Ok(()),
    }
}

/// Whether the subject may sign in at `now`: also somebody who has deleted their account, to take that back and no more.
///
/// # Errors
/// The first thing that bars it.
pub(crate) fn may_come_in(standing: Standing<'_>, now: Timestamp) -> Result<(), Barred> {
    match may_act(standing, now) {
        Err(Barred::UserLeaving) => Ok(()),
        other => other,
    }
}

/// `made` is when each of those was made that the token names: one made later only has the id of the one that it named.
fn token_lives(
    token: TokenStanding,
    mut made: impl Iterator<Item = Timestamp>,
    now: Timestamp,
) -> Result<(), Barred> {
    let latest = token.issued_at.plus(SKEW).as_secs();
    match token.ending {
        _ if made.any(|made| made.as_secs() > latest) => Err(Barred::TokenEnded),
        TokenEnding::HandleEnded => Err(Barred::TokenEnded),
        TokenEnding::Revoked => Err(Barred::TokenRevoked),
        TokenEnding::None if now >= token.expires_at => Err(Barred::TokenExpired),
        TokenEnding::None => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use tokenry_model::{ClientId, ClientType, CompanyId, Digest, SecretId, SecretVerifier, UserId};

    const NOW: Timestamp = Timestamp::from_secs(1_000);

    fn client(state: ClientState) -> Client {
        let id = ClientId::parse("cron").unwrap();
        Client { state, ..Client::new(ClientType::M2m, id, Timestamp::EPOCH) }
    }

    fn secret(expires_at: Option<Timestamp>, revoked_at: Option<Timestamp>) -> ClientSecret {
        ClientSecret {
            id: SecretId::parse("s").unwrap(),
            client_id: ClientId::parse("cron").unwrap(),
            verifier: SecretVerifier::Digest(Digest::from_bytes([0; 32])),
            label: String::new(),
            last4: String::new(),
            created_at: Timestamp::EPOCH,
            expires_at,
            revoked_at,
            last_used_at: None,
        }
    }

    fn company(disabled_at: Option<Timestamp>) -> Company {
        Company {
            id: CompanyId::parse("acme").unwrap(),
            name: "Acme".to_owned(),
            corporation_id: None,
            disabled_at,
            version: 1,
            created_at: Timestamp::EPOCH,
        }
    }

    #[test]
    fn tok_20_every_bar_holds_by_itself() {
        let good = (client(ClientState::Enabled), secret(None, None), company(None));
        let disabled = client(ClientState::Disabled { at: NOW });
        let ended = [secret(Some(NOW), None), secret(None, Some(Timestamp::EPOCH))];
        let closed = company(Some(NOW));
        let standing = |client, client_secret, company| Standing {
            client: Some(client),
            client_secret: Some(client_secret),
            company: Some(company),
            ..Standing::default()
        };
        assert_eq!(may_act(standing(&good.0, &good.1, &good.2), NOW), Ok(()));
        assert_eq!(may_act(standing(&disabled, &good.1, &good.2), NOW), Err(Barred::ClientDisabled));
        for secret in &ended {
            assert_eq!(may_act(standing(&good.0, secret, &good.2), NOW), Err(Barred::SecretEnded));
        }
        assert_eq!(may_act(standing(&good.0, &good.1, &closed), NOW), Err(Barred::CompanyDisabled));
        let away = Standing { home: Some(&closed), ..standing(&good.0, &good.1, &good.2) };
        assert_eq!(may_act(away, NOW), Err(Barred::CompanyDisabled));
    }

    fn ann(state: UserState) -> User {
        User {
            id: UserId::parse("usr_ann").unwrap(),
            username: "ann@acme.example".to_owned(),
            email_verified_at: None,
            name: None,
            claims: serde_json::Map::new(),
            state,
            version: 1,
            created_at: Timestamp::EPOCH,
        }
    }

    /// Who is disabled, or has left the company, does nothing any more; in another company the person may still act.
    #[test]
    fn log_05_every_bar_of_a_person_holds_by_itself() {
        let membership = |company: &str| Membership {
            user_id: UserId::parse("usr_ann").unwrap(),
            company_id: CompanyId::parse(company).unwrap(),
            roles: vec![],
            created_at: Timestamp::EPOCH,
        };
        let (enabled, disabled) = (ann(UserState::Enabled), ann(UserState::Disabled { at: NOW }));
        let leaving = ann(UserState::Leaving { due_at: Timestamp::from_secs(9_000) });
        let (acme, closed) = (company(None), company(Some(NOW)));
        let (member, left) = ([membership("globex"), membership("acme")], [membership("globex")]);
        for (user, company, memberships, expected) in [
            (&enabled, None, None, Ok(())),
            (&disabled, None, None, Err(Barred::UserDisabled)),
            (&leaving, None, None, Err(Barred::UserLeaving)),
            (&leaving, Some(&acme), Some(&left[..]), Err(Barred::NotAMember)),
            (&enabled, Some(&acme), Some(&member[..]), Ok(())),
            (&disabled, Some(&acme), Some(&member[..]), Err(Barred::UserDisabled)),
            (&enabled, Some(&acme), Some(&left[..]), Err(Barred::NotAMember)),
            (&enabled, Some(&acme), Some(&[][..]), Err(Barred::NotAMember)),
            (&enabled, Some(&closed), Some(&member[..]), Err(Barred::CompanyDisabled)),
        ] {
            let standing = Standing { user: Some(user), company, memberships, ..Standing::default() };
            assert_eq!(may_act(standing, NOW), expected, "{company:?} {memberships:?}");
            let comes_in = if expected == Err(Barred::UserLeaving) { Ok(()) } else { expected };
            assert_eq!(may_come_in(standing, NOW), comes_in, "{company:?} {memberships:?}");
        }
    }

    #[test]
    fn int_15_every_end_of_a_token_holds_by_itself() {
        let standing = |expires_at, ending| Standing {
            token: Some(TokenStanding { issued_at: Timestamp::EPOCH, expires_at, ending }),
            ..Standing::default()
        };
        let later = Timestamp::from_millis(NOW.as_millis() + 1);
        assert_eq!(may_act(standing(later, TokenEnding::None), NOW), Ok(()));
        assert_eq!(may_act(standing(NOW, TokenEnding::None), NOW), Err(Barred::TokenExpired));
        assert_eq!(may_act(standing(later, TokenEnding::Revoked), NOW), Err(Barred::TokenRevoked));
        assert_eq!(may_act(standing(later, TokenEnding::HandleEnded), NOW), Err(Barred::TokenEnded));
    }

    #[test]
    fn int_15_a_token_is_dead_for_what_was_made_after_it() {
        let token = TokenStanding {
            issued_at: Timestamp::from_secs(100),
            expires_at: Timestamp::from_secs(2_000),
            ending: TokenEnding::None,
        };
        let outcome = |made: i64| {
            let client = Client {
                created_at: Timestamp::from_millis(made * 1_000 + 999),
                ..client(ClientState::Enabled)
            };
            may_act(Standing { client: Some(&client), token: Some(token), ..Standing::default() }, NOW)
        };
        for (made, expected) in [(0, Ok(())), (100, Ok(())), (160, Ok(())), (161, Err(Barred::TokenEnded))] {
            assert_eq!(outcome(made), expected, "{made}");
        }
    }

    #[test]
    fn ses_08_a_session_ends_when_it_is_not_used_and_at_its_end() {
        let outcome = |idle_at, expires_at, now: i64| {
            let (idle_at, expires_at) = (Timestamp::from_secs(idle_at), Timestamp::from_secs(expires_at));
            let session = Some(SessionTimes { idle_at, expires_at });
            may_act(Standing { session, ..Standing::default() }, Timestamp::from_secs(now))
        };
        assert_eq!(outcome(10, 20, 9), Ok(()));
        assert_eq!(outcome(10, 20, 10), Err(Barred::SessionEnded));
        assert_eq!(outcome(30, 20, 19), Ok(()));
        assert_eq!(outcome(30, 20, 20), Err(Barred::SessionEnded));
    }

    #[test]
    fn a_secret_works_until_the_millisecond_it_expires() {
        let secret = secret(Some(NOW), None);
        let standing = Standing { client_secret: Some(&secret), ..Standing::default() };
        assert_eq!(may_act(standing, Timestamp::from_millis(NOW.as_millis() - 1)), Ok(()));
        assert_eq!(may_act(standing, NOW), Err(Barred::SecretEnded));
    }
}
