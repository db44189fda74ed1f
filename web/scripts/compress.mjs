// Writes each built file a second and third time, compressed, and holds the sizes to their limits.
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { brotliCompressSync, constants, gzipSync } from "node:zlib";

const folder = new URL("../../src/tidewaiter/_web/assets/", import.meta.url).pathname;
/** KiB after gzip of what the first page loads. */
const LIMITS = { js: 170, css: 20 };

const index = readFileSync(join(folder, "../index.html"), "utf8");
const sums = { js: 0, css: 0 };
for (const name of readdirSync(folder)) {
  const kind = name.split(".").pop() ?? "";
  if (!(kind in sums)) continue;
  const bytes = readFileSync(join(folder, name));
  const packed = gzipSync(bytes, { level: 9 });
  writeFileSync(join(folder, `${name}.gz`), packed);
  writeFileSync(
    join(folder, `${name}.br`),
    brotliCompressSync(bytes, { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } }),
  );
  if (index.includes(name)) sums[kind] += packed.length / 1024;
}
for (const [kind, limit] of Object.entries(LIMITS)) {
  console.log(`first page, ${kind}: ${sums[kind].toFixed(1)} KiB gzip, at most ${limit}`);
  if (sums[kind] > limit) {
    console.error(`The first page loads too much ${kind}: load what it does not need later.`);
    process.exitCode = 1;
  }
}
