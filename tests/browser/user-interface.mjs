// The example in examples/headless-react, built for a site and served at the origin that is listed there, and hands on it.
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const PAGE = new URL("../../examples/headless-react/", import.meta.url);

export class UserInterface {
  #folder;
  #server;

  static async serve(visit) {
    const { build, preview } = await import(new URL("node_modules/vite/dist/node/index.js", PAGE).href);
    const ui = new UserInterface();
    ui.visit = visit;
    ui.origin = visit.site.ui;
    ui.#folder = await mkdtemp(join(tmpdir(), "headless-react-"));
    Object.assign(process.env, { ISSUER: visit.site.issuer, API_URL: visit.site.api_url });
    const root = fileURLToPath(PAGE);
    const made = { root, configFile: join(root, "vite.config.ts"), logLevel: "warn", build: { outDir: ui.#folder, emptyOutDir: true } };
    await build(made);
    ui.#server = await preview({ ...made, preview: { port: Number(new URL(ui.origin).port) } });
    return ui;
  }

  /** Somebody who was never here, with the page before them. */
  async opened(options) {
    const page = await this.visit.newcomer(options);
    await page.goto(this.origin);
    await page.getByRole("heading", { name: "Sign in to Timesheets" }).waitFor();
    return page;
  }

  async signIn(page, user, password = user.password) {
    await page.getByLabel("Username").fill(user.username);
    await page.getByLabel("Password").fill(password);
    await page.getByRole("button", { name: "Sign in" }).click();
  }

  async isSignedIn(page, user) {
    await page.getByText(`Signed in as ${user.username}`).waitFor();
  }

  async create(page, employee, week) {
    await page.getByLabel("Employee").fill(employee);
    await page.getByLabel("Week").fill(week);
    await page.getByLabel("Hours").fill("38.5");
    await page.getByRole("button", { name: "Save" }).click();
  }

  /** What there is has been loaded. */
  async lists(page) {
    await page.getByRole("table").or(page.getByText("There are none yet.")).waitFor();
  }

  /** A row that the table shows, once it does. */
  async shows(page, employee, week) {
    await page.getByRole("row", { name: `${week} ${employee} 38.5 no` }).waitFor();
  }

  async signOut(page) {
    await page.getByRole("button", { name: "Sign out" }).click();
    await page.getByRole("heading", { name: "Sign in to Timesheets" }).waitFor();
  }

  /** What is said, where the keyboard is then. */
  async alerts(page, text) {
    const alert = page.getByRole("alert").filter({ hasText: text });
    await alert.waitFor();
    await this.visit.within(5_000, () => alert.evaluate((it) => it === document.activeElement));
  }

  async close() {
    await this.#server.close();
    await rm(this.#folder, { recursive: true });
  }
}

/** A journey with the page served. */
export function at(journey) {
  return async (visit) => {
    const ui = await UserInterface.serve(visit);
    try {
      await journey(ui, visit);
    } finally {
      await ui.close();
    }
  };
}

/** All but the one that tells this browser from new ones, and opens nothing. */
export async function sessionCookies(page) {
  return (await page.context().cookies()).filter(({ name }) => name !== "__Host-tokenry_device");
}
