//! The issuer as clients and APIs meet it: that it can be reached, is this one, publishes the keys of this database, and
//! says what the server said.

use reqwest::header::{HeaderMap, LOCATION};
use tokenry_clock::Timestamp;
use tokenry_jose::JwkSet;
use tokenry_model::{KeyState, SigningKeyRecord};

use super::finding::Finding;
use super::heard::{Answer, Heard, Own, Trouble};
use super::patient::Patient;
use crate::config::Config;

const CHECK: &str = "issuer";
const KEYS: &str = "issuer.keys";
const PROXY: &str = "issuer.proxy";
/// What belongs to a connection or a moment, and what a proxy may well add.
const THEIR_OWN: [&str; 6] = [
    "connection",
    "content-length",
    "date",
    "strict-transport-security",
    "transfer-encoding",
    "x-request-id",
];

pub(super) fn judge(config: &Config, patient: &Patient, heard: &Heard, now: Timestamp) -> Vec<Finding> {
    let answer = match &heard.issuer {
        Ok(answer) => answer,
        Err(Trouble::Tls(_)) => {
            let text = format!(
                "{} presents a certificate that is not trusted, so nothing was asked there",
                config.issuer
            );
            return vec![Finding::failure(CHECK, text, "see what is said of its certificate")];
        }
        Err(Trouble::Unreachable(_)) if matches!(heard.own, Own::Absent(_)) => {
            return vec![Finding::skipped(
                CHECK,
                format!("{} cannot be reached, and no server runs here", config.issuer),
            )];
        }
        Err(Trouble::Unreachable(why)) => {
            let fix = "look at the name in the DNS, at the firewall, and at the proxy that leads from there to the server";
            return vec![Finding::failure(CHECK, format!("{} cannot be reached: {why}", config.issuer), fix)];
        }
    };
    match document(config, answer) {
        Err(finding) => vec![finding],
        Ok(finding) => vec![finding, keys(patient, heard.keys.as_ref(), now), proxy(answer, heard)],
    }
}

/// The discovery document.
fn document(config: &Config, answer: &Answer) -> Result<Finding, Finding> {
    let issuer = &config.issuer;
    let fail = |text: String, fix: &str| Err(Finding::failure(CHECK, text, fix));
    let status = answer.status;
    if status.is_redirection() {
        let to = answer.headers.get(LOCATION).and_then(|to| to.to_str().ok()).unwrap_or("another place");
        let text = format!("{issuer} sends clients on to {to}, where it is not the issuer that tokens name");
        return fail(text, "let the proxy answer there itself, or write the other address in issuer");
    }
    if !status.is_success() {
        let text = format!("{issuer} answers {status} when asked for its discovery document");
        return fail(text, "let the proxy pass everything below that address on to where the server listens");
    }
    match answer.metadata() {
        None => fail(
            format!("what answers at {issuer} is no authorization server"),
            "look where the name leads: to another site on that host?",
        ),
        Some(found) if found.issuer != *issuer => fail(
            format!("{issuer} says that it is {}", found.issuer),
            "restart the server, if issuer was changed; or the proxy leads to another server. They must be equal to the letter",
        ),
        Some(_) => Ok(Finding::ok(CHECK, format!("{issuer} can be reached, and says so itself"))),
    }
}

/// The published keys, held against those of the database.
fn keys(patient: &Patient, answer: Option<&Result<Answer, Trouble>>, now: Timestamp) -> Finding {
    let fix = "look at jwks_uri in the discovery document: it must lead to this server, from everywhere";
    let answer = match answer {
        None => return Finding::failure(KEYS, "the discovery document names no jwks_uri", fix),
        Some(Err(Trouble::Tls(error))) => {
            return Finding::failure(KEYS, format!("the keys cannot be fetched: {error}"), fix);
        }
        Some(Err(Trouble::Unreachable(why))) => {
            return Finding::failure(KEYS, format!("the keys cannot be fetched: {why}"), fix);
        }
        Some(Ok(answer)) => answer,
    };
    let set = match JwkSet::parse(&answer.body) {
        Ok(set) if answer.status.is_success() => set,
        _ => {
            return Finding::failure(
                KEYS,
                format!("what comes for the keys ({}) is no key set", answer.status),
                fix,
            );
        }
    };
    let Some(Ok(stored)) = patient.known.as_ref().map(|known| &known.keys) else {
        return Finding::skipped(KEYS, "there is no database to compare the published keys with");
    };
    let stale = "let no proxy keep /.well-known/jwks.json for longer than its max-age; if it is fresh, restart the server";
    let published = |kid: &str| set.find(kid).is_some();
    let lacks = |state: fn(KeyState) -> bool| {
        stored.iter().find(|key| state(key.state) && !published(&key.kid)).map(|key| key.kid.as_str())
    };
    if let Some(kid) = lacks(|state| matches!(state, KeyState::Active { .. })) {
        let text = format!("the key that signs, {kid}, is not published: APIs refuse every token");
        return Finding::failure(KEYS, text, stale);
    }
    let ended = |key: &&SigningKeyRecord| !key.state.is_published_at(now) && published(&key.kid);
    if let Some(key) = stored.iter().find(ended) {
        let text = format!("the key {} was revoked or has ended, and is still published", key.kid);
        return Finding::failure(KEYS, text, stale);
    }
    let unknown =
        set.keys().iter().filter_map(|key| key.kid()).find(|kid| stored.iter().all(|key| key.kid != *kid));
    match unknown {
        Some(kid) => {
            let text = format!("a key is published that this database does not have: {kid}");
            Finding::failure(
                KEYS,
                text,
                "the issuer leads to a server with another database; let it lead to one with this",
            )
        }
        None if lacks(|state| state == KeyState::Pending).is_some() => Finding::warning(
            KEYS,
            "the next key is not published, so APIs do not know it when it signs",
            stale,
        ),
        None => Finding::ok(
            KEYS,
            format!("{} keys are published, the one that signs among them", set.keys().len()),
        ),
    }
}

/// What is different on the way from the server to its clients.
fn proxy(through: &Answer, heard: &Heard) -> Finding {
    let Own::Server { discovery: Some(direct), keys, .. } = &heard.own else {
        return Finding::skipped(PROXY, "no server runs here to compare with");
    };
    let mut changes = changed(&direct.headers, &through.headers);
    if direct.body != through.body {
        changes.push("changes the discovery document".to_owned());
    }
    if let (Some(direct), Some(Ok(through))) = (keys, &heard.keys) {
        changes.extend(changed(&direct.headers, &through.headers));
        if direct.body != through.body {
            changes.push("has another key set than the server".to_owned());
        }
    }
    changes.sort();
    changes.dedup();
    match changes.as_slice() {
        [] => Finding::ok(PROXY, "what the server says arrives unchanged"),
        changes => Finding::warning(
            PROXY,
            format!("what stands between the server and its clients {}", changes.join(", ")),
            "let the proxy pass answers on as they are, as deploy/nginx.conf and deploy/Caddyfile do",
        ),
    }
}

fn changed(direct: &HeaderMap, through: &HeaderMap) -> Vec<String> {
    let mut changes = Vec::new();
    for name in direct.keys().filter(|name| !THEIR_OWN.contains(&name.as_str())) {
        match (direct.get(name), through.get(name)) {
            (_, None) => changes.push(format!("strips {name}")),
            (before, after) if before != after => changes.push(format!("changes {name}")),
            _ => {}
        }
    }
    if !through.contains_key("x-request-id") {
        changes.push("strips x-request-id".to_owned());
    }
    changes
}
