// Fails when src/api/generated is not what openapi.json gives.
import { execFileSync } from "node:child_process";
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const web = new URL("..", import.meta.url).pathname;
const kept = join(web, "src/api/generated");
const made = mkdtempSync(join(tmpdir(), "tidewaiter-api-"));

/** Every file under a folder, by its path within it. */
function contents(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name));
  return new Map(paths.map((path) => [path.slice(folder.length), readFileSync(path, "utf8")]));
}

try {
  const program = join(web, "node_modules/@hey-api/openapi-ts/bin/run.js");
  execFileSync(process.execPath, [program], { cwd: web, env: { ...process.env, API_OUT: made }, stdio: "pipe" });
  const [old, now] = [contents(kept), contents(made)];
  const stale = [...new Set([...old.keys(), ...now.keys()])].filter((path) => old.get(path) !== now.get(path));
  if (stale.length > 0) {
    console.error(`The API client is stale (${stale.join(", ")}); run: npm run api`);
    process.exitCode = 1;
  }
} finally {
  rmSync(made, { recursive: true });
}
