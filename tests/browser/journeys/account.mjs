// One permission taken back, an account deleted and kept: by the keyboard alone, and without scripts.
import assert from "node:assert/strict";
import { Application } from "../application.mjs";
import { Keyboard, Mouse } from "../hands.mjs";
import { PATIENCE } from "../visit.mjs";

const SCOPES = ["read:timesheets", "create:timesheets"];

export const byKeyboard = (visit) => travel(visit, new Keyboard(), Keyboard.options);
export const withoutScripts = (visit) => travel(visit, new Mouse(), Mouse.options);

async function travel(visit, hand, options) {
  const user = visit.person("Dana");
  const page = await visit.newcomer(options);
  const application = await Application.register(visit, "third-party", "Hours", SCOPES);
  await page.goto(visit.url(application.request(`openid ${SCOPES.join(" ")}`)));
  await signIn(hand, page, user);
  await stepBack(visit, hand, page, application);
  await deleteAndKeep(visit, hand, page, user, application);
  application.close();
}

async function signIn(hand, page, user) {
  await hand.fill(page, "Username", user.username);
  await hand.fill(page, "Password", user.password);
  await hand.press(page, "Sign in");
}

/** What holds the permission ends at the API, too, and the rest is given without a question. */
async function stepBack(visit, hand, page, application) {
  await hand.press(page, "Allow");
  const tokens = await application.redeem(application.answer(page).code);
  assert.equal(await visit.callApi(tokens.access_token), 200);
  await page.goto(visit.url("/account/apps"));
  const permission = await page.locator(".held li", { hasText: /create/i }).first().locator("button").getAttribute("aria-label");
  await hand.press(page, permission);
  assert.equal(await page.getByRole("button", { name: permission, exact: true }).count(), 0);
  await visit.within(PATIENCE, async () => (await visit.callApi(tokens.access_token)) === 401);
  await page.goto(visit.url(application.request("openid read:timesheets")));
  const rest = await application.redeem(application.answer(page).code);
  assert.deepEqual(rest.scope.split(" ").sort(), ["openid", "read:timesheets"]);
}

async function deleteAndKeep(visit, hand, page, user, application) {
  await page.goto(visit.url("/account"));
  await hand.follow(page, "Your data");
  await hand.fill(page, "Type your username to confirm", "somebody@else.example");
  await hand.press(page, "Delete my account");
  await page.getByRole("alert").waitFor();
  await hand.fill(page, "Type your username to confirm", user.username);
  await hand.press(page, "Delete my account");
  await page.getByRole("heading", { name: "Your account will be deleted" }).waitFor();
  assert.equal(visit.operate(["users", "show", user.id]).state, "leaving");

  await page.goto(visit.url(application.request("openid read:timesheets")));
  await signIn(hand, page, user);
  assert.equal(new URL(page.url()).pathname, "/account/leaving");
  await hand.press(page, "Keep my account");
  await page.getByText("Your account stays.").waitFor();
  assert.equal(visit.operate(["users", "show", user.id]).state, "enabled");
  await page.goto(visit.url(application.request("openid read:timesheets")));
  assert.equal((await application.redeem(application.answer(page).code)).status, 200);
}
