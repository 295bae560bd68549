//! `token`: decode what a token says, verify that an issuer said it, and explain what an API would answer to it.

mod explain;
mod policy;

use std::io::Read;
use std::time::Duration;

use clap::{Args, Subcommand};
use serde_json::Value;
use tokenry_clock::{Clock, SystemClock};
use tokenry_jose::{Algorithm, Expectations, JwkSet, Unverified, VerifyingKey};
use tokenry_protocol::dialect::Dialect;
use tokenry_protocol::discovery::{Metadata, OPENID_PATH};

use super::Global;
use crate::failure::{Code, Failure, Result};
use crate::host::read_config;
use crate::output::Thing;

/// The longest token that is read.
const MAX_TOKEN: usize = 16 * 1024;
/// The longest answer of an issuer that is read.
const MAX_ANSWER: usize = 256 * 1024;
const TIMEOUT: Duration = Duration::from_secs(10);

/// What to do with a token.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Shows header and claims without verifying anything.
    Decode(Input),
    /// Says what an API would answer to a token, and why: every check that it makes, in its order.
    Explain(explain::Explain),
    /// Checks signature, issuer, audience and expiry against the issuer's published keys.
    Verify(Verify),
}

/// Where the token comes from.
#[derive(Args, Debug)]
pub(crate) struct Input {
    /// The token; without it or with - it is read from standard input, where other users cannot see it.
    jwt: Option<String>,
}

/// What to verify against.
#[derive(Args, Debug)]
pub(crate) struct Verify {
    #[command(flatten)]
    input: Input,
    /// The issuer; otherwise the configured one.
    #[arg(long, value_name = "URL")]
    issuer: Option<String>,
    /// The audience that it must be for; otherwise any.
    #[arg(long, value_name = "URI")]
    audience: Option<String>,
}

/// Runs the command.
pub(crate) async fn run(command: Command, global: &Global) -> Result {
    match command {
        Command::Decode(input) => {
            let token = read_token(input)?;
            let (header, claims) = decode(&token)?;
            global.output.thing(&Thing::new().with("header", header).with("claims", claims))
        }
        Command::Explain(explain) => explain::run(explain, global).await,
        Command::Verify(verify) => run_verify(verify, global).await,
    }
}

async fn run_verify(verify: Verify, global: &Global) -> Result {
    let issuer = match verify.issuer {
        Some(issuer) => issuer,
        None => read_config(&global.config)?.issuer,
    };
    let token = read_token(verify.input)?;
    let keys = fetch_keys(&issuer).await?;
    let claims = check_signature(&token, &keys)?;
    check_claims(&claims, &issuer, verify.audience.as_deref())?;
    global.say("The token is genuine and has not expired.");
    global.output.thing(&Thing::new().with("claims", claims))
}

fn read_token(input: Input) -> Result<String> {
    let text = match input.jwt {
        Some(jwt) if jwt != "-" => jwt,
        _ => {
            let mut text = String::new();
            let limit = u64::try_from(MAX_TOKEN).unwrap_or(u64::MAX) + 2;
            std::io::stdin().lock().take(limit).read_to_string(&mut text).map_err(anyhow::Error::from)?;
            text
        }
    };
    Ok(text.trim().to_owned())
}

fn decode(token: &str) -> Result<(Value, Value)> {
    let bad = |what: &str| {
        Failure::new(Code::Failure, format!("this is no signed JWT: {what}"))
            .hint("an opaque token can only be introspected")
    };
    let mut parts = token.split('.');
    let (Some(header), Some(claims), Some(_signature), None) =
        (parts.next(), parts.next(), parts.next(), parts.next())
    else {
        return Err(bad("it does not have three parts"));
    };
    let part = |text: &str, what: &str| {
        let bytes = tokenry_jose::base64url::decode(text)
            .map_err(|_error| bad(&format!("its {what} is not base64url")))?;
        tokenry_jose::json::from_slice(&bytes).map_err(|error| bad(&format!("its {what}: {error}")))
    };
    Ok((part(header, "header")?, part(claims, "payload")?))
}

