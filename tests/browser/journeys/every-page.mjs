// Every page, in every kind of browser: what axe-core finds, how wide it is, what the browser complains of.
import { PAGES } from "../pages.mjs";
import { KINDS } from "../visit.mjs";

export default async function (visit) {
  for (const [kind, options] of Object.entries(KINDS)) {
    for (const { name, show } of PAGES) {
      const page = await visit.newcomer(options);
      await show(visit, page);
      await visit.check(page, `${name}, ${kind}`);
      await page.context().close();
    }
  }
}
