//! The parameters of a request, read strictly: nothing twice, empty is absent, UTF-8 without NUL, capped.
//!
//! A form body, a JSON body and a query string end up in the same [`Params`], so that no rule holds for one
//! only.

use std::fmt;
use std::ops::Range;

use zeroize::Zeroizing;

use crate::error::{Error, ErrorCode, is_description};
use crate::form;
use crate::media_type::MediaType;
use crate::secret::Secret;

mod json;

/// The most parameters that a request may have, unknown ones included.
pub const MAX_PARAMETERS: usize = 64;
/// The same of a form of a page of ours, which may have a box to tick for each of many scopes.
pub const MAX_FIELDS: usize = 512;
/// The longest name of a parameter, in bytes.
pub const MAX_NAME: usize = 128;
/// The longest value of a parameter, in bytes after decoding.
pub const MAX_VALUE: usize = 32 * 1024;

/// The parameters that mean something at one of our endpoints. Others are ignored (RFC 6749 §3.1, §3.2), but
/// may not repeat either.
const KNOWN: [&str; 35] = [
    "acr_values",
    "audience",
    "claims",
    "client_assertion",
    "client_assertion_type",
    "client_id",
    "client_secret",
    "code",
    "code_challenge",
    "code_challenge_method",
    "code_verifier",
    "company_id",
    "display",
    "grant_type",
    "id_token_hint",
    "login_hint",
    "max_age",
    "nonce",
    "password",
    "post_logout_redirect_uri",
    "prompt",
    "redirect_uri",
    "refresh_token",
    "registration",
    "request",
    "request_uri",
    "resource",
    "response_mode",
    "response_type",
    "scope",
    "state",
    "token",
    "token_type_hint",
    "ui_locales",
    "username",
];

/// The parameters of one request. Their values are wiped when it is dropped, since any may be a secret.
pub struct Params {
    /// All names and values, decoded, end to end: one buffer to fill, one to wipe.
    text: Zeroizing<String>,
    entries: Vec<Entry>,
}

struct Entry {
    name: Range<usize>,
    value: Range<usize>,
}

impl Params {
    /// Reads a body by its `Content-Type`.
    ///
    /// # Errors
    /// `invalid_request` for a missing or foreign type ([`MediaType::parse`]); else as [`Params::from_form`].
    pub fn from_body(content_type: Option<&[u8]>, body: &[u8]) -> Result<Self, Error> {
        match MediaType::parse(content_type)? {
            MediaType::Form => Self::from_form(body),
            MediaType::Json => Self::from_json(body),
        }
    }

    /// Reads an `application/x-www-form-urlencoded` body.
    ///
    /// # Errors
    /// `invalid_request` for a repeated parameter (named where its name is printable), a malformed escape,
    /// bad UTF-8, NUL, or a broken cap; but `invalid_target` for two of `audience` or `resource`, and
    /// `invalid_scope` for a `scope` beyond the cap.
    pub fn from_form(body: &[u8]) -> Result<Self, Error> {
        Self::read_form(body, MAX_PARAMETERS)
    }

    /// Reads a form of a page of ours, as [`Params::from_form`], but for [`MAX_FIELDS`] parameters at the most.
    ///
    /// # Errors
    /// As [`Params::from_form`].
    pub fn from_page_form(body: &[u8]) -> Result<Self, Error> {
        Self::read_form(body, MAX_FIELDS)
    }

    fn read_form(body: &[u8], most: usize) -> Result<Self, Error> {
        // Decoding never lengthens, so the buffer never moves and leaves no copy behind.
        let mut building = Building::with_capacity(body.len(), most);
        for pair in body.split(|&byte| byte == b'&').filter(|pair| !pair.is_empty()) {
            let (name, value) = match pair.iter().position(|&byte| byte == b'=') {
                Some(at) => (&pair[..at], &pair[at + 1..]),
                None => (pair, &[][..]),
            };
            building.pair(|text| form::decode_into(name, text), |text| form::decode_into(value, text))?;
        }
        building.finish()
    }

    /// Reads a JSON body: one object, its known members strings or `null` (absent), unknown ones ignored.
    ///
    /// # Errors
    /// As [`Params::from_form`], and `invalid_request` for bad syntax, a byte order mark, anything after the
    /// object, nesting deeper than 16, a duplicate member at any depth, or another value of a known
    /// parameter.
    pub fn from_json(body: &[u8]) -> Result<Self, Error> {
        json::read(body)
    }

    /// Reads a query string, without its `?`.
    ///
    /// # Errors
    /// As [`Params::from_form`].
    pub fn from_query(query: &str) -> Result<Self, Error> {
        Self::from_form(query.as_bytes())
    }

    /// Checks that the query of a request whose parameters belong in its body has none of them.
    ///
    /// Credentials in an address end up in logs and histories, and a parameter in both places is there twice.
    ///
    /// # Errors
    /// `invalid_request` if a known parameter stands in the query, whatever its value, or one stands in both;
    /// as [`Params::from_form`] where the query itself is malformed.
    pub fn check_query(&self, query: &str) -> Result<(), Error> {
        let query = Self::from_query(query)?;
        for entry in &query.entries {
            let name = query.name(entry);
            if is_known(name) {
                let text = format!("The parameter {name} belongs in the request body");
                return Err(Error::new(ErrorCode::InvalidRequest, text));
            }
            if self.entries.iter().any(|ours| self.name(ours) == name) {
                return Err(repeated(name));
            }
        }
        Ok(())
    }

