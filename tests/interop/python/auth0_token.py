"""Gets a token with auth0-python.

Usage: python auth0_token.py DOMAIN AUDIENCE CLIENT_ID < secret
Prints as JSON what came of it: the token's answer, and what a wrong secret and an unknown audience bring.
"""

import json
import sys

from auth0.authentication import GetToken
from auth0.authentication.exceptions import Auth0Error

domain, audience, client_id = sys.argv[1:]
secret = sys.stdin.read().strip()


def ask(secret: str, audience: str) -> dict:
    try:
        return GetToken(domain, client_id, client_secret=secret).client_credentials(audience)
    except Auth0Error as error:
        return {"status": error.status_code, "error": error.error_code, "description": error.message}


answers = {"answer": ask(secret, audience), "wrong": ask(secret + "x", audience), "unknown": ask(secret, audience + "/")}
print(json.dumps(answers))