async fn fetch_keys(issuer: &str) -> Result<JwkSet> {
    let client = reqwest::Client::builder()
        .timeout(TIMEOUT)
        .redirect(reqwest::redirect::Policy::none())
        .build()
        .map_err(anyhow::Error::from)?;
    let document = fetch(&client, &format!("{}{OPENID_PATH}", issuer.trim_end_matches('/'))).await?;
    let metadata: Metadata = serde_json::from_slice(&document)
        .map_err(|_error| Failure::new(Code::Failure, "the issuer's discovery document cannot be read"))?;
    if metadata.issuer != issuer {
        let said = metadata.issuer;
        let text = format!("the issuer calls itself \"{said}\", not \"{issuer}\": every character counts");
        return Err(Failure::new(Code::Failure, text));
    }
    let address = metadata.jwks_uri;
    let address = address.ok_or_else(|| Failure::new(Code::Failure, "the issuer publishes no keys"))?;
    let keys = fetch(&client, &address).await?;
    JwkSet::parse(&keys).map_err(|error| Failure::new(Code::Failure, format!("the issuer's keys: {error}")))
}

async fn fetch(client: &reqwest::Client, address: &str) -> Result<Vec<u8>> {
    let failed = |why: String| Failure::new(Code::Failure, format!("{address} cannot be read: {why}"));
    let mut answer =
        client.get(address).send().await.map_err(|error| failed(error.without_url().to_string()))?;
    if !answer.status().is_success() {
        return Err(failed(format!("it answered {}", answer.status())));
    }
    let mut body = Vec::new();
    while let Some(chunk) = answer.chunk().await.map_err(|error| failed(error.without_url().to_string()))? {
        if body.len() + chunk.len() > MAX_ANSWER {
            return Err(failed("the answer is too long".to_owned()));
        }
        body.extend_from_slice(&chunk);
    }
    Ok(body)
}

fn check_signature(token: &str, keys: &JwkSet) -> Result<Value> {
    let refused = |why: String| Failure::new(Code::Failure, format!("the token is not genuine: {why}"));
    let unverified = Unverified::parse(token, MAX_TOKEN).map_err(|error| refused(error.to_string()))?;
    let kid = unverified.header().kid.as_deref();
    let kid = kid.ok_or_else(|| refused("it names no key (kid)".to_owned()))?;
    let jwk = keys.find(kid).ok_or_else(|| refused("none of the issuer's keys signed it".to_owned()))?;
    let key = VerifyingKey::from_jwk(jwk).map_err(|error| refused(error.to_string()))?;
    let expectations = Expectations {
        algorithms: &[Algorithm::EdDsa, Algorithm::Es256, Algorithm::Ps256, Algorithm::Rs256],
        typ: &Dialect::TYPS,
    };
    let dialect = unverified.header().typ.as_deref().and_then(Dialect::of_typ).unwrap_or(Dialect::Rfc);
    let verified = unverified.verify(&key, &expectations).map_err(|error| refused(error.to_string()))?;
    let claims = verified.claims().map_err(|error| refused(error.to_string()))?;
    match dialect.confused(&claims) {
        Some(why) => Err(refused(why.to_owned())),
        None => Ok(Value::Object(claims)),
    }
}

fn check_claims(claims: &Value, issuer: &str, audience: Option<&str>) -> Result {
    let refused =
        |why: String| Err(Failure::new(Code::Failure, format!("the token is not valid here: {why}")));
    if claims["iss"] != issuer {
        return refused(format!("its issuer is {}, not \"{issuer}\"", claims["iss"]));
    }
    if let Some(audience) = audience {
        let aud = &claims["aud"];
        let meant =
            aud == audience || aud.as_array().is_some_and(|all| all.iter().any(|one| one == audience));
        if !meant {
            return refused(format!("it is for {aud}, not \"{audience}\""));
        }
    }
    if claims["nbf"].as_i64().is_some_and(|nbf| SystemClock.now().as_secs() < nbf) {
        return refused("it is not valid yet".to_owned());
    }
    match claims["exp"].as_i64() {
        Some(exp) if SystemClock.now().as_secs() < exp => Ok(()),
        Some(_) => refused("it has expired".to_owned()),
        None => refused("it does not say when it expires".to_owned()),
    }
}
