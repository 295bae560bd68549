// A page of somebody else's, the example in React, signs people in itself and calls the API by cookies.
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import { Keyboard, onward } from "../hands.mjs";
import { Authenticator } from "../totp.mjs";
import { UserInterface } from "../user-interface.mjs";
import { PATIENCE } from "../visit.mjs";

const [SID, API] = ["__Host-tokenry_sid", "__Host-tokenry_api"];

export const signedIn = at((ui, visit) => day(ui, visit));
export const asked = at(async (ui, visit) => {
  await secondFactor(ui, visit);
  await companies(ui, visit);
});
export const failures = at(async (ui, visit) => {
  await unreachable(ui, visit);
  await tooMany(ui, visit);
  await notAllowed(ui, visit);
  await endedElsewhere(ui, visit);
});
export const stranger = at((ui, visit) => unlisted(ui, visit));
export const otherSite = at((ui, visit) => apart(ui, visit));

function at(journey) {
  return async (visit) => {
    const ui = await UserInterface.serve(visit);
    try {
      await journey(ui, visit);
    } finally {
      await ui.close();
    }
  };
}

/** By the keyboard: a wrong password and the right one, timesheets, keys that rotate meanwhile, and the end. */
async function day(ui, visit) {
  const user = visit.person("Rea");
  const hand = new Keyboard();
  const page = await ui.opened();
  await visit.check(page, "the page's sign-in form");
  await hand.fill(page, "Username", user.username);
  await hand.fill(page, "Password", "the wrong one altogether");
  await page.keyboard.press("Enter");
  await ui.alerts(page, "Username, password or code is wrong.");
  await visit.check(page, "the page's sign-in form with an error");
  assert.deepEqual(await page.context().cookies(), []);
  await hand.fill(page, "Password", user.password);
  await page.keyboard.press("Enter");
  await ui.isSignedIn(page, user);

  const cookies = await attributes(page, "Lax");
  await keepsNothing(page);
  const [first, second, third] = weeks();
  await ui.create(page, user.username, first);
  await ui.shows(page, user.username, first);
  await ui.create(page, user.username, first);
  await ui.alerts(page, "That week has a timesheet already.");
  await visit.check(page, "timesheets, and an error");
  for (const more of [["--use", "session"], [], ["--use", "session"], []]) {
    visit.operate(["keys", "rotate", ...more]);
  }
  await ui.create(page, user.username, second);
  await ui.shows(page, user.username, second);
  await page.reload();
  await ui.isSignedIn(page, user);
  await ui.shows(page, user.username, first);
  await ui.create(page, user.username, third);
  await ui.shows(page, user.username, third);
  await visit.check(page, "timesheets");

  await ui.signOut(page);
  assert.deepEqual(await sessionCookies(page), [], "the browser has given them up");
  await page.reload();
  await page.getByRole("heading", { name: "Sign in to Timesheets" }).waitFor();
  await deadWhereverKept(visit, cookies);
}

/** As the browser has them: for one host, not for scripts, not for connections in the clear, and with an end. */
async function attributes(page, sameSite) {
  const ours = await sessionCookies(page);
  assert.deepEqual(ours.map(({ name }) => name).sort(), [API, SID]);
  for (const cookie of ours) {
    const { domain, path, httpOnly, secure, expires } = cookie;
    assert.deepEqual({ domain, path, httpOnly, secure }, { domain: "127.0.0.1", path: "/", httpOnly: true, secure: true });
    assert.equal(cookie.sameSite, sameSite);
    assert.ok(expires > Date.now() / 1000 && expires < Date.now() / 1000 + 401 * 86_400, `${cookie.name} ends at ${expires}`);
  }
  return ours;
}

/** All but the one that tells this browser from new ones, and opens nothing. */
async function sessionCookies(page) {
  return (await page.context().cookies()).filter(({ name }) => name !== "__Host-tokenry_device");
}

