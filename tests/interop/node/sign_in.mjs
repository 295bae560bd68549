// openid-client as an application: prints where the user has to go, reads where the browser came back to, and uses what it got.
import * as client from 'openid-client';
import { createInterface } from 'node:readline/promises';

const { ISSUER, AUDIENCE, CLIENT_ID, CLIENT_SECRET, REDIRECT_URI } = process.env;

const config = await client.discovery(new URL(ISSUER), CLIENT_ID, CLIENT_SECRET, undefined, {
  execute: [client.allowInsecureRequests],
});
const verifier = client.randomPKCECodeVerifier();
const [state, nonce] = [client.randomState(), client.randomNonce()];
const url = client.buildAuthorizationUrl(config, {
  redirect_uri: REDIRECT_URI,
  scope: 'openid profile email offline_access read:timesheets',
  audience: AUDIENCE,
  code_challenge: await client.calculatePKCECodeChallenge(verifier),
  code_challenge_method: 'S256',
  state,
  nonce,
});
console.log(url.href);

const lines = createInterface({ input: process.stdin });
const [callback] = (await lines[Symbol.asyncIterator]().next()).value.split('\n');
lines.close();
const tokens = await client.authorizationCodeGrant(config, new URL(callback), {
  pkceCodeVerifier: verifier,
  expectedState: state,
  expectedNonce: nonce,
  idTokenExpected: true,
});
const claims = tokens.claims();
const user = await client.fetchUserInfo(config, tokens.access_token, claims.sub);
const renewed = await client.refreshTokenGrant(config, tokens.refresh_token);
const alive = await client.tokenIntrospection(config, renewed.access_token);
await client.tokenRevocation(config, renewed.refresh_token);
const dead = await client.tokenIntrospection(config, renewed.access_token);

console.log(JSON.stringify({ claims, user, scope: tokens.scope, alive: alive.active, dead: dead.active }));