    /// The value of a parameter. One without a value is absent (RFC 6749 §3.2), so this is never empty.
    #[must_use]
    pub fn get(&self, name: &str) -> Option<&str> {
        let entry = self.entries.iter().find(|entry| self.name(entry) == name)?;
        Some(&self.text[entry.value.clone()]).filter(|value| !value.is_empty())
    }

    /// The values of the parameters whose names begin so, in their order; those that are empty are absent.
    pub fn all<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        let named = self.entries.iter().filter(move |entry| self.name(entry).starts_with(prefix));
        named.map(|entry| &self.text[entry.value.clone()]).filter(|value| !value.is_empty())
    }

    /// The value of a parameter that is a secret.
    #[must_use]
    pub fn secret(&self, name: &str) -> Option<Secret> {
        self.get(name).map(|value| Secret::new(value.to_owned()))
    }

    fn name(&self, entry: &Entry) -> &str {
        &self.text[entry.name.clone()]
    }
}

/// Shows which known parameters are there, never a value, nor a name that a stranger made up.
impl fmt::Debug for Params {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let known = self.entries.iter().map(|entry| self.name(entry)).filter(|name| is_known(name));
        f.write_str("Params ")?;
        f.debug_list().entries(known).finish()
    }
}

/// Parameters while they are being read, in bytes that are not yet known to be UTF-8.
struct Building {
    text: Zeroizing<Vec<u8>>,
    entries: Vec<Entry>,
    /// How many there may be.
    most: usize,
}

impl Building {
    fn with_capacity(bytes: usize, most: usize) -> Self {
        Self { text: Zeroizing::new(Vec::with_capacity(bytes)), entries: Vec::with_capacity(8), most }
    }

    /// Adds a parameter whose halves are appended by the two functions.
    fn pair(
        &mut self,
        name: impl FnOnce(&mut Vec<u8>) -> Result<(), form::Malformed>,
        value: impl FnOnce(&mut Vec<u8>) -> Result<(), form::Malformed>,
    ) -> Result<(), Error> {
        let malformed = |_| invalid("The request has a malformed percent-encoding");
        let start = self.text.len();
        name(&mut self.text).map_err(malformed)?;
        let middle = self.text.len();
        value(&mut self.text).map_err(malformed)?;
        self.check(Entry { name: start..middle, value: middle..self.text.len() })
    }

    /// Applies the rules to the parameter read last, and keeps it.
    fn check(&mut self, entry: Entry) -> Result<(), Error> {
        if self.entries.len() == self.most {
            return Err(invalid("The request has too many parameters"));
        }
        let (name, value) = (&self.text[entry.name.clone()], &self.text[entry.value.clone()]);
        if name.len() > MAX_NAME {
            return Err(invalid("The name of a parameter is too long"));
        }
        let (Ok(name), Ok(text)) = (str::from_utf8(name), str::from_utf8(value)) else {
            return Err(invalid("The request is not UTF-8"));
        };
        if name.contains('\0') || text.contains('\0') {
            return Err(invalid("The request contains a NUL character"));
        }
        if self.entries.iter().any(|earlier| self.text[earlier.name.clone()] == *name.as_bytes()) {
            return Err(repeated(name));
        }
        if value.len() > MAX_VALUE {
            return Err(Error::new(subject(name), "The value of a parameter is too long"));
        }
        self.entries.push(entry);
        Ok(())
    }

    fn finish(mut self) -> Result<Params, Error> {
        // Each half was UTF-8, so the whole is, and every boundary is one of characters.
        match String::from_utf8(std::mem::take(&mut *self.text)) {
            Ok(text) => Ok(Params { text: Zeroizing::new(text), entries: self.entries }),
            Err(error) => {
                drop(Zeroizing::new(error.into_bytes()));
                Err(invalid("The request is not UTF-8"))
            }
        }
    }
}

fn is_known(name: &str) -> bool {
    KNOWN.binary_search(&name).is_ok()
}

fn invalid(description: &'static str) -> Error {
    Error::new(ErrorCode::InvalidRequest, description)
}

fn repeated(name: &str) -> Error {
    match name {
        "audience" | "resource" => Error::new(ErrorCode::InvalidTarget, "Ask for one API at a time"),
        _ if is_description(name) && !name.is_empty() => {
            Error::new(ErrorCode::InvalidRequest, format!("The parameter {name} may stand only once"))
        }
        _ => invalid("A parameter may stand only once"),
    }
}

/// The code that says which parameter is at fault, where there is one.
fn subject(name: &str) -> ErrorCode {
    match name {
        "audience" | "resource" => ErrorCode::InvalidTarget,
        "scope" => ErrorCode::InvalidScope,
        _ => ErrorCode::InvalidRequest,
    }
}

#[cfg(test)]
mod tests {
    #[test]
    fn known_parameters_are_sorted_for_the_binary_search() {
        assert!(super::KNOWN.is_sorted());
    }
}
