"""Signs a client assertion (private_key_jwt) with PyJWT, as a client of Tokenry's would.

Usage: python assert.py keys              prints {"jwks": the public half as a set, "key": the private half}
       python assert.py sign ISSUER CLIENT_ID < key    prints an assertion
"""

import json
import sys
import time
import uuid

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from jwt.algorithms import RSAAlgorithm


def keys() -> dict:
    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    public = json.loads(RSAAlgorithm.to_jwk(key.public_key()))
    # PyJWT writes key_ops ["verify"] itself.
    public.update(kid="one", alg="PS256")
    return {"jwks": {"keys": [public]}, "key": json.loads(RSAAlgorithm.to_jwk(key))}


def sign(issuer: str, client_id: str, key: dict) -> dict:
    now = time.time()
    # exp is a float here, as programs without a datetime write it.
    claims = {"iss": client_id, "sub": client_id, "aud": issuer, "iat": int(now), "exp": now + 60, "jti": str(uuid.uuid4())}
    private = RSAAlgorithm.from_jwk(json.dumps(key))
    return {"assertion": jwt.encode(claims, private, algorithm="PS256", headers={"kid": "one"})}


if sys.argv[1] == "keys":
    print(json.dumps(keys()))
else:
    print(json.dumps(sign(sys.argv[2], sys.argv[3], json.load(sys.stdin))))
