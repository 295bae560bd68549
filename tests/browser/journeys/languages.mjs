// Every page in the language that nobody reads: from right to left, a third longer, and English only where something is not ours;
// and in the one that has the longest words.
import assert from "node:assert/strict";
import { ENGLISH, tour } from "../pages.mjs";

/** What stands on pages as it is: what things and people are called, browsers and languages. */
const NAMES =
  /\S+@\S+|\w+[ :]timesheets|\b(Tokenry|Globex|Frida|Carla|Acme|Initech|Hours|Timesheets|Nightly import|Old laptop|Deploy|Chromium|Chrome|Linux|localhost|Deutsch|English|Español|Français)\b/gu;

export async function rightToLeft(visit) {
  visit.language = "ar-XB";
  await tour(visit, async (page, name) => {
    if (ENGLISH.includes(name)) {
      return;
    }
    await visit.as(page, "narrow");
    const direction = await page.evaluate(() => getComputedStyle(document.querySelector("main")).direction);
    assert.equal(direction, "rtl", name);
    await fits(page, name);
    assert.deepEqual(english(await page.evaluate(said)), [], `${name}: not in the catalogues`);
    await visit.as(page, "light");
  });
}

/** The language with the longest words. */
export async function german(visit) {
  visit.language = "de";
  await tour(visit, async (page, name) => {
    await visit.as(page, "narrow");
    if (!ENGLISH.includes(name)) {
      assert.equal(await page.evaluate(() => document.documentElement.lang), "de", name);
    }
    await fits(page, name);
    await visit.as(page, "light");
  });
}

async function fits(page, name) {
  const [inner, width] = await page.evaluate(() => [window.innerWidth, document.documentElement.scrollWidth]);
  assert.ok(width <= inner, `${name} is ${width} wide in a window of ${inner}`);
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
