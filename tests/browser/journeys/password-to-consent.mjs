// A forgotten password, a second factor, what an application may do and that taken back: by keyboard, and without scripts.
import assert from "node:assert/strict";
import { Application } from "../application.mjs";
import { Keyboard, Mouse } from "../hands.mjs";
import { Authenticator } from "../totp.mjs";
import { PATIENCE } from "../visit.mjs";

const PASSWORD = "quiet plum ladder forty two";

export const byKeyboard = (visit) => travel(visit, new Keyboard(), Keyboard.options);
export const withoutScripts = (visit) => travel(visit, new Mouse(), Mouse.options);

async function travel(visit, hand, options) {
  const bob = visit.person("Bob");
  const page = await visit.newcomer(options);
  await page.goto(visit.url("/login"));
  await choosePassword(visit, hand, page, bob.username);

  await hand.follow(page, "Sign in");
  await hand.fill(page, "Username", bob.username);
  await hand.fill(page, "Password", "the wrong one altogether");
  await hand.press(page, "Sign in");
  await page.getByRole("alert").waitFor();
  await hand.fill(page, "Password", PASSWORD);
  await hand.press(page, "Sign in");
  assert.equal(new URL(page.url()).pathname, "/account");

  const authenticator = await addAuthenticator(hand, page);
  await hand.follow(page, "Sign out");
  await hand.press(page, "Sign out");
  await page.getByRole("heading", { name: "You are signed out" }).waitFor();

  await allow(visit, hand, page, bob, authenticator);
}

async function choosePassword(visit, hand, page, username) {
  await hand.follow(page, "Forgotten your password?");
  await hand.fill(page, "E-mail address", username);
  await hand.press(page, "Send a link");
  await page.getByRole("heading", { name: "Check your e-mail" }).waitFor();
  await page.goto(await visit.linkInMail(username));
  assert.equal(new URL(page.url()).search, "", "the link is not in the address any more");
  await hand.fill(page, "New password", PASSWORD);
  await hand.press(page, "Set the password");
  await page.getByRole("heading", { name: "Your password is set" }).waitFor();
}

async function addAuthenticator(hand, page) {
  await hand.follow(page, "Security");
  await hand.press(page, "Add an authenticator");
  const authenticator = new Authenticator(await page.locator("main code").textContent());
  await hand.fill(page, "The code that the app shows", await authenticator.code());
  await hand.press(page, "Confirm");
  await page.getByRole("heading", { name: "Your recovery codes" }).waitFor();
  await hand.follow(page, "I have saved them");
  return authenticator;
}

async function allow(visit, hand, page, user, authenticator) {
  const scopes = ["read:timesheets", "create:timesheets"];
  const application = await Application.register(visit, "third-party", "Hours of Globex", scopes);
  await page.goto(visit.url(application.request("openid read:timesheets")));
  await hand.fill(page, "Username", user.username);
  await hand.fill(page, "Password", PASSWORD);
  await hand.press(page, "Sign in");
  await hand.fill(page, "Code", await authenticator.code());
  await hand.press(page, "Go on");

  await page.getByRole("heading", { name: "Allow Hours of Globex?" }).waitFor();
  await hand.press(page, "Deny");
  await page.getByRole("heading", { name: "Back at the application" }).waitFor();
  const denied = application.answer(page);
  assert.deepEqual([denied.error, denied.code], ["access_denied", undefined]);

  await page.goto(visit.url(application.request("openid read:timesheets")));
  await hand.press(page, "Allow");
  await page.getByRole("heading", { name: "Back at the application" }).waitFor();
  const { code, iss, state } = application.answer(page);
  assert.deepEqual([iss, state], [visit.site.issuer, "state of this go"]);
  const tokens = await application.redeem(code);
  assert.deepEqual([tokens.status, tokens.scope.includes("read:timesheets")], [200, true]);
  assert.equal(await visit.callApi(tokens.access_token), 200);

  await page.goto(visit.url("/account/apps"));
  await hand.press(page, "Take back from Hours of Globex");
  await visit.within(PATIENCE, async () => (await visit.callApi(tokens.access_token)) === 401);
  await page.getByText("You have not let any application act for you.").waitFor();
  application.close();
}
