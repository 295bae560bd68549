"""Authlib as an application: prints where the user has to go, reads where the browser came back to, and uses what it got."""

import json
import os

from authlib.common.security import generate_token
from authlib.integrations.requests_client import OAuth2Session
from authlib.oidc.core import CodeIDToken
from joserfc import jwt
from joserfc.jwk import KeySet

ISSUER, AUDIENCE = os.environ["ISSUER"], os.environ["AUDIENCE"]
CLIENT_ID, CLIENT_SECRET = os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"]
os.environ["AUTHLIB_INSECURE_TRANSPORT"] = "1"  # loopback

session = OAuth2Session(
    CLIENT_ID,
    CLIENT_SECRET,
    scope="openid profile email offline_access read:timesheets",
    redirect_uri=os.environ["REDIRECT_URI"],
    code_challenge_method="S256",
)
metadata = session.get(f"{ISSUER}/.well-known/openid-configuration", withhold_token=True).json()
verifier, nonce = generate_token(48), generate_token()
url, state = session.create_authorization_url(
    metadata["authorization_endpoint"], code_verifier=verifier, nonce=nonce, audience=AUDIENCE
)
print(url, flush=True)

token = session.fetch_token(
    metadata["token_endpoint"], authorization_response=input(), code_verifier=verifier, state=state
)
keys = KeySet.import_key_set(session.get(metadata["jwks_uri"], withhold_token=True).json())
id_token = jwt.decode(token["id_token"], keys, algorithms=["RS256"])
claims = CodeIDToken(
    id_token.claims,
    id_token.header,
    options={"iss": {"essential": True, "value": ISSUER}},
    params={"nonce": nonce, "client_id": CLIENT_ID, "access_token": token["access_token"]},
)
claims.validate()
user = session.get(metadata["userinfo_endpoint"]).json()
renewed = session.refresh_token(metadata["token_endpoint"], refresh_token=token["refresh_token"])
introspect = metadata["introspection_endpoint"]
alive = session.introspect_token(introspect, token=renewed["access_token"]).json()
session.revoke_token(
    metadata["revocation_endpoint"], token=renewed["refresh_token"], token_type_hint="refresh_token"
)
dead = session.introspect_token(introspect, token=renewed["access_token"]).json()

print(
    json.dumps(
        {
            "claims": claims,
            "user": user,
            "scope": token["scope"],
            "alive": alive["active"],
            "dead": dead["active"],
        }
    )
)
