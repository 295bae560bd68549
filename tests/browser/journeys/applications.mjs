// The two example applications: ann approves in the employees' own, carl cannot in the contractors', and ann takes back.
import assert from "node:assert/strict";
import { Application } from "../application.mjs";
import { onward } from "../hands.mjs";
import { PATIENCE } from "../visit.mjs";


export async function approval(visit) {
  const { ann, carl } = visit.site.users;
  const page = await visit.newcomer();
  await signInAt(visit, page, visit.site.apps.web, "Sign in", ann);
  await create(page, "Ann Example", "2026-W47");
  await visit.check(page, "timesheets-web");
  await onward(page, () => page.getByRole("button", { name: "Approve Ann Example, 2026-W47" }).click());
  await page.locator("tr", { hasText: "2026-W47" }).locator("time").waitFor();

  await carlCannot(visit, carl);
  await annTakesBack(visit, page, ann);

  await page.goto(visit.site.apps.web.url);
  await onward(page, () => page.getByRole("button", { name: "Sign out" }).click());
  await page.goto(visit.site.apps.web.url);
  await page.getByRole("link", { name: "Sign in" }).waitFor();
}

/** Not by what the application asks for, and not by what anybody else asks in its name. */
async function carlCannot(visit, carl) {
  const { contractors } = visit.site.apps;
  const page = await visit.newcomer();
  await signInAt(visit, page, contractors, "Connect your timesheets", carl);
  await visit.check(page, "consent for contractors-app");
  await onward(page, () => page.getByRole("button", { name: "Allow" }).click());
  await page.getByRole("heading", { name: "Contractors" }).waitFor();
  await create(page, "Carl Example", "2026-W48");
  await visit.check(page, "contractors-app");
  assert.equal(await page.getByRole("button", { name: /Approve/ }).count(), 0);

  const application = new Application(visit, contractors);
  const scope = "read:timesheets create:timesheets approve:timesheets delete:timesheets";
  await page.goto(visit.url(application.request(scope, { prompt: "consent" })));
  const cannot = page.getByRole("heading", { name: "It cannot" }).locator("xpath=following-sibling::ul[1]");
  assert.match(await cannot.textContent(), /approve[ :]timesheets/i);
  await onward(page, () => page.getByRole("button", { name: "Allow" }).click());
  const tokens = await application.redeem(application.answer(page).code);
  assert.deepEqual(tokens.scope.split(" ").sort(), ["create:timesheets", "read:timesheets"]);
  const [sheet] = await (await visit.askApi(tokens.access_token, "/timesheets")).json();
  const approved = await visit.askApi(tokens.access_token, `/timesheets/${sheet.id}/approve`, "POST");
  assert.deepEqual([approved.status, (await approved.json()).code], [403, "insufficient_scope"]);
}

/** What contractors-app holds of ann's ends when she says so. */
async function annTakesBack(visit, page, ann) {
  const { contractors } = visit.site.apps;
  const app = await page.context().newPage();
  await app.goto(contractors.url);
  await onward(app, () => app.getByRole("link", { name: "Connect your timesheets" }).click());
  await app.getByText(ann.username).waitFor();
  await onward(app, () => app.getByRole("button", { name: "Allow" }).click());
  await app.getByText("Ann Example").waitFor();

  await page.goto(visit.url("/account/apps"));
  await visit.check(page, "apps");
  await onward(page, () => page.getByRole("button", { name: /^Take back from Contractors[^:]*$/ }).click());
  const ended = app.getByRole("link", { name: "Connect your timesheets" });
  await visit.within(PATIENCE, async () => (await app.goto(contractors.url)).ok() && (await ended.isVisible()));
}

async function signInAt(visit, page, app, link, user) {
  await page.goto(app.url);
  await visit.check(page, app.url);
  await onward(page, () => page.getByRole("link", { name: link }).click());
  await onward(page, () => visit.signIn(page, user));
}

async function create(page, employee, week) {
  await page.getByLabel("Employee").fill(employee);
  await page.getByLabel("Week").fill(week);
  await page.getByLabel("Hours").fill("38.5");
  await onward(page, () => page.getByRole("button", { name: "Create" }).click());
  await page.getByRole("cell", { name: week, exact: true }).waitFor();
}
