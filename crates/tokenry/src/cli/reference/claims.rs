//! The page of claims: what each kind of token says. A test gets one of each and compares.

use tokenry_protocol::dialect::{Claim, Dialect};

use super::{code, head, table};

/// A member of a header, of a payload or of an answer, and what it says.
type Member = (&'static str, &'static str);

const HEADER: [Member; 3] = [
    ("alg", "`RS256`, or what the API was given: `PS256`, `ES256`, `EdDSA`."),
    (
        TYP,
        "That it is an access token (RFC 9068 section 2.1): an ID token or an assertion can never pass for one. Where it is `JWT`, \
         `sub` and `gty` say it.",
    ),
    ("kid", "The key in the key set that verifies it."),
];

const PAYLOAD: [(Claim, Member); 11] = [
    (Claim::Issuer, ("iss", "The issuer, exactly as configured.")),
    (Claim::Subject, ("sub", "Whom the token is about: the client itself, by its id.")),
    (Claim::Audience, ("aud", "The one API that it is for, as text.")),
    (Claim::IssuedAt, ("iat", "When it was issued, in seconds since the Unix epoch.")),
    (Claim::ExpiresAt, ("exp", "When it expires: a day later, unless API or client say otherwise.")),
    (
        Claim::TokenId,
        (
            "jti",
            "Names the token: 32 characters. The first eleven are the handle by which tokens are revoked together; they say nothing else.",
        ),
    ),
    (Claim::ClientId, ("client_id", "The client that it was issued to.")),
    (Claim::AuthorizedParty, ("azp", "The client that it was issued to.")),
    (Claim::GrantType, ("gty", "`client-credentials`.")),
    (Claim::Scope, ("scope", "What it allows, with spaces between. Left out if it is nothing.")),
    (
        Claim::Own,
        (
            NAMESPACE,
            "What is Tokenry's own, under the name that `tokens.namespace` configures: `companyId`, `corporationId` if the token is for \
             all companies of a corporation, and the client's own claims. Left out if there is nothing to say.",
        ),
    ),
];

/// What stands otherwise in a token that a user let a client have.
const OF_A_USER: [Member; 12] = [
    ("iss", "As in a client's own."),
    ("sub", "Whom the token is about: the user, by id. No client's id begins like one."),
    (
        "aud",
        "The API, as text. With the scope `openid` a list: the API and `/userinfo`. For `/userinfo` alone, that, as text.",
    ),
    ("iat", "As in a client's own."),
    (
        "exp",
        "When it expires: a quarter of an hour later (`tokens.user_access_token_ttl`), or sooner if API or client say so.",
    ),
    (
        "jti",
        "As in a client's own. The handle stands for one authorization of one client by one user, which ends as one: code, refresh \
         tokens and access tokens.",
    ),
    ("client_id", "The client that the user let have it."),
    ("azp", "The same."),
    ("auth_time", "When the user last proved to be who they are, in seconds since the Unix epoch."),
    ("sid", "The session in which the user let the client have it. It names one, and is no secret."),
    ("scope", "What it allows: what was granted, and of that what is left now."),
    (
        NAMESPACE,
        "`companyId` of the company that the user acts for; `corporationId` only if a role that holds for all of the corporation \
         gives all of the scope; and the client's own claims.",
    ),
];

const ID_TOKEN: [Member; 12] = [
    ("iss", "The issuer, exactly as configured."),
    ("sub", "The user."),
    ("aud", "The client, as text: nobody else may take it for anything."),
    ("azp", "The same."),
    ("iat", "When it was issued."),
    ("exp", "When it expires: with the access token beside it."),
    ("auth_time", "When the user last proved to be who they are."),
    (
        "amr",
        "How (RFC 8176): `pwd`, and with a second factor `otp` and `mfa`; by a passkey `pop`, `user` and `mfa`, after `pwd` where it was the second factor.",
    ),
    ("sid", "The session, as in the access token."),
    ("at_hash", "Binds the access token beside it (OpenID Connect Core section 3.1.3.6)."),
    ("nonce", "What the authorization request said. Left out after a refresh, and if it said nothing."),
    (
        "email",
        "And the other claims about a user, as `/userinfo` tells them: what the scopes `profile`, `email`, `address` and `phone` \
         stand for (OpenID Connect Core section 5.4), and nothing that is not known.",
    ),
];

