// A personal access token from its form to its end, used at the API in between: by the keyboard alone, and without scripts.
import assert from "node:assert/strict";
import { execFile } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { promisify } from "node:util";
import { Keyboard, Mouse } from "../hands.mjs";
import { PATIENCE } from "../visit.mjs";

const run = promisify(execFile);

export const byKeyboard = (visit) => travel(visit, new Keyboard(), Keyboard.options);
export const withoutScripts = (visit) => travel(visit, new Mouse(), Mouse.options);

async function travel(visit, hand, options) {
  const user = visit.person("Petra");
  const page = await visit.newcomer(options);
  await page.goto(visit.url("/account"));
  await hand.fill(page, "Username", user.username);
  await hand.fill(page, "Password", user.password);
  await hand.press(page, "Sign in");
  await hand.follow(page, "Developer Settings");

  const first = await make(visit, hand, page);
  assert.equal(await visit.callApi(first), 200);
  const second = await refresh(visit, hand, page, first);
  const third = await roll(visit, hand, page, second);

  await hand.press(page, "Revoke the token Nightly import");
  await warned(page, third, "stops working");
  await hand.press(page, "Revoke");
  await page.getByText("The token is revoked.").waitFor();
  assert.equal(await page.getByRole("button", { name: /Nightly import/ }).count(), 0);
  for (const value of [second, third]) {
    await visit.within(PATIENCE, async () => (await visit.callApi(value)) === 401);
  }
  await page.context().close();
}

async function make(visit, hand, page) {
  await hand.follow(page, "Make a token");
  await hand.fill(page, "Name", "Nightly import");
  await hand.fill(page, "Only from these addresses (optional)", "office");
  await hand.press(page, "Review");
  await page.getByText("Line 1, “office”, is neither an address nor a network.").waitFor();
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Nightly import");
  await hand.fill(page, "Only from these addresses (optional)", "127.0.0.0/8");
  await hand.press(page, "Review");
  await page.getByRole("heading", { name: "Is everything right?" }).waitFor();
  await hand.press(page, "Make the token");
  const value = await shown(page);
  // Loading the page again sends its form again, and makes nothing.
  await page.reload();
  await page.getByText("This form was sent before.").waitFor();
  assert.equal(await page.locator(".tokens > li").count(), 1);
  assert.equal((await page.content()).includes(value), false);
  assert.equal(page.url().includes(value), false);
  return value;
}

async function refresh(visit, hand, page, before) {
  await hand.press(page, "Refresh the token Nightly import");
  await page.getByRole("heading", { name: "Refresh Nightly import?" }).waitFor();
  await warned(page, before, "stops working");
  assert.equal(await visit.callApi(before), 200, "nothing is done by looking");
  await hand.press(page, "Refresh");
  const value = await shown(page);
  await visit.within(PATIENCE, async () => (await visit.callApi(before)) === 401);
  assert.equal(await visit.callApi(value), 200);
  return value;
}

/** Both values work, until the token ends. */
async function roll(visit, hand, page, before) {
  await page.goto(visit.url("/account/developer"));
  await hand.press(page, "Roll with overlap the token Nightly import");
  await warned(page, before, "goes on working for a while");
  await hand.press(page, "Roll with overlap");
  const value = await shown(page);
  assert.deepEqual([await visit.callApi(before), await visit.callApi(value)], [200, 200]);
  return value;
}

/** The page says what becomes of the value before that is done. */
async function warned(page, value, consequence) {
  await page.getByText(`Its value that ends in …${value.slice(-4)} ${consequence}`).waitFor();
}

async function shown(page) {
  const value = await page.locator("#value").textContent();
  assert.match(value, /^tokenry_pat_[0-9A-Za-z]{49}$/);
  return value;
}

/** The button copies, and the tests that the page shows reach the API with the value. */
export async function copiedAndTried(visit) {
  const user = visit.person("Petra");
  const page = await visit.newcomer();
  await page.context().grantPermissions(["clipboard-read", "clipboard-write"]);
  await page.goto(visit.url("/account/developer/new?name=Echo"));
  await visit.signIn(page, user);
  assert.equal(await page.getByLabel("Name", { exact: true }).inputValue(), "Echo", "what a link says survives the sign-in");
  const hand = new Mouse();
  await hand.press(page, "Review");
  await hand.press(page, "Make the token");
  const value = await shown(page);
  await page.getByRole("button", { name: "Copy", exact: true }).click();
  await page.getByRole("button", { name: "Copied", exact: true }).waitFor();
  assert.equal(await page.evaluate(() => navigator.clipboard.readText()), value);
  await visit.check(page, "a value");

  const [curl, python, javascript, go, rust] = await page.locator("details pre").allTextContents();
  const folder = await mkdtemp(join(tmpdir(), "tokenry-tests-"));
  const written = async (name, text) => {
    await writeFile(join(folder, name), text);
    return join(folder, name);
  };
  const [rustc, ...crates] = visit.site.rustc;
  const compiled = join(folder, "test");
  await run(rustc, [...crates, "-o", compiled, await written("main.rs", rust)]);
  const env = { ...process.env, TOKENRY_PAT: value };
  const tests = [
    ["sh", [await written("test.sh", curl)]],
    [process.env.TOKENRY_TEST_PYTHON, [await written("test.py", python)]],
    [process.execPath, [await written("test.mjs", javascript)]],
    [process.env.TOKENRY_TEST_GO, ["run", await written("main.go", go)]],
    [compiled, []],
  ];
  for (const [program, args] of tests) {
    const { stdout } = await run(program, args, { env });
    assert.ok(stdout.includes(user.id), `${program}: ${stdout}`);
  }
  await rm(folder, { recursive: true });
  await page.context().close();
}
