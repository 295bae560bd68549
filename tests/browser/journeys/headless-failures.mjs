// What the example in React says when something fails: no network, no API, too many attempts, no rights, no session any more.
import assert from "node:assert/strict";
import { at } from "../user-interface.mjs";
import { PATIENCE } from "../visit.mjs";

export const failures = at(async (ui, visit) => {
  await unreachable(ui, visit);
  await tooMany(ui, visit);
  await notAllowed(ui, visit);
  await endedElsewhere(ui, visit);
});

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
  await ui.lists(page);
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
  await ui.lists(page);
  for (const week of ["2099-W01", "2099-W02"]) {
    assert.equal(await page.getByRole("row", { name: week }).count(), 0, `nothing was entered for somebody else in ${week}`);
  }
}
