// node screenshot.mjs PAGE LOGIN.json OUT.png: a picture of a dashboard of a Home Assistant that one is logged in to.
// Needs playwright-core in the folder that it is called from, and a Chromium (CHROMIUM names it).
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";

const [pageUrl, loginFile, out] = process.argv.slice(2);
const { chromium } = createRequire(`${process.cwd()}/`)("playwright-core");

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--force-color-profile=srgb"],
});
try {
  const size = { width: 1200, height: 860 };
  const context = await browser.newContext({ viewport: size, colorScheme: "light" });
  const login = JSON.parse(readFileSync(loginFile, "utf8"));
  await context.addInitScript((tokens) => localStorage.setItem("hassTokens", JSON.stringify(tokens)), {
    ...login,
    expires: Date.now() + login.expires_in * 1000,
  });
  const page = await context.newPage();
  await page.goto(pageUrl);
  await page.locator("more-info-media_player").waitFor({ timeout: 60_000 });
  // Pictures come after the page, and the dialog moves into its place.
  await page.waitForTimeout(5000);
  await page.screenshot({ path: out });
} finally {
  await browser.close();
}
