// How long the apps are.
import { readFile, readdir } from "node:fs/promises";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const APPS = fileURLToPath(new URL("..", import.meta.url));

/** Not apps: what runs them, another language, and scenarios of many requests, of timers or of memory. */
const OTHERS = /^(runner|rust|node_modules)\b|^consumers\.test\.mjs$|crossing\.js$|from-outside\.js$|webhooks\.js$|memory\.mjs$|fake-timers\.test\.\w+$/;

/** The files of apps that use the package, and how many lines each has that are not empty. */
export async function filesWithTheClient() {
  const found = [];
  for (const entry of await readdir(APPS, { recursive: true, withFileTypes: true })) {
    const file = join(entry.parentPath, entry.name).slice(APPS.length).replaceAll("\\", "/");
    if (!entry.isFile() || OTHERS.test(file) || /\bpackage(-lock)?\.json$/.test(file)) continue;
    const text = await readFile(join(APPS, file), "utf8");
    if (text.includes("extracta-wasm")) found.push({ file, lines: text.split("\n").filter((line) => line.trim() !== "").length });
  }
  return found;
}
