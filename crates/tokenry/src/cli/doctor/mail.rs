//! Mail: that the mail server lets us in, as far as it would before a mail. Nothing is sent.

use tokenry_server::SmtpTrouble;

use super::finding::Finding;
use crate::config::Config;
use crate::mail::mailer;

const CHECK: &str = "mail";

/// Asks the mail server, and judges what became of it.
pub(super) async fn examine(config: &Config) -> Finding {
    let smtp = match mailer(config) {
        Ok(Some(smtp)) => smtp,
        Ok(None) => {
            let why =
                "mail.url is not set: no mail reaches anybody, so nobody can choose a password by a link";
            return Finding::skipped(CHECK, why);
        }
        Err(_told) => {
            return Finding::skipped(CHECK, "what the configuration says of mail cannot be used, see config");
        }
    };
    let server = smtp.server();
    match smtp.knock().await {
        Ok(()) => Finding::ok(CHECK, format!("the mail server {server} lets us in; nothing was sent")),
        Err(trouble) => {
            Finding::failure(CHECK, format!("no mail goes out by {server}: {trouble}"), fix(&trouble))
        }
    }
}

fn fix(trouble: &SmtpTrouble) -> &'static str {
    match trouble {
        SmtpTrouble::Lacking(_) => {
            "name a server in mail.url that offers STARTTLS and takes a password (submission, port 587), or write smtps:// \
             for one that speaks TLS from the first byte (465)"
        }
        // RFC 4954 §6: what is wrong with who we say we are.
        SmtpTrouble::Refused(530..=539) => {
            "correct user and password in mail.url; write @ and / in them as %40 and %2F"
        }
        SmtpTrouble::Refused(_) => {
            "ask whoever runs the mail server why it turns this host away: its log says"
        }
        SmtpTrouble::NoSmtp | SmtpTrouble::Silent | SmtpTrouble::Unreachable(_) => {
            "see whether host and port in mail.url are the mail server's, smtps:// for 465 and smtp:// for 587, and whether \
             a firewall keeps this host from it"
        }
        SmtpTrouble::Tls(_) => {
            "write the host in mail.url as its certificate has it, and name an authority that this system does not know in \
             outbound.ca_file; smtps:// is for 465, and smtp:// for 587"
        }
    }
}
