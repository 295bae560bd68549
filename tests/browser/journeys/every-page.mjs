// Every page, in every kind of browser: what axe-core finds, how wide it is, what the browser complains of.
import { tour } from "../pages.mjs";

export const everyPage = (visit) => tour(visit, (page, name) => visit.check(page, name));
