// Signs a client assertion (private_key_jwt) with npm's jose, as a client of Tokenry's would.
//
// Usage: node assert.mjs keys              prints {"jwks": the public half as a set, "key": the private half}
//        node assert.mjs sign ISSUER CLIENT_ID < key    prints an assertion
import { randomUUID } from "node:crypto";
import { readFileSync } from "node:fs";
import { SignJWT, calculateJwkThumbprint, exportJWK, generateKeyPair, importJWK } from "jose";

const [command, issuer, clientId] = process.argv.slice(2);

if (command === "keys") {
  const { publicKey, privateKey } = await generateKeyPair("ES256", { extractable: true });
  const [jwk, key] = [await exportJWK(publicKey), await exportJWK(privateKey)];
  jwk.kid = key.kid = await calculateJwkThumbprint(jwk);
  console.log(JSON.stringify({ jwks: { keys: [{ ...jwk, alg: "ES256", use: "sig" }] }, key }));
} else {
  const key = JSON.parse(readFileSync(0, "utf8"));
  const assertion = await new SignJWT()
    .setProtectedHeader({ alg: "ES256", kid: key.kid })
    .setIssuer(clientId)
    .setSubject(clientId)
    .setAudience(issuer)
    .setJti(randomUUID())
    .setIssuedAt()
    .setExpirationTime("60s")
    .sign(await importJWK(key, "ES256"));
  console.log(JSON.stringify({ assertion }));
}
