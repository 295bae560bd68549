// What every journey needs: browsers of all kinds, the checks that hold of every page, and the ways that all go.
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { randomUUID } from "node:crypto";
import { readFile } from "node:fs/promises";
import AxeBuilder from "@axe-core/playwright";

/** How a browser may show a page, and which rules may come out otherwise there than in the first. */
export const KINDS = {
  light: { colorScheme: "light", width: 800, height: 500 },
  dark: { colorScheme: "dark", width: 800, height: 500, rules: ["color-contrast"] },
  narrow: { colorScheme: "light", width: 360, height: 740, rules: ["target-size"] },
};
/** How long a busy machine may take for what another does at once, in milliseconds. */
export const PATIENCE = 30_000;
const TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];

export class Visit {
  #browser;
  /** Which languages newcomers read; undefined: what Chromium says. */
  language;

  constructor(browser, site) {
    this.#browser = browser;
    this.site = site;
    this.issuer = site.issuer.replace(/\/$/, "");
  }

  /** A person who was never here: a page with no cookies. What the browser complains of fails the journey. */
  async newcomer(options = {}) {
    const { width, height } = KINDS.light;
    const headers = this.language ? { extraHTTPHeaders: { "accept-language": this.language } } : {};
    const context = await this.#browser.newContext({ viewport: { width, height }, ignoreHTTPSErrors: true, ...headers, ...options });
    context.setDefaultTimeout(PATIENCE);
    context.on("page", (page) => listen(page));
    return context.newPage();
  }

  url(path) {
    return this.issuer + path;
  }

  async go(page, path, status = 200) {
    const answer = await page.goto(this.url(path));
    assert.equal(answer.status(), status, path);
  }

  /** Asks the server outside of any browser. */
  fetch(path, options) {
    return fetch(this.url(path), options);
  }

  askApi(token, path, method = "GET") {
    return fetch(this.site.api_url + path, { method, headers: { authorization: `Bearer ${token}` } });
  }

  /** What the API says of a token. */
  async callApi(token) {
    return (await this.askApi(token, "/whoami")).status;
  }

  /** Waits for what must become true within so many milliseconds. */
  async within(limit, isTrue) {
    const end = Date.now() + limit;
    while (Date.now() < end) {
      if (await isTrue()) {
        return;
      }
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.ok(await isTrue(), `not within ${limit} ms`);
  }

  /** Runs an operator's command, and reads what it says. */
  operate(args, input = "") {
    const all = [...args, "--config", this.site.config, "--output", "json", "--yes"];
    const said = execFileSync(process.env.TOKENRY_TEST_BINARY, all, { input, encoding: "utf8", stdio: "pipe" });
    return said === "" ? undefined : JSON.parse(said);
  }

  /** Somebody new, who is employed at Acme. */
  person(name) {
    const username = `${name}.${randomUUID().slice(0, 8)}@acme.example`;
    const password = "copper birds under an old roof";
    const create = ["users", "create", "--username", username, "--email-verified", "--name", name];
    const { id } = this.operate([...create, "--company", this.site.companies.acme, "--role", "employee"]);
    this.operate(["users", "set-password", id], `${password}\n`);
    return { id, username, password };
  }

  /** Fills in and sends the sign-in form that the page shows. */
  async signIn(page, user, password = user.password) {
    await page.fill('input[name="username"]', user.username);
    await page.fill('input[name="password"]', password);
    await page.click('form:has(input[name="password"]) button[type="submit"]');
  }

  /** Shows the page as browsers of a kind do. */
  async as(page, kind) {
    const { colorScheme, width, height } = KINDS[kind];
    await page.emulateMedia({ colorScheme });
    await page.setViewportSize({ width, height });
  }

  /** What holds of every page in every kind of browser: nothing that axe-core finds, nothing wider than the window. */
  async check(page, name) {
    for (const [kind, { rules }] of Object.entries(KINDS)) {
      await this.as(page, kind);
      // There are no frames in our pages; without the legacy mode another window is opened for each look.
      const axe = new AxeBuilder({ page }).setLegacyMode(true);
      const found = await (rules ? axe.withRules(rules) : axe.withTags(TAGS)).analyze();
      const violations = found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`);
      assert.deepEqual(violations, [], `${name}, ${kind}: axe-core`);
      const [inner, width] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
      assert.ok(width <= inner, `${name} is ${width} wide in a window of ${inner}`);
    }
    await this.as(page, "light");
    assert.deepEqual(page.complaints, [], `${name}: the browser complains`);
  }

  /** The link in the newest mail to an address: from the mailbox of `dev`, or from the tests' mail server. */
  async linkInMail(address) {
    let link;
    await this.within(PATIENCE, async () => {
      link = this.site.mail_file ? await this.#linkInFile(address) : await this.#linkInMailbox(address);
      return link !== undefined;
    });
    return link;
  }

  async #linkInMailbox(address) {
    const page = await this.newcomer();
    try {
      await page.goto(this.site.mailbox_url);
      const mail = page.locator("li", { hasText: address }).first();
      if ((await mail.count()) === 0) {
        return undefined;
      }
      await mail.locator("a").click();
      return await page.getByRole("link", { name: "Open the link" }).getAttribute("href");
    } finally {
      await page.context().close();
    }
  }

  async #linkInFile(address) {
    const lines = (await readFile(this.site.mail_file, "utf8")).split("\n").filter(Boolean);
    const mails = lines.map((line) => JSON.parse(line)).filter((mail) => mail.envelope?.to.includes(address.toLowerCase()));
    return mails.at(-1)?.parts["text/plain"].match(/^https?:\S+$/m)?.[0];
  }
}

function listen(page) {
  page.complaints = [];
  page.on("pageerror", (error) => page.complaints.push(String(error)));
  page.on("console", (message) => {
    // A refused form is a page with a status of its own, which Chromium tells of here too.
    if (message.type() === "error" && !message.text().includes("Failed to load resource")) {
      page.complaints.push(message.text());
    }
  });
}
