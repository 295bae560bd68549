//! Questions to the person at the terminal.

use dialoguer::{Confirm, Input, Password, Select};
use tokenry_model::ClientType;

use crate::failure::Result;
use crate::output::visible;

/// A yes or no; no unless said otherwise.
pub(crate) fn confirm(question: &str) -> Result<bool> {
    Ok(Confirm::new()
        .with_prompt(visible(question))
        .default(false)
        .interact()
        .map_err(anyhow::Error::from)?)
}

/// A line of text.
pub(crate) fn line(question: &str) -> Result<String> {
    Ok(Input::new().with_prompt(question).interact_text().map_err(anyhow::Error::from)?)
}

/// A secret, without echo.
pub(crate) fn secret(question: &str) -> Result<String> {
    Ok(Password::new().with_prompt(question).interact().map_err(anyhow::Error::from)?)
}

/// A password that is to be set, twice and without echo.
pub(crate) fn new_password(question: &str) -> Result<String> {
    let asked = Password::new()
        .with_prompt(question)
        .with_confirmation("The same again", "They differ. Once more:")
        .interact();
    Ok(asked.map_err(anyhow::Error::from)?)
}

/// What the application is. Whoever says that anyone can download it is not offered m2m (R46).
pub(crate) fn client_type() -> Result<ClientType> {
    let public = confirm("Can anyone outside download this app (from a store, a web page, a repository)?")?;
    let choices: &[(&str, ClientType)] = if public {
        &[
            ("An app in the browser (spa)", ClientType::Spa),
            ("An app on a device or a command line (native)", ClientType::Native),
        ]
    } else {
        &[
            ("A back end or a job that acts as itself (m2m)", ClientType::M2m),
            ("A server-side web application of our own (web)", ClientType::Web),
            ("A server-side web application of another company (third-party)", ClientType::ThirdParty),
        ]
    };
    let labels: Vec<_> = choices.iter().map(|(label, _kind)| *label).collect();
    let picked = Select::new().with_prompt("What is it?").items(&labels).default(0).interact();
    Ok(choices[picked.map_err(anyhow::Error::from)?].1)
}
