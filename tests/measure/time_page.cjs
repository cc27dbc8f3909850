// Opens a report page in a browser and prints as JSON how long a reader waits, in milliseconds: until
// it can be used, and for each choice in its selectors. NODE_PATH has playwright-core.
//
//     node time_page.cjs BROWSER PAGE
"use strict";

const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");

const [executablePath, file] = process.argv.slice(2);
const LIMIT_MS = 120_000;

async function main() {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    const page = await browser.newPage();
    page.setDefaultTimeout(LIMIT_MS);
    const took = {};
    const timed = async (what, act) => {
      const start = Date.now();
      await act();
      await page.evaluate(() => new Promise(requestAnimationFrame));
      took[what] = Date.now() - start;
    };
    await timed("open", () => page.goto(pathToFileURL(file).href));
    const loads = await page.locator("[name=cell] option").count();
    await timed("load", () => page.selectOption("[name=cell]", { index: loads - 1 }));
    await timed("baseline", () => page.selectOption("[name=baseline]", { index: 1 }));
    await timed("name", () => page.fill("[name=name]", "epoll"));
    await timed("all", () => page.click("button[type=reset]"));
    const rows = await page.locator("#viewed tbody tr").count();
    console.log(JSON.stringify({ took, loads, rows }));
  } finally {
    await browser.close();
  }
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
