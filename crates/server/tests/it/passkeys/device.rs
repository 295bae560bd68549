//! A software authenticator, and the browser before it, which is as honest as a test wants it.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use passkey::authenticator::{Authenticator, UiHint, UserCheck, UserValidationMethod};
use passkey::client::{Client, DefaultClientData};
use passkey::crypto::aws_lc_rs::AwsLcRsBackend;
use passkey::types::Passkey;
use passkey::types::ctap2::get_assertion::{Options, Request};
use passkey::types::ctap2::{Aaguid, Ctap2Error};
use passkey::types::webauthn::CredentialCreationOptions;
use serde_json::{Value, json};
use tokenry_jose::sha256;
use tokenry_testkit::Page;
use url::Url;

/// Who holds the authenticator: is there, and shows that it is theirs if asked.
struct Holder {
    verified: bool,
}

#[async_trait::async_trait]
impl UserValidationMethod for Holder {
    type PasskeyItem = Passkey;

    async fn check_user<'a>(
        &self,
        _hint: UiHint<'a, Passkey>,
        presence: bool,
        _verification: bool,
    ) -> Result<UserCheck, Ctap2Error> {
        Ok(UserCheck { presence, verification: self.verified })
    }

    fn is_presence_enabled(&self) -> bool {
        true
    }

    fn is_verification_enabled(&self) -> Option<bool> {
        Some(self.verified)
    }
}

/// An authenticator with one passkey. A clone of it is a copy of the key, with its own count of signatures.
#[derive(Clone)]
pub(super) struct Device {
    pub(super) passkey: Passkey,
    origin: String,
}

/// What a browser says that is not as it was asked, for a test.
#[derive(Clone, Debug)]
pub(super) struct Said {
    pub(super) kind: &'static str,
    pub(super) origin: Option<&'static str>,
    pub(super) rp_id: Option<&'static str>,
    pub(super) challenge: Option<Vec<u8>>,
    pub(super) cross_origin: bool,
    pub(super) verified: bool,
    pub(super) user_handle: Option<Value>,
}

impl Default for Said {
    fn default() -> Self {
        Self {
            kind: "webauthn.get",
            origin: None,
            rp_id: None,
            challenge: None,
            cross_origin: false,
            verified: true,
            user_handle: None,
        }
    }
}

impl Device {
    /// A new one, which makes a passkey as a page asks, and what the browser answers.
    pub(super) async fn new(page: &Page, options: &str, verified: bool) -> (Self, String) {
        let mut options: Value = serde_json::from_str(options).unwrap();
        assert_eq!(options["authenticatorSelection"]["residentKey"], "required");
        assert_eq!(options["authenticatorSelection"]["userVerification"], "required");
        if !verified {
            options["authenticatorSelection"]["userVerification"] = json!("discouraged");
        }
        let options = json!({ "publicKey": options });
        let options: CredentialCreationOptions = serde_json::from_value(options).unwrap();
        let mut authenticator = authenticator(None, verified);
        authenticator.set_make_credentials_with_signature_counter(true);
        let origin: Url = page.url.join("/").unwrap();
        let mut client = Client::new(authenticator).allows_insecure_localhost(true);
        let made = client.register(&origin, options, DefaultClientData).await.unwrap();
        let answer = json!({
            "id": made.id,
            "rawId": base64url(&made.raw_id),
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(&made.response.client_data_json),
                "attestationObject": base64url(&made.response.attestation_object),
            },
        });
        let passkey = client.authenticator().store().clone().unwrap();
        (Self { passkey, origin: origin.origin().ascii_serialization() }, answer.to_string())
    }

    /// What the browser answers when the passkey is used as a page asks, or as it says.
    pub(super) async fn answer(&mut self, options: &str, said: Said) -> String {
        let options: Value = serde_json::from_str(options).unwrap();
        assert_eq!(options["userVerification"], "required");
        let challenge = match &said.challenge {
            Some(challenge) => base64url(challenge),
            None => options["challenge"].as_str().unwrap().to_owned(),
        };
        let client_data = json!({
            "type": said.kind,
            "challenge": challenge,
            "origin": said.origin.unwrap_or(&self.origin),
            "crossOrigin": said.cross_origin,
        });
        let client_data = client_data.to_string();
        let mut authenticator = authenticator(Some(self.passkey.clone()), said.verified);
        let request = Request {
            rp_id: said.rp_id.or_else(|| options["rpId"].as_str()).unwrap().to_owned(),
            client_data_hash: sha256(client_data.as_bytes()).to_vec().into(),
            allow_list: None,
            extensions: None,
            options: Options { up: true, uv: said.verified },
            pin_auth: None,
            pin_protocol: None,
        };
        let signed = authenticator.get_assertion(request).await.unwrap();
        self.passkey = authenticator.store().clone().unwrap();
        let handle = self.passkey.user_handle.as_ref().map(|handle| json!(base64url(handle)));
        let id = base64url(&self.passkey.credential_id);
        let answer = json!({
            "id": id,
            "rawId": id,
            "type": "public-key",
            "response": {
                "clientDataJSON": base64url(client_data.as_bytes()),
                "authenticatorData": base64url(&signed.auth_data.to_vec()),
                "signature": base64url(&signed.signature),
                "userHandle": said.user_handle.or(handle),
            },
        });
        answer.to_string()
    }
}

fn authenticator(
    passkey: Option<Passkey>,
    verified: bool,
) -> Authenticator<Option<Passkey>, Holder, AwsLcRsBackend> {
    Authenticator::new(Aaguid::new_empty(), passkey, Holder { verified }, AwsLcRsBackend)
}

pub(super) fn base64url(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}
