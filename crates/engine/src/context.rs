//! What a verb is told of the request that it serves.

use std::net::IpAddr;

use tokenry_clock::Timestamp;
use tokenry_model::{Actor, Event, Record, Subject};

/// What a verb is told of the request that it serves.
#[derive(Clone, Debug)]
pub struct Context {
    /// Read once per request, so that a request cannot straddle a boundary.
    pub now: Timestamp,
    /// Names the request in logs, answers and audit records.
    pub request_id: String,
    /// Where the request came from, as far as it can be trusted.
    pub address: Option<IpAddr>,
    /// With which browser, in words of ours, where somebody fills in a form: for mail and for the owner of an account, where a
    /// stranger's own words have no place.
    pub browser: Option<String>,
    /// In which language whoever sent it reads, as a BCP 47 tag: for mail that is written because of it.
    pub language: Option<&'static str>,
    /// Whether the request carried `Origin` or `Sec-Fetch-Site`, as only browsers' do.
    pub from_browser: bool,
}

impl Context {
    /// Of what the server does by itself.
    pub(crate) const fn of_the_server(now: Timestamp) -> Self {
        Self {
            now,
            request_id: String::new(),
            address: None,
            browser: None,
            from_browser: false,
            language: None,
        }
    }

    /// A successful record of this request.
    pub(crate) fn record(&self, event: Event, actor: Actor, subject: Option<Subject>) -> Record {
        let record = Record {
            address: self.address.map(|address| address.to_canonical().to_string()),
            request_id: Some(self.request_id.clone()),
            ..Record::new(self.now, event, actor, subject)
        };
        match &self.browser {
            Some(browser) => record.with("browser", browser.as_str()),
            None => record,
        }
    }
}
