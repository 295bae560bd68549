// A passkey from its first day to its last: added on the account page, used in three ways, lost, and done without.
import assert from "node:assert/strict";
import { Device } from "../device.mjs";
import { onward } from "../hands.mjs";

export async function fromFirstToLast(visit) {
  const user = visit.person("Paula");
  const page = await visit.newcomer();
  const device = await Device.of(page);
  const codes = await added(visit, page, user, device);
  await usedByButton(visit, page, device);
  await offeredByTheBrowser(visit, page, device);
  await afterThePassword(visit, page, user, device);
  await notUnlocked(visit, page, device);
  await device.lost();
  await withoutIt(visit, page, user, codes[0]);
  await withoutScripts(visit);
  await page.context().close();
}

async function added(visit, page, user, device) {
  await visit.go(page, "/account/security");
  await onward(page, () => visit.signIn(page, user));
  assert.equal(new URL(page.url()).pathname, "/account/security");
  await visit.check(page, "a page to add a passkey on");
  await device.touched(true);
  await page.getByLabel("Name of a new passkey").fill("Paula's phone");
  await onward(page, () => page.getByRole("button", { name: "Add a passkey" }).click());
  const codes = await page.locator(".codes li").allTextContents();
  assert.equal(codes.length, 10);
  const [key, ...others] = await device.keys();
  assert.deepEqual([key.rpId, key.isResidentCredential, others.length], ["localhost", true, 0]);
  await visit.go(page, "/account/security");
  await page.getByText("Paula's phone").waitFor();
  await visit.check(page, "a page with a passkey");
  // The device knows that it has one, and the page says so.
  await page.getByLabel("Name of a new passkey").fill("Once more");
  await page.getByRole("button", { name: "Add a passkey" }).click();
  await page.getByText("There is a passkey for this account already").waitFor();
  assert.equal((await device.keys()).length, 1);
  await device.touched(false);
  return codes;
}

async function usedByButton(visit, page, device) {
  await signOut(visit, page);
  await visit.go(page, "/login");
  await visit.check(page, "a sign-in with passkeys");
  await device.touched(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.waitForURL(visit.url("/account"));
  await device.touched(false);
}

/** In the list of the field for the username, where a person picks it and the virtual authenticator takes the first. */
async function offeredByTheBrowser(visit, page, device) {
  await signOut(visit, page);
  await device.touched(true);
  await page.goto(visit.url("/login?next=/account/sessions"));
  await page.waitForURL(visit.url("/account/sessions"));
  await device.touched(false);
}

async function afterThePassword(visit, page, user, device) {
  await signOut(visit, page);
  await visit.go(page, "/login");
  await onward(page, () => visit.signIn(page, user));
  await visit.check(page, "a passkey as the second factor");
  await device.touched(true);
  await page.getByRole("button", { name: "Use a passkey" }).click();
  await page.waitForURL(visit.url("/account"));
  await device.touched(false);
}

async function notUnlocked(visit, page, device) {
  await signOut(visit, page);
  await visit.go(page, "/login");
  await device.unlocked(false);
  await device.touched(true);
  await page.getByRole("button", { name: "Sign in with a passkey" }).click();
  await page.getByText("No passkey was used. Try again, or use your password.").waitFor();
  await visit.check(page, "a passkey that was not used");
}

async function withoutIt(visit, page, user, code) {
  await visit.go(page, "/login");
  await onward(page, () => visit.signIn(page, user));
  await page.getByLabel("Recovery code").fill(code);
  await onward(page, () => page.getByRole("button", { name: "Go on" }).click());
  await visit.go(page, "/account/security");
  await onward(page, () => page.getByRole("button", { name: /^Remove the passkey Paula's phone/ }).click());
  await page.getByText("The passkey is removed.").waitFor();
  await signOut(visit, page);
  await visit.go(page, "/login");
  await onward(page, () => visit.signIn(page, user));
  assert.equal(page.url(), visit.url("/account"), "a password alone is enough again");
}

async function withoutScripts(visit) {
  const page = await visit.newcomer({ javaScriptEnabled: false });
  await visit.go(page, "/login");
  assert.equal(await page.getByText("Sign in with a passkey").isVisible(), false);
  await page.context().close();
}

async function signOut(visit, page) {
  await visit.go(page, "/logout");
  await onward(page, () => page.getByRole("button", { name: "Sign out" }).click());
}
