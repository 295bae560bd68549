//! The mail server that takes our mail: over TLS that is trusted, or on this very host.
//!
//! `smtps://` speaks TLS from the first byte. `smtp://` must be offered STARTTLS, except by a server on loopback, whose
//! wire nobody else can read. Nothing here says whom a mail is for: servers repeat addresses in what they answer.

use std::time::Duration;

use lettre::message::header::{Header, HeaderName, HeaderValue};
use lettre::message::{Mailbox, MultiPart};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Message, Tokio1Executor};
use percent_encoding::percent_decode_str;
use tokenry_engine::mail::{Mail, SendError, SendMail, Sending};
use tokenry_protocol::secret::Secret;
use tokio::time::timeout;
use url::{Host, Url};

use super::letters;
use super::trouble::SmtpTrouble;

/// How long a server may take for each of its answers.
const PATIENCE: Duration = Duration::from_secs(10);
/// No address of a mail server is longer.
const MAX_URL: usize = 1_000;
const SMTP_PORT: u16 = 587;
const SMTPS_PORT: u16 = 465;

/// What an operator says of the mail server.
#[derive(Clone, Debug)]
pub struct SmtpSettings {
    /// `smtps://USER:PASSWORD@HOST` or `smtp://…`: where it is, and who we are.
    pub url: Secret,
    /// From whom mail comes: `Example <no-reply@example.com>`.
    pub from: String,
    /// PEM certificates of authorities to trust beside the system's.
    pub extra_roots: Option<Vec<u8>>,
}

/// The settings cannot be used. Says nothing of the password in them.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SmtpError {
    /// A certificate is malformed, or TLS cannot be set up.
    #[error("the authorities to trust cannot be used")]
    Authorities,
    /// No address.
    #[error("it is no address; write it as \"Example <no-reply@example.com>\"")]
    From,
    /// No address of a mail server.
    #[error("{0}")]
    Url(&'static str),
}

/// Hands mail to a mail server.
#[derive(Debug)]
pub struct Smtp {
    transport: AsyncSmtpTransport<Tokio1Executor>,
    from: Mailbox,
    /// `mail.example.com:465`.
    server: String,
}

impl Smtp {
    /// # Errors
    /// When the settings cannot be used. Whether the server answers is not tried.
    pub fn new(settings: &SmtpSettings) -> Result<Self, SmtpError> {
        let from: Mailbox = settings.from.parse().map_err(|_invalid| SmtpError::From)?;
        if settings.url.len() > MAX_URL {
            return Err(SmtpError::Url("it is longer than anybody would write it"));
        }
        let url = Url::parse(settings.url.expose())
            .map_err(|_invalid| SmtpError::Url("it is no URL; write it as smtps://USER:PASSWORD@HOST"))?;
        let (host, loopback) = host(&url)?;
        let tls = || tls(&host, settings.extra_roots.as_deref());
        let (tls, port) = match (url.scheme(), loopback) {
            ("smtps", _) => (Tls::Wrapper(tls()?), SMTPS_PORT),
            ("smtp", true) => (Tls::None, SMTP_PORT),
            ("smtp", false) => (Tls::Required(tls()?), SMTP_PORT),
            _ => return Err(SmtpError::Url("it must begin with smtps:// or smtp://")),
        };
        if !matches!(url.path(), "" | "/") || url.query().is_some() || url.fragment().is_some() {
            return Err(SmtpError::Url("there is nothing to say after the host and its port"));
        }
        let port = url.port().unwrap_or(port);
        let server = format!("{host}:{port}");
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(host)
            .port(port)
            .tls(tls)
            .timeout(Some(PATIENCE))
            .hello_name(ClientId::Domain(from.email.domain().to_owned()));
        if let Some(credentials) = credentials(&url)? {
            builder = builder.credentials(credentials);
        }
        Ok(Self { transport: builder.build(), from, server })
    }

    /// Where it is: host and port.
    #[must_use]
    pub fn server(&self) -> &str {
        &self.server
    }

    /// Goes as far as before a mail: connects, speaks TLS and shows the password. Sends nothing, and takes ten seconds at
    /// the most.
    ///
    /// # Errors
    /// When a mail would come no further.
    pub async fn knock(&self) -> Result<(), SmtpTrouble> {
        match timeout(PATIENCE, self.transport.test_connection()).await {
            Ok(Ok(true)) => Ok(()),
            Ok(Ok(false)) => Err(SmtpTrouble::NoSmtp),
            Ok(Err(error)) => Err(SmtpTrouble::of(&error)),
            Err(_elapsed) => Err(SmtpTrouble::Silent),
        }
    }

    async fn hand_over(&self, mail: &Mail) -> Result<(), SendError> {
        let message = self.message(mail)?;
        self.transport.send(message).await.map(drop).map_err(|error| SmtpTrouble::of(&error).into())
    }

