//! Mistakes in a configuration, as `config check` and `serve` meet them: exit code 2, key, value, and the nearest right one.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt as _;

use crate::folder::{Folder, On};
use crate::process::{Said, finish, tokenry};

/// A line of the configuration, the line in its place, and what is said.
const LINES: &[(&str, &str, &[&str])] = &[
    ("issuer", "isuer = \"http://127.0.0.1:8700\"", &["there is no key isuer; did you mean issuer?"]),
    ("issuer", "", &["issuer: it is missing"]),
    ("issuer", "issuer = 8700", &["issuer: ", "8700", "expected a string"]),
    ("issuer", "issuer = \"id.example.com\"", &["issuer: \"id.example.com\" is not an absolute URL"]),
    ("issuer", "issuer = \"http://id.example.com\"", &["issuer: \"http://id.example.com\" must be https"]),
    ("issuer", "issuer = \"https://app:sesame123@id.example.com\"", &["issuer: ", "must not name a user"]),
    ("issuer", "issuer = \"http://127.0.0.1:8700", &["line 6 (issuer)"]),
    ("issuer", "issuer = 1\nissuer = 2", &["(issuer)", "duplicate key"]),
    ("issuer", "\u{0}", &["is not TOML: line 6"]),
    ("issuer", "[[[", &["is not TOML: line 6"]),
    ("issuer", "issuer = 2026-11-21", &["issuer: 2026-11-21 is a date"]),
    ("listen", "listen = \"8700\"", &["listen: \"8700\"", "did you mean 127.0.0.1:8700?"]),
    ("listen", "listen = \"localhost:1\"", &["listen: \"localhost:1\"", "did you mean 127.0.0.1:1?"]),
    ("listen", "listen = \"0.0.0.0:8700\"", &["listen: 0.0.0.0:8700", "speak TLS"]),
    ("listen", "lisen = \"127.0.0.1:1\"", &["there is no key lisen; did you mean listen?"]),
    ("metrics_listen", "metrics_listen = \"[::]\"", &["metrics_listen: \"[::]\"", "did you mean [::]:8700?"]),
    ("metrics_listen", "metrics_listen = true", &["metrics_listen: ", "true"]),
    (
        "database",
        "database = \"mysql://app:sesame123@db/x\"",
        &["database: ", "begins with `sqlite:` or `postgres://`"],
    ),
    (
        "database",
        "database = \"postgres://app:sesame123@db/x?sslmode=on\"",
        &["database: ", "sslmode is one of"],
    ),
    ("database", "database = \"postgres://app:sesame123@db/x", &["line 15 (database)"]),
    ("database", "database = [\"postgres://app:sesame123@db/x\"]", &["database: it must be a text"]),
    ("database", "databse = \"sqlite:x\"", &["there is no key databse; did you mean database?"]),
    ("keyring_file", "keyring_file = \"\"", &["keyring_file: ", "names no file"]),
    ("keyring_file", "keyring_file = \"a\\u0000b\"", &["keyring_file: ", "can be the name of no file"]),
    ("keyring_file", "keyring_file = \"data/master.keys\"", &["keyring_file: ", "database's folder"]),
    ("trusted_proxies", "trusted_proxies = \"10.0.0.0/8\"", &["trusted_proxies: ", "10.0.0.0/8", "sequence"]),
    ("trusted_proxies", "trusted_proxies = [\"10.0.0.0/33\"]", &["trusted_proxies: \"10.0.0.0/33\""]),
    (
        "trusted_proxies",
        "trusted_proxies = [\"0.0.0.0/0\"]",
        &["trusted_proxies: \"0.0.0.0/0\" is everybody"],
    ),
    ("namespace", "namespace = \"metadata\"", &["tokens.namespace: \"metadata\": a claim namespace is"]),
    (
        "access_token_ttl",
        "access_token_ttl = \"24hh\"",
        &["tokens.access_token_ttl: \"24hh\"", "did you mean 24h?"],
    ),
    ("access_token_ttl", "access_token_ttl = 86400", &["tokens.access_token_ttl: ", "86400"]),
    (
        "access_token_ttl",
        "access_token_tll = \"24h\"",
        &["tokens.access_token_tll; did you mean tokens.access_token_ttl?"],
    ),
    ("signing_alg", "signing_alg = \"RS265\"", &["tokens.signing_alg: \"RS265\"", "did you mean RS256?"]),
    (
        "signing_alg",
        "signing_alg = \"HS1024\"",
        &["tokens.signing_alg: \"HS1024\" is none of RS256, PS256, ES256, EdDSA"],
    ),
    ("brand", "brand = \"No Brand\"", &["secrets.brand: \"No Brand\": a brand is"]),
    ("rotate_every", "rotate_every = \"1h\"", &["keys.publish_before: ", "shorter than keys.rotate_every"]),
    (
        "failures_per_client",
        "failures_per_client = -1",
        &["limits.failures_per_client: -1 is no whole number"],
    ),
    (
        "names_per_address",
        "names_per_address = 201",
        &["limits.names_per_address: 201 is too many; 200 at most"],
    ),
    ("keep", "keep = \"400dd\"", &["audit.keep: \"400dd\"", "did you mean 400d?"]),
    ("keep", "keep = \"1d\"\n[tokns]", &["there is no key [tokns]; did you mean [tokens]?"]),
    ("allowed_networks", "allowed_networks = [\"intranet\"]", &["outbound.allowed_networks: \"intranet\""]),
    ("ca_file", "ca_file = \"nowhere.pem\"", &["outbound.ca_file: ", "nowhere.pem"]),
    ("cert", "cert = \"nowhere.pem\"", &["tls.key: it is missing"]),
    ("key", "key = \"-----BEGIN PRIVATE KEY-----sesame123\"", &["tls.key: ", "its name is due"]),
];

