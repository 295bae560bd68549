// Pictures of every page, as every kind of browser shows it: node screenshots.mjs FOLDER < what `tokenry dev --json` printed
import { mkdir } from "node:fs/promises";
import { launch } from "./browser.mjs";
import { tour } from "./pages.mjs";
import { KINDS, Visit } from "./visit.mjs";

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
const site = JSON.parse(await new Response(process.stdin).text());
const browser = await launch();
const visit = new Visit(browser, site);
await tour(visit, async (page, name) => {
  for (const kind of Object.keys(KINDS)) {
    await visit.as(page, kind);
    // A page of the documentation is longer than a picture is of use.
    await page.screenshot({ path: `${folder}/${name}-${kind}.png`, fullPage: name !== "docs" });
  }
  await visit.as(page, "light");
});
await browser.close();
