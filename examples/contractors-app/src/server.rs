//! The authorization server: where it is asked (RFC 8414), and the OAuth client that asks it.

use anyhow::{Context, bail};
use oauth2::basic::{BasicClient, BasicErrorResponseType, BasicTokenResponse};
use oauth2::{
    AuthUrl, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointNotSet, EndpointSet, HttpRequest,
    HttpResponse, PkceCodeChallenge, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    TokenUrl,
};
use reqwest::Url;
use serde::Deserialize;
use web_app::Server;

/// What users are asked to allow; `offline_access` is for a refresh token.
const SCOPES: [&str; 3] = ["offline_access", "read:timesheets", "create:timesheets"];
const METADATA_PATH: &str = "/.well-known/oauth-authorization-server";

type Client = BasicClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointSet>;

pub(crate) struct AuthorizationServer {
    http: reqwest::Client,
    server: Server,
    redirect_url: RedirectUrl,
}

/// Where to send the browser, and what to keep until it comes back.
pub(crate) struct Departure {
    pub(crate) url: Url,
    pub(crate) state: CsrfToken,
    pub(crate) verifier: PkceCodeVerifier,
}

/// What we read of the server's metadata.
#[derive(Deserialize)]
struct Metadata {
    issuer: String,
    authorization_endpoint: AuthUrl,
    token_endpoint: TokenUrl,
    revocation_endpoint: Url,
}

impl AuthorizationServer {
    /// `url` is this application's own.
    pub(crate) fn new(http: reqwest::Client, server: Server, url: &str) -> anyhow::Result<Self> {
        Ok(Self { http, server, redirect_url: RedirectUrl::new(format!("{url}/callback"))? })
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.server.issuer
    }

    pub(crate) async fn depart(&self) -> anyhow::Result<Departure> {
        let client = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state) = client
            .authorize_url(CsrfToken::new_random)
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .add_extra_param("audience", &self.server.audience)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure { url, state, verifier })
    }

    pub(crate) async fn redeem(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
    ) -> anyhow::Result<BasicTokenResponse> {
        let request = self.client().await?;
        let request = request.exchange_code(AuthorizationCode::new(code)).set_pkce_verifier(verifier);
        let sent = request.request_async(&|request| send(self.http.clone(), request)).await;
        sent.context("the code was not redeemed")
    }

    /// Trades a refresh token for new tokens; `None` where it is good for nothing any more.
    pub(crate) async fn renew(&self, refresh_token: String) -> anyhow::Result<Option<BasicTokenResponse>> {
        let (client, token) = (self.client().await?, RefreshToken::new(refresh_token));
        let request = client.exchange_refresh_token(&token);
        match request.request_async(&|request| send(self.http.clone(), request)).await {
            Err(RequestTokenError::ServerResponse(told))
                if *told.error() == BasicErrorResponseType::InvalidGrant =>
            {
                Ok(None)
            }
            sent => sent.map(Some).context("the tokens were not renewed"),
        }
    }

    /// Gives a refresh token back, and with it all that the user allowed in that go (RFC 7009). By hand: the library's own
    /// revocation wants https, also on this computer, where `tokenry dev` has none.
    pub(crate) async fn revoke(&self, refresh_token: String) -> anyhow::Result<()> {
        let Metadata { revocation_endpoint, .. } = self.metadata().await?;
        let (id, secret) = (&self.server.client_id, Some(&self.server.client_secret));
        let request = self.http.post(revocation_endpoint).basic_auth(id, secret);
        let answer = request.form(&[("token", refresh_token)]).send().await;
        answer.and_then(reqwest::Response::error_for_status).context("the tokens were not revoked")?;
        Ok(())
    }

    async fn client(&self) -> anyhow::Result<Client> {
        let metadata = self.metadata().await?;
        Ok(BasicClient::new(ClientId::new(self.server.client_id.clone()))
            .set_client_secret(ClientSecret::new(self.server.client_secret.clone()))
            .set_auth_uri(metadata.authorization_endpoint)
            .set_token_uri(metadata.token_endpoint)
            .set_redirect_uri(self.redirect_url.clone()))
    }

    /// The metadata are read for every sign-in: there are few, and addresses may change.
    async fn metadata(&self) -> anyhow::Result<Metadata> {
        let issuer = self.issuer();
        let mut url = Url::parse(issuer).context("ISSUER is no URL")?;
        let path = format!("{METADATA_PATH}{}", url.path().trim_end_matches('/'));
        url.set_path(&path);
        let answer = self.http.get(url).send().await.and_then(reqwest::Response::error_for_status);
        let answer = answer.with_context(|| format!("cannot read the metadata of {issuer}"))?;
        let metadata: Metadata = answer.json().await.context("the metadata lack an endpoint")?;
        if metadata.issuer != issuer {
            bail!("the metadata are of {:?}, not of {issuer:?}", metadata.issuer);
        }
        Ok(metadata)
    }
}

async fn send(http: reqwest::Client, request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let answer = http.execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), answer.headers().clone());
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    *response.status_mut() = status;
    *response.headers_mut() = headers;
    Ok(response)
}
