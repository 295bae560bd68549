// Runs one journey through the pages of a Tokenry: node run.mjs FILE WHICH < what `tokenry dev --json` printed
import { launch } from "./browser.mjs";
import { Visit } from "./visit.mjs";

const site = JSON.parse(await new Response(process.stdin).text());
const [file, which] = process.argv.slice(2);
const { [which]: journey } = await import(`./journeys/${file}.mjs`);
const browser = await launch();
try {
  await journey(new Visit(browser, site));
  console.log(JSON.stringify({ journey: which, passed: true }));
} finally {
  await browser.close();
}
