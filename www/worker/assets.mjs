/**
 * Makes ./assets, the files that the Worker serves: the demo page and the built package. With --scripted ADDRESS
 * the page says that the stand-in at this address answers behind the Worker, and offers its batches; without, it is the page to deploy.
 */
import { cp, mkdir, readdir, rm, writeFile } from "node:fs/promises";
import { extname } from "node:path";

const PAGE = new URL("../", import.meta.url);
const PACKAGE = new URL("../../pkg/npm/dist/index.js", import.meta.url);
const ASSETS = new URL("assets/", import.meta.url);

const [flag, standin] = process.argv.slice(2);
const scripted = flag === "--scripted";
const servedBy = { source: "proxy", baseUrl: "/api/extracta", polls: "/api/polls", scripted, ...(scripted && { standin }) };

await rm(ASSETS, { recursive: true, force: true });
await mkdir(new URL("pkg/", ASSETS), { recursive: true });
for (const file of await readdir(PAGE)) {
  if ([".html", ".css", ".js"].includes(extname(file))) await cp(new URL(file, PAGE), new URL(file, ASSETS));
}
await writeFile(new URL("served-by.js", ASSETS), `export const SERVED_BY = ${JSON.stringify(servedBy)};\n`);
await cp(new URL("_headers", import.meta.url), new URL("_headers", ASSETS));
await cp(PACKAGE, new URL("pkg/index.js", ASSETS)).catch((error) => {
  throw error.code === "ENOENT" ? new Error("The package is not built yet: cargo xtask build") : error;
});
