//! How to keep a secret that was just shown: in the environment or a secret manager, never in code (R19).

/// What to say beside a client's new secret.
pub(crate) fn client_secret(client_id: &str, issuer: &str) -> String {
    let token_endpoint = format!("{}/oauth/token", issuer.trim_end_matches('/'));
    format!(
        "\nThe secret is shown this once. Keep it in a secret manager, or for a shell without echo:\n\
         \n  export CLIENT_ID={client_id}\n  read -rs CLIENT_SECRET && export CLIENT_SECRET\n\
         \nand ask for a token with it, the secret in neither argv nor history:\n\
         \n  curl -s {token_endpoint} -d grant_type=client_credentials -d client_id=\"$CLIENT_ID\" \\\n\
         \x20   --data-urlencode client_secret@<(printf %s \"$CLIENT_SECRET\")\n"
    )
}

/// What to say beside an API's new secret.
pub(crate) fn api_secret(api_id: &str) -> String {
    format!(
        "\nThe secret is shown this once. Keep it in a secret manager; the API's guard reads it from the environment:\n\
         \n  export CLIENT_ID={api_id}\n  read -rs CLIENT_SECRET && export CLIENT_SECRET\n"
    )
}
