//! The one list of configuration keys: each with its environment twin, its default and what it means.

/// One configuration key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Key {
    /// As written in the file, with a dot after a section: `tokens.namespace`.
    pub(crate) path: &'static str,
    /// Its twin in the environment; with `_FILE` added, the name of a file that holds the value.
    pub(crate) env: &'static str,
    /// Whether the environment's value is a list with commas.
    pub(crate) list: bool,
    /// What it means, for the commented configuration.
    pub(crate) meaning: &'static str,
    /// The line in the commented configuration.
    pub(crate) example: &'static str,
}

const fn key(path: &'static str, env: &'static str, meaning: &'static str, example: &'static str) -> Key {
    Key { path, env, list: false, meaning, example }
}

/// Every key, in the order of the commented configuration.
pub(crate) const KEYS: &[Key] = &[
    key(
        "issuer",
        "TOKENRY_ISSUER",
        "Your server's public address, used verbatim in every token: https, or http on loopback.",
        "issuer = \"http://127.0.0.1:8700\"",
    ),
    key("listen", "TOKENRY_LISTEN", "Where the server listens.", "listen = \"127.0.0.1:8700\""),
    key(
        "metrics_listen",
        "TOKENRY_METRICS_LISTEN",
        "Where metrics are served, for Prometheus; without it nowhere.",
        "# metrics_listen = \"127.0.0.1:8799\"",
    ),
    key(
        "database",
        "TOKENRY_DATABASE",
        "sqlite:PATH, or postgres://USER@HOST/NAME for several replicas.",
        "database = \"sqlite:data/tokenry.db\"",
    ),
    key(
        "keyring_file",
        "TOKENRY_KEYRING_FILE",
        "The master keys. Never in the database's folder, never in a backup of it.",
        "keyring_file = \"keyring/master.keys\"",
    ),
    Key {
        path: "trusted_proxies",
        env: "TOKENRY_TRUSTED_PROXIES",
        list: true,
        meaning: "Networks of the proxies that end TLS for us. Only they and loopback may then speak plain HTTP, and their \
                  X-Forwarded-For says who asks.",
        example: "trusted_proxies = []",
    },
    key(
        "tls.cert",
        "TOKENRY_TLS_CERT",
        "A PEM file with this server's certificate and then those that vouch for it. Without it, plain HTTP. Read again \
         when it changes.",
        "# cert = \"tls/fullchain.pem\"",
    ),
    key(
        "tls.key",
        "TOKENRY_TLS_KEY",
        "A PEM file with the certificate's private key, which nobody else on this host may read.",
        "# key = \"tls/privkey.pem\"",
    ),
    key(
        "tokens.profile",
        "TOKENRY_TOKENS_PROFILE",
        "rfc or auth0: the dialect of new APIs and the error style of new clients, and how strangers are refused.",
        "profile = \"rfc\"",
    ),
    key(
        "tokens.namespace",
        "TOKENRY_TOKENS_NAMESPACE",
        "The claim under which tokens carry companyId and corporationId.",
        "namespace = \"https://auth.example.com/metadata\"",
    ),
    key(
        "tokens.access_token_ttl",
        "TOKENRY_TOKENS_ACCESS_TOKEN_TTL",
        "How long access tokens live unless the API or the client says otherwise.",
        "access_token_ttl = \"24h\"",
    ),
    key(
        "tokens.user_access_token_ttl",
        "TOKENRY_TOKENS_USER_ACCESS_TOKEN_TTL",
        "How long access tokens live that a user let a client have, unless the API or the client wants them shorter.",
        "user_access_token_ttl = \"15m\"",
    ),
    key(
        "tokens.refresh_idle_ttl",
        "TOKENRY_TOKENS_REFRESH_IDLE_TTL",
        "How long a refresh token lives that is not used.",
        "refresh_idle_ttl = \"30d\"",
    ),
    key(
        "tokens.refresh_ttl",
        "TOKENRY_TOKENS_REFRESH_TTL",
        "How long an authorization can be refreshed, however much it is used.",
        "refresh_ttl = \"90d\"",
    ),
    key(
        "tokens.pat_max_ttl",
        "TOKENRY_TOKENS_PAT_MAX_TTL",
        "How long a personal access token may live at the most: 1d to 3650d. Each expires.",
        "pat_max_ttl = \"366d\"",
    ),
    key(
        "tokens.signing_alg",
        "TOKENRY_TOKENS_SIGNING_ALG",
        "RS256, PS256, ES256 or EdDSA, unless the API says otherwise.",
        "signing_alg = \"RS256\"",
    ),
    Key {
        path: "tokens.try_at",
        env: "TOKENRY_TOKENS_TRY_AT",
        list: true,
        meaning: "Where Developer Settings let people try a new personal access token: an API's audience and an address of it that \
                  answers to GET, \"https://api.example.com https://api.example.com/me\". An audience alone is no address.",
        example: "try_at = []",
    },
    key(
        "sessions.idle_ttl",
        "TOKENRY_SESSIONS_IDLE_TTL",
        "How long people stay signed in who do nothing here.",
        "idle_ttl = \"12h\"",
    ),
    key(
        "sessions.ttl",
        "TOKENRY_SESSIONS_TTL",
        "How long people stay signed in, however much they do: 365d at most.",
        "ttl = \"30d\"",
    ),
    key(
        "sessions.same_site",
        "TOKENRY_SESSIONS_SAME_SITE",
        "lax, or strict: then whoever comes from an application on another site has to sign in each time. none: pages of \
         headless_origins on other sites may use the cookie for APIs.",
        "same_site = \"lax\"",
    ),
    Key {
        path: "sessions.headless_origins",
        env: "TOKENRY_SESSIONS_HEADLESS_ORIGINS",
        list: true,
        meaning: "Origins of user interfaces that are not ours, whose pages may sign people in at /session and read what they \
                  are answered.",
        example: "headless_origins = []",
    },
    key(
        "sessions.cookie_domain",
        "TOKENRY_SESSIONS_COOKIE_DOMAIN",
        "The domain to whose hosts browsers send the cookie for APIs: the issuer's host or one above it. Empty: to the issuer's \
         host alone, on any port.",
        "cookie_domain = \"\"",
    ),
    key(
        "sessions.cookie_path",
        "TOKENRY_SESSIONS_COOKIE_PATH",
        "Below which path they send it.",
        "cookie_path = \"/\"",
    ),
    key(
        "sessions.refresh_grace",
        "TOKENRY_SESSIONS_REFRESH_GRACE",
        "For how long a spent refresh token gives the same successor again, while that is unused: 30s at most.",
        "refresh_grace = \"10s\"",
    ),
    key(
        "secrets.brand",
        "TOKENRY_SECRETS_BRAND",
        "What every secret begins with, so that scanners find strays. The first start fixes it.",
        "brand = \"tokenry\"",
    ),
    key(
        "secrets.reveal",
        "TOKENRY_SECRETS_REVEAL",
        "reauth: developers who have just signed in can see the secret of their account again, which is kept sealed. once: it is \
         shown when they make it, and only its digest is kept.",
        "reveal = \"reauth\"",
    ),
    Key {
        path: "secrets.taken_at",
        env: "TOKENRY_SECRETS_TAKEN_AT",
        list: true,
        meaning: "Routes of APIs that take account secrets, for developers to see at Developer Settings: a method and a URL each, \
                  \"POST https://api.example.com/import\". It changes nothing at the APIs.",
        example: "taken_at = []",
    },
    key(
        "keys.rotate_every",
        "TOKENRY_KEYS_ROTATE_EVERY",
        "How long a signing key signs. Retired ones verify until their last token has expired.",
        "rotate_every = \"90d\"",
    ),
    key(
        "keys.publish_before",
        "TOKENRY_KEYS_PUBLISH_BEFORE",
        "How long the next key is published before it takes over by itself. `keys rotate` does not wait for it.",
        "publish_before = \"24h\"",
    ),
    key(
        "limits.failures_per_client",
        "TOKENRY_LIMITS_FAILURES_PER_CLIENT",
        "How often a client_id may fail to authenticate from one address, each minute; further requests of it from there are \
         429, whatever they bring. 0: any number.",
        "failures_per_client = 20",
    ),
    key(
        "limits.names_per_address",
        "TOKENRY_LIMITS_NAMES_PER_ADDRESS",
        "How many names may fail from one address, each minute, before the address is turned away as a whole. Behind a proxy \
         set trusted_proxies, or all clients have the proxy's address. 0: any number, 200 at most.",
        "names_per_address = 20",
    ),
    key(
        "limits.refused_per_address",
        "TOKENRY_LIMITS_REFUSED_PER_ADDRESS",
        "How many credentials that name nobody, such as introspected tokens, may be refused from one address, each minute. 0: \
         any number.",
        "refused_per_address = 600",
    ),
    key(
        "limits.tokens_per_hour",
        "TOKENRY_LIMITS_TOKENS_PER_HOUR",
        "How many tokens a client may get in an hour of UTC, at all replicas together, unless `clients update \
         --tokens-per-hour` says otherwise of it; then 429 until the next hour. 0: any number.",
        "tokens_per_hour = 0",
    ),
    key(
        "limits.tokens_per_day",
        "TOKENRY_LIMITS_TOKENS_PER_DAY",
        "The same for a day of UTC.",
        "tokens_per_day = 0",
    ),
    key(
        "audit.keep",
        "TOKENRY_AUDIT_KEEP",
        "How long audit records are kept after they were sealed; without it for ever. What is removed stays proven by a \
         signed checkpoint.",
        "# keep = \"400d\"",
    ),
    Key {
        path: "outbound.allowed_networks",
        env: "TOKENRY_OUTBOUND_ALLOWED_NETWORKS",
        list: true,
        meaning: "Networks inside your own that this server may connect to, to fetch a client's keys from its jwks_uri or to \
                  tell it of a session that ended. Otherwise only the public internet.",
        example: "allowed_networks = []",
    },
    key(
        "outbound.ca_file",
        "TOKENRY_OUTBOUND_CA_FILE",
        "A PEM file with authorities to trust beside the system's when connecting there.",
        "ca_file = \"\"",
    ),
    key(
        "mail.url",
        "TOKENRY_MAIL_URL",
        "The mail server: smtps://USER:PASSWORD@HOST, or smtp:// for one that offers STARTTLS or is on this host. Better in \
         the file that TOKENRY_MAIL_URL_FILE names. Without it no mail is sent, and nobody can choose a password by a link.",
        "# url = \"smtps://user:password@mail.example.com\"",
    ),
    key(
        "mail.from",
        "TOKENRY_MAIL_FROM",
        "From whom mail comes.",
        "# from = \"Example <no-reply@example.com>\"",
    ),
    key(
        "users.signup",
        "TOKENRY_USERS_SIGNUP",
        "Whether anybody who proves an e-mail address may make an account, at /signup. It is in no company before you say so. \
         Takes mail.url.",
        "signup = false",
    ),
    key(
        "users.deletion_grace_days",
        "TOKENRY_USERS_DELETION_GRACE_DAYS",
        "For how many days somebody who has deleted their account, at /account/data, can sign in and keep it; 365 at most. 0: \
         people do not delete their accounts themselves.",
        "deletion_grace_days = 30",
    ),
    key(
        "leaks.github",
        "TOKENRY_LEAKS_GITHUB",
        "Whether GitHub's secret scanning may report leaked credentials, at /leaks/github, in calls that it signs. Anybody may \
         at /leaks, one by one.",
        "github = false",
    ),
    key(
        "leaks.github_keys",
        "TOKENRY_LEAKS_GITHUB_KEYS",
        "Where it publishes the keys that it signs them with: https, or http on loopback.",
        "github_keys = \"https://api.github.com/meta/public_keys/secret_scanning\"",
    ),
];
