// From where the cookies work: not for an origin that is not listed, and for another site where an operator wants that.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { at, sessionCookies } from "../user-interface.mjs";

const API = "__Host-tokenry_api";

export const stranger = at((ui, visit) => unlisted(ui, visit));
export const otherSite = at((ui, visit) => apart(ui, visit));

/** A page of the same site and of an origin that is not listed: cookies come along, and nothing comes of it. */
async function unlisted(ui, visit) {
  const user = visit.person("Sol");
  const page = await ui.opened();
  await ui.signIn(page, user);
  await ui.isSignedIn(page, user);
  const { csrf_token, company } = await page.evaluate(async (url) => (await fetch(url, { credentials: "include" })).json(), visit.url("/session"));
  const other = createServer((_request, response) => response.setHeader("content-type", "text/html").end("<!doctype html><title>Another</title>"));
  other.listen(0, "127.0.0.1");
  await once(other, "listening");

  const evil = await page.context().newPage();
  await evil.goto(`http://127.0.0.1:${other.address().port}`);
  const sheets = `${visit.site.api_url}/companies/${company.id}/timesheets`;
  const sheet = JSON.stringify({ employee: "Sol", week: "2099-W03", hours: 1 });
  const proof = { "x-csrf-token": csrf_token };
  const json = { ...proof, "content-type": "application/json" };
  const again = JSON.stringify({ username: user.username, password: user.password });
  for (const [url, options] of [
    [visit.url("/session"), {}],
    [visit.url("/session/csrf"), {}],
    [visit.url("/session"), { method: "POST", headers: { "content-type": "application/json" }, body: again }],
    [visit.url("/session"), { method: "DELETE", headers: proof }],
    [sheets, {}],
    [sheets, { method: "POST", headers: json, body: sheet }],
  ]) {
    assert.equal(await heard(evil, url, { ...options, credentials: "include" }), "TypeError", `${options.method} ${url}`);
  }
  // What browsers do not ask about first: it is sent, with the cookies, and refused there.
  for (const url of [visit.url("/session"), sheets]) {
    const sent = evil.waitForResponse(url);
    assert.equal(await heard(evil, url, { method: "POST", body: sheet, credentials: "include", mode: "no-cors" }), 0);
    assert.equal((await sent).status(), 403, url);
  }
  other.close();
  await page.reload();
  await ui.isSignedIn(page, user);
  await ui.create(page, user.username, "2099-W04");
  await ui.shows(page, user.username, "2099-W04");
  assert.equal(await page.getByRole("row", { name: "2099-W03" }).count(), 0, "nothing changed");
}

function heard(page, url, options) {
  const ask = ([url, options]) => fetch(url, options).then((answer) => answer.status, (error) => error.name);
  return page.evaluate(ask, [url, options]);
}

/** `same_site = "none"`: the page's site has a jar of its own, with the cookie for APIs alone. Others it does not have here. */
async function apart(ui, visit) {
  await keepsThirdPartiesBack(visit);
  const user = visit.person("Ada");
  const page = await ui.opened();
  await ui.signIn(page, user);
  await ui.isSignedIn(page, user);
  const [cookie, ...others] = await sessionCookies(page);
  assert.deepEqual(others, [], "the interactive one is not for other sites");
  const { name, domain, path, httpOnly, secure, sameSite, partitionKey } = cookie;
  assert.deepEqual({ name, domain, path }, { name: API, domain: "127.0.0.1", path: "/" });
  assert.deepEqual({ httpOnly, secure, sameSite }, { httpOnly: true, secure: true, sameSite: "None" });
  assert.equal(partitionKey, "http://localhost", "Partitioned");
  await ui.create(page, user.username, "2099-W05");
  await ui.shows(page, user.username, "2099-W05");

  const own = await page.context().newPage();
  await visit.go(own, "/session", 401);
  await own.close();
  await page.reload();
  await ui.isSignedIn(page, user);
  await ui.signOut(page);
  assert.deepEqual(await sessionCookies(page), []);
}

/** So Chromium would do without `Partitioned`. */
async function keepsThirdPartiesBack(visit) {
  const server = createServer((request, response) => {
    const cookie = request.url === "/third" ? { "set-cookie": "third=party; SameSite=None; Secure; Path=/" } : {};
    response.writeHead(200, { "content-type": "text/html", ...cookie }).end("<!doctype html><title>A page</title>");
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  const page = await visit.newcomer();
  await page.goto(`http://localhost:${port}/`);
  await heard(page, `http://127.0.0.1:${port}/third`, { mode: "no-cors", credentials: "include" });
  assert.deepEqual(await page.context().cookies(), []);
  await page.context().close();
  server.close();
}
