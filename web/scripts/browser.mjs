// Prints the path of a browser for the tests: the system's Chromium, or the one that npm brought.
import { existsSync } from "node:fs";

const systems = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"];
const found = process.env["TIDEWAITER_BROWSER"] ?? systems.find((path) => existsSync(path));
if (found) {
  console.log(found);
} else {
  const { default: chromium } = await import("@sparticuz/chromium");
  console.log(await chromium.executablePath());
}
