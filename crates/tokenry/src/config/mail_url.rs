//! `mail.url`, which has a password in it: never shown, whole nowhere but where the mail server is spoken to.

use std::fmt::{self, Debug, Formatter};

use schemars::{JsonSchema, Schema, SchemaGenerator};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use tokenry_protocol::secret::Secret;
use url::Url;

/// The address of the mail server, with the password for it.
#[derive(Clone)]
pub(crate) struct MailUrl(Secret);

impl MailUrl {
    /// The address, if there is one.
    pub(crate) fn find(&self) -> Option<&Secret> {
        (!self.0.is_empty()).then_some(&self.0)
    }

    /// The address without the password.
    fn masked(&self) -> String {
        match Url::parse(self.0.expose()) {
            Ok(url) if url.password().is_some() => {
                let host = url.host_str().unwrap_or_default();
                let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
                format!("{}://{}:…@{host}{port}", url.scheme(), url.username())
            }
            Ok(url) => url.into(),
            Err(_) if self.0.is_empty() => String::new(),
            Err(_) => "…".to_owned(),
        }
    }
}

impl Default for MailUrl {
    fn default() -> Self {
        Self(Secret::new(String::new()))
    }
}

impl Debug for MailUrl {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "MailUrl({})", self.masked())
    }
}

impl<'de> Deserialize<'de> for MailUrl {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer).map(|text| Self(Secret::new(text)))
    }
}

/// For `config print`: masked.
impl Serialize for MailUrl {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&self.masked())
    }
}

impl JsonSchema for MailUrl {
    fn schema_name() -> std::borrow::Cow<'static, str> {
        String::schema_name()
    }

    fn json_schema(generator: &mut SchemaGenerator) -> Schema {
        String::json_schema(generator)
    }

    fn inline_schema() -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn leak_01_the_password_is_not_shown() {
        for (url, shown) in [
            ("smtps://app:sesame123@mail.example.com:2465", "smtps://app:…@mail.example.com:2465"),
            ("smtp://127.0.0.1:25", "smtp://127.0.0.1:25"),
            ("sesame123", "…"),
            ("", ""),
        ] {
            let url = MailUrl(Secret::new(url.to_owned()));
            assert_eq!(url.masked(), shown);
            assert!(!format!("{url:?}").contains("sesame"));
            assert_eq!(serde_json::to_value(&url).unwrap(), shown);
        }
    }
}
