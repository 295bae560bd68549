//! The API behind a guard that asks a [`Server`], and what tests wait for.

use std::time::Duration;

use tokenry_guard::testing::{AUDIENCE, NAMESPACE, TestIssuer, TestToken};
use tokenry_guard::{Guard, GuardBuilder, Secret, TenantClaim};

use crate::server::{Server, Shared};
use crate::support::{Api, app};

/// The API behind a guard that asks a [`Server`].
pub(crate) struct Remote {
    pub(crate) api: Api,
    pub(crate) server: Server,
}

impl Remote {
    pub(crate) async fn start() -> Self {
        Self::start_with(|_| {}).await
    }

    pub(crate) async fn start_with(prepare: impl FnOnce(&Shared)) -> Self {
        Self::configured(prepare, |builder| builder).await
    }

    pub(crate) async fn configured(
        prepare: impl FnOnce(&Shared),
        configure: impl FnOnce(GuardBuilder) -> GuardBuilder,
    ) -> Self {
        let issuer = TestIssuer::new();
        let server = Server::start(&issuer).await;
        prepare(&server.shared);
        let guard = configure(builder(&issuer, &server, "secret")).build().await.unwrap();
        let app = app(&guard);
        Self { api: Api { issuer, guard, app }, server }
    }

    /// Keys and snapshot are there, and the stream has begun.
    pub(crate) async fn ready(self) -> Self {
        self.wait_until_ready().await;
        self
    }

    pub(crate) async fn wait_until_ready(&self) {
        tokio::time::timeout(Duration::from_secs(20), self.api.guard.ready()).await.unwrap();
    }

    pub(crate) fn token(&self) -> TestToken {
        self.api.token().issuer(&self.server.url)
    }

    pub(crate) async fn whoami(&self, token: &TestToken) -> (u16, String) {
        self.bearer(&token.mint()).await
    }

    /// What `/whoami` says to this token.
    pub(crate) async fn bearer(&self, token: &str) -> (u16, String) {
        let answer = self.api.whoami(&format!("Bearer {token}")).await;
        if answer.status.is_success() { (answer.status.as_u16(), answer.body) } else { answer.refusal() }
    }

    pub(crate) fn is_stale(&self) -> bool {
        self.api.guard.status().issuers[0].stale
    }
}

pub(crate) fn builder(issuer: &TestIssuer, server: &Server, secret: &str) -> GuardBuilder {
    Guard::builder()
        .issuer(&server.url)
        .audience(AUDIENCE)
        .credentials("timesheets", Secret::new(secret.to_owned()))
        .tenant(TenantClaim::namespace(NAMESPACE))
        .clock(issuer.clock().clone())
}

pub(crate) fn ok() -> (u16, String) {
    (200, "client cron".to_owned())
}

pub(crate) fn refused(status: u16, code: &str) -> (u16, String) {
    (status, code.to_owned())
}

pub(crate) async fn eventually(what: &str, condition: impl AsyncFn() -> bool) {
    for _ in 0..3_000 {
        if condition().await {
            return;
        }
        tokio::time::sleep(Duration::from_millis(10)).await;
    }
    panic!("not within thirty seconds: {what}");
}
