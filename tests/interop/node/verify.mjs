// Verifies an access token with npm's jose, from the discovery document alone.
//
// Usage: node verify.mjs ISSUER AUDIENCE < token
// Prints the claims as JSON; ends with 1 and the reason on standard error when the token is refused.
import { readFileSync } from "node:fs";
import { createRemoteJWKSet, jwtVerify } from "jose";

const [issuer, audience] = process.argv.slice(2);
const token = readFileSync(0, "utf8").trim();

try {
  const discovery = await fetch(`${issuer.replace(/\/$/, "")}/.well-known/openid-configuration`);
  if (!discovery.ok) throw new Error(`the discovery document answers ${discovery.status}`);
  const metadata = await discovery.json();
  if (metadata.issuer !== issuer) throw new Error(`the discovery document is of ${metadata.issuer}`);
  const keys = createRemoteJWKSet(new URL(metadata.jwks_uri));
  const { payload } = await jwtVerify(token, keys, {
    algorithms: ["RS256"],
    audience,
    issuer: metadata.issuer,
    requiredClaims: ["sub", "iat", "exp", "jti", "client_id"],
    typ: "at+jwt",
  });
  console.log(JSON.stringify(payload));
} catch (error) {
  console.error(`${error.name}: ${error.message}`);
  process.exit(1);
}
