// Runs one journey through the pages of a Tokenry: node run.mjs JOURNEY < what `tokenry dev --json` printed
import { chromium } from "playwright-core";
import { Visit } from "./visit.mjs";

const site = JSON.parse(await new Response(process.stdin).text());
const { default: journey } = await import(`./journeys/${process.argv[2]}.mjs`);
const browser = await chromium.launch({
  executablePath: process.env.TOKENRY_TEST_CHROMIUM,
  // Root has no sandbox to give, and /dev/shm is small in containers.
  args: ["--no-sandbox", "--disable-dev-shm-usage"],
});
try {
  await journey(new Visit(browser, site));
  console.log(JSON.stringify({ journey: process.argv[2], passed: true }));
} finally {
  await browser.close();
}
