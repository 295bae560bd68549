// A page of somebody else's, the example in React, signs people in itself and calls the API by cookies.
import assert from "node:assert/strict";
import { Keyboard, onward } from "../hands.mjs";
import { Authenticator } from "../totp.mjs";
import { at, sessionCookies } from "../user-interface.mjs";

const [SID, API] = ["__Host-tokenry_sid", "__Host-tokenry_api"];

export const signedIn = at((ui, visit) => day(ui, visit));
export const asked = at(async (ui, visit) => {
  await secondFactor(ui, visit);
  await companies(ui, visit);
});

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
