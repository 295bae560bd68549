//! Values of the wrong type, out of range, misspelt, endless.

use super::base::{Base, Kind, kind};
use super::{PASSWORD, refused};
use crate::config::keys::KEYS;

#[test]
fn a_value_of_another_type_is_told_with_key_and_value() {
    let base = Base::new();
    for key in KEYS {
        for (value, shown) in [
            ("4711", "4711"),
            ("4.25", "4.25"),
            ("true", "true"),
            ("1979-05-27", ""),
            ("[\"a\", 1]", ""),
            ("{ a = 1 }", ""),
            ("[[\"a\"]]", ""),
        ] {
            if matches!((kind(key.path), value), (Kind::Number, "4711") | (Kind::Flag, "true")) {
                continue;
            }
            // What stands in the place of an address with a password may be one, and is never shown.
            let shown = if matches!(kind(key.path), Kind::Database | Kind::Mail) { "" } else { shown };
            refused(&base, &base.with(key.path, value), &[&format!("{}: ", key.path), shown]);
        }
    }
}

fn bad(kind: Kind) -> &'static [(&'static str, &'static str)] {
    match kind {
        Kind::Address => &[
            ("nowhere", "write it as 127.0.0.1:8700"),
            ("127.0.0.1", "did you mean 127.0.0.1:8700?"),
            ("8700", "did you mean 127.0.0.1:8700?"),
            (":80", "did you mean 127.0.0.1:80?"),
            ("localhost:80", "did you mean 127.0.0.1:80?"),
            ("127.0.0.1:99999", "no address"),
            ("256.0.0.1:80", "no address"),
            ("[::1]", "did you mean [::1]:8700?"),
            ("127.0.0.1:80 ", "did you mean 127.0.0.1:80?"),
            ("http://127.0.0.1:80", "no address"),
            ("", "no address"),
        ],
        Kind::Database => &[
            ("", "begins with `sqlite:` or `postgres://`"),
            ("data/tokenry.db", "begins with `sqlite:` or `postgres://`"),
            ("sqlite:", "sqlite:PATH"),
            ("sqlite::memory:", "needs a file"),
            ("postgres//app:sesame123@db/x", "begins with"),
            ("mysql://app:sesame123@db/x", "begins with"),
            ("postgres://app:sesame123@db/x?sslmode=maybe", "sslmode is one of"),
            ("postgres://app:sesame123@db:port/x", "not a PostgreSQL URL"),
            ("postgres://", "not a PostgreSQL URL"),
        ],
        Kind::Domain => &[
            (".example.com", "without the dot"),
            ("example.org", "must be the issuer's host id.example.com or one above it"),
            ("d.example.com", "must be the issuer's host"),
            ("com", "is no domain of yours"),
            ("example.com; Path=/", "must be the issuer's host"),
            ("https://example.com", "must be the issuer's host"),
            ("EXAMPLE.com", "must be the issuer's host"),
        ],
        Kind::Duration => &[
            ("", "no duration"),
            ("10", "write it as"),
            ("-5m", "no duration"),
            ("0s", "no duration"),
            ("soon", "no duration"),
            ("24hh", "did you mean 24h?"),
            ("90 dasy", "did you mean 90d?"),
            ("15 mni", "did you mean 15m?"),
            ("1 month", "no duration"),
            ("99999999999999999999d", "no duration"),
            ("10ms", "no duration"),
            ("1h30", "no duration"),
        ],
        Kind::Flag => &[
            ("ture", "did you mean true?"),
            ("False", "did you mean false?"),
            ("yes", "none of true, false"),
            ("1", "none of true, false"),
            ("", "none of true, false"),
        ],
        Kind::File => &[("a\\u0000b", "can be the name of no file")],
        Kind::Mail => &[
            ("mail.example.com", "it is no URL"),
            ("https://app:sesame123@mail.example.com", "must begin with smtps:// or smtp://"),
            ("smtps://app@mail.example.com", "a user and no password"),
            ("smtps://:sesame123@mail.example.com", "a password and no user"),
            ("smtps://app:sesame123@mail.example.com/inbox", "nothing to say after the host"),
            ("smtps://app:sesame123@mail.example.com:port", "it is no URL"),
            ("smtps://", "names no host"),
        ],
        Kind::Networks => &[
            ("10.0.0.0/33", "is neither an address nor a network"),
            ("proxy.example", "is neither"),
            ("10.0.0/8", "is neither"),
            ("::/129", "is neither"),
            ("10.0.0.0/8/8", "is neither"),
            ("", "is neither"),
            ("all", "is neither"),
        ],
        Kind::Number => &[
            ("-1", "no whole number"),
            ("4294967296", "no whole number"),
            ("99999999999999999999999", "no whole number"),
            ("many", "no whole number"),
            ("1.5", "no whole number"),
            ("", "no whole number"),
            ("0x10", "no whole number"),
        ],
        Kind::Origins => &[
            ("https://app.example.com/", "did you mean \"https://app.example.com\"?"),
            ("https://app.example.com/home", "did you mean \"https://app.example.com\"?"),
            ("https://app.example.com:443", "did you mean \"https://app.example.com\"?"),
            ("HTTPS://app.example.com", "did you mean \"https://app.example.com\"?"),
            ("http://app.example.com", "must be https"),
            ("app.example.com", "is no origin"),
            ("https://*.example.com", "is no origin"),
            ("*", "is no origin"),
            ("null", "is no origin"),
            ("file:///app", "is no origin"),
            ("", "is no origin"),
        ],
        Kind::Path => &[
            ("", "begins with a slash"),
            ("api", "begins with a slash"),
            ("/api; Domain=example.com", "is no path"),
            ("/a b", "is no path"),
            ("/\u{e4}", "is no path"),
        ],
        Kind::Profile => &[
            ("RFC", "did you mean rfc?"),
            ("auth", "did you mean auth0?"),
            ("oauth0", "did you mean auth0?"),
            ("oidc", "is none of auth0, rfc"),
            ("", "is none of auth0, rfc"),
        ],
        Kind::Reveal => &[
            ("Once", "did you mean once?"),
            ("reath", "did you mean reauth?"),
            ("never", "is none of once, reauth"),
            ("", "is none of once, reauth"),
        ],
        Kind::Routes => &[
            ("https://api.example.com/import", "does not begin with a method"),
            ("POST", "does not begin with a method"),
            ("post https://api.example.com/import", "does not begin with a method"),
            ("", "does not begin with a method"),
            ("POST /import", "/import"),
            ("POST  https://api.example.com/import", "POST  https"),
            ("POST https://api.example.com/a b", "a b"),
            ("POST file:///import", "https"),
            ("POST https://me@api.example.com/import", "me@api"),
            ("POST http://api.example.com/import", "must be https"),
        ],
        Kind::SameSite => &[
            ("Lax", "did you mean lax?"),
            ("strickt", "did you mean strict?"),
            ("non", "did you mean none?"),
            ("cross-site", "is none of lax, strict, none"),
            ("", "is none of lax, strict, none"),
        ],
        Kind::Sender => &[
            ("", "no address"),
            ("nobody", "no address"),
            ("no-reply@", "no address"),
            ("Example no-reply@example.com", "no address"),
        ],
        Kind::Text => &[
            ("", "a brand is"),
            ("Acme", "a brand is"),
            ("acme corp", "a brand is"),
            ("1acme", "a brand is"),
            ("acme_", "a brand is"),
            ("averyveryverylongbrand", "a brand is"),
        ],
        Kind::Trials => &[
            ("https://api.example.com/me", "an audience, a space and an address"),
            ("", "an audience, a space and an address"),
            ("https://api.example.com ", "https://api.example.com "),
            ("https://api.example.com me", "me"),
            ("https://api.example.com http://api.example.com/me", "must be https"),
            ("https://api.example.com https://me@api.example.com/", "me@api"),
        ],
        Kind::Url => &[
            ("", ""),
            ("id.example.com", ""),
            ("ftp://id.example.com", ""),
            ("https://", ""),
            ("https://a b", ""),
        ],
        Kind::Word => &[
            ("RS265", "did you mean RS256?"),
            ("rs256", "did you mean RS256?"),
            ("RS 256", "did you mean RS256?"),
            ("SE256", "did you mean ES256?"),
            ("PS2566", "did you mean PS256?"),
            ("EDDSA", "did you mean EdDSA?"),
            ("EdDAS", "did you mean EdDSA?"),
            ("HS1024", "none of RS256, PS256, ES256, EdDSA"),
            ("none", "none of RS256, PS256, ES256, EdDSA"),
            ("", "none of"),
        ],
    }
}