    fn message(&self, mail: &Mail) -> Result<Message, SendError> {
        let to = mail.recipient.parse().map_err(|_invalid| SendError::Malformed)?;
        let rendered = letters::render(mail).map_err(|error| {
            tracing::error!(error = &error as &dyn std::error::Error, "a letter cannot be rendered");
            SendError::Malformed
        })?;
        Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to))
            .subject(&rendered.subject)
            .message_id(Some(format!("<{}@{}>", mail.id, self.from.email.domain())))
            .header(AutoSubmitted)
            .multipart(MultiPart::alternative_plain_html(rendered.text, rendered.html))
            .map_err(|_invalid| SendError::Malformed)
    }
}

impl SendMail for Smtp {
    fn send<'a>(&'a self, mail: &'a Mail) -> Sending<'a> {
        Box::pin(self.hand_over(mail))
    }
}

fn host(url: &Url) -> Result<(String, bool), SmtpError> {
    // The host of a scheme that the crate does not know is a text, whatever is in it.
    let host = url.host_str().filter(|host| !host.is_empty()).ok_or(SmtpError::Url("it names no host"))?;
    match Host::parse(host).map_err(|_invalid| SmtpError::Url("its host is none"))? {
        Host::Domain(name) => Ok((name.clone(), name == "localhost")),
        Host::Ipv4(address) => Ok((address.to_string(), address.is_loopback())),
        Host::Ipv6(address) => Ok((address.to_string(), address.is_loopback())),
    }
}

fn credentials(url: &Url) -> Result<Option<Credentials>, SmtpError> {
    let decoded = |text: &str| {
        let text = percent_decode_str(text).decode_utf8();
        text.map(|text| text.into_owned()).map_err(|_invalid| SmtpError::Url("its user is no text"))
    };
    match (url.username(), url.password()) {
        ("", None) => Ok(None),
        ("", Some(_)) => Err(SmtpError::Url("it has a password and no user")),
        (_, None) => Err(SmtpError::Url("it has a user and no password")),
        (user, Some(password)) => Ok(Some(Credentials::new(decoded(user)?, decoded(password)?))),
    }
}

fn tls(host: &str, extra_roots: Option<&[u8]>) -> Result<TlsParameters, SmtpError> {
    let mut builder = TlsParameters::builder(host.to_owned());
    if let Some(pem) = extra_roots {
        let certificate = Certificate::from_pem(pem).map_err(|_invalid| SmtpError::Authorities)?;
        builder = builder.add_root_certificate(certificate);
    }
    builder.build_rustls().map_err(|_unusable| SmtpError::Authorities)
}

/// That no person wrote it, so that no holiday notice comes back (RFC 3834 §5).
#[derive(Clone)]
struct AutoSubmitted;

impl Header for AutoSubmitted {
    fn name() -> HeaderName {
        HeaderName::new_from_ascii_str("Auto-Submitted")
    }

    fn parse(_value: &str) -> Result<Self, Box<dyn std::error::Error + Send + Sync>> {
        Ok(Self)
    }

    fn display(&self) -> HeaderValue {
        HeaderValue::new(Self::name(), "auto-generated".to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn smtp(url: &str, from: &str) -> Result<Smtp, SmtpError> {
        let settings =
            SmtpSettings { url: Secret::new(url.to_owned()), from: from.to_owned(), extra_roots: None };
        Smtp::new(&settings)
    }

    #[test]
    fn what_names_a_mail_server_is_taken() {
        for url in [
            "smtps://user:pass%40word@mail.example.com",
            "smtps://mail.example.com:2465",
            "smtp://user:password@mail.example.com",
            "smtp://127.0.0.1:2525",
            "smtp://[::1]:2525/",
        ] {
            assert!(smtp(url, "Tokenry <no-reply@example.com>").is_ok(), "{url}");
        }
    }

    #[test]
    fn leak_01_what_is_wrong_is_said_without_the_password() {
        for (url, from, says) in [
            ("mail.example.com", "a@example.com", "it is no URL"),
            ("https://u:sesame123@mail.example.com", "a@example.com", "smtps:// or smtp://"),
            ("smtps://u@mail.example.com", "a@example.com", "a user and no password"),
            ("smtps://:sesame123@mail.example.com", "a@example.com", "a password and no user"),
            ("smtps://", "a@example.com", "names no host"),
            ("smtps://u:sesame123@mail.example.com?tls=none", "a@example.com", "nothing to say after"),
            ("smtps://mail.example.com", "nobody", "it is no address"),
        ] {
            let error = smtp(url, from).unwrap_err().to_string();
            assert!(error.contains(says), "{url}: {error}");
            assert!(!error.contains("sesame"), "{error}");
        }
        let shown = format!("{:?}", smtp("smtps://u:sesame123@mail.example.com", "a@example.com").unwrap());
        assert!(!shown.contains("sesame"), "{shown}");
    }
}
