// Every page of Tokenry's own, in the order in which a person comes to them. Whoever takes the tour looks at each where it stops.
// It may be in any language, so what is clicked on is found by what it does and not by what it is called.
import { randomUUID } from "node:crypto";
import { fileURLToPath } from "node:url";
import { Application } from "./application.mjs";
import { onward } from "./hands.mjs";
import { Authenticator } from "./totp.mjs";
import { PATIENCE } from "./visit.mjs";

/** Pages for whoever runs the server: in English alone. */
export const ENGLISH = ["docs", "mailbox", "mail"];
const LOGO = fileURLToPath(new URL("logo.png", import.meta.url));
const PASSWORD = "seven brass owls at noon";

/** Goes to every page; `look(page, name)` is called there. */
export async function tour(visit, look) {
  const [forgetful, careful] = [visit.person("Frida"), visit.person("Carla")];
  const page = await visit.newcomer();
  await beforeSignIn(visit, page, look);
  await mails(visit, page, forgetful, look);
  await ownAccount(visit, page, look);
  await signIn(visit, page, careful, look);
  await account(visit, page, careful, look);
  await developer(visit, page, careful, look);
  await secret(visit, page, careful, look);
  await applications(visit, page, careful, look);
  await leaving(visit, page, careful, look);
  await page.context().close();
}

async function beforeSignIn(visit, page, look) {
  await visit.go(page, "/docs");
  await look(page, "docs");
  await visit.go(page, "/login");
  await look(page, "login");
  await visit.go(page, "/authorize?client_id=nobody", 400);
  await look(page, "error");
  await visit.go(page, "/account/nothing", 404);
  await look(page, "not-found");
}

async function mails(visit, page, user, look) {
  await visit.go(page, "/reset");
  await look(page, "reset");
  await page.fill('input[name="username"]', user.username);
  await onward(page, () => page.click("main form button"));
  await look(page, "reset-sent");
  if (visit.site.mailbox_url) {
    await page.goto(visit.site.mailbox_url);
    await look(page, "mailbox");
    await onward(page, () => page.locator("main li a").first().click());
    await look(page, "mail");
  }
  const link = await visit.linkInMail(user.username);
  await page.goto(link);
  await look(page, "reset-password");
  await page.fill('input[name="password"]', "passwordpassword");
  await onward(page, () => page.click("main form button"));
  await look(page, "reset-password-refused");
  await page.fill('input[name="password"]', PASSWORD);
  await onward(page, () => page.click("main form button"));
  await look(page, "reset-done");
  await page.goto(link);
  await look(page, "link-dead");

  const invited = `new.${randomUUID().slice(0, 8)}@acme.example`;
  visit.operate(["users", "create", "--username", invited, "--invite"]);
  await page.goto(await visit.linkInMail(invited));
  await look(page, "invitation");
}

async function ownAccount(visit, page, look) {
  const address = `own.${randomUUID().slice(0, 8)}@acme.example`;
  await visit.go(page, "/login");
  await onward(page, () => page.click('main a[href="/signup"]'));
  await look(page, "signup");
  await page.fill('input[name="username"]', address);
  await onward(page, () => page.click("main form button"));
  await look(page, "signup-sent");
  await page.goto(await visit.linkInMail(address));
  await page.fill('input[name="password"]', PASSWORD);
  await onward(page, () => page.click("main form button"));
  await onward(page, () => page.click('main a[href="/login"]'));
  await onward(page, () => visit.signIn(page, { username: address, password: PASSWORD }));
  await visit.go(page, "/account");
  await visit.go(page, "/logout");
  await onward(page, () => page.click('form[action="/logout"] button'));
}

async function signIn(visit, page, user, look) {
  await visit.go(page, "/account");
  await visit.signIn(page, user, "not the right one");
  await page.getByRole("alert").waitFor();
  await look(page, "login-refused");
  await onward(page, () => visit.signIn(page, user));
}

async function account(visit, page, user, look) {
  for (const name of ["", "/security", "/sessions", "/apps", "/data"]) {
    await visit.go(page, `/account${name}`);
    await look(page, `account${name.replace("/", "-")}`);
  }
  await address(visit, page, user, look);
  await visit.go(page, "/account/security");
  await onward(page, () => page.click('form:has(input[value="enrol"]) button'));
  await look(page, "account-authenticator");
  page.authenticator = new Authenticator(await page.locator("main code").textContent());
  await page.fill('input[name="code"]', await page.authenticator.code());
  await onward(page, () => page.click('form:has(input[value="confirm"]) button'));
  await look(page, "account-recovery-codes");
  await visit.go(page, "/account/security");
  await look(page, "account-security-two-factors");
}

async function address(visit, page, user, look) {
  const next = `carla.${randomUUID().slice(0, 8)}@new.example`;
  await visit.go(page, "/account/address");
  await look(page, "account-address");
  await page.fill('input[name="address"]', next);
  await onward(page, () => page.click('form:has(input[value="ask"]) button'));
  await look(page, "account-address-waiting");
  const allow = await visit.linkInMail(user.username);
  await page.goto(allow);
  await look(page, "address-allow");
  await onward(page, () => page.click("main form button"));
  await look(page, "address-waiting");
  const claim = await visit.linkInMail(next);
  await elsewhere(visit, claim, look);
  await page.goto(claim);
  await look(page, "address-claim");
  await onward(page, () => page.click("main form button"));
  await look(page, "address-done");
  await page.goto(await visit.linkInMail(user.username, allow));
  await look(page, "address-undo");
  user.username = next;
}

