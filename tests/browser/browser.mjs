// Debian's Chromium, as the journeys start it.
import { chromium } from "playwright-core";

export function launch() {
  return chromium.launch({
    executablePath: process.env.TOKENRY_TEST_CHROMIUM,
    // Root has no sandbox to give, /dev/shm is small in containers, and grey letters make small pictures.
    args: ["--no-sandbox", "--disable-dev-shm-usage", "--disable-lcd-text"],
  });
}