#[test]
fn a_value_out_of_range_is_told_with_key_and_value_and_the_nearest_right_one() {
    let base = Base::new();
    let mut count = 0;
    for key in KEYS {
        let kind = kind(key.path);
        for (value, says) in bad(kind) {
            let written = match kind {
                list if list.is_list() => format!("[\"{value}\"]"),
                _ => format!("\"{value}\""),
            };
            let shown = if matches!(kind, Kind::Database | Kind::File | Kind::Mail) { "" } else { value };
            refused(&base, &base.with(key.path, &written), &[&format!("{}: ", key.path), says, shown]);
            count += 1;
        }
    }
    assert!(count > 120, "{count}");
}

#[test]
fn an_issuer_or_a_number_that_is_nearly_right_is_told_with_what_is_missing() {
    let base = Base::new();
    for (value, says) in [
        ("http://id.example.com", "must be https"),
        ("https://ID.example.com", "lower case"),
        ("https://id.example.com:443", "no default port"),
        ("https://id.example.com/?a=b", "neither query nor fragment"),
        ("https://id.example.com/#a", "neither query nor fragment"),
        ("https://app:sesame123@id.example.com", "must not name a user"),
    ] {
        refused(&base, &base.with("issuer", &format!("\"{value}\"")), &["issuer: ", says]);
    }
    refused(
        &base,
        &base.with("limits.names_per_address", "201"),
        &["limits.names_per_address: 201", "200 at most"],
    );
    refused(
        &base,
        &base.with("users.deletion_grace_days", "366"),
        &["users.deletion_grace_days: 366", "365 at most"],
    );
    refused(&base, &base.with("keys.publish_before", "\"90d\""), &["keys.publish_before: ", "shorter than"]);
    refused(&base, &base.with("tokens.access_token_ttl", "\"9999d\""), &["tokens.access_token_ttl: 9999d"]);
    let user = "tokens.user_access_token_ttl";
    refused(&base, &base.with(user, "\"31d\""), &["tokens.user_access_token_ttl: 31d is too long"]);
    refused(
        &base,
        &base.with("sessions.refresh_grace", "\"31s\""),
        &["sessions.refresh_grace: 31s is too long"],
    );
    refused(&base, &base.with("sessions.ttl", "\"366d\""), &["sessions.ttl: 366d is too long"]);
    refused(&base, &base.with("sessions.idle_ttl", "\"31d\""), &["sessions.idle_ttl: 31d is too long"]);
    refused(&base, &base.with("tokens.refresh_ttl", "\"366d\""), &["tokens.refresh_ttl: 366d is too long"]);
    let pat = "tokens.pat_max_ttl";
    refused(&base, &base.with(pat, "\"3651d\""), &["tokens.pat_max_ttl: 3651d is too long"]);
    refused(&base, &base.with(pat, "\"23h\""), &["tokens.pat_max_ttl: 23h is too short"]);
    refused(
        &base,
        &base.with("trusted_proxies", "[\"0.0.0.0/0\"]"),
        &["trusted_proxies: \"0.0.0.0/0\" is everybody"],
    );
    for key in ["tls.cert", "tls.key", "outbound.ca_file"] {
        refused(&base, &base.with(key, "\"nowhere.pem\""), &[&format!("{key}: "), "nowhere.pem"]);
    }
    refused(&base, &base.with("keyring_file", "\"\""), &["keyring_file: ", "names no file"]);
    refused(&base, &base.with("tls.key", "\"\""), &["tls.key: it is missing"]);
    let unsent = base.with("users.signup", "true").replace(&base.line("mail.url"), "");
    refused(&base, &unsent, &["users.signup: an account takes a proven address", "set mail.url"]);
}

