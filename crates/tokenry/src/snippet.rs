//! How to keep a secret that was just shown: in the environment or a secret manager, never in code (R19).

/// What to say beside the new secret of a client that acts as itself.
pub(crate) fn client_secret(client_id: &str, issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    let next = format!(
        "\nand ask for a token with it, the secret in neither argv nor history:\n\
         \n  curl -s {issuer}/oauth/token -d grant_type=client_credentials -d client_id=\"$CLIENT_ID\" \\\n\
         \x20   --data-urlencode client_secret@<(printf %s \"$CLIENT_SECRET\")\n"
    );
    kept(client_id) + &next
}

/// What to say beside the new secret of an application that acts for users.
pub(crate) fn application_secret(client_id: &str, issuer: &str) -> String {
    let issuer = issuer.trim_end_matches('/');
    let next = format!(
        "\nThe application sends its users to {issuer}/authorize; OAuth libraries find all that they need at {issuer}.\n\
         What it may ask for at an API: tokenry grants create --client {client_id} --api AUDIENCE\n"
    );
    kept(client_id) + &next
}

fn kept(client_id: &str) -> String {
    format!(
        "\nThe secret is shown this once. Keep it in a secret manager, or for a shell without echo:\n\
         \n  export CLIENT_ID={client_id}\n  read -rs CLIENT_SECRET && export CLIENT_SECRET\n"
    )
}

/// What to say beside an API's new secret.
pub(crate) fn api_secret(api_id: &str) -> String {
    format!(
        "\nThe secret is shown this once. Keep it in a secret manager; the API's guard reads it from the environment:\n\
         \n  export CLIENT_ID={api_id}\n  read -rs CLIENT_SECRET && export CLIENT_SECRET\n"
    )
}