/** Personal access tokens: none, one that is made, and what can be done about it. */
async function developer(visit, page, user, look) {
  await visit.go(page, "/account/developer");
  await look(page, "account-developer");
  await visit.go(page, "/account/developer/new?name=Nightly+import&scopes=read:timesheets+fly:rockets&expires_in=2592000");
  await look(page, "account-developer-new");
  await page.fill('textarea[name="addresses"]', "192.0.2.0/24\n10.0.0.0/99");
  await onward(page, () => page.click('button[value="review"]'));
  await look(page, "account-developer-refused");
  await page.fill('textarea[name="addresses"]', "192.0.2.0/24\n2001:db8::/32");
  await page.fill('input[name="note"]', "b".repeat(60));
  await onward(page, () => page.click('button[value="review"]'));
  await look(page, "account-developer-review");
  await onward(page, () => page.click('button[value="create"]'));
  await page.click("details summary");
  await look(page, "account-developer-value");
  for (const [name, days] of [["Old laptop", "7"], ["Deploy", "90"]]) {
    await visit.go(page, "/account/developer/new");
    await page.fill('input[name="name"]', name);
    await page.check(`input[name="expires"][value="${days}"]`);
    await onward(page, () => page.click('button[value="review"]'));
    await onward(page, () => page.click('button[value="create"]'));
  }
  for (const what of ["refresh", "roll", "revoke"]) {
    await visit.go(page, "/account/developer");
    await onward(page, () => page.locator(".tokens > li").nth(1).locator(`button[value="${what}"]`).click());
    await look(page, `account-developer-${what}`);
  }
  await onward(page, () => page.click('button[value="revoke"]'));
  await look(page, "account-developer-revoked");
  await visit.go(page, "/account");
  await look(page, "account-with-tokens");
}

/** The secret of a developer's account: masked, shown, replaced and revoked. */
async function secret(visit, page, user, look) {
  visit.operate(["users", "update", user.username, "--developer"]);
  await visit.go(page, "/account/developer");
  await look(page, "account-developer-secret");
  await visit.go(page, "/account");
  await look(page, "account-with-secret");
  for (const what of ["reveal", "rotate", "revoke"]) {
    await visit.go(page, "/account/developer");
    await onward(page, () => page.click(`#secret button[value="${what}"]`));
    await look(page, `account-developer-secret-${what}`);
    if (what === "rotate") await page.check('input[name="overlap"][value="3600"]');
    await onward(page, () => page.click(`button[value="${what}-secret"]`));
    await look(page, `account-developer-secret-${{ reveal: "value", rotate: "former", revoke: "revoked" }[what]}`);
  }
}

/** The link to a new address where nobody is signed in, and where somebody else is. */
async function elsewhere(visit, claim, look) {
  const page = await visit.newcomer();
  await page.goto(claim);
  await look(page, "address-sign-in");
  await onward(page, () => page.click('main a[href^="/login"]'));
  await onward(page, () => visit.signIn(page, visit.person("Emil")));
  await look(page, "address-another-account");
  await page.context().close();
}

async function applications(visit, page, user, look) {
  const application = await Application.register(visit, "third-party", "Hours", ["read:timesheets"]);
  await page.goto(visit.url(application.request("openid profile offline_access read:timesheets")));
  await look(page, "consent");
  await onward(page, () => page.click('button[value="allow"]'));
  await visit.go(page, "/account/apps");
  await look(page, "account-apps-one");

  const company = visit.operate(["companies", "create", "--name", "Initech"]);
  visit.operate(["companies", "members", "add", company.id, user.id, "--role", "employee"]);
  await page.goto(visit.url(application.request("openid read:timesheets", { prompt: "login" })));
  await look(page, "login-again");
  await onward(page, () => visit.signIn(page, user));
  await look(page, "login-code");
  await page.fill('input[name="code"]', await page.authenticator.code());
  await onward(page, () => page.click('form[action="/login/code"] button'));
  await look(page, "company");
  await themed(visit, page, application, look);
  application.close();
}

async function themed(visit, page, application, look) {
  const of = ["--client", application.id];
  const colors = ["--accent", "#7a3db8", "--accent-dark", "#c9a3ff"];
  visit.operate(["themes", "set", ...of, "--name", "Globex", "--logo", LOGO, ...colors]);
  await visit.within(PATIENCE, async () => {
    await page.goto(visit.url(application.request("openid profile", { prompt: "consent" })));
    return (await page.locator(".brand img").count()) === 1;
  });
  await look(page, "consent-themed");
}

async function leaving(visit, page, user, look) {
  await visit.go(page, "/account/data");
  await page.fill('input[name="username"]', user.username);
  await onward(page, () => page.click('form:has(input[name="username"]) button'));
  await look(page, "account-left");
  await onward(page, () => page.click('main a[href="/login"]'));
  await onward(page, () => visit.signIn(page, user));
  await page.fill('input[name="code"]', await page.authenticator.code());
  await onward(page, () => page.click('form[action="/login/code"] button'));
  await look(page, "account-leaving");
  await onward(page, () => page.click('button[value="keep"]'));
  await visit.go(page, "/logout");
  await look(page, "logout");
  await onward(page, () => page.click('form[action="/logout"] button'));
  await look(page, "signed-out");
}
