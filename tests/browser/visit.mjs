// What every journey needs: browsers of all kinds, the checks that hold of every page, and the ways that all go.
import assert from "node:assert/strict";
import AxeBuilder from "@axe-core/playwright";

/** The kinds of browser that every page must do for. */
export const KINDS = {
  light: {},
  dark: { colorScheme: "dark" },
  narrow: { viewport: { width: 360, height: 740 } },
};

export class Visit {
  #browser;

  constructor(browser, site) {
    this.#browser = browser;
    this.site = site;
    this.issuer = site.issuer.replace(/\/$/, "");
  }

  /** A person who was never here: a page with no cookies. What the browser complains of fails the journey. */
  async newcomer(options = {}) {
    const context = await this.#browser.newContext(options);
    const page = await context.newPage();
    page.setDefaultTimeout(30_000);
    page.complaints = [];
    page.on("pageerror", (error) => page.complaints.push(String(error)));
    page.on("console", (message) => {
      // A refused form is a page with a status of its own, which Chromium tells of here too.
      if (message.type() === "error" && !message.text().includes("Failed to load resource")) {
        page.complaints.push(message.text());
      }
    });
    return page;
  }

  url(path) {
    return this.issuer + path;
  }

  async go(page, path) {
    const answer = await page.goto(this.url(path));
    assert.equal(answer.status(), 200, path);
  }

  /** Fills in the sign-in form that the page shows. */
  async signIn(page, user, password = user.password) {
    await page.fill('input[name="username"]', user.username);
    await page.fill('input[name="password"]', password);
    await page.click('form:has(input[name="password"]) button[type="submit"]');
  }

  /** What holds of every page: nothing that axe-core finds, nothing wider than the window, no complaint. */
  async check(page, name) {
    const found = await new AxeBuilder({ page }).withTags(["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]).analyze();
    const violations = found.violations.map((it) => `${it.id}: ${it.nodes.map((node) => node.html).join(" | ")}`);
    assert.deepEqual(violations, [], `${name}: axe-core`);
    const [inner, width] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
    assert.ok(width <= inner, `${name} is ${width} wide in a window of ${inner}`);
    assert.deepEqual(page.complaints, [], `${name}: the browser complains`);
  }

  /** The link in the newest mail to an address, as the mailbox of `dev` shows it. */
  async linkInMail(address) {
    const page = await this.newcomer();
    for (let tries = 0; ; tries += 1) {
      await page.goto(this.site.mailbox_url);
      const mail = page.locator("li", { hasText: address }).first();
      if ((await mail.count()) > 0) {
        await mail.locator("a").click();
        const link = await page.getByRole("link", { name: "Open the link" }).getAttribute("href");
        await page.context().close();
        return link;
      }
      assert.ok(tries < 100, `no mail for ${address}`);
      await page.waitForTimeout(100);
    }
  }
}
