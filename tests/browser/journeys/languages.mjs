// Every page in the language that nobody reads: from right to left, a third longer, and English only where something is not ours.
import assert from "node:assert/strict";
import { tour } from "../pages.mjs";

/** Pages for whoever runs the server, in English. */
const ENGLISH = ["docs", "mailbox", "mail"];
/** What stands on pages as it is: what things and people are called, browsers and languages. */
const NAMES =
  /\S+@\S+|\w+[ :]timesheets|\b(Tokenry|Globex|Frida|Carla|Acme|Initech|Hours|Timesheets|Chromium|Chrome|Linux|localhost|Deutsch|English|Español|Français)\b/gu;

export async function rightToLeft(visit) {
  visit.language = "ar-XB";
  await tour(visit, async (page, name) => {
    if (ENGLISH.includes(name)) {
      return;
    }
    await visit.as(page, "narrow");
    const [direction, inner, width] = await page.evaluate(() => [
      getComputedStyle(document.querySelector("main")).direction,
      window.innerWidth,
      document.documentElement.scrollWidth,
    ]);
    assert.equal(direction, "rtl", name);
    assert.ok(width <= inner, `${name} is ${width} wide in a window of ${inner}`);
    assert.deepEqual(english(await page.evaluate(said)), [], `${name}: not in the catalogues`);
    await visit.as(page, "light");
  });
}

/** What of that is English. */
function english(texts) {
  return texts.filter((text) => /[A-Za-z]{3,}/.test(text.replace(NAMES, "")));
}

/** What a page says, but for values: those are in elements of their own. Runs in the page. */
function said() {
  const values = "bdi, strong, code, [lang=en], .codes, script, style";
  const texts = [];
  const all = document.createTreeWalker(document.documentElement, NodeFilter.SHOW_TEXT);
  while (all.nextNode()) {
    if (!all.currentNode.parentElement.closest(values)) {
      texts.push(all.currentNode.textContent.trim());
    }
  }
  for (const element of document.querySelectorAll("[aria-label], [title], [placeholder], [data-failed], [data-known]")) {
    for (const name of ["aria-label", "title", "placeholder", "data-failed", "data-known"]) {
      texts.push(element.getAttribute(name) ?? "");
    }
  }
  return texts.filter(Boolean);
}
