"""Verifies an access token with PyJWT, from the discovery document alone.

Usage: python verify.py ISSUER AUDIENCE < token
Prints the claims as JSON; ends with 1 and the reason on standard error when the token is refused.
"""

import json
import sys
import urllib.request

import jwt


def verify(issuer: str, audience: str, token: str) -> dict:
    with urllib.request.urlopen(issuer.rstrip("/") + "/.well-known/openid-configuration", timeout=10) as answer:
        metadata = json.load(answer)
    if metadata["issuer"] != issuer:
        raise ValueError(f"the discovery document is of {metadata['issuer']}")
    key = jwt.PyJWKClient(metadata["jwks_uri"]).get_signing_key_from_jwt(token)
    verified = jwt.decode_complete(
        token,
        key,
        algorithms=["RS256"],
        audience=audience,
        issuer=metadata["issuer"],
        options={"require": ["iss", "sub", "aud", "iat", "exp", "jti", "client_id"]},
    )
    if verified["header"].get("typ") != "at+jwt":
        raise ValueError("the token's typ is not at+jwt")
    return verified["payload"]


try:
    print(json.dumps(verify(sys.argv[1], sys.argv[2], sys.stdin.read().strip())))
except Exception as error:  # Whatever went wrong, the token was not accepted.
    print(f"{type(error).__name__}: {error}", file=sys.stderr)
    sys.exit(1)