#[test]
fn leak_01_a_secret_in_the_place_of_another_value_is_not_told() {
    let base = Base::new();
    for key in KEYS {
        for secret in [
            format!("postgres://app:{PASSWORD}@db.example/tokenry?\\u0000"),
            format!("-----BEGIN PRIVATE KEY-----\\n{PASSWORD}\\n-----END PRIVATE KEY-----"),
            format!("tokenry_mk_{PASSWORD}"),
        ] {
            // Whether it is taken for the name of a file or refused, it is not told: `said` looks.
            let list = kind(key.path).is_list();
            let written = if list { format!("[\"{secret}\"]") } else { format!("\"{secret}\"") };
            super::said(&base, &base.with(key.path, &written), &|_name| None);
            super::said(&base, &base.with(key.path, &format!("[{written}]")), &|_name| None);
        }
    }
}

#[test]
fn nul_and_endless_values_are_refused_in_short() {
    let base = Base::new();
    let endless = "a".repeat(1_000_000);
    for key in KEYS.iter().filter(|key| kind(key.path) != Kind::Database) {
        let list = kind(key.path).is_list();
        for value in
            ["a\\u0000".to_owned(), endless.clone(), format!("https://{endless}"), format!("1{endless}")]
        {
            let written = if list { format!("[\"{value}\"]") } else { format!("\"{value}\"") };
            refused(&base, &base.with(key.path, &written), &[&format!("{}: ", key.path)]);
        }
        let digits = "9".repeat(100_000);
        super::said(&base, &base.with(key.path, &digits), &|_name| None).unwrap();
    }
    refused(&base, &base.with("database", &format!("\"{endless}\"")), &["database: "]);
    refused(&base, &base.with("database", "\"sqlite:a\\u0000b\""), &["database: "]);
    refused(&base, &format!("{endless} = 1\n{}", base.text), &["there is no key aaaa"]);
}
