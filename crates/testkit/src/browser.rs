//! A browser without a screen: keeps cookies as browsers do, follows redirects on its origin, fills in and sends forms.

use std::collections::BTreeMap;

use cookie::Cookie;
use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::{Client, Method, RequestBuilder, redirect};
use url::Url;

use crate::answer::Answer;
use crate::page::{Form, Page};

/// How many redirects are followed before something goes round in circles.
const MAX_REDIRECTS: usize = 10;

/// A browser without a screen.
#[derive(Clone, Debug)]
pub struct Browser {
    http: Client,
    home: Url,
    jar: BTreeMap<String, String>,
    /// What it sends of where a page's request comes from; a test may lie.
    pub site: &'static str,
    /// What it calls itself.
    pub user_agent: String,
    /// Which languages it says its user reads; empty: it does not say.
    pub reads: &'static str,
}

impl Browser {
    /// A fresh one, for the pages of the server at `home`.
    #[must_use]
    pub fn at(home: &str) -> Self {
        Self::through(Client::builder().redirect(redirect::Policy::none()).build().unwrap(), home)
    }

    /// The same, by a client that follows no redirects.
    #[must_use]
    pub fn through(http: Client, home: &str) -> Self {
        Self {
            http,
            home: home.parse().unwrap(),
            jar: BTreeMap::new(),
            site: "same-origin",
            user_agent: "Testkit/1".to_owned(),
            reads: "",
        }
    }

    /// Whose pages it asks for.
    #[must_use]
    pub const fn home(&self) -> &Url {
        &self.home
    }

    /// The same browser with the same cookies, at another server of the same name.
    #[must_use]
    pub fn at_replica(&self, home: &str) -> Self {
        Self { home: home.parse().unwrap(), ..self.clone() }
    }

    /// Asks for one page, as if its address had been typed, and follows nothing.
    pub async fn get(&mut self, target: &str) -> Page {
        let url = self.home.join(target).unwrap();
        let request = self.http.get(url.clone()).header("sec-fetch-site", "none");
        self.ask(url, request).await
    }

    /// Asks for a page and follows redirects within the server.
    pub async fn open(&mut self, target: &str) -> Page {
        let page = self.get(target).await;
        self.follow(page).await
    }

    /// Sends a form without following what it answers.
    pub async fn send(&mut self, form: &Form) -> Page {
        let mut url = form.action.clone();
        let fields: Vec<_> =
            form.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        let request = match form.method {
            // Pages say `no-referrer`, so browsers say that their forms come from nowhere.
            Method::POST => self.http.post(url.clone()).form(&fields).header("origin", "null"),
            _ => {
                url.query_pairs_mut().clear().extend_pairs(&fields);
                self.http.get(url.clone())
            }
        };
        let request = request.header("sec-fetch-site", self.site);
        self.ask(url, request).await
    }

    /// Sends a form and follows redirects within the server.
    pub async fn submit(&mut self, form: &Form) -> Page {
        let page = self.send(form).await;
        self.follow(page).await
    }

    /// The value of a cookie.
    #[must_use]
    pub fn cookie(&self, name: &str) -> Option<&str> {
        self.jar.get(name).map(String::as_str)
    }

    /// Puts a cookie into the jar, or takes one out.
    pub fn put_cookie(&mut self, name: &str, value: Option<&str>) {
        match value {
            Some(value) => self.jar.insert(name.to_owned(), value.to_owned()),
            None => self.jar.remove(name),
        };
    }

    async fn follow(&mut self, mut page: Page) -> Page {
        for _redirect in 0..MAX_REDIRECTS {
            let Some(next) = page.redirect() else { return page };
            if next.origin() != self.home.origin() {
                return page;
            }
            page = self.get(next.as_str()).await;
        }
        panic!("too many redirects, the last from {}", page.url)
    }

    async fn ask(&mut self, url: Url, request: RequestBuilder) -> Page {
        let cookies: Vec<_> = self.jar.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let mut request = request.header("user-agent", &self.user_agent);
        if !self.reads.is_empty() {
            request = request.header("accept-language", self.reads);
        }
        // One for another server is not ours to send.
        if !cookies.is_empty() && url.origin() == self.home.origin() {
            request = request.header(COOKIE, cookies.join("; "));
        }
        let answer = Answer::to(request).await;
        for set in answer.headers.get_all(SET_COOKIE) {
            self.keep(set.to_str().unwrap());
        }
        Page { url, answer }
    }

    /// Keeps a cookie as a browser would that takes `Secure` on loopback; refuses what its prefix forbids.
    fn keep(&mut self, set: &str) {
        let cookie = Cookie::parse(set.to_owned()).unwrap();
        if cookie.name().starts_with("__Host-") {
            let bound =
                cookie.secure() == Some(true) && cookie.path() == Some("/") && cookie.domain().is_none();
            assert!(bound, "a browser refuses {set}");
        }
        let gone = cookie.max_age().is_some_and(|age| !age.is_positive());
        self.put_cookie(cookie.name(), (!gone).then(|| cookie.value()));
    }
}