#[test]
fn peer_12_each_mistake_is_told_with_its_key_its_value_and_what_was_meant() {
    let folder = Folder::init(On::Sqlite);
    let good = fs::read_to_string(&folder.config).unwrap();
    for (key, line, says) in LINES {
        folder.set(key, line);
        told(&check(&folder, &[]), says);
        fs::write(&folder.config, &good).unwrap();
    }
    assert_eq!(check(&folder, &[]).code, 0);
}

fn check(folder: &Folder, env: &[(&str, &OsStr)]) -> Said {
    let mut command = tokenry();
    command.args(["config", "check", "--config"]).arg(&folder.config).envs(env.iter().copied());
    finish(command)
}

#[track_caller]
fn told(said: &Said, says: &[&str]) {
    assert_eq!((said.code, said.stdout.as_str()), (2, ""), "{said:?}");
    assert!(said.stderr.starts_with("error: ") && said.stderr.lines().count() <= 2, "{said:?}");
    for part in says {
        assert!(said.stderr.contains(part), "{part:?} is not in {said:?}");
    }
    assert!(!said.stderr.contains("sesame123") && !said.stderr.contains("panicked"), "{said:?}");
}

#[test]
fn peer_12_mistakes_in_the_environment_are_told() {
    let folder = Folder::init(On::Sqlite);
    let text = OsStr::new;
    for (variable, value, says) in [
        (
            "TOKENRY_ISUER",
            text("https://id.example.com"),
            &["TOKENRY_ISUER; did you mean TOKENRY_ISSUER?"][..],
        ),
        ("TOKENRY_KEYS_ROTATE_EVRY", text("1d"), &["did you mean TOKENRY_KEYS_ROTATE_EVERY?"]),
        ("TOKENRY_DATABASE_FIEL", text("x"), &["did you mean TOKENRY_DATABASE_FILE?"]),
        ("TOKENRY_LISTEN", text("8700"), &["listen: \"8700\"", "did you mean", "(as TOKENRY_LISTEN has it)"]),
        ("TOKENRY_LIMITS_NAMES_PER_ADDRESS", text("many"), &["limits.names_per_address: \"many\""]),
        ("TOKENRY_TRUSTED_PROXIES", text("10.0.0.0/8,nowhere"), &["trusted_proxies: \"nowhere\""]),
        ("TOKENRY_TOKENS_SIGNING_ALG", text("rs256"), &["did you mean RS256?"]),
        ("TOKENRY_ISSUER", OsStr::from_bytes(b"https://\xff"), &["issuer: ", "TOKENRY_ISSUER is not UTF-8"]),
        (
            "TOKENRY_DATABASE_FILE",
            text("postgres://app:sesame123@db/x"),
            &["database: ", "TOKENRY_DATABASE_FILE"],
        ),
        (
            "TOKENRY_TLS_KEY_FILE",
            text("-----BEGIN PRIVATE KEY-----\nsesame123"),
            &["tls.key: ", "TOKENRY_TLS_KEY_FILE"],
        ),
        ("TOKENRY_ISSUER_FILE", text("/dev/zero"), &["issuer: ", "longer than 1 MiB"]),
        ("TOKENRY_ISSUER_FILE", text("/"), &["issuer: ", "Is a directory"]),
    ] {
        told(&check(&folder, &[(variable, value)]), says);
    }
    for (variable, value) in [
        ("TOKENRY_LOG", "debug"),
        ("TOKENRY_PORT", "tcp://10.0.0.1:8700"),
        ("TOKENRY_SERVICE_HOST", "10.0.0.1"),
        ("TOKENRY_ISSUER", ""),
    ] {
        assert_eq!(check(&folder, &[(variable, text(value))]).code, 0, "{variable}");
    }
}

#[test]
fn peer_12_serve_and_other_commands_refuse_as_config_check_does() {
    let folder = Folder::init(On::Sqlite);
    folder.set("signing_alg", "signing_alg = \"RS265\"");
    for (command, code) in [(&["serve"][..], 2), (&["config", "check"], 2), (&["doctor"], 1)] {
        let mut process = tokenry();
        process.args(command).arg("--config").arg(&folder.config);
        let said = finish(process);
        assert_eq!(said.code, code, "{said:?}");
        let text = said.stdout.clone() + &said.stderr;
        assert!(text.contains("tokens.signing_alg: \"RS265\"") && text.contains("RS256?"), "{said:?}");
    }
    for (file, says) in [("/dev/zero", "longer than 1 MiB"), ("/", "Is a directory")] {
        let mut command = tokenry();
        command.args(["config", "check", "--config", file]);
        told(&finish(command), &[file, says]);
    }
    let text = fs::read_to_string(&folder.config).unwrap();
    fs::write(&folder.config, [text.as_bytes(), b"\n# caf\xe9\n"].concat()).unwrap();
    told(&check(&folder, &[]), &["is not UTF-8"]);
}
