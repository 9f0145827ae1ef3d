// The page at `/` in a real browser: log in, run examples, hear of a change, and nothing that leaves the origin or breaks
// its policy. The screenshots are kept in `screenshots/`.
import { access, mkdir } from "node:fs/promises";
import puppeteer from "puppeteer-core";
import { receive } from "./change.mjs";
import { PASSWORD } from "./server.mjs";

const BROWSERS = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];

async function browser() {
  for (const path of BROWSERS.filter(Boolean)) {
    if (await access(path).then(() => true, () => false)) {
      // Whoever runs this as root, in a container of CI, cannot have the browser's own sandbox.
      const args = process.getuid?.() === 0 ? ["--no-sandbox"] : [];
      return puppeteer.launch({ executablePath: path, args: [...args, "--disable-gpu", "--lang=zh-CN"] });
    }
  }
  throw new Error("no Chromium: apt-get install chromium, or name one in CHROMIUM");
}

const text = (page) => page.evaluate(() => document.body.innerText.replaceAll("\u00a0", " "));
const shows = (page, wanted) =>
  page.waitForFunction(
    (wanted) => document.body.innerText.replaceAll("\u00a0", " ").includes(wanted),
    { timeout: 20_000 },
    wanted,
  );
const press = (page, words) =>
  page.evaluate((words) => {
    const button = [...document.querySelectorAll("button")].find((button) => button.innerText.includes(words));
    if (!button) throw new Error(`no button ${words}`);
    button.click();
  }, words);

export default async function explorer(server) {
  const folder = new URL("../screenshots/", import.meta.url);
  await mkdir(folder, { recursive: true });
  const chromium = await browser();
  const wrong = [];
  const count = { requests: 0, outside: 0 };
  try {
    const page = await chromium.newPage();
    await page.setViewport({ width: 1440, height: 900 });
    page.on("request", (request) => {
      if (/^(data|blob):/.test(request.url())) return;
      count.requests += 1;
      if (!request.url().startsWith(server.base)) {
        count.outside += 1;
        wrong.push(`asks outside: ${request.url()}`);
      }
    });
    page.on("console", (message) => {
      if (message.type() === "error") wrong.push(`console: ${message.text()}`);
    });
    page.on("response", async (response) => {
      if (response.status() >= 400) wrong.push(`${response.status()} ${response.url()} ${await response.text()}`);
    });
    page.on("pageerror", (error) => wrong.push(`script: ${error.message}`));
    await page.evaluateOnNewDocument(() => {
      globalThis.violations = [];
      document.addEventListener("securitypolicyviolation", (event) =>
        globalThis.violations.push(`${event.violatedDirective} ${event.blockedURI} ${event.sourceFile} ${event.sample}`),
      );
    });
    const look = async (name) => {
      await page.screenshot({ path: new URL(`${name}.png`, folder).pathname });
      const broken = await page.evaluate(() => globalThis.violations.splice(0));
      wrong.push(...broken.map((violation) => `${name}: policy: ${violation}`));
    };

    await page.goto(`${server.base}/`, { waitUntil: "networkidle0" });
    if (await page.$("#root")) {
      await shows(page, "WhoIsResponsible");
      await look("explorer");
      await page.type("input[name=username]", "zhujian");
      await page.type("input[name=password]", PASSWORD);
      await press(page, "登录");
      await shows(page, "退出");
      await press(page, "我单位对哪些乡镇");
      await shows(page, "WhatWeOwe");
      await page.click(".graphiql-execute-button");
      await shows(page, "农村自建房安全隐患整治");
      await look("answered");
      await press(page, "订阅我的待办");
      await shows(page, "EO_COUNTY");
      await page.click(".graphiql-execute-button");
      await new Promise((resolve) => setTimeout(resolve, 1_000));
      await receive(server, "Adjustment");
      await shows(page, "queueChanges\": {");
      await look("subscribed");
      await page.click(".graphiql-execute-button");
      await page.click("button[aria-label^='Show Documentation']").catch(() => wrong.push("no documentation"));
      await shows(page, "AdjustmentConnection");
      await look("documentation");
    } else {
      await small(page, look);
    }
    await page.goto(`${server.base}/reference`, { waitUntil: "networkidle0" });
    if (!(await text(page)).includes("searchDutyItems")) wrong.push("the reference page shows no operations");
    await look("reference");
  } catch (error) {
    wrong.push(error.message);
    const page = (await chromium.pages()).at(-1);
    await page.screenshot({ path: new URL("failed.png", folder).pathname });
  } finally {
    await chromium.close();
  }
  return { passed: wrong.length === 0, told: `${count.requests} requests, ${count.outside} outside`, wrong };
}

/** The small start page of a program without the explorer. */
async function small(page, look) {
  await look("start");
  await page.select("#examples", "3");
  await shows(page, "县住房和城乡建设局");
  await page.click("#run");
  await shows(page, "农村自建房安全隐患整治");
  await look("start-answered");
}
