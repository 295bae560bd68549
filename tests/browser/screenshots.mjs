// Pictures of every page, as every kind of browser shows it: node screenshots.mjs FOLDER < what `tokenry dev --json` printed
import { mkdir } from "node:fs/promises";
import { launch } from "./browser.mjs";
import { ENGLISH, tour } from "./pages.mjs";
import { KINDS, Visit } from "./visit.mjs";

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
const site = JSON.parse(await new Response(process.stdin).text());
const browser = await launch();
const visit = new Visit(browser, site);
await take(Object.keys(KINDS), "");
for (const language of ["de", "es", "fr"]) {
  visit.language = language;
  // What other languages do to a page is worst where it is narrow.
  await take(process.env.SCREENSHOTS_IN_ALL_KINDS ? Object.keys(KINDS) : ["narrow"], `${language}-`);
}
await browser.close();

async function take(kinds, language) {
  await tour(visit, async (page, name) => {
    if (language !== "" && ENGLISH.includes(name)) {
      return;
    }
    for (const kind of kinds) {
      await visit.as(page, kind);
      // A page of the documentation is longer than a picture is of use.
      await page.screenshot({ path: `${folder}/${language}${name}-${kind}.png`, fullPage: name !== "docs" });
    }
    await visit.as(page, "light");
  });
}
