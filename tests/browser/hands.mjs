// Two ways to use a page: by the keyboard alone, and by a mouse in a browser that runs no scripts.
import assert from "node:assert/strict";

/** More than any of the pages has to step through. */
const MAX_TABS = 60;

/** Reaches everything by Tab, and sees where it is. */
export class Keyboard {
  static options = {};

  async fill(page, label, text) {
    await this.#reach(page, page.getByLabel(label, { exact: true }));
    await page.keyboard.press("Control+A");
    await page.keyboard.type(text);
  }

  async press(page, name) {
    await this.#enter(page, page.getByRole("button", { name, exact: true }));
  }

  async follow(page, name) {
    await this.#enter(page, page.getByRole("link", { name, exact: true }).first());
  }

  async #enter(page, element) {
    await this.#reach(page, element);
    await onward(page, () => page.keyboard.press("Enter"));
  }

  async #reach(page, element) {
    await element.waitFor();
    for (let tabs = 0; tabs < MAX_TABS; tabs += 1) {
      if (await element.evaluate((it) => it === document.activeElement)) {
        const outline = await element.evaluate((it) => getComputedStyle(it).outlineStyle);
        assert.notEqual(outline, "none", `${element} does not show that it has the focus`);
        return;
      }
      await page.keyboard.press("Tab");
    }
    assert.fail(`${element} is not reached by Tab on ${page.url()}`);
  }
}

/** Points and clicks; no script of a page runs. */
export class Mouse {
  static options = { javaScriptEnabled: false };

  async fill(page, label, text) {
    await page.getByLabel(label, { exact: true }).fill(text);
  }

  async press(page, name) {
    await onward(page, () => page.getByRole("button", { name, exact: true }).click());
  }

  async follow(page, name) {
    await onward(page, () => page.getByRole("link", { name, exact: true }).first().click());
  }
}

/** Does what leads to another page, and waits until that is there. */
export async function onward(page, act) {
  const arrived = page.waitForEvent("load");
  await act();
  await arrived;
}