/// A member of a logout token: its name, its type and what it says.
type Typed = (&'static str, &'static str, &'static str);

const LOGOUT_HEADER: [Typed; 3] = [
    ("alg", "text", "`RS256`, as in an ID token."),
    (
        "typ",
        "text",
        "`logout+jwt`, so that no other token passes for one, and it for no other (RFC 8725 section 3.11).",
    ),
    ("kid", "text", "The key in the key set that verifies it."),
];

const LOGOUT_PAYLOAD: [Typed; 8] = [
    ("iss", "text", "The issuer, exactly as configured."),
    ("sub", "text", "The user, as in the ID token."),
    ("aud", "text", "The client: nobody else may take it for anything."),
    ("iat", "number", "When it was signed, in seconds since the Unix epoch: anew at each try."),
    ("exp", "number", "`iat` + 120."),
    ("jti", "text", "Names the end of that session at that client: the same at each try."),
    ("sid", "text", "The session that has ended, as in the ID token."),
    (
        "events",
        "object",
        "One member, `http://schemas.openid.net/event/backchannel-logout`, whose value is `{}`: that is what makes it one.",
    ),
];

const INTROSPECTED: [Member; 11] = [
    (
        "active",
        "`true`. For a token that is dead, unknown or none of the asker's business the answer is `{\"active\":false}` and no more.",
    ),
    ("token_type", "`Bearer`."),
    ("iss", "As in a JWT."),
    ("sub", "As in a JWT."),
    ("aud", "As in a JWT."),
    ("client_id", "As in a JWT."),
    ("scope", "As in a JWT."),
    ("iat", "As in a JWT."),
    ("exp", "As in a JWT."),
    ("jti", "As in a JWT."),
    (NAMESPACE, "As in a JWT."),
];

const RFC: Dialect = Dialect::Rfc;
const AUTH0: Dialect = Dialect::Auth0;
const THERE: &str = "yes";
const TYP: &str = "typ";
/// The name under which Tokenry's own claims stand, unless it is configured.
const NAMESPACE: &str = "https://auth.example.com/metadata";

pub(super) fn page() -> String {
    let mut page = head(
        "Claims",
        "What tokens say. To a client every access token is [opaque](../concepts/opaque-to-its-client.md): these pages are for APIs. No \
         name, e-mail\naddress or other personal data is in an access token.",
    );
    page.push_str(
        "\nAn API has a dialect (`apis create --dialect`): `rfc` is what RFC 9068 says, `auth0` what those APIs read that were at \
         Auth0 before\n([moving from Auth0](../guides/from-auth0.md)).\n",
    );
    let columns = ["name", "`rfc`", "`auth0`", "what it says"];
    page.push_str("\n## A client's JWT access token: header\n");
    page.push_str(&table(
        columns,
        HEADER.map(|(name, says)| [code(name), typ(RFC, name), typ(AUTH0, name), says.to_owned()]),
    ));
    page.push_str("\n## A client's JWT access token: payload\n");
    page.push_str(&table(
        columns,
        PAYLOAD.map(|(claim, (name, says))| {
            [code(name), value(RFC, claim), value(AUTH0, claim), says.to_owned()]
        }),
    ));
    let sections = [
        ("A JWT access token that a user let a client have: payload", OF_A_USER.as_slice()),
        ("An access token that is introspected, JWT or opaque", &INTROSPECTED),
        ("An ID token: payload", &ID_TOKEN),
    ];
    for (title, members) in sections {
        page.push_str(&format!("\n## {title}\n"));
        page.push_str(&table(
            ["name", "what it says"],
            members.iter().map(|(name, says)| [code(name), (*says).to_owned()]),
        ));
    }
    page.push_str(
        "\nOf a user's access token introspection says `auth_time` and `sid` too; of a refresh token, to its own client alone, all \
         but `token_type`,\n`aud`, `jti` and the namespace. An ID token is always signed with `RS256`, and its `typ` is `JWT`.\n",
    );
    let columns = ["name", "type", "what it says"];
    page.push_str("\n## A logout token: header\n");
    page.push_str(
        "\nAn application that has a back-channel logout URI is posted one when a session ends of which it got an ID token \
         ([sign out everywhere](../guides/sign-out.md)).\n",
    );
    let rows = |(name, kind, says): Typed| [code(name), kind.to_owned(), says.to_owned()];
    page.push_str(&table(columns, LOGOUT_HEADER.map(rows)));
    page.push_str("\n## A logout token: payload\n");
    page.push_str(&table(columns, LOGOUT_PAYLOAD.map(rows)));
    page.push_str("\nThere is no `nonce` in it, so that it passes for no ID token (OpenID Connect Back-Channel Logout 1.0 section 2.4).\n");
    page.push_str("\n## What says nothing\n");
    page.push_str(
        "\nOf a personal access token an API that it is for hears all of these but `client_id`, and no `scope` where its user may do nothing \
         there; beside\nthem `credential` (`personal_access_token`), and `allowed_addresses`, a list of networks, where it may be used \
         from those alone: whoever lets it in\nholds the address that it comes from against them. The API may add `client_address` \
         and `client_user_agent` to the question, which the\nowner reads as the last use. Refused ones are counted by that address, in place \
         of the API's.\n",
    );
    page.push_str(
        "\nAn opaque access token itself says nothing: it is 43 random characters, 256 bits. Names that a client's own \
         claims may\nnot have are refused when they are configured.\n",
    );
    page
}

/// What a member of the header is in a dialect.
fn typ(dialect: Dialect, name: &str) -> String {
    if name == TYP { code(dialect.form().typ) } else { THERE.to_owned() }
}

/// What a claim is in a dialect.
fn value(dialect: Dialect, claim: Claim) -> String {
    match claim {
        Claim::Subject => code(dialect.subject("<client_id>")),
        claim if dialect.form().claims.contains(&claim) => THERE.to_owned(),
        _ => "no".to_owned(),
    }
}
