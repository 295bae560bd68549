//! `POST /oauth/token`: client credentials in, an access token with the claims of Tokenry's out.

use std::borrow::Cow;
use std::fmt::Write;

use anyhow::{Context, Result, bail};
use aws_lc_rs::rand::SystemRandom;
use aws_lc_rs::rsa::KeySize;
use aws_lc_rs::signature::{
    ECDSA_P256_SHA256_FIXED, ECDSA_P256_SHA256_FIXED_SIGNING, ED25519, EcdsaKeyPair, Ed25519KeyPair, KeyPair,
    ParsedPublicKey, RSA_PKCS1_2048_8192_SHA256, RSA_PKCS1_SHA256, RsaKeyPair,
};
use base64::Engine;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::StatusCode;
use hyper::body::Incoming;

use crate::clients::Clients;
use crate::now;

const ISSUER: &str = "http://127.0.0.1:8700";
const AUDIENCE: &str = "https://timesheets.example.com";
const SCOPES: [&str; 2] = ["read:timesheets", "create:timesheets"];
const LIFETIME: u64 = 86_400;

/// The parameters of a request.
#[derive(Default)]
struct Form<'a> {
    grant_type: Cow<'a, str>,
    client_id: Cow<'a, str>,
    client_secret: Cow<'a, str>,
    audience: Cow<'a, str>,
    scope: Cow<'a, str>,
}

pub(crate) async fn answer(clients: &Clients, issuer: &Issuer, body: Incoming) -> Result<Bytes, StatusCode> {
    let body = body.collect().await.map_err(|_| StatusCode::BAD_REQUEST)?.to_bytes();
    let form = Form::parse(&body);
    if form.grant_type != "client_credentials" || form.audience != AUDIENCE {
        return Err(StatusCode::BAD_REQUEST);
    }
    if !clients.authenticate(&form.client_id, &form.client_secret) {
        return Err(StatusCode::UNAUTHORIZED);
    }
    if !form.scope.split(' ').all(|scope| SCOPES.contains(&scope)) {
        return Err(StatusCode::BAD_REQUEST);
    }
    issuer.mint(&form.client_id, &form.scope)
}

impl<'a> Form<'a> {
    fn parse(body: &'a [u8]) -> Self {
        let mut form = Self::default();
        for (name, value) in form_urlencoded::parse(body) {
            match &*name {
                "audience" => form.audience = value,
                "client_id" => form.client_id = value,
                "client_secret" => form.client_secret = value,
                "grant_type" => form.grant_type = value,
                "scope" => form.scope = value,
                _ => {}
            }
        }
        form
    }
}

/// What signs.
enum Key {
    Ecdsa(EcdsaKeyPair),
    Ed25519(Ed25519KeyPair),
    Rsa(RsaKeyPair),
}

/// A signing key, parsed once, and what never changes in a token.
pub(crate) struct Issuer {
    key: Key,
    random: SystemRandom,
    header: String,
}

impl Issuer {
    /// With a new key for RS256, ES256 or EdDSA.
    pub(crate) fn new(algorithm: &str) -> Result<Self> {
        let key = match algorithm {
            "EdDSA" => Key::Ed25519(Ed25519KeyPair::generate().context("generating a key")?),
            "ES256" => {
                let pair = EcdsaKeyPair::generate(&ECDSA_P256_SHA256_FIXED_SIGNING);
                Key::Ecdsa(pair.context("generating a key")?)
            }
            "RS256" => Key::Rsa(RsaKeyPair::generate(KeySize::Rsa2048).context("generating a key")?),
            other => bail!("no algorithm of ours: {other}"),
        };
        let header = format!(
            r#"{{"alg":"{algorithm}","typ":"at+jwt","kid":"uEhfWdhmIG3VZCbJYVnIzZQqRc3jBvyMVhJkLZcVYCs"}}"#
        );
        Ok(Self { key, random: SystemRandom::new(), header: BASE64_URL_SAFE_NO_PAD.encode(header) })
    }

    pub(crate) fn verifying_key(&self) -> Result<ParsedPublicKey> {
        let key = match &self.key {
            Key::Ecdsa(key) => ParsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, key.public_key().as_ref()),
            Key::Ed25519(key) => ParsedPublicKey::new(&ED25519, key.public_key().as_ref()),
            Key::Rsa(key) => ParsedPublicKey::new(&RSA_PKCS1_2048_8192_SHA256, key.public_key().as_ref()),
        };
        key.context("parsing the public key")
    }

    /// The whole answer, in one buffer: the token is signed where it stands.
    fn mint(&self, client_id: &str, scope: &str) -> Result<Bytes, StatusCode> {
        let mut answer = String::with_capacity(1536);
        answer.push_str(r#"{"access_token":""#);
        let token = answer.len();
        answer.push_str(&self.header);
        answer.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(claims(client_id, scope)?, &mut answer);
        let signature = self.sign(&answer.as_bytes()[token..])?;
        answer.push('.');
        BASE64_URL_SAFE_NO_PAD.encode_string(signature, &mut answer);
        answer.push_str(r#"","token_type":"Bearer","expires_in":86400,"scope":""#);
        answer.push_str(scope);
        answer.push_str(r#""}"#);
        Ok(answer.into())
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, StatusCode> {
        let failed = |_| StatusCode::INTERNAL_SERVER_ERROR;
        match &self.key {
            Key::Ecdsa(key) => Ok(key.sign(&self.random, message).map_err(failed)?.as_ref().to_vec()),
            Key::Ed25519(key) => Ok(key.sign(message).as_ref().to_vec()),
            Key::Rsa(key) => {
                let mut signature = vec![0; 256];
                key.sign(&RSA_PKCS1_SHA256, &self.random, message, &mut signature).map_err(failed)?;
                Ok(signature)
            }
        }
    }
}

fn claims(client_id: &str, scope: &str) -> Result<String, StatusCode> {
    let mut unique = [0; 24];
    aws_lc_rs::rand::fill(&mut unique).map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    let now = now();
    let mut claims = String::with_capacity(640);
    write!(
        claims,
        r#"{{"iss":"{ISSUER}","sub":"{client_id}","aud":"{AUDIENCE}","iat":{now},"exp":{},"jti":"{}","client_id":"{client_id}","azp":"{client_id}","gty":"client-credentials","scope":"{scope}","https://auth.example.com/metadata":{{"companyId":"cmp_0123456789abcdefghijklmnopqrstuv"}}}}"#,
        now + LIFETIME,
        BASE64_URL_SAFE_NO_PAD.encode(unique),
    )
    .map_err(|_| StatusCode::INTERNAL_SERVER_ERROR)?;
    Ok(claims)
}
