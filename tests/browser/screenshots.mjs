// Pictures of every page, in every kind of browser: node screenshots.mjs FOLDER < what `tokenry dev --json` printed
import { mkdir } from "node:fs/promises";
import { chromium } from "playwright-core";
import { PAGES } from "./pages.mjs";
import { KINDS, Visit } from "./visit.mjs";

const folder = process.argv[2];
await mkdir(folder, { recursive: true });
const site = JSON.parse(await new Response(process.stdin).text());
const browser = await chromium.launch({
  executablePath: process.env.TOKENRY_TEST_CHROMIUM,
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
const visit = new Visit(browser, site);
for (const [kind, options] of Object.entries(KINDS)) {
  for (const { name, show } of PAGES) {
    const page = await visit.newcomer(options);
    await show(visit, page);
    await page.screenshot({ path: `${folder}/${name}-${kind}.png`, fullPage: true });
    await page.context().close();
  }
}
await browser.close();
