//! The page of claims: what each kind of token says. A test gets one of each and compares.

use super::{code, head, table};

/// A member of a header, of a payload or of an answer, and what it says.
type Member = (&'static str, &'static str);

const HEADER: [Member; 3] = [
    ("alg", "`RS256`, or what the API was given: `PS256`, `ES256`, `EdDSA`."),
    ("typ", "`at+jwt` (RFC 9068 section 2.1): an ID token or an assertion can never pass for one."),
    ("kid", "The key in the key set that verifies it."),
];

const PAYLOAD: [Member; 11] = [
    ("iss", "The issuer, exactly as configured."),
    ("sub", "Whom the token is about: the client itself, by its id."),
    ("aud", "The one API that it is for, as text."),
    ("iat", "When it was issued, in seconds since the Unix epoch."),
    ("exp", "When it expires: a day later, unless API or client say otherwise."),
    (
        "jti",
        "Names the token: 32 characters. The first eleven are the handle by which tokens are revoked together; they say nothing else.",
    ),
    ("client_id", "The client that it was issued to."),
    ("azp", "The same."),
    ("gty", "`client-credentials`."),
    ("scope", "What it allows, with spaces between. Left out if it is nothing."),
    (
        NAMESPACE,
        "What is Tokenry's own, under the name that `tokens.namespace` configures: `companyId`, `corporationId` if the token is for all \
         companies of a corporation, and the client's own claims. Left out if there is nothing to say.",
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

/// The name under which Tokenry's own claims stand, unless it is configured.
const NAMESPACE: &str = "https://auth.example.com/metadata";

pub(super) fn page() -> String {
    let mut page = head(
        "Claims",
        "What tokens say. To a client every access token is [opaque](../concepts/opaque-to-its-client.md): these pages are for APIs. No \
         name, e-mail\naddress or other personal data is in an access token.",
    );
    let sections = [
        ("A client's JWT access token: header", HEADER.as_slice()),
        ("A client's JWT access token: payload", &PAYLOAD),
        ("An access token that is introspected, JWT or opaque", &INTROSPECTED),
    ];
    for (title, members) in sections {
        page.push_str(&format!("\n## {title}\n"));
        page.push_str(&table(
            ["name", "what it says"],
            members.iter().map(|(name, says)| [code(name), (*says).to_owned()]),
        ));
    }
    page.push_str(
        "\nAn opaque access token itself says nothing: it is 43 random characters, 256 bits. Names that a client's own \
         claims may\nnot have are refused when they are configured.\n",
    );
    page.push_str(
        "\nThese are tokens of the dialect `rfc`. For an API of the dialect `auth0`, `typ` is `JWT`, `sub` is the client's id \
         with\n`@clients` behind it, and there is no `client_id`: see [moving from Auth0](../guides/from-auth0.md).\n",
    );
    page
}
