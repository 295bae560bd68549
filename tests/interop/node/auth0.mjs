// Gets a token with npm's auth0, and calls an API of Express behind express-oauth2-jwt-bearer with it.
//
// Usage: node auth0.mjs DOMAIN AUDIENCE CLIENT_ID < secret
// Prints as JSON what came of it: the token's answer, what the API answers, and what a wrong secret brings.
import { once } from "node:events";
import { readFileSync } from "node:fs";
import { AuthenticationClient } from "auth0/legacy";
import express from "express";
import { auth, requiredScopes } from "express-oauth2-jwt-bearer";

const [domain, audience, clientId] = process.argv.slice(2);
const clientSecret = readFileSync(0, "utf8").trim();

const ask = (secret) =>
  new AuthenticationClient({ domain, clientId, clientSecret: secret }).oauth.clientCredentialsGrant({ audience });

const app = express();
app.use(auth({ issuerBaseURL: `https://${domain}/`, audience }));
app.get("/read", requiredScopes("read:timesheets"), (request, response) => response.json(request.auth.payload));
app.get("/fly", requiredScopes("fly:timesheets"), (_request, response) => response.json({}));
app.use((error, _request, response, _next) => response.status(error.status).set(error.headers).end());
const server = app.listen(0, "127.0.0.1");
await once(server, "listening");

const call = async (path, token) => {
  const headers = token ? { authorization: `Bearer ${token}` } : {};
  const answer = await fetch(`http://127.0.0.1:${server.address().port}${path}`, { headers });
  return { status: answer.status, claims: answer.ok ? await answer.json() : null };
};

const { data } = await ask(clientSecret);
const [signed, signature] = [data.access_token.replace(/[^.]*$/, ""), data.access_token.replace(/.*\./, "")];
const tampered = `${signed}${signature.startsWith("A") ? "B" : "A"}${signature.slice(1)}`;
console.log(
  JSON.stringify({
    answer: data,
    read: await call("/read", data.access_token),
    fly: await call("/fly", data.access_token),
    tampered: await call("/read", tampered),
    nothing: await call("/read"),
    wrong: await ask(`${clientSecret}x`).then(
      () => null,
      ({ statusCode, error, error_description }) => ({ statusCode, error, error_description }),
    ),
  }),
);
server.close();
