// Opens a report page in a browser, does what a reader may do, and prints what went wrong as JSON:
// an object with a list of complaints for each check. NODE_PATH has playwright-core and axe-core.
//
//     node check_page.cjs BROWSER PAGE [FOLDER-FOR-SCREENSHOTS]
"use strict";

const { pathToFileURL } = require("node:url");
const { chromium } = require("playwright-core");
const axeSource = require("axe-core").source;

const [executablePath, file, screenshots] = process.argv.slice(2);
const address = pathToFileURL(file).href;
const WIDTHS = [400, 800, 1400];
const fullPage = true; // of a screenshot
const complaints = {};

const expect = (check, condition, text) => {
  complaints[check] ??= [];
  if (!condition) complaints[check].push(text);
};

// A page whose errors and requests are noted under the name of the check.
async function open(browser, check, { hash = "", ...options } = {}) {
  const context = await browser.newContext({ viewport: { width: 1400, height: 900 }, ...options });
  const page = await context.newPage();
  complaints[check] ??= [];
  page.on("console", (message) => {
    if (["error", "warning"].includes(message.type())) complaints[check].push(message.text());
  });
  page.on("pageerror", (error) => complaints[check].push(String(error)));
  page.on("request", (request) => {
    if (!request.url().startsWith(address) && !request.url().startsWith("data:"))
      complaints[check].push(`a request leaves the page: ${request.url()}`);
  });
  await page.goto(address + hash);
  return page;
}

const rows = (page) => page.locator("#viewed tbody tr");
const names = (page) => page.locator("#viewed tbody th").allTextContents();
const column = (page, number) =>
  page.locator(`#viewed tbody tr > :nth-child(${number})`).evaluateAll((cells) =>
    cells.map((cell) => Number(cell.dataset.value)));
const ascends = (values) => values.every((value, at) => at === 0 || values[at - 1] <= value);

async function checkSelectors(browser) {
  const page = await open(browser, "selectors");
  const all = await rows(page).count();
  expect("selectors", all > 2, "the first view has no rows");
  const heads = () => page.locator("#viewed thead").textContent();
  await page.selectOption("[name=measure]", "queries_per_second");
  expect("selectors", (await heads()).includes("queries per second"), "the measure did not change");
  await page.selectOption("[name=measure]", "client_cpu_us_per_query");
  const base = "coroutine-epoll";
  await page.selectOption("[name=baseline]", base);
  expect("selectors", (await heads()).includes(`relative to ${base}`), "no other baseline");
  const ones = (await column(page, 3)).filter((value) => value === 1);
  expect("selectors", ones.length >= 1, "the baseline is not 1 relative to itself");
  await page.selectOption("[name=cell]", { index: 0 });
  expect("selectors", await rows(page).count() > 0, "the first load has no rows");
  await page.fill("[name=name]", "epoll");
  const left = await names(page);
  expect("selectors", left.length > 0 && left.every((name) => name.includes("epoll")),
    `the name does not choose: ${left}`);
  await page.click("button[type=reset]");
  await page.waitForFunction((count) =>
    document.querySelectorAll("#viewed tbody tr").length === count, all);
  await page.context().close();
}

async function checkFilter(browser) {
  const page = await open(browser, "filter");
  const box = page.locator("input[name=style][value=coroutine]");
  await box.uncheck();
  expect("filter", !(await names(page)).some((name) => name.startsWith("coroutine")),
    "a style that is not chosen is shown");
  const others = page.locator("#numbers th[scope=row]", { hasText: /^coroutine-epoll/ });
  expect("filter", await others.count() > 0 && !(await others.first().isVisible()),
    "the other tables still show it");
  await page.context().close();
}

async function checkSorting(browser) {
  const page = await open(browser, "sorting");
  const head = page.locator("#viewed thead th").nth(5);
  await head.locator("button").click();
  expect("sorting", ascends(await column(page, 6)), "not ascending");
  expect("sorting", await head.getAttribute("aria-sort") === "ascending", "no aria-sort");
  await head.locator("button").click();
  expect("sorting", ascends((await column(page, 6)).reverse()), "not descending");
  const table = page.locator("#numbers table").first();
  await table.locator("thead button", { hasText: "queries" }).click();
  const text = await table.locator("tbody tr:visible > :last-child").allTextContents();
  const rates = text.map((value) => Number(value.replaceAll(",", ""))).filter(Number.isFinite);
  expect("sorting", rates.length > 1 && ascends(rates), `a table below is not sorted: ${rates}`);
  await page.context().close();
}

