//! The authorization server: what it says of itself, and the OpenID Connect client that talks to it.

use anyhow::{Context, bail};
use openidconnect::core::{
    CoreAuthenticationFlow, CoreClient, CoreErrorResponseType, CoreIdToken, CoreIdTokenClaims,
    CoreTokenResponse,
};
use openidconnect::{
    AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet, EndpointNotSet, EndpointSet,
    HttpRequest, HttpResponse, IssuerUrl, LogoutRequest, Nonce, PkceCodeChallenge, PkceCodeVerifier,
    PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, RefreshToken, RequestTokenError, Scope,
};
use reqwest::Url;

use web_app::Server;

/// The names and permissions that are asked for. What the user may not do is left out of the token.
const SCOPES: [&str; 6] = [
    "profile",
    "offline_access",
    "read:timesheets",
    "create:timesheets",
    "approve:timesheets",
    "delete:timesheets",
];

type Client = CoreClient<
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointMaybeSet,
    EndpointMaybeSet,
>;

pub(crate) struct Provider {
    http: reqwest::Client,
    server: Server,
    issuer: IssuerUrl,
    redirect_url: RedirectUrl,
    home: PostLogoutRedirectUrl,
}

/// Where to send the browser, and what to keep until it comes back.
pub(crate) struct Departure {
    pub(crate) url: Url,
    pub(crate) state: CsrfToken,
    pub(crate) nonce: Nonce,
    pub(crate) verifier: PkceCodeVerifier,
}

impl Provider {
    /// `url` is this application's own.
    pub(crate) fn new(http: reqwest::Client, server: Server, url: &str) -> anyhow::Result<Self> {
        let issuer = IssuerUrl::new(server.issuer.clone()).context("ISSUER is no URL")?;
        let redirect_url = RedirectUrl::new(format!("{url}/callback"))?;
        let home = PostLogoutRedirectUrl::new(format!("{url}/"))?;
        Ok(Self { http, server, issuer, redirect_url, home })
    }

    pub(crate) fn issuer(&self) -> &str {
        &self.issuer
    }

    pub(crate) fn client_id(&self) -> &str {
        &self.server.client_id
    }

    /// The keys that the authorization server signs with, as it publishes them.
    pub(crate) async fn keys(&self) -> anyhow::Result<Vec<u8>> {
        let (_client, metadata) = self.client().await?;
        let answer = self.http.get(metadata.jwks_uri().url().clone()).send().await;
        let answer = answer.and_then(reqwest::Response::error_for_status);
        let keys = answer.context("the keys cannot be read")?.bytes().await?;
        Ok(keys.to_vec())
    }

    pub(crate) async fn depart(&self) -> anyhow::Result<Departure> {
        let (client, _metadata) = self.client().await?;
        let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
        let (url, state, nonce) = client
            .authorize_url(
                CoreAuthenticationFlow::AuthorizationCode,
                CsrfToken::new_random,
                Nonce::new_random,
            )
            .add_scopes(SCOPES.map(|scope| Scope::new(scope.to_owned())))
            .add_extra_param("audience", &self.server.audience)
            .set_pkce_challenge(challenge)
            .url();
        Ok(Departure { url, state, nonce, verifier })
    }

    /// Redeems the code, and checks that the ID token is for this application and this sign-in.
    pub(crate) async fn arrive(
        &self,
        code: String,
        verifier: PkceCodeVerifier,
        nonce: &Nonce,
    ) -> anyhow::Result<(CoreTokenResponse, CoreIdToken, CoreIdTokenClaims)> {
        use openidconnect::TokenResponse as _;
        let (client, _metadata) = self.client().await?;
        let response = client
            .exchange_code(AuthorizationCode::new(code))?
            .set_pkce_verifier(verifier)
            .request_async(&|request| send(self.http.clone(), request))
            .await
            .context("the code was not redeemed")?;
        let Some(token) = response.id_token().cloned() else { bail!("there is no ID token") };
        let claims = token.claims(&client.id_token_verifier(), nonce).context("the ID token is wrong")?;
        let claims = claims.clone();
        Ok((response, token, claims))
    }

    /// Trades a refresh token for new tokens; `None` where it is good for nothing any more.
    pub(crate) async fn renew(&self, refresh_token: String) -> anyhow::Result<Option<CoreTokenResponse>> {
        let (client, _metadata) = self.client().await?;
        let token = RefreshToken::new(refresh_token);
        let request = client.exchange_refresh_token(&token)?;
        match request.request_async(&|request| send(self.http.clone(), request)).await {
            Err(RequestTokenError::ServerResponse(told))
                if *told.error() == CoreErrorResponseType::InvalidGrant =>
            {
                Ok(None)
            }
            sent => sent.map(Some).context("the tokens were not renewed"),
        }
    }

    /// Where the user signs out at the authorization server too; `None` if it does not offer that.
    pub(crate) async fn sign_out_url(&self, id_token: &CoreIdToken) -> anyhow::Result<Option<Url>> {
        let (_client, metadata) = self.client().await?;
        let endpoint = metadata.additional_metadata().end_session_endpoint.clone();
        Ok(endpoint.map(|endpoint| {
            LogoutRequest::from(endpoint)
                .set_id_token_hint(id_token)
                .set_client_id(ClientId::new(self.server.client_id.clone()))
                .set_post_logout_redirect_uri(self.home.clone())
                .http_get_url()
        }))
    }

    /// Discovery and keys are read for every sign-in: there are few, and keys rotate.
    async fn client(&self) -> anyhow::Result<(Client, ProviderMetadataWithLogout)> {
        let http = |request| send(self.http.clone(), request);
        let metadata = ProviderMetadataWithLogout::discover_async(self.issuer.clone(), &http)
            .await
            .with_context(|| format!("cannot read the discovery document of {}", self.issuer()))?;
        let client_id = ClientId::new(self.server.client_id.clone());
        let secret = ClientSecret::new(self.server.client_secret.clone());
        let client = CoreClient::from_provider_metadata(metadata.clone(), client_id, Some(secret))
            .set_redirect_uri(self.redirect_url.clone());
        Ok((client, metadata))
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