/** No script finds a credential in the page. */
async function keepsNothing(page) {
  const kept = await page.evaluate(() => [localStorage.length, sessionStorage.length, document.cookie]);
  assert.deepEqual(kept, [0, 0, ""]);
}

async function deadWhereverKept(visit, cookies) {
  const cookie = cookies.map(({ name, value }) => `${name}=${value}`).join("; ");
  assert.equal((await visit.fetch("/session", { headers: { cookie } })).status, 401);
  const api = cookies.find(({ name }) => name === API);
  const ask = () => fetch(`${visit.site.api_url}/timesheets`, { headers: { cookie: `${API}=${api.value}` } });
  await visit.within(2_000, async () => (await ask()).status === 401);
}

/** Weeks of years in which nobody works: no other journey has them. */
function weeks() {
  return ["2097-W01", "2097-W02", "2097-W03"];
}

async function secondFactor(ui, visit) {
  const user = visit.person("Tove");
  const { authenticator, recovery } = await addAuthenticator(visit, user);
  const page = await ui.opened();
  await ui.signIn(page, user);
  const code = page.getByLabel("Code");
  await code.waitFor();
  assert.ok(await code.evaluate((it) => it === document.activeElement));
  await visit.check(page, "a page that asks for a code");
  await code.fill("000000");
  await page.getByRole("button", { name: "Sign in" }).click();
  await ui.alerts(page, "Username, password or code is wrong.");
  assert.deepEqual(await page.context().cookies(), []);
  await code.fill(await authenticator.code());
  await page.getByRole("button", { name: "Sign in" }).click();
  await ui.isSignedIn(page, user);
  await ui.create(page, user.username, "2098-W01");
  await ui.shows(page, user.username, "2098-W01");

  // In two companies, and without the device: the recovery code that was shown is used up by asking for which.
  visit.operate(["companies", "members", "add", visit.site.companies.globex, user.id, "--role", "contractor"]);
  await ui.signOut(page);
  await ui.signIn(page, user);
  await code.fill(recovery[0]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByLabel("Globex").check();
  await page.getByText("another recovery code").waitFor();
  await visit.check(page, "a page that asks for the company and the next code");
  await code.fill(recovery[1]);
  await page.getByRole("button", { name: "Sign in" }).click();
  await page.getByText(`Signed in as ${user.username} for Globex`).waitFor();
}

async function addAuthenticator(visit, user) {
  const hand = new Keyboard();
  const page = await visit.newcomer();
  await visit.go(page, "/account/security");
  await onward(page, () => visit.signIn(page, user));
  await hand.press(page, "Add an authenticator");
  const authenticator = new Authenticator(await page.locator("main code").textContent());
  await hand.fill(page, "The code that the app shows", await authenticator.code());
  await hand.press(page, "Confirm");
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  const recovery = await page.locator(".codes li").allTextContents();
  await page.context().close();
  return { authenticator, recovery };
}

async function companies(ui, visit) {
  const user = visit.person("Kim");
  visit.operate(["companies", "members", "add", visit.site.companies.globex, user.id, "--role", "contractor"]);
  const page = await ui.opened();
  const choice = page.getByRole("group", { name: "For which company?" });
  for (const index of [0, 1]) {
    await ui.signIn(page, user);
    await choice.waitFor();
    await visit.check(page, "a page that asks for the company");
    await choice.getByRole("radio").nth(index).check();
    const company = (await choice.locator("label").nth(index).textContent()).trim();
    await page.getByRole("button", { name: "Sign in" }).click();
    await page.getByText(`Signed in as ${user.username} for ${company}`).waitFor();
    await ui.create(page, `Kim of ${company}`, "2098-W02");
    await ui.shows(page, `Kim of ${company}`, "2098-W02");
    await ui.signOut(page);
  }
  // Somebody else's turn: nothing of the last one is left in the form.
  await ui.signIn(page, user);
  await page.getByRole("button", { name: "Start over" }).click();
  assert.equal(await page.getByLabel("Username").inputValue(), "");
}

/** Without a network, and with an API that answers nobody. */
async function unreachable(ui, visit) {
  const user = visit.person("Ines");
  const page = await ui.opened();
  await page.context().setOffline(true);
  await ui.signIn(page, user);
  await ui.alerts(page, "This computer is offline.");
  await page.context().setOffline(false);
  await page.getByRole("button", { name: "Sign in" }).click();
  await ui.isSignedIn(page, user);

  const headers = {
    "access-control-allow-origin": ui.origin,
    "access-control-allow-credentials": "true",
    "access-control-expose-headers": "retry-after",
    "retry-after": "7",
  };
  const sheets = `${visit.site.api_url}/timesheets`;
  await page.route(sheets, (route) => route.fulfill({ status: 503, headers, json: { code: "snapshot_unavailable" } }));
  await page.reload();
  await ui.alerts(page, "This is not available now. Try again in 7 seconds.");
  await visit.check(page, "timesheets that are not there");
  await page.unroute(sheets);
  await page.getByRole("button", { name: "Try again" }).click();
  await page.getByRole("table").or(page.getByText("There are none yet.")).waitFor();
  await page.route(visit.url("/session"), (route) => route.abort());
  await page.reload();
  await ui.alerts(page, "There is no answer.");
  await page.unroute(visit.url("/session"));
  await page.getByRole("button", { name: "Try again" }).click();
  await ui.isSignedIn(page, user);
  await page.context().close();
}

/** The browser may read how long to wait. */
async function tooMany(ui, visit) {
  const user = visit.person("Gus");
  const body = JSON.stringify({ username: user.username, password: "guessed" });
  const headers = { "content-type": "application/json" };
  await visit.within(PATIENCE, async () => (await visit.fetch("/session", { method: "POST", headers, body })).status === 429);
  const page = await ui.opened();
  await ui.signIn(page, user);
  await ui.alerts(page, /^Too many attempts have failed. Try again in \d+ seconds.$/);
  await page.context().close();
}

/** A member of the company who has no role there. */
async function notAllowed(ui, visit) {
  const user = visit.person("Noa");
  visit.operate(["companies", "members", "update", visit.site.companies.acme, user.id, "--no-role"]);
  const page = await ui.opened();
  await ui.signIn(page, user);
  await ui.alerts(page, "You may not do that here.");
  await page.getByText("You may not enter timesheets.").waitFor();
  await page.context().close();
}

/** An operator signs them out, and then somebody else signs in with another window of the same browser. */
async function endedElsewhere(ui, visit) {
  const [user, other] = [visit.person("Eve"), visit.person("Odd")];
  const page = await ui.opened();
  await ui.signIn(page, user);
  await ui.isSignedIn(page, user);
  visit.operate(["sessions", "revoke", "--user", user.id]);
  await ui.create(page, user.username, "2099-W01");
  await ui.alerts(page, "Your session has ended");
  await page.getByRole("heading", { name: "Sign in to Timesheets" }).waitFor();

  await ui.signIn(page, user);
  await ui.isSignedIn(page, user);
  const window = await page.context().newPage();
  await window.goto(ui.origin);
  await ui.isSignedIn(window, user);
  await ui.signOut(window);
  await ui.signIn(window, other);
  await ui.isSignedIn(window, other);
  await ui.create(page, user.username, "2099-W02");
  await ui.alerts(page, "or is another one now");
  await ui.isSignedIn(page, other);
  await page.reload();
  await ui.isSignedIn(page, other);
  assert.equal(await page.getByRole("row", { name: "2099-W0" }).count(), 0, "nothing was entered for somebody else");
}

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
  assert.equal(await page.getByRole("row", { name: "2099-W03" }).count(), 0, "nothing changed");
  await ui.create(page, user.username, "2099-W04");
  await ui.shows(page, user.username, "2099-W04");
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