async function checkLinks(browser) {
  const page = await open(browser, "links");
  await page.selectOption("[name=cell]", { index: 0 });
  await page.selectOption("[name=baseline]", { index: 1 });
  await page.locator("input[name=engine]").first().uncheck();
  await page.locator("#viewed thead th").nth(3).locator("button").click();
  const hash = new URL(page.url()).hash;
  expect("links", hash.includes("cell=") && hash.includes("sort="), `the address is ${hash}`);
  const before = await page.locator("#viewed").textContent();
  const again = await open(browser, "links", { hash });
  expect("links", await again.locator("#viewed").textContent() === before, "another view");
  const strange = await open(browser, "links", { hash: "#cell=none&baseline=none&sort=99" });
  expect("links", await rows(strange).count() > 0, "an address of nothing shows nothing");
  const plain = await open(browser, "links", { hash: "#numbers" });
  expect("links", new URL(plain.url()).hash === "#numbers", "an anchor is lost");
  for (const one of [page, again, strange, plain]) await one.context().close();
}

async function checkKeyboard(browser) {
  const page = await open(browser, "keyboard");
  const heads = page.locator("#viewed thead button");
  await heads.last().focus();
  await page.keyboard.press("Tab");
  const focused = await page.evaluate(() => document.activeElement.getAttribute("aria-label"));
  const tip = page.locator("#tip");
  await page.evaluate(() => scrollBy(0, 40));
  await page.evaluate(() => new Promise(requestAnimationFrame));
  expect("keyboard", await tip.isVisible(), "no value beside what has the focus");
  expect("keyboard", (await tip.textContent()) === focused, "another value than is read out");
  expect("keyboard", /interval/.test(focused ?? ""), `no interval: ${focused}`);
  await page.keyboard.press("Tab");
  await heads.first().focus();
  expect("keyboard", !(await tip.isVisible()), "the value stays");
  await page.keyboard.press("Enter");
  const sorted = await page.locator("#viewed thead th").first().getAttribute("aria-sort");
  expect("keyboard", sorted === "ascending", "Enter does not sort");
  await page.hover("#viewed tbody svg");
  expect("keyboard", await tip.isVisible(), "hovering gives no value");
  await page.context().close();
}

async function checkAccessibility(browser, colorScheme) {
  const check = `accessible in ${colorScheme}`;
  const page = await open(browser, check, { colorScheme });
  await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => window.axe.run());
  for (const { id, impact, nodes } of violations)
    if (["serious", "critical"].includes(impact))
      expect(check, false, `${id}: ${nodes.slice(0, 3).map((node) => node.html).join(" ")}`);
  await page.context().close();
}

async function checkWidths(browser) {
  for (const colorScheme of ["light", "dark"])
    for (const width of WIDTHS) {
      const viewport = { width, height: 900 };
      const page = await open(browser, "widths", { colorScheme, viewport });
      const wide = await page.evaluate(() => document.scrollingElement.scrollWidth);
      expect("widths", wide <= width, `${wide} wide at ${width}`);
      if (screenshots)
        await page.screenshot({ path: `${screenshots}/${colorScheme}-${width}.png`, fullPage });
      await page.context().close();
    }
}

async function checkWithoutScript(browser) {
  const page = await open(browser, "without script", { javaScriptEnabled: false });
  expect("without script", await page.locator("#decisions tbody tr").count() > 0, "no decisions");
  expect("without script", await page.locator("#numbers tbody tr").count() > 0, "no numbers");
  expect("without script", await page.locator("#explore p").first().isVisible(), "no word of it");
  expect("without script", !(await page.locator("#view").isVisible()), "dead selectors");
  await page.context().close();
}

async function checkPrint(browser) {
  const page = await open(browser, "print", { colorScheme: "dark" });
  const background = () => page.evaluate(() => getComputedStyle(document.body).backgroundColor);
  expect("print", await background() !== "rgb(255, 255, 255)", "dark is light");
  await page.emulateMedia({ media: "print", colorScheme: "dark" });
  expect("print", await background() === "rgb(255, 255, 255)", "printed dark");
  expect("print", !(await page.locator("#view").isVisible()), "selectors are printed");
  await page.emulateMedia({ media: "screen", colorScheme: "dark" });
  await page.selectOption("[name=theme]", "light");
  expect("print", await background() === "rgb(255, 255, 255)", "light was not chosen");
  await page.context().close();
}

async function main() {
  const browser = await chromium.launch({ executablePath, args: ["--no-sandbox"] });
  try {
    await checkSelectors(browser);
    await checkFilter(browser);
    await checkSorting(browser);
    await checkLinks(browser);
    await checkKeyboard(browser);
    await checkAccessibility(browser, "light");
    await checkAccessibility(browser, "dark");
    await checkWidths(browser);
    await checkWithoutScript(browser);
    await checkPrint(browser);
  } finally {
    await browser.close();
  }
  console.log(JSON.stringify(complaints));
}

main().catch((error) => {
  console.error(error);
  process.exitCode = 1;
});
